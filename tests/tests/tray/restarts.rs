//! Starting in any order, and restarts of every side.

use anyhow::{Context, Result, ensure};
use moodlark_tests::{
    eventually::SOON,
    panel::{Look, Panel, Watcher},
    rig,
    screen::Screen,
    session::Session,
};

use crate::stage::*;

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
