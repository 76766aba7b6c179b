//! Players against a real MPD, by its own protocol.

mod players_support;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use moodlark_core::{
    player::{Content, Playback, PlayerView, Route, Usable, mpd::NAME},
    settings::{MpdSettings, PlayerSettings},
};
use moodlark_service::{
    mpd::places::Environment,
    players::{MpdState, PlayerError, SavedState, UserAction, Wanted},
};
use moodlark_tests::{
    mpd::{Mpd, Place},
    rig,
    session::{BRIGHT, GREY, Session},
};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

use players_support::{NO_LONGER_OURS, Watched, has, uri};

const NEEDS: [&str; 3] = ["dbus-daemon", "mpd", "sox"];

/// A session, an MPD that plays the second of three grey songs, and players that know it.
struct Stage {
    session: Session,
    mpd: Mpd,
    watched: Watched,
}

fn settings(address: &str) -> MpdSettings {
    MpdSettings {
        address: address.into(),
        ..MpdSettings::default()
    }
}

impl Stage {
    async fn start() -> Result<Self> {
        let session = Session::start().await?;
        let place = Place::new(session.folder.path())?;
        place.playlist(GREY, 220.0)?;
        place.playlist(BRIGHT, 880.0)?;
        let mpd = place.start().await?;
        mpd.ask(&format!("load \"{GREY}\""))?;
        mpd.ask("seek 1 20")?;
        mpd.plays(&format!("{GREY} 2")).await?;
        let mut watched = Watched::start(&session).await?;
        watched
            .players
            .follow_mpd(settings(&place.address()), Environment::default())
            .await;
        watched.sees_it_play(NAME, &format!("{GREY} 2")).await?;
        Ok(Self {
            session,
            mpd,
            watched,
        })
    }

    async fn save(&self) -> Result<SavedState> {
        let saved = self.watched.players.save(NAME, None).await?;
        // As it comes back from the journal.
        Ok(serde_json::from_str(&serde_json::to_string(&saved)?)?)
    }

    async fn refuses(&self, uri: &str) -> Result<PlayerError> {
        let saved = self.save().await?;
        let opened = self.watched.players.open(NAME, uri, &saved).await;
        opened.err().with_context(|| format!("{uri} was opened"))
    }

    /// That the grey list is there, whole, and its second song plays where it was.
    fn is_as_before(&self) -> Result<()> {
        assert_eq!(self.mpd.queue()?, titles(GREY));
        assert_eq!(self.mpd.told("currentsong", "Title")?, format!("{GREY} 2"));
        let elapsed = self.mpd.elapsed()?;
        assert!((19.0..35.0).contains(&elapsed), "{elapsed}");
        Ok(())
    }
}

fn titles(name: &str) -> Vec<String> {
    (1..=3).map(|n| format!("{name} {n}")).collect()
}

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
async fn a_stored_playlist_plays_and_undo_brings_back_the_whole_queue() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let mut stage = Stage::start().await?;
    for option in ["repeat 1", "setvol 40", "prio 7 2"] {
        stage.mpd.ask(option)?;
    }
    let saved = stage.save().await?;
    let verified = stage
        .watched
        .players
        .open(NAME, "mpd:Bright%20Morning", &saved)
        .await?;
    println!("opened and verified in {:?}", verified.took);
    assert_eq!(verified.route, Route::MpdPlaylist);
    assert_eq!(verified.title, format!("{BRIGHT} 1"));
    assert_eq!(stage.mpd.queue()?, titles(BRIGHT));
    stage.mpd.plays(BRIGHT).await?;
    stage.watched.no_user_action(NO_LONGER_OURS).await?;

    // Whatever became of it since.
    for change in ["repeat 0", "random 1", "single 1", "setvol 90"] {
        stage.mpd.ask(change)?;
    }
    let restored = stage.watched.players.undo(&saved).await?;
    for what in [
        "list", "track", "position", "volume", "repeat", "random", "single",
    ] {
        assert!(has(&restored.restored, what), "{what}: {restored:?}");
    }
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    stage.is_as_before()?;
    let status = stage.mpd.ask("status")?.join("\n");
    for line in [
        "repeat: 1",
        "random: 0",
        "single: 0",
        "volume: 40",
        "state: play",
    ] {
        assert!(status.contains(line), "{line}: {status}");
    }
    assert_eq!(stage.mpd.told("playlistinfo 2", "Prio")?, "7");
    stage.watched.no_user_action(NO_LONGER_OURS).await
}

