//! How a track ended, and what that says of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Who skips within this time did not want the track at all.
pub const SKIPPED_WITHIN: Duration = Duration::from_secs(30);

/// How the playing of a track ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// It was over.
    Finished,
    /// The user went on to something else.
    Skipped,
    /// The user stopped or paused, and nothing followed.
    Stopped,
    /// We changed the music.
    Switched,
    /// The session was locked, or the machine went to sleep.
    Locked,
    /// A call began.
    Call,
    /// The session, the machine or the player ended.
    Shutdown,
    /// The player could not play it.
    Failed,
}

impl Ended {
    /// Whether it says something of the track. Only what the track's end or a skip tells does: who
    /// stops the music has to leave, or answers the door.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Finished | Self::Skipped)
    }
}

/// Something that says how much the user wants a track.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feedback {
    /// It was played.
    Played {
        /// How much of it, 0..=1.
        share: f64,
        /// How long.
        span: Duration,
        /// How it ended.
        ended: Ended,
    },
    /// The user asked for this very track.
    Asked,
    /// The user took the list back while it played.
    Undone,
    /// The user said "wrong mood" while it played.
    WrongMood,
    /// The user said that they like it.
    Liked,
    /// The user took that back.
    Unliked,
}

/// What feedback is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reward {
    /// How much the user wants the track, 0..=1.
    pub value: f64,
    /// How much it counts, in plays; negative where something is taken back.
    pub weight: f64,
}

/// A "like" is worth so many plays to the end.
const LIKE: f64 = 3.0;

impl Feedback {
    /// What it is worth; `None` if it says nothing.
    ///
    /// The reward of a play is the share that was played, and 0 for a skip within
    /// [`SKIPPED_WITHIN`]. An undo or "wrong mood" is about the list or the mood more than about
    /// the track that happened to play, so it counts for less than a play. The weights are
    /// editorial.
    #[must_use]
    pub fn reward(self) -> Option<Reward> {
        let (value, weight) = match self {
            Self::Played { ended, .. } if !ended.counts() => return None,
            Self::Played { share, .. } if !share.is_finite() => return None,
            Self::Played {
                span,
                ended: Ended::Skipped,
                ..
            } if span < SKIPPED_WITHIN => (0.0, 1.0),
            Self::Played { share, .. } => (share.clamp(0.0, 1.0), 1.0),
            Self::Asked => (1.0, 1.0),
            Self::Undone => (0.0, 0.5),
            Self::WrongMood => (0.0, 0.25),
            Self::Liked => (1.0, LIKE),
            Self::Unliked => (1.0, -LIKE),
        };
        Some(Reward { value, weight })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(share: f64, seconds: u64, ended: Ended) -> Option<f64> {
        let span = Duration::from_secs(seconds);
        let feedback = Feedback::Played { share, span, ended };
        feedback.reward().map(|reward| reward.value)
    }

    #[test]
    fn an_early_skip_is_worth_nothing_and_a_short_track_that_ended_all() {
        assert_eq!(played(0.1, 29, Ended::Skipped), Some(0.0));
        assert_eq!(played(0.1, 30, Ended::Skipped), Some(0.1));
        assert_eq!(played(1.0, 12, Ended::Finished), Some(1.0));
        assert_eq!(played(7.0, 300, Ended::Finished), Some(1.0));
    }

    #[test]
    fn ends_that_the_user_did_not_cause_say_nothing() {
        for ended in [
            Ended::Stopped,
            Ended::Switched,
            Ended::Locked,
            Ended::Call,
            Ended::Shutdown,
            Ended::Failed,
        ] {
            assert_eq!(played(0.1, 5, ended), None, "{ended:?}");
        }
        assert_eq!(played(f64::NAN, 5, Ended::Finished), None);
    }
}
