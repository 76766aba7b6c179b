//! moodlark-tray: the mood and the camera in the panel.
#![forbid(unsafe_code)]

use std::{io::IsTerminal, process::ExitCode, time::Duration};

use anyhow::{Context, Result};
use clap::Parser;
use moodlark_catalogue::Language;
use moodlark_tray::{app, args::Arguments};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let language = Language::of_user();
    moodlark_catalogue::speak(language);
    moodlark_tray::speak(language);
    // The icon's library has threads of its own: an icon that died with one of them would show an old state
    // for ever.
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        default(panic);
        std::process::exit(101);
    }));
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("moodlark-tray: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let filter: Targets = arguments
        .log
        .parse()
        .with_context(|| format!("`{}` is no log filter", arguments.log))?;
    let stderr = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    tracing_subscriber::registry()
        .with(filter)
        .with(stderr)
        .try_init()
        .context("starting the log")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    let ended = runtime.block_on(app::run(arguments));
    // A call that waits for a service that hangs must not hold up the end.
    runtime.shutdown_timeout(Duration::from_millis(300));
    ended
}
