//! What was heard lately, and the lists that were given today.

use serde::{Deserialize, Serialize};

use crate::{
    hash::fnv1a,
    time::{Timestamp, Weekday},
};

use super::Kind;

/// Which tracks a list holds, whatever their order: two lists with the same identity are the same
/// list to a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ListId(pub u64);

impl ListId {
    /// Of the tracks of those numbers: the same on every machine.
    #[must_use]
    pub fn of(tracks: impl IntoIterator<Item = i64>) -> Self {
        let mut tracks: Vec<i64> = tracks.into_iter().collect();
        tracks.sort_unstable();
        tracks.dedup();
        Self(fnv1a(tracks.into_iter().flat_map(i64::to_le_bytes)))
    }
}

/// A track that was played.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The track.
    pub track: i64,
    /// Who plays it.
    pub artist: Option<i64>,
    /// What kind of music it is.
    pub kind: Kind,
    /// When it began.
    pub at: Timestamp,
    /// The day of the week at that time on the user's wall.
    pub weekday: Weekday,
    /// How much of it was played, 0..=1; `None` where the end doesn't count
    /// ([`super::Ended::counts`]).
    pub share: Option<f64>,
}

/// What was heard, and the lists of today.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// The last plays, oldest first. [`super::choose::NO_REPEAT`] of them are enough for the choice,
    /// a week of them for the reasons.
    pub heard: Vec<Heard>,
    /// The lists that were given since the user's local midnight.
    pub lists: Vec<ListId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_in_another_order_is_the_same_list() {
        assert_eq!(ListId::of([3, 1, 2]), ListId::of([1, 2, 3, 3]));
        assert_ne!(ListId::of([1, 2]), ListId::of([1, 3]));
        assert_ne!(ListId::of([]), ListId::of([0]));
    }
}
