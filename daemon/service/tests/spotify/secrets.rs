//! No token, code or verifier is where it does not belong: looked for with the log at its most talkative.

use anyhow::{Context, Result};
use moodlark_tests::{
    dict::text,
    keyring::{self, Keyring},
    rig,
    service::Setup,
    session::Session,
    spotify::Misbehaves,
};

use crate::stage::{NEEDS, Stage, spotify_status};

#[tokio::test]
async fn no_token_code_or_verifier_is_in_any_log_or_file_but_its_own() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    stage.apply("Concentrate").await?;
    stage.fake.world().end_access();
    stage.apply("Rest").await?;
    // A sign-in with a pasted address, one with answers that cannot be read, and one with a wrong state.
    let spotify = stage.service.spotify().await?;
    let back = stage.fake.say_yes(&spotify.login().await?).await?;
    spotify.complete(&back).await?;
    let back = stage.fake.say_yes(&spotify.login().await?).await?;
    assert!(spotify.complete(&format!("{back}x")).await.is_err());
    stage.fake.world().garbles_tokens = true;
    assert!(spotify.complete(&back).await.is_err());
    stage.fake.world().garbles_tokens = false;
    for misbehaves in [
        Misbehaves::Garbage,
        Misbehaves::OtherShape,
        Misbehaves::Forbidden,
    ] {
        stage.fake.world().misbehaves = misbehaves;
        stage.apply("Concentrate").await?;
    }
    stage.service.service().await?.doctor().await?;
    log_is_clean(&stage)
}

/// Neither the log nor any file but the sign-in's own has a secret in it.
fn log_is_clean(stage: &Stage) -> Result<()> {
    let secrets = stage.fake.world().secrets.clone();
    assert!(secrets.len() >= 5, "{}", secrets.len());
    let log = stage.setup.log();
    assert!(
        log.contains("TRACE"),
        "the log is not at its most talkative:\n{log}"
    );
    for secret in &secrets {
        assert!(
            !secret.is_empty() && !log.contains(secret.as_str()),
            "{secret} is in the log"
        );
    }
    assert!(!log.contains("Bearer"), "a header is in the log");
    // The journal, too, and everything else beside the one file.
    files(&stage.setup, &secrets)
}

fn files(setup: &Setup, secrets: &std::collections::BTreeSet<String>) -> Result<()> {
    for entry in std::fs::read_dir(setup.state())? {
        let path = entry?.path();
        if path
            .file_name()
            .is_some_and(|name| name == "spotify-sign-in.json")
        {
            continue;
        }
        let bytes = std::fs::read(&path)?;
        for secret in secrets {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
    Ok(())
}

#[tokio::test]
async fn no_token_is_in_the_log_when_a_keyring_takes_it() -> Result<()> {
    if !rig::has(&[&NEEDS[..], &[keyring::PROGRAM]].concat()) {
        return Ok(());
    }
    let session = Session::start().await?;
    let keyring = Keyring::start(&session.bus, session.folder.path()).await?;
    let mut stage = Stage::on(session).await?;
    stage.sign_in().await?;
    stage.apply("Concentrate").await?;
    // Rotated, and put there again.
    stage.fake.world().end_access();
    stage.apply("Rest").await?;
    // Read at a start, refused while it is locked, and deleted.
    stage
        .service
        .stop(std::time::Duration::from_secs(5))
        .await?;
    stage.service = stage.setup.start().await?;
    stage.apply("Concentrate").await?;
    assert_eq!(
        text(&spotify_status(&stage).await?, "place")?,
        "in your keyring"
    );
    let items = keyring.items().await?;
    assert!(items.len() == 1, "{items:?}");
    stage.service.spotify().await?.logout().await?;
    let file = stage.setup.state().join("spotify-sign-in.json");
    assert!(!file.exists());
    log_is_clean(&stage).context("with a keyring")
}
