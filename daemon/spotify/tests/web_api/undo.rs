//! Bringing back what is not simply a track in a playlist on this computer.

use std::time::Duration;

use anyhow::Result;
use moodlark_spotify::{Error, Saved, Settings};
use moodlark_tests::spotify::{
    Device,
    world::{CALM, CLIENT_ID, FOCUS, Playlist, SHOW, host, track},
};

use crate::stage::Stage;

fn focus() -> String {
    format!("spotify:playlist:{FOCUS}")
}

fn track_uri(number: usize) -> String {
    format!("spotify:track:{}", track(number))
}

impl Stage {
    fn position(&self) -> Duration {
        self.fake.world().playing.position()
    }
}

#[tokio::test]
async fn a_podcasts_episode_comes_back_to_the_second() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let episodes: Vec<String> = (20..23).map(track).collect();
    {
        let mut world = stage.fake.world();
        world.episodes.extend(episodes.clone());
        world.playlists.push(Playlist {
            id: SHOW.into(),
            name: "Show".into(),
            owner: "somebody".into(),
            tracks: episodes.clone(),
        });
        world.playing.context = Some(format!("spotify:show:{SHOW}"));
        world.playing.tracks = episodes.clone();
        world.playing.index = 2;
        world.playing.moves = false;
    }
    let saved = stage.spotify.save().await?;
    assert_eq!(
        saved.item_uri,
        Some(format!("spotify:episode:{}", episodes[2]))
    );
    stage.spotify.play(&focus(), &saved).await?;
    let restored = stage.spotify.bring_back(&saved).await?;
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    // It played for the moment that Spotify takes to show it, before it was paused again.
    let off = stage.position().abs_diff(Duration::from_millis(61_250));
    assert!(off < Duration::from_secs(1), "{off:?} off");
    assert_eq!(stage.fake.world().playing.track(), episodes[2]);
    assert!(!stage.fake.world().playing.moves);
    Ok(())
}

#[tokio::test]
async fn a_relinked_track_counts_as_the_one_that_was_asked_for() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let other = "11dFghVXANMlKmJXsNCbNz".to_owned();
    stage.fake.world().relinked.insert(track(1), other.clone());
    let saved = stage.spotify.save().await?;
    // As the playlist has it, and as it is heard.
    assert_eq!(saved.item_uri, Some(track_uri(1)));
    assert_eq!(saved.played_as, Some(format!("spotify:track:{other}")));
    stage.spotify.play(&focus(), &saved).await?;
    let restored = stage.spotify.bring_back(&saved).await?;
    assert_eq!(restored.restored, ["playlist", "track", "position"]);
    assert_eq!(stage.fake.world().playing.track(), track(1));

    stage.spotify.play(&track_uri(1), &saved).await?;
    assert!(stage.spotify.plays(&track_uri(1)).await?);
    Ok(())
}

#[tokio::test]
async fn a_track_that_has_left_its_playlist_comes_back_alone() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let saved = stage.spotify.save().await?;
    stage.spotify.play(&focus(), &saved).await?;
    stage.fake.world().playlists[0].tracks.remove(1);
    stage.fake.forget()?;
    let restored = stage.spotify.bring_back(&saved).await?;
    assert_eq!(restored.restored, ["track", "position"]);
    assert!(
        restored.not_restored[0].starts_with("playlist:"),
        "{restored:?}"
    );
    assert_eq!(stage.fake.world().playing.track(), track(1));
    assert!(stage.position().abs_diff(Duration::from_millis(61_250)) < Duration::from_secs(2));
    assert!(stage.fake.forget()? <= 6);
    Ok(())
}

#[tokio::test]
async fn a_file_of_the_users_own_comes_back_as_its_playlist() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().local.insert(track(1));
    let saved = stage.spotify.save().await?;
    assert!(
        saved
            .item_uri
            .as_deref()
            .is_some_and(|uri| uri.starts_with("spotify:local:")),
        "{saved:?}"
    );
    stage.spotify.play(&focus(), &saved).await?;
    stage.fake.forget()?;
    let restored = stage.spotify.bring_back(&saved).await?;
    assert_eq!(restored.restored, ["playlist"]);
    assert!(
        restored.not_restored[0].starts_with("track:"),
        "{restored:?}"
    );
    assert_eq!(
        stage.fake.world().playing.context,
        Some(format!("spotify:playlist:{CALM}"))
    );
    assert!(stage.fake.forget()? <= 6);

    // Without a playlist there is no other way.
    stage.fake.world().playing.context = None;
    let alone = Saved {
        context_uri: None,
        ..saved
    };
    assert!(matches!(
        stage.spotify.bring_back(&alone).await,
        Err(Error::NotAccepted(_))
    ));
    Ok(())
}

#[tokio::test]
async fn an_undo_does_not_start_a_strangers_speaker() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let kitchen = Device {
        active: true,
        ..Device::new("kitchen", "Kitchen", "Speaker")
    };
    stage.fake.world().devices = vec![kitchen, Device::new("here", &host(), "Computer")];
    let saved = stage.spotify.save().await?;
    assert!(!saved.here && saved.device_id.as_deref() == Some("kitchen"));
    stage.spotify.play(&focus(), &saved).await?;
    stage.fake.forget()?;
    let restored = stage.spotify.bring_back(&saved).await?;
    let active = || {
        stage
            .fake
            .world()
            .active()
            .and_then(|device| device.id.clone())
    };
    assert_eq!(active().as_deref(), Some("here"));
    assert!(
        restored
            .not_restored
            .iter()
            .any(|what| what.starts_with("device:")),
        "{restored:?}"
    );
    assert!(stage.fake.forget()? <= 6);

    // Nowhere else to play: then it is not for the Web API.
    stage.fake.world().devices.truncate(1);
    assert_eq!(stage.spotify.bring_back(&saved).await, Err(Error::NoDevice));
    // The user's word opens it.
    stage.spotify.configure(Settings {
        client_id: Some(CLIENT_ID.into()),
        any_device: true,
    });
    let restored = stage.spotify.bring_back(&saved).await?;
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    assert_eq!(active().as_deref(), Some("kitchen"));
    Ok(())
}

#[tokio::test]
async fn an_undo_goes_back_to_another_computer_that_is_in_use() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().devices = vec![Device {
        active: true,
        ..Device::new("office", "Office", "Computer")
    }];
    let saved = stage.spotify.save().await?;
    stage.spotify.play(&focus(), &saved).await?;
    let restored = stage.spotify.bring_back(&saved).await?;
    assert!(restored.not_restored.is_empty(), "{restored:?}");
    Ok(())
}

#[tokio::test]
async fn a_device_that_is_gone_is_replaced_by_the_one_that_may_be_used() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let saved = stage.spotify.save().await?;
    stage.spotify.play(&focus(), &saved).await?;
    // The client was started anew: Spotify gives it another id.
    stage.fake.world().devices = vec![Device::new("new", &host(), "Computer")];
    stage.fake.forget()?;
    let restored = stage.spotify.bring_back(&saved).await?;
    assert!(
        restored.restored.contains(&"position".into()),
        "{restored:?}"
    );
    assert!(stage.fake.forget()? <= 6);
    Ok(())
}
