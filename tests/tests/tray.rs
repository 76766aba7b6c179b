//! The tray as a user has it: the real program, the real service, real panels, a real notification daemon.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use moodlark_tests::{
    eventually::{SOON, eventually},
    mpv::Mpv,
    notifyd::NotificationDaemon,
    panel::{Look, Panel, Watcher},
    rig,
    screen::Screen,
    service::{Service, Setup as ServiceSetup},
    session::{BRIGHT, GREY, Session},
    tray::{Setup, Tray},
};

const NEEDS: [&str; 4] = ["moodlark-tray", "moodlarkd", "moodlark-sense", "sox"];

/// One look at the start, and none later: nothing changes by itself.
const CALM: [(&str, &str); 3] = [
    ("interval", "interval = \"1h\""),
    ("only-while-playing", "only-while-playing = false"),
    ("name = \"always\"", "name = \"always\"\nenabled = false"),
];

fn has(others: &[&str]) -> bool {
    rig::has(&NEEDS) && rig::has(others)
}

fn service(session: &Session) -> Result<ServiceSetup> {
    let setup = session.service()?;
    setup.configure(&session.config(&CALM))?;
    Ok(setup)
}

fn tray(session: &Session) -> Setup {
    Setup::new(
        session.bus.address(),
        &session.connection,
        session.folder.path(),
    )
}

/// The service, and the tray that knows it.
async fn both(session: &Session) -> Result<(Service, Tray)> {
    let service = service(session)?.start().await?;
    service.reads("face").await?;
    service.feels("happy").await?;
    let tray = tray(session).start()?;
    tray.tells("Happy (").await?;
    Ok((service, tray))
}

/// Waits until the last of what dunst was told, or any before, holds this.
async fn told(session: &Session, dunst: &NotificationDaemon, text: &str) -> Result<()> {
    let what = format!("a notification with {text:?}");
    eventually(&session.connection, SOON, &what, async || {
        let shown = dunst.shown().await?;
        if shown
            .iter()
            .any(|shown| format!("{}\n{}", shown.summary, shown.body).contains(text))
        {
            Ok(Some(()))
        } else {
            bail!("{shown:?}")
        }
    })
    .await
}

#[tokio::test]
async fn the_icon_shows_in_xfces_panel_and_a_choice_reaches_the_service() -> Result<()> {
    if !has(&Panel::XFCE) {
        return Ok(());
    }
    let session = Session::start().await?;
    let screen = Screen::start().await?;
    let panel = Panel::xfce(&session.bus, &screen, Look::Dark, 30).await?;
    let (service, tray) = both(&session).await?;
    panel.has(&tray.item_name()).await?;
    tray.choose("I feel …/Sad").await?;
    service.feels("sad").await?;
    tray.tells("Sad, as you said, since ").await?;
    tray.offers("I feel …/Sad", |entry| entry.ticked).await?;
    Ok(())
}

#[tokio::test]
async fn the_icon_shows_in_lxqts_panel_and_a_choice_reaches_the_service() -> Result<()> {
    if !has(&Panel::LXQT) {
        return Ok(());
    }
    let session = Session::start().await?;
    let screen = Screen::start().await?;
    let panel = Panel::lxqt(&session.bus, &screen).await?;
    let (service, tray) = both(&session).await?;
    panel.has(&tray.item_name()).await?;
    tray.choose("I feel …/Sad").await?;
    service.feels("sad").await
}

/// Where the icon is on the screen: the middle of the pixels in the yellow of a happy face.
async fn find_yellow(session: &Session, screen: &Screen, height: u32) -> Result<(u32, u32)> {
    eventually(&session.connection, SOON, "a yellow face", async || {
        let pixels = screen.pixels(&format!("1280x{height}+0+0")).await?;
        let (mut x, mut y, mut count) = (0, 0, 0);
        for (index, [r, g, b]) in (0_u32..).zip(&pixels) {
            if *r > 200 && *g > 160 && *b < 90 {
                x += u64::from(index % 1280);
                y += u64::from(index / 1280);
                count += 1;
            }
        }
        if count < 30 {
            bail!("{count} yellow pixels")
        }
        Ok(Some((u32::try_from(x / count)?, u32::try_from(y / count)?)))
    })
    .await
}

