//! Replacing the configuration file whole, without losing what somebody else writes at the same time.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use crate::{
    DEFAULT,
    load::read,
    problem::{ConfigError, ConfigErrors},
};

/// How often to begin again when somebody else writes the file at the same time.
const TRIES: usize = 5;

/// Reads the file ([`DEFAULT`] if there is none) and writes what `change` makes of it.
///
/// A new file has mode 0600 in a folder of mode 0700; one that is there keeps its mode, and a link keeps pointing
/// where it points. The file is replaced whole, so that at no moment half of it is there. One that `change` leaves as
/// it is is not written.
pub(crate) fn change(
    path: &Path,
    change: impl Fn(&str) -> Result<String, ConfigErrors>,
) -> Result<(), ConfigError> {
    let target = resolve(path)?;
    for _ in 0..TRIES {
        let before = read(&target)?;
        let after = change(before.as_deref().unwrap_or(DEFAULT)).map_err(|errors| {
            ConfigError::Invalid {
                path: path.to_owned(),
                errors,
            }
        })?;
        if before.as_deref() == Some(after.as_str()) || replace(&target, before.as_deref(), &after)?
        {
            return Ok(());
        }
    }
    Err(ConfigError::Changed {
        path: path.to_owned(),
    })
}

/// Puts the shipped file ([`DEFAULT`]) where there is none yet, with mode 0600 in a folder of mode 0700.
/// One that is there, however broken, is left alone.
///
/// # Errors
/// [`ConfigError::Read`] and [`ConfigError::Write`].
pub fn make_file(path: &Path) -> Result<(), ConfigError> {
    let target = resolve(path)?;
    if fs::symlink_metadata(&target).is_err() {
        // Whoever makes it at the same moment wins.
        replace(&target, None, DEFAULT)?;
    }
    Ok(())
}

/// Follows links to the file itself, which need not be there.
fn resolve(path: &Path) -> Result<PathBuf, ConfigError> {
    let mut target = path.to_owned();
    // As many as the kernel follows.
    for _ in 0..40 {
        match fs::read_link(&target) {
            Ok(next) => target = target.parent().unwrap_or(Path::new("")).join(next),
            // Not a link, or not there.
            Err(_) => return Ok(target),
        }
    }
    Err(ConfigError::Read {
        path: path.to_owned(),
        source: io::Error::from_raw_os_error(40 /* ELOOP */),
    })
}

/// Replaces the file if it still holds `before`; says whether it did.
fn replace(target: &Path, before: Option<&str>, after: &str) -> Result<bool, ConfigError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ConfigError::Write { path, source }
    };
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed(folder))?;
    let mode = match fs::metadata(target) {
        Ok(found) => found.permissions().mode() & 0o7777,
        Err(_) => 0o600,
    };
    // The temporary file is made with mode 0600, and deleted if anything goes wrong.
    let mut file = tempfile::Builder::new()
        .prefix(".config.toml.")
        .tempfile_in(folder)
        .map_err(failed(folder))?;
    file.write_all(after.as_bytes()).map_err(failed(target))?;
    file.as_file()
        .set_permissions(Permissions::from_mode(mode))
        .map_err(failed(target))?;
    file.as_file().sync_all().map_err(failed(target))?;
    if read(target)?.as_deref() != before {
        return Ok(false);
    }
    file.persist(target)
        .map_err(|error| failed(target)(error.error))?;
    // The rename itself must reach the disk too.
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed(folder))?;
    Ok(true)
}
