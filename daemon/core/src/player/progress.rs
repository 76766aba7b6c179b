//! Where a track is, and when it ends, from what a player says now and then.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// An end that moves by less is the same: players tell their position to a frame or a tenth of a second.
const JITTER: Duration = Duration::from_millis(120);

/// A position, and how it goes on from there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Where it was …
    pub position: Duration,
    /// … at this time.
    pub at: Timestamp,
    /// Seconds of the track in a second; above 0.
    pub rate: f64,
    /// Whether it moves at all.
    pub moves: bool,
}

impl Progress {
    /// Where the track is at `now`.
    #[must_use]
    pub fn position_at(&self, now: Timestamp) -> Duration {
        if !self.moves {
            return self.position;
        }
        let moved = Duration::try_from_secs_f64(now.since(self.at).as_secs_f64() * self.rate);
        self.position.saturating_add(moved.unwrap_or_default())
    }

    /// When a track of that length ends; `None` while it doesn't move.
    #[must_use]
    pub fn ends_at(&self, length: Duration) -> Option<Timestamp> {
        if !(self.moves && self.rate.is_finite() && self.rate > 0.0) {
            return None;
        }
        let left = length.saturating_sub(self.position).as_secs_f64() / self.rate;
        Duration::try_from_secs_f64(left)
            .ok()
            .map(|left| self.at.plus(left))
    }
}

/// The end as last told, unless it has really moved.
#[must_use]
pub fn steady(told: Option<Timestamp>, new: Option<Timestamp>) -> Option<Timestamp> {
    match (told, new) {
        (Some(told), Some(new)) if told.0.abs_diff(new.0) <= JITTER.as_millis() as u64 => {
            Some(told)
        }
        _ => new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_end_is_told_from_position_length_and_rate() {
        let mut progress = Progress {
            position: 30 * SECOND,
            at: Timestamp(1_000),
            rate: 1.0,
            moves: true,
        };
        assert_eq!(progress.ends_at(40 * SECOND), Some(Timestamp(11_000)));
        assert_eq!(progress.position_at(Timestamp(3_000)), 32 * SECOND);
        progress.rate = 2.0;
        assert_eq!(progress.ends_at(40 * SECOND), Some(Timestamp(6_000)));
        assert_eq!(progress.ends_at(10 * SECOND), Some(Timestamp(1_000)));
        progress.rate = 0.0;
        assert_eq!(progress.ends_at(40 * SECOND), None);
        progress.rate = f64::MIN_POSITIVE;
        assert_eq!(progress.ends_at(40 * SECOND), None);
        progress = Progress {
            rate: 1.0,
            moves: false,
            ..progress
        };
        assert_eq!(progress.ends_at(40 * SECOND), None);
        assert_eq!(progress.position_at(Timestamp(9_000)), 30 * SECOND);
    }

    #[test]
    fn an_end_that_trembles_stands_still() {
        let at = |ms| Some(Timestamp(ms));
        assert_eq!(steady(at(5_000), at(5_100)), at(5_000));
        assert_eq!(steady(at(5_000), at(4_000)), at(4_000));
        assert_eq!(steady(None, at(4_000)), at(4_000));
        assert_eq!(steady(at(5_000), None), None);
    }
}
