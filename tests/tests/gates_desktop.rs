//! The desktop, against played services and a real notification daemon: idling by each back end,
//! presentations, do-not-disturb.

use anyhow::Result;
use moodlark_tests::{
    desk::{Desk, finding, gone_within},
    desktop::{Mutter, ScreenSaver, SessionManager},
    eventually::{SOON, eventually},
    mock::Mock,
    notifyd::NotificationDaemon,
    rig,
};
use zbus::wire::Variant;

#[tokio::test]
async fn a_day_at_the_desk_lock_sleep_battery_idle_and_back() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[(
        "[mood]",
        "interval-on-battery = \"1s\"\n\n[gates]\nafter-resume = \"1s\"\n\n[mood]",
    )])
    .await?;
    let upower = moodlark_tests::upower::UPower::start(&desk.system).await?;
    let mutter = Mutter::start(&desk.session.bus, 0).await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    // In the middle of each look something else happens, and each time the camera closes.
    let mut looks = 0;
    let mut looking = async || -> Result<u32> {
        let process = desk.look(looks).await?;
        looks += 1;
        Ok(process)
    };
    let process = looking().await?;
    desk.logind.locked(true).await?;
    gone_within(process).await?;
    desk.blocked(&camera, "locked").await?;
    desk.logind.locked(false).await?;

    let process = looking().await?;
    desk.logind.sleeps(true).await?;
    gone_within(process).await?;
    desk.blocked(&camera, "asleep").await?;
    // The lid was closed while it slept, and the cable is gone.
    upower.lid_closed(true).await?;
    upower.on_battery(true).await?;
    desk.logind.sleeps(false).await?;
    desk.blocked(&camera, "lid").await?;
    upower.lid_closed(false).await?;
    desk.blocked(&camera, "just-resumed").await?;

    let process = looking().await?;
    mutter.goes_idle().await?;
    gone_within(process).await?;
    desk.blocked(&camera, "idle").await?;
    upower.on_battery(false).await?;
    desk.nobody_looks().await?;
    mutter.comes_back().await?;
    looking().await?;
    assert_eq!(camera.last_reading().await?, "", "no look was let through");
    Ok(())
}

#[tokio::test]
async fn idling_is_told_by_the_first_that_answers() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    desk.logind.idle(true).await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    let bus = &desk.session.connection;
    let by = async |name: &str| {
        eventually(bus, SOON, &format!("idle as {name} tells"), async || {
            let (_, text) = finding(&service, "gate: idle").await?;
            Ok(text.contains(name).then_some(()))
        })
        .await
    };
    // Only logind is there; then a screen saver comes, and then Mutter: the better one takes over.
    assert_eq!(camera.blocked().await?, "idle");
    by("logind's idle hint").await?;
    let saver = ScreenSaver::start(&desk.session.bus).await?;
    by("org.freedesktop.ScreenSaver").await?;
    let process = desk.look(0).await?;
    saver.active(true).await?;
    gone_within(process).await?;
    desk.blocked(&camera, "idle").await?;
    saver.active(false).await?;
    desk.blocked(&camera, "").await?;

    // Nobody has touched the machine for an hour when Mutter comes: it tells of no moment that is past.
    let mutter = Mutter::start(&desk.session.bus, 3_600_000).await?;
    by("Mutter").await?;
    desk.blocked(&camera, "idle").await?;
    assert_eq!(mutter.after().await?, 180_000);
    mutter.comes_back().await?;
    desk.blocked(&camera, "").await?;
    mutter.goes_idle().await?;
    desk.blocked(&camera, "idle").await?;
    mutter.comes_back().await?;
    desk.blocked(&camera, "").await?;
    // The time to go by follows the configuration.
    desk.configure(&[("[mood]", "[gates]\nidle-after = \"10m\"\n\n[mood]")])?;
    eventually(bus, SOON, "a watch after 10 min", async || {
        Ok((mutter.after().await? == 600_000).then_some(()))
    })
    .await?;
    // And when it crashes the next best takes over.
    mutter.into_mock().kill().await?;
    by("org.freedesktop.ScreenSaver").await?;
    Ok(())
}

#[tokio::test]
async fn a_film_or_a_presentation_keeps_the_camera_closed_and_music_does_not() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    let process = desk.look(0).await?;
    desk.logind.blocked("shutdown:idle").await?;
    gone_within(process).await?;
    desk.blocked(&camera, "presenting").await?;
    desk.logind.blocked("shutdown:sleep").await?;
    desk.blocked(&camera, "").await?;

    let gnome = SessionManager::start(&desk.session.bus).await?;
    let process = desk.look(1).await?;
    // What a player does for as long as it plays.
    gnome.inhibits(4).await?;
    gnome.inhibits(4 | 8).await?;
    gone_within(process).await?;
    desk.blocked(&camera, "presenting").await?;
    gnome.inhibits(4).await?;
    desk.look(2).await?;
    Ok(())
}

#[tokio::test]
async fn do_not_disturb_of_a_real_dunst_closes() -> Result<()> {
    if !Desk::ready() || !rig::has(&NotificationDaemon::NEEDS) {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    let bus = &desk.session.connection;
    let _dunst = NotificationDaemon::start(desk.session.bus.address(), bus).await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    let process = desk.look(0).await?;
    let paused = async |paused: bool| -> Result<()> {
        let path = "/org/freedesktop/Notifications";
        let properties = zbus::fdo::PropertiesProxy::builder(bus)
            .destination("org.freedesktop.Notifications")
            .path(path)
            .build()
            .await?;
        let name = zbus::names::InterfaceName::try_from("org.dunstproject.cmd0")?;
        properties
            .set(name, "paused", &Variant::from(paused))
            .await?;
        Ok(())
    };
    paused(true).await?;
    gone_within(process).await?;
    desk.blocked(&camera, "do-not-disturb").await?;
    let (_, text) = finding(&service, "gate: do-not-disturb").await?;
    assert!(text.contains("dunst"), "{text}");
    paused(false).await?;
    desk.look(1).await?;
    Ok(())
}

#[tokio::test]
async fn do_not_disturb_of_a_notification_service_that_has_it_on_the_bus_closes() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    let (name, path) = (
        "org.freedesktop.Notifications",
        "/org/freedesktop/Notifications",
    );
    let server = Mock::object(&desk.session.bus, name, path, name, &[]).await?;
    let inhibited = (name, "Inhibited", Variant::from(false));
    server.control(path, "AddProperty", &inhibited).await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    let process = desk.look(0).await?;
    server
        .set(path, name, &[("Inhibited", Variant::from(true))])
        .await?;
    gone_within(process).await?;
    desk.blocked(&camera, "do-not-disturb").await?;
    // It is a courtesy: a server that goes takes it along.
    server.kill().await?;
    desk.blocked(&camera, "").await?;
    Ok(())
}
