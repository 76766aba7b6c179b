//! One player: switched there, undone, and switched to and fro.

use std::time::{Duration, Instant};

use anyhow::Result;
use moodlark_tests::{
    dict::{text, words},
    eventually::{SOON, eventually},
    player::Player,
    service::Service,
    session::{BRIGHT, GREY, Session},
};

/// Switches that are timed.
const TIMES: usize = 20;

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// The way that worked, empty for none.
    pub(crate) route: String,
    /// How many of the switches were verified, of how many.
    pub(crate) verified: (usize, usize),
    /// From Apply to the verified change, of those that were, shortest first.
    pub(crate) times: Vec<Duration>,
    /// What undo brought back.
    pub(crate) restored: Vec<String>,
    /// What it did not, and why.
    pub(crate) not_restored: Vec<String>,
    /// What was told where something was not to be.
    pub(crate) said: String,
}

impl Row {
    pub(crate) fn failed(why: &str) -> Self {
        Self {
            said: why.to_owned(),
            ..Self::default()
        }
    }

    /// Says so if the player did not survive.
    pub(crate) fn and_lives(mut self, lives: bool) -> Self {
        if !lives {
            self.said = format!("it crashed by itself; {}", self.said);
        }
        self
    }
}

/// How a player is driven.
pub(crate) struct Drive<'a> {
    session: &'a Session,
    gently: bool,
    from: &'static str,
    to: &'static str,
}

impl<'a> Drive<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        Self {
            session,
            gently: false,
            from: GREY,
            to: BRIGHT,
        }
    }

    /// Without moving about in the track before.
    pub(crate) fn gently(mut self) -> Self {
        self.gently = true;
        self
    }

    /// Between these playlists.
    pub(crate) fn between(mut self, from: &'static str, to: &'static str) -> Self {
        (self.from, self.to) = (from, to);
        self
    }

    /// All of it.
    pub(crate) async fn whole(&self, player: &Player) -> Result<Row> {
        if !self.gently {
            player.plays(GREY).await?;
            player.next().await?;
            player.plays(&format!("{GREY} 2")).await?;
            player.forward(Duration::from_secs(15)).await?;
        }
        let service = self.service().await?;
        let mut row = Row::default();
        if let Some(why) = self.unusable(&service, player).await? {
            row.said = why;
            return Ok(row);
        }
        // Far enough that to be back there is no accident.
        eventually(&self.session.connection, SOON, "some seconds", async || {
            let there = player.position().await? > Duration::from_secs(6);
            Ok(there.then_some(()))
        })
        .await?;
        let music = service.music().await?;
        match music.apply(self.to).await {
            Ok(switch) => row.route = text(&switch, "route")?,
            Err(error) => {
                row.verified = (0, 1);
                row.said = moodlark_service::bus::sentence(&error);
                return Ok(row);
            }
        }
        // Not only the service's word: the player's, asked by other code.
        if self.to == BRIGHT {
            player.plays(BRIGHT).await?;
        }
        match music.undo().await {
            Ok(undone) => {
                row.restored = words(&undone, "restored")?;
                row.not_restored = words(&undone, "not-restored")?;
            }
            Err(error) => row
                .not_restored
                .push(moodlark_service::bus::sentence(&error)),
        }
        for n in 0..TIMES {
            let name = if n % 2 == 0 { self.to } else { self.from };
            let started = Instant::now();
            row.verified.1 += 1;
            match music.apply(name).await {
                Ok(_) => {
                    row.verified.0 += 1;
                    row.times.push(started.elapsed());
                }
                Err(error) => row.said = moodlark_service::bus::sentence(&error),
            }
        }
        row.times.sort();
        Ok(row)
    }

    async fn service(&self) -> Result<Service> {
        let setup = self.session.service()?;
        let more = "[[playlist]]\nname = \"Rain\"\nuri = \"spotify:playlist:rain\"\n[[playlist]]\nname = \"Sun\"\nuri = \"spotify:playlist:sun\"";
        let changes = [("enabled", "enabled = false"), ("more", more)];
        setup.configure(&self.session.config(&changes))?;
        setup.start().await
    }

    /// Why the service does not use it, once it knows it.
    async fn unusable(&self, service: &Service, player: &Player) -> Result<Option<String>> {
        let music = service.music().await?;
        eventually(&self.session.connection, SOON, "its verdict", async || {
            let players = music.players().await?;
            let known = players
                .iter()
                .find(|known| text(known, "bus-name").is_ok_and(|name| name == player.bus_name()));
            let Some(known) = known else {
                return Ok(None);
            };
            let why = text(known, "why")?;
            if why.contains("does not answer") {
                return Ok(None);
            }
            Ok(Some((!why.is_empty()).then_some(why)))
        })
        .await
    }
}
