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
    /// Rows are the true expression, columns the predicted one (the likeliest); each row sums to 1.
    pub confusion: [[f64; EXPRESSIONS]; EXPRESSIONS],
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
    /// The data set and split of the accuracies and the confusion matrix.
    pub on: String,
    /// The number of faces in it.
    pub faces: usize,
    /// How often the likeliest expression is the true one.
    pub accuracy: f64,
    /// The unweighted mean over the expressions of their F1 scores.
    pub macro_f1: f64,
    /// The accuracy of telling negative, neutral, happy and surprised apart from one another.
    pub valence_accuracy: f64,
    /// The accuracy of telling negative, neutral and happy apart, over the faces that are one of these.
    pub three_way: f64,
    /// The accuracy of the half of the faces that the prediction is surest of.
    pub surest_half: f64,
    /// The gap between confidence and accuracy (15 bins) before the temperature.
    pub ece_raw: f64,
    /// The same after it, each half of the split with the temperature fitted on the other half.
    pub ece: f64,
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
        assert!(spec.measured.accuracy > 1.0 / 7.0 && spec.measured.accuracy < 1.0);
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
        assert!(refused(|s| s.labels.swap(0, 1)));
        assert!(refused(|s| s.networks.clear()));
        assert!(refused(|s| s.crop.side = 9.0));
        assert!(ExpressionSpec::parse("{}").is_err());
    }
}
