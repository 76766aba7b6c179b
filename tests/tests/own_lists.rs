//! Players that are asked for a playlist of their own: Rhythmbox and Strawberry, for real.

use std::{path::Path, time::Duration};

use anyhow::Result;
use moodlark_api::error::Error;
use moodlark_tests::{
    dict::{text, words},
    player::Player,
    rhythmbox::{self, Rhythmbox},
    rig,
    screen::Screen,
    service::Service,
    session::{BRIGHT, GREY, Session},
    strawberry::Strawberry,
};

/// Two big players at once on a busy machine starve each other.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn known(session: &Session) -> [(&str, &Path); 2] {
    [(GREY, &session.grey), (BRIGHT, &session.bright)]
}

/// A service that does nothing by itself, once it knows the player.
async fn service(session: &Session, player: &Player, more: &[(&str, &str)]) -> Result<Service> {
    let setup = session.service()?;
    let mut changes = vec![("enabled", "enabled = false")];
    changes.extend(more);
    setup.configure(&session.config(&changes))?;
    let service = setup.start().await?;
    service.knows(player.bus_name()).await?;
    Ok(service)
}

#[tokio::test]
async fn rhythmbox_plays_its_own_playlist_by_name_and_undo_brings_back_list_track_and_position()
-> Result<()> {
    if !rig::has(&["moodlarkd", "rhythmbox", "Xvfb", "sox"]) {
        return Ok(());
    }
    let _turn = TURN.lock().await;
    let (session, screen) = (Session::start().await?, Screen::start().await?);
    let player = Rhythmbox::playing(&session.bus, &screen, &known(&session), GREY).await?;
    player.next().await?;
    player.plays(&format!("{GREY} 2")).await?;
    player.forward(Duration::from_secs(15)).await?;
    let service = service(&session, &player, &[]).await?;
    let music = service.music().await?;
    for _ in 0..2 {
        let switch = music.apply(BRIGHT).await?;
        assert_eq!(text(&switch, "route")?, "activate-playlist");
        player.plays(BRIGHT).await?;
        let undone = music.undo().await?;
        let restored = words(&undone, "restored")?;
        for what in ["list", "track", "position"] {
            assert!(restored.contains(&what.into()), "{undone:?}");
        }
        player.plays(&format!("{GREY} 2")).await?;
        assert!(player.position().await? > Duration::from_secs(10));
    }
    Ok(())
}

#[tokio::test]
async fn an_empty_playlist_in_rhythmbox_is_told_and_the_old_music_comes_back() -> Result<()> {
    if !rig::has(&["moodlarkd", "rhythmbox", "Xvfb", "sox"]) {
        return Ok(());
    }
    let _turn = TURN.lock().await;
    let (session, screen) = (Session::start().await?, Screen::start().await?);
    let player = Rhythmbox::playing(&session.bus, &screen, &known(&session), GREY).await?;
    let more = format!(
        "[[playlist]]\nname = \"Nothing\"\nplayer-playlist = \"{}\"\n[[playlist]]\nname = \"Nowhere\"\nplayer-playlist = \"Unheard of\"",
        rhythmbox::EMPTY
    );
    let service = service(&session, &player, &[("more", &more)]).await?;
    let music = service.music().await?;
    let refused = music.apply("Nowhere").await;
    assert!(
        matches!(&refused, Err(Error::NoRoute(why)) if why.contains("Unheard of") && why.contains(GREY)),
        "{refused:?}"
    );
    let refused = music.apply("Nothing").await;
    assert!(
        matches!(&refused, Err(Error::NotVerified(why)) if why.contains("probably empty") && why.contains("is back")),
        "{refused:?}"
    );
    player.plays(GREY).await
}

#[tokio::test]
async fn strawberry_plays_its_own_playlist_by_name_and_undo_brings_it_back() -> Result<()> {
    if !rig::has(&["moodlarkd", "strawberry", "Xvfb", "sox"]) {
        return Ok(());
    }
    let _turn = TURN.lock().await;
    let (session, screen) = (Session::start().await?, Screen::start().await?);
    let player = Strawberry::playing(&session.bus, &screen, &known(&session), GREY).await?;
    let service = service(&session, &player, &[]).await?;
    let music = service.music().await?;
    // Strawberry names the wrong list: what we had it play is known from that.
    music.apply(GREY).await?;
    player.plays(GREY).await?;
    let switch = music.apply(BRIGHT).await?;
    assert_eq!(text(&switch, "route")?, "activate-playlist");
    player.plays(BRIGHT).await?;
    let undone = music.undo().await?;
    assert!(
        words(&undone, "restored")?.contains(&"list".into()),
        "{undone:?}"
    );
    player.plays(GREY).await
}

#[tokio::test]
async fn strawberry_gets_back_a_list_that_the_user_chose_though_it_does_not_tell_which()
-> Result<()> {
    if !rig::has(&["moodlarkd", "strawberry", "Xvfb", "sox"]) {
        return Ok(());
    }
    let _turn = TURN.lock().await;
    let (session, screen) = (Session::start().await?, Screen::start().await?);
    let player = Strawberry::playing(&session.bus, &screen, &known(&session), GREY).await?;
    let service = service(&session, &player, &[]).await?;
    let music = service.music().await?;
    // The track is in a file of the configuration, and that names the list.
    music.apply(BRIGHT).await?;
    player.plays(BRIGHT).await?;
    let undone = music.undo().await?;
    assert!(
        words(&undone, "restored")?.contains(&"list".into()),
        "{undone:?}"
    );
    player.plays(GREY).await
}

#[tokio::test]
async fn strawberry_opens_the_file_of_a_playlist_that_it_has_not() -> Result<()> {
    if !rig::has(&["moodlarkd", "strawberry", "Xvfb", "sox"]) {
        return Ok(());
    }
    let _turn = TURN.lock().await;
    let (session, screen) = (Session::start().await?, Screen::start().await?);
    let lists = [(GREY, &*session.grey)];
    let player = Strawberry::playing(&session.bus, &screen, &lists, GREY).await?;
    let service = service(&session, &player, &[]).await?;
    let switch = service.music().await?.apply(BRIGHT).await?;
    assert_eq!(text(&switch, "route")?, "open-playlist-file");
    player.plays(BRIGHT).await
}
