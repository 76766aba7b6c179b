//! The proof from inside: what the sandbox must refuse is tried, and has to fail.

use std::path::Path;

use anyhow::Result;
use moodlark_core::reading::SandboxLevel;
use moodlark_sandbox::{
    Calls, Landlock, close_calls, close_files, level,
    tries::{self, Try},
};
use serde::Serialize;

use crate::eye::Eye;

/// What the self-test found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The level of the sandbox as a look would have it.
    pub sandbox: SandboxLevel,
    /// How far landlock is enforced: `full`, `partial` or `off`.
    pub landlock: &'static str,
    /// Whether seccomp holds.
    pub seccomp: bool,
    /// Whether no_new_privs is set.
    pub no_new_privs: bool,
    /// Whether a crash could write memory to disk.
    pub core_dumps: bool,
    /// Everything that was tried.
    pub tries: Vec<Try>,
    /// Whether all that this kernel must refuse was refused.
    pub passed: bool,
    /// Why a look could load no models; none if it can.
    pub models_problem: Option<String>,
}

/// Closes the sandbox as for a look, layer by layer, and tries to get out of each.
///
/// # Errors
/// When landlock fails in an unforeseen way.
pub fn run() -> Result<Report> {
    let models = Eye::load().and_then(|mut eye| {
        eye.seeta()?;
        eye.expression().map(drop)
    });
    let parent = rustix::process::getppid();
    let landlock = close_files(&[])?;
    let on = landlock != Landlock::Off;
    let created = Path::new("/tmp/moodlark-sense-self-test");
    let mut tries = tries::files("landlock", on, created);
    // TCP came to landlock with Linux 6.7.
    tries.extend(tries::tcp("landlock", landlock == Landlock::Full));

    let seccomp = match close_calls(Calls::Camera) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("moodlark-sense: warning: {error:#}");
            false
        }
    };
    tries.extend(tries::files("seccomp", true, created));
    tries.extend(tries::calls(parent));

    let no_new_privs = rustix::thread::no_new_privs().unwrap_or(false);
    let passed = no_new_privs && tries.iter().all(|t| t.refused || !t.required);
    Ok(Report {
        sandbox: level(landlock, seccomp),
        landlock: landlock.name(),
        seccomp,
        no_new_privs,
        core_dumps: false,
        tries,
        passed,
        models_problem: models.err().map(|error| format!("{error:#}")),
    })
}

impl Report {
    /// The report for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for t in &self.tries {
            text += &t.text();
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
