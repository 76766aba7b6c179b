//! The tray: the mood and the camera as an icon in the panel, and a menu for everything.
//!
//! A thin client of the bus. What is known of the service ([`state`]) becomes, without any I/O, a picture
//! ([`picture`], [`draw`]), a tooltip ([`tooltip`]) and a menu ([`menu`]); the rest is one file a foreign
//! interface.
//!
//! | module | does |
//! |---|---|
//! | [`app`] | the main loop |
//! | `service` | the service on the bus: what it says, what it is asked |
//! | `panel` | the icon in the panel, by tray-icon |
//! | `host` | whether the desktop shows icons at all |
//! | `scheme` | whether the desktop is dark |
//! | `notifications` | what is told |
//! | `open` | files in the user's programs |
//! | [`state`] | what is known |
//! | [`picture`], [`draw`] | state → icon |
//! | [`tooltip`] | state → tooltip |
//! | [`menu`] | state → menu |
//! | [`history`], [`reading`], [`when`], [`words`] | texts |
#![forbid(unsafe_code)]

pub mod app;
pub mod args;
mod bus;
pub mod draw;
pub mod history;
mod host;
pub mod menu;
pub mod mood;
mod notifications;
mod open;
mod panel;
pub mod picture;
pub mod reading;
mod scheme;
mod service;
pub mod state;
pub mod tooltip;
pub mod when;
pub mod words;

moodlark_catalogue::domain!();
