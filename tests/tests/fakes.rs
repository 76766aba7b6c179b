//! The service against players that cannot be run here, played as they behave: Spotify's clients, browsers, and
//! VLC with a sound card.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use moodlark_api::error::Error;
use moodlark_tests::{
    dict::{text, words},
    eventually::{SOON, eventually},
    fakes::{Fake, TABLE, row},
    rhythmbox::uri,
    rig,
    service::Service,
    session::{BRIGHT, Session},
};

const NEEDS: [&str; 2] = ["moodlarkd", "sox"];
const RAIN: &str = "spotify:playlist:rain";

/// A service without a camera, with a playlist of Spotify's for each of two moods.
async fn service(session: &Session, more: &[(&str, &str)]) -> Result<Service> {
    let setup = session.service()?;
    let lists = "[[playlist]]\nname = \"Sun\"\nuri = \"spotify:playlist:sun\"\nmood = \"surprise\"";
    let mut changes = vec![("enabled", "enabled = false"), ("more", lists)];
    changes.extend(more);
    setup.configure(&session.config(&changes))?;
    setup.start().await
}

#[tokio::test]
async fn spotifys_clients_play_its_playlists_and_undo_brings_back_the_track_and_says_that_it_is_all()
-> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    for name in ["Spotify", "spotifyd", "ncspot", "spotify-player"] {
        let session = Session::start().await?;
        let fake = Fake::start(&session.bus, row(name)?, RAIN).await?;
        let service = service(&session, &[]).await?;
        service.knows(fake.player().bus_name()).await?;
        let music = service.music().await?;
        let switch = music.apply("Sun").await.with_context(|| name)?;
        assert_eq!(text(&switch, "route")?, "open-uri:spotify", "{name}");
        assert_eq!(fake.opened(), ["spotify:playlist:sun"], "{name}");
        fake.player().plays("sun 1").await?;

        let undone = music.undo().await.with_context(|| name)?;
        let restored = words(&undone, "restored")?;
        assert!(restored.contains(&"track".into()), "{name}: {undone:?}");
        assert!(restored.contains(&"position".into()), "{name}: {undone:?}");
        let not = words(&undone, "not-restored")?;
        assert!(
            not.iter().any(|what| what.starts_with("list")),
            "{name}: {undone:?}"
        );
        fake.player().plays("rain 1").await?;
        assert!(
            fake.player().position().await? > Duration::from_secs(10),
            "{name}"
        );
        assert_eq!(fake.queue().is_empty(), name == "ncspot", "{name}");
        assert!(
            fake.opened().iter().all(|uri| uri.starts_with("spotify:")),
            "{name}: {:?}",
            fake.opened()
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_file_never_goes_to_spotify_nor_a_spotify_uri_to_anybody_else() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = service(&session, &[]).await?;
    let music = service.music().await?;
    for (name, playlist) in [("Spotify", BRIGHT), ("VLC with a sound card", "Sun")] {
        let source = if name == "Spotify" {
            RAIN.to_owned()
        } else {
            uri(&session.grey)?
        };
        let fake = Fake::start(&session.bus, row(name)?, &source).await?;
        service.knows(fake.player().bus_name()).await?;
        let refused = music.apply(playlist).await;
        assert!(
            matches!(refused, Err(Error::NoRoute(_))),
            "{name}: {refused:?}"
        );
        assert!(fake.opened().is_empty(), "{name}: {:?}", fake.opened());
        drop(fake);
        eventually(&session.connection, SOON, "no player", async || {
            Ok(music.player().await?.is_empty().then_some(()))
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn who_plays_tracks_only_says_so_by_what_it_does() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let fake = Fake::start(&session.bus, row("spotify-qt")?, RAIN).await?;
    let service = service(&session, &[]).await?;
    service.knows(fake.player().bus_name()).await?;
    let refused = service.music().await?.apply("Sun").await;
    assert!(
        matches!(&refused, Err(Error::NotVerified(why)) if why.contains("spotify-qt") && why.contains("rain 1")),
        "{refused:?}"
    );
    Ok(())
}

#[tokio::test]
async fn browsers_and_players_that_open_nothing_are_left_alone_with_a_reason() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = service(&session, &[]).await?;
    let music = service.music().await?;
    let left_alone = [
        "psst",
        "Elisa",
        "Firefox",
        "Chromium",
        "Plasma Browser Integration",
    ];
    for name in left_alone {
        let fake = Fake::start(&session.bus, row(name)?, RAIN).await?;
        let why = eventually(&session.connection, SOON, "the player", async || {
            let players = music.players().await?;
            let Some(player) = players.first() else {
                return Ok(None);
            };
            let why = text(player, "why")?;
            Ok((!why.is_empty() && !why.contains("does not answer")).then_some(why))
        })
        .await?;
        assert!(why.contains(fake_identity(name)?), "{name}: {why}");
        let refused = music.apply("Sun").await;
        assert!(
            matches!(refused, Err(Error::NoPlayer(_) | Error::NoRoute(_))),
            "{name}: {refused:?}"
        );
        assert!(fake.opened().is_empty(), "{name}");
        drop(fake);
        eventually(&session.connection, SOON, "no player", async || {
            Ok(music.players().await?.is_empty().then_some(()))
        })
        .await?;
    }
    assert!(TABLE.len() > left_alone.len());
    Ok(())
}

fn fake_identity(name: &str) -> Result<&'static str> {
    Ok(row(name)?.identity)
}

#[tokio::test]
async fn nothing_is_changed_in_an_advertisement_or_an_episode() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let fake = Fake::start(&session.bus, row("Spotify")?, RAIN).await?;
    let service = service(&session, &[]).await?;
    service.knows(fake.player().bus_name()).await?;
    let mood = service.mood().await?;
    for (kind, reason) in [("ad", "\"ad\""), ("episode", "\"episode\"")] {
        fake.goes_on_with(kind).await?;
        let music = service.music().await?;
        eventually(&session.connection, SOON, kind, async || {
            let players = music.players().await?;
            let player = players.first().context("no player")?;
            Ok((text(player, "content")? == kind).then_some(()))
        })
        .await?;
        mood.report("surprise").await?;
        let why = mood.explain().await?;
        assert!(why.contains(reason), "{why}");
        assert!(fake.opened().is_empty());
    }
    fake.goes_on_with("track").await?;
    let music = service.music().await?;
    eventually(&session.connection, SOON, "music", async || {
        let players = music.players().await?;
        let player = players.first().context("no player")?;
        Ok((text(player, "content")? == "music").then_some(()))
    })
    .await?;
    mood.report("surprise").await?;
    fake.player().plays("sun 1").await
}

#[tokio::test]
async fn a_fade_where_each_track_begins_at_full_volume_is_heard_at_full_volume_for_a_blink_at_most()
-> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let source = uri(&session.grey)?;
    let fake = Fake::start(&session.bus, row("VLC with a sound card")?, &source).await?;
    let service = service(&session, &[("when", "when = \"fade\"")]).await?;
    service.knows(fake.player().bus_name()).await?;
    let music = service.music().await?;
    let loud = async {
        let (mut since, mut longest) = (None::<Instant>, Duration::ZERO);
        loop {
            match fake.player().volume().await {
                Ok(volume) if volume > 0.61 => {
                    let since = *since.get_or_insert_with(Instant::now);
                    longest = longest.max(since.elapsed());
                }
                Ok(_) => since = None,
                Err(error) => return Err(error),
            }
            if !music.last_switch().await?.is_empty() {
                return Ok(longest);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    service.mood().await?.report("happy").await?;
    let longest = tokio::time::timeout(SOON, loud).await??;
    assert!(longest < Duration::from_millis(400), "{longest:?}");
    fake.player().plays(BRIGHT).await?;
    let volume = fake.player().volume().await?;
    assert!((volume - 0.6).abs() < 0.011, "{volume}");
    Ok(())
}
