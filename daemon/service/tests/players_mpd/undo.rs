//! What undo brings back in MPD.

use super::*;

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

/// Bug: undo took out what the user had put into the queue since.
#[tokio::test]
async fn what_was_queued_since_stays_behind_the_old_queue() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start().await?;
    let saved = stage.save().await?;
    let bright = "mpd:Bright%20Morning";
    stage.watched.players.open(NAME, bright, &saved).await?;
    stage.mpd.plays(BRIGHT).await?;
    let song = stage.mpd.ask("playlistinfo 2")?;
    let file = song.iter().find_map(|line| line.strip_prefix("file: "));
    let file = file.context("a song without a file")?;
    stage.mpd.ask(&format!("addid \"{file}\" 0"))?;
    let restored = stage.watched.players.undo(&saved).await?;
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    let mut queue = titles(GREY);
    queue.push(format!("{BRIGHT} 3"));
    assert_eq!(stage.mpd.queue()?, queue);
    assert_eq!(stage.mpd.told("currentsong", "Title")?, format!("{GREY} 2"));
    Ok(())
}
