//! A second way for what this worker cannot decode: `ffmpeg`, where it is installed, closed in.
//!
//! The process closes its own sandbox and then becomes ffmpeg: it reads the one file and the system's programs and libraries,
//! writes to its standard output alone, and has no sockets. The service gives what comes out to `--pcm`.

use std::{
    ffi::OsString,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use moodlark_sandbox::{Calls, Leave, close_calls, close_files};
use rustix::process::Resource;

use crate::idle::limit;

/// Where ffmpeg is looked for: the environment's word is not taken.
const PLACES: [&str; 3] = [
    "/usr/bin/ffmpeg",
    "/usr/local/bin/ffmpeg",
    "/run/current-system/sw/bin/ffmpeg",
];
/// What programs and their libraries are made of.
const SYSTEM: [&str; 6] = [
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/nix/store",
    "/run/current-system",
];
/// What the loader reads, and where Debian's links lead through.
const LOADER: [&str; 3] = [
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/alternatives",
];
/// The most memory of its own, in bytes.
const MEMORY: u64 = 512 << 20;

/// Where ffmpeg is, if it is installed.
#[must_use]
pub fn program() -> Option<&'static Path> {
    PLACES.iter().map(Path::new).find(|path| path.is_file())
}

/// Becomes ffmpeg, which decodes the file to 16 kHz, one channel, 16 bits, on standard output. Comes back only with an error.
///
/// `seconds` bounds what it may compute.
///
/// # Errors
/// When the file is not there, or the sandbox or the program cannot be had.
pub fn become_it(program: &Path, file: &Path, seconds: u64) -> Result<()> {
    let file = std::path::absolute(file)?;
    // `file:` and an absolute path: nothing in a name is taken for an option or a protocol.
    let mut input = OsString::from("file:");
    input.push(&file);
    let mut command = Command::new(program);
    command
        .args([
            "-nostdin",
            "-v",
            "error",
            "-protocol_whitelist",
            "file,pipe",
            "-threads",
            "1",
        ])
        .arg("-i")
        .arg(input)
        .args([
            "-vn", "-sn", "-dn", "-f", "s16le", "-ac", "1", "-ar", "16000", "pipe:1",
        ])
        .env_clear();
    for (resource, most) in [
        (Resource::Core, 0),
        (Resource::Data, MEMORY),
        (Resource::Cpu, seconds),
    ] {
        limit(resource, most).map_err(anyhow::Error::msg)?;
    }
    let there = |list: &[&str]| -> Vec<PathBuf> {
        list.iter()
            .map(PathBuf::from)
            .filter(|p| p.exists())
            .collect()
    };
    let (system, loader) = (there(&SYSTEM), there(&LOADER));
    let mut left: Vec<Leave<'_>> = vec![Leave::File(&file)];
    left.extend(system.iter().map(|path| Leave::Programs(path)));
    left.extend(loader.iter().map(|path| {
        if path.is_dir() {
            Leave::Folder(path)
        } else {
            Leave::File(path)
        }
    }));
    close_files(&left)?;
    close_calls(Calls::Program)?;
    Err(command.exec()).with_context(|| format!("{} cannot be run", program.display()))
}
