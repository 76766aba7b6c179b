//! How a library's raw values lie on one axis: its quantiles, blended with a reference.

use serde::{Deserialize, Serialize};

/// So many tracks count as much as the reference.
pub const REFERENCE_TRACKS: f64 = 100.0;

/// Knots of the distribution function: every percent.
const KNOTS: usize = 101;

/// How the raw values of music at large lie on one axis: about a normal distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation; more than 0.
    pub spread: f64,
}

impl Default for Reference {
    /// Raw values that are z-scores already.
    fn default() -> Self {
        Self {
            mean: 0.0,
            spread: 1.0,
        }
    }
}

impl Reference {
    /// The share that lies below. The logistic curve stands for the normal one, from which it
    /// differs by less than 0.01 (Bowling et al. 2009, "A logistic approximation to the cumulative
    /// normal distribution"): a reference is no better known than that, and this one never flattens
    /// out.
    fn below(self, raw: f64) -> f64 {
        1.0 / (1.0 + (-1.702 * (raw - self.mean) / self.spread).exp())
    }
}

/// Values that are no axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAxis {
    /// Something is not finite.
    #[error("a value of the library's distribution is not finite")]
    NotFinite,
    /// They fall somewhere.
    #[error("the values of the library's distribution are not sorted")]
    NotSorted,
    /// Kept knots that are not as many as there must be.
    #[error("the library's distribution does not have 101 values")]
    Length,
    /// A reference without a spread.
    #[error("the reference distribution has no spread")]
    Reference,
}

/// How a library's raw values lie on one axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct Axis {
    /// The quantiles 0 %, 1 %, … 100 %; empty for an empty library.
    knots: Vec<f32>,
    tracks: u32,
    reference: Reference,
}

/// An axis as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    knots: Vec<f32>,
    tracks: u32,
    reference: Reference,
}

impl From<Axis> for Kept {
    fn from(axis: Axis) -> Self {
        Self {
            knots: axis.knots,
            tracks: axis.tracks,
            reference: axis.reference,
        }
    }
}

impl TryFrom<Kept> for Axis {
    type Error = BadAxis;
    fn try_from(kept: Kept) -> Result<Self, BadAxis> {
        let wanted = if kept.tracks == 0 { 0 } else { KNOTS };
        if kept.knots.len() != wanted {
            return Err(BadAxis::Length);
        }
        check(&kept.knots, kept.reference)?;
        Ok(Self {
            knots: kept.knots,
            tracks: kept.tracks,
            reference: kept.reference,
        })
    }
}

fn check(sorted: &[f32], reference: Reference) -> Result<(), BadAxis> {
    if sorted.iter().any(|raw| !raw.is_finite()) {
        return Err(BadAxis::NotFinite);
    }
    if !sorted.is_sorted() {
        return Err(BadAxis::NotSorted);
    }
    let Reference { mean, spread } = reference;
    if !(mean.is_finite() && spread.is_finite() && spread > 0.0) {
        return Err(BadAxis::Reference);
    }
    Ok(())
}

impl Default for Axis {
    /// Of an empty library: the reference alone.
    fn default() -> Self {
        Self {
            knots: Vec::new(),
            tracks: 0,
            reference: Reference::default(),
        }
    }
}

impl Axis {
    /// From all raw values of the library, sorted (what is not finite left out).
    ///
    /// # Errors
    /// [`BadAxis`] when they are not sorted or not finite, or the reference has no spread.
    pub fn of_sorted(sorted: &[f32], reference: Reference) -> Result<Self, BadAxis> {
        check(sorted, reference)?;
        let knots = sorted.last().map_or_else(Vec::new, |_| {
            let most = sorted.len() - 1;
            let knot = |percent: usize| {
                let at = (percent * most) as f64 / 100.0;
                let (low, part) = (at.floor() as usize, at.fract());
                let (a, b) = (sorted[low], sorted[(low + 1).min(most)]);
                (f64::from(a) + part * (f64::from(b) - f64::from(a))) as f32
            };
            (0..KNOTS).map(knot).collect()
        });
        Ok(Self {
            knots,
            tracks: u32::try_from(sorted.len()).unwrap_or(u32::MAX),
            reference,
        })
    }

    /// How many tracks it was made from.
    #[must_use]
    pub const fn tracks(&self) -> u32 {
        self.tracks
    }

