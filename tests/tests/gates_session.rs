//! The session and the machine, against a played logind: lock, another session, sleep.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use moodlark_api::{Camera1Proxy, error::Error};
use moodlark_core::Reading;
use moodlark_tests::{
    bus::Bus,
    eventually::{SOON, eventually},
    logind::Logind,
    mock, rig,
    service::{Service, Setup},
    session::Session,
    worker::Worker,
};

const ALWAYS: (&str, &str) = ("only-while-playing", "only-while-playing = false");
const PATIENT: (&str, &str) = ("deadline", "deadline = \"60s\"");
/// The camera must be closed this soon after a gate.
const AT_ONCE: Duration = Duration::from_millis(200);

fn ready() -> bool {
    rig::has(&["moodlarkd", "sox"]) && mock::available()
}

/// A session with a system bus and a logind, and a service whose worker looks for ever.
struct Desk {
    session: Session,
    system: Bus,
    logind: Logind,
    worker: Worker,
    setup: Setup,
}

impl Desk {
    async fn start(changes: &[(&str, &str)]) -> Result<Self> {
        let session = Session::start().await?;
        let system = Bus::start()?;
        let logind = Logind::start(&system).await?;
        let setup = session.service()?.with_system(system.address());
        let mut options = vec![ALWAYS, PATIENT];
        options.extend_from_slice(changes);
        setup.configure(&session.config(&options))?;
        let worker = Worker::new(&setup.folder)?;
        worker.does("exec sleep 1000")?;
        let setup = setup.with_sense(worker.program());
        Ok(Self {
            session,
            system,
            logind,
            worker,
            setup,
        })
    }

    /// Waits for a look, and gives its process.
    async fn look(&self, after: usize) -> Result<u32> {
        eventually(&self.session.connection, SOON, "a look", async || {
            Ok((self.worker.runs() > after)
                .then(|| self.worker.last_process())
                .flatten())
        })
        .await
    }

    async fn blocked(&self, camera: &Camera1Proxy<'_>, name: &str) -> Result<()> {
        let bus = &self.session.connection;
        eventually(bus, SOON, &format!("blocked: {name:?}"), async || {
            let is = camera.blocked().await?;
            if is == name {
                Ok(Some(()))
            } else {
                anyhow::bail!("it is {is:?}")
            }
        })
        .await
    }
}

/// How long it takes from now on until the process is gone. Looked at closely: this is what is measured.
async fn gone_within(process: u32) -> Result<Duration> {
    let began = Instant::now();
    while std::path::Path::new(&format!("/proc/{process}")).exists() {
        if began.elapsed() > SOON {
            anyhow::bail!("the worker is still there");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(began.elapsed())
}

async fn finding(service: &Service, check: &str) -> Result<(String, String)> {
    let checks = service.service().await?.doctor().await?;
    let text = |check: &moodlark_api::Dict, key: &str| -> Result<String> {
        Ok(String::try_from(
            check.get(key).context("no key")?.try_clone()?,
        )?)
    };
    for found in &checks {
        if text(found, "check")? == check {
            return Ok((text(found, "level")?, text(found, "finding")?));
        }
    }
    anyhow::bail!("the doctor has no check {check:?}")
}

#[tokio::test]
async fn a_lock_in_the_middle_of_a_burst_closes_the_camera_at_once() -> Result<()> {
    if !ready() {
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
async fn nothing_looks_into_a_locked_or_foreign_session() -> Result<()> {
    if !ready() {
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
    // More than an interval.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(desk.worker.runs(), 0, "somebody looked");

    desk.logind.active(false).await?;
    desk.logind.locked(false).await?;
    desk.blocked(&camera, "inactive").await?;
    desk.logind.active(true).await?;
    service.reads("no_face").await?;
    let (level, text) = finding(&service, "gate: locked").await?;
    assert_eq!((level.as_str(), text.contains("logind")), ("ok", true));
    Ok(())
}
