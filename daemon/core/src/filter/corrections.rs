//! What the user says against the camera: three corrections that agree move the baseline a little.
//!
//! "You seem sad" – "no": once, that may be a slip, a joke, or a mood that passed. Three times within
//! [`LASTS`], with nothing said to the contrary in between, it is a resting face that looks sad to the
//! model, and the [`Baseline`] takes a step of [`STEP`] towards the answers that misled. Only corrections to
//! neutral, or without another mood, do that: who seemed sad and was angry tells nothing of their face
//! at rest. However many follow, the baseline is never more than [`FARTHEST`] from where it lay before
//! the first; and [`Corrections::forget`] gives that one back.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Baseline, ExpressionModel};
use crate::{
    emotion::{Distribution, Emotion},
    time::Timestamp,
};

/// So many must agree.
pub const AGREE: usize = 3;

/// Older ones no longer count.
const LASTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Within this time several corrections are one: the same face in the same hour.
const SAME: Duration = Duration::from_secs(60 * 60);

/// How far the baseline moves at a time, 0..=1 of the way to the answers that misled.
const STEP: f64 = 0.2;

/// The most probability that corrections may move in all (total variation), 0..=1.
pub const FARTHEST: f64 = 0.25;

/// What the user said of a mood that the camera told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Correction {
    /// When.
    pub at: Timestamp,
    /// The mood that was told.
    pub told: Emotion,
    /// The mood that the user says it was; `None` for "wrong mood" and no more.
    pub said: Option<Emotion>,
    /// The mean of the model's answers that led there, as they came, without the baseline.
    pub answer: Distribution,
}

/// The corrections that still count, and where the baseline lay before any of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Corrections {
    waiting: Vec<Correction>,
    /// `Some(None)`: there was no baseline.
    before: Option<Option<Baseline>>,
}

impl Corrections {
    /// Takes a correction, and gives the baseline that follows from it, if one does.
    pub fn take(
        &mut self,
        correction: Correction,
        baseline: Option<&Baseline>,
        model: &ExpressionModel,
    ) -> Option<Baseline> {
        let Correction { at, told, said, .. } = correction;
        self.waiting
            .retain(|waiting| waiting.at <= at && at.since(waiting.at) <= LASTS);
        if said == Some(told) {
            // The camera was right this time.
            self.waiting.retain(|waiting| waiting.told != told);
            return None;
        }
        let at_rest = told != Emotion::Neutral && said.is_none_or(|mood| mood == Emotion::Neutral);
        let again = |waiting: &Correction| waiting.told == told && at.since(waiting.at) < SAME;
        if !at_rest || self.waiting.iter().any(again) {
            return None;
        }
        self.waiting.push(correction);
        let agree = |waiting: &&Correction| waiting.told == told;
        let answers: Vec<Distribution> = self
            .waiting
            .iter()
            .filter(agree)
            .map(|waiting| waiting.answer)
            .collect();
        if answers.len() < AGREE {
            return None;
        }
        self.waiting.retain(|waiting| waiting.told != told);
        let before = *self.before.get_or_insert(baseline.copied());
        moved(&answers, baseline, before.as_ref(), model)
    }

    /// Forgets all corrections, and gives what the baseline was before the first that moved it (`None` if
    /// none did; `Some(None)` if there was no baseline).
    pub fn forget(&mut self) -> Option<Option<Baseline>> {
        std::mem::take(self).before
    }

    /// A baseline that was measured anew stands for itself: what was moved is no longer there.
    pub fn measured(&mut self) {
        *self = Self::default();
    }
}

/// The baseline, moved towards the mean of the answers, and not too far from where it lay at first.
fn moved(
    answers: &[Distribution],
    now: Option<&Baseline>,
    before: Option<&Baseline>,
    model: &ExpressionModel,
) -> Option<Baseline> {
    let usual = Distribution::from_weights(model.resting).ok()?;
    let at = now.map_or(usual, |baseline| baseline.resting);
    let anchor = before.map_or(usual, |baseline| baseline.resting);
    let count = answers.len() as f64;
    let sums = std::array::from_fn(|e| {
        let sum: f64 = answers.iter().map(|answer| answer.as_array()[e]).sum();
        sum / count
    });
    let step = at.mix(&Distribution::from_weights(sums).ok()?, STEP);
    let off = distance(&step, &anchor);
    let resting = if off > FARTHEST {
        anchor.mix(&step, FARTHEST / off)
    } else {
        step
    };
    Some(Baseline {
        resting,
        looks: now.map_or(0.0, |baseline| baseline.looks) + count,
    })
}

