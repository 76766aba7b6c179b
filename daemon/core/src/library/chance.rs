//! Random numbers from a seed: the same seed gives the same numbers.

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(super) struct Chance {
    rng: fastrand::Rng,
    /// Normal numbers come in pairs.
    spare: Option<f64>,
}

impl Chance {
    /// The stream of that seed.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            spare: None,
        }
    }

    /// Uniform in 0..1.
    pub(super) fn unit(&mut self) -> f64 {
        self.rng.f64()
    }

    /// Standard normal (Box & Muller 1958, "A note on the generation of random normal deviates").
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        // 1 − u is never 0.
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * self.unit()).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_the_mean_0_and_the_variance_1() {
        let mut chance = Chance::new(1);
        let numbers: Vec<f64> = (0..20_000).map(|_| chance.normal()).collect();
        let mean = numbers.iter().sum::<f64>() / 20_000.0;
        let variance = numbers.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04);
    }
}
