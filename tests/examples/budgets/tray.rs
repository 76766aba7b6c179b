//! What the tray costs while nothing happens.

use std::time::Duration;

use anyhow::{Context, Result};
use moodlark_tests::{panel::Watcher, session::Session, tray::Setup};

use crate::{
    figures::Figures,
    idle::{LOOKS, WATCHED, number, wake_ups},
};

pub(crate) async fn measure(session: &Session, figures: &mut Figures) -> Result<()> {
    let _watcher = Watcher::start(&session.bus, true).await?;
    let setup = session.service_in("tray")?;
    setup.configure(&session.config(&[
        ("interval", "interval = \"1h\""),
        ("only-while-playing", "only-while-playing = false"),
    ]))?;
    let service = setup.start().await?;
    service.feels("happy").await?;
    let tray = Setup::new(
        session.bus.address(),
        &session.connection,
        session.folder.path(),
    )
    .start()?;
    tray.tells("Happy").await?;
    // A user who has opened the menu once.
    tray.menu().await?.entries().await?;
    let id = tray.id();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (mut resident, mut shared, mut threads) = (Vec::new(), Vec::new(), Vec::new());
    let before = wake_ups(id)?;
    for _ in 0..LOOKS {
        tokio::time::sleep(WATCHED / LOOKS).await;
        resident.push(number(&format!("/proc/{id}/status"), "VmRSS:")? / 1024.0);
        shared.push(number(&format!("/proc/{id}/smaps_rollup"), "Pss:")? / 1024.0);
        threads.push(number(&format!("/proc/{id}/status"), "Threads:")?);
    }
    let woken = wake_ups(id)? - before;
    figures.add(
        "moodlark-tray between looks: RSS",
        "MiB",
        Some(4.0),
        resident,
    );
    figures.add("the same: PSS", "MiB", None, shared);
    figures.add("the same: threads", "", None, threads);
    figures.add(
        &format!("moodlark-tray: wake-ups in {} s", WATCHED.as_secs()),
        "",
        Some(0.0),
        vec![woken],
    );
    let status = tray.stop(Duration::from_secs(5)).await?;
    anyhow::ensure!(status.success(), "{status}");
    service
        .stop(Duration::from_secs(5))
        .await
        .context("ending the service")?;
    Ok(())
}
