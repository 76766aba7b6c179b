//! The proof from inside: what the sandbox must refuse is tried, and has to fail.

use std::path::Path;

use anyhow::Result;
use moodlark_sandbox::{
    Calls, Landlock, calls_closed, close_files,
    files::core_dumps,
    proof::{Layers, Report},
    tries,
};

use crate::eye::Eye;

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

    let layers = Layers {
        landlock,
        core_dumps: core_dumps(),
        seccomp: calls_closed(Calls::Camera, "moodlark-sense"),
    };
    tries.extend(tries::files("seccomp", true, created));
    tries.extend(tries::calls(parent));
    Ok(Report::new(layers, tries, Vec::new(), models))
}
