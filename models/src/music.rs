//! The music model's specification: `music.json`, and how valence and arousal come from what is heard.
//!
//! | item | needs the feature `music-weights` |
//! |---|---|
//! | [`Music`]: tags, their coordinates, the statistics of the reference library | no |
//! | [`weights`]: the network, as bytes | yes |

use serde::{Deserialize, Serialize};

const MUSIC_JSON: &str = include_str!("../music.json");

/// A mean and a standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistic {
    /// The mean.
    pub mean: f32,
    /// The standard deviation, above 0.
    pub std: f32,
}

impl Statistic {
    /// How many deviations a value lies from the mean, −4..=4: one odd value must not decide alone.
    #[must_use]
    pub fn z(self, value: f32) -> f32 {
        ((value - self.mean) / self.std).clamp(-4.0, 4.0)
    }
}

/// One of the network's tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    /// Its name on Last.fm.
    pub name: String,
    /// Its logit over the reference library.
    pub logit: Statistic,
    /// What the word says of valence, −1..=1: set by hand.
    pub valence: f32,
    /// What the word says of arousal, −1..=1: set by hand.
    pub arousal: f32,
}

/// How valence and arousal are computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Music {
    /// Where the statistics come from.
    pub note: String,
    /// The tags in the order of the network's output.
    pub tags: Vec<Tag>,
    /// The weighted sum of the tags' z-scores, for valence.
    pub tags_valence: Statistic,
    /// The same for arousal.
    pub tags_arousal: Statistic,
    /// The decimal logarithm of the spectral flux.
    pub flux: Statistic,
    /// The difference between major and minor.
    pub mode: Statistic,
    /// The weight of the flux' z-score in arousal, where the tags have 1.
    pub flux_weight: f32,
    /// The weight of the mode's z-score in valence, where the tags have 1.
    pub mode_weight: f32,
}

impl Music {
    /// Valence and arousal of logits, flux and mode, in deviations of the reference library: a rank, not a class. Computed
    /// anew with [`Music::tags`]' statistics replaced, it is a rank within another library.
    #[must_use]
    pub fn affect(&self, logits: &[f32], flux: f32, mode: f32) -> (f32, f32) {
        let (valence, arousal) = self.sums(logits);
        (
            self.tags_valence.z(valence) + self.mode_weight * self.mode.z(mode),
            self.tags_arousal.z(arousal) + self.flux_weight * self.flux.z(flux),
        )
    }

    /// The weighted sums of the tags' z-scores: valence and arousal.
    #[must_use]
    pub fn sums(&self, logits: &[f32]) -> (f32, f32) {
        self.tags
            .iter()
            .zip(logits)
            .fold((0.0, 0.0), |(valence, arousal), (tag, logit)| {
                let z = tag.logit.z(*logit);
                (valence + z * tag.valence, arousal + z * tag.arousal)
            })
    }
}

/// The specification as it is committed.
///
/// # Errors
/// When it is no such JSON, which a test of this crate excludes.
pub fn music() -> serde_json::Result<Music> {
    serde_json::from_str(MUSIC_JSON)
}

/// The weights as bytes, embedded.
#[cfg(feature = "music-weights")]
pub mod weights {
    /// MSD_musicnn; card: `cards/msd_musicnn.md`.
    pub const MUSICNN: &[u8] = include_bytes!("../weights/msd_musicnn.onnx");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_is_sound() {
        let music = music().unwrap();
        assert_eq!(music.tags.len(), 50);
        for tag in &music.tags {
            assert!(tag.logit.std > 0.0 && tag.valence.abs() <= 1.0 && tag.arousal.abs() <= 1.0);
        }
        for s in [
            music.tags_valence,
            music.tags_arousal,
            music.flux,
            music.mode,
        ] {
            assert!(s.std > 0.0);
        }
    }

    #[cfg(feature = "music-weights")]
    #[test]
    fn the_file_is_the_one_its_card_describes() {
        let card = include_str!("../cards/msd_musicnn.md");
        crate::card::check("msd_musicnn", weights::MUSICNN, card);
    }

    #[test]
    fn a_track_like_the_mean_is_at_zero_and_words_pull() {
        let music = music().unwrap();
        let mean: Vec<f32> = music.tags.iter().map(|t| t.logit.mean).collect();
        let at = |name: &str| {
            let mut logits = mean.clone();
            let i = music.tags.iter().position(|t| t.name == name).unwrap();
            logits[i] += 3.0;
            music.affect(&logits, music.flux.mean, music.mode.mean)
        };
        let (v0, a0) = music.affect(&mean, music.flux.mean, music.mode.mean);
        assert!(at("happy").0 > v0 && at("sad").0 < v0);
        assert!(at("metal").1 > a0 && at("ambient").1 < a0);
    }
}
