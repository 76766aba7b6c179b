//! What a player did before it was asked to do something else: all that undo and crash recovery need.

use std::time::Duration;

use moodlark_core::{
    player::{Playback, Track, millis, mpd},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{Inner, PlayerError, Players, SavedQueue, mpris};

/// A player's state before a switch. Goes to disk before the player is touched.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedState {
    /// The player's whole bus name.
    pub bus_name: String,
    /// The unique name of its connection: track ids hold only as long as this.
    pub owner: String,
    /// What it calls itself.
    pub identity: String,
    /// When this was so.
    pub at: Timestamp,
    /// Whether it played.
    pub playback: Playback,
    /// What it played.
    pub track: Option<Track>,
    /// How far it was in the track; written as whole milliseconds.
    #[serde(with = "millis")]
    pub position: Option<Duration>,
    /// Its volume, usually 0..=1; `None` where it has none.
    pub volume: Option<f64>,
    /// `Shuffle`, where it has one.
    pub shuffle: Option<bool>,
    /// `LoopStatus`, where it has one.
    pub loop_status: Option<String>,
    /// The ids of its track list in order; empty where it has none.
    pub track_list: Vec<String>,
    /// The playlist that we had opened in it before, if any: where the track comes from.
    pub last_opened: Option<String>,
    /// MPD's queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mpd: Option<SavedQueue>,
    /// The player's own playlist that played, by name, as far as it tells.
    pub active_playlist: Option<String>,
    /// The volume was about to be turned down and up again.
    pub fading: bool,
    /// What played at Spotify, where its Web API takes part in the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spotify: Option<moodlark_spotify::Saved>,
}

impl Players {
    /// What the player does now, with the playlist that we had opened in it before, if any. Changes nothing.
    ///
    /// # Errors
    /// [`PlayerError::NoPlayer`] if it isn't on the bus, [`PlayerError::PlayerGone`] if it doesn't answer.
    pub async fn save(
        &self,
        bus_name: &str,
        last_opened: Option<String>,
    ) -> Result<SavedState, PlayerError> {
        self.inner.save(bus_name, last_opened).await
    }
}

impl Inner {
    async fn save(
        &self,
        bus_name: &str,
        last_opened: Option<String>,
    ) -> Result<SavedState, PlayerError> {
        if mpd::is_mpd(bus_name) {
            return self.mpd_save(last_opened).await;
        }
        let target = self.target(bus_name)?;
        let now = self.snapshot(&target).await?;
        let has_list = target.view.quirks().keeps_track_list
            || target
                .peer
                .get(mpris::ROOT, "HasTrackList")
                .await
                .ok()
                .and_then(|has| mpris::truth(&has))
                == Some(true);
        let track_list = if has_list {
            target.peer.tracks().await
        } else {
            Vec::new()
        };
        let active_playlist = self.playing_list(&target).await;
        Ok(SavedState {
            active_playlist,
            bus_name: bus_name.into(),
            owner: target.peer.owner,
            identity: target.view.identity,
            at: self.now(),
            playback: now.playback,
            track: now.track,
            position: now.position,
            volume: now.volume,
            shuffle: now.shuffle,
            loop_status: now.loop_status,
            track_list,
            last_opened,
            mpd: None,
            fading: false,
            spotify: None,
        })
    }
}
