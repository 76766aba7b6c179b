//! The seven expressions that the models tell apart, and distributions over them.

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

/// One of the seven classes of FER2013: six basic expressions (Ekman 1992) and neutral.
///
/// The order is FER2013's label order; every array indexed by emotion uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Emotion {
    Angry,
    Disgust,
    Fear,
    Happy,
    Sad,
    Surprise,
    Neutral,
}

impl Emotion {
    /// How many there are.
    pub const COUNT: usize = 7;

    /// All of them, in label order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Angry,
        Self::Disgust,
        Self::Fear,
        Self::Happy,
        Self::Sad,
        Self::Surprise,
        Self::Neutral,
    ];

    /// The place of this emotion in label order.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name used in the configuration, on the bus and in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Angry => "angry",
            Self::Disgust => "disgust",
            Self::Fear => "fear",
            Self::Happy => "happy",
            Self::Sad => "sad",
            Self::Surprise => "surprise",
            Self::Neutral => "neutral",
        }
    }
}

impl std::fmt::Display for Emotion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// The text names no emotion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", tr!("`{name}` is no mood; the moods are angry, disgust, fear, happy, sad, surprise and neutral", name))]
pub struct UnknownEmotion {
    /// What was written.
    pub name: String,
}

impl std::str::FromStr for Emotion {
    type Err = UnknownEmotion;
    fn from_str(text: &str) -> Result<Self, UnknownEmotion> {
        Self::ALL
            .into_iter()
            .find(|emotion| emotion.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownEmotion {
                name: text.to_owned(),
            })
    }
}

/// Probabilities of the seven emotions: finite, not negative, summing to one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "DistributionFields", into = "DistributionFields")]
pub struct Distribution([f64; Emotion::COUNT]);

/// The distribution as JSON shows it: one named field an emotion.
#[derive(Serialize, Deserialize)]
struct DistributionFields {
    angry: f64,
    disgust: f64,
    fear: f64,
    happy: f64,
    sad: f64,
    surprise: f64,
    neutral: f64,
}

impl From<Distribution> for DistributionFields {
    fn from(d: Distribution) -> Self {
        // Four digits are more than any model knows, and keep the line short.
        let [angry, disgust, fear, happy, sad, surprise, neutral] =
            d.0.map(|p| (p * 1e4).round() / 1e4);
        Self {
            angry,
            disgust,
            fear,
            happy,
            sad,
            surprise,
            neutral,
        }
    }
}

impl TryFrom<DistributionFields> for Distribution {
    type Error = NotADistribution;
    fn try_from(f: DistributionFields) -> Result<Self, NotADistribution> {
        Self::from_weights([
            f.angry, f.disgust, f.fear, f.happy, f.sad, f.surprise, f.neutral,
        ])
    }
}

/// The numbers cannot be made into probabilities.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{}", tr!("not a distribution: weights must be finite, not negative, and not all zero"))]
pub struct NotADistribution;

impl Distribution {
    /// Every emotion alike.
    pub const UNIFORM: Self = Self([1.0 / Emotion::COUNT as f64; Emotion::COUNT]);

    /// Scales weights (in label order) to sum to one.
    ///
    /// # Errors
    /// [`NotADistribution`] if a weight is negative or not finite, or if all are zero.
    pub fn from_weights(weights: [f64; Emotion::COUNT]) -> Result<Self, NotADistribution> {
        let sum: f64 = weights.iter().sum();
        if weights.iter().any(|w| !w.is_finite() || *w < 0.0) || !sum.is_finite() || sum <= 0.0 {
            return Err(NotADistribution);
        }
        Ok(Self(weights.map(|w| w / sum)))
    }

    /// All the probability on one emotion.
    #[must_use]
    pub fn certain(emotion: Emotion) -> Self {
        let mut p = [0.0; Emotion::COUNT];
        p[emotion.index()] = 1.0;
        Self(p)
    }

    /// The probability of one emotion.
    #[must_use]
    pub fn get(&self, emotion: Emotion) -> f64 {
        self.0[emotion.index()]
    }

    /// The probabilities in label order.
    #[must_use]
    pub const fn as_array(&self) -> &[f64; Emotion::COUNT] {
        &self.0
    }

    /// The likeliest emotion and its probability; the earlier label on a tie.
    #[must_use]
    pub fn top(&self) -> (Emotion, f64) {
        let mut best = Emotion::ALL[0];
        for emotion in Emotion::ALL {
            if self.get(emotion) > self.get(best) {
                best = emotion;
            }
        }
        (best, self.get(best))
    }

    /// `(1 − share)` of this and `share` of the other; `share` is clamped to 0..=1.
    #[must_use]
    pub fn mix(&self, other: &Self, share: f64) -> Self {
        let share = if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        };
        Self(std::array::from_fn(|i| {
            self.0[i] * (1.0 - share) + other.0[i] * share
        }))
    }

    /// Shannon entropy in units of its greatest value: 0 certain, 1 uniform.
    #[must_use]
    pub fn entropy(&self) -> f64 {
        let nats: f64 = self
            .0
            .iter()
            .filter(|p| **p > 0.0)
            .map(|p| -p * p.ln())
            .sum();
        (nats / (Emotion::COUNT as f64).ln()).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_weights_are_refused() {
        assert!(Distribution::from_weights([0.0; 7]).is_err());
        assert!(Distribution::from_weights([f64::NAN; 7]).is_err());
        assert!(Distribution::from_weights([-1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0]).is_err());
        assert!(Distribution::from_weights([f64::MAX; 7]).is_err());
    }

    #[test]
    fn json_names_each_emotion() {
        let json = serde_json::to_string(&Distribution::certain(Emotion::Sad)).unwrap();
        assert_eq!(
            json,
            r#"{"angry":0.0,"disgust":0.0,"fear":0.0,"happy":0.0,"sad":1.0,"surprise":0.0,"neutral":0.0}"#
        );
        let back: Distribution = serde_json::from_str(&json).unwrap();
        assert_eq!(back.top(), (Emotion::Sad, 1.0));
        assert!(serde_json::from_str::<Distribution>(&json.replace("1.0", "-1.0")).is_err());
    }

    #[test]
    fn names_round_trip() {
        for emotion in Emotion::ALL {
            assert_eq!(emotion.name().parse::<Emotion>().unwrap(), emotion);
        }
        assert!("glum".parse::<Emotion>().is_err());
    }
}
