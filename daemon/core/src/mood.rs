//! The smoothed, uncertain idea of how the user feels.

use serde::{Deserialize, Serialize};

use crate::{
    affect::Affect,
    emotion::{Distribution, Emotion},
    time::Timestamp,
};

/// What the mood rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MoodSource {
    /// Nothing yet.
    None,
    /// Looks through the camera.
    Camera,
    /// What the user said.
    Report,
}

impl MoodSource {
    /// The name on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Camera => "camera",
            Self::Report => "report",
        }
    }
}

/// The mood at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mood {
    /// Belief over the moods.
    pub distribution: Distribution,
    /// Expected valence and arousal under the belief, or what the user reported.
    pub affect: Affect,
    /// The mood, or `None` when nobody should say: no evidence, or too little of it.
    pub label: Option<Emotion>,
    /// How sure: the probability of the likeliest mood, 0..=1.
    pub confidence: f64,
    /// Since when `label` holds.
    pub since: Timestamp,
    /// What it rests on.
    pub source: MoodSource,
}

impl Mood {
    /// The name on the bus: the emotion's, or `unknown`.
    #[must_use]
    pub fn label_name(&self) -> &'static str {
        self.label.map_or("unknown", Emotion::name)
    }
}
