//! Running a network: the one file that knows tract.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use prost::Message;
use tract_onnx::{pb::ModelProto, prelude::*};

/// A network, optimised for one fixed input shape.
pub struct Network {
    plan: Arc<TypedRunnableModel>,
    shape: Vec<usize>,
}

impl Network {
    /// Reads ONNX bytes and optimises them for an input of this shape.
    ///
    /// # Errors
    /// When the bytes are no ONNX model that takes such an input.
    pub fn load(onnx: &[u8], shape: &[usize]) -> Result<Self> {
        // Decoded from where it lies: tract's own reader would copy all of it first, which is the peak of a look's memory.
        let decoded = ModelProto::decode(onnx).context("the network is no ONNX model")?;
        let model = tract_onnx::onnx().model_for_proto_model(&decoded);
        drop(decoded);
        let plan = model
            .and_then(|model| model.with_input_fact(0, f32::fact(shape).into()))
            // Unoptimised, tract is a hundred times slower.
            .and_then(InferenceModelExt::into_optimized)
            .and_then(IntoRunnable::into_runnable)
            .context("tract cannot load the network")?;
        Ok(Self {
            plan,
            shape: shape.to_vec(),
        })
    }

    /// Runs the network; answers each output as a flat list of numbers.
    ///
    /// # Errors
    /// When the input has not as many numbers as the shape asks for, or tract fails.
    pub fn run(&self, input: &[f32]) -> Result<Vec<Vec<f32>>> {
        let tensor =
            Tensor::from_shape(&self.shape, input).context("the input does not fit the network")?;
        let outputs = self
            .plan
            .run(tvec!(tensor.into()))
            .context("tract cannot run the network")?;
        outputs
            .iter()
            .map(|output| {
                let view = output
                    .to_plain_array_view::<f32>()
                    .map_err(|e| anyhow!("the output holds no floats: {e}"))?;
                Ok(view.iter().copied().collect())
            })
            .collect()
    }
}
