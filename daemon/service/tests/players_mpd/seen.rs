//! What is seen of MPD, and who is taken for the active player.

use super::*;

#[tokio::test]
async fn mpd_is_one_of_the_players_and_seen_as_it_is() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let mut stage = Stage::start().await?;
    let view = stage.watched.players.active()?;
    assert_eq!(
        (view.bus_name.as_str(), view.identity.as_str()),
        (NAME, "MPD")
    );
    assert_eq!(
        (view.playback, &view.usable),
        (Playback::Playing, &Usable::Yes)
    );
    assert_eq!((view.content, view.volume), (Content::Music, Some(1.0)));
    for route in [
        Route::MpdPlaylist,
        Route::MpdFiles,
        Route::MpdStream("http".into()),
    ] {
        assert!(view.routes.contains(&route), "{:?}", view.routes);
    }
    let track = view.track.context("a track")?;
    assert_eq!(track.title, format!("{GREY} 2"));
    assert_eq!(track.length, Some(Duration::from_secs(40)));
    let music = uri(&stage.mpd.place().music());
    assert!(track.url.starts_with(&music), "{}", track.url);
    assert!(view.last_playing.is_some() && view.last_user_action.is_none());
    let MpdState::Linked(link) = stage.watched.players.mpd() else {
        panic!("not linked");
    };
    assert_eq!(link.playlists, [BRIGHT, GREY]);

    stage.mpd.stop().await?;
    while !stage.watched.players.views().is_empty() {
        stage.watched.events.recv().await;
    }
    let gone = stage.watched.players.save(NAME, None).await;
    assert!(matches!(gone, Err(PlayerError::NoPlayer(_))), "{gone:?}");
    Ok(())
}

#[tokio::test]
async fn only_the_users_own_acts_are_the_users() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let mut stage = Stage::start().await?;
    stage.mpd.ask("next")?;
    assert_eq!(stage.watched.user_action().await?, UserAction::Skipped);
    let view = &stage.watched.players.views()[0];
    assert!(view.last_user_action.is_some());
    tokio::time::sleep(Duration::from_millis(1100)).await; // what follows at once is the same burst
    stage.mpd.ask("pause 1")?;
    assert_eq!(stage.watched.user_action().await?, UserAction::Paused);
    stage.mpd.ask("pause 0")?;
    stage.mpd.ask("setvol 50")?;
    stage.watched.no_user_action(Duration::from_secs(1)).await?;
    // The natural end.
    stage.mpd.ask("seek 1 35")?;
    assert_eq!(stage.watched.user_action().await?, UserAction::Skipped);
    // It must know of the seek before the end comes: else the end is a skip.
    let near = |view: &PlayerView| {
        let end = view.ends_at.map(|end| end.since(now()));
        end.is_some_and(|left| left < Duration::from_secs(10))
    };
    stage.watched.sees(NAME, "its end come near", near).await?;
    stage.mpd.plays(&format!("{GREY} 3")).await?;
    stage.watched.no_user_action(Duration::from_secs(1)).await?;
    stage.mpd.ask("stop")?;
    assert_eq!(stage.watched.user_action().await?, UserAction::Stopped);
    Ok(())
}

#[tokio::test]
async fn mpd_through_a_bridge_is_no_second_player() -> Result<()> {
    if !rig::has(&[&NEEDS[..], &["mpDris2"]].concat()) {
        return Ok(());
    }
    let mut stage = Stage::start().await?;
    let socket = stage.mpd.place().socket();
    let _bridge = tokio::process::Command::new("mpDris2")
        .arg("--host")
        .arg(&socket)
        .env("DBUS_SESSION_BUS_ADDRESS", stage.session.bus.address())
        .env("HOME", stage.session.folder.path())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let bridge = "org.mpris.MediaPlayer2.mpd";
    let bus = zbus::fdo::DBusProxy::new(&stage.session.connection).await?;
    moodlark_tests::eventually::eventually(
        &stage.session.connection,
        moodlark_tests::eventually::SOON,
        "mpDris2 on the bus",
        async || Ok(bus.name_has_owner(bridge.try_into()?).await?.then_some(())),
    )
    .await?;
    // It was read when the service knows what it plays.
    while stage.watched.players.refresh(bridge).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let names: Vec<String> = stage
        .watched
        .players
        .views()
        .into_iter()
        .map(|view| view.bus_name)
        .collect();
    assert_eq!(names, [NAME]);
    assert_eq!(stage.watched.players.active()?.bus_name, NAME);
    // What the user does is told once.
    stage.mpd.ask("next")?;
    assert_eq!(stage.watched.user_action().await?, UserAction::Skipped);
    stage.watched.no_user_action(Duration::from_secs(1)).await?;
    // Without MPD itself the bridge is what there is.
    stage.watched.players.set_mpd(MpdSettings {
        enabled: false,
        ..MpdSettings::default()
    });
    let view = stage.watched.sees(bridge, "the bridge", |_| true).await?;
    assert_ne!(view.usable, Usable::Yes);
    Ok(())
}

#[tokio::test]
async fn mpd_and_a_player_on_the_bus_are_chosen_between_like_any_two() -> Result<()> {
    if !rig::has(&[&NEEDS[..], &["mpv"]].concat()) {
        return Ok(());
    }
    let mut stage = Stage::start().await?;
    let mpv = moodlark_tests::mpv::Mpv::start(&stage.session.bus, &stage.session.grey).await?;
    stage.watched.sees_it_play(mpv.bus_name(), GREY).await?;
    let players = stage.watched.players.clone();
    let both = players.active();
    assert!(
        matches!(both, Err(PlayerError::AmbiguousPlayer(_))),
        "{both:?}"
    );
    players.set_settings(PlayerSettings {
        pinned: Some("MPD".into()),
        ..PlayerSettings::default()
    });
    assert_eq!(players.active()?.bus_name, NAME);
    players.set_settings(PlayerSettings::default());
    stage.mpd.ask("pause 1")?;
    stage.watched.user_action().await?;
    assert_eq!(players.active()?.bus_name, mpv.bus_name());
    Ok(())
}

/// Bug: a switch at the track's end came before the stop that the user had asked MPD for.
#[tokio::test]
async fn the_end_of_a_song_after_which_mpd_stops_is_no_end_to_switch_at() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let mut stage = Stage::start().await?;
    let known = |view: &PlayerView| view.ends_at.is_some();
    assert!(known(&stage.watched.players.views()[0]));
    stage.mpd.ask("single oneshot")?;
    let watched = &mut stage.watched;
    watched
        .sees(NAME, "no end to wait for", |view| !known(view))
        .await?;
    stage.mpd.ask("single 1")?;
    stage.mpd.ask("repeat 1")?;
    let watched = &mut stage.watched;
    watched
        .sees(NAME, "the end after which it is played again", known)
        .await?;
    Ok(())
}
