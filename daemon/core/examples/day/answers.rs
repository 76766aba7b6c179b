//! Answers of the network itself to faces that people have voted on.

use std::path::Path;

use moodlark_core::{Distribution, Emotion};

use crate::{
    Fault,
    chance::Chance,
    classifier::{Answer, Record},
    person::N,
};

const NEUTRAL: usize = Emotion::Neutral as usize;
/// More than this share of the votes is a majority.
pub(crate) const MAJORITY: f64 = 0.5;
/// The answers are sorted into so many bins of equal size to find out what they are worth.
const BINS: usize = 25;

/// Faces with votes and answers.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    /// Shares of the votes.
    votes: Vec<[f64; N]>,
    answers: Vec<Answer>,
    /// Running sums over the faces: of the share of each expression, and in place of neutral of
    /// faces at rest.
    sums: [Vec<f64>; N],
}

impl Answers {
    /// Reads lines of `angry,disgust,fear,happy,sad,surprise,neutral` twice over: how many people
    /// see each, and the calibrated answer. Lines that begin with a letter or `#` are passed over.
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        let fault = |what: String| Fault(format!("{}: {what}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|e| fault(e.to_string()))?;
        let (mut votes, mut said) = (Vec::new(), Vec::new());
        for (number, line) in text.lines().enumerate() {
            if line.starts_with(|c: char| c == '#' || c.is_alphabetic()) || line.is_empty() {
                continue;
            }
            let numbers: Vec<f64> = line
                .split(',')
                .map(|field| field.trim().parse())
                .collect::<Result<_, _>>()
                .map_err(|e| fault(format!("line {}: {e}", number + 1)))?;
            let [counts, answer]: [[f64; N]; 2] = numbers
                .chunks(N)
                .map(<[f64; N]>::try_from)
                .collect::<Result<Vec<_>, _>>()
                .ok()
                .and_then(|halves| halves.try_into().ok())
                .ok_or_else(|| fault(format!("line {}: not {} numbers", number + 1, 2 * N)))?;
            // A face on which nobody sees any of the seven tells nothing.
            let Ok(shares) = Distribution::from_weights(counts) else {
                continue;
            };
            let answer = Distribution::from_weights(answer)
                .map_err(|e| fault(format!("line {}: {e}", number + 1)))?;
            votes.push(*shares.as_array());
            said.push(answer);
        }
        // What is looked for on a face: a share of votes, or whether it is at rest.
        let looked_for = |e: usize, votes: &[f64; N]| match e {
            NEUTRAL => f64::from(u8::from(votes[NEUTRAL] > MAJORITY)),
            e => votes[e],
        };
        let mut likelihoods = vec![[0.0; N]; said.len()];
        let mut sums: [Vec<f64>; N] = Default::default();
        for e in 0..N {
            let target: Vec<f64> = votes.iter().map(|v| looked_for(e, v)).collect();
            let mut sum = 0.0;
            sums[e].extend(target.iter().map(|t| {
                sum += t;
                sum
            }));
            if sum <= 0.0 {
                return Err(fault(format!("no face shows {}", Emotion::ALL[e])));
            }
            for (likelihood, l) in likelihoods.iter_mut().zip(worth(e, &said, &target)) {
                likelihood[e] = l;
            }
        }
        let answers = said
            .into_iter()
            .zip(likelihoods)
            .map(|(distribution, likelihood)| Answer {
                distribution,
                likelihood,
            })
            .collect();
        Ok(Self {
            votes,
            answers,
            sums,
        })
    }

    /// The answer to a face that is drawn in proportion to its votes for the expression; neutral:
    /// from those at rest.
    pub(crate) fn draw(&self, expression: Emotion, chance: &mut Chance) -> &Answer {
        let sums = &self.sums[expression.index()];
        let at = chance.unit() * sums[sums.len() - 1];
        &self.answers[sums.partition_point(|sum| *sum <= at).min(sums.len() - 1)]
    }

    /// How sure the answer is and whether it is right, on faces of which more than this share of
    /// the votes goes to one expression.
    pub(crate) fn record(&self, majority: f64) -> Record {
        let pairs = self.votes.iter().zip(&self.answers);
        pairs
            .filter_map(|(votes, answer)| {
                let seen = votes.iter().position(|share| *share > majority)?;
                let (said, sure) = answer.distribution.top();
                Some((sure, said.index() == seen))
            })
            .collect()
    }
}

/// The likelihood of each answer for what `target` says of its face, from what the answers of its
/// bin are worth: the bin's mean of `target` over that of all faces. An observer who knows this
/// knows what the answers mean, but no face by heart.
fn worth(e: usize, answers: &[Distribution], target: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..answers.len()).collect();
    order.sort_by(|a, b| answers[*a].as_array()[e].total_cmp(&answers[*b].as_array()[e]));
    let mean = target.iter().sum::<f64>() / target.len() as f64;
    let mut worth = vec![0.0; answers.len()];
    for bin in order.chunks(answers.len().div_ceil(BINS)) {
        let sum: f64 = bin.iter().map(|i| target[*i]).sum();
        // As if a tenth of a face more had been of the mean sort: no bin is empty of anything.
        let share = (sum + 0.1 * mean) / (bin.len() as f64 + 0.1);
        for i in bin {
            worth[*i] = share / mean;
        }
    }
    worth
}
