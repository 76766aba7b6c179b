//! More tracks behind a list that plays: MPD gets them into its queue, a player with a track list into that.

use std::path::PathBuf;

use moodlark_core::player::{Route, mpd};

use super::{Inner, PlayerError, Players, Target, add::MOST_ADDED, entries::Source, lock, uris};

/// What became of tracks that were to be appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// So many of them are behind what the player has; 0 if it refused all.
    Added(usize),
    /// The player's list cannot be added to: open another one at the end of this.
    NotPossible,
}

impl Players {
    /// Puts tracks, absolute paths, behind all that the player has, and leaves alone what plays; 200 at most. An undo of
    /// the switch before takes them out again.
    ///
    /// # Errors
    /// [`PlayerError::NoPlayer`], [`PlayerError::PlayerGone`]; [`PlayerError::NoRoute`] where the tracks lie
    /// out of an MPD's reach.
    pub async fn append(
        &self,
        bus_name: &str,
        tracks: &[PathBuf],
    ) -> Result<Appended, PlayerError> {
        let inner = &self.inner;
        let _turn = inner.commanding.lock().await;
        let target = inner.target(bus_name)?;
        let _ours = inner.ours(bus_name);
        let tracks = &tracks[..tracks.len().min(MOST_ADDED)];
        if mpd::is_mpd(bus_name) {
            let sources = tracks.iter().cloned().map(Source::File).collect();
            inner.mpd_append(sources).await.map(Appended::Added)
        } else if target.view.routes.contains(&Route::AddTracks) {
            let uris: Vec<String> = tracks.iter().map(|path| uris::file_uri(path)).collect();
            inner.add_behind(&target, &uris).await.map(Appended::Added)
        } else {
            Ok(Appended::NotPossible)
        }
    }
}

impl Inner {
    /// Adds them to the player's track list, at its end; answers with how many it took.
    async fn add_behind(&self, target: &Target, uris: &[String]) -> Result<usize, PlayerError> {
        const NOWHERE: &str = "/org/mpris/MediaPlayer2/TrackList/NoTrack";
        let listed = target.peer.tracks().await;
        let last = listed.last().map_or(NOWHERE, String::as_str);
        let mut taken = 0;
        // Each behind the same one, the last of them first: a new track's id is not told at once.
        for uri in uris.iter().rev() {
            let added = target.peer.add_track(uri, last, false).await;
            match Self::carried(target, added)? {
                Ok(()) => {
                    taken += 1;
                    lock(&self.added)
                        .entry(target.view.bus_name.clone())
                        .or_default()
                        .expect_track(uri);
                }
                Err(why) => {
                    tracing::debug!(player = target.view.bus_name, uri, why, "not added");
                }
            }
        }
        Ok(taken)
    }
}
