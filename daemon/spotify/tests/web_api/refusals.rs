//! Everything that Spotify says no with: told by its name, at once, and never slept on.

use std::time::{Duration, Instant};

use anyhow::Result;
use moodlark_spotify::Error;
use moodlark_tests::spotify::Misbehaves;

use crate::stage::Stage;

#[tokio::test]
async fn each_refusal_is_told_by_its_name() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let saved = stage.spotify.save().await?;
    for (misbehaves, name) in [
        (Misbehaves::Free, "needs-premium"),
        (Misbehaves::Forbidden, "forbidden"),
        (Misbehaves::Scope, "scope"),
        (Misbehaves::Broken(502), "server"),
        (Misbehaves::Broken(500), "server"),
    ] {
        stage.fake.world().misbehaves = misbehaves;
        let error = stage
            .spotify
            .play("spotify:playlist:3cEYpjA9oz9GiPac4AsH4n", &saved)
            .await
            .unwrap_err();
        assert_eq!(error.name(), name, "{misbehaves:?}");
        assert!(error.to_string().ends_with('.'), "no sentence: {error}");
    }
    for misbehaves in [Misbehaves::Garbage] {
        stage.fake.world().misbehaves = misbehaves;
        assert_eq!(
            stage.spotify.save().await,
            Err(Error::Garbled),
            "{misbehaves:?}"
        );
    }
    // JSON of another shape is read as far as it goes: nothing is known, nothing falls.
    stage.fake.world().misbehaves = Misbehaves::OtherShape;
    assert_eq!(
        stage.spotify.save().await?,
        moodlark_spotify::Saved::default()
    );
    assert!(stage.spotify.playlists("x").await?.is_empty());
    stage.fake.world().misbehaves = Misbehaves::Not;
    stage.spotify.save().await?;
    Ok(())
}

#[tokio::test]
async fn without_a_device_it_says_so() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().devices.clear();
    let saved = stage.spotify.save().await?;
    let error = stage
        .spotify
        .play("spotify:playlist:3cEYpjA9oz9GiPac4AsH4n", &saved)
        .await;
    assert_eq!(error, Err(Error::NoDevice));
    Ok(())
}

#[tokio::test]
async fn retry_after_is_kept_over_a_restart_and_nobody_is_asked_meanwhile() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    stage.fake.world().misbehaves = Misbehaves::RateLimited(Some(86_400));
    let began = Instant::now();
    let day = Duration::from_secs(86_400);
    assert_eq!(stage.spotify.save().await, Err(Error::RateLimited(day)));
    stage.fake.world().misbehaves = Misbehaves::Not;
    stage.fake.forget()?;
    stage.later(60);
    assert_eq!(
        stage.spotify.save().await,
        Err(Error::RateLimited(day - Duration::from_secs(60)))
    );
    stage.restart()?;
    assert!(matches!(
        stage.spotify.save().await,
        Err(Error::RateLimited(_))
    ));
    assert!(stage.fake.calls().is_empty(), "{:?}", stage.fake.calls());
    assert!(began.elapsed() < Duration::from_secs(5), "it was slept on");
    stage.later(86_400);
    stage.spotify.save().await?;
    Ok(())
}

#[tokio::test]
async fn a_quota_that_is_used_up_stops_everything_until_a_new_sign_in() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    stage.fake.world().misbehaves = Misbehaves::Quota;
    assert_eq!(stage.spotify.save().await, Err(Error::Quota));
    stage.fake.world().misbehaves = Misbehaves::Not;
    stage.fake.forget()?;
    for _ in 0..5 {
        stage.later(600);
        assert_eq!(stage.spotify.save().await, Err(Error::Quota));
    }
    assert!(stage.fake.calls().is_empty(), "it was tried again");
    stage.sign_in().await?;
    stage.spotify.save().await?;
    Ok(())
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().misbehaves = Misbehaves::Slow(Duration::from_secs(60));
    let began = Instant::now();
    assert_eq!(stage.spotify.save().await, Err(Error::NoNetwork));
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    Ok(())
}

#[tokio::test]
async fn without_a_network_it_says_so_at_once() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    let other = moodlark_tests::spotify::Fake::start().await?;
    drop(std::mem::replace(&mut stage.fake, other));
    let began = Instant::now();
    assert_eq!(stage.spotify.save().await, Err(Error::NoNetwork));
    assert!(began.elapsed() < Duration::from_secs(3));
    Ok(())
}
