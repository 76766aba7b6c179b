//! The expression models' specification: `expression.json`, written by the `accuracy` example of
//! `moodlark-sense` and read at run time.

use serde::{Deserialize, Serialize};

use crate::{EXPRESSIONS, LABELS};

/// The specification as it is committed.
const EXPRESSION_JSON: &str = include_str!("../expression.json");

/// What the expression models want, and how they were measured to behave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpressionSpec {
    /// The expressions in the order of every array here: [`LABELS`].
    pub labels: [String; EXPRESSIONS],
    /// The networks; the prediction is the mean of their outputs.
    pub networks: Vec<ExpressionNetwork>,
    /// Whether each network also sees the mirrored face, and the two outputs are averaged.
    pub mirrored: bool,
    /// Where the square crop lies around the detector's box.
    pub crop: CropPlace,
    /// The mean's logarithm is divided by this before the softmax: above 1 makes it less sure.
    pub temperature: f64,
    /// How it was measured.
    pub measured: Measured,
    /// Rows are the expression that a person says they see, columns the likeliest answer; each row sums to 1. Every vote
    /// counts, so a face that people disagree about is in several rows.
    pub confusion: [[f64; EXPRESSIONS]; EXPRESSIONS],
    /// The mean share of the votes that each expression has in the set: the calibrated answers have this prior in them.
    pub class_prior: [f64; EXPRESSIONS],
    /// The same over the faces that more than half of the people call neutral: what people see in a face at rest.
    pub resting: [f64; EXPRESSIONS],
}

/// One expression network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpressionNetwork {
    /// The name of its file in `weights/`, without the ending.
    pub name: String,
    /// What it wants to see.
    pub input: NetworkInput,
    /// The expressions in the order of the network's output.
    pub output: [String; EXPRESSIONS],
}

/// A square picture as a network wants it: `1 × channels × side × side` of 32-bit floats.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkInput {
    /// Width and height in pixels.
    pub side: usize,
    /// 1 for grey, 3 for grey repeated as red, green and blue.
    pub channels: usize,
    /// A grey value 0..=255 is multiplied by this …
    pub scale: f32,
    /// … and then this is added.
    pub offset: f32,
}

/// Where the square crop lies around BlazeFace's box, in units of its longer side; measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CropPlace {
    /// The crop's side.
    pub side: f64,
    /// How far its middle lies above that of the box, towards the forehead of the straightened face.
    pub up: f64,
}

/// Where the figures come from. Fractions are 0..=1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The data set and split of the figures and the confusion matrix.
    pub on: String,
    /// The number of faces in it that people could name.
    pub faces: usize,
    /// Of them, those that more than half of ten people say the same of.
    pub agreed: usize,
    /// How often the likeliest expression is the one that more than half of the people see.
    pub majority: f64,
    /// The unweighted mean over the expressions of their F1 scores, against the majority.
    pub macro_f1: f64,
    /// The accuracy of telling negative, neutral, happy and surprised apart from one another, against the majority.
    pub four_way: f64,
    /// The accuracy of telling negative, neutral and happy apart, over the faces that are one of these to the majority.
    pub three_way: f64,
    /// How often the majority is met in the half of the faces that the prediction is surest of.
    pub surest_half: f64,
    /// The mean over the expressions of the area under the ROC curve against all others.
    pub ranking: f64,
    /// The mean Kullback-Leibler divergence of the answers from the votes, in nats, under the temperature.
    pub divergence: f64,
    /// The gap between confidence and the share of people who saw the same (15 bins) before the temperature.
    pub ece_raw: f64,
    /// The same after it, each half of the split with the temperature fitted on the other half.
    pub ece: f64,
    /// How often the likeliest expression is FER2013's own label.
    pub label: f64,
    /// What the temperature was fitted on.
    pub temperature_on: String,
}

