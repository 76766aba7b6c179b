//! Players that vanish or fall silent while they are being asked.

use std::time::{Duration, Instant};

use anyhow::Result;
use moodlark_api::error::Error;
use moodlark_tests::{
    eventually::{SOON, eventually},
    mpv::Mpv,
    rig,
    service::Service,
    session::{BRIGHT, GREY, Session},
};

const NEEDS: [&str; 3] = ["moodlarkd", "mpv", "sox"];

/// A service that does nothing by itself.
async fn quiet(session: &Session) -> Result<Service> {
    let setup = session.service()?;
    setup.configure(&session.config(&[("enabled", "enabled = false")]))?;
    setup.start().await
}

#[tokio::test]
async fn a_player_that_dies_in_a_switch_is_a_named_error_and_the_next_one_works() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = quiet(&session).await?;
    let music = service.music().await?;
    for delay in [0, 5, 20, 60] {
        let mpv = Mpv::start(&session.bus, &session.grey).await?;
        mpv.plays(GREY).await?;
        service.knows(mpv.bus_name()).await?;
        let asked = music.clone();
        let switch = tokio::spawn(async move { asked.apply(BRIGHT).await });
        tokio::time::sleep(Duration::from_millis(delay)).await;
        mpv.kill().await?;
        match switch.await? {
            // It may have been done before the player died.
            Ok(_) | Err(Error::PlayerGone(_) | Error::NotVerified(_) | Error::NoPlayer(_)) => {}
            Err(other) => panic!("killed after {delay} ms: {other:?}"),
        }
        service.knows("").await?;
    }
    assert!(matches!(music.apply(BRIGHT).await, Err(Error::NoPlayer(_))));
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    service.knows(mpv.bus_name()).await?;
    music.apply(BRIGHT).await?;
    mpv.plays(BRIGHT).await
}

#[tokio::test]
async fn a_player_that_falls_silent_hangs_neither_the_switch_nor_the_service() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = quiet(&session).await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    service.knows(mpv.bus_name()).await?;
    rig::run("kill", &["-STOP", &mpv.id().to_string()]).await?;
    let music = service.music().await?;
    let (asked, started) = (music.clone(), Instant::now());
    let switch = tokio::spawn(async move { asked.apply(BRIGHT).await });
    // Meanwhile the service answers as ever.
    let status = service.service().await?;
    for _ in 0..5 {
        let before = Instant::now();
        status.status().await?;
        assert!(
            before.elapsed() < Duration::from_millis(500),
            "{:?}",
            before.elapsed()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let refused = switch.await?;
    assert!(
        matches!(refused, Err(Error::PlayerGone(_) | Error::NotVerified(_))),
        "{refused:?}"
    );
    assert!(
        started.elapsed() < Duration::from_secs(12),
        "{:?}",
        started.elapsed()
    );
    rig::run("kill", &["-CONT", &mpv.id().to_string()]).await?;
    // It is used again when it is back.
    eventually(
        &session.connection,
        SOON,
        "a switch in the player that came back",
        async || Ok(music.apply(BRIGHT).await.ok()),
    )
    .await?;
    mpv.plays(BRIGHT).await
}
