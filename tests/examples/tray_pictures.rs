//! Takes the pictures of the tray in `packaging/screenshots`: every state of the icon in xfce4-panel, dark
//! and light, and the menu. `cargo build --workspace && cargo run -p moodlark-tests --example tray_pictures`

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use moodlark_tests::{
    eventually::{SOON, eventually},
    panel::{Look, Panel},
    rig,
    screen::Screen,
    service::Service,
    session::Session,
    tray::{Setup, Tray},
    worker::Worker,
};

/// The panel's height.
const HEIGHT: u32 = 30;
/// The part of the screen that the icon is in.
const ICON: &str = "36x30+0+0";

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let folder = rig::root().join("packaging/screenshots");
        std::fs::create_dir_all(&folder)?;
        take(Look::Dark, "colour", "tray-dark", &folder).await?;
        take(Look::Light, "colour", "tray-light", &folder).await?;
        take(Look::Dark, "symbolic-light", "tray-symbolic-dark", &folder).await?;
        take(Look::Light, "symbolic-dark", "tray-symbolic-light", &folder).await
    })
}

/// What stands on the screen.
struct Desk {
    session: Session,
    screen: Screen,
    panel: Panel,
    tray: Tray,
    pictures: Vec<PathBuf>,
}

impl Desk {
    /// Waits until the tooltip says so and the panel has drawn, and takes a picture.
    async fn snap(&mut self, tooltip: &str) -> Result<()> {
        self.tray.tells(tooltip).await?;
        self.panel.has(&self.tray.item_name()).await?;
        let mut last = Vec::new();
        // The panel draws when it likes: two pictures that are the same, and are not the last state's.
        let screen = &self.screen;
        eventually(
            &self.session.connection,
            SOON,
            "a still panel",
            async || {
                tokio::time::sleep(std::time::Duration::from_millis(400)).await;
                let now = screen.pixels(ICON).await?;
                let still = now == last && now.iter().any(|pixel| *pixel != now[0]);
                last = now;
                Ok(still.then_some(()))
            },
        )
        .await?;
        let name = format!("state-{:02}.png", self.pictures.len());
        let path = self.session.folder.path().join(name);
        self.screen.picture(ICON, &path).await?;
        self.pictures.push(path);
        Ok(())
    }
}

async fn take(look: Look, icons: &str, name: &str, folder: &Path) -> Result<()> {
    let session = Session::start().await?;
    let screen = Screen::start().await?;
    let panel = Panel::xfce(&session.bus, &screen, look, HEIGHT).await?;
    let setup = session.service()?;
    let worker = Worker::new(&setup.folder)?;
    worker.does("exec sleep 1000")?;
    let options = format!("[tray]\nicons = \"{icons}\"");
    setup.configure(&session.config(&[
        ("interval", "interval = \"1h\""),
        ("deadline", "deadline = \"60s\""),
        ("only-while-playing", "only-while-playing = false"),
        ("name = \"always\"", "name = \"always\"\nenabled = false"),
        ("[tray]", &options),
    ]))?;
    let service = setup.with_sense(worker.program()).start().await?;
    let tray = Setup::new(
        session.bus.address(),
        &session.connection,
        session.folder.path(),
    )
    .start()?;
    let mut desk = Desk {
        session,
        screen,
        panel,
        tray,
        pictures: Vec::new(),
    };
    let (mood, camera) = (service.mood().await?, service.camera().await?);
    mood.report("happy").await?;
    desk.snap("The camera is looking now").await?;
    // Ends the look.
    camera.pause(0).await?;
    desk.snap("Paused until you resume").await?;
    camera.set_enabled(false).await?;
    desk.snap("The camera is off").await?;
    // Resumed first: no look is due for an hour.
    camera.resume().await?;
    camera.set_enabled(true).await?;
    if look == Look::Light && icons == "colour" {
        menu(&desk, folder).await?;
    }
    moods(&mut desk, &service).await?;
    service.stop(SOON).await?;
    desk.snap("Moodlark is not running").await?;

    let output = folder.join(format!("{name}.png"));
    let mut arguments: Vec<&str> = Vec::new();
    for picture in &desk.pictures {
        arguments.push(picture.to_str().context("path")?);
    }
    arguments.extend(["+append", "-strip", "-define", "png:compression-level=9"]);
    arguments.push(output.to_str().context("path")?);
    rig::run("convert", &arguments).await?;
    println!("{}", output.display());
    Ok(())
}

async fn moods(desk: &mut Desk, service: &Service) -> Result<()> {
    let mood = service.mood().await?;
    for (label, tooltip) in [
        ("happy", "Happy"),
        ("surprise", "Surprised"),
        ("neutral", "Neutral"),
        ("sad", "Sad"),
        ("fear", "Afraid"),
        ("angry", "Angry"),
        ("disgust", "Disgusted"),
    ] {
        mood.report(label).await?;
        desk.snap(tooltip).await?;
    }
    mood.report("auto").await?;
    desk.snap("Mood unknown").await
}

/// The menu, opened by a real click.
async fn menu(desk: &Desk, folder: &Path) -> Result<()> {
    desk.tray.tells("Next look").await?;
    desk.panel.has(&desk.tray.item_name()).await?;
    let before = desk.screen.pixels("500x400+0+31").await?;
    desk.screen.click(15, 15, 3).await?;
    eventually(&desk.session.connection, SOON, "the menu", async || {
        Ok((desk.screen.pixels("500x400+0+31").await? != before).then_some(()))
    })
    .await?;
    desk.screen
        .press(&["Down", "Down", "Down", "Right"])
        .await?;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let path = folder.join("tray-menu.png");
    desk.screen.picture("560x362+0+0", &path).await?;
    ensure!(path.is_file());
    desk.screen.press(&["Escape", "Escape"]).await?;
    // Away from the icon, which the panel would mark.
    desk.screen.click(900, 600, 1).await?;
    println!("{}", path.display());
    Ok(())
}
