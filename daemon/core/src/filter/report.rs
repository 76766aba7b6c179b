//! What the user says of their mood.

use serde::{Deserialize, Serialize};

use crate::{affect::Affect, emotion::Emotion};

/// What the user said of their mood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Report {
    /// One of the moods, by name.
    Label(Emotion),
    /// A point of valence and arousal.
    Affect(Affect),
}

impl Report {
    /// The mood that it names: for a point, the nearest.
    #[must_use]
    pub fn emotion(self) -> Emotion {
        match self {
            Self::Label(emotion) => emotion,
            Self::Affect(_) => {
                let point = self.affect();
                let mut nearest = Emotion::Neutral;
                for emotion in Emotion::ALL {
                    if point.distance(Affect::of(emotion)) < point.distance(Affect::of(nearest)) {
                        nearest = emotion;
                    }
                }
                nearest
            }
        }
    }

    /// The point that it names.
    #[must_use]
    pub fn affect(self) -> Affect {
        match self {
            Self::Label(emotion) => Affect::of(emotion),
            Self::Affect(point) => Affect::new(point.valence, point.arousal),
        }
    }
}
