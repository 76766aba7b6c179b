//! Every way in which a look can end, whatever the worker does; and the looks that must not be.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use moodlark_api::error::Error;
use moodlark_core::{Emotion, Quality, Reading};
use moodlark_tests::{
    eventually::{SOON, eventually},
    rig,
    session::Session,
    worker::face,
};

const NEEDS: [&str; 2] = ["moodlarkd", "sox"];

/// Looks whether music plays or not, so that no player is needed.
const ALWAYS: (&str, &str) = ("only-while-playing", "only-while-playing = false");
/// Looks only when it is asked to: none is due by itself for the time of a test.
const RARELY: (&str, &str) = ("interval", "interval = \"1h\"");

#[tokio::test]
async fn each_kind_of_reading_reaches_the_bus() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (setup, worker) =
        session.service_with_worker(&[ALWAYS, RARELY], |worker| worker.sees(Reading::NoFace))?;
    let service = setup.start().await?;
    service.reads("no_face").await?;
    let camera = service.camera().await?;
    let quality = Quality {
        overall: 0.1,
        ..Quality::default()
    };
    for reading in [
        face(Emotion::Sad),
        Reading::NoFace,
        Reading::Dark { brightness: 0.02 },
        Reading::Blurred { quality },
        Reading::Busy,
        Reading::Unplugged,
        Reading::Denied,
        Reading::Failed {
            reason: "the lens fell off".into(),
        },
    ] {
        worker.sees(reading.clone())?;
        let answer: Reading = serde_json::from_str(&camera.sample().await?)?;
        assert_eq!(answer.kind(), reading.kind());
        let last: Reading = serde_json::from_str(&camera.last_reading().await?)?;
        assert_eq!(last.kind(), reading.kind());
    }
    assert!(camera.last_reading().await?.contains("the lens fell off"));
    Ok(())
}

#[tokio::test]
async fn a_worker_that_hangs_is_killed_at_its_deadline() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (setup, worker) = session.service_with_worker(
        &[ALWAYS, RARELY, ("deadline", "deadline = \"1s\"")],
        |worker| worker.does("exec sleep 1000"),
    )?;
    let started = Instant::now();
    let service = setup.start().await?;
    service.reads("failed").await?;
    assert!(
        started.elapsed() > Duration::from_millis(900),
        "{:?}",
        started.elapsed()
    );
    let process = worker.last_process().context("the worker left no mark")?;
    eventually(
        &session.connection,
        SOON,
        "the worker to be gone",
        async || Ok((!std::path::Path::new(&format!("/proc/{process}")).exists()).then_some(())),
    )
    .await?;
    // The loop went on all the while.
    assert!(!service.camera().await?.active().await?);
    Ok(())
}

#[tokio::test]
async fn a_worker_that_talks_nonsense_is_a_failure_with_a_reason() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (setup, worker) = session.service_with_worker(
        &[ALWAYS, RARELY, ("deadline", "deadline = \"2s\"")],
        |worker| worker.sees(Reading::NoFace),
    )?;
    let service = setup.start().await?;
    service.reads("no_face").await?;
    let camera = service.camera().await?;
    for (what, does) in [
        ("garbage", "printf 'hello \\377\\376\\n'"),
        ("nothing at all", "true"),
        ("half a line", "printf '{\"format\":1,\"kind\":'"),
        (
            "an unknown format",
            "printf '{\"format\":999,\"kind\":\"no_face\",\"sandbox\":\"full\"}\\n'",
        ),
        (
            "an unknown kind",
            "printf '{\"format\":1,\"kind\":\"ghost\",\"sandbox\":\"full\"}\\n'",
        ),
        (
            "no distribution",
            "printf '{\"format\":1,\"kind\":\"face\",\"distribution\":{\"angry\":-1,\"disgust\":0,\"fear\":0,\"happy\":0,\"sad\":0,\"surprise\":0,\"neutral\":0},\"affect\":{\"valence\":0,\"arousal\":0},\"quality\":{\"overall\":1,\"size\":1,\"sharpness\":1,\"brightness\":1,\"inside\":1},\"faces\":1,\"sandbox\":\"full\"}\\n'",
        ),
        ("too much", "head -c 100000 /dev/zero | tr '\\0' x"),
        ("endlessly much", "exec yes"),
        ("an exit status without a line", "exit 3"),
        ("a death by signal", "kill -SEGV $$"),
    ] {
        worker.does(does)?;
        let answer = camera
            .sample()
            .await
            .with_context(|| format!("a worker that says {what}"))?;
        let reading: Reading = serde_json::from_str(&answer)?;
        let Reading::Failed { reason } = &reading else {
            panic!("{what}: {reading:?}")
        };
        assert!(reason.len() > 5 && reason.len() < 500, "{what}: {reason}");
    }
    // And it is as good as before when the worker is.
    worker.sees(face(Emotion::Happy))?;
    let reading: Reading = serde_json::from_str(&camera.sample().await?)?;
    assert!(reading.is_face());
    Ok(())
}

