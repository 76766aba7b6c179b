//! The moods by the names that the bus gives them.

/// One of the seven moods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Mood {
    Happy,
    Surprise,
    Neutral,
    Sad,
    Fear,
    Angry,
    Disgust,
}

impl Mood {
    /// All of them, from pleasant to unpleasant, as a menu lists them.
    pub const ALL: [Self; 7] = [
        Self::Happy,
        Self::Surprise,
        Self::Neutral,
        Self::Sad,
        Self::Fear,
        Self::Angry,
        Self::Disgust,
    ];

    /// The name on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Happy => "happy",
            Self::Surprise => "surprise",
            Self::Neutral => "neutral",
            Self::Sad => "sad",
            Self::Fear => "fear",
            Self::Angry => "angry",
            Self::Disgust => "disgust",
        }
    }

    /// The mood of that name; `unknown`, and what a later version may add, is none.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mood| mood.name() == name)
    }
}
