//! Where a track stands in this library: percentiles of its raw valence and arousal.
//!
//! Raw values are a ranking, not a scale: what is calm in one library is lively in another. So a
//! track's place on the plane of affect is its percentile `p` on each axis, as `2p − 1`: half of the
//! library lies below 0, and a tenth above 0.8. Half of a small library may be one record, so its own
//! percentiles are blended with those of a [`Reference`], with the weight `n / (n + 100)` on its own.
//!
//! Distances on the plane are [`Affect::distance`], so a distance of 0.2 along an axis passes a tenth
//! of the library.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::affect::Affect;

use super::Scale;

/// So many tracks count as much as the reference.
pub const REFERENCE_TRACKS: f64 = 100.0;

/// Knots of the distribution function: every percent.
const KNOTS: usize = 101;

/// The least and the most candidates that a window is laid out for, and the share of the library in
/// between: wide enough to choose from, near enough to fit.
const WANTED: RangeInclusive<f64> = 60.0..=600.0;
const SHARE: f64 = 1.0 / 8.0;

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

/// Where tracks stand in this library. Kept by the service, made anew when the library has changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Unpleasant to pleasant.
    pub valence: Axis,
    /// Calm to excited.
    pub arousal: Axis,
    /// How the sounds are spread.
    pub sound: Scale,
}

/// A part of the plane to take candidates from: all tracks whose raw values lie within.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Its middle.
    pub target: Affect,
    /// How far it reaches to each side on the plane, 0..=2.
    pub reach: f64,
    /// The raw valences within; may begin at −∞ and end at ∞.
    pub valence: RangeInclusive<f32>,
    /// The raw arousals within; likewise.
    pub arousal: RangeInclusive<f32>,
}

impl Standing {
    /// Where raw values lie on the plane, each axis −1..=1 (`2p − 1`).
    #[must_use]
    pub fn place(&self, valence: f32, arousal: f32) -> Affect {
        Affect::new(
            2.0 * self.valence.percentile(valence) - 1.0,
            2.0 * self.arousal.percentile(arousal) - 1.0,
        )
    }

    /// Where a playlist lies, from the raw (valence, arousal) of its tracks: the median of their
    /// places on each axis, so that one odd track moves nothing. `None` without tracks.
    #[must_use]
    pub fn place_of_list(&self, tracks: impl IntoIterator<Item = (f32, f32)>) -> Option<Affect> {
        let places = tracks.into_iter().map(|(v, a)| self.place(v, a));
        let (mut valences, mut arousals): (Vec<f64>, Vec<f64>) =
            places.map(|place| (place.valence, place.arousal)).unzip();
        Some(Affect::new(median(&mut valences)?, median(&mut arousals)?))
    }

    /// How many candidates a window is laid out for. Far fewer in it: ask again with
    /// [`Standing::wider`].
    #[must_use]
    pub fn wanted(&self) -> usize {
        (f64::from(self.valence.tracks) * SHARE).clamp(*WANTED.start(), *WANTED.end()) as usize
    }

    /// The window round a target that holds about [`Standing::wanted`] tracks if they lie evenly.
    #[must_use]
    pub fn window(&self, target: Affect) -> Window {
        let tracks = f64::from(self.valence.tracks).max(1.0);
        self.window_of(target, (self.wanted() as f64 / tracks).sqrt())
    }

    /// The next wider window; `None` when it held the whole library already.
    #[must_use]
    pub fn wider(&self, window: &Window) -> Option<Window> {
        (window.reach < 2.0).then(|| self.window_of(window.target, window.reach * 1.6))
    }

    /// The window that reaches so far to each side.
    #[must_use]
    pub fn window_of(&self, target: Affect, reach: f64) -> Window {
        let target = Affect::new(target.valence, target.arousal);
        let reach = if reach.is_finite() {
            reach.clamp(0.0, 2.0)
        } else {
            2.0
        };
        let range = |axis: &Axis, at: f64| {
            let share = |x: f64| f64::midpoint(x, 1.0);
            axis.raw(share(at - reach))..=axis.raw(share(at + reach))
        };
        Window {
            valence: range(&self.valence, target.valence),
            arousal: range(&self.arousal, target.arousal),
            target,
            reach,
        }
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let high = *values.get(middle)?;
    Some(if values.len() % 2 == 1 {
        high
    } else {
        f64::midpoint(values[middle - 1], high)
    })
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
    fn a_list_lies_at_its_median() {
        let standing = Standing {
            valence: even(1000),
            arousal: even(1000),
            ..Standing::default()
        };
        let odd = [(600.0, 600.0), (610.0, 590.0), (1e30, -1e30)];
        let place = standing.place_of_list(odd).unwrap();
        assert_eq!(place, standing.place(610.0, 590.0));
        assert_eq!(standing.place_of_list([]), None);
    }

    #[test]
    fn a_window_widens_until_it_holds_everything() {
        let standing = Standing {
            valence: even(100_000),
            arousal: even(100_000),
            ..Standing::default()
        };
        let mut window = standing.window(Affect::new(0.8, -0.5));
        assert!(window.reach < 0.1);
        let mut rounds = 0;
        while let Some(wider) = standing.wider(&window) {
            assert!(wider.reach > window.reach);
            window = wider;
            rounds += 1;
        }
        assert!(rounds < 12);
        assert!(window.valence.contains(&f32::MIN) && window.arousal.contains(&f32::MAX));
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

        #[test]
        fn a_window_holds_what_lies_near_its_target(
            values in prop::collection::vec((-3.0_f32..3.0, -3.0_f32..3.0), 1..200),
            target in (-1.0..=1.0, -1.0..=1.0),
            reach in 0.01..2.0,
        ) {
            let (valences, arousals) = values.iter().copied().unzip();
            let standing = Standing { valence: axis(valences), arousal: axis(arousals), ..Standing::default() };
            let target = Affect::new(target.0, target.1);
            let window = standing.window_of(target, reach);
            for (valence, arousal) in values {
                let place = standing.place(valence, arousal);
                let off = (place.valence - target.valence).abs().max((place.arousal - target.arousal).abs());
                let within = window.valence.contains(&valence) && window.arousal.contains(&arousal);
                if off < reach - 1e-6 {
                    prop_assert!(within, "{off} {window:?}");
                } else if off > reach + 1e-6 {
                    prop_assert!(!within || off < reach + 1e-3, "{off} {window:?}");
                }
            }
        }
    }
}
