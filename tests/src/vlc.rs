//! A real VLC without a window and without sound, as nobody: it refuses to run as root.

use std::{ops::Deref, os::unix::fs::MetadataExt, path::Path, process::Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{
    bus::{Bus, open_to_all},
    player::Player,
};

/// The user `nobody` of every Linux: dbus-daemon turns away a uid that has no name.
const NOBODY: u32 = 65534;

/// A running VLC; ends when dropped.
#[derive(Debug)]
pub struct Vlc {
    process: Child,
    player: Player,
    id: u32,
    _home: TempDir,
}

impl Vlc {
    /// Starts VLC on a file or playlist (which nobody must be able to read), and waits for it on
    /// the bus.
    ///
    /// # Errors
    /// If it isn't there or does not come to the bus.
    pub async fn start(bus: &Bus, list: &Path) -> Result<Self> {
        Self::with(bus, &[list]).await
    }

    /// Starts VLC with nothing to play.
    ///
    /// # Errors
    /// As [`Vlc::start`].
    pub async fn idle(bus: &Bus) -> Result<Self> {
        Self::with(bus, &[]).await
    }

    async fn with(bus: &Bus, lists: &[&Path]) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("moodlark-vlc.").tempdir()?;
        open_to_all(home.path())?;
        let root = std::fs::metadata("/proc/self").context("who we are")?.uid() == 0;
        let mut command = if root {
            std::os::unix::fs::chown(home.path(), Some(NOBODY), Some(NOBODY))?;
            let mut command = Command::new("setpriv");
            command
                .args([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")])
                // The user's own player reads what is the user's alone; so must this one.
                .args([
                    "--inh-caps=+dac_read_search",
                    "--ambient-caps=+dac_read_search",
                ])
                .args(["--clear-groups", "vlc"]);
            command
        } else {
            Command::new("vlc")
        };
        let process = command
            .args([
                "-I",
                "dummy",
                "--no-video",
                "--aout=dummy",
                "--no-one-instance",
                "--no-metadata-network-access",
            ])
            .arg("--")
            .args(lists)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .env("XDG_RUNTIME_DIR", home.path())
            .env("LANG", "C.UTF-8")
            .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting vlc")?;
        // setpriv becomes VLC: one process, one id.
        let id = process.id().context("vlc ended at once")?;
        let player = Player::of_process(&bus.connect().await?, id).await?;
        Ok(Self {
            process,
            player,
            id,
            _home: home,
        })
    }

    /// The process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Kills it and waits until it is gone.
    ///
    /// # Errors
    /// The system's.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }
}

impl Deref for Vlc {
    type Target = Player;
    fn deref(&self) -> &Player {
        &self.player
    }
}
