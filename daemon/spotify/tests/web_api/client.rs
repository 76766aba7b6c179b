//! Playing, bringing back, and playlists by name.

use std::time::Duration;

use anyhow::Result;
use moodlark_spotify::Error;
use moodlark_tests::spotify::{
    Device, Misbehaves,
    world::{CALM, FOCUS, host, track},
};

use crate::stage::Stage;

fn focus() -> String {
    format!("spotify:playlist:{FOCUS}")
}

#[tokio::test]
async fn a_switch_and_its_undo_come_back_to_the_second() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().playing.shuffle = true;
    let saved = stage.spotify.save().await?;
    assert!(saved.here && saved.playing);
    stage.spotify.play(&focus(), &saved).await?;
    assert!(stage.spotify.plays(&focus()).await?);
    assert_eq!(stage.fake.world().playing.context, Some(focus()));
    assert!(stage.fake.forget()? <= 6);

    // The user changed their mind about these in between.
    stage.fake.world().playing.shuffle = false;
    stage.fake.world().playing.repeat = "track".into();
    let restored = stage.spotify.bring_back(&saved).await?;
    assert_eq!(
        restored.restored,
        ["playlist", "track", "position", "shuffle", "repeat"]
    );
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    let world = stage.fake.world();
    let playing = &world.playing;
    assert_eq!(
        playing.context.as_deref(),
        Some(&*format!("spotify:playlist:{CALM}"))
    );
    assert_eq!(
        (playing.track(), playing.shuffle, &*playing.repeat),
        (&*track(1), true, "off")
    );
    let off = playing.position().abs_diff(Duration::from_millis(61_250));
    assert!(off < Duration::from_secs(1), "{off:?} off");
    drop(world);
    assert!(stage.fake.forget()? <= 6);
    Ok(())
}

/// `GET /me/player` right after `PUT play` still shows what played before, for a second or so.
#[tokio::test]
async fn an_undo_waits_for_spotify_to_show_it_and_still_makes_six_calls_at_most() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().playing.moves = false;
    let saved = stage.spotify.save().await?;
    stage.spotify.play(&focus(), &saved).await?;
    stage.fake.forget()?;
    stage.fake.world().lag = Duration::from_millis(900);
    stage.fake.world().playing.shuffle = true;
    stage.fake.world().playing.repeat = "track".into();
    let restored = stage.spotify.bring_back(&saved).await?;
    assert!(restored.restored.contains(&"paused".into()), "{restored:?}");
    assert!(stage.fake.forget()? <= 6);
    stage.fake.world().lag = Duration::from_secs(30);
    stage.spotify.play(&focus(), &saved).await?;
    assert_eq!(
        stage.spotify.bring_back(&saved).await,
        Err(Error::NotVerified)
    );
    Ok(())
}

#[tokio::test]
async fn what_was_paused_comes_back_paused() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().playing.moves = false;
    let saved = stage.spotify.save().await?;
    stage.spotify.play(&focus(), &saved).await?;
    let restored = stage.spotify.bring_back(&saved).await?;
    assert!(restored.restored.contains(&"paused".into()), "{restored:?}");
    assert!(!stage.fake.world().playing.moves);
    Ok(())
}

#[tokio::test]
async fn ads_missing_ids_and_unknown_words_fail_nothing() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().unknown_words = true;
    let saved = stage.spotify.save().await?;
    assert_eq!(saved.item_uri, Some(format!("spotify:track:{}", track(1))));
    stage.fake.world().ad = true;
    let saved = stage.spotify.save().await?;
    assert_eq!((saved.item_uri, saved.context_uri), (None, None));
    assert!(
        stage
            .spotify
            .bring_back(&stage.spotify.save().await?)
            .await
            .is_err(),
        "there is nothing to come back to"
    );
    stage.fake.world().devices.clear();
    let nothing = stage.spotify.save().await?;
    assert_eq!(nothing, moodlark_spotify::Saved::default());
    Ok(())
}

#[tokio::test]
async fn this_computers_device_is_used_and_never_a_strangers() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let tv = Device {
        active: true,
        ..Device::new("tv", "Living room", "TV")
    };
    stage.fake.world().devices = vec![tv.clone(), Device::new("here", &host(), "Computer")];
    let saved = stage.spotify.save().await?;
    assert!(!saved.here);
    stage.spotify.play(&focus(), &saved).await?;
    assert_eq!(
        stage
            .fake
            .world()
            .active()
            .and_then(|device| device.id.clone())
            .as_deref(),
        Some("here")
    );

    stage.fake.world().devices = vec![tv];
    let saved = stage.spotify.save().await?;
    let before = stage.fake.world().playing.context.clone();
    assert_eq!(
        stage.spotify.play(&focus(), &saved).await,
        Err(Error::NoDevice)
    );
    assert_eq!(stage.fake.world().playing.context, before);

    stage.spotify.configure(moodlark_spotify::Settings {
        client_id: Some(moodlark_tests::spotify::world::CLIENT_ID.into()),
        any_device: true,
    });
    stage.spotify.play(&focus(), &saved).await?;
    assert_eq!(
        stage
            .fake
            .world()
            .active()
            .and_then(|device| device.id.clone())
            .as_deref(),
        Some("tv")
    );
    Ok(())
}

