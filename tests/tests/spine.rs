//! The main job, whole: a face goes in, a real player plays something else, the user is told, and
//! can have it back.

use anyhow::{Context, Result};
use moodlark_tests::{
    dict::{flag, text},
    eventually::{SOON, eventually},
    mpv::Mpv,
    notifyd::NotificationDaemon,
    rig,
    session::{BRIGHT, GREY, Session},
    vlc::Vlc,
};

/// Waits for the switch to the bright list to be verified and gives it.
async fn switched(
    session: &Session,
    service: &moodlark_tests::service::Service,
) -> Result<moodlark_api::Dict> {
    let music = service.music().await?;
    eventually(&session.connection, SOON, "a verified switch", async || {
        let switch = music.last_switch().await?;
        Ok((!switch.is_empty() && flag(&switch, "verified")?).then_some(switch))
    })
    .await
}

#[tokio::test]
async fn a_happy_face_switches_mpv_and_undo_brings_back() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-sense", "mpv", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let service = session.service()?.start().await?;

    let reading = service.reads("face").await?;
    assert!(
        reading["distribution"]["happy"].as_f64().context("happy")? > 0.5,
        "{reading}"
    );
    service.feels("happy").await?;
    let switch = switched(&session, &service).await?;
    assert_eq!(text(&switch, "playlist")?, BRIGHT);
    assert_eq!(text(&switch, "player")?, mpv.bus_name());
    assert!(text(&switch, "why")?.contains("happy"), "{switch:?}");
    // Not only the service's word: the player's.
    mpv.plays(BRIGHT).await?;
    let why: serde_json::Value = serde_json::from_str(&service.mood().await?.explain().await?)?;
    assert!(
        why["sentence"].is_string() && why["decision"].is_object(),
        "{why}"
    );

    let undone = service.music().await?.undo().await?;
    assert_eq!(text(&undone, "player")?, mpv.bus_name());
    mpv.plays(GREY).await?;
    assert!(flag(
        &service.music().await?.last_switch().await?,
        "undone"
    )?);
    let again = service.music().await?.undo().await;
    assert!(
        matches!(again, Err(moodlark_api::error::Error::NothingToUndo(_))),
        "{again:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_happy_face_switches_vlc_and_undo_brings_back() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-sense", "vlc", "sox", "setpriv"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let vlc = Vlc::start(&session.bus, &session.grey).await?;
    vlc.plays(GREY).await?;
    let service = session.service()?.start().await?;

    let switch = switched(&session, &service).await?;
    assert_eq!(text(&switch, "playlist")?, BRIGHT);
    vlc.plays(BRIGHT).await?;
    service.music().await?.undo().await?;
    vlc.plays(GREY).await?;
    Ok(())
}

#[tokio::test]
async fn a_real_notification_tells_what_was_switched_and_why() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-sense", "mpv", "sox", "dunst", "Xvfb"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let dunst = NotificationDaemon::start(session.bus.address(), &session.connection).await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let service = session.service()?.start().await?;
    switched(&session, &service).await?;
    // The camera's first use, and the switch: each has its own.
    eventually(&session.connection, SOON, "two notifications", async || {
        Ok((dunst.displayed().await? == 2).then_some(()))
    })
    .await?;
    let shown = dunst.shown().await?;
    let all = format!("{shown:?}");
    assert_eq!(shown.len(), 2, "{all}");
    assert!(
        all.contains(BRIGHT) && all.contains("happy"),
        "what, and why: {all}"
    );
    assert!(all.contains("camera"), "the camera's first use: {all}");
    Ok(())
}

#[tokio::test]
async fn the_notifications_button_undoes_the_switch() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-sense", "mpv", "sox", "dunst", "Xvfb"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let dunst = NotificationDaemon::start(session.bus.address(), &session.connection).await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let service = session.service()?.start().await?;
    switched(&session, &service).await?;
    // dunst offers the button in its menu; choosing it there is a user's click.
    let offered = eventually(
        &session.connection,
        SOON,
        "a button that says Undo",
        async || Ok(Some(dunst.press("Undo").await?)),
    )
    .await?;
    mpv.plays(GREY).await.context(offered)?;
    let music = service.music().await?;
    eventually(
        &session.connection,
        SOON,
        "the undo to be noted",
        async || Ok(flag(&music.last_switch().await?, "undone")?.then_some(())),
    )
    .await?;
    // One id, replaced: no pile of switch and undo.
    let shown = dunst.shown().await?;
    assert_eq!(shown.len(), 2, "{shown:?}");
    Ok(())
}
