//! The simulated-listeners bench: how much of the music that is chosen gets played through, by several
//! ways to choose, and whether the estimate of what lifts a listener finds what is there.
//!
//! ```text
//! cargo run --release -p moodlark-core --example listeners > daemon/core/LISTENERS.md
//! ```
//!
//! Options: `--seeds N` (100 listeners of each world; at least 20), `--users N` (400 diaries),
//! `--tune` (prints how the others' settings were chosen, on other listeners, and nothing else). How
//! long a choice takes goes to standard error.
//!
//! | file | noun |
//! |---|---|
//! | `chance` | random numbers |
//! | `collection` | a music library, made up |
//! | `listener` | what somebody plays through |
//! | `methods`, `regression` | ways to choose |
//! | `season` | 600 plays of a listener |
//! | `diary` | weeks of moods, with and without lists |
//! | `report` | the tables |
//! | `speed` | how long a choice takes |
#![forbid(unsafe_code)]

mod chance;
mod collection;
mod diary;
mod listener;
mod methods;
mod regression;
mod report;
mod season;
mod speed;

use std::process::ExitCode;

struct Options {
    seeds: u64,
    users: u64,
    tune: bool,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            seeds: 100,
            users: 400,
            tune: false,
        };
        while let Some(arg) = args.next() {
            let mut number = || -> Result<u64, String> {
                let text = args.next().ok_or_else(|| format!("{arg} wants a number"))?;
                text.parse().map_err(|e| format!("{arg} {text}: {e}"))
            };
            match arg.as_str() {
                "--seeds" => options.seeds = number()?.max(20),
                "--users" => options.users = number()?.max(20),
                "--tune" => options.tune = true,
                _ => {
                    return Err(format!(
                        "{arg}: no such option; see the top of examples/listeners/main.rs"
                    ));
                }
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)) {
        Ok(options) if options.tune => print!("{}", report::tuning(options.seeds)),
        Ok(options) => {
            speed::tell();
            print!("{}", report::markdown(options.seeds, options.users));
        }
        Err(what) => {
            eprintln!("{what}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