#[tokio::test]
async fn failures_in_a_row_put_looks_off() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (setup, worker) =
        session.service_with_worker(&[ALWAYS], |worker| worker.sees(Reading::Busy))?;
    let service = setup.start().await?;
    service.reads("busy").await?;
    // An interval of one second: looks at 0, 2, 6 and 14 s, and not one a second.
    let camera = service.camera().await?;
    let before = worker.runs();
    let gap = eventually(
        &session.connection,
        SOON,
        "a look put off by more than 3 s",
        async || {
            let (next, now) = (camera.next_sample().await?, now());
            Ok((next - now > 3_000).then_some(next - now))
        },
    )
    .await?;
    assert!(gap <= 9_000, "{gap} ms");
    assert!(worker.runs() <= before + 2, "{} looks", worker.runs());
    // A look that works ends it.
    worker.sees(Reading::NoFace)?;
    camera.sample().await?;
    assert!(camera.next_sample().await? - now() <= 1_000);
    Ok(())
}

#[tokio::test]
async fn nothing_looks_before_the_user_says_yes() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (setup, worker) = session
        .service_with_worker(&[ALWAYS, ("enabled", "enabled = false")], |worker| {
            worker.sees(Reading::NoFace)
        })?;
    let service = setup.start().await?;
    let camera = service.camera().await?;
    assert_eq!(camera.blocked().await?, "off");
    assert!(camera.blocked_reason().await?.contains("camera on"));
    assert!(!camera.enabled().await?);
    assert_eq!(camera.next_sample().await?, 0);
    assert!(matches!(camera.sample().await, Err(Error::CameraOff(_))));
    // More than an interval: a look would have been due.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(worker.runs(), 0, "somebody looked");

    // Yes: it looks, and the yes is in the configuration, with all else as it was.
    camera.set_enabled(true).await?;
    service.reads("no_face").await?;
    let text = std::fs::read_to_string(setup.config())?;
    assert!(
        text.contains("enabled = true") && text.contains("only-while-playing = false"),
        "{text}"
    );
    // No again.
    camera.set_enabled(false).await?;
    eventually(
        &session.connection,
        SOON,
        "the camera to be off",
        async || Ok((camera.blocked().await? == "off").then_some(())),
    )
    .await?;
    let runs = worker.runs();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(worker.runs(), runs, "somebody looked after the no");
    Ok(())
}

