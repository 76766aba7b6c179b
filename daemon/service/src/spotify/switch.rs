//! A switch by the Web API, verified by the client on the bus, and its undo.

use std::time::Duration;

use moodlark_catalogue::tr;
use moodlark_core::player::{LeftOut, Route, is_spotify};
use moodlark_spotify::{Error, Saved};
use tokio::time::timeout;

use super::{WebApi, is_elsewhere};
use crate::players::{PlayerError, Players, Restored, SavedState, Verified, Wanted};

/// All calls of one step together: then the player is asked by itself.
const WITHIN: Duration = Duration::from_secs(8);

/// Spotify shows for a moment what played before a command.
const SHOWS_AFTER: Duration = Duration::from_secs(1);

impl WebApi {
    /// What plays at Spotify, for an undo. `None` where the Web API has no part in this switch; why, is told
    /// once.
    pub async fn save(&self, players: &Players, bus_name: &str, uri: &str) -> Option<Saved> {
        let views = players.views();
        let on_the_bus = views.iter().find(|view| view.bus_name == bus_name);
        let is_client =
            is_elsewhere(bus_name) || on_the_bus.is_some_and(|view| view.quirks().spotify);
        if !is_spotify(uri) || !is_client || !self.spotify.is_configured() {
            return None;
        }
        match self.within(self.spotify.save()).await {
            Ok(saved) => Some(saved),
            Err(error) => {
                self.tell_once(&error);
                None
            }
        }
    }

    /// Makes a player play `uri`: through the Web API where `saved` says that it answers, else, or when it
    /// refuses, by [`Players::open`] at once.
    ///
    /// # Errors
    /// As [`Players::open`].
    pub async fn open(
        &self,
        players: &Players,
        bus_name: &str,
        wanted: Wanted,
        saved: &SavedState,
        fade: Option<Duration>,
    ) -> Result<Verified, PlayerError> {
        // Its volume is not touched through the Web API: each step would be a call, and a slow one.
        if let (Some(before), Some(uri)) = (&saved.spotify, &wanted.uri) {
            match self.play(players, bus_name, uri, before).await {
                Ok(verified) => {
                    self.works();
                    self.check_age_soon();
                    return Ok(verified);
                }
                Err(error) if is_elsewhere(bus_name) => {
                    return Err(PlayerError::NoRoute(error.to_string()));
                }
                Err(error) => self.tell_once(&error),
            }
        }
        if is_elsewhere(bus_name) {
            // Why Spotify was not asked was told when its state was to be saved.
            return Err(PlayerError::NoRoute(tr!(
                "Spotify's Web API cannot play {wanted} on another device now; `moodlark spotify` says why",
                wanted
            )));
        }
        match fade {
            Some(span) => players.open_faded(bus_name, wanted, saved, span).await,
            None => players.open(bus_name, wanted, saved).await,
        }
    }

    async fn play(
        &self,
        players: &Players,
        bus_name: &str,
        uri: &str,
        before: &Saved,
    ) -> Result<Verified, Error> {
        let command = self.within(self.spotify.play(uri, before));
        let seen = players.played_elsewhere(bus_name, command).await?;
        let mut verified = Verified {
            bus_name: bus_name.into(),
            route: Route::SpotifyWebApi,
            took: seen.took,
            title: seen.title,
            url: seen.url,
            left_out: LeftOut::default(),
        };
        // The client on the bus is slow, or shows the track that it showed before: Spotify itself knows.
        if !seen.changed {
            if seen.took < SHOWS_AFTER {
                tokio::time::sleep(SHOWS_AFTER).await;
            }
            if !self.within(self.spotify.plays(uri)).await? {
                return Err(Error::NotVerified);
            }
            verified.took = seen.began.elapsed();
        }
        Ok(verified)
    }

    /// Brings back what played before: by the Web API to the second, else by [`Players::undo`].
    ///
    /// # Errors
    /// As [`Players::undo`].
    pub async fn undo(
        &self,
        players: &Players,
        saved: &SavedState,
    ) -> Result<Restored, PlayerError> {
        // Where no device was in use there is nothing that Spotify could bring back, and nothing to tell of.
        let before = saved.spotify.as_ref();
        if let Some(before) = before.filter(|before| !before.is_nothing()) {
            let work = self.within(self.spotify.bring_back(before));
            match players.ours_while(&saved.bus_name, work).await {
                Ok(done) => {
                    self.works();
                    return Ok(Restored {
                        restored: done.restored,
                        not_restored: done.not_restored,
                    });
                }
                Err(error) if is_elsewhere(&saved.bus_name) => {
                    return Err(PlayerError::NoRoute(error.to_string()));
                }
                Err(error) => self.tell_once(&error),
            }
        }
        if is_elsewhere(&saved.bus_name) {
            return Err(PlayerError::NoRoute(tr!(
                "Nothing played at Spotify before, so there is nothing to bring back."
            )));
        }
        players.undo(saved).await
    }

    async fn within<T>(&self, asking: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        timeout(WITHIN, asking).await.unwrap_or_else(|_| {
            self.spotify.gave_up();
            Err(Error::NoNetwork)
        })
    }
}
