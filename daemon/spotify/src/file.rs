//! One private file: mode 0600 in a folder of mode 0700, written whole or not at all.

use std::{
    fs,
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use moodlark_catalogue::tr;

/// What is larger is none of ours.
const MOST_BYTES: u64 = 64 << 10;

/// Why the file was not read or written: a sentence.
pub(crate) type Trouble = String;

/// Reads the file; `None` where there is none.
///
/// # Errors
/// Somebody else's file, or one that others can read: its secret is out, or planted.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Trouble> {
    let failed = |error: io::Error| format!("{}: {error}.", path.display());
    let opened = fs::File::options()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    // Of what was opened, not of what the name means a moment later.
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(tr!("{path} is no file.", path = path.display()));
    }
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(tr!(
            "{path} belongs to somebody else; delete it, and sign in again.",
            path = path.display()
        ));
    }
    if about.mode() & 0o077 != 0 {
        return Err(tr!(
            "{path} can be read by others (mode {mode}); delete it, and sign in again.",
            path = path.display(),
            mode = format!("{:o}", about.mode() & 0o777)
        ));
    }
    let mut text = String::new();
    file.take(MOST_BYTES)
        .read_to_string(&mut text)
        .map_err(failed)?;
    Ok(Some(text))
}

/// Writes the file: a new one beside it, synced, then renamed over it.
///
/// # Errors
/// A sentence; the old file is as it was.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    let failed = |error: io::Error| {
        tr!(
            "{path} could not be written: {error}.",
            path = path.display(),
            error
        )
    };
    let folder = path
        .parent()
        .ok_or_else(|| tr!("{path} has no folder.", path = path.display()))?;
    if !folder.is_dir() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed)?;
    }
    let part = part_of(path);
    // Left over from a crash; never one to write into.
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let written = (|| {
        let mut file = fs::File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&part)?;
        // The umask may have taken away even our own bits.
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, path)?;
        fs::File::open(folder)?.sync_all()
    })();
    written.map_err(|error| {
        let _ = fs::remove_file(&part); // it may not be there
        failed(error)
    })
}

/// Deletes the file, if it is there.
///
/// # Errors
/// A sentence.
pub(crate) fn remove(path: &Path) -> Result<(), Trouble> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(tr!(
            "{path} could not be deleted: {error}.",
            path = path.display(),
            error
        )),
        _ => Ok(()),
    }
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_private_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/token");
        assert_eq!(read(&path), Ok(None));
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(read(&path), Ok(Some("two".into())));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(
            fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777,
            0o700
        );
        assert_eq!(
            fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1,
            "no part is left"
        );
        remove(&path).unwrap();
        remove(&path).unwrap();
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        write(&path, "secret").unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let why = read(&path).unwrap_err();
            assert!(
                why.contains("others") && !why.contains("secret"),
                "{mode:o}: {why}"
            );
        }
    }

    #[test]
    fn somebody_elses_file_and_a_link_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        write(&path, "secret").unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(read(&link).is_err());
        // Only root can give a file away.
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(12345), None).unwrap();
            assert!(read(&path).unwrap_err().contains("somebody else"));
        }
    }
}
