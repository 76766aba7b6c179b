//! When a switch is made, and how: with real players and their real clocks.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Result;
use moodlark_tests::{
    eventually::{SOON, eventually},
    mpv::Mpv,
    player::Player,
    rig,
    service::Service,
    session::{BRIGHT, GREY, Session},
    tones,
};

const NEEDS: [&str; 3] = ["moodlarkd", "mpv", "sox"];
/// How long the fades of these tests take.
const FADE: Duration = Duration::from_secs(2);

/// A service without a camera that goes by what it is told, and changes the music so.
async fn service(session: &Session, when: &str) -> Result<Service> {
    let setup = session.service()?;
    setup.configure(&session.config(&[
        ("enabled", "enabled = false"),
        ("when", &format!("when = \"{when}\"")),
    ]))?;
    setup.start().await
}

async fn says(session: &Session, service: &Service, words: &str) -> Result<String> {
    let status = service.service().await?;
    eventually(&session.connection, SOON, words, async || {
        let is = status.status().await?;
        Ok(is.contains(words).then_some(is))
    })
    .await
}

/// An mpv that plays the grey list, not at its loudest.
async fn quiet_mpv() -> Result<(Session, Mpv)> {
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    mpv.set_volume(0.6).await?;
    Ok((session, mpv))
}

/// The volume goes down, below this.
async fn fades(session: &Session, mpv: &Mpv, below: f64) -> Result<()> {
    eventually(&session.connection, SOON, "the fade", async || {
        Ok((mpv.volume().await? < below).then_some(()))
    })
    .await
}

/// So that little of the track is left.
async fn near_the_end(player: &Player, left: Duration) -> Result<()> {
    let length = Duration::from_secs(u64::from(tones::SECONDS));
    let here = player.position().await?;
    player.forward(length - left - here).await
}

#[tokio::test]
async fn a_switch_waits_for_the_tracks_end_and_is_made_just_before_it() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let service = service(&session, "at-track-end").await?;
    service.knows(mpv.bus_name()).await?;
    service.mood().await?.report("happy").await?;
    let will =
        format!("will switch to \u{201c}{BRIGHT}\u{201d} when \u{201c}{GREY} 1\u{201d} ends");
    says(&session, &service, &will).await?;
    let why = service.mood().await?.explain().await?;
    assert!(
        why.contains("Will play") && why.contains("\"waits\":true"),
        "{why}"
    );

    near_the_end(&mpv, Duration::from_secs(5)).await?;
    // mpv hands over to the next track when the last of this one is in the sound card's buffer, and with these
    // tones that is most of a second before the end: the switch may come with the next track's first note.
    let mut last = Duration::ZERO;
    let mut next = None;
    eventually(&session.connection, SOON, "the new list", async || {
        let (title, position) = (mpv.title().await?, mpv.position().await?);
        if title == format!("{GREY} 1") {
            last = last.max(position);
        } else if title == format!("{GREY} 2") {
            next.get_or_insert_with(Instant::now);
        }
        Ok(title.starts_with(BRIGHT).then_some(()))
    })
    .await?;
    let length = Duration::from_secs(u64::from(tones::SECONDS));
    assert!(
        last + Duration::from_millis(1500) > length,
        "too early: at {last:?}"
    );
    let heard = next.map(|since| since.elapsed()).unwrap_or_default();
    assert!(heard < Duration::from_secs(1), "too late: {heard:?}");
    mpv.plays(BRIGHT).await
}

#[tokio::test]
async fn a_switch_that_waits_is_taken_back_by_undo_and_by_a_hand_on_the_player() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let service = service(&session, "at-track-end").await?;
    service.knows(mpv.bus_name()).await?;
    let (mood, music) = (service.mood().await?, service.music().await?);
    mood.report("happy").await?;
    says(&session, &service, "will switch").await?;
    let undone = music.undo().await?;
    assert!(undone.contains_key("withdrawn"), "{undone:?}");
    let status = service.service().await?.status().await?;
    assert!(!status.contains("will switch"), "{status}");

    // By hand it is played at once, whatever else was to be.
    music.apply(BRIGHT).await?;
    mpv.plays(BRIGHT).await?;
    let undone = music.undo().await?;
    assert!(!undone.contains_key("withdrawn"), "{undone:?}");
    mpv.plays(GREY).await
}