#[tokio::test]
async fn real_clicks_open_the_menu_and_tell_the_status() -> Result<()> {
    if !has(&[
        "xfce4-panel",
        "Xvfb",
        "xdotool",
        "import",
        "dunst",
        "openbox",
    ]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let screen = Screen::start().await?;
    let dunst = NotificationDaemon::start(session.bus.address(), &session.connection).await?;
    let _manager = tokio::process::Command::new("openbox")
        .env("DISPLAY", screen.display())
        .env("HOME", session.folder.path())
        .kill_on_drop(true)
        .spawn()?;
    let panel = Panel::xfce(&session.bus, &screen, Look::Dark, 30).await?;
    let (service, tray) = both(&session).await?;
    panel.has(&tray.item_name()).await?;
    let (x, y) = find_yellow(&session, &screen, 30).await?;

    screen.click(x, y, 1).await?;
    told(&session, &dunst, "Happy (").await?;

    // The menu opens under the pointer, below the panel.
    let before = screen.pixels("400x300+0+31").await?;
    screen.click(x, y, 3).await?;
    eventually(
        &session.connection,
        SOON,
        "the menu on the screen",
        async || Ok((screen.pixels("400x300+0+31").await? != before).then_some(())),
    )
    .await?;
    // By keyboard from there: "I feel …" is the first that can be chosen, and sad the fourth in it.
    let keys = ["Down", "Right", "Down", "Down", "Down", "Return"];
    screen.press(&keys).await?;
    service.feels("sad").await?;
    tray.tells("Sad, as you said").await?;
    Ok(())
}

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
    let music = service.music().await?;
    eventually(&session.connection, SOON, "the player", async || {
        Ok((music.player().await? == mpv.bus_name()).then_some(()))
    })
    .await?;
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
async fn it_may_start_before_the_panel_and_the_service() -> Result<()> {
    if !has(&Panel::XFCE) {
        return Ok(());
    }
    let session = Session::start().await?;
    let tray = tray(&session).start()?;
    tray.tells("Moodlark is not running").await?;
    let screen = Screen::start().await?;
    let panel = Panel::xfce(&session.bus, &screen, Look::Dark, 30).await?;
    panel.has(&tray.item_name()).await?;
    let service = service(&session)?.start().await?;
    service.feels("happy").await?;
    tray.tells("Happy (").await
}

#[tokio::test]
async fn a_panel_that_starts_anew_has_the_icon_again() -> Result<()> {
    if !has(&Panel::XFCE) {
        return Ok(());
    }
    let session = Session::start().await?;
    let screen = Screen::start().await?;
    let panel = Panel::xfce(&session.bus, &screen, Look::Dark, 30).await?;
    let (service, tray) = both(&session).await?;
    panel.has(&tray.item_name()).await?;
    panel.stop().await?;
    let panel = Panel::xfce(&session.bus, &screen, Look::Light, 30).await?;
    panel.has(&tray.item_name()).await?;
    tray.choose("I feel …/Sad").await?;
    service.feels("sad").await
}

#[tokio::test]
async fn a_service_that_is_gone_is_shown_as_gone_and_one_that_comes_back_as_it_is() -> Result<()> {
    if !has(&[]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let _watcher = Watcher::start(&session.bus, true).await?;
    let (service, tray) = both(&session).await?;
    let happy = tray.icon().await?;
    service.stop(SOON).await?;
    tray.tells("Moodlark is not running").await?;
    let gone = tray.icon().await?;
    ensure!(gone != happy);
    tray.offers("Start Moodlark", |entry| entry.enabled).await?;

    let again = self::service(&session)?.start().await?;
    tray.tells("Happy (").await?;
    assert_eq!(tray.icon().await?, happy);
    again.crash().await?;
    tray.tells("Moodlark is not running").await?;
    assert_eq!(tray.icon().await?, gone);
    Ok(())
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_not_taken_for_one_that_does() -> Result<()> {
    if !has(&[]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let _watcher = Watcher::start(&session.bus, true).await?;
    let service = service(&session)?.start().await?;
    service.feels("happy").await?;
    let id = service.id().context("ended")?.to_string();
    rig::run("kill", &["-STOP", &id]).await?;
    let tray = tray(&session).start()?;
    tray.tells("Moodlark does not answer").await?;
    rig::run("kill", &["-CONT", &id]).await?;
    // Whatever it says then is a sign of life.
    service.policy().await?.set_intent("calm").await?;
    tray.tells("Happy (").await?;
    tray.offers("Music policy/Calm me down", |entry| entry.ticked)
        .await?;
    Ok(())
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