#[tokio::test]
async fn a_playlist_file_plays_whether_it_lies_in_the_music_or_elsewhere() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start().await?;
    let saved = stage.save().await?;
    let inside = uri(&stage.mpd.place().music().join(format!("{BRIGHT}.m3u8")));
    for list in [inside, uri(&stage.session.bright)] {
        let verified = stage.watched.players.open(NAME, &list, &saved).await?;
        assert_eq!(verified.route, Route::MpdFiles);
        assert_eq!(stage.mpd.queue()?, titles(BRIGHT));
        stage.mpd.plays(&format!("{BRIGHT} 1")).await?;
        let restored = stage.watched.players.undo(&saved).await?;
        assert!(restored.not_restored.is_empty(), "{restored:?}");
        stage.is_as_before()?;
    }
    // And from a queue of files that lie elsewhere.
    let list = uri(&stage.session.grey);
    stage.watched.players.open(NAME, &list, &saved).await?;
    let elsewhere = stage.save().await?;
    stage
        .watched
        .players
        .open(NAME, "mpd:Bright%20Morning", &elsewhere)
        .await?;
    stage.watched.players.undo(&elsewhere).await?;
    assert_eq!(stage.mpd.queue()?, titles(GREY));
    stage.mpd.plays(&format!("{GREY} 1")).await
}

#[tokio::test]
async fn what_cannot_be_played_leaves_the_queue_and_the_song_as_they_were() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let mut stage = Stage::start().await?;
    let missing = stage.refuses("mpd:Nowhere").await?;
    assert!(
        matches!(&missing, PlayerError::PlaylistUnreadable(why) if why.contains(BRIGHT)),
        "the names that there are: {missing}"
    );
    let folder = stage.session.folder.path().to_owned();
    let gone = stage.refuses(&uri(&folder.join("none.m3u8"))).await?;
    assert!(matches!(gone, PlayerError::PlaylistUnreadable(_)), "{gone}");
    let spotify = stage.refuses("spotify:playlist:1").await?;
    assert!(matches!(spotify, PlayerError::NoRoute(_)), "{spotify}");
    // In the music's folder, and not known to MPD yet.
    std::fs::copy(
        folder.join(format!("{BRIGHT} (für 1 & 100 %)/1.flac")),
        stage.mpd.place().music().join("new.flac"),
    )?;
    let new = stage
        .refuses(&uri(&stage.mpd.place().music().join("new.flac")))
        .await?;
    assert!(
        matches!(&new, PlayerError::NoRoute(why) if why.contains("mpc update")),
        "{new}"
    );
    stage.is_as_before()?;

    // MPD takes it, and then finds that it is no music.
    let broken = folder.join("broken.flac");
    std::fs::write(&broken, "no music")?;
    let refused = stage.refuses(&uri(&broken)).await?;
    assert!(
        matches!(&refused, PlayerError::NotVerified(why) if why.ends_with("is back") && why.contains("decode")),
        "{refused}"
    );
    stage.mpd.plays(&format!("{GREY} 2")).await?;
    stage.is_as_before()?;
    stage.watched.no_user_action(NO_LONGER_OURS).await
}

