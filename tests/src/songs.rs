//! Songs that nobody has to ship: made by sox, of two kinds that nobody confuses, each a little different from the next.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// How long each is: a window of the network and some more.
pub const SECONDS: u32 = 40;
/// Songs of a kind.
pub const EACH: u32 = 6;

/// What lively songs are called, before their number.
pub const LIVELY: &str = "Hammer";
/// What calm ones are.
pub const CALM: &str = "Harbour";

/// Makes [`EACH`] songs of both kinds in `folder`, tagged, each by an artist of its own; answers with their paths, the lively
/// ones first.
///
/// # Errors
/// If sox fails or something cannot be written.
pub fn make(folder: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let mut songs = Vec::new();
    for n in 1..=EACH {
        songs.push(lively(folder, n)?);
    }
    for n in 1..=EACH {
        songs.push(calm(folder, n)?);
    }
    Ok(songs)
}

/// Sawtooth chords and bursts of noise, eight or so a second.
fn lively(folder: &Path, n: u32) -> Result<PathBuf> {
    let (beat, root) = (0.10 + 0.005 * f64::from(n), 60.0 + 4.0 * f64::from(n));
    let chord = folder.join(format!("chord-{n}.wav"));
    let burst = folder.join(format!("burst-{n}.wav"));
    let song = folder.join(format!("{LIVELY} {n}.flac"));
    let saw = |part: f64| ["sawtooth".to_owned(), format!("{:.2}", root * part)];
    let mut made = vec!["synth".to_owned(), format!("{beat}")];
    made.extend([saw(1.0), saw(1.25), saw(1.5)].concat());
    made.extend(["remix", "1-3", "overdrive", "25", "vol", "0.7"].map(str::to_owned));
    sox(&[], &chord, &made)?;
    let noise = format!("synth {beat} noise fade l 0 {beat} {} vol 0.5", beat * 0.8);
    sox(&[], &burst, &words(&noise))?;
    let times = f64::from(SECONDS) / beat;
    let both = [
        "-m".to_owned(),
        chord.display().to_string(),
        burst.display().to_string(),
    ];
    sox(
        &both,
        &song,
        &words(&format!("repeat {times:.0} trim 0 {SECONDS} norm -2")),
    )?;
    tagged(&song, LIVELY, n)?;
    std::fs::remove_file(chord)?;
    std::fs::remove_file(burst)?;
    Ok(song)
}

/// Three sines that swell and fade: one of the calm ones alone.
///
/// # Errors
/// As [`make`].
pub fn calm(folder: &Path, n: u32) -> Result<PathBuf> {
    let root = 200.0 + 9.0 * f64::from(n);
    let song = folder.join(format!("{CALM} {n}.flac"));
    let (third, fifth) = (root * 1.25, root * 1.5);
    let made = format!(
        "synth {SECONDS} sine {root:.2} sine {third:.2} sine {fifth:.2} remix 1-3 tremolo 0.2 40 vol 0.4 reverb 60"
    );
    sox(&[], &song, &words(&made))?;
    tagged(&song, CALM, n)?;
    Ok(song)
}

/// Writes the tags anew, by way of a copy.
fn tagged(song: &Path, kind: &str, n: u32) -> Result<()> {
    let plain = song.with_extension("plain.flac");
    std::fs::rename(song, &plain)?;
    let from = [
        plain.display().to_string(),
        "--comment".to_owned(),
        String::new(),
        "--add-comment".to_owned(),
        format!("TITLE={kind} {n}"),
        "--add-comment".to_owned(),
        format!("ARTIST={kind} band {n}"),
    ];
    sox(&from, song, &[])?;
    std::fs::remove_file(plain)?;
    Ok(())
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// `sox INPUT OUTPUT EFFECTS`; without an input it makes its own.
fn sox(input: &[String], output: &Path, effects: &[String]) -> Result<()> {
    let mut command = Command::new("sox");
    if input.is_empty() {
        command.args(["-n", "-r", "22050", "-c", "1", "-b", "16"]);
    }
    let done = command
        .args(input)
        .arg(output)
        .args(effects)
        .stdin(Stdio::null())
        .output()
        .context("running sox")?;
    if !done.status.success() {
        bail!("sox: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    Ok(())
}
