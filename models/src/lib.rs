//! The models: weights, what they want as input, and how they were measured to behave.
//!
//! | item | needs the feature `weights` |
//! |---|---|
//! | [`expression_spec`]: labels, inputs, crop, temperature, confusion matrix | no |
//! | [`weights`]: the networks and the detectors, as bytes | yes |
//! | [`music`]: tags and their coordinates; with `music-weights` the network that hears music | no |
//!
//! The service links the specification alone, because its mood filter needs the confusion matrix
//! and the temperature, and never sees a picture. Only the worker links the weights.
//!
//! Each file in `weights/` has a card of the same name in `cards/`: source, licence, conversion
//! and measured accuracy.
#![forbid(unsafe_code)]

#[cfg(all(test, any(feature = "weights", feature = "music-weights")))]
mod card;
pub mod music;
mod spec;
#[cfg(feature = "weights")]
pub mod weights;

pub use spec::{
    CropPlace, ExpressionNetwork, ExpressionSpec, Measured, NetworkInput, SpecError,
    expression_spec,
};

/// How many expressions there are.
pub const EXPRESSIONS: usize = 7;

/// The expressions in FER2013's label order, which every array here is in.
pub const LABELS: [&str; EXPRESSIONS] = [
    "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral",
];
