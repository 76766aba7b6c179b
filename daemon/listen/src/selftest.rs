//! The proof from inside: what the sandbox must refuse is tried, and has to fail; and what it must leave works.

use std::{fs::File, path::Path};

use anyhow::Result;
use moodlark_sandbox::{
    Calls, Landlock, Leave, calls_closed, close_files,
    files::core_dumps,
    proof::{Layers, Report},
    tries::{self, tried},
};

use crate::mood::Ear;

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
    let layers = Layers {
        landlock,
        core_dumps: core_dumps(),
        seccomp: calls_closed(Calls::ReadFiles, "moodlark-listen"),
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
    Ok(Report::new(layers, tries, broken, models))
}
