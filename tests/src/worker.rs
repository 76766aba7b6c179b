//! Stand-ins for `moodlark-sense`: they print what a test wants the camera to have seen.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::Result;
use moodlark_core::{
    Affect, Distribution, Emotion, Quality, Reading,
    reading::{FORMAT, Line, SandboxLevel},
};

/// A worker of the test's own making, in a folder of its own.
#[derive(Debug)]
pub struct Worker {
    folder: PathBuf,
}

impl Worker {
    /// A worker that prints what [`Worker::says`] was last given.
    ///
    /// # Errors
    /// If its files cannot be written.
    pub fn new(folder: &Path) -> Result<Self> {
        let worker = Self {
            folder: folder.join("worker"),
        };
        std::fs::create_dir_all(&worker.folder)?;
        worker.does("cat line")?;
        Ok(worker)
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> PathBuf {
        self.folder.join("moodlark-sense")
    }

    /// From now on it runs these shell commands in its folder for each look, after leaving a mark. The
    /// doctor's questions it refuses.
    ///
    /// # Errors
    /// If the script cannot be written.
    pub fn does(&self, commands: &str) -> Result<()> {
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = --once ] || exit 9\ncd '{}' || exit 9\necho \"$$ $*\" >>runs\n{commands}\n",
            self.folder.display()
        );
        // A whole new file under the old name: a script that runs must not change under its shell.
        let part = self.folder.join("part");
        std::fs::write(&part, script)?;
        std::fs::set_permissions(&part, std::fs::Permissions::from_mode(0o755))?;
        std::fs::rename(part, self.program())?;
        Ok(())
    }

    /// From now on it sees this.
    ///
    /// # Errors
    /// If the line cannot be written.
    pub fn sees(&self, reading: Reading) -> Result<()> {
        let line = Line {
            format: FORMAT,
            reading,
            sandbox: SandboxLevel::Full,
        };
        let part = self.folder.join("line.part");
        std::fs::write(&part, serde_json::to_string(&line)? + "\n")?;
        std::fs::rename(part, self.folder.join("line"))?;
        self.does("cat line")
    }

    /// How often it was started.
    #[must_use]
    pub fn runs(&self) -> usize {
        std::fs::read_to_string(self.folder.join("runs")).map_or(0, |text| text.lines().count())
    }

    /// The process that was started last.
    #[must_use]
    pub fn last_process(&self) -> Option<u32> {
        let runs = std::fs::read_to_string(self.folder.join("runs")).ok()?;
        runs.lines().last()?.split(' ').next()?.parse().ok()
    }
}

/// A face that shows this and hardly anything else.
#[must_use]
pub fn face(emotion: Emotion) -> Reading {
    let distribution = Distribution::certain(emotion).mix(&Distribution::UNIFORM, 0.05);
    let quality = Quality {
        overall: 0.9,
        size: 1.0,
        sharpness: 0.9,
        brightness: 1.0,
        inside: 1.0,
    };
    Reading::Face {
        distribution,
        affect: Affect::expected(&distribution),
        quality,
        faces: 1,
    }
}
