//! The players under test: the handle, its events, and a session with two playlists.
#![allow(dead_code)] // each test program uses its share
#![allow(clippy::unwrap_used)] // as within a test

pub(crate) mod fake;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use moodlark_core::{
    player::{Playback, PlayerView},
    settings::PlayerSettings,
    time::Timestamp,
};
use moodlark_service::players::{Players, PlayersEvent, UserAction, file_uri};
use moodlark_tests::{eventually::SOON, session::Session};
use tokio::sync::mpsc::Receiver;

/// After a command of ours and this, what happens is the user's again.
pub(crate) const NO_LONGER_OURS: Duration = Duration::from_millis(2100);

pub(crate) struct Watched {
    pub(crate) players: Players,
    pub(crate) events: Receiver<PlayersEvent>,
}

/// The time as the service tells it.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}

/// Where the lists that players get are.
pub(crate) fn lists(session: &Session) -> PathBuf {
    session.folder.path().join("lists")
}

pub(crate) fn uri(path: &Path) -> String {
    file_uri(path)
}

impl Watched {
    pub(crate) async fn start(session: &Session) -> Result<Self> {
        Self::with(session, PlayerSettings::default()).await
    }

    pub(crate) async fn with(session: &Session, settings: PlayerSettings) -> Result<Self> {
        let conn = session.bus.connect().await?;
        let (players, events) = Players::start(conn, settings, Arc::new(now)).await?;
        players.keep_lists_in(vec![lists(session)]);
        Ok(Self { players, events })
    }

    async fn next(&mut self, until: Instant) -> Result<Option<PlayersEvent>> {
        let left = until.saturating_duration_since(Instant::now());
        match tokio::time::timeout(left, self.events.recv()).await {
            Ok(event) => Ok(Some(event.context("the events ended")?)),
            Err(_) => Ok(None),
        }
    }

    /// Waits for news in which the player is as `is` says.
    pub(crate) async fn sees(
        &mut self,
        bus_name: &str,
        what: &str,
        is: impl Fn(&PlayerView) -> bool,
    ) -> Result<PlayerView> {
        let until = Instant::now() + SOON;
        let mut last = None;
        while let Some(event) = self.next(until).await? {
            match event {
                PlayersEvent::Changed(views) => {
                    last = views.into_iter().find(|view| view.bus_name == bus_name);
                    if let Some(view) = last.take_if(|view| is(view)) {
                        return Ok(view);
                    }
                }
                PlayersEvent::BusGone => bail!("waiting for {what}: the bus is gone"),
                PlayersEvent::UserAction { what: action, .. } => {
                    bail!("waiting for {what}: the user {action:?}")
                }
            }
        }
        bail!("never saw {what}; last: {last:?}")
    }

    pub(crate) async fn sees_it_play(&mut self, bus_name: &str, title: &str) -> Result<PlayerView> {
        self.sees(bus_name, title, |view| {
            view.playback == Playback::Playing
                && view
                    .track
                    .as_ref()
                    .is_some_and(|t| t.title.starts_with(title))
        })
        .await
    }

    /// The next thing that the user did.
    pub(crate) async fn user_action(&mut self) -> Result<UserAction> {
        let until = Instant::now() + SOON;
        while let Some(event) = self.next(until).await? {
            if let PlayersEvent::UserAction { what, .. } = event {
                return Ok(what);
            }
        }
        bail!("no user action; {:?}", self.players.views())
    }

    /// That nothing is taken for the user's doing for so long.
    pub(crate) async fn no_user_action(&mut self, during: Duration) -> Result<()> {
        let until = Instant::now() + during;
        while let Some(event) = self.next(until).await? {
            if let PlayersEvent::UserAction { what, .. } = event {
                bail!("taken for the user's doing: {what:?}");
            }
        }
        Ok(())
    }
}

pub(crate) fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|entry| entry.starts_with(word))
}
