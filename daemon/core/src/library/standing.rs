//! Where a track stands in this library: percentiles of its raw valence and arousal.
//!
//! Raw values are a ranking, not a scale: what is calm in one library is lively in another. So a
//! track's place on the plane of affect is its percentile `p` on each axis, as `2p − 1`: half of the
//! library lies below 0, and a tenth above 0.8. Half of a small library may be one record, so its own
//! percentiles are blended with those of a [`super::Reference`], with the weight `n / (n + 100)` on its own.
//!
//! Distances on the plane are [`Affect::distance`], so a distance of 0.2 along an axis passes a tenth
//! of the library.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::affect::Affect;

use super::{Axis, Scale};

/// The least and the most candidates that a window is laid out for, and the share of the library in
/// between: wide enough to choose from, near enough to fit.
const WANTED: RangeInclusive<f64> = 60.0..=600.0;
const SHARE: f64 = 1.0 / 8.0;

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
        (f64::from(self.valence.tracks()) * SHARE).clamp(*WANTED.start(), *WANTED.end()) as usize
    }

    /// The window round a target that holds about [`Standing::wanted`] tracks if they lie evenly.
    #[must_use]
    pub fn window(&self, target: Affect) -> Window {
        self.window_for(target, self.wanted())
    }

    /// The window round a target that holds about so many tracks if they lie evenly.
    #[must_use]
    pub fn window_for(&self, target: Affect, wanted: usize) -> Window {
        let tracks = f64::from(self.valence.tracks()).max(1.0);
        self.window_of(target, (wanted as f64 / tracks).sqrt())
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
    use crate::library::Reference;

    fn axis(mut values: Vec<f32>) -> Axis {
        values.sort_unstable_by(f32::total_cmp);
        Axis::of_sorted(&values, Reference::default()).unwrap()
    }

    /// So many that the reference hardly counts.
    fn even(tracks: u32) -> Axis {
        axis((0..tracks).map(|i| 100.0 + i as f32).collect())
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

    proptest! {
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
                prop_assert!(within || off > reach - 1e-6, "{off} {window:?}");
            }
        }
    }
}
