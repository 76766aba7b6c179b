//! A face cut from a picture: its values, its light, its detail.

/// A square cut from a picture around a face, brightness 0..=255.
#[derive(Clone, PartialEq)]
pub struct Crop {
    side: usize,
    data: Vec<f32>,
}

impl std::fmt::Debug for Crop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crop({0}×{0})", self.side)
    }
}

impl Crop {
    /// A square of `side × side` values.
    pub(crate) const fn new(side: usize, data: Vec<f32>) -> Self {
        Self { side, data }
    }

    /// Width and height in pixels.
    #[must_use]
    pub const fn side(&self) -> usize {
        self.side
    }

    /// The brightness values, row by row.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.data
    }

    /// The same with a square of its mean brightness over it; place and size in parts of the side, 0..=1.
    #[must_use]
    pub fn covered(&self, left: f32, upper: f32, part: f32) -> Self {
        let n = self.side as f32;
        let within = |at: usize, low: f32| (low * n..(low + part) * n).contains(&(at as f32 + 0.5));
        let mean = self.mean();
        let mut covered = self.clone();
        for (i, value) in covered.data.iter_mut().enumerate() {
            if within(i % self.side, left) && within(i / self.side, upper) {
                *value = mean;
            }
        }
        covered
    }

    /// The same with `side` pixels a side, averaged where that is fewer.
    #[must_use]
    pub fn resized(&self, side: usize) -> Self {
        if side == self.side {
            return self.clone();
        }
        let fine = self.side.div_ceil(side.max(1));
        let place = |pixel: usize, part: usize| {
            (pixel as f32 + (part as f32 + 0.5) / fine as f32) / side as f32
        };
        let parts = || (0..fine * fine).map(|i| (i % fine, i / fine));
        let at = |i: usize| {
            let sum: f32 = parts()
                .map(|(u, v)| self.between(place(i % side, u), place(i / side, v)))
                .sum();
            sum / (fine * fine) as f32
        };
        let data = (0..side * side).map(at).collect();
        Self { side, data }
    }

    /// The brightness at a place, 0..=1 along each side, between the nearest four values.
    #[must_use]
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let last = self.side - 1;
        let split = |at: f32| {
            let at = (at * self.side as f32 - 0.5).clamp(0.0, last as f32);
            (at as usize, (at as usize + 1).min(last), at.fract())
        };
        let ((x0, x1, fx), (y0, y1, fy)) = (split(x), split(y));
        let row = |y: usize| {
            let at = |x: usize| self.data[y * self.side + x];
            at(x0) + (at(x1) - at(x0)) * fx
        };
        row(y0) + (row(y1) - row(y0)) * fy
    }

    /// Mean brightness, 0..=255.
    #[must_use]
    pub fn mean(&self) -> f32 {
        self.data.iter().sum::<f32>() / self.data.len() as f32
    }

    /// Standard deviation of the brightness, 0..=127.5.
    #[must_use]
    pub fn deviation(&self) -> f32 {
        let mean = self.mean();
        let squares: f32 = self.data.iter().map(|p| (p - mean).powi(2)).sum();
        (squares / self.data.len() as f32).sqrt()
    }

    /// Mean square of the 4-neighbour Laplacian, in units of the brightness' variance: how much of the
    /// contrast is fine detail, whatever the light.
    #[must_use]
    pub fn detail(&self) -> f32 {
        let n = self.side;
        if n < 3 {
            return 0.0;
        }
        let mut sum = 0.0;
        for y in 1..n - 1 {
            for x in 1..n - 1 {
                let i = y * n + x;
                let d = &self.data;
                sum += (d[i - 1] + d[i + 1] + d[i - n] + d[i + n] - 4.0 * d[i]).powi(2);
            }
        }
        let variance = self.deviation().powi(2).max(1.0);
        sum / ((n - 2) * (n - 2)) as f32 / variance
    }

    /// The same picture with its light put right where it is far from the light of the pictures that
    /// the networks learnt from: a mean outside of 80..=180 is moved to there, a deviation under 40 is
    /// stretched to 40, at most eightfold. Ordinary pictures stay as they are.
    ///
    /// The limits come from `cargo run --release -p moodlark-sense --example accuracy`, section "light".
    #[must_use]
    pub fn relit(&self) -> Self {
        const MEAN: std::ops::RangeInclusive<f32> = 80.0..=180.0;
        const DEVIATION: f32 = 40.0;
        let (mean, deviation) = (self.mean(), self.deviation());
        if MEAN.contains(&mean) && deviation >= DEVIATION {
            return self.clone();
        }
        let gain = (DEVIATION / deviation.max(0.1)).clamp(1.0, 8.0);
        let target = mean.clamp(*MEAN.start(), *MEAN.end());
        let data = self
            .data
            .iter()
            .map(|p| ((p - mean) * gain + target).clamp(0.0, 255.0))
            .collect();
        Self {
            side: self.side,
            data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::luma::{
        Luma,
        tests::{face, ramp},
    };

    #[test]
    fn a_resized_crop_is_as_bright_and_as_wide() {
        let crop = ramp(32, 32).crop(&face(0.0, 0.0, 32.0), 1.0, 32);
        for side in [8, 20, 48] {
            let resized = crop.resized(side);
            assert_eq!(resized.values().len(), side * side);
            assert!((resized.mean() - crop.mean()).abs() < 0.2, "{side}");
            assert!(
                (resized.deviation() - crop.deviation()).abs() < 0.5,
                "{side}"
            );
        }
        assert_eq!(crop.resized(32), crop);
    }

    #[test]
    fn a_covered_part_has_the_mean_and_the_rest_stays() {
        let crop = ramp(16, 16).crop(&face(0.0, 0.0, 16.0), 1.0, 8);
        let covered = crop.covered(0.5, 0.0, 0.5);
        assert_eq!(covered.values()[7], crop.mean());
        assert_eq!(covered.values()[0], crop.values()[0]);
        assert_eq!(covered.values()[63], crop.values()[63]);
        assert_eq!(crop.between(0.0, 0.0), crop.values()[0]);
        assert_eq!(crop.between(1.0, 1.0), crop.values()[63]);
        assert!((crop.between(0.5, 0.5) - crop.mean()).abs() < 0.1);
    }

    #[test]
    fn ordinary_light_is_left_alone_and_dim_light_is_lifted() {
        let crop = |values: Vec<f32>| Crop {
            side: 2,
            data: values,
        };
        let ordinary = crop(vec![60.0, 100.0, 140.0, 180.0]);
        assert_eq!(ordinary.relit(), ordinary);
        let dim = crop(vec![6.0, 10.0, 14.0, 18.0]).relit();
        assert!(
            dim.mean() > 60.0 && dim.deviation() > 25.0,
            "{} {}",
            dim.mean(),
            dim.deviation()
        );
        let black = crop(vec![0.0; 4]).relit();
        assert!(black.values().iter().all(|p| p.is_finite()));
    }

    #[test]
    fn detail_is_lost_by_blurring() {
        let checks: Vec<u8> = (0..64 * 64)
            .map(|i| {
                if (i / 64 / 4 + i % 64 / 4) % 2 == 0 {
                    30
                } else {
                    220
                }
            })
            .collect();
        let sharp = Luma::new(64, 64, checks).unwrap();
        let blurred = sharp.shrunk_to(16);
        let of = |l: &Luma| l.crop(&face(0.0, 0.0, l.width() as f32), 1.0, 64).detail();
        assert!(of(&sharp) > 2.0 * of(&blurred));
    }
}