#[tokio::test]
async fn a_paused_and_a_stopped_mpd_are_brought_back_so() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let mut stage = Stage::start().await?;
    stage.mpd.ask("pause 1")?;
    assert_eq!(stage.watched.user_action().await?, UserAction::Paused);
    let saved = stage.save().await?;
    let bright = "mpd:Bright%20Morning";
    stage.watched.players.open(NAME, bright, &saved).await?;
    stage.mpd.plays(BRIGHT).await?;
    let restored = stage.watched.players.undo(&saved).await?;
    assert!(has(&restored.restored, "paused"), "{restored:?}");
    assert_eq!(stage.mpd.told("status", "state")?, "pause");
    stage.is_as_before()?;

    stage.mpd.ask("stop")?;
    let saved = stage.save().await?;
    assert_eq!(saved.playback, Playback::Stopped);
    stage.watched.players.open(NAME, bright, &saved).await?;
    stage.mpd.plays(BRIGHT).await?;
    let restored = stage.watched.players.undo(&saved).await?;
    assert!(has(&restored.restored, "stopped"), "{restored:?}");
    assert_eq!(stage.mpd.told("status", "state")?, "stop");
    // The same song is the next one to play.
    assert_eq!(stage.mpd.told("status", "song")?, "1");
    assert_eq!(stage.mpd.queue()?, titles(GREY));

    // And one that had nothing to play.
    stage.mpd.ask("clear")?;
    let saved = stage.save().await?;
    stage.watched.players.open(NAME, bright, &saved).await?;
    stage.watched.players.undo(&saved).await?;
    assert!(stage.mpd.queue()?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_queue_that_consumes_its_songs_comes_back_whole() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start().await?;
    stage.mpd.ask("consume 1")?;
    let saved = stage.save().await?;
    stage
        .watched
        .players
        .open(NAME, "mpd:Bright%20Morning", &saved)
        .await?;
    assert_eq!(stage.mpd.queue()?, titles(BRIGHT));
    let restored = stage.watched.players.undo(&saved).await?;
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    stage.is_as_before()
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
    stage.mpd.ask("seek 0 38")?;
    stage.watched.no_user_action(NO_LONGER_OURS).await.ok();
    stage.mpd.plays(&format!("{GREY} 2")).await?;
    stage.mpd.ask("seekcur 38")?;
    stage.mpd.plays(&format!("{GREY} 3")).await?;
    stage.watched.no_user_action(Duration::from_secs(1)).await?;
    stage.mpd.ask("stop")?;
    assert_eq!(stage.watched.user_action().await?, UserAction::Stopped);
    Ok(())
}

#[tokio::test]
async fn an_mpd_that_was_restarted_in_between_gets_its_queue_back() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let Stage {
        session: _session,
        mpd,
        mut watched,
    } = Stage::start().await?;
    let saved = watched.players.save(NAME, None).await?;
    watched
        .players
        .open(NAME, "mpd:Bright%20Morning", &saved)
        .await?;
    let place = mpd.place().clone();
    mpd.stop().await?;
    let mpd = place.start().await?;
    let met = |view: &PlayerView| view.usable == Usable::Yes;
    while !watched.players.views().iter().any(met) {
        watched.events.recv().await;
    }
    let restored = watched.players.undo(&saved).await?;
    assert!(has(&restored.restored, "list"), "{restored:?}");
    assert_eq!(mpd.queue()?, titles(GREY));
    mpd.plays(&format!("{GREY} 2")).await?;
    assert!(mpd.elapsed()? >= 19.0);
    Ok(())
}

#[tokio::test]
async fn songs_that_are_gone_are_told_and_the_others_come_back() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start().await?;
    let saved = stage.save().await?;
    stage
        .watched
        .players
        .open(NAME, "mpd:Bright%20Morning", &saved)
        .await?;
    let music = stage.mpd.place().music();
    std::fs::remove_file(music.join(format!("{GREY} (für 1 & 100 %)/2.flac")))?;
    stage.mpd.ask("update")?;
    stage
        .mpd
        .until("the update's end", |status| !status.contains("updating_db"))
        .await?;
    let restored = stage.watched.players.undo(&saved).await?;
    assert!(
        has(&restored.not_restored, "1 of the list's songs")
            && has(&restored.not_restored, "track"),
        "{restored:?}"
    );
    assert_eq!(
        stage.mpd.queue()?,
        [format!("{GREY} 1"), format!("{GREY} 3")]
    );
    stage.mpd.plays(&format!("{GREY} 3")).await
}