    /// The percentile of a raw value, 0..=1; never falls where the value rises. NaN stands in the
    /// middle.
    #[must_use]
    pub fn percentile(&self, raw: f32) -> f64 {
        if raw.is_nan() {
            return 0.5;
        }
        let own = self.own(raw);
        let share = f64::from(self.tracks) / (f64::from(self.tracks) + REFERENCE_TRACKS);
        share * own + (1.0 - share) * self.reference.below(f64::from(raw))
    }

    /// By the library alone: between its knots in a straight line; among equal ones their middle.
    fn own(&self, raw: f32) -> f64 {
        let below = self.knots.partition_point(|knot| *knot < raw);
        let upto = self.knots.partition_point(|knot| *knot <= raw);
        let percent = if upto > below {
            (below + upto - 1) as f64 / 2.0
        } else if below == 0 {
            0.0
        } else if below == self.knots.len() {
            (KNOTS - 1) as f64
        } else {
            let (a, b) = (self.knots[below - 1], self.knots[below]);
            let (a, b, raw) = (f64::from(a), f64::from(b), f64::from(raw));
            (below - 1) as f64 + (raw - a) / (b - a)
        };
        percent / (KNOTS - 1) as f64
    }

    /// A raw value with that percentile; −∞ for 0 and less, ∞ for 1 and more: a bound for a query.
    #[must_use]
    pub fn raw(&self, percentile: f64) -> f32 {
        if percentile.is_nan() || percentile <= 0.0 {
            return f32::NEG_INFINITY;
        }
        if percentile >= 1.0 {
            return f32::INFINITY;
        }
        let Reference { mean, spread } = self.reference;
        let ends = [self.knots.first(), self.knots.last()].map(|knot| knot.map(|x| f64::from(*x)));
        let (mut low, mut high) = (
            (mean - 20.0 * spread).min(ends[0].unwrap_or(mean)),
            (mean + 20.0 * spread).max(ends[1].unwrap_or(mean)),
        );
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.percentile(middle as f32) < percentile {
                low = middle;
            } else {
                high = middle;
            }
        }
        high as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn axis(mut values: Vec<f32>) -> Axis {
        values.sort_unstable_by(f32::total_cmp);
        Axis::of_sorted(&values, Reference::default()).unwrap()
    }

    /// So many that the reference hardly counts.
    fn even(tracks: u32) -> Axis {
        axis((0..tracks).map(|i| 100.0 + i as f32).collect())
    }

    #[test]
    fn a_big_library_ranks_by_itself_and_an_empty_one_by_the_reference() {
        let place = even(100_000).percentile(25_100.0);
        assert!((place - 0.25).abs() < 0.002, "{place}");
        let empty = Axis::default();
        assert!((empty.percentile(0.0) - 0.5).abs() < 1e-12);
        assert!((empty.percentile(1.0) - 0.841).abs() < 0.01);
    }

    #[test]
    fn one_record_is_not_taken_for_all_music() {
        // Twelve tracks, all of them quieter than most music: the loudest of them is no riot.
        let record = axis((0..12).map(|i| -1.5 + 0.05 * i as f32).collect());
        assert!(record.percentile(-0.95) < 0.3);
    }

    #[test]
    fn a_damaged_axis_is_not_read() {
        let text = serde_json::to_string(&even(10)).unwrap();
        assert_eq!(serde_json::from_str::<Axis>(&text).unwrap(), even(10));
        for (wrong, why) in [
            (text.replacen("100.0", "900.0", 1), "sorted"),
            (text.replacen("100.0,", "", 1), "101"),
            (
                text.replacen("\"spread\":1.0", "\"spread\":0.0", 1),
                "spread",
            ),
        ] {
            let error = serde_json::from_str::<Axis>(&wrong).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
        let axis = Axis::of_sorted(&[0.0, f32::NAN], Reference::default());
        assert_eq!(axis, Err(BadAxis::NotFinite));
    }

    proptest! {
        #[test]
        fn percentiles_never_fall(
            values in prop::collection::vec(prop_oneof![-3.0_f32..3.0, Just(0.5_f32), any::<f32>()], 0..300),
            mut probes in prop::collection::vec(any::<f32>(), 2..30),
            near in prop::collection::vec(-4.0_f32..4.0, 2..30),
        ) {
            let axis = axis(values.into_iter().filter(|x| x.is_finite()).collect());
            probes.extend(near);
            probes.extend([f32::NEG_INFINITY, f32::INFINITY]);
            probes.retain(|x| !x.is_nan());
            probes.sort_unstable_by(f32::total_cmp);
            let places: Vec<f64> = probes.iter().map(|x| axis.percentile(*x)).collect();
            prop_assert!(places.is_sorted(), "{places:?}");
            prop_assert!(places.iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }
}
