//! What it costs to watch an MPD that plays on. Alone in its program: another test's children would wake it.

mod players_support;

use std::time::Duration;

use anyhow::{Context, Result};
use moodlark_core::{player::mpd::NAME, settings::MpdSettings};
use moodlark_service::{mpd::places::Environment, players::PlayersEvent};
use moodlark_tests::{
    mpd::Place,
    rig,
    session::{GREY, Session},
};
use players_support::Watched;

/// How often this thread, which runs everything of a test, was put to sleep so far.
fn wakeups() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/thread-self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    Ok(line.context("no count of switches")?.trim().parse()?)
}

async fn woken_in_five_seconds(watched: &mut Watched) -> Result<u64> {
    let before = wakeups()?;
    let quiet = tokio::time::timeout(Duration::from_secs(5), watched.events.recv()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    Ok(wakeups()? - before)
}

#[tokio::test]
async fn nobody_wakes_while_mpd_plays_on_nor_while_it_is_away() -> Result<()> {
    if !rig::has(&["dbus-daemon", "mpd", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let place = Place::new(session.folder.path())?;
    place.playlist(GREY, 220.0)?;
    let mpd = place.start().await?;
    mpd.ask(&format!("load \"{GREY}\""))?;
    mpd.ask("play")?;
    let mut watched = Watched::start(&session).await?;
    let settings = MpdSettings {
        address: place.address(),
        ..MpdSettings::default()
    };
    watched
        .players
        .follow_mpd(settings, Environment::default())
        .await;
    watched.sees_it_play(NAME, GREY).await?;
    mpd.plays(GREY).await?;
    watched.no_user_action(Duration::from_secs(1)).await?;
    let woken = woken_in_five_seconds(&mut watched).await?;
    println!("MPD plays: woken {woken} times in 5 s");
    // tokio comes to a timer in up to four steps, and the only timer is this test's own.
    assert!(woken <= 5, "woken {woken} times in 5 s");

    mpd.stop().await?;
    while watched.events.recv().await != Some(PlayersEvent::Changed(Vec::new())) {}
    // The last of the tries are further apart than this; each wakes twice or so.
    tokio::time::sleep(Duration::from_secs(14)).await;
    let woken = woken_in_five_seconds(&mut watched).await?;
    println!("MPD is away: woken {woken} times in 5 s");
    assert!(woken <= 8, "woken {woken} times in 5 s");
    Ok(())
}