#[tokio::test]
async fn an_mpd_that_hangs_is_given_up_and_used_again_when_it_is_back() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start().await?;
    let saved = stage.save().await?;
    let id = stage.mpd.id()?.to_string();
    rig::run("kill", &["-STOP", &id]).await?;
    let asked = Instant::now();
    let bright = "mpd:Bright%20Morning";
    let gone = stage.watched.players.open(NAME, bright, &saved).await;
    assert!(
        matches!(&gone, Err(PlayerError::PlayerGone(why)) if why.contains("did not answer within 2 s")),
        "{gone:?}"
    );
    assert!(
        asked.elapsed() < Duration::from_secs(4),
        "{:?}",
        asked.elapsed()
    );
    rig::run("kill", &["-CONT", &id]).await?;
    stage.watched.players.open(NAME, bright, &saved).await?;
    stage.mpd.plays(BRIGHT).await
}

#[tokio::test]
async fn an_mpd_that_starts_later_is_found_by_its_socket() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let place = Place::new(session.folder.path())?;
    place.playlist(GREY, 220.0)?;
    let mut watched = Watched::start(&session).await?;
    watched
        .players
        .follow_mpd(settings(&place.address()), Environment::default())
        .await;
    let MpdState::Absent { why, worth_telling } = watched.players.mpd() else {
        panic!("{:?}", watched.players.mpd());
    };
    assert!(worth_telling && why.contains("socket"), "{why}");
    let mpd = place.start().await?;
    mpd.ask(&format!("load \"{GREY}\""))?;
    mpd.ask("play")?;
    watched.sees_it_play(NAME, GREY).await?;
    // And no more when the user says so.
    let off = MpdSettings {
        enabled: false,
        ..MpdSettings::default()
    };
    watched.players.set_mpd(off);
    while !watched.players.views().is_empty() {
        watched.events.recv().await;
    }
    Ok(())
}

#[tokio::test]
async fn a_password_opens_and_its_lack_is_told() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let place = Place::new(session.folder.path())?.with_password("dreimal geheim");
    place.playlist(GREY, 220.0)?;
    let mpd = place.start().await?;
    mpd.ask(&format!("load \"{GREY}\""))?;
    let socket = place.socket().display().to_string();
    for (address, told) in [
        (socket.clone(), "wants a password"),
        (format!("falsch@{socket}"), "refuses the password"),
    ] {
        let watched = Watched::start(&session).await?;
        watched
            .players
            .follow_mpd(settings(&address), Environment::default())
            .await;
        let state = format!("{:?}", watched.players.mpd());
        assert!(state.contains(told) && !state.contains("falsch"), "{state}");
    }
    let watched = Watched::start(&session).await?;
    watched
        .players
        .follow_mpd(settings(&place.address()), Environment::default())
        .await;
    let saved = watched.players.save(NAME, None).await?;
    watched
        .players
        .open(NAME, &format!("mpd:{}", GREY.replace(' ', "%20")), &saved)
        .await?;
    mpd.plays(GREY).await?;
    let state = format!("{:?} {saved:?}", watched.players.mpd());
    assert!(!state.contains("geheim"), "{state}");
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
async fn a_stream_plays_and_the_queue_comes_back() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start().await?;
    let folder = format!("{BRIGHT} (für 1 & 100 %)");
    let music = std::fs::read(stage.session.folder.path().join(folder).join("1.flac"))?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let music = music.clone();
            tokio::spawn(async move {
                let head = format!(
                    "HTTP/1.0 200 OK\r\nContent-Type: audio/flac\r\nContent-Length: {}\r\n\r\n",
                    music.len()
                );
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&music).await;
            });
        }
    });
    let url = format!("http://{address}/radio.flac");
    let saved = stage.save().await?;
    let verified = stage.watched.players.open(NAME, &url, &saved).await?;
    assert_eq!(verified.route, Route::MpdStream("http".into()));
    assert_eq!(verified.url, url);
    assert_eq!(stage.mpd.told("playlistinfo", "file")?, url);
    // Nobody is there.
    let nobody = "http://127.0.0.1:9/radio";
    let refused = stage.refuses(nobody).await?;
    assert!(
        matches!(&refused, PlayerError::NotVerified(why) if why.contains("is back")),
        "{refused}"
    );
    assert_eq!(stage.mpd.told("currentsong", "file")?, url);
    stage.watched.players.undo(&saved).await?;
    stage.mpd.plays(&format!("{GREY} 2")).await?;
    stage.is_as_before()
}

