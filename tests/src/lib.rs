//! The rig of the end-to-end tests: real players, a real notification daemon, the real service, on
//! a private bus.
//!
//! | module | noun |
//! |---|---|
//! | [`bus`] | a private session bus |
//! | [`eventually`] | waiting for what must come true |
//! | [`login`] | a user with a home and a real `systemd --user` |
//! | [`mpv`] | a real mpv |
//! | [`notifyd`] | a real notification daemon on a screen that nobody sees |
//! | [`player`] | any player, as a user sees and drives it |
//! | [`rig`] | which programs and data the machine has |
//! | [`service`] | the real `moodlarkd` |
//! | [`session`] | one user's session: bus, music, configuration |
//! | [`tones`] | playlists of synthesised music |
//! | [`vlc`] | a real VLC |
//! | [`worker`] | stand-ins for `moodlark-sense` |
#![forbid(unsafe_code)]

pub mod bus;
pub mod eventually;
pub mod login;
pub mod mpv;
pub mod notifyd;
pub mod player;
pub mod rig;
pub mod service;
pub mod session;
pub mod tones;
pub mod vlc;
pub mod worker;
