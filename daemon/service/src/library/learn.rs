//! What was played teaches what this user plays through.

use std::time::Duration;

use anyhow::Result;
use moodlark_core::{
    Timestamp,
    library::{Feedback, Heard, History, Kind, ListId, Play, Standing, Taste},
    time::Weekday,
};

use super::{
    Library,
    choose::{key, track_of},
    standing::{kept, standing},
    store::{Near, Store},
};

/// Where the taste over all tracks is kept.
const TASTE: &str = "taste";
/// Plays and picks are kept so long: enough for what is estimated of them.
const KEPT: Duration = Duration::from_secs(365 * 24 * 3600);
/// A track that is played so long after it was picked was not played because of that.
const PICK_LASTS: Duration = Duration::from_secs(12 * 3600);
/// The plays that a choice goes by: none of a hundred is repeated, and the reasons tell of a week.
const PLAYS: usize = 400;

impl Library {
    /// A play ended: writes it down where it was of the library, and learns from it.
    pub async fn played(&self, path: String, play: Play, weekday: Weekday) {
        let feedback = Feedback::Played {
            share: play.share,
            span: play.span,
            ended: play.ended,
        };
        let done = self.with_store(move |store| {
            let Some(near) = store.known(&path)? else {
                return Ok(());
            };
            let before = Timestamp(play.at.0.saturating_sub(i64::try_from(KEPT.as_millis())?));
            store.played(near.row.id, &play, weekday, before)?;
            learn(store, &near, feedback, play.at)
        });
        if let Err(error) = done.await {
            tracing::warn!("a play could not be written down: {error:#}");
        }
    }

    /// The user said something of a track.
    ///
    /// # Errors
    /// If the database cannot be read or written. `false`: no such track was heard.
    pub async fn told(&self, path: String, feedback: Feedback, at: Timestamp) -> Result<bool> {
        self.with_store(move |store| {
            let Some(near) = store.known(&path)? else {
                return Ok(false);
            };
            match feedback {
                // Said twice it is said once.
                Feedback::Liked if near.liked => return Ok(true),
                Feedback::Unliked if !near.liked => return Ok(true),
                Feedback::Liked => store.like(near.row.id, true)?,
                Feedback::Unliked => store.like(near.row.id, false)?,
                _ => {}
            }
            learn(store, &near, feedback, at)?;
            Ok(true)
        })
        .await
    }
}

fn learn(store: &mut Store, near: &Near, feedback: Feedback, at: Timestamp) -> Result<()> {
    let (Some(reward), Some(track)) = (feedback.reward(), track_of(near)) else {
        return Ok(());
    };
    let pick = store
        .last_pick(near.row.id)?
        .filter(|(picked, _)| at.since(*picked) <= PICK_LASTS);
    let distance = pick.map(|(_, pick)| pick.distance);
    let standing = standing(store)?;
    let mut taste = taste(store)?;
    let of_track = taste.learn(&track, &standing, distance, reward);
    store.learnt(
        near.row.id,
        &serde_json::to_string(&of_track)?,
        TASTE,
        &serde_json::to_string(&taste)?,
    )
}

/// What was learnt so far.
pub(super) fn taste(store: &Store) -> Result<Taste> {
    kept(store, TASTE)
}

/// What was heard lately.
pub(super) fn history(store: &Store, standing: &Standing, lists: Vec<ListId>) -> Result<History> {
    let plays = store.last_plays(PLAYS)?;
    let heard = plays.into_iter().map(|play| Heard {
        track: play.track,
        artist: key(&play.artist),
        kind: Kind::of(standing.place(play.valence, play.arousal)),
        at: play.at,
        weekday: play.weekday,
        share: play.ended.counts().then_some(play.share),
    });
    Ok(History {
        heard: heard.collect(),
        lists,
    })
}
