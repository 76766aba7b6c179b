//! Players against a real mpv with mpv-mpris.

mod players_support;

use std::time::{Duration, Instant};

use anyhow::Result;
use moodlark_core::player::{Content, Playback, PlayerView, Route, Usable};
use moodlark_service::players::{PlayerError, UserAction};
use moodlark_tests::{
    mpv::Mpv,
    rig,
    session::{BRIGHT, GREY, Session},
};
use players_support::{NO_LONGER_OURS, Watched, has, uri};

const NEEDS: [&str; 3] = ["dbus-daemon", "mpv", "sox"];

#[tokio::test]
async fn mpv_is_discovered_and_seen_as_it_is() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mut watched = Watched::start(&session).await?;
    assert!(matches!(
        watched.players.active(),
        Err(PlayerError::NoPlayer(_))
    ));
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    let knows_length = |view: &PlayerView| {
        view.track
            .as_ref()
            .is_some_and(|track| track.length.is_some())
    };
    let view = watched
        .sees(mpv.bus_name(), "a track with its length", knows_length)
        .await?;
    assert!(view.track.as_ref().unwrap().title.starts_with(GREY));
    assert_eq!(view.playback, Playback::Playing);
    assert_eq!(view.identity, "mpv");
    assert_eq!(view.content, Content::Music);
    assert_eq!(view.usable, Usable::Yes);
    assert!(
        view.routes.contains(&Route::OpenPlaylistFile),
        "{:?}",
        view.routes
    );
    assert!(view.last_playing.is_some() && view.last_user_action.is_none());
    let track = view.track.unwrap();
    assert_eq!(track.length.map(|length| length.as_secs()), Some(40));
    assert_eq!(watched.players.active()?.bus_name, mpv.bus_name());

    mpv.kill().await?;
    while !watched.players.views().is_empty() {
        watched.events.recv().await;
    }
    assert!(matches!(
        watched
            .players
            .save("org.mpris.MediaPlayer2.mpv", None)
            .await,
        Err(PlayerError::NoPlayer(_))
    ));
    Ok(())
}

#[tokio::test]
async fn mpv_opens_a_playlist_and_only_the_users_own_acts_are_the_users() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(mpv.bus_name(), GREY).await?;

    let saved = watched.players.save(mpv.bus_name(), None).await?;
    assert_eq!(saved.playback, Playback::Playing);
    let verified = watched
        .players
        .open(mpv.bus_name(), &uri(&session.bright), &saved)
        .await?;
    println!("opened and verified in {:?}", verified.took);
    assert_eq!(verified.title, format!("{BRIGHT} 1"));
    assert_eq!(verified.route, Route::OpenPlaylistFile);
    mpv.plays(BRIGHT).await?;
    watched.no_user_action(NO_LONGER_OURS).await?;

    mpv.next().await?;
    assert_eq!(watched.user_action().await?, UserAction::Skipped);
    let view = &watched.players.views()[0];
    assert!(view.last_user_action.is_some());
    tokio::time::sleep(Duration::from_millis(1100)).await; // what follows at once is the same burst
    mpv.pause().await?;
    assert_eq!(watched.user_action().await?, UserAction::Paused);
    mpv.play().await?;
    watched.no_user_action(Duration::from_secs(1)).await?;
    // The natural end: within the last tenth.
    mpv.forward(Duration::from_secs(35)).await?;
    watched.no_user_action(Duration::from_secs(6)).await?;
    mpv.plays(&format!("{BRIGHT} 3")).await?;
    mpv.stop().await?;
    assert_eq!(watched.user_action().await?, UserAction::Stopped);
    Ok(())
}

#[tokio::test]
async fn undo_in_mpv_brings_back_the_list_the_track_and_the_position() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(mpv.bus_name(), GREY).await?;
    mpv.plays(GREY).await?; // while it loads it takes no commands
    mpv.next().await?;
    mpv.plays(&format!("{GREY} 2")).await?;
    mpv.forward(Duration::from_secs(20)).await?;

    let saved = watched
        .players
        .save(mpv.bus_name(), Some(uri(&session.grey)))
        .await?;
    assert!(
        saved.position.unwrap() >= Duration::from_secs(20),
        "{saved:?}"
    );
    watched
        .players
        .open(mpv.bus_name(), &uri(&session.bright), &saved)
        .await?;
    let restored = watched.players.undo(&saved).await?;
    for what in ["list", "track", "position"] {
        assert!(has(&restored.restored, what), "{what}: {restored:?}");
    }
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    assert_eq!(mpv.title().await?, format!("{GREY} 2"));
    let position = mpv.position().await?;
    assert!((20..30).contains(&position.as_secs()), "{position:?}");
    // And it is in its list again.
    mpv.next().await?;
    mpv.plays(&format!("{GREY} 3")).await
}

#[tokio::test]
async fn undo_in_mpv_without_a_known_list_brings_back_the_track_paused() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(mpv.bus_name(), GREY).await?;
    mpv.plays(GREY).await?;
    mpv.forward(Duration::from_secs(10)).await?;
    mpv.pause().await?;
    watched.user_action().await?;

    let saved = watched.players.save(mpv.bus_name(), None).await?;
    assert_eq!(saved.playback, Playback::Paused);
    // mpv stays paused with a new list until told to play.
    watched
        .players
        .open(mpv.bus_name(), &uri(&session.bright), &saved)
        .await?;
    mpv.plays(BRIGHT).await?;
    let restored = watched.players.undo(&saved).await?;
    assert!(
        has(&restored.restored, "paused") && has(&restored.not_restored, "list"),
        "{restored:?}"
    );
    assert_eq!(
        (mpv.title().await?, mpv.status().await?),
        (format!("{GREY} 1"), "Paused".into())
    );
    let position = mpv.position().await?;
    assert!(
        (9..20).contains(&position.as_secs()),
        "{position:?} {saved:?} {restored:?}"
    );
    Ok(())
}

