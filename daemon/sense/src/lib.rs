//! One short look: a few pictures in, one line of numbers out, inside a sandbox.
//!
//! The order of things is the promise. For a camera: the device is found, landlock leaves that one
//! node and nothing else, the node is opened, seccomp takes away every further open, every socket and
//! every exec, and only then is the first frame read. For a picture file: its bytes are read into
//! memory, the sandbox closes altogether, and only then are they decoded.
//!
//! | module | noun |
//! |---|---|
//! | [`args`] | the command line and the exit codes |
//! | [`look`] | one look from its source to its [`moodlark_core::Reading`] |
//! | [`eye`] | one picture through the detectors and networks |
//! | [`search`] | where to look for a face next, and what is believed |
//! | [`window`] | a square part of a picture, possibly turned |
//! | [`devices`] | camera nodes: what there is, and which one a specification means |
//! | [`format`] | which of a camera's formats to ask for |
//! | [`camera`] | frames from a camera |
//! | [`settle`] | when the camera's exposure has settled |
//! | [`pictures`] | a file or folder that stands for a camera |
//! | [`decode`] | JPEG, PNG and raw frames → [`luma`] |
//! | [`luma`] | a grey picture: shrinking, cropping |
//! | [`crop`] | a face cut from it: its values, its light, its detail |
//! | [`face`] | where a face is, and which of several counts |
//! | [`seeta`], [`blazeface`] | the two detectors |
//! | [`network`] | running a network: the one file that knows tract |
//! | [`expression`] | a crop of a face → probabilities |
//! | [`quality`] | how good the picture of a face is |
//! | [`burst`] | several frames → one reading |
//! | [`selftest`] | the proof that the sandbox holds, which is [`moodlark_sandbox`] |
//! | [`spoken`] | one line on standard output, exactly once |
//! | [`explain`] | the account for people |
//! | [`occlusion`] | which parts of a face the answer hangs on |
//! | [`map_file`] | the picture of that, written outside of the sandbox |
#![forbid(unsafe_code)]

pub mod args;
pub mod blazeface;
pub mod burst;
pub mod camera;
pub mod crop;
pub mod decode;
pub mod devices;
pub mod explain;
pub mod expression;
pub mod eye;
pub mod face;
pub mod format;
pub mod look;
pub mod luma;
pub mod map_file;
pub mod network;
pub mod occlusion;
pub mod pictures;
pub mod quality;
pub mod search;
pub mod seeta;
pub mod selftest;
pub mod settle;
pub mod spoken;
pub mod window;
