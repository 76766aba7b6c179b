//! A crop of a face → probabilities of the seven expressions.

use anyhow::{Context, Result, bail};
use moodlark_core::Distribution;
use moodlark_models::{
    CropPlace, EXPRESSIONS, ExpressionSpec, LABELS, NetworkInput, expression_spec, weights,
};

use crate::{
    face::FaceBox,
    luma::{Crop, Luma},
    network::Network,
};

/// The expression networks as the specification lists them.
pub struct Expression {
    spec: ExpressionSpec,
    networks: Vec<(Network, NetworkInput, [usize; EXPRESSIONS])>,
}

impl Expression {
    /// Reads the embedded specification and weights.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn load() -> Result<Self> {
        Self::with(expression_spec()?)
    }

    /// Reads the weights that a specification names.
    ///
    /// # Errors
    /// When a network is not embedded or cannot be read.
    pub fn with(spec: ExpressionSpec) -> Result<Self> {
        Self::with_weights(spec, weights::expression_network)
    }

    /// The same with weights from elsewhere: `weights` gives an ONNX file by its name in the specification.
    ///
    /// # Errors
    /// When there are none of that name, or they cannot be read.
    pub fn with_weights<'a>(
        spec: ExpressionSpec,
        weights: impl Fn(&str) -> Option<&'a [u8]>,
    ) -> Result<Self> {
        let mut networks = Vec::new();
        for network in &spec.networks {
            let name = &network.name;
            let bytes = weights(name).with_context(|| format!("no weights named `{name}`"))?;
            let input = network.input;
            let loaded = Network::load(bytes, &[1, input.channels, input.side, input.side])
                .with_context(|| format!("the expression network `{name}`"))?;
            let mut order = [0; EXPRESSIONS];
            for (place, label) in order.iter_mut().zip(LABELS) {
                let found = network.output.iter().position(|o| o == label);
                *place = found.with_context(|| format!("`{name}` does not tell `{label}`"))?;
            }
            networks.push((loaded, input, order));
        }
        Ok(Self { spec, networks })
    }

    /// The specification in use.
    #[must_use]
    pub const fn spec(&self) -> &ExpressionSpec {
        &self.spec
    }

    /// The crop of a face, straightened, `side` pixels wide and high.
    #[must_use]
    pub fn crop(&self, picture: &Luma, face: &FaceBox, side: usize) -> Crop {
        cropped(picture, face, self.spec.crop, side)
    }

    /// The probabilities for a face, before the temperature.
    ///
    /// # Errors
    /// When a network fails.
    pub fn of_face(&self, picture: &Luma, face: &FaceBox) -> Result<[f64; EXPRESSIONS]> {
        self.of_crops(|side| self.crop(picture, face, side))
    }

    /// The probabilities for crops that are made at the sides that the networks ask for.
    ///
    /// # Errors
    /// When a network fails.
    pub fn of_crops(&self, crop: impl Fn(usize) -> Crop) -> Result<[f64; EXPRESSIONS]> {
        let mut mean = [0.0; EXPRESSIONS];
        let mut made: Option<Crop> = None;
        for (network, input, order) in &self.networks {
            let crop = match made.take() {
                Some(crop) if crop.side() == input.side => crop,
                _ => crop(input.side).relit(),
            };
            for mirrored in [false, true] {
                if mirrored && !self.spec.mirrored {
                    continue;
                }
                let outputs = network.run(&prepared(&crop, input, mirrored))?;
                let Some(output) = outputs.first().filter(|o| o.len() == EXPRESSIONS) else {
                    bail!("an expression network answers with no seven numbers");
                };
                for (sum, place) in mean.iter_mut().zip(order) {
                    *sum += f64::from(output[*place]);
                }
            }
            made = Some(crop);
        }
        let total: f64 = mean.iter().sum();
        if !total.is_finite() || total <= 0.0 {
            bail!("the expression networks answer with no probabilities");
        }
        Ok(mean.map(|p| (p / total).max(0.0)))
    }

    /// Probabilities as sure as they deserve to be: divides their logarithms by the temperature.
    #[must_use]
    pub fn calibrated(&self, raw: &[f64; EXPRESSIONS]) -> Distribution {
        tempered(raw, self.spec.temperature)
    }
}

/// The crop that lies at `place` around the box of a face.
#[must_use]
pub fn cropped(picture: &Luma, face: &FaceBox, place: CropPlace, side: usize) -> Crop {
    picture.crop(&face.raised(place.up as f32), place.side as f32, side)
}

/// `softmax(ln p / temperature)`; uniform if that is no distribution.
#[must_use]
pub fn tempered(raw: &[f64; EXPRESSIONS], temperature: f64) -> Distribution {
    Distribution::from_weights(raw.map(|p| p.max(1e-6).powf(1.0 / temperature)))
        .unwrap_or(Distribution::UNIFORM)
}

/// The crop as the network wants it, once for each channel.
fn prepared(crop: &Crop, input: &NetworkInput, mirrored: bool) -> Vec<f32> {
    let one = |value: &f32| value * input.scale + input.offset;
    let mut plane: Vec<f32> = crop.values().iter().map(one).collect();
    if mirrored {
        plane.chunks_mut(crop.side()).for_each(<[f32]>::reverse);
    }
    plane.repeat(input.channels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperature_makes_less_sure_and_keeps_the_order() {
        let raw = [0.7, 0.1, 0.05, 0.05, 0.05, 0.03, 0.02];
        let (top, p) = tempered(&raw, 2.0).top();
        assert_eq!(top.index(), 0);
        assert!(p < 0.7 && p > 1.0 / 7.0);
        assert!((tempered(&raw, 1.0).as_array()[0] - 0.7).abs() < 1e-9);
        assert!(tempered(&[f64::NAN; 7], 1.0).entropy() > 0.999);
    }

    #[test]
    fn the_embedded_networks_load_and_answer_with_probabilities() {
        let expression = Expression::load().unwrap();
        let grey = Luma::new(64, 64, (0..64 * 64).map(|i| (i % 251) as u8).collect()).unwrap();
        let face = FaceBox {
            width: 64.0,
            height: 64.0,
            ..FaceBox::default()
        };
        let raw = expression.of_face(&grey, &face).unwrap();
        assert!((raw.iter().sum::<f64>() - 1.0).abs() < 1e-6);
        let known = expression.calibrated(&raw);
        assert!(known.as_array().iter().all(|p| *p > 0.0));
    }
}