/// What a player's volume is, read again and again until this is dropped.
struct Meter {
    heard: Arc<Mutex<Vec<f64>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Meter {
    fn start(player: &Player) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (player, all) = (player.clone(), heard.clone());
        let task = tokio::spawn(async move {
            loop {
                if let Ok(volume) = player.volume().await {
                    all.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(volume);
                }
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
        });
        Self { heard, task }
    }

    fn heard(&self) -> Vec<f64> {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.011
}

#[tokio::test]
async fn a_fade_goes_down_and_up_to_where_it_was_and_never_above() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let (session, mpv) = quiet_mpv().await?;
    let service = service(&session, "fade").await?;
    service.knows(mpv.bus_name()).await?;
    let meter = Meter::start(&mpv);
    let started = Instant::now();
    service.mood().await?.report("happy").await?;
    mpv.plays(BRIGHT).await?;
    eventually(
        &session.connection,
        SOON,
        "the volume as before",
        async || Ok((started.elapsed() > FADE && near(mpv.volume().await?, 0.6)).then_some(())),
    )
    .await?;
    let heard = meter.heard();
    let lowest = heard.iter().copied().fold(1.0, f64::min);
    assert!(lowest > 0.0 && lowest < 0.1, "{lowest}");
    assert!(
        heard.iter().all(|v| *v < 0.611),
        "louder than before: {heard:?}"
    );
    let steps: std::collections::BTreeSet<u32> =
        heard.iter().map(|v| (v * 1000.0) as u32).collect();
    assert!(steps.len() > 6, "no jump: {steps:?}");
    Ok(())
}

#[tokio::test]
async fn the_users_hand_on_the_volume_ends_a_fade_and_stays() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let (session, mpv) = quiet_mpv().await?;
    let service = service(&session, "fade").await?;
    service.knows(mpv.bus_name()).await?;
    service.mood().await?.report("happy").await?;
    fades(&session, &mpv, 0.4).await?;
    mpv.set_volume(0.8).await?;
    let music = service.music().await?;
    eventually(
        &session.connection,
        SOON,
        "the switch to be over",
        async || Ok((!music.last_switch().await?.is_empty()).then_some(())),
    )
    .await?;
    assert!(near(mpv.volume().await?, 0.8), "{}", mpv.volume().await?);
    mpv.plays(BRIGHT).await
}

#[tokio::test]
async fn a_pause_in_a_fade_wins_and_the_volume_comes_back() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let (session, mpv) = quiet_mpv().await?;
    let service = service(&session, "fade").await?;
    service.knows(mpv.bus_name()).await?;
    service.mood().await?.report("happy").await?;
    fades(&session, &mpv, 0.5).await?;
    mpv.pause().await?;
    eventually(
        &session.connection,
        SOON,
        "the volume as before",
        async || Ok(near(mpv.volume().await?, 0.6).then_some(())),
    )
    .await?;
    assert!(mpv.title().await?.starts_with(GREY));
    assert_eq!(mpv.status().await?, "Paused");
    let music = service.music().await?;
    assert!(music.last_switch().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn killed_or_ended_in_a_fade_the_volume_comes_back() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let (session, mpv) = quiet_mpv().await?;
    for crash in [true, false] {
        let service = service(&session, "fade").await?;
        service.knows(mpv.bus_name()).await?;
        // What the last round left behind is no reason for nothing to happen in this one.
        service
            .mood()
            .await?
            .report(if crash { "happy" } else { "sad" })
            .await?;
        fades(&session, &mpv, 0.4).await?;
        if crash {
            service.crash().await?;
            assert!(mpv.volume().await? < 0.5, "nobody was there to put it back");
            let again = self::service(&session, "fade").await?;
            assert!(near(mpv.volume().await?, 0.6), "after the restart");
            again.crash().await?;
        } else {
            service.stop(Duration::from_secs(3)).await?;
            assert!(near(mpv.volume().await?, 0.6), "before its end");
        }
    }
    Ok(())
}
