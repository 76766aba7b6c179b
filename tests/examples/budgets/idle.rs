//! What the service costs while nothing happens.

use std::time::Duration;

use anyhow::{Context, Result};
use moodlark_tests::{
    mpv::Mpv,
    service::Service,
    session::{GREY, Session},
};

use crate::figures::Figures;

/// How long to count wake-ups.
pub(crate) const WATCHED: Duration = Duration::from_secs(30);
/// How often to ask for the memory meanwhile.
pub(crate) const LOOKS: u32 = 6;

pub(crate) async fn measure(session: &Session, figures: &mut Figures) -> Result<()> {
    let setup = session.service_in("idle")?;
    setup.configure(&session.config(&[
        ("interval", "interval = \"1h\""),
        ("only-while-playing", "only-while-playing = false"),
        // For two minutes after its start it would look for one, some ten times.
        ("[mpd]", "[mpd]\nenabled = false"),
    ]))?;
    let service = setup.start().await?;
    service.reads("face").await?;
    watch(&service, figures, "no player").await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    watch(&service, figures, "mpv playing").await?;
    service.stop(Duration::from_secs(5)).await?;
    Ok(())
}

async fn watch(service: &Service, figures: &mut Figures, with: &str) -> Result<()> {
    let id = service.id().context("moodlarkd ended")?;
    // What the last event set off is over.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (mut memory, mut private, mut threads) = (Vec::new(), Vec::new(), Vec::new());
    let before = wake_ups(id)?;
    for _ in 0..LOOKS {
        tokio::time::sleep(WATCHED / LOOKS).await;
        memory.push(number(&format!("/proc/{id}/smaps_rollup"), "Pss:")? / 1024.0);
        private.push(number(&format!("/proc/{id}/smaps_rollup"), "Pss_Anon:")? / 1024.0);
        threads.push(number(&format!("/proc/{id}/status"), "Threads:")?);
    }
    let woken = wake_ups(id)? - before;
    figures.add(
        &format!("moodlarkd between looks, {with}: PSS"),
        "MiB",
        Some(6.0),
        memory,
    );
    figures.add(
        "of it private; the rest is code that the kernel can drop and read again",
        "MiB",
        None,
        private,
    );
    figures.add(
        &format!("moodlarkd between looks, {with}: threads"),
        "",
        Some(1.0),
        threads,
    );
    let budget = if with == "no player" { Some(0.0) } else { None };
    figures.add(
        &format!("moodlarkd, {with}: wake-ups in {} s", WATCHED.as_secs()),
        "",
        budget,
        vec![woken],
    );
    Ok(())
}

/// Voluntary context switches of all threads: each is a sleep that something ended.
pub(crate) fn wake_ups(id: u32) -> Result<f64> {
    let mut sum = 0.0;
    for thread in std::fs::read_dir(format!("/proc/{id}/task"))? {
        let status = thread?.path().join("status");
        sum += number(&status.to_string_lossy(), "voluntary_ctxt_switches:")?;
    }
    Ok(sum)
}

/// The number behind a name in a file of /proc.
pub(crate) fn number(path: &str, name: &str) -> Result<f64> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {path}"))?;
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next())
        .with_context(|| format!("no {name} in {path}"))?
        .parse()
        .with_context(|| format!("{name} in {path}"))
}
