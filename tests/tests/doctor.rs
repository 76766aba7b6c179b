//! What `moodlark doctor` finds on a real bus, with the real service and without.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result, bail};
use moodlark_tests::{
    eventually::{SOON, eventually},
    mpv::Mpv,
    rig,
    service::Setup,
    session::Session,
};
use zbus::interface;

const NEEDS: [&str; 4] = ["moodlark", "moodlarkd", "moodlark-sense", "sox"];
const QUIET: (&str, &str) = ("enabled", "enabled = false");

/// What stands for a desktop's tray; whether anything shows it can be switched.
struct Watcher(Arc<AtomicBool>);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs it: the exit code, and each check with level, finding and advice.
async fn doctor(setup: &Setup) -> Result<(Option<i32>, BTreeMap<String, [String; 3]>)> {
    let run = setup.moodlark(&["doctor", "--json"])?.output();
    let output = tokio::time::timeout(SOON, run)
        .await
        .context("moodlark doctor does not end")??;
    let findings: Vec<BTreeMap<String, Option<String>>> =
        serde_json::from_slice(&output.stdout).with_context(|| format!("{output:?}"))?;
    let checks = findings.into_iter().map(|mut one| {
        let mut take = |key: &str| one.remove(key).flatten().unwrap_or_default();
        (
            take("check"),
            [take("level"), take("finding"), take("advice")],
        )
    });
    Ok((output.status.code(), checks.collect()))
}

#[tokio::test]
async fn each_check_says_what_is_and_what_to_do() -> Result<()> {
    if !rig::has(&NEEDS) || !rig::has(&["mpv"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    setup.configure(&session.config(&[QUIET]))?;
    let service = setup.start().await?;
    let (_, checks) = doctor(&setup).await?;
    for name in [
        "service",
        "session-bus",
        "configuration",
        "camera",
        "models",
        "sandbox",
        "player",
        "playlists",
        "notifications",
        "tray",
        "journal",
        "disk",
    ] {
        let [level, finding, _] = checks
            .get(name)
            .with_context(|| format!("no {name} in {checks:?}"))?;
        assert!(
            ["ok", "warning", "problem"].contains(&level.as_str()),
            "{name}: {level}"
        );
        assert!(!finding.is_empty(), "{name}");
    }
    for name in [
        "configuration",
        "models",
        "sandbox",
        "playlists",
        "journal",
        "disk",
    ] {
        assert_eq!(checks[name][0], "ok", "{name}: {checks:?}");
    }
    // Nobody plays, nothing shows icons, and a test has started the service.
    for name in ["player", "tray", "service"] {
        assert_eq!(checks[name][0], "warning", "{name}: {checks:?}");
        assert!(!checks[name][2].is_empty(), "{name}: {checks:?}");
    }

    let shown = Arc::new(AtomicBool::new(false));
    let desktop = session.bus.connect().await?;
    desktop
        .object_server()
        .at("/StatusNotifierWatcher", Watcher(Arc::clone(&shown)))
        .await?;
    desktop
        .request_name("org.kde.StatusNotifierWatcher")
        .await?;
    let (_, checks) = doctor(&setup).await?;
    assert_eq!(checks["tray"][0], "warning", "{checks:?}");
    shown.store(true, Ordering::Relaxed);
    let _mpv = Mpv::start(&session.bus, &session.grey).await?;
    // The service hears of the player a moment after the test.
    let bus = &session.connection;
    let checks = eventually(bus, SOON, "a player that the doctor finds", async || {
        let (_, checks) = doctor(&setup).await?;
        if checks["player"][0] == "ok" {
            Ok(Some(checks))
        } else {
            bail!("{checks:?}")
        }
    })
    .await?;
    assert!(
        checks["player"][1].contains("open-playlist-file"),
        "{checks:?}"
    );
    assert_eq!(checks["tray"][0], "ok", "{checks:?}");
    drop(service);
    Ok(())
}

#[tokio::test]
async fn without_the_service_the_same_is_checked_and_nothing_is_made() -> Result<()> {
    if !rig::has(&NEEDS) || !rig::has(&["mpv"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    let _mpv = Mpv::start(&session.bus, &session.grey).await?;
    let (code, checks) = doctor(&setup).await?;
    assert_eq!(code, Some(1), "{checks:?}");
    assert_eq!(checks["service"][0], "problem", "{checks:?}");
    assert!(checks["service"][2].contains("moodlarkd"), "{checks:?}");
    for name in [
        "configuration",
        "models",
        "sandbox",
        "player",
        "journal",
        "disk",
    ] {
        assert_eq!(checks[name][0], "ok", "{name}: {checks:?}");
    }
    assert!(!setup.folder.join("xdg-state").exists());
    let names = zbus::fdo::DBusProxy::new(&session.connection)
        .await?
        .list_names()
        .await?;
    assert!(
        !names
            .iter()
            .any(|name| name.as_str() == moodlark_api::BUS_NAME),
        "{names:?}"
    );
    Ok(())
}
