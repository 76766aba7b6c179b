//! Moodlark's pure heart: readings become a mood, a mood and the user's rules become a decision.
//!
//! Nothing in here reads a clock, a file or a bus. Every function is given the time and everything
//! it needs, and answers with data; so a day is a list of [`engine::Event`]s, and a test is a list
//! of events and the [`engine::Effect`]s that must and must not follow.
//!
//! | module | noun |
//! |---|---|
//! | [`time`] | timestamps, local time of day, durations in the configuration |
//! | [`emotion`] | the seven expressions and distributions over them |
//! | [`affect`] | valence and arousal |
//! | [`reading`] | what one look through the camera found |
//! | [`mood`] | the smoothed, uncertain idea of how the user feels |
//! | [`filter`] | readings over time → mood |
//! | [`settings`] | every option, its default and unit |
//! | [`policy`] | the user's rules → an intent and a target |
//! | [`library`] | the user's own music: which tracks to play, and what is learnt from it |
//! | [`playlist`] | what may be played, and which of it is nearest to a target |
//! | [`player`] | what is known of the players, and which of them is the active one |
//! | [`decide`] | dwell, hysteresis, cooldown, override → a decision and its why |
//! | [`transition`] | when and how a switch is made: at the track's end, at once, faded |
//! | [`gates`] | what else keeps the camera closed: lock, sleep, lid, battery, calls, … |
//! | [`camera`] | consent, pauses, gates, backing off: when the camera may look |
//! | [`hash`] | a number for bytes |
//! | [`engine`] | events in, effects out |
#![forbid(unsafe_code)]

pub mod affect;
pub mod camera;
pub mod decide;
pub mod emotion;
pub mod engine;
pub mod filter;
pub mod gates;
pub mod hash;
pub mod heard;
pub mod library;
pub mod mood;
pub mod player;
pub mod playlist;
pub mod policy;
pub mod reading;
pub mod settings;
pub mod time;
pub mod transition;

moodlark_catalogue::domain!();

pub use affect::Affect;
pub use emotion::{Distribution, Emotion};
pub use mood::{Mood, MoodSource};
pub use reading::{Quality, Reading};
pub use time::{LocalMoment, Now, Timestamp};
