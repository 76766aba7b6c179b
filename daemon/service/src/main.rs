//! moodlarkd: the service.
#![forbid(unsafe_code)]

use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result};
use clap::Parser;
use moodlark_service::{app, doctor, log};

/// Looks now and then through the camera, keeps an idea of your mood, and changes the music when
/// your own rules say so. Talk to it with `moodlark`.
#[derive(Debug, Parser)]
#[command(name = "moodlarkd", version, max_term_width = 100)]
struct Arguments {
    /// The configuration file [default: $XDG_CONFIG_HOME/moodlark/config.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the journal [default: $XDG_STATE_HOME/moodlark]
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// The worker that looks [default: moodlark-sense beside this program]
    #[arg(long, value_name = "PROGRAM")]
    sense: Option<PathBuf>,
    /// What to log, for example `debug` or `info,moodlark_service::players=debug`
    #[arg(long, value_name = "FILTER", default_value = "info")]
    log: String,
    /// Show each step on standard output as it happens
    #[arg(long)]
    demo: bool,
    /// End after the first verified switch, its JSON the last line; fail after --within
    #[arg(long)]
    once: bool,
    /// Check what the service needs, without one: print a JSON array of what was found, and end.
    /// `moodlark doctor` shows it for people, and asks a running service
    #[arg(long, conflicts_with_all = ["demo", "once"])]
    doctor: bool,
    /// How long --once waits
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "once")]
    within: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("moodlarkd: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    log::start(&arguments.log)?;
    let beside = || -> Result<PathBuf> {
        let own = std::env::current_exe().context("finding this program's own folder")?;
        Ok(own.with_file_name("moodlark-sense"))
    };
    let options = app::Options {
        config: arguments
            .config
            .map_or_else(moodlark_config::paths::config_file, Ok)?,
        state_dir: arguments
            .state_dir
            .map_or_else(moodlark_config::paths::state_dir, Ok)?,
        sense: arguments.sense.map_or_else(beside, Ok)?,
        demo: arguments.demo || arguments.once,
        once: arguments
            .once
            .then(|| Duration::from_secs(arguments.within)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    let ended = if arguments.doctor {
        runtime
            .block_on(doctor::examine_alone(&options))
            .and_then(|found| {
                writeln!(std::io::stdout(), "{found}").context("writing to standard output")
            })
    } else {
        runtime.block_on(app::run(options))
    };
    // A task that hangs on a dead player must not hold up the end.
    runtime.shutdown_timeout(Duration::from_millis(300));
    ended
}