/// The specification cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// It is no JSON of the right form.
    #[error("models/expression.json: {0}")]
    Json(#[from] serde_json::Error),
    /// It has the form, but a value is out of range.
    #[error("models/expression.json: {0}")]
    Value(&'static str),
}

/// The committed specification, checked: labels in [`LABELS`]' order, a positive temperature, rows
/// of the confusion matrix that sum to 1.
///
/// # Errors
/// [`SpecError`] if the committed file is wrong; a test of this crate shows that it isn't.
pub fn expression_spec() -> Result<ExpressionSpec, SpecError> {
    ExpressionSpec::parse(EXPRESSION_JSON)
}

impl ExpressionSpec {
    /// Reads and checks a specification.
    ///
    /// # Errors
    /// [`SpecError`] if the text is no such specification.
    pub fn parse(json: &str) -> Result<Self, SpecError> {
        let mut spec: Self = serde_json::from_str(json)?;
        let check = |good: bool, what| {
            if good {
                Ok(())
            } else {
                Err(SpecError::Value(what))
            }
        };
        check(
            spec.labels == LABELS,
            "the labels are not in FER2013's order",
        )?;
        check(!spec.networks.is_empty(), "there is no network")?;
        for network in &spec.networks {
            let known = |name: &str| network.output.iter().any(|o| o == name);
            check(
                LABELS.iter().all(|label| known(label)),
                "a network's output lacks an expression",
            )?;
            check(
                matches!(network.input.channels, 1 | 3),
                "a network wants neither 1 nor 3 channels",
            )?;
            check(
                (16..=512).contains(&network.input.side),
                "a network's input side is out of range",
            )?;
        }
        check(
            spec.temperature.is_finite() && spec.temperature > 0.0,
            "the temperature is not positive",
        )?;
        check(
            (0.5..=2.5).contains(&spec.crop.side) && (-0.5..=0.5).contains(&spec.crop.up),
            "the crop is out of range",
        )?;
        for row in &mut spec.confusion {
            let sum: f64 = row.iter().sum();
            check(
                row.iter().all(|p| (0.0..=1.0).contains(p)),
                "the confusion matrix holds no probabilities",
            )?;
            check(
                (sum - 1.0).abs() < 1e-2,
                "a row of the confusion matrix does not sum to 1",
            )?;
            // The file is rounded to four digits.
            row.iter_mut().for_each(|p| *p /= sum);
        }
        for shares in [&mut spec.class_prior, &mut spec.resting] {
            let sum: f64 = shares.iter().sum();
            check(
                shares.iter().all(|p| *p > 0.0) && (sum - 1.0).abs() < 1e-2,
                "the class prior or the resting face is no distribution over all seven expressions",
            )?;
            shares.iter_mut().for_each(|p| *p /= sum);
        }
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_specification_is_good() {
        let spec = expression_spec().unwrap();
        for (i, row) in spec.confusion.iter().enumerate() {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12, "row {i}");
        }
        assert!(spec.measured.majority > 1.0 / 7.0 && spec.measured.majority < 1.0);
        let of_rows: f64 = spec
            .confusion
            .iter()
            .enumerate()
            .map(|(i, row)| row[i])
            .sum();
        assert!(of_rows > 1.0, "better than chance");
    }

    #[test]
    fn a_bad_specification_is_refused() {
        let good = expression_spec().unwrap();
        let refused = |change: fn(&mut ExpressionSpec)| {
            let mut spec = good.clone();
            change(&mut spec);
            ExpressionSpec::parse(&serde_json::to_string(&spec).unwrap()).is_err()
        };
        assert!(!refused(|_| ()));
        assert!(refused(|s| s.temperature = 0.0));
        assert!(refused(|s| s.confusion[2] = [0.1; 7]));
        assert!(refused(|s| s.resting = [0.5; 7]));
        assert!(refused(|s| s.class_prior[1] = 0.0));
        assert!(refused(|s| s.labels.swap(0, 1)));
        assert!(refused(|s| s.networks.clear()));
        assert!(refused(|s| s.crop.side = 9.0));
        assert!(ExpressionSpec::parse("{}").is_err());
    }
}
