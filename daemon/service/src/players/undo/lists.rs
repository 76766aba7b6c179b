//! The way back to a list, for a player that keeps none: opening it again, and Next until the old track.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use moodlark_core::player::{Track, routes_for};

use super::Restored;
use crate::players::{
    Inner, PlayerError, Target,
    commands::{Effect, Snapshot},
    entries::{self, Expected},
    uris::key,
};

/// So far into its list a track is looked for by pressing Next.
const MOST_NEXTS: usize = 50;

impl Inner {
    /// The old playlist file, and Next until the old track. Answers whether the track is there.
    pub(in crate::players) async fn list_back(
        self: &Arc<Self>,
        target: &Target,
        list: &str,
        track: &Track,
        before: &Snapshot,
        done: &mut Restored,
    ) -> Result<bool, PlayerError> {
        let Ok(found) = entries::found(list).await else {
            return Ok(false);
        };
        let expected = &found.expected;
        // To open it again there would pile its tracks up in the user's own list.
        let piles_up = target.view.quirks().keeps_what_it_opened;
        if piles_up || routes_for(&target.view, list).is_empty() {
            return Ok(false);
        }
        let place = expected.index_of(&track.url);
        // A list whose entries can't be told, or without the track, is no way back to the track.
        if place.is_none() && !track.url.is_empty() {
            return Ok(false);
        }
        // The same that the player got when it was opened.
        let given = match found.list() {
            Some(entries) => self.handed(target, list, entries).await,
            None => list.to_owned(),
        };
        let Ok(now) = self.attempt(target, &given, expected, before).await? else {
            return Ok(false);
        };
        self.walk(target, track, now, expected, done).await
    }

    /// The player's own playlist, and Next until the old track. Answers whether the track is there.
    pub(in crate::players) async fn own_list_back(
        self: &Arc<Self>,
        target: &Target,
        name: &str,
        track: &Track,
        before: &Snapshot,
        done: &mut Restored,
    ) -> Result<bool, PlayerError> {
        let Ok(now) = self.activate(target, name, before).await? else {
            return Ok(false);
        };
        self.walk(target, track, now, &Expected::Change, done).await
    }

    /// Presses Next from `now` until `track`, or until a track comes that was there before.
    async fn walk(
        self: &Arc<Self>,
        target: &Target,
        track: &Track,
        mut now: Snapshot,
        expected: &Expected,
        done: &mut Restored,
    ) -> Result<bool, PlayerError> {
        let is_back = |now: &Snapshot| {
            now.track
                .as_ref()
                .is_some_and(|t| key(&t.url) == key(&track.url))
        };
        let mut seen = BTreeSet::new();
        for _ in 0..MOST_NEXTS {
            if is_back(&now) {
                done.good("list");
                done.good("track");
                return Ok(true);
            }
            let here = now.track.clone().unwrap_or_default();
            if !seen.insert(key(&here.url))
                || Self::carried(target, target.peer.command("Next", &()).await)?.is_err()
            {
                break;
            }
            let moved = |now: &Snapshot| {
                let elsewhere = now
                    .track
                    .as_ref()
                    .is_some_and(|t| !t.is_same(&here) && expected.fits(&t.url));
                elsewhere.then(|| now.clone())
            };
            match self.effect(target, Duration::from_secs(2), moved).await? {
                Effect::Seen(next) => now = next,
                Effect::Missing(_) => break,
            }
        }
        Ok(false)
    }
}
