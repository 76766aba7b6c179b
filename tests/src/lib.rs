//! The rig of the end-to-end tests: real players, a real notification daemon, the real service, on
//! a private bus.
//!
//! | module | noun |
//! |---|---|
//! | [`bus`] | a private session bus |
//! | [`desk`] | a session whose gates a test opens and closes |
//! | [`desktop`] | played services of desktops: idling, screen savers, who keeps the screen awake |
//! | [`dict`] | values out of the service's answers |
//! | [`eventually`] | waiting for what must come true |
//! | [`fakes`] | players that cannot be run here, played |
//! | [`lists`] | the playlists that a player has itself |
//! | [`keyring`] | a real keyring |
//! | [`logind`] | a played logind: lock, sleep |
//! | [`mock`] | a played service on either bus |
//! | [`login`] | a user with a home and a real `systemd --user` |
//! | [`mpd`] | a real MPD |
//! | [`mpv`] | a real mpv |
//! | [`menu`] | a menu on the bus, as a panel reads it |
//! | [`notifyd`] | a real notification daemon on a screen that nobody sees |
//! | [`panel`] | real panels, and a watcher without one |
//! | [`player`] | any player, as a user sees and drives it |
//! | [`rhythmbox`] | a real Rhythmbox |
//! | [`rig`] | which programs and data the machine has |
//! | [`screen`] | a screen that nobody sees |
//! | [`service`] | the real `moodlarkd` |
//! | [`session`] | one user's session: bus, music, configuration |
//! | [`strawberry`] | a real Strawberry |
//! | [`listening`] | stand-ins for `moodlark-listen` |
//! | [`songs`] | songs of two kinds, made by sox |
//! | [`spotify`] | a played Spotify: its servers, and its client on the bus |
//! | [`tones`] | playlists of synthesised music |
//! | [`upower`] | a played UPower: lid, battery |
//! | [`tray`] | the real `moodlark-tray` |
//! | [`vlc`] | a real VLC |
//! | [`worker`] | stand-ins for `moodlark-sense` |
#![forbid(unsafe_code)]

pub mod bus;
pub mod desk;
pub mod desktop;
pub mod dict;
pub mod eventually;
pub mod fakes;
pub mod keyring;
pub mod listening;
pub mod lists;
pub mod login;
pub mod logind;
pub mod menu;
pub mod mock;
pub mod mpd;
pub mod mpv;
pub mod notifyd;
pub mod panel;
pub mod player;
pub mod rhythmbox;
pub mod rig;
pub mod screen;
pub mod service;
pub mod session;
pub mod songs;
pub mod spotify;
pub mod strawberry;
pub mod tones;
pub mod tray;
pub mod upower;
pub mod vlc;
pub mod worker;
