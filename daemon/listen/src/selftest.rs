//! The proof from inside: what the sandbox must refuse is tried, and has to fail; and what it must leave works.

use std::{fs::File, path::Path};

use anyhow::Result;
use moodlark_core::reading::SandboxLevel;
use moodlark_sandbox::{
    Calls, Landlock, Leave, close_calls, close_files, level,
    tries::{self, Try, tried},
};
use serde::Serialize;

use crate::mood::Ear;

/// What the self-test found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The level of the sandbox as it holds for files.
    pub sandbox: SandboxLevel,
    /// How far landlock is enforced: `full`, `partial` or `off`.
    pub landlock: &'static str,
    /// Whether seccomp holds.
    pub seccomp: bool,
    /// Whether no_new_privs is set.
    pub no_new_privs: bool,
    /// Everything that was tried.
    pub tries: Vec<Try>,
    /// What must still work and does not; empty if all is well.
    pub broken: Vec<String>,
    /// Whether all that this kernel must refuse was refused, and what must work works.
    pub passed: bool,
    /// Why the network could not be loaded; none if it can.
    pub models_problem: Option<String>,
}

/// Closes the sandbox as for the music in `folder`, layer by layer, and tries to get out of each.
///
/// # Errors
/// When landlock fails in an unforeseen way.
pub fn run(folder: &Path) -> Result<Report> {
    let models = Ear::load().map(drop);
    let parent = rustix::process::getppid();
    let outside = Path::new("/tmp/moodlark-listen-self-test");
    let inside = folder.join("moodlark-listen-self-test");
    let landlock = close_files(&[Leave::Folder(folder)])?;
    let on = landlock != Landlock::Off;
    let written = |layer, required| {
        tried(
            "create a file in the music folder",
            layer,
            required,
            File::create_new(&inside),
        )
    };
    let mut tries = tries::files("landlock", on, outside);
    tries.push(written("landlock", on));
    // TCP came to landlock with Linux 6.7.
    tries.extend(tries::tcp("landlock", landlock == Landlock::Full));
    let seccomp = match close_calls(Calls::ReadFiles) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("moodlark-listen: warning: {error:#}");
            false
        }
    };
    // Opening to read is landlock's to refuse; writing, creating and running are seccomp's as well.
    tries.extend(tries::files("landlock", on, outside));
    tries.push(tried(
        "create a file in /tmp",
        "seccomp",
        true,
        File::create_new(outside),
    ));
    tries.push(written("seccomp", true));
    tries.push(tried(
        "remove a file",
        "seccomp",
        true,
        std::fs::remove_file(&inside),
    ));
    tries.push(tries::program("seccomp", true));
    tries.extend(tries::calls(parent));
    let mut broken = Vec::new();
    if let Err(error) = std::fs::read_dir(folder).map(Iterator::count) {
        broken.push(format!("the music folder cannot be listed: {error}"));
    }
    let no_new_privs = rustix::thread::no_new_privs().unwrap_or(false);
    let passed =
        no_new_privs && broken.is_empty() && tries.iter().all(|t| t.refused || !t.required);
    Ok(Report {
        sandbox: level(landlock, seccomp),
        landlock: landlock.name(),
        seccomp,
        no_new_privs,
        tries,
        broken,
        passed,
        models_problem: models.err().map(|error| format!("{error:#}")),
    })
}

impl Report {
    /// The report for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text: String = self.tries.iter().map(Try::text).collect();
        for problem in &self.broken {
            text += &format!("{problem}\n");
        }
        let yes = |b: bool| if b { "yes" } else { "NO" };
        text += &format!(
            "models: {}\nno_new_privs: {}; landlock: {}; seccomp: {}; sandbox: {:?}\n{}\n",
            self.models_problem.as_deref().unwrap_or("loaded"),
            yes(self.no_new_privs),
            self.landlock,
            yes(self.seccomp),
            self.sandbox,
            if self.passed {
                "The sandbox holds."
            } else {
                "THE SANDBOX DOES NOT HOLD."
            }
        );
        text
    }
}
