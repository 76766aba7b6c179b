//! The four kinds of music: the quarters of the plane of valence and arousal.

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use crate::affect::Affect;

/// A quarter of the plane. What lies on an axis counts as pleasant, or as excited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Pleasant and excited.
    Lively,
    /// Unpleasant and excited.
    Tense,
    /// Unpleasant and calm.
    Sombre,
    /// Pleasant and calm.
    Calm,
}

impl Kind {
    /// How many there are.
    pub const COUNT: usize = 4;

    /// All of them, counter-clockwise from pleasant and excited.
    pub const ALL: [Self; Self::COUNT] = [Self::Lively, Self::Tense, Self::Sombre, Self::Calm];

    /// The quarter in which a point lies.
    #[must_use]
    pub fn of(place: Affect) -> Self {
        match (place.valence >= 0.0, place.arousal >= 0.0) {
            (true, true) => Self::Lively,
            (false, true) => Self::Tense,
            (false, false) => Self::Sombre,
            (true, false) => Self::Calm,
        }
    }

    /// The place in [`Kind::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name on the bus and in the library.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lively => "lively",
            Self::Tense => "tense",
            Self::Sombre => "sombre",
            Self::Calm => "calm",
        }
    }

    /// The kind as an adjective, for people.
    #[must_use]
    pub fn adjective(self) -> String {
        match self {
            Self::Lively => tr!("music" => "lively"),
            Self::Tense => tr!("music" => "tense"),
            Self::Sombre => tr!("music" => "sombre"),
            Self::Calm => tr!("music" => "calm"),
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
