//! The simulated classifier: an expression on the face becomes a calibrated answer.

use std::path::Path;

use moodlark_core::{Distribution, Emotion, filter::ExpressionModel};

use crate::{Fault, chance::Chance, person::N};

/// What stands for the network.
#[derive(Debug, Clone)]
pub(crate) struct Classifier {
    model: ExpressionModel,
    /// Answers of the network itself, by true expression, if they were given.
    answers: Option<[Vec<Distribution>; N]>,
}

/// An answer, and what an observer who knows the simulation can say of it: its likelihood under
/// each expression.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) distribution: Distribution,
    pub(crate) likelihood: [f64; N],
}

impl Classifier {
    /// Reads a confusion matrix (a JSON object with the key `confusion`), and answers if there are any.
    pub(crate) fn read(card: &Path, answers: Option<&Path>) -> Result<Self, Fault> {
        let fault = |e: &dyn std::fmt::Display| Fault(format!("{}: {e}", card.display()));
        let text = std::fs::read_to_string(card).map_err(|e| fault(&e))?;
        let model = serde_json::from_str(&text).map_err(|e| fault(&e))?;
        Ok(Self {
            model,
            answers: answers.map(read_answers).transpose()?,
        })
    }

    /// Another classifier that errs so many times as often, with the same confusions.
    pub(crate) fn with_errors(&self, times: f64) -> Result<Self, Fault> {
        let mut confusion = self.model.confusion;
        for (e, row) in confusion.iter_mut().enumerate() {
            *row = row.map(|p| p * times);
            row[e] = 0.0;
            row[e] = 1.0 - row.iter().sum::<f64>();
        }
        let model = ExpressionModel::new(confusion, Some(self.model.class_prior))
            .map_err(|e| Fault(e.to_string()))?;
        Ok(Self {
            model,
            answers: None,
        })
    }

    /// Whether the network's own answers are drawn from.
    pub(crate) fn is_real(&self) -> bool {
        self.answers.is_some()
    }

    pub(crate) fn model(&self) -> &ExpressionModel {
        &self.model
    }

    /// The answer to a face.
    ///
    /// Pictures differ in difficulty `u`, uniform in 0..1. On a picture of difficulty `u` the
    /// expression `e` is missed with a probability that is the mean of a straight line and a power
    /// of `u`, both with the mean `1 − confusion[e][e]` over all `u`; what it is then taken for
    /// is drawn by the rest of `e`'s row. So over all pictures the confusion is the measured one.
    /// The answer is the posterior of somebody who knows `u` and what was said: exactly calibrated,
    /// as a network after temperature scaling is meant to be, and as telling when it is sure.
    pub(crate) fn answer(&self, expression: Emotion, chance: &mut Chance) -> Answer {
        if let Some(answers) = &self.answers {
            let of = &answers[expression.index()];
            let distribution = of[chance.below(of.len())];
            let likelihood = std::array::from_fn(|e| {
                distribution.as_array()[e].max(1e-4) / self.model.class_prior[e]
            });
            return Answer {
                distribution,
                likelihood,
            };
        }
        let u = chance.unit();
        let said = chance.pick(&self.row(expression.index(), u));
        let likelihood: [f64; N] = std::array::from_fn(|e| self.row(e, u)[said]);
        let weights = std::array::from_fn(|e| likelihood[e] * self.model.class_prior[e]);
        Answer {
            distribution: Distribution::from_weights(weights).unwrap_or(Distribution::UNIFORM),
            likelihood,
        }
    }

    fn row(&self, expression: usize, u: f64) -> [f64; N] {
        let measured = self.model.confusion[expression];
        let miss = 1.0 - measured[expression];
        let line = if miss <= 0.5 {
            2.0 * u * miss
        } else {
            1.0 - 2.0 * (1.0 - u) * (1.0 - miss)
        };
        let power = u.powf(1.0 / miss - 1.0);
        let now = 0.5 * (line + power);
        let mut row = measured.map(|p| p * now / miss);
        row[expression] = 1.0 - now;
        row
    }
}

/// Reads lines of `truth,angry,disgust,fear,happy,sad,surprise,neutral`: the true expression's
/// name, and the calibrated answer.
fn read_answers(path: &Path) -> Result<[Vec<Distribution>; N], Fault> {
    let fault =
        |line: usize, what: String| Fault(format!("{}:{}: {what}", path.display(), line + 1));
    let text =
        std::fs::read_to_string(path).map_err(|e| Fault(format!("{}: {e}", path.display())))?;
    let mut answers: [Vec<Distribution>; N] = Default::default();
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with("truth"))
    {
        let mut fields = line.split(',');
        let truth: Emotion = fields
            .next()
            .unwrap_or_default()
            .parse()
            .map_err(|e| fault(number, format!("{e}")))?;
        let mut weights = [0.0; N];
        for weight in &mut weights {
            let field = fields.next().unwrap_or_default();
            *weight = field
                .parse()
                .map_err(|e| fault(number, format!("`{field}`: {e}")))?;
        }
        let answer =
            Distribution::from_weights(weights).map_err(|e| fault(number, e.to_string()))?;
        answers[truth.index()].push(answer);
    }
    if answers.iter().any(Vec::is_empty) {
        return Err(Fault(format!(
            "{}: not every expression has an answer",
            path.display()
        )));
    }
    Ok(answers)
}