#[tokio::test]
async fn a_pause_ends_the_look_under_way_and_outlives_a_restart() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (setup, worker) = session
        .service_with_worker(&[ALWAYS, ("deadline", "deadline = \"60s\"")], |worker| {
            worker.does("exec sleep 1000")
        })?;
    let service = setup.start().await?;
    let camera = service.camera().await?;
    let process = eventually(&session.connection, SOON, "a look", async || {
        Ok(worker.last_process())
    })
    .await?;
    assert!(camera.active().await?);
    camera.pause(0).await?;
    eventually(
        &session.connection,
        SOON,
        "the worker to be gone",
        async || Ok((!std::path::Path::new(&format!("/proc/{process}")).exists()).then_some(())),
    )
    .await?;
    eventually(
        &session.connection,
        SOON,
        "the camera to be closed",
        async || Ok((!camera.active().await?).then_some(())),
    )
    .await?;
    assert_eq!(camera.blocked().await?, "paused");
    assert_eq!(camera.paused_until().await?, -1);
    assert!(matches!(
        camera.sample().await,
        Err(Error::CameraBlocked(_))
    ));
    // A look that was stopped on the user's word is no failure and no reading.
    assert_eq!(camera.last_reading().await?, "");

    service.stop(Duration::from_secs(1)).await?;
    let runs = worker.runs();
    let service = setup.start().await?;
    let camera = service.camera().await?;
    assert_eq!(camera.blocked().await?, "paused", "after a restart");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(worker.runs(), runs, "somebody looked in a pause");

    worker.sees(Reading::NoFace)?;
    camera.pause(1).await?;
    let until = camera.paused_until().await?;
    assert!((1..=1_000).contains(&(until - now())), "{until}");
    service.reads("no_face").await?;
    camera.pause(3600).await?;
    assert_eq!(camera.blocked().await?, "paused");
    camera.resume().await?;
    assert_eq!(camera.paused_until().await?, 0);
    eventually(&session.connection, SOON, "another look", async || {
        Ok((worker.runs() > runs + 1).then_some(()))
    })
    .await
}

#[tokio::test]
async fn two_looks_are_never_under_way_at_once() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    // It ends when the test is over and its folder gone, too: nobody else would end it.
    let (setup, worker) = session.service_with_worker(&[ALWAYS, RARELY], |worker| {
        worker.does("while [ -e runs ] && [ ! -e go ]; do sleep 0.05; done; cat line")
    })?;
    let service = setup.start().await?;
    let camera = service.camera().await?;
    eventually(&session.connection, SOON, "a look", async || {
        Ok(worker.last_process())
    })
    .await?;
    assert!(matches!(camera.sample().await, Err(Error::Looking(_))));
    assert_eq!(worker.runs(), 1);
    Ok(())
}

#[tokio::test]
async fn a_resting_face_is_learnt_and_says_nothing_of_the_mood() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (setup, worker) =
        session.service_with_worker(&[ALWAYS, RARELY], |worker| worker.sees(Reading::NoFace))?;
    let service = setup.start().await?;
    service.reads("no_face").await?;
    let camera = service.camera().await?;
    assert_eq!(camera.baseline().await?, "");
    assert!(matches!(
        camera.calibrate(3).await,
        Err(Error::InvalidArgument(_))
    ));
    let nobody = camera.calibrate(5).await;
    assert!(matches!(nobody, Err(Error::NotCalibrated(_))), "{nobody:?}");

    worker.sees(face(Emotion::Sad))?;
    let learnt: serde_json::Value = serde_json::from_str(&camera.calibrate(20).await?)?;
    assert_eq!(learnt["faces"], 20);
    let sentence = learnt["sentence"].as_str().unwrap_or_default();
    assert!(sentence.contains("looked sad"), "{sentence}");
    assert!(camera.baseline().await?.contains("resting"));
    assert_eq!(service.mood().await?.label().await?, "unknown");

    service.stop(Duration::from_secs(1)).await?;
    let service = setup.start().await?;
    let camera = service.camera().await?;
    assert!(
        camera.baseline().await?.contains("resting"),
        "after a restart"
    );
    camera.forget_baseline().await?;
    assert_eq!(camera.baseline().await?, "");
    Ok(())
}

fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |span| i64::try_from(span.as_millis()).unwrap_or(0))
}
