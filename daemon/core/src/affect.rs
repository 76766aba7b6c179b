//! Valence (unpleasant … pleasant) and arousal (calm … excited): Russell's circumplex (1980).

use serde::{Deserialize, Serialize};

use crate::emotion::{Distribution, Emotion};

/// A point of the circumplex; both coordinates in −1..=1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Affect {
    /// Unpleasant (−1) to pleasant (1).
    pub valence: f64,
    /// Calm (−1) to excited (1).
    pub arousal: f64,
}

impl Affect {
    /// A point, each coordinate clamped to −1..=1; what is not finite becomes 0.
    #[must_use]
    pub fn new(valence: f64, arousal: f64) -> Self {
        let tame = |x: f64| {
            if x.is_finite() {
                x.clamp(-1.0, 1.0)
            } else {
                0.0
            }
        };
        Self {
            valence: tame(valence),
            arousal: tame(arousal),
        }
    }

    /// Where an emotion lies.
    ///
    /// Source: the valence and arousal ratings of the words angry, disgusted, fearful, happy, sad,
    /// surprised and neutral in Russell & Mehrabian, "Evidence for a three-factor theory of
    /// emotions", Journal of Research in Personality 11 (1977), rounded to 0.05; neutral
    /// is the origin by definition.
    #[must_use]
    pub const fn of(emotion: Emotion) -> Self {
        let (valence, arousal) = match emotion {
            Emotion::Angry => (-0.50, 0.60),
            Emotion::Disgust => (-0.60, 0.35),
            Emotion::Fear => (-0.65, 0.60),
            Emotion::Happy => (0.80, 0.50),
            Emotion::Sad => (-0.65, -0.25),
            Emotion::Surprise => (0.40, 0.65),
            Emotion::Neutral => (0.0, 0.0),
        };
        Self { valence, arousal }
    }

    /// The expectation under a distribution.
    #[must_use]
    pub fn expected(distribution: &Distribution) -> Self {
        let mut sum = Self::default();
        for emotion in Emotion::ALL {
            let (p, at) = (distribution.get(emotion), Self::of(emotion));
            sum.valence += p * at.valence;
            sum.arousal += p * at.arousal;
        }
        Self::new(sum.valence, sum.arousal)
    }

    /// Euclidean distance, 0..=2√2.
    #[must_use]
    pub fn distance(self, other: Self) -> f64 {
        (self.valence - other.valence).hypot(self.arousal - other.arousal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_becomes_the_origin() {
        assert_eq!(Affect::new(f64::NAN, f64::INFINITY), Affect::default());
        assert_eq!(
            Affect::new(-3.0, 3.0),
            Affect {
                valence: -1.0,
                arousal: 1.0
            }
        );
    }

    #[test]
    fn certainty_lies_at_its_emotion() {
        for emotion in Emotion::ALL {
            let at = Affect::expected(&Distribution::certain(emotion));
            assert!(at.distance(Affect::of(emotion)) < 1e-12);
        }
    }
}
