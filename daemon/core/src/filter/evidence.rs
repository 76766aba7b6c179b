//! What a look says of the expression: the classifier's answer, and how it is known to err.
//!
//! An *expression* is what a person who looks at the face says that they see. People differ, so a
//! face has a distribution of votes, and the classifier was taught to answer with that.

use serde::{Deserialize, Serialize};

use crate::emotion::{Distribution, Emotion};

const N: usize = Emotion::COUNT;

/// The classifier, as seen from outside: what it answers when people see each expression, and what
/// people see on a face at rest.
///
/// Rows and columns are in label order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ModelFields")]
pub struct ExpressionModel {
    /// `confusion[e][a]`: the probability of answering `a` where a person sees `e`: the mean over
    /// faces, each as heavy as its share of votes for `e`. Rows sum to one.
    pub confusion: [[f64; N]; N],
    /// The mean share of votes of each expression in the faces that the temperature was fitted on:
    /// the classifier's calibrated answer has this prior in it.
    pub class_prior: [f64; N],
    /// The mean share of votes of each expression on faces at rest, which are those that more than
    /// half of the people call neutral.
    pub resting: [f64; N],
}

/// As it stands in a model's card.
#[derive(Deserialize)]
struct ModelFields {
    confusion: [[f64; N]; N],
    #[serde(default)]
    class_prior: Option<[f64; N]>,
    #[serde(default)]
    resting: Option<[f64; N]>,
}

impl TryFrom<ModelFields> for ExpressionModel {
    type Error = BadModel;
    fn try_from(fields: ModelFields) -> Result<Self, BadModel> {
        Self::new(fields.confusion, fields.class_prior, fields.resting)
    }
}

/// The numbers describe no classifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadModel {
    /// A row cannot be made into probabilities.
    #[error("row {0} of the confusion matrix is no distribution")]
    Row(Emotion),
    /// The class prior cannot be made into probabilities, or rules a class out.
    #[error("the class prior is no distribution over all seven expressions")]
    Prior,
    /// The votes on a face at rest cannot be made into probabilities.
    #[error("the expressions of a face at rest are no distribution")]
    Resting,
}

/// The mean share of FER+'s votes of each expression over FER2013's PublicTest split (3,579 faces),
/// in label order. Barsoum et al. 2016, "Training deep networks for facial expression recognition
/// with crowd-sourced label distribution", ICMI.
pub const FER_PLUS_PRIOR: [f64; N] = [0.0911, 0.0201, 0.0347, 0.2527, 0.1304, 0.1271, 0.3439];

/// The same over those of its faces that more than half of the votes call neutral.
pub const FER_PLUS_RESTING: [f64; N] = [0.0279, 0.0077, 0.0049, 0.0284, 0.0761, 0.0173, 0.8377];

/// The share of such faces in that split.
const AT_REST: f64 = 0.333;

/// How fast the odds that a face is at rest rise with the odds of neutral in the answer: they are
/// the latter to this power. If the answer were the very distribution of votes, a face would be at
/// rest exactly from one half on; as it errs, the step is this soft. It is about the slope of a
/// logistic regression over `models/answers.csv`; the tuning days of `examples/day` can't tell
/// 1.25 from 2.
const STEP: f64 = 1.5;

/// A confusion that a few hundred pictures did not show still happens.
const SMOOTH: f64 = 0.002;

/// A likelihood is never taken to be less than this: a classifier that is sure can be wrong.
const LEAST: f64 = 1e-4;

/// How far the classifier's sureness is believed, against its record; see
/// [`ExpressionModel::likelihood`].
const SOFT: f64 = 0.7;

/// How well what was seen fits each thing that it may be, up to a common factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likelihood {
    /// A face on which people see that expression, in label order.
    pub seen: [f64; N],
    /// A face at rest.
    pub rest: f64,
}

impl Likelihood {
    /// The likelihood of each mood when it shows on the face in `shows` (0..=1) of the looks, and
    /// the face is at rest in the others. Neutral never shows as anything but a face at rest.
    #[must_use]
    pub fn of_moods(&self, shows: f64) -> [f64; N] {
        let mut moods = self
            .seen
            .map(|seen| shows * seen + (1.0 - shows) * self.rest);
        moods[Emotion::Neutral.index()] = self.rest;
        moods
    }
}

