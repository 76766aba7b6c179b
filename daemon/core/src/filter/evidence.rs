//! What a look says of the expression: the classifier's errors and the user's resting face.

use serde::{Deserialize, Serialize};

use crate::emotion::{Distribution, Emotion};

const N: usize = Emotion::COUNT;

/// The classifier, as seen from outside: how often it takes one expression for another.
///
/// Rows and columns are in label order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ModelFields")]
pub struct ExpressionModel {
    /// `confusion[t][p]`: the probability of answering `p` to the expression `t`. Rows sum to one.
    pub confusion: [[f64; N]; N],
    /// How common each expression was in the pictures that the temperature was fitted on: the
    /// classifier's calibrated answer has this prior in it.
    pub class_prior: [f64; N],
}

/// As it stands in a model's card.
#[derive(Deserialize)]
struct ModelFields {
    confusion: [[f64; N]; N],
    #[serde(default)]
    class_prior: Option<[f64; N]>,
}

impl TryFrom<ModelFields> for ExpressionModel {
    type Error = BadModel;
    fn try_from(fields: ModelFields) -> Result<Self, BadModel> {
        Self::new(fields.confusion, fields.class_prior)
    }
}

/// The numbers are no confusion matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadModel {
    /// A row cannot be made into probabilities.
    #[error("row {0} of the confusion matrix is no distribution")]
    Row(Emotion),
    /// The class prior cannot be made into probabilities, or rules a class out.
    #[error("the class prior is no distribution over all seven expressions")]
    Prior,
}

/// How common the classes are in FER2013's PublicTest split: its own counts, in label order.
pub const FER2013_PRIOR: [f64; N] = [466.0, 56.0, 496.0, 895.0, 653.0, 415.0, 607.0];

/// A confusion that a few hundred pictures did not show still happens.
const SMOOTH: f64 = 0.002;

/// How far the classifier's sureness is believed, against its record; see
/// [`ExpressionModel::likelihood`].
const SOFT: f64 = 0.7;

impl ExpressionModel {
    /// A model from counts or probabilities; rows are scaled to sum to one and smoothed.
    /// Without a class prior, that of FER2013.
    ///
    /// # Errors
    /// [`BadModel`] when something is negative, not finite, or all zero.
    pub fn new(confusion: [[f64; N]; N], class_prior: Option<[f64; N]>) -> Result<Self, BadModel> {
        let mut rows = [[0.0; N]; N];
        for truth in Emotion::ALL {
            let row = Distribution::from_weights(confusion[truth.index()])
                .map_err(|_| BadModel::Row(truth))?;
            rows[truth.index()] = *row.mix(&Distribution::UNIFORM, SMOOTH).as_array();
        }
        let prior = Distribution::from_weights(class_prior.unwrap_or(FER2013_PRIOR))
            .map_err(|_| BadModel::Prior)?;
        if prior.as_array().iter().any(|p| *p <= 0.0) {
            return Err(BadModel::Prior);
        }
        Ok(Self {
            confusion: rows,
            class_prior: *prior.as_array(),
        })
    }

    /// The likelihood of a calibrated answer under each expression, up to a common factor.
    ///
    /// The answer `q` is the classifier's posterior, so `q/prior` is the likelihood on pictures
    /// like those that it was calibrated on. At a desk it meets other light and other faces, and
    /// its sureness can't be trusted as far; the confusion matrix knows only which class was
    /// answered, and errs on the careful side. So the two are mixed in logarithms, with
    /// [`SOFT`] of the weight on the answer.
    #[must_use]
    pub fn likelihood(&self, answer: &Distribution) -> [f64; N] {
        let (said, _) = answer.top();
        let soft: [f64; N] =
            std::array::from_fn(|e| answer.as_array()[e].max(1e-4) / self.class_prior[e]);
        let hard: [f64; N] = std::array::from_fn(|e| self.confusion[e][said.index()].max(1e-4));
        let joint: [f64; N] =
            std::array::from_fn(|e| soft[e].powf(SOFT) * hard[e].powf(1.0 - SOFT));
        let most = joint.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        joint.map(|l| l / most)
    }
}

impl Default for ExpressionModel {
    /// A middling classifier: right two times in three, with the usual confusions.
    fn default() -> Self {
        // angry disgust fear happy sad surprise neutral
        let confusion = [
            [0.57, 0.01, 0.09, 0.04, 0.16, 0.02, 0.11],
            [0.21, 0.56, 0.06, 0.04, 0.09, 0.01, 0.03],
            [0.11, 0.01, 0.43, 0.04, 0.21, 0.10, 0.10],
            [0.02, 0.00, 0.02, 0.87, 0.03, 0.02, 0.04],
            [0.09, 0.01, 0.10, 0.06, 0.55, 0.01, 0.18],
            [0.03, 0.00, 0.09, 0.05, 0.02, 0.78, 0.03],
            [0.06, 0.00, 0.05, 0.07, 0.16, 0.02, 0.64],
        ];
        Self {
            class_prior: FER2013_PRIOR.map(|n| n / 3588.0),
            confusion,
        }
    }
}

/// What the model makes of this user's resting face: the hook for learning that a face at rest that
/// looks sad to the model is no sadness.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// The mean answer to the user's neutral face.
    pub resting: Distribution,
    /// How many looks it was averaged over; few are trusted little.
    pub looks: f64,
}

/// So many looks give half of the trust in a baseline.
const BASELINE_LOOKS: f64 = 10.0;
/// The baseline changes the odds of an expression by at most this factor.
const BASELINE_MOST: f64 = 5.0;

impl Baseline {
    /// The answer with this user's resting face divided out: each expression's odds are scaled by
    /// how much rarer or commoner it is on this resting face than on the neutral faces that the
    /// model was measured on.
    #[must_use]
    pub fn divide_out(&self, answer: &Distribution, model: &ExpressionModel) -> Distribution {
        let looks = if self.looks.is_finite() {
            self.looks.max(0.0)
        } else {
            0.0
        };
        let trust = looks / (looks + BASELINE_LOOKS);
        let usual = model.confusion[Emotion::Neutral.index()];
        let weights = std::array::from_fn(|e| {
            let factor = (usual[e].max(0.01) / self.resting.as_array()[e].max(0.01)).powf(trust);
            answer.as_array()[e] * factor.clamp(1.0 / BASELINE_MOST, BASELINE_MOST)
        });
        Distribution::from_weights(weights).unwrap_or(*answer)
    }
}
