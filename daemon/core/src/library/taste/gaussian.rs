//! A normal distribution over the weights, kept as its precision matrix.

use serde::{Deserialize, Serialize};

use crate::library::sound;

/// 1, the sound, valence, arousal, minus the distance.
pub(super) const DIM: usize = sound::LENGTH + 4;

/// The lower triangle of a symmetric matrix, row by row.
const PACKED: usize = DIM * (DIM + 1) / 2;

/// A normal distribution: its precision `P` and `P·mean`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gaussian {
    precision: Vec<f64>,
    pull: Vec<f64>,
}

/// The same with its mean and a root of its precision.
#[derive(Debug)]
pub(super) struct Solved {
    pub(super) mean: [f64; DIM],
    /// `L` of `P = L·Lᵀ`.
    root: [[f64; DIM]; DIM],
}

/// The sum of the products.
pub(super) fn dot(a: &[f64; DIM], b: &[f64; DIM]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

impl Gaussian {
    /// Independent numbers of these means and standard deviations.
    pub(super) fn new(prior: [(f64, f64); DIM]) -> Self {
        let mut precision = vec![0.0; PACKED];
        let mut pull = Vec::with_capacity(DIM);
        let mut at = 0;
        for (row, (mean, deviation)) in prior.into_iter().enumerate() {
            at += row;
            precision[at + row] = deviation.powi(-2);
            pull.push(mean * deviation.powi(-2));
        }
        Self { precision, pull }
    }

    /// Whether it is one.
    pub(super) fn is_sound(&self) -> bool {
        self.precision.len() == PACKED
            && self.pull.len() == DIM
            && self
                .precision
                .iter()
                .chain(&self.pull)
                .all(|x| x.is_finite())
            && self.root().is_some()
    }

    /// Adds `weight` observations of `value` at `x`.
    pub(super) fn add(&mut self, x: &[f64; DIM], weight: f64, value: f64) {
        self.rank_one(x, weight);
        for (pull, x) in self.pull.iter_mut().zip(x) {
            *pull += weight * x * value;
        }
    }

    /// Takes away what the sums over one track say of that track alone.
    pub(super) fn take(&mut self, sums: &[f64; DIM], share: f64, total: f64) {
        self.rank_one(sums, -share);
        for (pull, sum) in self.pull.iter_mut().zip(sums) {
            *pull -= share * sum * total;
        }
    }

    fn rank_one(&mut self, x: &[f64; DIM], weight: f64) {
        let mut cells = self.precision.iter_mut();
        for (row, a) in x.iter().enumerate() {
            for (b, cell) in x[..=row].iter().zip(cells.by_ref()) {
                *cell += weight * a * b;
            }
        }
    }

    /// Cholesky's root; `None` if rounding, or a damaged file, left no distribution.
    fn root(&self) -> Option<[[f64; DIM]; DIM]> {
        let mut root = [[0.0; DIM]; DIM];
        let mut cells = self.precision.iter();
        for row in 0..DIM {
            for column in 0..=row {
                let below: f64 = (0..column).map(|k| root[row][k] * root[column][k]).sum();
                let rest = cells.next()? - below;
                root[row][column] = if row != column {
                    rest / root[column][column]
                } else if rest > 0.0 {
                    rest.sqrt()
                } else {
                    return None;
                };
            }
        }
        Some(root)
    }

    /// Its mean and root. Feedback that was taken back under another scale may leave a matrix that
    /// is no precision by a hair: then by its diagonal alone.
    pub(super) fn solve(&self) -> Solved {
        let root = self.root().unwrap_or_else(|| {
            let mut root = [[0.0; DIM]; DIM];
            for (i, row) in root.iter_mut().enumerate() {
                row[i] = self.precision[i * (i + 3) / 2].max(1.0).sqrt();
            }
            root
        });
        let mut solved = Solved {
            mean: [0.0; DIM],
            root,
        };
        let mut pull = [0.0; DIM];
        pull.copy_from_slice(&self.pull);
        solved.mean = solved.back(&solved.forward(&pull));
        solved
    }
}

impl Solved {
    /// `L⁻¹ x`.
    fn forward(&self, x: &[f64; DIM]) -> [f64; DIM] {
        let mut y = *x;
        for i in 0..DIM {
            let known: f64 = (0..i).map(|k| self.root[i][k] * y[k]).sum();
            y[i] = (y[i] - known) / self.root[i][i];
        }
        y
    }

    /// `L⁻ᵀ x`.
    fn back(&self, x: &[f64; DIM]) -> [f64; DIM] {
        let mut y = *x;
        for i in (0..DIM).rev() {
            let known: f64 = (i + 1..DIM).map(|k| self.root[k][i] * y[k]).sum();
            y[i] = (y[i] - known) / self.root[i][i];
        }
        y
    }

    /// The variance of `x` · weights.
    pub(super) fn variance(&self, x: &[f64; DIM]) -> f64 {
        let y = self.forward(x);
        dot(&y, &y)
    }

    /// The mean, shifted by standard normal numbers to a draw of the distribution.
    pub(super) fn shifted(&self, noise: &[f64; DIM]) -> [f64; DIM] {
        let shift = self.back(noise);
        std::array::from_fn(|i| self.mean[i] + shift[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit() -> Gaussian {
        Gaussian::new([(0.0, 1.0); DIM])
    }

    #[test]
    fn a_number_that_is_observed_is_drawn_to_its_value() {
        let mut gaussian = unit();
        let mut x = [0.0; DIM];
        (x[3], x[7]) = (1.0, 2.0);
        gaussian.add(&x, 4.0, 3.0);
        let solved = gaussian.solve();
        // Ridge: x·xᵀ has the length 5, so the mean along x is 4·3·5 / (1 + 4·5).
        assert!((dot(&x, &solved.mean) - 60.0 / 21.0).abs() < 1e-12);
        assert!((solved.variance(&x) - 5.0 / 21.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_distribution_is_told_and_survived() {
        let mut gaussian = unit();
        let x = [1.0; DIM];
        gaussian.take(&x, 2.0, 1.0);
        assert!(!gaussian.is_sound());
        assert!(gaussian.solve().mean.iter().all(|x| x.is_finite()));
        assert!(unit().is_sound());
    }
}
