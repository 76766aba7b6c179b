//! Signing in: the browser's way, the pasted address, and everything that must not work.

use anyhow::{Context, Result};
use moodlark_spotify::{Error, Standing};
use moodlark_tests::spotify::http;

use crate::stage::Stage;

#[tokio::test]
async fn the_browser_comes_back_and_the_user_is_signed_in() -> Result<()> {
    let mut stage = Stage::start().await?;
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    stage.sign_in().await?;
    let status = stage.spotify.status().await;
    assert!(status.signed_in && status.trouble.is_none(), "{status:?}");
    assert_eq!(status.standing, Some(Standing::Good(181)));
    // The port is closed again.
    let page = stage.spotify.sign_in().await?;
    let back = stage.fake.say_yes(&page.url).await?;
    http::get(&back).await?;
    stage.ended.recv().await.context("no end")?.outcome?;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert!(http::get(&back).await.is_err(), "somebody still listens");
    Ok(())
}

#[tokio::test]
async fn a_pasted_address_signs_in_without_a_browser_here() -> Result<()> {
    let mut stage = Stage::start().await?;
    let page = stage.spotify.sign_in().await?;
    let back = stage.fake.say_yes(&page.url).await?;
    stage.spotify.complete(&format!("  {back}\n")).await?;
    stage.ended.recv().await.context("no end")?.outcome?;
    stage.spotify.ready().await?;
    // The same code again is no sign-in.
    assert!(stage.spotify.complete(&back).await.is_err());
    Ok(())
}

#[tokio::test]
async fn another_state_signs_nobody_in_and_ends_nothing() -> Result<()> {
    let mut stage = Stage::start().await?;
    let page = stage.spotify.sign_in().await?;
    let back = stage.fake.say_yes(&page.url).await?;
    let (address, query) = back.split_once("state=").context("no state")?;
    let forged = format!("{address}state=x{query}");
    assert_eq!(http::get(&forged).await?.status, 400);
    assert!(stage.spotify.complete(&forged).await.is_err());
    assert!(
        stage
            .spotify
            .complete("https://example.com/")
            .await
            .is_err()
    );
    for probe in ["favicon.ico", "", "callback", "callback%00"] {
        let root = page.redirect.trim_end_matches("callback");
        assert_eq!(
            http::get(&format!("{root}{probe}")).await?.status,
            404,
            "{probe}"
        );
    }
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    // It still waits for the right one.
    assert_eq!(http::get(&back).await?.status, 200);
    stage.ended.recv().await.context("no end")?.outcome?;
    Ok(())
}

#[tokio::test]
async fn the_users_no_ends_it() -> Result<()> {
    let mut stage = Stage::start().await?;
    let page = stage.spotify.sign_in().await?;
    let back = stage.fake.say_yes(&page.url).await?;
    let state = back.split_once("state=").context("no state")?.1;
    let denied = http::get(&format!(
        "{}?error=access_denied&state={state}",
        page.redirect
    ))
    .await?;
    assert_eq!(denied.status, 400);
    assert!(denied.body.contains("You said no"), "{}", denied.body);
    assert!(stage.ended.recv().await.context("no end")?.outcome.is_err());
    Ok(())
}

#[tokio::test]
async fn a_sign_in_ends_after_five_minutes() -> Result<()> {
    let mut stage = Stage::start().await?;
    tokio::time::pause();
    let page = stage.spotify.sign_in().await?;
    tokio::time::sleep(std::time::Duration::from_secs(301)).await;
    tokio::time::resume();
    let why = stage
        .ended
        .recv()
        .await
        .context("no end")?
        .outcome
        .unwrap_err();
    assert!(why.to_string().contains("five minutes"), "{why}");
    assert!(
        http::get(&page.redirect).await.is_err(),
        "somebody still listens"
    );
    Ok(())
}

#[tokio::test]
async fn it_listens_on_this_machine_alone() -> Result<()> {
    let stage = Stage::start().await?;
    let page = stage.spotify.sign_in().await?;
    let port = page
        .redirect
        .rsplit(':')
        .next()
        .and_then(|rest| rest.split('/').next())
        .context("no port")?;
    let hex = format!("{:04X}", port.parse::<u16>()?);
    let sockets = std::fs::read_to_string("/proc/net/tcp")?
        + &std::fs::read_to_string("/proc/net/tcp6").unwrap_or_default();
    let listening: Vec<&str> = sockets
        .lines()
        .filter(|line| line.split_whitespace().nth(3) == Some("0A"))
        .filter_map(|line| line.split_whitespace().nth(1))
        .filter(|address| address.ends_with(&format!(":{hex}")))
        .collect();
    assert_eq!(listening, [format!("0100007F:{hex}")]);
    Ok(())
}

