//! Hears every file under the folders that are given, and prints a line of numbers for each, for measuring the method:
//!
//! ```sh
//! cargo run --release -p moodlark-listen --example survey -- FOLDER… > survey.jsonl
//! ```
//!
//! Each line is the worker's own answer, and beside it what the decision about speech and the sums of the tags hang on. The worker's
//! sandbox is not closed here: give it files that you trust.

use std::{io::Write, path::Path};

use anyhow::Result;
use moodlark_core::heard::{Answer, FilePath};
use moodlark_listen::{
    hear, key::Keys, mel::FrontEnd, mood::Ear, sound, speech, tags, throttle::Throttle, walk,
};
use serde_json::json;

fn main() -> Result<()> {
    tags::prepare();
    let folders: Vec<FilePath> = std::env::args_os()
        .skip(1)
        .map(|folder| FilePath::from(Path::new(&folder)))
        .collect();
    let mut files = Vec::new();
    walk::walk(&folders, &[], &mut || {}, &mut |answer| {
        match answer {
            Answer::Found { path, .. } => files.push(path),
            other => eprintln!("{}", serde_json::to_string(&other)?),
        }
        Ok(())
    })?;
    let music = moodlark_models::music::music()?;
    let (mut ear, mut front, mut keys) = (Ear::load()?, FrontEnd::default(), Keys::default());
    let mut throttle = Throttle::new(1.0);
    let mut out = std::io::stdout().lock();
    for path in files {
        let answer = hear::hear(&mut ear, &path, &mut throttle);
        let mut line = json!({ "answer": answer });
        if let Answer::Heard {
            mood: Some(mood), ..
        } = &answer
        {
            line["sums"] = json!(music.sums(&mood.tags));
        }
        if !matches!(answer, Answer::Failed { .. })
            && let Ok(sound) = sound::read(path.as_path(), true, &mut throttle)
        {
            let parts: Vec<_> = sound
                .windows
                .iter()
                .map(|window| {
                    let parts = speech::of(&front.mel(window), keys.key(window).steadiness);
                    [parts.pauses, parts.steadiness]
                })
                .collect();
            line["speech"] = json!(parts);
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}
