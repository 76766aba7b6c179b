//! Major or minor: how well the best of twelve major keys fits, against the best of twelve minor ones.
//!
//! The profiles are C. Krumhansl's and E. Kessler's (1982); the chroma is the magnitude of the bins from 65 to 2,100 Hz, each
//! given to its nearest semitone.

use crate::{resample::RATE, spectrum::Spectrum};

const SIZE: usize = 4096;
const HOP: usize = 2048;
const LOWEST: f64 = 65.0;
const HIGHEST: f64 = 2_100.0;

const MAJOR: [f64; 12] = [
    6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88,
];
const MINOR: [f64; 12] = [
    6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17,
];

/// What is known of a window's tones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key {
    /// The correlation with the best major key minus that with the best minor key, −2..=2.
    pub mode: f32,
    /// How alike neighbouring frames' chromas are, the mean cosine, 0..=1: held tones are steady, speech is not.
    pub steadiness: f32,
}

/// The chroma, made once.
pub struct Keys {
    spectrum: Spectrum,
    /// Bins, and the semitone above C that each is given to.
    bins: Vec<(usize, usize)>,
}

impl Default for Keys {
    fn default() -> Self {
        let hz = |bin: usize| bin as f64 * f64::from(RATE) / SIZE as f64;
        let semitone = |bin: usize| {
            // 69 is the A of 440 Hz; a C is a multiple of 12.
            let pitch = 69.0 + 12.0 * (hz(bin) / 440.0).log2();
            pitch.round() as usize % 12
        };
        Self {
            spectrum: Spectrum::new(SIZE, HOP),
            bins: (1..=SIZE / 2)
                .filter(|bin| (LOWEST..=HIGHEST).contains(&hz(*bin)))
                .map(|bin| (bin, semitone(bin)))
                .collect(),
        }
    }
}

impl Keys {
    /// The tones of 16 kHz sound.
    pub fn key(&mut self, sound: &[f32]) -> Key {
        let mut sum = [0.0f64; 12];
        let mut before = [0.0f64; 12];
        let (mut alike, mut pairs) = (0.0, 0u32);
        let bins = &self.bins;
        self.spectrum.powers(sound, |powers| {
            let mut chroma = [0.0f64; 12];
            for (bin, semitone) in bins {
                chroma[*semitone] += f64::from(powers[*bin].sqrt());
            }
            for (total, value) in sum.iter_mut().zip(chroma) {
                *total += value;
            }
            if let Some(cosine) = cosine(&chroma, &before) {
                alike += cosine;
                pairs += 1;
            }
            before = chroma;
        });
        let best = |profile: &[f64; 12]| {
            (0..12)
                .map(|key| {
                    let mut turned = *profile;
                    turned.rotate_right(key);
                    correlation(&sum, &turned)
                })
                .fold(-1.0, f64::max)
        };
        Key {
            mode: (best(&MAJOR) - best(&MINOR)) as f32,
            steadiness: if pairs == 0 {
                0.0
            } else {
                (alike / f64::from(pairs)) as f32
            },
        }
    }
}

fn cosine(a: &[f64; 12], b: &[f64; 12]) -> Option<f64> {
    let dot = |x: &[f64; 12], y: &[f64; 12]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let norm = (dot(a, a) * dot(b, b)).sqrt();
    (norm > 0.0).then(|| dot(a, b) / norm)
}

fn correlation(a: &[f64; 12], b: &[f64; 12]) -> f64 {
    let centred = |x: &[f64; 12]| {
        let mean = x.iter().sum::<f64>() / 12.0;
        x.map(|v| v - mean)
    };
    cosine(&centred(a), &centred(b)).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cadence of three chords, each a second.
    fn cadence(third: i32) -> Vec<f32> {
        let mut sound = Vec::new();
        for root in [0, 5, 7, 0] {
            // The dominant is major in either key.
            let third = if root == 7 { 4 } else { third };
            let hz = [0, third, 7].map(|step| 261.63 * 2f64.powf(f64::from(root + step) / 12.0));
            sound.extend((0..RATE).map(|i| {
                let t = f64::from(i) / f64::from(RATE);
                hz.iter()
                    .map(|hz| (std::f64::consts::TAU * hz * t).sin())
                    .sum::<f64>() as f32
            }));
        }
        sound
    }

    #[test]
    fn major_is_above_minor() {
        let mut keys = Keys::default();
        let (major, minor) = (keys.key(&cadence(4)), keys.key(&cadence(3)));
        assert!(major.mode > 0.05, "{major:?}");
        assert!(minor.mode < -0.05, "{minor:?}");
        assert!(major.steadiness > 0.9);
    }

    #[test]
    fn silence_is_neither() {
        let key = Keys::default().key(&vec![0.0; RATE as usize]);
        assert_eq!((key.mode, key.steadiness), (0.0, 0.0));
    }
}
