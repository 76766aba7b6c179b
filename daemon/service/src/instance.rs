//! One service for one folder of state: a lock that the kernel gives back however the service ends.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use anyhow::{Context, Result, bail};

/// Takes the lock of `folder`, making the folder (0700) where it is missing. It is held as long as
/// the file is.
///
/// # Errors
/// If another instance holds it, or the folder cannot be written.
pub fn lock(folder: &Path) -> Result<File> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("making the folder {}", folder.display()))?;
    let path = folder.join("instance.lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("opening {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another Moodlark runs with the state in {}; `moodlark status` asks it, \
             `systemctl --user stop moodlarkd` ends it",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("locking {}", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = lock(folder.path()).unwrap();
        assert!(
            lock(folder.path())
                .unwrap_err()
                .to_string()
                .contains("another Moodlark")
        );
        drop(first);
        assert!(lock(folder.path()).is_ok());
    }
}
