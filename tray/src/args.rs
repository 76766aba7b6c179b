//! The command line, for the program and for its manual page.

use clap::Parser;

/// Shows your mood and the camera as an icon in the panel. Its menu does what `moodlark` does.
#[derive(Debug, Parser)]
#[command(name = "moodlark-tray", version, max_term_width = 100)]
pub struct Arguments {
    /// What to log, for example `debug`
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub log: String,
    /// How long a desktop may take to show icons before it is said that it has no tray
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub patience: u64,
}
