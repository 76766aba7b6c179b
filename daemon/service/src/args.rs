//! The command line, for the program and for its manual page.

use std::path::PathBuf;

use clap::Parser;

/// Looks now and then through the camera, keeps an idea of your mood, and changes the music when
/// your own rules say so. Talk to it with `moodlark`.
#[derive(Debug, Parser)]
#[command(
    name = "moodlarkd",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 it was told to end, or did what was asked; 1 it could not start or go on (the reason is on \
                  standard error); 2 wrong usage."
)]
pub struct Arguments {
    /// The configuration file [default: $XDG_CONFIG_HOME/moodlark/config.toml]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder of the journal [default: $XDG_STATE_HOME/moodlark]
    #[arg(long, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// The worker that looks [default: moodlark-sense beside this program]
    #[arg(long, value_name = "PROGRAM")]
    pub sense: Option<PathBuf>,
    /// The worker that hears music [default: moodlark-listen beside this program]
    #[arg(long, value_name = "PROGRAM")]
    pub listen: Option<PathBuf>,
    /// What to log, for example `debug` or `info,moodlark_service::players=debug`
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub log: String,
    /// Show each step on standard output as it happens
    #[arg(long)]
    pub demo: bool,
    /// End after the first verified switch, its JSON the last line; fail after --within
    #[arg(long)]
    pub once: bool,
    /// Check what the service needs, without one: print a JSON array of what was found, and end.
    /// `moodlark doctor` shows it for people, and asks a running service
    #[arg(long, conflicts_with_all = ["demo", "once"])]
    pub doctor: bool,
    /// How long --once waits
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "once")]
    pub within: u64,
}