#[tokio::test]
async fn answers_with_tokens_that_cannot_be_read_are_told_without_quoting_them() -> Result<()> {
    let stage = Stage::start().await?;
    let page = stage.spotify.sign_in().await?;
    let back = stage.fake.say_yes(&page.url).await?;
    stage.fake.world().garbles_tokens = true;
    let why = format!("{:?}", stage.spotify.complete(&back).await.unwrap_err());
    let told = stage
        .fake
        .world()
        .secrets
        .iter()
        .any(|secret| why.contains(secret));
    assert!(!told, "{why}");
    Ok(())
}

#[tokio::test]
async fn the_sign_in_outlives_a_restart_in_a_private_file() -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let mut stage = Stage::signed_in().await?;
    let file = stage.folder.path().join("spotify-sign-in.json");
    assert_eq!(std::fs::metadata(&file)?.mode() & 0o777, 0o600);
    stage.restart()?;
    stage.spotify.save().await?;
    assert_eq!(stage.fake.calls(), ["POST /api/token", "GET /v1/me/player"]);
    // The refresh token was rotated: the new one is on disk, the access token is not.
    let text = std::fs::read_to_string(&file)?;
    let world = stage.fake.world();
    assert!(
        world.refresh.keys().any(|token| text.contains(token)),
        "the new refresh token is lost"
    );
    assert!(!text.contains("access"), "an access token is on disk");
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_that_the_answer_omits_is_kept() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    stage.fake.world().omits_refresh = true;
    for _ in 0..3 {
        stage.later(3600);
        stage.spotify.save().await?;
    }
    stage.restart()?;
    stage.spotify.save().await?;
    let refreshes = stage
        .fake
        .calls()
        .iter()
        .filter(|call| call.starts_with("POST"))
        .count();
    assert_eq!(refreshes, 4);
    Ok(())
}

#[tokio::test]
async fn an_access_token_that_ends_early_is_renewed_once() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.fake.world().end_access();
    stage.spotify.save().await?;
    assert_eq!(
        stage.fake.calls(),
        ["GET /v1/me/player", "POST /api/token", "GET /v1/me/player"]
    );
    stage.fake.forget()?;
    stage.fake.world().misbehaves = moodlark_tests::spotify::Misbehaves::Expired;
    assert_eq!(stage.spotify.save().await, Err(Error::SignInExpired));
    assert!(stage.fake.calls().len() <= 3, "{:?}", stage.fake.calls());
    Ok(())
}

#[tokio::test]
async fn a_grant_that_spotify_has_ended_is_asked_for_once_and_then_left() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    stage.fake.world().refresh.clear();
    stage.later(3600);
    assert_eq!(stage.spotify.save().await, Err(Error::SignInExpired));
    assert_eq!(stage.spotify.save().await, Err(Error::SignInExpired));
    assert_eq!(stage.fake.calls(), ["POST /api/token"]);
    assert!(!stage.spotify.status().await.signed_in);
    stage.sign_in().await?;
    stage.spotify.save().await?;
    Ok(())
}

#[tokio::test]
async fn after_six_months_nothing_is_even_asked() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.later(168 * 86_400);
    let status = stage.spotify.status().await;
    assert_eq!(status.standing, Some(Standing::Ending(13)));
    stage.later(14 * 86_400);
    assert_eq!(stage.spotify.save().await, Err(Error::SignInExpired));
    assert!(stage.fake.calls().is_empty());
    Ok(())
}

#[tokio::test]
async fn signing_out_leaves_nothing() -> Result<()> {
    let mut stage = Stage::signed_in().await?;
    stage.spotify.sign_out().await?;
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    stage.restart()?;
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    assert!(!stage.folder.path().join("spotify-sign-in.json").exists());
    assert!(stage.fake.calls().is_empty());
    Ok(())
}

#[tokio::test]
async fn another_client_id_is_another_app() -> Result<()> {
    let stage = Stage::signed_in().await?;
    stage.spotify.configure(moodlark_spotify::Settings {
        client_id: Some("another".into()),
        any_device: false,
    });
    assert_eq!(stage.spotify.ready().await, Err(Error::NotSignedIn));
    stage
        .spotify
        .configure(moodlark_spotify::Settings::default());
    assert_eq!(stage.spotify.save().await, Err(Error::NoClientId));
    assert!(stage.fake.calls().is_empty());
    Ok(())
}
