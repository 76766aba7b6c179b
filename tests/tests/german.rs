//! German, as the proof that the programs can be translated: what people read is, what scripts read is not.

use anyhow::{Context, Result, bail};
use moodlark_tests::{
    eventually::{SOON, eventually},
    mpv::Mpv,
    notifyd::NotificationDaemon,
    rig,
    service::Setup,
    session::{CALM, GREY, Session},
    tray,
};
use serde_json::Value;

/// What a German desktop's session has.
const GERMAN: (&str, &str) = ("LC_ALL", "de_DE.UTF-8");

fn german(session: &Session) -> Result<Setup> {
    let mut setup = session.service()?;
    setup.environment.push((GERMAN.0.into(), GERMAN.1.into()));
    Ok(setup)
}

fn calm(session: &Session) -> Result<Setup> {
    let setup = german(session)?;
    setup.configure(&session.config(&CALM))?;
    Ok(setup)
}

async fn moodlark(setup: &Setup, language: &str, arguments: &[&str]) -> Result<String> {
    let mut command = setup.moodlark(arguments)?;
    command.env("LC_ALL", language).env("TZ", "UTC");
    let output = tokio::time::timeout(SOON, command.output())
        .await
        .with_context(|| format!("moodlark {arguments:?} does not end"))??;
    Ok(format!(
        "{}{}",
        String::from_utf8(output.stdout)?,
        String::from_utf8(output.stderr)?
    ))
}

/// Every name in a document, in order, whatever the values.
fn names(json: &Value, path: &str, names: &mut Vec<String>) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}/{name}");
                names.push(path.clone());
                self::names(value, &path, names);
            }
        }
        Value::Array(items) => {
            for item in items.iter().take(1) {
                self::names(item, path, names);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn the_command_line_speaks_german_and_scripts_notice_nothing() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-sense", "moodlark", "mpv", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let setup = calm(&session)?;
    let service = setup.start().await?;
    service.reads("face").await?;
    service.feels("happy").await?;
    let status = moodlark(&setup, "de_AT.UTF-8", &["status"]).await?;
    assert!(
        status.contains("Stimmung  fröhlich, zu ") && status.contains("nächster Blick"),
        "{status}"
    );
    let why = moodlark(&setup, "de_DE.UTF-8", &["why"]).await?;
    assert!(why.contains("Stimmung fröhlich"), "{why}");
    let wrong = moodlark(&setup, "de_DE.UTF-8", &["camera", "pause", "bald"]).await?;
    assert!(
        wrong.starts_with("moodlark: `bald` ist keine Zeitspanne"),
        "{wrong}"
    );
    // The service's own sentence comes in its language.
    let refused = moodlark(&setup, "de_DE.UTF-8", &["play", "nirgends"]).await?;
    assert!(
        refused.contains("„nirgends“ ist weder eine Wiedergabeliste noch eine Stimmung"),
        "{refused}"
    );
    for what in [
        &["--json", "status"][..],
        &["--json", "players"],
        &["--json", "playlists"],
    ] {
        let (mut english, mut german) = (Vec::new(), Vec::new());
        for (language, list) in [("C.UTF-8", &mut english), ("de_DE.UTF-8", &mut german)] {
            let text = moodlark(&setup, language, what).await?;
            names(&serde_json::from_str(&text)?, "", list);
        }
        assert!(!english.is_empty());
        assert_eq!(english, german, "{what:?}");
    }
    let json: Value =
        serde_json::from_str(&moodlark(&setup, "de_DE.UTF-8", &["--json", "status"]).await?)?;
    assert_eq!(json["mood"]["label"], "happy");
    Ok(())
}

#[tokio::test]
async fn notifications_and_their_buttons_are_german() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-sense", "mpv", "sox", "dunst", "Xvfb"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let dunst = NotificationDaemon::start(session.bus.address(), &session.connection).await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let _service = german(&session)?.start().await?;
    let offered = eventually(
        &session.connection,
        SOON,
        "a button in German",
        async || Ok(Some(dunst.press("Rückgängig").await?)),
    )
    .await?;
    mpv.plays(GREY).await.context(offered)?;
    eventually(
        &session.connection,
        SOON,
        "German notifications",
        async || {
            let shown = format!("{:?}", dunst.shown().await?);
            // What undoes takes the place of what switched.
            if shown.contains("Moodlark schaut zum ersten Mal") && shown.contains("Wie vorher") {
                Ok(Some(()))
            } else {
                bail!("{shown}")
            }
        },
    )
    .await
}

#[tokio::test]
async fn the_trays_menu_is_german_and_does_the_same() -> Result<()> {
    if !rig::has(&["moodlark-tray", "moodlarkd", "moodlark-sense", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = calm(&session)?.start().await?;
    service.reads("face").await?;
    service.feels("happy").await?;
    let mut setup = tray::Setup::new(
        session.bus.address(),
        &session.connection,
        session.folder.path(),
    );
    setup.environment.push((GERMAN.0.into(), GERMAN.1.into()));
    let tray = setup.start()?;
    tray.tells("Fröhlich (").await?;
    tray.choose("Ich fühle mich …/Traurig").await?;
    service.feels("sad").await?;
    tray.tells("Traurig, wie du gesagt hast, seit ").await
}
