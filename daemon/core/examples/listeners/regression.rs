//! Bayesian linear regression in the textbook's form, for the ways that ours is compared with.

/// A posterior over weights: mean and covariance.
#[derive(Debug, Clone)]
pub(crate) struct Regression {
    noise: f64,
    mean: Vec<f64>,
    covariance: Vec<Vec<f64>>,
}

impl Regression {
    /// Independent weights of those means and standard deviations, and that noise of an observation.
    pub(crate) fn new(prior: &[(f64, f64)], noise: f64) -> Self {
        let n = prior.len();
        let mut covariance = vec![vec![0.0; n]; n];
        for (i, (_, spread)) in prior.iter().enumerate() {
            covariance[i][i] = spread * spread;
        }
        Self {
            noise,
            mean: prior.iter().map(|(mean, _)| *mean).collect(),
            covariance,
        }
    }

    /// An observation (Kalman's form of Bayes' rule).
    pub(crate) fn observe(&mut self, x: &[f64], y: f64) {
        let along: Vec<f64> = self.covariance.iter().map(|row| dot(row, x)).collect();
        let variance = dot(&along, x) + self.noise.powi(2);
        let off = y - dot(&self.mean, x);
        for (i, a) in along.iter().enumerate() {
            self.mean[i] += a * off / variance;
            for (j, b) in along.iter().enumerate() {
                self.covariance[i][j] -= a * b / variance;
            }
        }
    }

    /// What is expected.
    pub(crate) fn predict(&self, x: &[f64]) -> f64 {
        dot(&self.mean, x)
    }

    /// A draw, spread by that factor.
    pub(crate) fn draw(&self, factor: f64, chance: &mut crate::chance::Chance) -> Vec<f64> {
        let n = self.mean.len();
        let mut root = vec![vec![0.0; n]; n];
        let mut drawn = self.mean.clone();
        let noise: Vec<f64> = (0..n).map(|_| factor * chance.normal()).collect();
        for i in 0..n {
            for j in 0..=i {
                let known = dot(&root[i][..j], &root[j][..j]);
                let rest = self.covariance[i][j] - known;
                root[i][j] = if i == j {
                    rest.max(1e-12).sqrt()
                } else {
                    rest / root[j][j]
                };
            }
            drawn[i] += dot(&root[i][..=i], &noise[..=i]);
        }
        drawn
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
