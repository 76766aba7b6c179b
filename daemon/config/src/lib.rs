//! Moodlark's configuration file: where it is, what is wrong with it, and how to change one option in it.
//!
//! | function | does |
//! |---|---|
//! | [`paths::config_file`], [`paths::state_dir`] | say where things are |
//! | [`load`] | reads and checks a file; a missing one is all defaults |
//! | [`parse`], [`check`] | the same for text; [`check`] gives warnings too |
//! | [`set_camera_enabled`], [`set_option`] | change one option in place, and nothing else |
//! | [`append`] | puts an entry at the end |
//! | [`make_file`] | puts the shipped file where there is none |
//! | [`DEFAULT`] | the shipped file: every option, commented out |
//!
//! The options themselves are [`moodlark_core::settings`]; this crate holds no list of them, so
//! there is none that could fall behind.
#![forbid(unsafe_code)]

mod consent;
mod describe;
mod edit;
mod file;
mod load;
mod parse;
pub mod paths;
mod problem;
mod semantics;
mod suggest;
mod tree;

pub use consent::says_camera_off;
pub use edit::{Literal, append, set_camera_enabled, set_option};
pub use file::make_file;
pub use load::{MAX_BYTES, load};
pub use parse::{Checked, check, parse};
pub use problem::{ConfigError, ConfigErrors, Problem};

/// The shipped configuration file: every option, commented out, with default, unit and why.
pub const DEFAULT: &str = include_str!("../default.toml");
