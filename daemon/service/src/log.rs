//! The log: to the journal under systemd, else to standard error.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging what `filter` lets through.
///
/// # Errors
/// If the filter cannot be understood.
pub fn start(filter: &str) -> Result<()> {
    let filter: Targets = filter
        .parse()
        .with_context(|| format!("`{filter}` is no log filter"))?;
    let registry = tracing_subscriber::registry().with(filter);
    // systemd sets JOURNAL_STREAM where standard error goes to the journal anyway: fields are kept.
    if std::env::var_os("JOURNAL_STREAM").is_some()
        && let Ok(journald) = tracing_journald::layer()
    {
        return registry
            .with(journald)
            .try_init()
            .context("starting the log");
    }
    let stderr = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    registry.with(stderr).try_init().context("starting the log")
}
