//! What the model makes of this user's resting face: the hook for learning that a face at rest that
//! looks sad to the model is no sadness.

use serde::{Deserialize, Serialize};

use super::ExpressionModel;
use crate::emotion::Distribution;

/// A user's resting face.
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
    /// how much rarer or commoner it is on this resting face than on others.
    ///
    /// The usual answer to a face at rest is [`ExpressionModel::resting`]: the answer is calibrated
    /// against the share of votes, so its mean over many such faces is theirs.
    #[must_use]
    pub fn divide_out(&self, answer: &Distribution, model: &ExpressionModel) -> Distribution {
        let looks = if self.looks.is_finite() {
            self.looks.max(0.0)
        } else {
            0.0
        };
        let trust = looks / (looks + BASELINE_LOOKS);
        let usual = &model.resting;
        let weights = std::array::from_fn(|e| {
            let factor = (usual[e].max(0.01) / self.resting.as_array()[e].max(0.01)).powf(trust);
            answer.as_array()[e] * factor.clamp(1.0 / BASELINE_MOST, BASELINE_MOST)
        });
        Distribution::from_weights(weights).unwrap_or(*answer)
    }
}
