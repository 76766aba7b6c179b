//! The sign-in changes while something else is under way: nothing of it is lost, and nothing comes back.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use moodlark_spotify::{Error, Place, Settings};
use moodlark_tests::spotify::world::CLIENT_ID;

use crate::stage::Stage;

const SOON: Duration = Duration::from_secs(10);

/// So long a refresh's answer takes: long enough to do something meanwhile.
const SLOW: Duration = Duration::from_millis(600);

/// Waits for what no signal tells of.
async fn until(what: &str, mut there: impl FnMut() -> bool) -> Result<()> {
    let began = Instant::now();
    while !there() {
        if began.elapsed() > SOON {
            bail!("not soon: {what}");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

impl Stage {
    /// A refresh is under way: Spotify has taken the old token, and its answer is on the way.
    async fn refreshing(&self) -> Result<tokio::task::JoinHandle<Result<(), Error>>> {
        self.fake.world().slow_tokens = SLOW;
        self.later(3600);
        let spotify = self.spotify.clone();
        let before = self.fake.world().secrets.len();
        let asking = tokio::spawn(async move { spotify.save().await.map(|_| ()) });
        until("a refresh", || self.fake.world().secrets.len() > before).await?;
        Ok(asking)
    }

    fn use_app(&self, client_id: &str) {
        self.spotify.configure(Settings {
            client_id: Some(client_id.into()),
            any_device: false,
        });
    }
}

#[tokio::test]
async fn a_refresh_whose_caller_gave_up_does_not_lose_the_rotated_token() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    let asking = stage.refreshing().await?;
    asking.abort();
    let file = stage.file();
    until("the new token on disk", || {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let world = stage.fake.world();
        world.refresh.keys().any(|token| text.contains(token))
    })
    .await?;
    stage.fake.world().slow_tokens = Duration::ZERO;
    // What came through is used, and not refreshed again.
    stage.fake.forget()?;
    stage.spotify.save().await?;
    assert_eq!(stage.fake.calls(), ["GET /v1/me/player"]);
    stage.restart()?;
    stage.spotify.save().await?;
    Ok(())
}

#[tokio::test]
async fn a_logout_during_a_refresh_is_not_undone_by_it() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    let asking = stage.refreshing().await?;
    stage.spotify.sign_out().await?;
    assert_eq!(asking.await?, Err(Error::NotSignedIn));
    stage.stays_signed_out().await
}

#[tokio::test]
async fn another_client_id_during_a_refresh_is_not_given_the_old_apps_grant() -> Result<()> {
    let stage = Stage::signed_in().await?;
    let asking = stage.refreshing().await?;
    stage.use_app("another");
    assert!(asking.await?.is_err());
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    // The old app's token was rotated: what replaced it is not lost.
    stage.fake.world().slow_tokens = Duration::ZERO;
    stage.use_app(CLIENT_ID);
    stage.spotify.save().await?;
    Ok(())
}

#[tokio::test]
async fn a_logout_during_a_sign_in_that_completes_counts() -> Result<()> {
    let mut stage = Stage::start().await?;
    stage.fake.world().slow_tokens = SLOW;
    let page = stage.spotify.sign_in().await?;
    let back = stage.fake.say_yes(&page.url).await?;
    let before = stage.fake.world().secrets.len();
    let spotify = stage.spotify.clone();
    let completing = tokio::spawn(async move { spotify.complete(&back).await });
    until("a code", || stage.fake.world().secrets.len() > before).await?;
    stage.spotify.sign_out().await?;
    let why = completing.await?.unwrap_err();
    assert!(why.to_string().contains("given up"), "{why}");
    stage.stays_signed_out().await
}

#[tokio::test]
async fn two_calls_at_once_refresh_once() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.later(3600);
    let (one, other) = tokio::join!(stage.spotify.save(), stage.spotify.save());
    assert!(one.is_ok() && other.is_ok());
    let refreshes = stage.fake.calls();
    let refreshes = refreshes.iter().filter(|call| call.starts_with("POST"));
    assert_eq!(refreshes.count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_sign_in_that_cannot_be_written_is_not_put_down_to_a_locked_keyring() -> Result<()> {
    let mut stage = Stage::start().await?;
    // Nothing can be put over a folder.
    std::fs::create_dir(stage.file())?;
    stage.sign_in().await?;
    let status = stage.spotify.status().await;
    assert_eq!(status.place, Some(Place::Unwritten));
    let place = status.place.map(|place| place.described());
    let place = place.unwrap_or_default();
    assert!(
        place.contains("could not be written") && !place.contains("keyring"),
        "{place}"
    );
    // It serves while the service runs, and the next refresh tries again.
    stage.spotify.save().await?;
    std::fs::remove_dir(stage.file())?;
    stage.later(3600);
    stage.spotify.save().await?;
    assert!(matches!(
        stage.spotify.status().await.place,
        Some(Place::File(_))
    ));
    Ok(())
}

#[tokio::test]
async fn a_logout_that_was_cut_off_is_finished_at_the_next_start() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    let kept = std::fs::read(stage.file())?;
    let memory = stage.folder.path().join("spotify.json");
    stage.spotify.sign_out().await?;
    // As it was when the machine went down before the file was deleted.
    let text = std::fs::read_to_string(&memory)?;
    let mut told: serde_json::Value = serde_json::from_str(&text)?;
    assert_eq!(told["signed_out"], false, "nothing is left to be done");
    told["signed_out"] = true.into();
    std::fs::write(&memory, told.to_string())?;
    std::fs::write(stage.file(), kept)?;
    std::fs::set_permissions(
        stage.file(),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )?;
    stage.restart()?;
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    assert!(!stage.file().exists());
    stage.sign_in().await?;
    stage.restart()?;
    stage.spotify.ready().await?;
    Ok(())
}
