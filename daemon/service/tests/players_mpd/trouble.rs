//! An MPD that hangs, comes late, breaks off, babbles or wants a password.

use super::*;

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
