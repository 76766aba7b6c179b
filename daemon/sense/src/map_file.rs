//! A map asked for by path: made by a process in the sandbox, written by one outside of it.
//!
//! The process that decodes the picture can open no file, so it cannot write one either. It hands the map to its parent, this
//! process, which has seen nothing of the picture and opens the file only when the map is there in full.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// The most that is read of a map: ten times what one takes.
const MOST: u64 = 4 << 20;
/// How every PNG file begins.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Runs this program again with `arguments`, of which one asks for the map on standard output and the
/// account on standard error; puts the map into `path` and answers the account.
///
/// # Errors
/// When the program cannot be run, made no map (its reason is in the error), or the file cannot be written.
pub fn write(arguments: &[OsString], path: &Path) -> Result<String> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run this program again")?;
    let (Some(out), Some(mut account)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("no pipes to the process that looks");
    };
    // The account is short enough for a pipe to hold while the map is read.
    let mut map = Vec::new();
    out.take(MOST)
        .read_to_end(&mut map)
        .context("reading the map")?;
    let mut text = String::new();
    account
        .read_to_string(&mut text)
        .context("reading the account")?;
    let status = child.wait().context("waiting for the look")?;
    if !status.success() || !map.starts_with(PNG) {
        bail!("no map was made: {}", text.trim_end());
    }
    replace(path, &map).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(text)
}

/// Written beside it and moved into place: there is never half a file.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let written = File::create_new(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    });
    if written.is_err() {
        // What is left of the attempt; that it may not be there is no further trouble.
        let _ = fs::remove_file(&beside);
    }
    written
}
