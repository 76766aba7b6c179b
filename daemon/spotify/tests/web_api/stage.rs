//! Our client, signed in to a played Spotify, with a clock that the test sets.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use anyhow::{Context, Result};
use moodlark_core::Timestamp;
use moodlark_spotify::{Ended, Error, Server, Settings, Spotify};
use moodlark_tests::spotify::{
    Fake,
    world::{self, CLIENT_ID},
};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;

/// 2026-11-20, noon.
pub(crate) const START: i64 = 1_795_176_000_000;

pub(crate) struct Stage {
    pub(crate) fake: Fake,
    pub(crate) spotify: Spotify,
    pub(crate) ended: UnboundedReceiver<Ended>,
    pub(crate) folder: TempDir,
    clock: Arc<AtomicI64>,
    /// With a keyring on it, where the test has one.
    bus: Option<zbus::Connection>,
}

impl Stage {
    /// Nobody is signed in, and there is no keyring.
    pub(crate) async fn start() -> Result<Self> {
        Self::on(None).await
    }

    /// Nobody is signed in.
    pub(crate) async fn on(bus: Option<zbus::Connection>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let fake = Fake::start().await?;
        let clock = Arc::new(AtomicI64::new(START));
        let (spotify, ended) = client(&fake, &folder, &clock, bus.clone())?;
        Ok(Self {
            fake,
            spotify,
            ended,
            folder,
            clock,
            bus,
        })
    }

    /// The user has said yes.
    pub(crate) async fn signed_in() -> Result<Self> {
        let mut stage = Self::start().await?;
        stage.sign_in().await?;
        stage.fake.forget()?;
        Ok(stage)
    }

    pub(crate) async fn sign_in(&mut self) -> Result<()> {
        let page = self.spotify.sign_in().await?;
        let back = self.fake.say_yes(&page.url).await?;
        let there = moodlark_tests::spotify::http::get(&back).await?;
        assert_eq!(there.status, 200, "{}", there.body);
        self.ended.recv().await.context("no end")?.outcome?;
        Ok(())
    }

    /// The same on another day, with nothing in memory.
    pub(crate) fn restart(&mut self) -> Result<()> {
        (self.spotify, self.ended) =
            client(&self.fake, &self.folder, &self.clock, self.bus.clone())?;
        Ok(())
    }

    /// That nobody is signed in, now and after a restart.
    pub(crate) async fn stays_signed_out(&mut self) -> Result<()> {
        assert_eq!(self.spotify.ready().await, Err(Error::NotSignedIn));
        assert!(!self.file().exists());
        self.restart()?;
        assert_eq!(self.spotify.ready().await, Err(Error::NotSignedIn));
        Ok(())
    }

    /// Where the sign-in is kept when there is no keyring.
    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("spotify-sign-in.json")
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

fn client(
    fake: &Fake,
    folder: &TempDir,
    clock: &Arc<AtomicI64>,
    bus: Option<zbus::Connection>,
) -> Result<(Spotify, UnboundedReceiver<Ended>)> {
    let clock = Arc::clone(clock);
    let server = Server::stand_in(&fake.url()).map_err(anyhow::Error::msg)?;
    let now = move || Timestamp(clock.load(Ordering::Relaxed));
    let (spotify, ended) = Spotify::new(server, bus, folder.path(), world::host(), now);
    spotify.configure(Settings {
        client_id: Some(CLIENT_ID.into()),
        any_device: false,
    });
    Ok((spotify, ended))
}
