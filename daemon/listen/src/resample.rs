//! Any sampling rate → 16 kHz, one channel.
//!
//! A polyphase windowed-sinc filter for one ratio of whole numbers, fed piece by piece. `rubato` does this as well and brings
//! two crates of its own; this needs a table and a sum, and is checked against tones.

/// The rate that everything after this works at, in Hz.
pub const RATE: u32 = 16_000;
/// Zero crossings of the sinc on each side: 80 dB down from 8 kHz on.
const CROSSINGS: f64 = 24.0;
/// Of half the lower rate, where the filter is 6 dB down.
const CUTOFF: f64 = 0.94;
/// Kaiser's β for a stop band of 90 dB.
const BETA: f64 = 9.0;

/// One resampler for one stream.
pub struct Resampler {
    up: usize,
    down: usize,
    /// The filter's branches, one after another, each of `taps` weights.
    branches: Vec<f32>,
    taps: usize,
    /// Input that later output still needs.
    tail: Vec<f32>,
    /// Where the next output lies: its branch, and the place in `tail` of its first tap.
    branch: usize,
    at: usize,
}

impl Resampler {
    /// From `rate` in Hz, 1,000..=768,000.
    #[must_use]
    pub fn new(rate: u32) -> Option<Self> {
        if !(1_000..=768_000).contains(&rate) {
            return None;
        }
        let common = gcd(rate, RATE);
        let (up, down) = ((RATE / common) as usize, (rate / common) as usize);
        // Relative to the input's rate.
        let cutoff = CUTOFF * 0.5 * f64::from(RATE.min(rate)) / f64::from(rate);
        let half = CROSSINGS / (2.0 * cutoff);
        let taps = 2 * half.ceil() as usize + 1;
        let centre = half.ceil();
        let mut branches = vec![0.0f32; up * taps];
        for (branch, weights) in branches.chunks_exact_mut(taps).enumerate() {
            let shift = branch as f64 / up as f64;
            let mut sum = 0.0;
            for (tap, weight) in weights.iter_mut().enumerate() {
                let x = tap as f64 - centre - shift;
                let value = 2.0 * cutoff * sinc(2.0 * cutoff * x) * kaiser(x / (half + 1.0));
                *weight = value as f32;
                sum += value;
            }
            // Each branch passes a constant unchanged.
            weights
                .iter_mut()
                .for_each(|w| *w = (f64::from(*w) / sum) as f32);
        }
        Some(Self {
            up,
            down,
            branches,
            taps,
            // The first output lies on the first input.
            tail: vec![0.0; centre as usize],
            branch: 0,
            at: 0,
        })
    }

    /// Takes a piece of input and appends what comes out of it.
    pub fn push(&mut self, input: &[f32], out: &mut Vec<f32>) {
        if self.up == self.down {
            out.extend_from_slice(input);
            return;
        }
        self.tail.extend_from_slice(input);
        while self.at + self.taps <= self.tail.len() {
            let from = self.branch * self.taps;
            let weights = &self.branches[from..from + self.taps];
            out.push(dot(weights, &self.tail[self.at..self.at + self.taps]));
            self.branch += self.down;
            self.at += self.branch / self.up;
            self.branch %= self.up;
        }
        let used = self.at.min(self.tail.len());
        self.tail.drain(..used);
        self.at -= used;
    }
}

/// Eight sums at once, which the compiler can keep in one register.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (left, right) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = left
        .remainder()
        .iter()
        .zip(right.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in left.zip(right) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f32>() + rest
}

const fn gcd(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn sinc(x: f64) -> f64 {
    let x = x * std::f64::consts::PI;
    if x.abs() < 1e-9 { 1.0 } else { x.sin() / x }
}

/// Kaiser's window over −1..=1.
fn kaiser(x: f64) -> f64 {
    if x.abs() >= 1.0 {
        0.0
    } else {
        bessel(BETA * (1.0 - x * x).sqrt()) / bessel(BETA)
    }
}

/// The modified Bessel function I₀ by its series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..60 {
        term *= (x / (2.0 * f64::from(k))).powi(2);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tone(rate: u32, hz: f64, seconds: f64) -> Vec<f32> {
        let n = (f64::from(rate) * seconds) as u32;
        let step = std::f64::consts::TAU * hz / f64::from(rate);
        (0..n).map(|i| (step * f64::from(i)).sin() as f32).collect()
    }

    fn through(rate: u32, input: &[f32]) -> Vec<f32> {
        let mut out = Vec::new();
        Resampler::new(rate).unwrap().push(input, &mut out);
        out
    }

    #[test]
    fn a_tone_stays_where_and_how_loud_it_was() {
        for rate in [
            8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000,
        ] {
            for hz in [100.0, 1_000.0, 3_000.0] {
                let out = through(rate, &tone(rate, hz, 1.0));
                let wanted = tone(RATE, hz, 1.0);
                let (mut noise, mut signal) = (0.0, 0.0);
                for (x, y) in out.iter().zip(&wanted).skip(500).take(14_000) {
                    noise += f64::from(x - y).powi(2);
                    signal += f64::from(*y).powi(2);
                }
                let snr = 10.0 * (signal / noise).log10();
                assert!(snr > 70.0, "{rate} Hz, tone of {hz} Hz: {snr:.1} dB");
            }
        }
    }

    #[test]
    fn what_16_khz_cannot_hold_is_gone() {
        for hz in [8_600.0, 12_000.0, 18_000.0] {
            let out = through(44_100, &tone(44_100, hz, 1.0));
            let peak = out[500..14_000].iter().fold(0.0f32, |a, x| a.max(x.abs()));
            assert!(peak < 1e-3, "{hz} Hz leaves {peak}");
        }
    }

    proptest! {
        #[test]
        fn pieces_make_what_the_whole_makes(sizes in prop::collection::vec(0usize..700, 1..12)) {
            let all: usize = sizes.iter().sum();
            let input: Vec<f32> = (0..all).map(|i| ((i * 7919) % 101) as f32 / 101.0).collect();
            let mut resampler = Resampler::new(44_100).unwrap();
            let (mut out, mut rest) = (Vec::new(), &input[..]);
            for size in sizes {
                let (piece, after) = rest.split_at(size);
                resampler.push(piece, &mut out);
                rest = after;
            }
            prop_assert_eq!(out, through(44_100, &input));
        }
    }
}
