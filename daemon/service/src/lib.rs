//! moodlarkd's parts: gates, workers, players, journal, bus, notices. The decisions are made in
//! `moodlark-core`; here is one file for each thing of the outside world.
#![deny(unsafe_code)] // not forbidden: `footprint` alone calls madvise(2)

pub mod app;
pub mod args;
pub mod bus;
pub mod clock;
pub mod config_file;
pub mod demo;
pub mod devices;
pub mod doctor;
pub mod footprint;
pub mod gates;
pub mod instance;
pub mod journal;
pub mod library;
pub mod log;
pub mod mpd;
pub mod notifications;
pub mod paths;
pub mod players;
pub mod spotify;
mod sqlite;
pub mod surroundings;
pub mod worker;

moodlark_catalogue::domain!();
