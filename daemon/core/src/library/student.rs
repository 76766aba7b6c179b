//! The quantiles of Student's t.

/// Degrees of freedom: fewer than the first are no distribution with a use, and from the last on
/// it is the normal one.
const FREEDOM: (f64, f64) = (1.0, 1000.0);

/// Steps of the integral: good for 3 digits.
const STEPS: u32 = 4000;

/// The `t` that a t-distributed number exceeds in absolute value with that probability.
///
/// With `t = √ν·tan θ` the density is proportional to `cos(θ)^(ν−1)`, so the tail is found by adding up
/// that power from `θ = π/2` downwards.
pub(super) fn two_sided(probability: f64, freedom: f64) -> f64 {
    let (fewest, most) = FREEDOM;
    let freedom = if freedom.is_finite() {
        freedom.clamp(fewest, most)
    } else {
        fewest
    };
    let width = std::f64::consts::FRAC_PI_2 / f64::from(STEPS);
    // In the middle of each step.
    let density = |step: u32| {
        let theta = (f64::from(step) + 0.5) * width;
        theta.cos().powf(freedom - 1.0)
    };
    let all: f64 = (0..STEPS).map(density).sum();
    let wanted = probability.clamp(1e-9, 1.0) * all;
    let mut tail = 0.0;
    for step in (0..STEPS).rev() {
        let here = density(step);
        if tail + here >= wanted {
            let theta = (f64::from(step + 1) - (wanted - tail) / here) * width;
            return freedom.sqrt() * theta.tan();
        }
        tail += here;
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables that every textbook prints.
    #[test]
    fn as_in_the_tables() {
        for (probability, freedom, t) in [
            (0.05, 1.0, 12.706),
            (0.05, 2.0, 4.303),
            (0.05, 5.0, 2.571),
            (0.05, 30.0, 2.042),
            (0.01, 10.0, 3.169),
            (0.001, 20.0, 3.850),
            (0.05, 1e9, 1.962),
        ] {
            let ours = two_sided(probability, freedom);
            assert!(
                (ours - t).abs() < 0.002 * t,
                "{probability} {freedom}: {ours}"
            );
        }
        assert!(two_sided(f64::MIN_POSITIVE, f64::NAN).is_finite());
    }
}
