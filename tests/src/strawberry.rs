//! A real Strawberry on a screen that nobody sees, with playlists open in it.

use std::{ops::Deref, path::Path, process::Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{
    bus::Bus,
    eventually::SOON,
    lists::{self, Lists},
    player::Player,
    rhythmbox::SILENT,
    screen::Screen,
};

/// A running Strawberry; ends when dropped.
#[derive(Debug)]
pub struct Strawberry {
    _process: Child,
    player: Player,
    lists: Lists,
    _home: TempDir,
}

impl Strawberry {
    /// Starts it with these playlists (name, file of [`crate::tones`]) open, and waits for it on the bus. It
    /// plays nothing. Now and then it hangs before it comes to the bus, and is started again.
    ///
    /// # Errors
    /// If it isn't there or does not come to the bus.
    pub async fn start(bus: &Bus, screen: &Screen, known: &[(&str, &Path)]) -> Result<Self> {
        match Self::once(bus, screen, known).await {
            Ok(strawberry) => Ok(strawberry),
            Err(error) => {
                println!("strawberry is started again: {error:#}");
                Self::once(bus, screen, known).await
            }
        }
    }

    /// The same, playing one of its playlists. On a busy machine its pipeline now and then stands still at the
    /// first note for ever; a new process plays.
    ///
    /// # Errors
    /// If it plays at none of three tries.
    pub async fn playing(
        bus: &Bus,
        screen: &Screen,
        known: &[(&str, &Path)],
        list: &str,
    ) -> Result<Self> {
        const TRIES: u32 = 3;
        let mut last = anyhow::anyhow!("it was not tried");
        for _ in 0..TRIES {
            let strawberry = Self::start(bus, screen, known).await?;
            let begun = tokio::time::timeout(SOON / 2, strawberry.lists().play(list)).await;
            match begun {
                Ok(Ok(_)) => return Ok(strawberry),
                Ok(Err(error)) => last = error,
                Err(late) => last = late.into(),
            }
            println!("strawberry is started again: {last:#}");
        }
        Err(last)
    }

    async fn once(bus: &Bus, screen: &Screen, known: &[(&str, &Path)]) -> Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("moodlark-strawberry.")
            .tempdir()?;
        let command = |arguments: Vec<std::ffi::OsString>| {
            let mut command = Command::new("strawberry");
            command
                .args(arguments)
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .env("HOME", home.path())
                // The socket by which a second one finds the first: nobody else's.
                .env("TMPDIR", home.path())
                .env("XDG_RUNTIME_DIR", home.path())
                .env("GST_PLUGIN_FEATURE_RANK", SILENT)
                .env("LANG", "C.UTF-8")
                .env("DISPLAY", screen.display())
                .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .kill_on_drop(true);
            command
        };
        let create = |name: &str, list: &Path| -> Result<Vec<std::ffi::OsString>> {
            let tracks = lists::tracks(list)?.into_iter().map(Into::into);
            Ok(["--create".into(), name.into()]
                .into_iter()
                .chain(tracks)
                .collect())
        };
        let (first, more) = known.split_first().context("no playlist")?;
        let process = command(create(first.0, first.1)?)
            .spawn()
            .context("starting strawberry")?;
        let id = process.id().context("strawberry ended at once")?;
        let connection = bus.connect().await?;
        let player = Player::of_process(&connection, id).await?;
        for (name, list) in more {
            // A second one hands its arguments over to the first, and ends.
            let mut second = command(create(name, list)?).spawn()?;
            tokio::time::timeout(SOON, second.wait())
                .await
                .context("the second strawberry did not end")??;
        }
        let lists = Lists::of(&connection, &player).await?;
        Ok(Self {
            _process: process,
            player,
            lists,
            _home: home,
        })
    }

    /// Its playlists.
    #[must_use]
    pub fn lists(&self) -> &Lists {
        &self.lists
    }
}

impl Deref for Strawberry {
    type Target = Player;
    fn deref(&self) -> &Player {
        &self.player
    }
}
