//! When a camera's exposure has settled: its first frames are black or far too bright.

use std::time::Duration;

/// Settled when this many frames in a row …
const STEADY: usize = 4;
/// … differ by less than this in mean brightness, 0..=1.
const WITHIN: f64 = 0.015;
/// Frames as black as this are the start of the ramp, for as long as [`BLACK_FOR`].
const BLACK: f64 = 0.04;
/// A picture that is still black after this time is a dark room or a closed shutter.
const BLACK_FOR: Duration = Duration::from_millis(700);
/// However the light may flicker, it is looked at after this time.
const AT_MOST: Duration = Duration::from_millis(1500);

/// Watches the mean brightness of frames.
#[derive(Debug, Default)]
pub struct Settle {
    last: Vec<f64>,
}

impl Settle {
    /// Takes the mean brightness (0..=1) of a frame that came this long after the stream began; answers
    /// whether the exposure has settled.
    pub fn feed(&mut self, mean: f64, since_start: Duration) -> bool {
        if since_start >= AT_MOST {
            return true;
        }
        self.last.push(mean);
        if self.last.len() > STEADY {
            self.last.remove(0);
        }
        let lowest = self.last.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = self.last.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let steady = self.last.len() == STEADY && highest - lowest < WITHIN;
        steady && (lowest > BLACK || since_start >= BLACK_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled_after(means: impl IntoIterator<Item = f64>) -> Option<usize> {
        let mut settle = Settle::default();
        means
            .into_iter()
            .enumerate()
            .position(|(i, mean)| settle.feed(mean, Duration::from_millis(33 * i as u64)))
    }

    #[test]
    fn a_ramp_is_waited_out() {
        let ramp = [
            0.0, 0.0, 0.02, 0.1, 0.2, 0.3, 0.38, 0.40, 0.405, 0.405, 0.405,
        ];
        assert_eq!(settled_after(ramp), Some(10));
        assert_eq!(settled_after([0.4; 10]), Some(3));
    }

    #[test]
    fn black_is_given_time_but_not_for_ever() {
        let after = settled_after([0.0; 100]).unwrap();
        assert!((20..25).contains(&after), "{after}");
    }

    #[test]
    fn flicker_does_not_wait_for_ever() {
        let after = settled_after((0..100).map(|i| if i % 2 == 0 { 0.2 } else { 0.6 })).unwrap();
        assert!(after <= 46, "{after}");
    }
}
