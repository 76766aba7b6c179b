//! What it costs to watch players that play on. Alone in its program: another test's children would wake it.

mod players_support;

use std::time::Duration;

use anyhow::{Context, Result};
use moodlark_tests::{
    mpv::Mpv,
    rig,
    session::{GREY, Session},
};
use players_support::Watched;

const NEEDS: [&str; 3] = ["dbus-daemon", "mpv", "sox"];

/// How often this thread, which runs everything of a test, was put to sleep so far.
fn wakeups() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/thread-self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    Ok(line.context("no count of switches")?.trim().parse()?)
}

#[tokio::test]
async fn nobody_wakes_while_mpv_plays_on() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mut watched = Watched::start(&session).await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    watched.sees_it_play(mpv.bus_name(), GREY).await?;
    mpv.plays(GREY).await?;
    watched.no_user_action(Duration::from_secs(1)).await?;

    let before = wakeups()?;
    let quiet = tokio::time::timeout(Duration::from_secs(5), watched.events.recv()).await;
    let woken = wakeups()? - before;
    assert!(quiet.is_err(), "{quiet:?}");
    println!("woken {woken} times in 5 s");
    // tokio comes to a timer in up to four steps, and the only timer is this test's own.
    assert!(woken <= 5, "woken {woken} times in 5 s");
    Ok(())
}