#[tokio::test]
async fn an_answer_of_ok_is_not_believed() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let saved = stage.spotify.save().await?;
    stage.fake.world().misbehaves = Misbehaves::Lies;
    stage.spotify.play(&focus(), &saved).await?;
    assert!(!stage.spotify.plays(&focus()).await?);
    stage.fake.world().misbehaves = Misbehaves::Not;
    stage.spotify.play(&focus(), &saved).await?;
    stage.fake.world().misbehaves = Misbehaves::Lies;
    assert_eq!(
        stage.spotify.bring_back(&saved).await,
        Err(Error::NotVerified)
    );
    Ok(())
}

#[tokio::test]
async fn playlists_are_found_by_name_and_remembered() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    assert_eq!(stage.spotify.resolve("focus").await?, focus());
    assert_eq!(stage.spotify.resolve("Focus").await?, focus());
    assert_eq!(
        stage.fake.calls(),
        ["GET /v1/me/playlists"],
        "the second time it is known"
    );
    assert_eq!(
        stage.spotify.resolve("Nowhere").await,
        Err(Error::NoPlaylist("Nowhere".into()))
    );
    stage.restart()?;
    stage.fake.forget()?;
    assert_eq!(stage.spotify.resolve("Focus").await?, focus());
    assert!(stage.fake.calls().is_empty(), "it is known after a restart");
    Ok(())
}

#[tokio::test]
async fn a_name_that_no_longer_stands_for_anything_is_forgotten() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let saved = stage.spotify.save().await?;
    stage.spotify.playlists("").await?;
    // Deleted, and another one made under its name: the remembered address leads nowhere.
    stage.fake.world().playlists[1].id = "5FocusBBBBBBBBBBBBBBBB".into();
    let old = stage.spotify.resolve("Focus").await?;
    assert_eq!(
        stage.spotify.play(&old, &saved).await,
        Err(Error::NotFound(old.clone()))
    );
    let new = stage.spotify.resolve("Focus").await?;
    assert_eq!(new, "spotify:playlist:5FocusBBBBBBBBBBBBBBBB");
    stage.spotify.play(&new, &saved).await?;

    // Renamed: a listing to the end takes the old name away.
    stage.fake.world().playlists[1].name = "Work".into();
    stage.spotify.playlists("").await?;
    assert_eq!(stage.spotify.known("Focus"), None);
    assert_eq!(stage.spotify.known("Work"), Some(new));
    Ok(())
}

#[tokio::test]
async fn a_search_finds_others_playlists_and_passes_over_null_entries() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let all = stage.spotify.playlists("").await?;
    assert_eq!(
        all.iter().map(|list| &*list.name).collect::<Vec<_>>(),
        ["Calm", "Focus"]
    );
    let found = stage.spotify.playlists("hits").await?;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&*found[0].name, found[0].yours),
        ("Somebody's hits", false)
    );
    Ok(())
}

#[tokio::test]
async fn a_library_of_hundreds_is_read_page_by_page() -> Result<()> {
    let stage = Stage::signed_in().await?;
    {
        let mut world = stage.fake.world();
        let one = world.playlists[0].clone();
        world.playlists = (0..130)
            .map(|n| moodlark_tests::spotify::world::Playlist {
                id: format!("list{n}"),
                name: format!("List {n}"),
                ..one.clone()
            })
            .collect();
    }
    assert_eq!(stage.spotify.playlists("").await?.len(), 130);
    assert_eq!(stage.fake.calls().len(), 3);
    assert_eq!(
        stage.spotify.resolve("List 129").await?,
        "spotify:playlist:list129"
    );
    assert_eq!(stage.fake.calls().len(), 3);
    Ok(())
}

#[tokio::test]
async fn what_is_not_in_the_published_schema_is_found() -> Result<()> {
    use moodlark_tests::spotify::contract;
    if !contract::is_there()? {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    stage.spotify.playlists("x").await?;
    contract::check(&stage.fake.exchanges())?;
    type Spoil = fn(&mut moodlark_tests::spotify::Exchange);
    let spoils: [Spoil; 5] = [
        |exchange| exchange.request.path = "/v1/me/tracks/contains".into(),
        |exchange| exchange.request.method = "DELETE".into(),
        |exchange| exchange.request.query.push(("limit".into(), "many".into())),
        |exchange| exchange.answer.status = 418,
        |exchange| exchange.answer.body = r#"{"items":[{"name":7}]}"#.into(),
    ];
    for (n, spoil) in spoils.into_iter().enumerate() {
        let mut exchanges = stage.fake.exchanges();
        spoil(&mut exchanges[0]);
        assert!(contract::check(&exchanges).is_err(), "{n}");
    }
    Ok(())
}
