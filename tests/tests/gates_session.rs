//! The session and the machine, against a played logind and UPower: lock, another session, sleep, lid,
//! battery; and what becomes of the gates when they fail.

use anyhow::Result;
use moodlark_api::error::Error;
use moodlark_core::Reading;
use moodlark_tests::{
    desk::{AT_ONCE, Desk, finding, gone_within},
    eventually::{SOON, eventually},
    logind::Logind,
    upower::UPower,
};

/// A grace that a test can wait for.
const GRACE: (&str, &str) = ("[mood]", "[gates]\nafter-resume = \"1s\"\n\n[mood]");

#[tokio::test]
async fn a_lock_in_the_middle_of_a_burst_closes_the_camera_at_once() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    let mut times = Vec::new();
    for round in 0..5 {
        let process = desk.look(round).await?;
        desk.logind.locked(true).await?;
        times.push(gone_within(process).await?);
        desk.blocked(&camera, "locked").await?;
        desk.logind.locked(false).await?;
    }
    times.sort();
    println!("the worker was gone after {times:?}");
    assert!(times[times.len() / 2] <= AT_ONCE, "{times:?}");
    // Those looks were nothing: no reading, no failure, no backing off.
    assert_eq!(camera.last_reading().await?, "");
    Ok(())
}

#[tokio::test]
async fn an_order_to_lock_counts_before_the_desktop_has_locked() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    let process = desk.look(0).await?;
    desk.logind.order_lock().await?;
    assert!(gone_within(process).await? <= SOON);
    desk.blocked(&camera, "locked").await?;
    desk.logind.locked(true).await?;
    desk.logind.locked(false).await?;
    desk.look(1).await?;
    // A desktop that never says that it has locked doesn't keep the camera closed for ever.
    desk.logind.order_lock().await?;
    desk.blocked(&camera, "locked").await?;
    desk.look(2).await?;
    Ok(())
}

#[tokio::test]
async fn nothing_looks_into_a_locked_or_foreign_session() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    desk.worker.sees(Reading::NoFace)?;
    desk.logind.locked(true).await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    assert_eq!(camera.blocked().await?, "locked", "from the first moment");
    assert!(camera.blocked_reason().await?.contains("locked"));
    assert_eq!(camera.next_sample().await?, 0);
    let refused = camera.sample().await;
    assert!(
        matches!(refused, Err(Error::CameraBlocked(_))),
        "{refused:?}"
    );
    desk.nobody_looks().await?;
    assert_eq!(desk.worker.runs(), 0);

    desk.logind.active(false).await?;
    desk.logind.locked(false).await?;
    desk.blocked(&camera, "inactive").await?;
    desk.logind.active(true).await?;
    service.reads("no_face").await?;
    let (level, text) = finding(&service, "gate: locked").await?;
    assert_eq!((level.as_str(), text.as_str()), ("ok", "open (logind)"));
    Ok(())
}

#[tokio::test]
async fn the_machine_sleeps_when_the_camera_is_closed_and_looks_go_on_after_a_grace() -> Result<()>
{
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[GRACE]).await?;
    let bus = &desk.session.connection;
    let held_up = async |by: usize| {
        let what = format!("sleep held up by {by}");
        eventually(bus, SOON, &what, async || {
            Ok((desk.logind.held_up().await? == by).then_some(()))
        })
        .await
    };
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    held_up(1).await?;
    for round in 0..2 {
        let process = desk.look(round).await?;
        desk.logind.sleeps(true).await?;
        let closed = gone_within(process).await?;
        println!("the worker was gone {closed:?} after the word that the machine sleeps");
        assert!(closed <= SOON);
        held_up(0).await?;
        assert_eq!(camera.blocked().await?, "asleep");
        desk.nobody_looks().await?;

        desk.logind.sleeps(false).await?;
        desk.blocked(&camera, "just-resumed").await?;
        held_up(1).await?;
    }
    desk.look(2).await?;
    Ok(())
}

#[tokio::test]
async fn a_machine_without_a_look_under_way_is_not_held_up() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[("enabled", "enabled = false")]).await?;
    let service = desk.setup.start().await?;
    desk.logind.sleeps(true).await?;
    eventually(&desk.session.connection, SOON, "sleep let go", async || {
        Ok((desk.logind.held_up().await? == 0).then_some(()))
    })
    .await?;
    // The user's own word is named first.
    assert_eq!(service.camera().await?.blocked().await?, "off");
    Ok(())
}

