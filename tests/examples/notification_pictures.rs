//! Takes the pictures of the notifications in `packaging/screenshots`, as dunst shows them out of the box.
//! `cargo build --workspace && cargo run -p moodlark-tests --example notification_pictures`

use std::path::Path;

use anyhow::{Result, ensure};
use moodlark_core::Reading;
use moodlark_tests::{
    eventually::{SOON, eventually},
    mpv::Mpv,
    notifyd::NotificationDaemon,
    rig,
    session::{BRIGHT, GREY, Session},
};

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let folder = rig::root().join("packaging/screenshots");
        std::fs::create_dir_all(&folder)?;
        take(&folder).await
    })
}

/// Waits until a notification with this text is on the screen, takes its picture, and puts it away.
async fn snap(
    session: &Session,
    dunst: &NotificationDaemon,
    text: &str,
    picture: &Path,
) -> Result<()> {
    let what = format!("a notification that says {text:?}");
    eventually(&session.connection, SOON, &what, async || {
        let shown = dunst.shown().await?;
        Ok(shown
            .iter()
            .any(|shown| shown.summary.contains(text) || shown.body.contains(text))
            .then_some(()))
    })
    .await?;
    eventually(&session.connection, SOON, "an empty screen", async || {
        dunst.close_all().await?;
        Ok((dunst.displayed().await? == 0).then_some(()))
    })
    .await?;
    dunst.bring_back().await?;
    eventually(
        &session.connection,
        SOON,
        "the notification's window",
        async || {
            dunst.picture(picture).await?;
            Ok((std::fs::metadata(picture)?.len() > 600).then_some(()))
        },
    )
    .await?;
    dunst.close_all().await
}

async fn take(folder: &Path) -> Result<()> {
    let session = Session::start().await?;
    let dunst = NotificationDaemon::start(session.bus.address(), &session.connection).await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let (setup, worker) = session
        .service_with_worker(&[("interval", "interval = \"1h\"")], |worker| {
            worker.sees(Reading::NoFace)
        })?;
    let service = setup.start().await?;
    snap(
        &session,
        &dunst,
        "camera",
        &folder.join("notification-first-look.png"),
    )
    .await?;

    service.knows(mpv.bus_name()).await?;
    // What one asks for by hand is not told; what a rule does is.
    service.mood().await?.report("happy").await?;
    snap(
        &session,
        &dunst,
        BRIGHT,
        &folder.join("notification-switch.png"),
    )
    .await?;
    service.music().await?.undo().await?;
    snap(
        &session,
        &dunst,
        "As it was",
        &folder.join("notification-undone.png"),
    )
    .await?;

    let camera = service.camera().await?;
    worker.sees(Reading::Denied)?;
    for _ in 0..3 {
        ensure!(
            camera.sample().await?.contains("denied"),
            "the look is denied"
        );
    }
    snap(
        &session,
        &dunst,
        "cannot see",
        &folder.join("notification-trouble.png"),
    )
    .await?;
    setup.configure("[camera]\nenabeld = true\n")?;
    snap(
        &session,
        &dunst,
        "onfiguration",
        &folder.join("notification-configuration.png"),
    )
    .await?;
    service.stop(SOON).await?;
    Ok(())
}
