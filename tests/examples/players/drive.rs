//! One player: switched there, undone, and switched to and fro.

use std::time::{Duration, Instant};

use anyhow::Result;
use moodlark_tests::{
    dict::{text, words},
    eventually::{SOON, eventually},
    mpd::Mpd,
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

/// A player as its user sees it, asked by other code than the service's.
pub(crate) trait Seen {
    /// Its name among the service's players.
    fn name(&self) -> &str;
    /// Waits until a track plays whose title begins so.
    async fn plays(&self, title: &str) -> Result<()>;
    /// How far it is in the track.
    async fn position(&self) -> Result<Duration>;
}

impl Seen for Player {
    fn name(&self) -> &str {
        self.bus_name()
    }
    async fn plays(&self, title: &str) -> Result<()> {
        Player::plays(self, title).await.map(drop)
    }
    async fn position(&self) -> Result<Duration> {
        Player::position(self).await
    }
}

impl Seen for Mpd {
    fn name(&self) -> &'static str {
        "mpd"
    }
    async fn plays(&self, title: &str) -> Result<()> {
        Mpd::plays(self, title).await
    }
    async fn position(&self) -> Result<Duration> {
        Ok(Duration::from_secs_f64(self.elapsed()?))
    }
}

/// How a player is driven.
pub(crate) struct Drive<'a> {
    session: &'a Session,
    from: &'static str,
    to: &'static str,
    mpd: Option<String>,
}

impl<'a> Drive<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        Self {
            session,
            from: GREY,
            to: BRIGHT,
            mpd: None,
        }
    }

    /// With an MPD at this address, and its stored playlists.
    pub(crate) fn with_mpd(mut self, address: String) -> Self {
        self.mpd = Some(address);
        self
    }

    /// Between these playlists.
    pub(crate) fn between(mut self, from: &'static str, to: &'static str) -> Self {
        (self.from, self.to) = (from, to);
        self
    }

    /// All of it, from some seconds into the second track.
    pub(crate) async fn whole(&self, player: &Player) -> Result<Row> {
        player.plays(GREY).await?;
        player.next().await?;
        player.plays(&format!("{GREY} 2")).await?;
        player.forward(Duration::from_secs(15)).await?;
        self.gently(player).await
    }

    /// All of it, without moving about in the track before.
    pub(crate) async fn gently(&self, player: &impl Seen) -> Result<Row> {
        let service = self.service().await?;
        let mut row = Row::default();
        if let Some(why) = self.unusable(&service, player.name()).await? {
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
        let mut setup = self.session.service()?;
        let more = "[[playlist]]\nname = \"Rain\"\nuri = \"spotify:playlist:rain\"\n[[playlist]]\nname = \"Sun\"\nuri = \"spotify:playlist:sun\"";
        let mut changes = vec![("enabled", "enabled = false"), ("more", more)];
        let files = [&self.session.grey, &self.session.bright]
            .map(|list| format!("file = \"{}", list.display()));
        if let Some(address) = &self.mpd {
            let stored = [
                "uri = \"mpd:Grey%20Drizzle\"",
                "uri = \"mpd:Bright%20Morning\"",
            ];
            changes.extend(files.iter().map(String::as_str).zip(stored));
            setup.environment.push(("MPD_HOST".into(), address.clone()));
        }
        setup.configure(&self.session.config(&changes))?;
        setup.start().await
    }

    /// Why the service does not use it, once it knows it.
    async fn unusable(&self, service: &Service, name: &str) -> Result<Option<String>> {
        let music = service.music().await?;
        eventually(&self.session.connection, SOON, "its verdict", async || {
            let players = music.players().await?;
            let known = players
                .iter()
                .find(|known| text(known, "bus-name").is_ok_and(|known| known == name));
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
