//! When and how the music is changed, once that is decided: at the end of the track, at once, or faded.
//!
//! Pure: what plays and the time go in, a moment comes out. [`Fade`] is the volume's way down and up.

mod fade;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    player::{PlayerView, Track},
    settings::When,
    time::Timestamp,
};

pub use fade::{Fade, Stroke};

/// A switch at the track's end is made so long before it: a player takes about as long to begin something
/// else, and one that is early is not yet at its own next track.
pub const MARGIN: Duration = Duration::from_millis(300);

/// A track's length may be told a while after the track; what has none after so long is a stream.
pub const LENGTH_COMES: Duration = Duration::from_secs(10);

/// How a switch is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// In one go.
    AtOnce,
    /// The volume goes down before and up after it.
    Fade,
}

/// When a switch is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Now, in this manner.
    Now(Manner),
    /// Then, unless something changes before.
    At(Timestamp),
    /// Nobody knows: when the player tells of another track, or goes on.
    Unknown,
}

/// Where a switch began to wait.
#[derive(Debug, Clone, PartialEq)]
pub struct Since {
    /// The track that played then.
    pub track: Option<Track>,
    /// When that was.
    pub at: Timestamp,
}

impl Since {
    /// From now on, on what the player plays now.
    #[must_use]
    pub fn now(view: &PlayerView, at: Timestamp) -> Self {
        Self {
            track: view.track.clone(),
            at,
        }
    }
}

/// When a switch of this player is due that was decided on at `since`.
///
/// A radio has no track end, so to wait for one would be to wait for ever, and to cut it off would be what
/// `at-track-end` was chosen against: it is faded over.
#[must_use]
pub fn due(when: When, view: &PlayerView, since: &Since, now: Timestamp) -> Due {
    match when {
        When::Now => return Due::Now(Manner::AtOnce),
        When::Fade => return Due::Now(Manner::Fade),
        When::AtTrackEnd => {}
    }
    let Some(track) = &view.track else {
        return Due::Unknown; // between two tracks
    };
    // The end was missed, or came early: the next track has only just begun.
    if since.track.as_ref().is_none_or(|was| !was.is_same(track)) {
        return Due::Now(Manner::AtOnce);
    }
    if track.length.is_none() {
        let known = since.at.plus(LENGTH_COMES);
        return if now < known {
            Due::At(known)
        } else {
            Due::Now(Manner::Fade)
        };
    }
    match view.ends_at {
        Some(end) => {
            let moment = Timestamp(end.0.saturating_sub(millis(MARGIN)));
            if now < moment {
                Due::At(moment)
            } else {
                Due::Now(Manner::AtOnce)
            }
        }
        None => Due::Unknown,
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
