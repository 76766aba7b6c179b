//! Opens files in the program that the user has for them.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use moodlark_catalogue::tr;
use tokio::process::Command;

use crate::words::failures;

/// Who has not failed by then has opened something; some openers wait until the user is done.
const DEADLINE: Duration = Duration::from_secs(5);

/// Opens a file. The error is a sentence for the user.
///
/// # Errors
/// If there is no opener, or it fails.
pub(crate) async fn open(path: &Path) -> Result<(), String> {
    // What a service of systemd's starts lives, and dies, with the service, under its restrictions: an
    // editor must do neither. So systemd is asked to start it on its own.
    if std::env::var_os("INVOCATION_ID").is_some() {
        let mut detached = Command::new("systemd-run");
        detached
            .args(["--user", "--collect", "--quiet", "--", "xdg-open"])
            .arg(path);
        if run(detached).await.is_ok() {
            return Ok(());
        }
    }
    let mut opener = Command::new("xdg-open");
    opener.arg(path);
    run(opener).await
}

async fn run(mut command: Command) -> Result<(), String> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failures::no_opener(),
        _ => format!("{} {error}.", failures::no_opener()),
    })?;
    match tokio::time::timeout(DEADLINE, child.wait()).await {
        Ok(Ok(status)) if !status.success() => Err(failures::no_opener()),
        // Ended well, or still at it: tokio collects it when it ends.
        _ => Ok(()),
    }
}

/// The configuration file where it is by default, if it is there.
pub(crate) fn config_file() -> Option<PathBuf> {
    let path = base("XDG_CONFIG_HOME", ".config")?
        .join("moodlark")
        .join("config.toml");
    path.is_file().then_some(path)
}

/// Where the tray keeps what outlives it.
pub(crate) fn state_dir() -> Option<PathBuf> {
    Some(base("XDG_STATE_HOME", ".local/state")?.join("moodlark"))
}

/// By the XDG base directory specification, which says to pass over relative paths.
fn base(variable: &str, below_home: &str) -> Option<PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    set(variable).or_else(|| Some(set("HOME")?.join(below_home)))
}

/// Writes a page for the user's eyes alone, which goes with the session, and gives its path. The error is
/// a sentence.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn page(name: &str, text: &str) -> Result<PathBuf, String> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .map(|path| path.join("moodlark"));
    let folder = runtime
        .or_else(state_dir)
        .ok_or_else(|| tr!("There is no folder to write it to: HOME is not set."))?;
    write_private(&folder, name, text).map_err(|error| {
        tr!(
            "It could not be written to {folder}: {error}.",
            folder = folder.display(),
            error
        )
    })
}

/// Writes a file (0600) whole or not at all, in a folder (0700) that is made where it is missing.
///
/// # Errors
/// The system's.
pub(crate) fn write_private(folder: &Path, name: &str, text: &str) -> std::io::Result<PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let (path, part) = (folder.join(name), folder.join(format!(".{name}.part")));
    // One that a crash left behind.
    let _ = fs::remove_file(&part);
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&part, &path)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_page_is_the_users_alone_and_replaced_whole() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("moodlark");
        let path = write_private(&folder, "history.txt", "one").unwrap();
        fs::write(folder.join(".history.txt.part"), "left behind").unwrap();
        write_private(&folder, "history.txt", "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }
}
