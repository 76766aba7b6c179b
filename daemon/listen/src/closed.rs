//! Closing the sandbox around what this worker does: see [`moodlark_sandbox`].

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use moodlark_core::reading::SandboxLevel;
use moodlark_sandbox::{Calls, Leave, close_files, seal};

/// Leaves only the reading of these folders and files, with all that lies below them. Between the two layers `between` may
/// start threads.
///
/// What is not there is passed over: a drive may come later, but then the worker has to be started again.
///
/// # Errors
/// When the kernel offers no sandbox at all, refuses in an unforeseen way, or `between` fails.
pub fn around<T>(
    paths: &[PathBuf],
    calls: Calls,
    between: impl FnOnce() -> Result<T>,
) -> Result<(SandboxLevel, T)> {
    let left: Vec<Leave<'_>> = paths.iter().filter_map(|path| leave(path)).collect();
    let landlock = close_files(&left)?;
    let made = between()?;
    let level = seal(landlock, calls, "moodlark-listen");
    if level == SandboxLevel::None {
        bail!("this kernel offers no sandbox, and without one no file is decoded");
    }
    Ok((level, made))
}

fn leave(path: &Path) -> Option<Leave<'_>> {
    let meta = std::fs::metadata(path).ok()?;
    // A file can only be left once it can be opened; what may not be read is told when it is asked for.
    rustix::fs::access(path, rustix::fs::Access::READ_OK).ok()?;
    Some(if meta.is_dir() {
        Leave::Folder(path)
    } else {
        Leave::File(path)
    })
}