#[tokio::test]
async fn an_idle_mpv_plays_when_asked_and_undo_silences_it() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::idle(&session.bus).await?;
    let mut watched = Watched::start(&session).await?;
    watched
        .sees(mpv.bus_name(), "a usable mpv", |view| {
            view.usable == Usable::Yes
        })
        .await?;
    let saved = watched.players.save(mpv.bus_name(), None).await?;
    assert_eq!((saved.playback, &saved.track), (Playback::Stopped, &None));
    watched
        .players
        .open(mpv.bus_name(), &uri(&session.bright), &saved)
        .await?;
    mpv.plays(BRIGHT).await?;
    let restored = watched.players.undo(&saved).await?;
    assert!(has(&restored.restored, "stopped"), "{restored:?}");
    assert_eq!(mpv.title().await?, "");
    watched.no_user_action(NO_LONGER_OURS).await
}

#[tokio::test]
async fn a_playlist_that_cannot_be_read_leaves_mpv_alone() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(mpv.bus_name(), GREY).await?;
    let saved = watched.players.save(mpv.bus_name(), None).await?;
    let missing = uri(&session.folder.path().join("missing.m3u8"));
    let refused = watched.players.open(mpv.bus_name(), &missing, &saved).await;
    assert!(
        matches!(refused, Err(PlayerError::PlaylistUnreadable(_))),
        "{refused:?}"
    );
    let refused = watched
        .players
        .open(
            mpv.bus_name(),
            "spotify:playlist:37i9dQZF1DX3rxVfibe1L0",
            &saved,
        )
        .await;
    assert!(
        matches!(refused, Err(PlayerError::NoRoute(_))),
        "{refused:?}"
    );
    mpv.plays(GREY).await
}

/// mpv takes a file with the name of a playlist and the contents of none, and stops.
#[tokio::test]
async fn what_mpv_cannot_open_stops_it_and_what_it_played_is_brought_back() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched
        .sees_it_play(mpv.bus_name(), &format!("{GREY} 1"))
        .await?;
    let broken = session.folder.path().join("broken.ogg");
    std::fs::write(&broken, "no music")?;
    let saved = watched
        .players
        .save(mpv.bus_name(), Some(uri(&session.grey)))
        .await?;
    let refused = watched
        .players
        .open(mpv.bus_name(), &uri(&broken), &saved)
        .await;
    assert!(
        matches!(&refused, Err(PlayerError::NotVerified(why)) if why.ends_with("is back")),
        "{refused:?}"
    );
    mpv.plays(&format!("{GREY} 1")).await?;
    watched.no_user_action(NO_LONGER_OURS).await
}

#[tokio::test]
async fn an_mpv_killed_in_the_middle_of_a_call_is_gone_at_once() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(mpv.bus_name(), GREY).await?;
    let saved = watched.players.save(mpv.bus_name(), None).await?;
    let (players, list, name) = (
        watched.players.clone(),
        uri(&session.bright),
        mpv.bus_name().to_owned(),
    );
    // Stopped, it cannot answer before it is killed.
    rig::run("kill", &["-STOP", &mpv.id().to_string()]).await?;
    let asked = tokio::spawn(async move { players.open(&name, &list, &saved).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let killed = Instant::now();
    mpv.kill().await?;
    let gone = asked.await?;
    assert!(matches!(gone, Err(PlayerError::PlayerGone(_))), "{gone:?}");
    assert!(
        killed.elapsed() < Duration::from_millis(500),
        "{:?}",
        killed.elapsed()
    );
    Ok(())
}

#[tokio::test]
async fn an_mpv_that_hangs_is_given_up_and_used_again_when_it_is_back() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(mpv.bus_name(), GREY).await?;
    let saved = watched.players.save(mpv.bus_name(), None).await?;
    rig::run("kill", &["-STOP", &mpv.id().to_string()]).await?;
    let asked = Instant::now();
    let gone = watched
        .players
        .open(mpv.bus_name(), &uri(&session.bright), &saved)
        .await;
    assert!(matches!(gone, Err(PlayerError::PlayerGone(_))), "{gone:?}");
    assert!(
        asked.elapsed() < Duration::from_secs(4),
        "{:?}",
        asked.elapsed()
    );
    rig::run("kill", &["-CONT", &mpv.id().to_string()]).await?;
    watched
        .players
        .open(mpv.bus_name(), &uri(&session.bright), &saved)
        .await?;
    mpv.plays(BRIGHT).await
}

#[tokio::test]
async fn the_volume_comes_back_after_a_crash_in_a_fade() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.set_volume(0.6).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(mpv.bus_name(), GREY).await?;
    let mut saved = watched.players.save(mpv.bus_name(), None).await?;
    mpv.set_volume(0.1).await?;
    assert!(
        !watched.players.restore_volume(&saved).await?,
        "without a fade it was the user who turned it down"
    );
    saved.fading = true;
    let json = serde_json::to_string(&saved)?;
    let saved = serde_json::from_str(&json)?;
    assert!(watched.players.restore_volume(&saved).await?);
    assert!((mpv.volume().await? - 0.6).abs() < 0.01);
    assert!(!watched.players.restore_volume(&saved).await?);
    watched.no_user_action(Duration::from_millis(100)).await
}
