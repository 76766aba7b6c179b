//! What Spotify refuses, MPRIS does at once: one refusal a test, so that none hides behind another.

use std::time::{Duration, Instant};

use anyhow::Result;
use moodlark_tests::{
    dict::text,
    rig,
    spotify::{Fake, Misbehaves},
};

use crate::stage::{NEEDS, Stage, spotify_status};

impl Stage {
    /// Both playlists are played by the client on the bus, each within this time.
    async fn mpris_does_it(&self, within: Duration) -> Result<()> {
        for name in ["Rest", "Concentrate"] {
            let asked = self.client.opened().len();
            let began = Instant::now();
            let switch = self.apply(name).await?;
            assert_eq!(text(&switch, "route")?, "open-uri:spotify", "{name}");
            assert!(began.elapsed() < within, "{name}: {:?}", began.elapsed());
            assert_eq!(self.client.opened().len(), asked + 1, "{name}");
        }
        Ok(())
    }

    /// The name is known, and the next call makes a connection of its own.
    async fn knows_the_name() -> Result<Self> {
        let stage = Self::signed_in().await?;
        stage.apply("Concentrate").await?;
        stage.fake.forget()?;
        Ok(stage)
    }
}

#[tokio::test]
async fn a_playlist_that_spotify_does_not_find_is_played_over_mpris() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::knows_the_name().await?;
    stage.fake.world().misbehaves = Misbehaves::Missing;
    let switch = stage.apply("Rest").await?;
    assert_eq!(text(&switch, "route")?, "open-uri:spotify");
    assert!(stage.log_has("Spotify does not know") >= 1);
    assert_eq!(
        text(&spotify_status(&stage).await?, "trouble")?,
        "not-found"
    );
    Ok(())
}

#[tokio::test]
async fn a_quota_that_is_used_up_leaves_everything_to_mpris() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::knows_the_name().await?;
    stage.fake.world().misbehaves = Misbehaves::Quota;
    stage.mpris_does_it(Duration::from_secs(5)).await?;
    assert_eq!(stage.fake.calls(), ["GET /v1/me/player"], "asked once");
    assert_eq!(
        stage.log_has("does not help, MPRIS does it: Your Spotify app has used up its quota"),
        1
    );
    assert_eq!(text(&spotify_status(&stage).await?, "trouble")?, "quota");
    Ok(())
}

#[tokio::test]
async fn without_a_network_mpris_does_it_at_once() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let mut stage = Stage::signed_in().await?;
    // The port is closed; the client on the bus goes on.
    drop(std::mem::replace(&mut stage.fake, Fake::start().await?));
    let began = Instant::now();
    let switch = stage.apply("Rest").await?;
    assert_eq!(text(&switch, "route")?, "open-uri:spotify");
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(
        stage.log_has("does not help, MPRIS does it: Spotify cannot be reached"),
        1
    );
    assert_eq!(
        text(&spotify_status(&stage).await?, "trouble")?,
        "no-network"
    );
    Ok(())
}

#[tokio::test]
async fn a_network_that_swallows_everything_holds_up_one_switch_and_no_other() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::knows_the_name().await?;
    stage.fake.world().misbehaves = Misbehaves::Slow(Duration::from_secs(60));
    let switch = stage.apply("Rest").await?;
    assert_eq!(text(&switch, "route")?, "open-uri:spotify");
    stage.fake.world().misbehaves = Misbehaves::Not;
    stage.fake.forget()?;
    let began = Instant::now();
    let switch = stage.apply("Concentrate").await?;
    assert_eq!(text(&switch, "route")?, "open-uri:spotify");
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "{:?}",
        began.elapsed()
    );
    assert!(stage.fake.calls().is_empty());
    Ok(())
}
