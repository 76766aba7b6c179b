//! The network that hears music: patches of 3 s → 50 tags and an embedding. The one file that knows tract.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use moodlark_core::heard::track::{EMBEDDING, TAGS};
use moodlark_models::music::weights::MUSICNN;
use prost::Message;
use tract_onnx::{pb::ModelProto, prelude::*};

use crate::mel::{BANDS, Mel};

/// Frames in a patch: 2.99 s.
pub const PATCH: usize = 187;
/// Patches in a window, spread over it. The network takes most of a track's time: all nine would cost three times as much.
pub const PATCHES: usize = 3;

/// The network, ready to run.
pub struct Musicnn {
    plan: Arc<TypedRunnableModel>,
}

/// What the network says of a window: means over its patches.
#[derive(Debug, Clone, PartialEq)]
pub struct Tags {
    /// [`TAGS`] logits.
    pub logits: Vec<f32>,
    /// [`EMBEDDING`] numbers.
    pub embedding: Vec<f32>,
}

impl Musicnn {
    /// Reads and optimises the embedded network.
    ///
    /// # Errors
    /// When tract cannot load it.
    pub fn load() -> Result<Self> {
        let decoded = ModelProto::decode(MUSICNN).context("the network is no ONNX model")?;
        let parsed = tract_onnx::onnx().model_for_proto_model(&decoded);
        // The weights are in the model now; a second copy of them would only count at the peak.
        drop(decoded);
        let plan = parsed
            .and_then(|model| model.with_input_fact(0, f32::fact([1, PATCH, BANDS]).into()))
            .and_then(|model| model.with_outputs_by_name(["tags", "emb200"]))
            .and_then(InferenceModelExt::into_optimized)
            .and_then(IntoRunnable::into_runnable)
            .context("tract cannot load the network")?;
        Ok(Self { plan })
    }

    /// The tags of a window, which has at least one patch's frames. `rest` is called after each patch.
    ///
    /// # Errors
    /// When tract fails, or answers what is no number.
    pub fn tags(&self, mel: &Mel, mut rest: impl FnMut()) -> Result<Tags> {
        let mut logits = vec![0.0; TAGS];
        let mut embedding = vec![0.0; EMBEDDING];
        let places = places(mel.frames());
        let share = 1.0 / places.len().max(1) as f32;
        for from in &places {
            let values = &mel.values[from * BANDS..(from + PATCH) * BANDS];
            let input = Tensor::from_shape(&[1, PATCH, BANDS], values)?;
            let outputs = self
                .plan
                .run(tvec!(input.into()))
                .context("tract cannot run the network")?;
            let add = |sum: &mut [f32], output: usize, of: fn(f32) -> f32| -> Result<()> {
                let output = outputs.get(output).context("an output is missing")?;
                let view = output
                    .to_plain_array_view::<f32>()
                    .map_err(|e| anyhow!("the output holds no floats: {e}"))?;
                for (sum, value) in sum.iter_mut().zip(view.iter()) {
                    *sum += of(*value) * share;
                }
                Ok(())
            };
            add(&mut logits, 0, logit)?;
            add(&mut embedding, 1, |x| x)?;
            rest();
        }
        if places.is_empty() || logits.iter().chain(&embedding).any(|x| !x.is_finite()) {
            return Err(anyhow!("the network answers no numbers"));
        }
        Ok(Tags { logits, embedding })
    }
}

/// Where the patches begin: the middles of equal parts.
fn places(frames: usize) -> Vec<usize> {
    let Some(room) = frames.checked_sub(PATCH) else {
        return Vec::new();
    };
    (0..PATCHES)
        .map(|i| room * (2 * i + 1) / (2 * PATCHES))
        .collect()
}

/// The network ends in a sigmoid; far out it answers 0 or 1.
fn logit(p: f32) -> f32 {
    let p = p.clamp(1e-7, 1.0 - 1e-7);
    (p / (1.0 - p)).ln()
}
