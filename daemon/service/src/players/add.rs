//! What is put into a player's own track list (MPRIS's TrackList): added, remembered, taken out again.

use std::collections::BTreeSet;

use moodlark_catalogue::tr;

use super::{
    Inner, PlayerError, SavedState, Target,
    commands::{EFFECT_WITHIN, Effect},
    lock, uris,
};

/// Of a longer list no more is added: nobody hears that far before the next switch.
pub(super) const MOST_ADDED: usize = 200;

/// What a switch put into a player's list.
#[derive(Debug, Default)]
pub(super) struct Added {
    /// The ids that the list had afterwards and not before.
    ids: BTreeSet<String>,
    /// The tracks that were added one by one, as [`uris::key`] writes them.
    tracks: BTreeSet<String>,
}

impl Added {
    /// These tracks of its list.
    pub(super) fn of(ids: BTreeSet<String>) -> Self {
        Self {
            ids,
            tracks: BTreeSet::new(),
        }
    }

    /// More of them, whose ids are now known.
    pub(super) fn more(&mut self, ids: impl IntoIterator<Item = String>) {
        self.ids.extend(ids);
    }

    /// One more, whose id is not known yet.
    pub(super) fn expect_track(&mut self, uri: &str) {
        self.tracks.insert(uris::key(uri));
    }

    /// Whether the track of that id is one of them.
    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}

impl Inner {
    /// Puts the tracks behind what the player has, and has it play the first of them.
    ///
    /// VLC shows only the first in its list until the track changes, so nothing can be put behind the second: the others
    /// are put behind the first, the last of them first.
    pub(super) async fn add_tracks(
        &self,
        target: &Target,
        tracks: &[String],
    ) -> Result<Result<(), String>, PlayerError> {
        const NOWHERE: &str = "/org/mpris/MediaPlayer2/TrackList/NoTrack";
        let tracks = &tracks[..tracks.len().min(MOST_ADDED)];
        let Some((first, others)) = tracks.split_first() else {
            return Ok(Err(tr!("there is nothing in the list")));
        };
        let added = Added {
            ids: BTreeSet::new(),
            tracks: tracks.iter().map(|uri| uris::key(uri)).collect(),
        };
        lock(&self.added).insert(target.view.bus_name.clone(), added);
        let listed = target.peer.tracks().await;
        let last = listed.last().map_or(NOWHERE, String::as_str);
        if let Err(why) = Self::carried(target, target.peer.add_track(first, last, true).await)? {
            return Ok(Err(why));
        }
        let is_first = |id: &String, url: &str| {
            !listed.contains(id) && (url.is_empty() || uris::key(url) == uris::key(first))
        };
        let plays = self
            .effect(target, EFFECT_WITHIN, |now| {
                let track = now.track.as_ref()?;
                is_first(&track.id, &track.url).then(|| track.id.clone())
            })
            .await?;
        let Effect::Seen(place) = plays else {
            return Ok(Err(tr!("it answered ok, and does not play what was added")));
        };
        for track in others.iter().rev() {
            let added = target.peer.add_track(track, &place, false).await;
            if let Err(why) = Self::carried(target, added)? {
                tracing::debug!(player = target.view.bus_name, track, why, "not added");
            }
        }
        Ok(Ok(()))
    }

    /// Remembers what this added to the player's own list, for undo to take out again.
    pub(super) async fn note_added(&self, target: &Target, saved: &SavedState) {
        if saved.track_list.is_empty() || saved.owner != target.peer.owner {
            return;
        }
        let listed = target.peer.tracks().await.into_iter();
        lock(&self.added)
            .entry(target.view.bus_name.clone())
            .or_default()
            .ids = listed.filter(|id| !saved.track_list.contains(id)).collect();
    }

    /// Takes out what was added for the switch.
    pub(super) async fn remove_added(&self, target: &Target, saved: &SavedState) {
        let Some(Added { mut ids, tracks }) = lock(&self.added).remove(&target.view.bus_name)
        else {
            return;
        };
        if !tracks.is_empty() {
            // Those that were not shown at the time; what the user added since stays.
            let mut unknown = target.peer.tracks().await;
            unknown.retain(|id| !saved.track_list.contains(id) && !ids.contains(id));
            for (id, url) in target.peer.urls_of(&unknown).await {
                if tracks.contains(&uris::key(&url)) {
                    ids.insert(id);
                }
            }
        }
        for id in ids {
            if let Err(error) = target.peer.remove_track(&id).await {
                tracing::debug!(player = target.view.bus_name, %error, id, "stays in the list");
            }
        }
    }
}
