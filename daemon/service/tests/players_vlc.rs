//! Players against a real VLC.

mod players_support;

use std::time::Duration;

use anyhow::Result;
use moodlark_core::{
    player::{Playback, Route},
    settings::{PlayerSettings, QuirkSettings},
};
use moodlark_service::players::{PlayerError, UserAction};
use moodlark_tests::{
    eventually::{SOON, eventually},
    mpv::Mpv,
    rig,
    session::{BRIGHT, GREY, Session},
    vlc::Vlc,
};
use players_support::{NO_LONGER_OURS, Watched, has, uri};

const NEEDS: [&str; 4] = ["dbus-daemon", "vlc", "setpriv", "sox"];

#[tokio::test]
async fn vlc_opens_a_playlist_and_undo_goes_back_to_its_own_list() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let vlc = Vlc::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    let view = watched.sees_it_play(vlc.bus_name(), GREY).await?;
    assert_eq!(view.identity, "VLC media player");
    vlc.next().await?;
    assert_eq!(watched.user_action().await?, UserAction::Skipped);
    vlc.plays(&format!("{GREY} 2")).await?;
    vlc.forward(Duration::from_secs(20)).await?;

    let saved = watched.players.save(vlc.bus_name(), None).await?;
    assert_eq!(saved.playback, Playback::Playing);
    assert_eq!(saved.track_list.len(), 3, "{saved:?}");
    assert!(
        saved.position.unwrap() >= Duration::from_secs(20),
        "{saved:?}"
    );
    let verified = watched
        .players
        .open(vlc.bus_name(), &uri(&session.bright), &saved)
        .await?;
    println!("opened and verified in {:?}", verified.took);
    assert_eq!(
        (verified.title, verified.route),
        (format!("{BRIGHT} 1"), Route::OpenPlaylistFile)
    );
    vlc.plays(BRIGHT).await?;
    watched.no_user_action(NO_LONGER_OURS).await?;

    let restored = watched.players.undo(&saved).await?;
    for what in ["list", "track", "position"] {
        assert!(has(&restored.restored, what), "{what}: {restored:?}");
    }
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    assert_eq!(vlc.title().await?, format!("{GREY} 2"));
    // VLC says zero for a moment after each seek.
    eventually(&session.connection, SOON, "the old position", async || {
        let position = vlc.position().await?.as_secs();
        Ok((19..30).contains(&position).then_some(()))
    })
    .await?;
    let again = watched.players.save(vlc.bus_name(), None).await?;
    assert_eq!(
        again.track_list, saved.track_list,
        "what we had added is out again"
    );
    watched.no_user_action(NO_LONGER_OURS).await?;
    vlc.next().await?;
    assert_eq!(watched.user_action().await?, UserAction::Skipped);
    vlc.plays(&format!("{GREY} 3")).await
}

#[tokio::test]
async fn in_vlc_a_pause_and_a_stop_are_the_users_and_the_end_of_a_track_is_not() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let vlc = Vlc::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(vlc.bus_name(), GREY).await?;
    vlc.pause().await?;
    assert_eq!(watched.user_action().await?, UserAction::Paused);
    vlc.play().await?;
    vlc.plays(GREY).await?;
    vlc.forward(Duration::from_secs(36)).await?;
    watched
        .sees_it_play(vlc.bus_name(), &format!("{GREY} 2"))
        .await?;
    watched.no_user_action(Duration::from_secs(1)).await?;
    vlc.stop().await?;
    assert_eq!(watched.user_action().await?, UserAction::Stopped);
    Ok(())
}

#[tokio::test]
async fn undo_in_vlc_pauses_again_what_was_paused() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let vlc = Vlc::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(vlc.bus_name(), GREY).await?;
    vlc.plays(GREY).await?;
    vlc.pause().await?;
    watched.user_action().await?;
    let saved = watched.players.save(vlc.bus_name(), None).await?;
    watched
        .players
        .open(vlc.bus_name(), &uri(&session.bright), &saved)
        .await?;
    vlc.plays(BRIGHT).await?;
    let restored = watched.players.undo(&saved).await?;
    assert!(
        has(&restored.restored, "paused") && has(&restored.restored, "list"),
        "{restored:?}"
    );
    assert_eq!(
        (vlc.title().await?, vlc.status().await?),
        (format!("{GREY} 1"), "Paused".into())
    );
    Ok(())
}

#[tokio::test]
async fn of_a_vlc_and_an_mpv_that_play_at_once_none_is_active() -> Result<()> {
    if !rig::has(&NEEDS) || !rig::has(&["mpv"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let vlc = Vlc::start(&session.bus, &session.grey).await?;
    let mpv = Mpv::start(&session.bus, &session.bright).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(vlc.bus_name(), GREY).await?;
    while watched
        .players
        .views()
        .iter()
        .filter(|view| view.playback == Playback::Playing)
        .count()
        < 2
    {
        watched.events.recv().await;
    }
    assert!(matches!(
        watched.players.active(),
        Err(PlayerError::AmbiguousPlayer(_))
    ));
    mpv.plays(BRIGHT).await?;
    vlc.plays(GREY).await?;
    mpv.pause().await?;
    assert_eq!(watched.user_action().await?, UserAction::Paused);
    assert_eq!(watched.players.active()?.bus_name, vlc.bus_name());
    vlc.pause().await?;
    assert_eq!(watched.user_action().await?, UserAction::Paused);
    // Who played last? VLC and mpv were found playing at the same time; that one was paused last is no matter.
    assert!(watched.players.active().is_ok());
    Ok(())
}

/// A VLC that opens no playlist file, by the user's word: what is left is its track list.
#[tokio::test]
async fn vlc_plays_what_is_added_to_its_track_list_and_undo_takes_that_out_again() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let vlc = Vlc::start(&session.bus, &session.grey).await?;
    let settings = PlayerSettings {
        quirks: vec![QuirkSettings {
            name: "vlc".into(),
            no_open_uri: Some(true),
            ..QuirkSettings::default()
        }],
        ..PlayerSettings::default()
    };
    let mut watched = Watched::with(&session, settings).await?;
    let view = watched.sees_it_play(vlc.bus_name(), GREY).await?;
    assert_eq!(view.routes, [Route::AddTracks]);
    let saved = watched.players.save(vlc.bus_name(), None).await?;
    let verified = watched
        .players
        .open(vlc.bus_name(), &uri(&session.bright), &saved)
        .await?;
    assert_eq!(
        (verified.title, verified.route),
        (format!("{BRIGHT} 1"), Route::AddTracks)
    );
    vlc.plays(BRIGHT).await?;
    for n in 2..=3 {
        vlc.next().await?;
        vlc.plays(&format!("{BRIGHT} {n}")).await?;
    }
    let now = watched.players.save(vlc.bus_name(), None).await?;
    assert_eq!(now.track_list.len(), saved.track_list.len() + 3, "{now:?}");

    let restored = watched.players.undo(&saved).await?;
    assert!(
        has(&restored.restored, "list") && has(&restored.restored, "track"),
        "{restored:?}"
    );
    vlc.plays(GREY).await?;
    let again = watched.players.save(vlc.bus_name(), None).await?;
    assert_eq!(again.track_list, saved.track_list);
    Ok(())
}
