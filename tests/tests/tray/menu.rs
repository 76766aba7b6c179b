//! What each entry of the menu and a left click do.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Result, ensure};
use moodlark_tests::{
    eventually::{SOON, eventually},
    mpv::Mpv,
    notifyd::NotificationDaemon,
    panel::Watcher,
    session::{BRIGHT, CALM, GREY, Session},
};

use crate::stage::*;

#[tokio::test]
async fn each_entry_of_the_menu_does_what_it_says() -> Result<()> {
    if !has(&["mpv", "dunst", "Xvfb"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let dunst = NotificationDaemon::start(session.bus.address(), &session.connection).await?;
    let _watcher = Watcher::start(&session.bus, true).await?;
    let (service, tray) = both(&session).await?;
    let camera = service.camera().await?;
    let policy = service.policy().await?;

    tray.choose("Pause the camera/For 30 minutes").await?;
    tray.tells("Paused until ").await?;
    let left = camera.paused_until().await? - now();
    ensure!((29 * 60_000..=30 * 60_000).contains(&left), "{left}");
    tray.choose("Pause the camera/For 1 hour").await?;
    eventually(&session.connection, SOON, "an hour's pause", async || {
        let left = camera.paused_until().await? - now();
        Ok((59 * 60_000..=60 * 60_000).contains(&left).then_some(()))
    })
    .await?;
    tray.choose("Pause the camera/Until tomorrow").await?;
    eventually(&session.connection, SOON, "midnight", async || {
        // The tray's clock is on UTC here.
        let over = camera.paused_until().await?.rem_euclid(86_400_000);
        Ok((over < 1500).then_some(()))
    })
    .await?;
    tray.choose("Pause the camera/Until I resume").await?;
    tray.tells("Paused until you resume").await?;
    tray.offers("Look now", |entry| !entry.enabled).await?;
    tray.choose("Pause the camera/Resume").await?;
    tray.tells("Next look ").await?;

    tray.choose("Use the camera").await?;
    tray.tells("The camera is off").await?;
    ensure!(!camera.enabled().await?);
    tray.offers("Use the camera", |entry| !entry.ticked).await?;
    tray.choose("Use the camera").await?;
    // A click ticks at once; the service follows.
    eventually(&session.connection, SOON, "the camera on", async || {
        Ok(camera.enabled().await?.then_some(()))
    })
    .await?;
    tray.offers("Use the camera", |entry| entry.ticked).await?;

    tray.choose("Look now").await?;
    told(&session, &dunst, "A face that looks happy").await?;

    for (entry, name) in [
        ("Lift me up", "uplift"),
        ("Calm me down", "calm"),
        ("Energise me", "energise"),
        ("Match my mood", "match"),
        ("Leave the music alone", "keep"),
        ("By my rules", "auto"),
    ] {
        let entry = format!("Music policy/{entry}");
        tray.choose(&entry).await?;
        eventually(&session.connection, SOON, name, async || {
            Ok((policy.intent().await? == name).then_some(()))
        })
        .await?;
        tray.offers(&entry, |entry| entry.ticked).await?;
    }

    // Only now: a policy changes the music by itself.
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    service.knows(mpv.bus_name()).await?;
    tray.choose("Play for …/Happy").await?;
    mpv.plays(BRIGHT).await?;
    tray.choose(&format!("Undo “{BRIGHT}”")).await?;
    mpv.plays(GREY).await?;
    tray.offers("Undo the last switch", |entry| !entry.enabled)
        .await?;

    tray.choose("I feel …/Angry").await?;
    service.feels("angry").await?;
    tray.offers("I feel …/Angry", |entry| entry.ticked).await?;
    tray.choose("I feel …/As you think").await?;
    let mood = service.mood().await?;
    eventually(
        &session.connection,
        SOON,
        "what was said taken back",
        async || Ok((mood.source().await? != "report").then_some(())),
    )
    .await?;
    tray.offers("I feel …/As you think", |entry| entry.ticked)
        .await?;
    tray.offers("I feel …/Angry", |entry| !entry.ticked).await?;

    tray.choose("Why this music?").await?;
    told(&session, &dunst, "Why this music?").await?;

    let mut tray = tray;
    tray.choose("Quit this icon").await?;
    ensure!(tray.ends(SOON).await?.success());
    // The service goes on.
    service.service().await?.status().await?;
    Ok(())
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0))
}

/// A folder with an `xdg-open` that notes what it was to open.
fn opener(session: &Session) -> Result<(String, PathBuf)> {
    let folder = session.folder.path().join("bin");
    std::fs::create_dir_all(&folder)?;
    let (program, note) = (folder.join("xdg-open"), folder.join("opened"));
    std::fs::write(
        &program,
        format!("#!/bin/sh\necho \"$1\" >>'{}'\n", note.display()),
    )?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    let path = std::env::var("PATH").unwrap_or_default();
    Ok((format!("{}:{path}", folder.display()), note))
}

