//! What MPD plays by its own protocol, and what it leaves alone.

use super::*;

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

    // Mostly MPD takes it, and then finds that it is no music; on a busy machine it finds so at once, and does not take it.
    let broken = folder.join("broken.flac");
    std::fs::write(&broken, "no music")?;
    let refused = stage.refuses(&uri(&broken)).await?;
    match &refused {
        PlayerError::NotVerified(why) if why.ends_with("is back") => {
            assert!(why.contains("decode"), "{refused}");
        }
        refused => assert!(refused.to_string().contains("No such song"), "{refused}"),
    }
    stage.mpd.plays(&format!("{GREY} 2")).await?;
    stage.is_as_before()?;

    // This it takes always, for its good head.
    let mut music = std::fs::read(folder.join(format!("{BRIGHT} (für 1 & 100 %)/1.flac")))?;
    let head = flac_head(&music);
    music.truncate(head);
    music.extend_from_slice(&[b'x'; 10_000]);
    std::fs::write(&broken, music)?;
    let refused = stage.refuses(&uri(&broken)).await?;
    assert!(
        matches!(&refused, PlayerError::NotVerified(why) if why.ends_with("is back")),
        "{refused}"
    );
    stage.mpd.plays(&format!("{GREY} 2")).await?;
    stage.is_as_before()?;
    stage.watched.no_user_action(NO_LONGER_OURS).await
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

/// The bytes before a FLAC file's first frame: its mark, then blocks of a flag and kind, a length in three bytes, data
/// (RFC 9639, section 8).
fn flac_head(file: &[u8]) -> usize {
    let mut at = 4;
    loop {
        let last = file[at] & 0x80 != 0;
        let length = u32::from_be_bytes([0, file[at + 1], file[at + 2], file[at + 3]]);
        at += 4 + length as usize;
        if last {
            return at;
        }
    }
}

#[tokio::test]
async fn mpd_plays_what_a_list_means_however_it_is_written_and_more_behind_it() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start().await?;
    let saved = stage.save().await?;
    let folder = stage.session.folder.path();
    let tracks = format!("{BRIGHT} (für 1 & 100 %)");
    let list = folder.join("odd.xspf");
    let location = uri(&folder.join(&tracks).join("1.flac"));
    std::fs::write(
        &list,
        format!(
            "<playlist><trackList><!-- <track><location>no</location></track> --><track><location xml:space=\"preserve\">{location}</location></track><track><location>gone.flac</location></track></trackList></playlist>"
        ),
    )?;
    let players = &stage.watched.players;
    let verified = players.open(NAME, uri(&list), &saved).await?;
    assert_eq!(stage.mpd.queue()?, [format!("{BRIGHT} 1")]);
    assert_eq!(
        (verified.left_out.listed, verified.left_out.missing),
        (2, 1)
    );

    let more: Vec<_> = [2, 3]
        .map(|n| folder.join(&tracks).join(format!("{n}.flac")))
        .into();
    assert_eq!(players.append(NAME, &more).await?, Appended::Added(2));
    assert_eq!(stage.mpd.queue()?, titles(BRIGHT));
    stage.mpd.plays(&format!("{BRIGHT} 1")).await?;
    let restored = players.undo(&saved).await?;
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    stage.is_as_before()?;

    // With backslashes, and one that MPD does not know.
    let list = folder.join("windows.m3u8");
    std::fs::copy(
        folder.join(&tracks).join("1.flac"),
        stage.mpd.place().music().join("new.flac"),
    )?;
    let new = stage.mpd.place().music().join("new.flac");
    std::fs::write(&list, format!("{tracks}\\2.flac\n{}\n", new.display()))?;
    let verified = players.open(NAME, uri(&list), &saved).await?;
    assert_eq!(stage.mpd.queue()?, [format!("{BRIGHT} 2")]);
    assert_eq!(
        (verified.left_out.missing, verified.left_out.refused),
        (0, 1)
    );
    Ok(())
}