/// Total variation: how much probability lies elsewhere, 0..=1.
fn distance(a: &Distribution, b: &Distribution) -> f64 {
    let parts = a.as_array().iter().zip(b.as_array());
    parts.map(|(x, y)| (x - y).abs()).sum::<f64>() / 2.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn correction(hours: i64, told: Emotion, said: Option<Emotion>) -> Correction {
        Correction {
            at: Timestamp(hours * HOUR),
            told,
            said,
            answer: Distribution::certain(told).mix(&Distribution::UNIFORM, 0.4),
        }
    }

    fn take(corrections: &mut Corrections, hours: i64, said: Option<Emotion>) -> Option<Baseline> {
        let correction = correction(hours, Emotion::Sad, said);
        corrections.take(correction, None, &ExpressionModel::default())
    }

    #[test]
    fn the_third_that_agrees_moves_the_baseline_and_a_little_only() {
        let mut corrections = Corrections::default();
        assert_eq!(take(&mut corrections, 0, None), None);
        assert_eq!(take(&mut corrections, 30, Some(Emotion::Neutral)), None);
        let moved = take(&mut corrections, 60, None).unwrap();
        let model = ExpressionModel::default();
        let usual = model.resting[Emotion::Sad.index()];
        let sad = moved.resting.get(Emotion::Sad);
        assert!(sad > usual && sad < usual + STEP, "{sad}");
        // A sad answer now says less of a sad mood.
        let answer = Distribution::certain(Emotion::Sad).mix(&Distribution::UNIFORM, 0.5);
        let corrected = moved.divide_out(&answer, &model);
        assert!(corrected.get(Emotion::Sad) < answer.get(Emotion::Sad));
        assert_eq!(corrections.forget(), Some(None));
        assert_eq!(corrections, Corrections::default());
    }

    #[test]
    fn a_slip_a_quarrel_and_an_old_story_move_nothing() {
        let mut corrections = Corrections::default();
        // Three in one hour are one.
        assert_eq!(take(&mut corrections, 0, None), None);
        assert_eq!(take(&mut corrections, 0, None), None);
        assert_eq!(take(&mut corrections, 0, None), None);
        // Sad it was: the camera was right this time.
        assert_eq!(take(&mut corrections, 10, None), None);
        assert_eq!(take(&mut corrections, 20, Some(Emotion::Sad)), None);
        assert_eq!(take(&mut corrections, 30, None), None);
        assert_eq!(take(&mut corrections, 40, None), None);
        // Another mood than neutral says nothing of the face at rest.
        assert_eq!(take(&mut corrections, 50, Some(Emotion::Angry)), None);
        // Two months later the first two no longer count.
        assert_eq!(take(&mut corrections, 60 * 24, None), None);
        assert_eq!(corrections.forget(), None);
    }

    proptest! {
        #[test]
        fn the_baseline_never_goes_far(
            said in prop::collection::vec((0..7_usize, prop::option::of(0..7_usize), 0..100_i64), 0..200),
        ) {
            let (mut corrections, model) = (Corrections::default(), ExpressionModel::default());
            let mut baseline: Option<Baseline> = None;
            let mut hours = 0;
            for (told, mood, later) in said {
                hours += later;
                let correction = correction(hours, Emotion::ALL[told], mood.map(|mood| Emotion::ALL[mood]));
                if let Some(moved) = corrections.take(correction, baseline.as_ref(), &model) {
                    baseline = Some(moved);
                }
            }
            if let Some(baseline) = baseline {
                let usual = Distribution::from_weights(model.resting).unwrap();
                prop_assert!(distance(&baseline.resting, &usual) <= FARTHEST + 1e-9);
            }
            prop_assert!(corrections.waiting.len() <= 6 * (AGREE - 1));
        }
    }
}
