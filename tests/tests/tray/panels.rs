//! The icon in real panels, and real clicks on it.

use anyhow::{Result, bail};
use moodlark_tests::{
    eventually::{SOON, eventually},
    notifyd::NotificationDaemon,
    panel::{Look, Panel},
    screen::Screen,
    session::Session,
};

use crate::stage::*;

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