async fn opened(session: &Session, note: &Path, what: &str) -> Result<PathBuf> {
    eventually(&session.connection, SOON, what, async || {
        let text = std::fs::read_to_string(note)?;
        let path = text.lines().find(|line| line.contains(what));
        Ok(path.map(PathBuf::from))
    })
    .await
}

#[tokio::test]
async fn settings_and_history_open_in_the_users_programs() -> Result<()> {
    if !has(&[]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let _watcher = Watcher::start(&session.bus, true).await?;
    let (path, note) = opener(&session)?;
    let service = service(&session)?;
    let running = service.start().await?;
    running.feels("happy").await?;
    running.mood().await?.note("a note to find").await?;
    let mut setup = tray(&session);
    setup.environment.push(("PATH".into(), path));
    let tray = setup.start()?;
    tray.tells("Happy").await?;

    tray.choose("Settings").await?;
    assert_eq!(
        opened(&session, &note, "config.toml").await?,
        service.config()
    );
    tray.choose("Open history").await?;
    let history = opened(&session, &note, "history.txt").await?;
    let page = std::fs::read_to_string(&history)?;
    ensure!(
        page.contains("a note to find") && page.contains("happy"),
        "{page}"
    );
    let mode = std::fs::metadata(&history)?.permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);

    // Without the service, the file where it is by default; which may be what keeps it from starting.
    let own = session.folder.path().join("xdg-config/moodlark");
    std::fs::create_dir_all(&own)?;
    std::fs::write(own.join("config.toml"), "[broken")?;
    running.stop(SOON).await?;
    tray.tells("Moodlark is not running").await?;
    tray.choose("Settings").await?;
    opened(&session, &note, "xdg-config/moodlark/config.toml").await?;
    Ok(())
}

#[tokio::test]
async fn a_configuration_to_edit_is_made_where_there_is_none() -> Result<()> {
    if !has(&[]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = service(&session)?;
    std::fs::remove_file(setup.config())?;
    let service = setup.start().await?;
    let path = service.service().await?.config_file().await?;
    assert_eq!(PathBuf::from(&path), setup.config());
    ensure!(std::fs::read_to_string(path)?.starts_with("# Moodlark's configuration"));
    Ok(())
}

#[tokio::test]
async fn the_left_click_does_as_configured_and_asks_for_a_camera_that_is_off() -> Result<()> {
    if !has(&["dunst", "Xvfb"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let dunst = NotificationDaemon::start(session.bus.address(), &session.connection).await?;
    let _watcher = Watcher::start(&session.bus, true).await?;
    let setup = service(&session)?;
    setup.configure(&session.config(&[("enabled", "enabled = false")]))?;
    let service = setup.start().await?;
    let tray = tray(&session).start()?;
    tray.tells("The camera is off").await?;

    tray.left_click().await?;
    eventually(&session.connection, SOON, "the question", async || {
        Ok(Some(dunst.press("Yes, use the camera").await?))
    })
    .await?;
    let camera = service.camera().await?;
    eventually(&session.connection, SOON, "the camera on", async || {
        Ok(camera.enabled().await?.then_some(()))
    })
    .await?;

    // Read again as soon as it is written, like all options.
    let mut changes = CALM.to_vec();
    changes.push(("[tray]", "[tray]\nleft-click = \"look\""));
    setup.configure(&session.config(&changes))?;
    let options = service.service().await?;
    eventually(&session.connection, SOON, "the option", async || {
        let tray = options.tray().await?;
        let click: &str = tray["left-click"].downcast_ref()?;
        Ok((click == "look").then_some(()))
    })
    .await?;
    // The tray hears of it a moment after us.
    eventually(&session.connection, SOON, "a look by a click", async || {
        tray.left_click().await?;
        told_now(&dunst, "A face that looks happy").await
    })
    .await
}

async fn told_now(dunst: &NotificationDaemon, text: &str) -> Result<Option<()>> {
    let shown = dunst.shown().await?;
    Ok(shown
        .iter()
        .any(|shown| shown.body.contains(text))
        .then_some(()))
}

#[tokio::test]
async fn a_choice_that_is_refused_is_told_and_leaves_no_wrong_tick() -> Result<()> {
    if !has(&["dunst", "Xvfb"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let dunst = NotificationDaemon::start(session.bus.address(), &session.connection).await?;
    let _watcher = Watcher::start(&session.bus, true).await?;
    let (service, tray) = both(&session).await?;
    let setup = session.folder.path().join("service/config.toml");
    std::fs::write(&setup, "[camera]\nenabled = true\nintervall = 5\n")?;
    tray.choose("Use the camera").await?;
    told(&session, &dunst, "Moodlark could not do it").await?;
    tray.offers("Use the camera", |entry| entry.ticked).await?;
    ensure!(service.camera().await?.enabled().await?);
    tray.choose("Play for …/Disgusted").await?;
    told(&session, &dunst, "Moodlark could not do it").await
}
