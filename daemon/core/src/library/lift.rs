//! How the mood goes on after own lists, against times without one. (First form.)

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::{affect::Affect, emotion::Emotion, time::Timestamp};

/// What was done at the beginning of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// Nothing: the music was left alone.
    None,
    /// A list of our own was played.
    List {
        /// The kind of most of its tracks.
        kind: Kind,
        /// How likely a list was to be of that kind, 0..=1.
        propensity: f64,
    },
}

/// A mood, what was done, and the mood 20 to 40 minutes later.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Episode {
    /// When it began.
    pub at: Timestamp,
    /// The mood's name at that time.
    pub mood: Emotion,
    /// Where it lay.
    pub before: Affect,
    /// Where it lay 20 to 40 minutes later, in the mean.
    pub after: Affect,
    /// What was done.
    pub treatment: Treatment,
}

/// What is estimated of one kind of music in one mood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Estimate {
    /// The mood before.
    pub mood: Emotion,
    /// The kind of music.
    pub kind: Kind,
    /// How many lists it rests on.
    pub lists: u32,
    /// How many times without one it was compared with.
    pub others: u32,
    /// By how much more the valence rose than without, −2..=2.
    pub valence: f64,
    /// The interval that holds the true value with a probability of 95 %.
    pub interval: (f64, f64),
    /// The interval excludes 0, even though several estimates were looked at.
    pub certain: bool,
}

/// The estimates.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lifts(pub Vec<Estimate>);

/// What a rise of the valence by 1 is worth in the choice, in rewards, and the most of it.
const WORTH: (f64, f64) = (0.5, 0.15);

impl Lifts {
    /// What it adds to the worth of music of that kind in that mood: 0 unless it is certain.
    #[must_use]
    pub fn bonus(&self, mood: Emotion, kind: Kind) -> f64 {
        let found = self
            .0
            .iter()
            .find(|estimate| estimate.mood == mood && estimate.kind == kind);
        let certain = found.filter(|estimate| estimate.certain && estimate.valence.is_finite());
        let (worth, most) = WORTH;
        certain.map_or(0.0, |estimate| {
            (worth * estimate.valence).clamp(-most, most)
        })
    }
}
