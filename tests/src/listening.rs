//! Stand-ins for `moodlark-listen`: they answer what a test wants to have been heard, in the lines that the service and the real
//! worker share.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::Result;
use moodlark_core::{
    heard::{Answer, FORMAT, FailedWhy, LeftOutWhy, Track, TrackTags, Versions},
    reading::SandboxLevel,
};

/// What becomes of a file.
#[derive(Debug, Clone)]
pub enum Fate {
    /// This is answered.
    Answers(Box<Answer>),
    /// This is answered, and the worker ends: as the real one does when a file takes too long.
    AnswersAndEnds(Box<Answer>),
    /// The worker ends without a word.
    Ends,
    /// The worker says nothing more, and does not end.
    Hangs,
}

/// A file that is too short, and so needs no mood.
#[must_use]
pub fn short(path: &str) -> Answer {
    Answer::LeftOut {
        path: path.into(),
        why: LeftOutWhy::TooShort,
        track: Box::new(track()),
    }
}

/// A file that took too long.
#[must_use]
pub fn late(path: &str) -> Answer {
    Answer::Failed {
        path: path.into(),
        why: FailedWhy::Deadline { seconds: 60.0 },
    }
}

/// What is known of any file.
#[must_use]
pub fn track() -> Track {
    Track {
        tags: TrackTags::default(),
        duration: 3.0,
        codec: "pcm".into(),
        content: "0".repeat(32),
    }
}

/// Writes a worker that finds these files, in this order, and does with each as said. It notes its starts in `FOLDER/starts`.
///
/// # Errors
/// If its files cannot be written.
pub fn worker(folder: &Path, files: &[(&str, Fate)]) -> Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let say = |answer: &Answer| -> Result<String> {
        // In single quotes a shell takes everything but these.
        let line = serde_json::to_string(answer)?.replace('\'', "'\\''");
        Ok(format!("printf '%s\\n' '{line}'"))
    };
    let hello = say(&Answer::Hello {
        format: FORMAT,
        versions: Versions::CURRENT,
        sandbox: SandboxLevel::Full,
    })?;
    let (mut walk, mut hear) = (String::new(), String::new());
    for (n, (path, fate)) in files.iter().enumerate() {
        walk += &say(&Answer::Found {
            path: (*path).into(),
            size: 1000 + n as u64,
            mtime_ms: 1,
        })?;
        walk.push('\n');
        let done = match fate {
            Fate::Answers(answer) => say(answer)?,
            Fate::AnswersAndEnds(answer) => format!("{}; exit 4", say(answer)?),
            Fate::Ends => "exit 3".into(),
            Fate::Hangs => "exec sleep 1000".into(),
        };
        hear += &format!("*'\"{path}\"'*) {done} ;;\n");
    }
    walk += &say(&Answer::Walked {
        found: files.len() as u64,
        unreadable: 0,
        passed: Default::default(),
    })?;
    let script = format!(
        "#!/bin/sh\necho start >>'{}'\n{hello}\nwhile read -r line; do\ncase $line in\n*'\"walk\"'*)\n{walk}\n;;\n{hear}esac\ndone\n",
        folder.join("starts").display()
    );
    let program = folder.join("moodlark-listen");
    std::fs::write(&program, script)?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    Ok(program)
}
