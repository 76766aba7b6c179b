//! The log: to the journal under systemd, else to standard error.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use moodlark_spotify::SECRETIVE_TARGETS;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// What `filter` lets through, without what prints secrets: nobody can ask for that.
fn discreet(filter: &str) -> Result<Targets> {
    let wanted: Targets = filter
        .parse()
        .with_context(|| format!("`{filter}` is no log filter"))?;
    let secretive = |target: &str| {
        SECRETIVE_TARGETS.iter().any(|secretive| {
            target
                .strip_prefix(secretive)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        })
    };
    let kept = wanted.iter().filter(|(target, _)| !secretive(target));
    let mut filter = Targets::new().with_targets(kept);
    if let Some(level) = wanted.default_level() {
        filter = filter.with_default(level);
    }
    Ok(filter.with_targets(SECRETIVE_TARGETS.map(|target| (target, LevelFilter::OFF))))
}

/// Starts logging what `filter` lets through.
///
/// # Errors
/// If the filter cannot be understood.
pub fn start(filter: &str) -> Result<()> {
    let filter = discreet(filter)?;
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

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn what_prints_tokens_is_off_whatever_is_asked_for() {
        for filter in [
            "trace",
            "rspotify=trace",
            "rspotify::clients=trace,info",
            "hyper_util::client=debug,trace",
        ] {
            let filter = discreet(filter).unwrap();
            for target in [
                "rspotify",
                "rspotify::clients::base",
                "rspotify_http::reqwest",
                "hyper_util::client::legacy",
                "h2::codec",
            ] {
                assert!(!filter.would_enable(target, &Level::ERROR), "{target}");
            }
        }
        let filter = discreet("moodlark=debug,info").unwrap();
        assert!(filter.would_enable("moodlark_service", &Level::INFO));
        assert!(filter.would_enable("moodlark", &Level::DEBUG));
        assert!(!filter.would_enable("other", &Level::DEBUG));
    }
}
