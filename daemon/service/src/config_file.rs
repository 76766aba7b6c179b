//! The configuration file: read, watched for changes, and written for one thing: the yes or no to
//! the camera.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use futures_util::StreamExt;
use inotify::{Inotify, WatchMask};
use moodlark_config::ConfigError;
use moodlark_core::settings::Settings;
use tokio::sync::mpsc;

/// An editor writes in several steps; this long after the last of them the file is read.
const SETTLES: Duration = Duration::from_millis(150);

/// The file and what was last read of it.
#[derive(Debug)]
pub struct ConfigFile {
    path: PathBuf,
    seen: Option<u64>,
}

impl ConfigFile {
    /// The file at `path`, not read yet.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path, seen: None }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it. Warnings go to the log.
    ///
    /// # Errors
    /// Everything that is wrong with it, with lines.
    pub fn read(&mut self) -> Result<Settings, ConfigError> {
        self.seen = Some(self.fingerprint());
        let checked = moodlark_config::load(&self.path)?;
        for warning in &checked.warnings {
            tracing::warn!("{}: {warning}", self.path.display());
        }
        Ok(checked.settings)
    }

    /// Whether the file, however wrong, says no to the camera.
    #[must_use]
    pub fn says_camera_off(&self) -> bool {
        fs::read(&self.path)
            .is_ok_and(|bytes| moodlark_config::says_camera_off(&String::from_utf8_lossy(&bytes)))
    }

    /// Whether its contents differ from what was last read.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.seen != Some(self.fingerprint())
    }

    /// A hash of the contents; a missing file has one, too.
    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match fs::read(&self.path) {
            Ok(bytes) => bytes.hash(&mut hasher),
            Err(error) => error.kind().hash(&mut hasher),
        }
        hasher.finish()
    }
}

/// Sends `()` to `changed` after something happened to the file: in its own folder and, where it
/// is a link, in the folder of what it points to. Spurious messages are possible.
///
/// # Errors
/// If the folder cannot be made or watched.
pub fn watch(path: &Path, changed: mpsc::Sender<()>) -> Result<()> {
    let folder = path
        .parent()
        .context("the configuration file has no folder")?;
    make_private(folder)?;
    let inotify = Inotify::init().context("asking the kernel to watch files")?;
    let mask = WatchMask::CLOSE_WRITE
        | WatchMask::MOVED_TO
        | WatchMask::CREATE
        | WatchMask::DELETE
        | WatchMask::MOVED_FROM;
    let mut folders = vec![folder.to_owned()];
    if let Ok(target) = fs::canonicalize(path)
        && let Some(folder) = target.parent()
        && fs::canonicalize(&folders[0]).ok().as_deref() != Some(folder)
    {
        folders.push(folder.to_owned());
    }
    for folder in &folders {
        inotify
            .watches()
            .add(folder, mask)
            .with_context(|| format!("watching {}", folder.display()))?;
    }
    let mut events = inotify
        .into_event_stream(vec![0; 4096])
        .context("reading the kernel's file events")?;
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            if let Err(error) = event {
                tracing::warn!("the configuration file is watched no longer: {error}");
                return;
            }
            // Take in all that belongs to the same save.
            while let Ok(Some(Ok(_))) = tokio::time::timeout(SETTLES, events.next()).await {}
            if changed.send(()).await.is_err() {
                return;
            }
        }
    });
    Ok(())
}

fn make_private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("making the folder {}", folder.display()))
}
