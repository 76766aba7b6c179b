//! A real mpv with mpv-mpris, without a window and without sound.

use std::{ops::Deref, path::Path, process::Stdio};

use anyhow::{Context, Result};
use tokio::process::{Child, Command};

use crate::{bus::Bus, player::Player};

/// Where distributions put mpv-mpris.
const PLUGINS: [&str; 5] = [
    "/usr/lib/mpv-mpris/mpris.so",
    "/usr/lib/mpv/mpris.so",
    "/usr/lib64/mpv-mpris/mpris.so",
    "/etc/mpv/scripts/mpris.so",
    "/usr/share/mpv/scripts/mpris.so",
];

/// A running mpv; ends when dropped.
#[derive(Debug)]
pub struct Mpv {
    process: Child,
    player: Player,
    id: u32,
}

impl Mpv {
    /// Starts mpv on a file or playlist, and waits for it on the bus.
    ///
    /// # Errors
    /// If mpv or mpv-mpris isn't there, or it does not come to the bus.
    pub async fn start(bus: &Bus, list: &Path) -> Result<Self> {
        Self::with(bus, &[list]).await
    }

    /// Starts mpv with nothing to play.
    ///
    /// # Errors
    /// As [`Mpv::start`].
    pub async fn idle(bus: &Bus) -> Result<Self> {
        Self::with(bus, &[]).await
    }

    async fn with(bus: &Bus, lists: &[&Path]) -> Result<Self> {
        let plugin = PLUGINS
            .iter()
            .find(|path| Path::new(path).exists())
            .context("mpv-mpris is not installed")?;
        let process = Command::new("mpv")
            .args([
                "--idle",
                "--no-video",
                "--ao=null",
                "--no-terminal",
                "--no-config",
            ])
            .arg(format!("--script={plugin}"))
            .arg("--")
            .args(lists)
            .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting mpv")?;
        let id = process.id().context("mpv ended at once")?;
        let player = Player::of_process(&bus.connect().await?, id).await?;
        Ok(Self {
            process,
            player,
            id,
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

impl Deref for Mpv {
    type Target = Player;
    fn deref(&self) -> &Player {
        &self.player
    }
}
