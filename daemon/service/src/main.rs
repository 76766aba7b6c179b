//! moodlarkd: the service.
#![forbid(unsafe_code)]

use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context, Result};
use clap::Parser;
use moodlark_catalogue::Language;
use moodlark_service::{app, args::Arguments, doctor, log};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let language = Language::of_user();
    moodlark_catalogue::speak(language);
    moodlark_core::speak(language);
    moodlark_spotify::speak(language);
    moodlark_service::speak(language);
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
    let beside = |name: &str| -> Result<PathBuf> {
        let own = std::env::current_exe().context("finding this program's own folder")?;
        Ok(own.with_file_name(name))
    };
    let options = app::Options {
        config: arguments
            .config
            .map_or_else(moodlark_config::paths::config_file, Ok)?,
        state_dir: arguments
            .state_dir
            .map_or_else(moodlark_config::paths::state_dir, Ok)?,
        sense: arguments
            .sense
            .map_or_else(|| beside("moodlark-sense"), Ok)?,
        listen: arguments
            .listen
            .map_or_else(|| beside("moodlark-listen"), Ok)?,
        demo: arguments.demo || arguments.once,
        once: arguments
            .once
            .then(|| Duration::from_secs(arguments.within)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // What reads a disk does so on a thread of its own; an idle service has one thread.
        .thread_keep_alive(Duration::from_secs(1))
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
