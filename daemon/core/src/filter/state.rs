//! What the filter remembers, and how it is kept over a restart.

use serde::{Deserialize, Serialize};

use crate::{
    affect::Affect,
    emotion::{Distribution, Emotion},
    time::Timestamp,
};

use super::PRIOR;

/// All that the filter remembers. It holds no more of the past than this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterState {
    /// The belief over the moods by camera alone, in label order.
    pub(super) belief: [f64; Emotion::COUNT],
    /// How many looks still count.
    pub(super) looks: f64,
    /// Whether nobody was there at the last look.
    pub(super) away: bool,
    /// The last event.
    pub(super) last: Option<Timestamp>,
    /// The last face.
    pub(super) last_face: Option<Timestamp>,
    /// What the user said.
    pub(super) report: Option<StandingReport>,
    /// The label.
    pub(super) label: Option<Emotion>,
    /// Since when.
    pub(super) since: Timestamp,
}

/// What the user said, while it still counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingReport {
    /// The mood that it names.
    pub(super) emotion: Emotion,
    /// The point that it names.
    pub(super) affect: Affect,
    /// When it was said.
    pub(super) at: Timestamp,
}

/// A kept state that nothing can go on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadState {
    /// Probabilities that are none.
    #[error("the kept mood is no distribution")]
    Distribution,
    /// A number out of its range.
    #[error("the kept mood has a number out of range")]
    Range,
    /// The clock was set back since, or the file is from elsewhere.
    #[error("the kept mood is from the future")]
    Future,
}

impl Default for FilterState {
    fn default() -> Self {
        Self {
            belief: PRIOR,
            looks: 0.0,
            away: false,
            last: None,
            last_face: None,
            report: None,
            label: None,
            since: Timestamp::default(),
        }
    }
}

impl FilterState {
    /// Whether it can be gone on from at `now`.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), BadState> {
        if Distribution::from_weights(self.belief).is_err()
            || (self.belief.iter().sum::<f64>() - 1.0).abs() > 1e-3
        {
            return Err(BadState::Distribution);
        }
        let fits = |x: f64| (-1.0..=1.0).contains(&x);
        let point = self.report.as_ref().map(|r| r.affect).unwrap_or_default();
        if !(0.0..=super::MOST_LOOKS).contains(&self.looks)
            || !fits(point.valence)
            || !fits(point.arousal)
        {
            return Err(BadState::Range);
        }
        let times = [
            self.last,
            self.last_face,
            self.report.as_ref().map(|r| r.at),
            Some(self.since),
        ];
        if times.into_iter().flatten().any(|time| time > now) {
            return Err(BadState::Future);
        }
        Ok(())
    }
}
