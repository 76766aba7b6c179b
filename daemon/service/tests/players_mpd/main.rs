//! Players against a real MPD, by its own protocol.

#[path = "../players_support/mod.rs"]
mod players_support;

mod plays;
mod seen;
mod trouble;
mod undo;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use moodlark_core::{
    player::{Content, Playback, PlayerView, Route, Usable, mpd::NAME},
    settings::{MpdSettings, PlayerSettings},
};
use moodlark_service::{
    mpd::places::Environment,
    players::{Appended, MpdState, PlayerError, SavedState, UserAction, Wanted},
};
use moodlark_tests::{
    mpd::{Mpd, Place},
    rig,
    session::{BRIGHT, GREY, Session},
};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

use players_support::{NO_LONGER_OURS, Watched, has, now, uri};

const NEEDS: [&str; 3] = ["dbus-daemon", "mpd", "sox"];

/// A session, an MPD that plays the second of three grey songs, and players that know it.
struct Stage {
    session: Session,
    mpd: Mpd,
    watched: Watched,
}

fn settings(address: &str) -> MpdSettings {
    MpdSettings {
        address: address.into(),
        ..MpdSettings::default()
    }
}

impl Stage {
    async fn start() -> Result<Self> {
        let session = Session::start().await?;
        let place = Place::new(session.folder.path())?;
        place.playlist(GREY, 220.0)?;
        place.playlist(BRIGHT, 880.0)?;
        let mpd = place.start().await?;
        mpd.ask(&format!("load \"{GREY}\""))?;
        mpd.ask("seek 1 20")?;
        mpd.plays(&format!("{GREY} 2")).await?;
        let mut watched = Watched::start(&session).await?;
        watched
            .players
            .follow_mpd(settings(&place.address()), Environment::default())
            .await;
        watched.sees_it_play(NAME, &format!("{GREY} 2")).await?;
        Ok(Self {
            session,
            mpd,
            watched,
        })
    }

    async fn save(&self) -> Result<SavedState> {
        let saved = self.watched.players.save(NAME, None).await?;
        // As it comes back from the journal.
        Ok(serde_json::from_str(&serde_json::to_string(&saved)?)?)
    }

    async fn refuses(&self, uri: &str) -> Result<PlayerError> {
        let saved = self.save().await?;
        let opened = self.watched.players.open(NAME, uri, &saved).await;
        opened.err().with_context(|| format!("{uri} was opened"))
    }

    /// That the grey list is there, whole, and its second song plays where it was.
    fn is_as_before(&self) -> Result<()> {
        assert_eq!(self.mpd.queue()?, titles(GREY));
        assert_eq!(self.mpd.told("currentsong", "Title")?, format!("{GREY} 2"));
        let elapsed = self.mpd.elapsed()?;
        assert!((19.0..35.0).contains(&elapsed), "{elapsed}");
        Ok(())
    }
}

fn titles(name: &str) -> Vec<String> {
    (1..=3).map(|n| format!("{name} {n}")).collect()
}