#[tokio::test]
async fn over_the_network_files_play_where_their_folder_is_known() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mut place = Place::new(session.folder.path())?;
    let address = place.listen()?;
    let list = uri(&place.playlist(GREY, 220.0)?);
    let mpd = place.start().await?;
    let mut watched = Watched::start(&session).await?;
    let network = settings(&address);
    watched
        .players
        .follow_mpd(network.clone(), Environment::default())
        .await;
    let saved = watched.players.save(NAME, None).await?;
    let refused = watched.players.open(NAME, &list, &saved).await;
    assert!(
        matches!(&refused, Err(PlayerError::NoRoute(why)) if why.contains("music-directory")),
        "{refused:?}"
    );
    watched
        .players
        .open(NAME, "mpd:Grey%20Drizzle", &saved)
        .await?;
    watched.players.undo(&saved).await?;
    assert!(mpd.queue()?.is_empty());

    watched.players.set_mpd(MpdSettings {
        music_directory: Some(place.music().display().to_string()),
        ..network
    });
    let opens = |view: &PlayerView| view.routes.contains(&Route::MpdFiles);
    watched.sees(NAME, "a route for files", opens).await?;
    watched.players.open(NAME, &list, &saved).await?;
    mpd.plays(GREY).await?;
    // What lies elsewhere can't be reached over the network.
    let elsewhere = uri(&session.bright);
    let refused = watched.players.open(NAME, &elsewhere, &saved).await;
    assert!(
        matches!(&refused, Err(PlayerError::NoRoute(why)) if why.contains("outside")),
        "{refused:?}"
    );
    Ok(())
}

/// Stands between the service and MPD, and cuts a connection before it says `playid`, or once it has.
async fn cutting(place: &Place, socket: &std::path::Path, after: bool) -> Result<()> {
    let listener = tokio::net::UnixListener::bind(socket)?;
    let mpd = place.socket();
    tokio::spawn(async move {
        // Once: who comes again is let through.
        let cut = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        while let Ok((client, _)) = listener.accept().await {
            let (mpd, cut) = (mpd.clone(), cut.clone());
            tokio::spawn(async move {
                let Ok(server) = tokio::net::UnixStream::connect(mpd).await else {
                    return;
                };
                let (mut from_server, mut to_server) = server.into_split();
                let (from_client, mut to_client) = client.into_split();
                let back =
                    tokio::spawn(
                        async move { tokio::io::copy(&mut from_server, &mut to_client).await },
                    );
                let mut lines = tokio::io::BufReader::new(from_client).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    let last = line.starts_with("playid")
                        && !cut.swap(true, std::sync::atomic::Ordering::Relaxed);
                    if last && !after {
                        break;
                    }
                    if to_server
                        .write_all(format!("{line}\n").as_bytes())
                        .await
                        .is_err()
                        || last
                    {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        break;
                    }
                }
                back.abort();
            });
        }
    });
    Ok(())
}

