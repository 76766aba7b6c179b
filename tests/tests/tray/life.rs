//! One instance, its end, and a desktop without a tray.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use moodlark_tests::{
    eventually::{SOON, eventually},
    notifyd::NotificationDaemon,
    panel::Watcher,
    rig,
    session::Session,
};

use crate::stage::*;

#[tokio::test]
async fn a_desktop_without_a_tray_is_told_once_with_what_to_install() -> Result<()> {
    if !has(&["dunst", "Xvfb"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let dunst = NotificationDaemon::start(session.bus.address(), &session.connection).await?;
    let mut setup = tray(&session);
    setup.arguments = vec!["--patience".into(), "1".into()];
    setup
        .environment
        .push(("XDG_CURRENT_DESKTOP".into(), "GNOME".into()));
    let tray = setup.start()?;
    told(&session, &dunst, "AppIndicator").await?;
    ensure!(tray.stop(SOON).await?.success());
    let before = dunst.shown().await?.len();
    // At the next login it stays quiet. A watcher without a panel is no tray.
    let _watcher = Watcher::start(&session.bus, false).await?;
    let tray = setup.start()?;
    eventually(
        &session.connection,
        SOON,
        "a second line in the log",
        async || {
            let log = setup.log();
            Ok((log.matches("has no tray").count() >= 2).then_some(()))
        },
    )
    .await?;
    assert_eq!(dunst.shown().await?.len(), before);
    ensure!(tray.stop(SOON).await?.success());
    Ok(())
}

#[tokio::test]
async fn a_second_tray_says_so_and_ends() -> Result<()> {
    if !has(&[]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let _watcher = Watcher::start(&session.bus, true).await?;
    let setup = tray(&session);
    let first = setup.start()?;
    first.tells("Moodlark is not running").await?;
    let mut second = setup.start()?;
    ensure!(!second.ends(SOON).await?.success());
    let log = setup.log();
    ensure!(log.contains("another moodlark-tray runs"), "{log}");
    first.tells("Moodlark is not running").await
}

#[tokio::test]
async fn it_ends_at_once_when_asked_even_while_it_waits_for_the_service() -> Result<()> {
    if !has(&[]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let _watcher = Watcher::start(&session.bus, true).await?;
    let (service, tray) = both(&session).await?;
    let id = service.id().context("ended")?.to_string();
    rig::run("kill", &["-STOP", &id]).await?;
    tray.choose("Pause the camera/For 1 hour").await?;
    let status = tray.stop(Duration::from_secs(1)).await?;
    ensure!(status.success(), "{status}");
    rig::run("kill", &["-CONT", &id]).await?;
    Ok(())
}

#[tokio::test]
async fn the_end_of_the_bus_is_the_end_of_the_tray() -> Result<()> {
    if !has(&[]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mut tray = tray(&session).start()?;
    tray.tells("Moodlark is not running").await?;
    let Session { bus, folder, .. } = session;
    drop(bus);
    let status = tray.ends(SOON).await?;
    ensure!(!status.success(), "{status}");
    drop(folder);
    Ok(())
}

#[tokio::test]
async fn it_explains_itself_without_a_bus() -> Result<()> {
    if !has(&[]) {
        return Ok(());
    }
    let program = rig::built("moodlark-tray")?;
    let program = program.to_str().context("path")?;
    let help = rig::run(program, &["--help"]).await?;
    ensure!(
        help.contains("--patience") && help.contains("icon in the panel"),
        "{help}"
    );
    let version = rig::run(program, &["--version"]).await?;
    ensure!(version.starts_with("moodlark-tray "), "{version}");
    Ok(())
}

#[tokio::test]
async fn the_service_manager_hears_of_readiness_and_the_watchdog() -> Result<()> {
    if !has(&[]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let path = session.folder.path().join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&path)?;
    socket.set_nonblocking(true)?;
    let mut setup = tray(&session);
    setup.environment = vec![
        (
            "NOTIFY_SOCKET".to_owned(),
            path.to_str().context("path")?.to_owned(),
        ),
        ("WATCHDOG_USEC".to_owned(), "1000000".to_owned()),
    ];
    let tray = setup.start()?;
    let heard = std::cell::RefCell::new(String::new());
    let listen = async |what: &str, times: usize| {
        eventually(&session.connection, SOON, what, async || {
            let mut buffer = [0; 4096];
            while let Ok(length) = socket.recv(&mut buffer) {
                heard
                    .borrow_mut()
                    .push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
            Ok((heard.borrow().matches(what).count() >= times).then_some(()))
        })
        .await
    };
    listen("READY=1", 1).await?;
    listen("WATCHDOG=1", 2).await?;
    ensure!(tray.stop(Duration::from_secs(1)).await?.success());
    listen("STOPPING=1", 1).await
}
