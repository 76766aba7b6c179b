//! The network's front end: 96 mel bands of 16 kHz sound, `log10(10⁴·m + 1)`, and the flux on the way.
//!
//! As librosa computes it, which the network learnt from: frames of 512 samples, one every 256, periodic Hann window, power,
//! Slaney's mel scale with areas normalised, no padding. `tests/golden.rs` holds it to that.

use crate::{resample::RATE, spectrum::Spectrum};

/// Samples in a frame.
const SIZE: usize = 512;
/// Samples from one frame to the next.
pub const HOP: usize = 256;
/// Mel bands.
pub const BANDS: usize = 96;

/// What is computed of a window.
#[derive(Debug, Clone)]
pub struct Mel {
    /// [`BANDS`] values a frame, one frame after another.
    pub values: Vec<f32>,
    /// The power of each frame.
    pub power: Vec<f32>,
    /// The spectral flux: the mean rise of magnitude from frame to frame, as a share of the mean magnitude, so that how loud a
    /// track was mastered does not count. 0..=1.
    pub flux: f32,
}

impl Mel {
    /// Frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.power.len()
    }
}

/// The front end, made once.
pub struct FrontEnd {
    spectrum: Spectrum,
    /// For each band its first bin and its weights.
    bands: Vec<(usize, Vec<f32>)>,
}

impl Default for FrontEnd {
    fn default() -> Self {
        Self {
            spectrum: Spectrum::new(SIZE, HOP),
            bands: bands(),
        }
    }
}

impl FrontEnd {
    /// The bands of 16 kHz sound.
    pub fn mel(&mut self, sound: &[f32]) -> Mel {
        let frames = self.spectrum.frames(sound.len());
        let mut values = Vec::with_capacity(frames * BANDS);
        let mut power = Vec::with_capacity(frames);
        let (mut rise, mut all) = (0.0f64, 0.0f64);
        let mut before: Vec<f32> = Vec::new();
        let bands = &self.bands;
        self.spectrum.powers(sound, |powers| {
            power.push(powers.iter().sum());
            for (first, weights) in bands {
                let band = weights.iter().zip(&powers[*first..]);
                let sum: f32 = band.map(|(w, p)| w * p).sum();
                values.push((1e4 * sum + 1.0).log10());
            }
            let magnitudes: Vec<f32> = powers.iter().map(|p| p.sqrt()).collect();
            if !before.is_empty() {
                let up = |(now, then): (&f32, &f32)| f64::from((now - then).max(0.0));
                rise += magnitudes.iter().zip(&before).map(up).sum::<f64>();
                all += magnitudes.iter().map(|m| f64::from(*m)).sum::<f64>();
            }
            before = magnitudes;
        });
        Mel {
            values,
            power,
            flux: if all > 0.0 { (rise / all) as f32 } else { 0.0 },
        }
    }
}

/// Slaney's triangles: linear up to 1 kHz, logarithmic above, each of the same area.
fn bands() -> Vec<(usize, Vec<f32>)> {
    let top = to_mel(f64::from(RATE) / 2.0);
    let edges: Vec<f64> = (0..BANDS + 2)
        .map(|i| to_hz(top * i as f64 / (BANDS + 1) as f64))
        .collect();
    let bin = f64::from(RATE) / SIZE as f64;
    edges
        .windows(3)
        .map(|edge| {
            let weight = |k: usize| {
                let hz = k as f64 * bin;
                let up = (hz - edge[0]) / (edge[1] - edge[0]);
                let down = (edge[2] - hz) / (edge[2] - edge[1]);
                (up.min(down).max(0.0) * 2.0 / (edge[2] - edge[0])) as f32
            };
            let first = ((edge[0] / bin).ceil() as usize).min(SIZE / 2);
            let last = ((edge[2] / bin).floor() as usize).min(SIZE / 2);
            (first, (first..=last).map(weight).collect())
        })
        .collect()
}

const LINEAR_HZ: f64 = 200.0 / 3.0;
const LINEAR_TOP: f64 = 1000.0 / LINEAR_HZ;

fn log_step() -> f64 {
    6.4f64.ln() / 27.0
}

fn to_mel(hz: f64) -> f64 {
    if hz < 1000.0 {
        hz / LINEAR_HZ
    } else {
        LINEAR_TOP + (hz / 1000.0).ln() / log_step()
    }
}

fn to_hz(mel: f64) -> f64 {
    if mel < LINEAR_TOP {
        mel * LINEAR_HZ
    } else {
        1000.0 * (log_step() * (mel - LINEAR_TOP)).exp()
    }
}