impl ExpressionModel {
    /// A model from counts or probabilities; rows are scaled to sum to one and smoothed. Without a
    /// class prior and the votes on faces at rest, those of FER+.
    ///
    /// # Errors
    /// [`BadModel`] when something is negative, not finite, or all zero.
    pub fn new(
        confusion: [[f64; N]; N],
        class_prior: Option<[f64; N]>,
        resting: Option<[f64; N]>,
    ) -> Result<Self, BadModel> {
        let mut rows = [[0.0; N]; N];
        for truth in Emotion::ALL {
            let row = Distribution::from_weights(confusion[truth.index()])
                .map_err(|_| BadModel::Row(truth))?;
            rows[truth.index()] = *row.mix(&Distribution::UNIFORM, SMOOTH).as_array();
        }
        let prior = Distribution::from_weights(class_prior.unwrap_or(FER_PLUS_PRIOR))
            .map_err(|_| BadModel::Prior)?;
        if prior.as_array().iter().any(|p| *p <= 0.0) {
            return Err(BadModel::Prior);
        }
        let resting = Distribution::from_weights(resting.unwrap_or(FER_PLUS_RESTING))
            .map_err(|_| BadModel::Resting)?;
        Ok(Self {
            confusion: rows,
            class_prior: *prior.as_array(),
            resting: *resting.as_array(),
        })
    }

    /// The likelihood of a calibrated answer where people see each expression, and on a face at
    /// rest.
    ///
    /// The answer `q` is calibrated against the share of votes, so `q/prior` is the likelihood
    /// where a person sees an expression, on pictures like those that it was calibrated on. At a
    /// desk it meets other light and other faces, and its sureness can't be trusted as far; the
    /// confusion matrix knows only which expression was answered, and errs on the careful side. So
    /// the two are mixed in logarithms, with [`SOFT`] of the weight on the answer.
    ///
    /// A face at rest is one that most people call neutral, though not all of them do. Its
    /// likelihood by the answer is the probability that it is one (see [`STEP`]) over how common
    /// they are; by the record it is the confusion matrix's rows, mixed by `resting`. Mixing
    /// `q/prior` by `resting`, too, would be simpler and wrong: one vote in thirteen on faces at rest
    /// is for sadness, but these are single votes on faces that most people call neutral, not
    /// faces that look sad, and the mix cannot tell the two apart. On the days of `examples/day` it
    /// is minutes later at the same number of wrong switches.
    #[must_use]
    pub fn likelihood(&self, answer: &Distribution) -> Likelihood {
        let (said, _) = answer.top();
        let both = |soft: f64, hard: f64| soft.powf(SOFT) * hard.max(LEAST).powf(1.0 - SOFT);
        let hard: [f64; N] = std::array::from_fn(|e| self.confusion[e][said.index()]);
        let seen: [f64; N] = std::array::from_fn(|e| {
            both(
                answer.as_array()[e].max(LEAST) / self.class_prior[e],
                hard[e],
            )
        });
        let odds = |p: f64| p.max(LEAST) / (1.0 - p).max(LEAST);
        let step = odds(answer.get(Emotion::Neutral)).powf(STEP);
        let at_rest = (step / (1.0 + step)).max(LEAST) / AT_REST;
        let usual = hard.iter().zip(self.resting).map(|(l, share)| l * share);
        let rest = both(at_rest, usual.sum());
        let most = seen.iter().copied().fold(rest, f64::max);
        Likelihood {
            seen: seen.map(|l| l / most),
            rest: rest / most,
        }
    }
}

impl Default for ExpressionModel {
    /// A classifier that learnt FER+'s votes, with its usual confusions, on FER2013's PublicTest split.
    fn default() -> Self {
        // angry disgust fear happy sad surprise neutral
        let confusion = [
            [0.64, 0.01, 0.01, 0.04, 0.05, 0.04, 0.22],
            [0.29, 0.12, 0.01, 0.07, 0.12, 0.02, 0.36],
            [0.09, 0.00, 0.26, 0.03, 0.06, 0.44, 0.12],
            [0.01, 0.00, 0.00, 0.90, 0.01, 0.02, 0.06],
            [0.03, 0.01, 0.02, 0.02, 0.53, 0.02, 0.39],
            [0.05, 0.00, 0.02, 0.06, 0.01, 0.76, 0.10],
            [0.01, 0.00, 0.00, 0.05, 0.08, 0.03, 0.83],
        ];
        Self {
            class_prior: FER_PLUS_PRIOR,
            resting: FER_PLUS_RESTING,
            confusion,
        }
    }
}
