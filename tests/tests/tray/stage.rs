//! What every test begins with: the service, the tray, and what a notification daemon was told.

use anyhow::{Result, bail};
use moodlark_tests::{
    eventually::{SOON, eventually},
    notifyd::NotificationDaemon,
    rig,
    service::{Service, Setup as ServiceSetup},
    session::{CALM, Session},
    tray::{Setup, Tray},
};

pub(crate) const NEEDS: [&str; 4] = ["moodlark-tray", "moodlarkd", "moodlark-sense", "sox"];

pub(crate) fn has(others: &[&str]) -> bool {
    rig::has(&NEEDS) && rig::has(others)
}

pub(crate) fn service(session: &Session) -> Result<ServiceSetup> {
    let setup = session.service()?;
    setup.configure(&session.config(&CALM))?;
    Ok(setup)
}

pub(crate) fn tray(session: &Session) -> Setup {
    Setup::new(
        session.bus.address(),
        &session.connection,
        session.folder.path(),
    )
}

/// The service, and the tray that knows it.
pub(crate) async fn both(session: &Session) -> Result<(Service, Tray)> {
    let service = service(session)?.start().await?;
    service.reads("face").await?;
    service.feels("happy").await?;
    let tray = tray(session).start()?;
    tray.tells("Happy (").await?;
    Ok((service, tray))
}

/// Waits until the last of what dunst was told, or any before, holds this.
pub(crate) async fn told(session: &Session, dunst: &NotificationDaemon, text: &str) -> Result<()> {
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
