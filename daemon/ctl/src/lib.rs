//! `moodlark`: the command line. Asks and tells the service over the session bus.
//!
//! | module | does |
//! |---|---|
//! | [`args`] | the commands and their help |
//! | [`run`] | carries a command out |
//! | [`bus`] | calls with deadlines, never starting the service by asking |
//! | [`json`] | what came from the bus as JSON, which is printed as it is or rendered |
//! | [`show`] | JSON → text for people |
//! | [`watch`] | signals as they come |
//! | [`setup`] | what a first day needs, asked once |
//! | [`spotify`] | signing in to Spotify |
//! | [`config`] | the configuration file, without the service |
//! | [`doctor`] | checks everything, with and without the service |
//! | [`library`], [`map`] | the user's own music: waiting for a scan, and drawing it |
//! | [`clock`] | spans and times, read and written |
//! | [`failure`] | what went wrong, as a sentence and an exit code |
//! | [`terminal`] | colours, and writing without a fuss about closed pipes |
#![forbid(unsafe_code)]

mod args;
mod bus;
mod clock;
mod config;
mod doctor;
mod failure;
mod json;
mod library;
mod map;
mod run;
mod setup;
mod show;
mod spotify;
mod terminal;
mod watch;

moodlark_catalogue::domain!();

pub use run::main;

/// The command line as a table: the manual page and the completions come from it.
#[must_use]
pub fn command() -> clap::Command {
    <args::Cli as clap::CommandFactory>::command()
}