#[tokio::test]
async fn a_logind_that_dies_closes_the_gate_and_one_that_comes_back_opens_it() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let Desk {
        session,
        system,
        logind,
        worker,
        setup,
    } = Desk::start(&[]).await?;
    let service = setup.start().await?;
    let camera = service.camera().await?;
    let blocked = async |name: &str| {
        eventually(&session.connection, SOON, name, async || {
            Ok((camera.blocked().await? == name).then_some(()))
        })
        .await
    };
    let process = eventually(&session.connection, SOON, "a look", async || {
        Ok(worker.last_process())
    })
    .await?;
    logind.into_mock().kill().await?;
    assert!(gone_within(process).await? <= SOON);
    blocked("unsure").await?;
    let (level, text) = finding(&service, "gate: locked").await?;
    assert_eq!(level, "problem", "{text}");

    let logind = Logind::start(&system).await?;
    blocked("").await?;
    logind.locked(true).await?;
    blocked("locked").await?;
    Ok(())
}

#[tokio::test]
async fn a_logind_that_hangs_holds_up_nothing_and_opens_nothing() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    desk.logind.mock().freeze().await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    desk.blocked(&camera, "unsure").await?;
    desk.nobody_looks().await?;
    assert_eq!(desk.worker.runs(), 0);
    desk.logind.mock().thaw().await?;
    desk.look(0).await?;
    Ok(())
}

#[tokio::test]
async fn a_user_without_a_session_is_not_the_one_before_the_camera() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let Desk {
        session,
        system,
        logind,
        worker,
        setup,
    } = Desk::start(&[]).await?;
    logind.into_mock().kill().await?;
    let logind = Logind::without_session(&system).await?;
    let service = setup.start().await?;
    assert_eq!(service.camera().await?.blocked().await?, "inactive");
    logind.log_in().await?;
    eventually(&session.connection, SOON, "a look", async || {
        Ok(worker.last_process())
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn without_a_system_bus_the_camera_looks_and_the_doctor_warns() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    let setup = desk.setup.with_system("unix:path=/nonexistent/bus");
    desk.worker.sees(Reading::NoFace)?;
    let service = setup.start().await?;
    service.reads("no_face").await?;
    let (level, text) = finding(&service, "gate: locked").await?;
    assert_eq!(level, "warning", "{text}");
    assert!(text.contains("no system bus"), "{text}");
    Ok(())
}

#[tokio::test]
async fn the_lid_the_cable_and_the_charge_close_and_open() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[(
        "[mood]",
        "interval-on-battery = \"1s\"\n\n[gates]\n\n[mood]",
    )])
    .await?;
    let upower = UPower::start(&desk.system).await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    let process = desk.look(0).await?;
    upower.lid_closed(true).await?;
    assert!(gone_within(process).await? <= SOON);
    desk.blocked(&camera, "lid").await?;
    upower.lid_closed(false).await?;
    let process = desk.look(1).await?;

    // On battery it goes on by default; not when there is little left, which is asked for each time.
    upower.on_battery(true).await?;
    upower.charge(10.0).await?;
    desk.logind.locked(true).await?;
    assert!(gone_within(process).await? <= SOON);
    desk.logind.locked(false).await?;
    desk.blocked(&camera, "low-battery").await?;
    desk.nobody_looks().await?;
    let refused = camera.sample().await;
    assert!(
        matches!(refused, Err(Error::CameraBlocked(_))),
        "{refused:?}"
    );
    upower.charge(50.0).await?;
    let process = desk.look(2).await?;

    // And with the option, the cable alone counts.
    desk.configure(&[("[mood]", "[gates]\nbattery = true\n\n[mood]")])?;
    assert!(gone_within(process).await? <= SOON);
    desk.blocked(&camera, "battery").await?;
    upower.on_battery(false).await?;
    desk.look(3).await?;
    // UPower is a courtesy: when it goes, nothing closes.
    upower.into_mock().kill().await?;
    let lid = eventually(
        &desk.session.connection,
        SOON,
        "the doctor's warning",
        async || {
            let (level, text) = finding(&service, "gate: lid").await?;
            Ok((level == "warning").then_some(text))
        },
    )
    .await?;
    assert!(lid.contains("UPower"), "{lid}");
    assert_eq!(camera.blocked().await?, "");
    Ok(())
}

#[tokio::test]
async fn on_battery_looks_are_fewer() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[("[mood]", "interval-on-battery = \"1h\"\n\n[mood]")]).await?;
    desk.worker.sees(Reading::NoFace)?;
    let upower = UPower::start(&desk.system).await?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    desk.look(1).await?;
    upower.on_battery(true).await?;
    let bus = &desk.session.connection;
    let next = async |what: &str, far: bool| {
        eventually(bus, SOON, what, async || {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
            let left = camera.next_sample().await? - i64::try_from(now.as_millis())?;
            Ok(((left > 3_000_000) == far).then_some(()))
        })
        .await
    };
    next("a next look in an hour", true).await?;
    upower.on_battery(false).await?;
    next("a next look soon", false).await?;
    let runs = desk.worker.runs();
    desk.look(runs).await?;
    Ok(())
}
