//! The classifier: an expression on the face becomes a calibrated answer.

use std::path::Path;

use moodlark_core::{Distribution, Emotion, filter::ExpressionModel};

use crate::{
    Fault,
    answers::{Answers, MAJORITY},
    chance::Chance,
    person::N,
};

const NEUTRAL: usize = Emotion::Neutral as usize;

/// What stands for the network.
#[derive(Debug, Clone)]
pub(crate) struct Classifier {
    model: ExpressionModel,
    /// Answers of the network itself, if they were given.
    answers: Option<Answers>,
}

/// An answer, and what an observer who knows the simulation can say of it: its likelihood where
/// each expression is shown, and in place of neutral that of a face at rest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) distribution: Distribution,
    pub(crate) likelihood: [f64; N],
}

/// How telling a classifier is: pairs of how sure an answer is and whether it is right.
pub(crate) type Record = Vec<(f64, bool)>;

impl Classifier {
    /// Reads what is known of the network (a JSON object with the key `confusion`, and perhaps
    /// `class_prior` and `resting`), and its answers if there are any.
    pub(crate) fn read(card: &Path, answers: Option<&Path>) -> Result<Self, Fault> {
        let fault = |e: &dyn std::fmt::Display| Fault(format!("{}: {e}", card.display()));
        let text = std::fs::read_to_string(card).map_err(|e| fault(&e))?;
        let model: ExpressionModel = serde_json::from_str(&text).map_err(|e| fault(&e))?;
        let answers = answers.map(Answers::read).transpose()?;
        Ok(Self { model, answers })
    }

    /// A simulated classifier that errs so many times as often as this one, with the same
    /// confusions.
    pub(crate) fn simulated(&self, times: f64) -> Result<Self, Fault> {
        let mut confusion = self.model.confusion;
        for (e, row) in confusion.iter_mut().enumerate() {
            *row = row.map(|p| p * times);
            row[e] = 0.0;
            row[e] = 1.0 - row.iter().sum::<f64>();
        }
        let (prior, resting) = (self.model.class_prior, self.model.resting);
        let model = ExpressionModel::new(confusion, Some(prior), Some(resting))
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

    /// The answer to a face that shows an expression; neutral: a face at rest.
    ///
    /// The network's own answers, where there are any: those to a face drawn in proportion to its
    /// votes for the expression; for a face at rest to one that more than half call neutral.
    ///
    /// Else simulated ones. What people see on a face at rest is drawn by `resting`. Pictures differ
    /// in difficulty `u`, uniform in 0..1. On a picture of difficulty `u` the expression `e` is
    /// missed with a probability that is the mean of a straight line and a power of `u`, both with
    /// the mean `1 − confusion[e][e]` over all `u`; what it is then taken for is drawn by the rest
    /// of `e`'s row. So over all pictures the confusion is the measured one. The answer is the
    /// posterior of somebody who knows `u` and what was said: exactly calibrated, as a network
    /// after temperature scaling is meant to be, and as telling when it is sure.
    pub(crate) fn answer(&self, expression: Emotion, chance: &mut Chance) -> Answer {
        if let Some(answers) = &self.answers {
            return *answers.draw(expression, chance);
        }
        let seen = match expression {
            Emotion::Neutral => chance.pick(&self.model.resting),
            shown => shown.index(),
        };
        self.of_seen(seen, chance)
    }

    fn of_seen(&self, seen: usize, chance: &mut Chance) -> Answer {
        let u = chance.unit();
        let said = chance.pick(&self.row(seen, u));
        let mut likelihood: [f64; N] = std::array::from_fn(|e| self.row(e, u)[said]);
        let weights = std::array::from_fn(|e| likelihood[e] * self.model.class_prior[e]);
        let resting = likelihood.iter().zip(self.model.resting);
        likelihood[NEUTRAL] = resting.map(|(l, share)| l * share).sum();
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

    /// How it does: the network on faces with a majority, a simulated one on what it simulates.
    pub(crate) fn record(&self, chance: &mut Chance) -> Record {
        if let Some(answers) = &self.answers {
            return answers.record(MAJORITY);
        }
        (0..20_000)
            .map(|_| {
                let seen = chance.pick(&self.model.class_prior);
                let (said, sure) = self.of_seen(seen, chance).distribution.top();
                (sure, said.index() == seen)
            })
            .collect()
    }
}