#[tokio::test]
async fn a_connection_that_breaks_midway_leaves_the_old_queue() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    for after in [false, true] {
        let mut stage = Stage::start().await?;
        let socket = stage.session.folder.path().join("cutting");
        cutting(stage.mpd.place(), &socket, after).await?;
        let through = settings(&socket.display().to_string());
        stage.watched.players.set_mpd(through);
        let saved = loop {
            // Until it has gone over to the other socket.
            let linked = format!("{:?}", stage.watched.players.mpd()).contains("cutting");
            if linked && let Ok(saved) = stage.watched.players.save(NAME, None).await {
                break saved;
            }
            stage.watched.events.recv().await;
        };
        let bright = "mpd:Bright%20Morning";
        let opened = stage.watched.players.open(NAME, bright, &saved).await;
        if after {
            // It plays, and what is left to do is done on another connection.
            opened?;
            assert_eq!(stage.mpd.queue()?, titles(BRIGHT));
            stage.watched.players.undo(&saved).await?;
        } else {
            assert!(
                matches!(&opened, Err(PlayerError::PlayerGone(why)) if why.contains("closed")),
                "{opened:?}"
            );
        }
        stage.mpd.plays(&format!("{GREY} 2")).await?;
        stage.is_as_before()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_babbles_or_is_none_does_no_harm() -> Result<()> {
    if !rig::has(&["dbus-daemon", "mpv", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let socket = session.folder.path().join("babble");
    let listener = tokio::net::UnixListener::bind(&socket)?;
    // Answers each line with the same, at once and for ever: an MPD whose every answer is a change.
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                stream.write_all(b"OK MPD 0.23.5\n").await?;
                let (from, mut to) = stream.split();
                let mut lines = tokio::io::BufReader::new(from).lines();
                let mut list = false;
                while let Some(line) = lines.next_line().await? {
                    list |= line.starts_with("command_list");
                    let answer = match line.as_str() {
                        "command_list_ok_begin" => continue,
                        "command_list_end" => "OK\n",
                        _ if list => "changed: player\nstate: play\nfile: x\nId: 1\nlist_OK\n",
                        _ => "changed: player\nstate: play\nOK\n",
                    };
                    list &= line != "command_list_end";
                    to.write_all(answer.as_bytes()).await?;
                }
                std::io::Result::Ok(())
            });
        }
    });
    let mpv = moodlark_tests::mpv::Mpv::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched
        .players
        .follow_mpd(
            settings(&socket.display().to_string()),
            Environment::default(),
        )
        .await;
    watched.sees_it_play(mpv.bus_name(), GREY).await?;
    let two = watched.players.active();
    assert!(
        matches!(two, Err(PlayerError::AmbiguousPlayer(_))),
        "{two:?}"
    );
    let asked = Instant::now();
    let saved = watched.players.save(NAME, None).await?;
    let refused = watched.players.open(NAME, "mpd:x", &saved).await;
    assert!(refused.is_err(), "{refused:?}");
    assert!(
        asked.elapsed() < Duration::from_secs(12),
        "{:?}",
        asked.elapsed()
    );
    // And mpv goes on as if nothing were.
    let saved = watched.players.save(mpv.bus_name(), None).await?;
    let list = uri(&session.bright);
    watched.players.open(mpv.bus_name(), &list, &saved).await?;
    mpv.plays(BRIGHT).await
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

#[tokio::test]
async fn mpd_is_faded_like_any_player_and_by_a_name_of_its_own() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start().await?;
    stage.mpd.ask("setvol 80")?;
    let saved = stage.save().await?;
    let named = |name: &str, uri: Option<String>| Wanted {
        uri,
        in_player: Some(name.into()),
    };
    // A name that MPD doesn't have, and no other way; with another way that is taken.
    let unknown = stage
        .watched
        .players
        .open(NAME, named("Nowhere", None), &saved);
    assert!(matches!(
        unknown.await,
        Err(PlayerError::PlaylistUnreadable(_))
    ));
    let by_file = named("Nowhere", Some(uri(&stage.session.bright)));
    let opened = stage.watched.players.open(NAME, by_file, &saved).await?;
    assert_eq!(opened.route, Route::MpdFiles);
    stage.watched.players.undo(&saved).await?;
    let bright = named(BRIGHT, Some(uri(&stage.session.bright)));
    let span = Duration::from_secs(2);
    let (players, state) = (stage.watched.players.clone(), saved.clone());
    let opening = tokio::spawn(async move { players.open_faded(NAME, bright, &state, span).await });
    let volume = async || -> Result<u8> { Ok(stage.mpd.told("status", "volume")?.parse()?) };
    let mut lowest = 80;
    while !opening.is_finished() {
        lowest = volume().await?.min(lowest);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let verified = opening.await??;
    assert_eq!(verified.route, Route::MpdPlaylist);
    assert!(lowest < 40, "it never went below {lowest} %");
    assert_eq!(volume().await?, 80);
    stage.mpd.plays(BRIGHT).await?;
    let restored = stage.watched.players.undo(&saved).await?;
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    stage.is_as_before()
}
