//! The rig of the end-to-end tests: real players, a real notification daemon, the real service, on
//! a private bus.
//!
//! | module | noun |
//! |---|---|
//! | [`eventually`] | waiting for what must come true |
//! | [`notifyd`] | a real notification daemon on a screen that nobody sees |
//! | [`rig`] | which programs and data the machine has |
//! | [`service`] | the real `moodlarkd` |
//! | [`worker`] | stand-ins for `moodlark-sense` |
#![forbid(unsafe_code)]

pub mod eventually;
pub mod notifyd;
pub mod rig;
pub mod service;
pub mod worker;
