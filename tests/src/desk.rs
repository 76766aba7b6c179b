//! A session whose gates a test opens and closes: both buses, a played logind, a service.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use moodlark_api::Camera1Proxy;

use crate::{
    bus::Bus,
    eventually::{SOON, eventually},
    logind::Logind,
    mock, rig,
    service::{Service, Setup},
    session::Session,
    worker::Worker,
};

/// The camera must be closed this soon after a gate.
pub const AT_ONCE: Duration = Duration::from_millis(200);

/// Looks whether music plays or not, each second, and for as long as a test needs.
const OPTIONS: [(&str, &str); 2] = [
    ("only-while-playing", "only-while-playing = false"),
    ("deadline", "deadline = \"60s\""),
];

/// A look that ends when it is ended, at the latest soon after its service: nobody else would end it.
pub const LOOKS_ON: &str = "exec tail --pid=$PPID -s 0.5 -f /dev/null";

/// A session with a system bus and a logind, and a service whose worker looks for ever.
#[derive(Debug)]
pub struct Desk {
    /// The session.
    pub session: Session,
    /// The system bus.
    pub system: Bus,
    /// logind, with the user logged in.
    pub logind: Logind,
    /// The worker.
    pub worker: Worker,
    /// The service, not started.
    pub setup: Setup,
}

impl Desk {
    /// Whether what it takes is there; see [`rig::has`].
    ///
    /// # Panics
    /// As [`rig::has`].
    #[must_use]
    pub fn ready() -> bool {
        rig::has(&["moodlarkd", "sox"]) && mock::available()
    }

    /// Makes one; `changes` are to the configuration of [`Session::config`].
    ///
    /// # Errors
    /// If a bus or logind does not come up.
    pub async fn start(changes: &[(&str, &str)]) -> Result<Self> {
        let session = Session::start().await?;
        let system = Bus::start()?;
        let logind = Logind::start(&system).await?;
        let setup = session.service()?.with_system(system.address());
        let worker = Worker::new(&setup.folder)?;
        worker.does(LOOKS_ON)?;
        let setup = setup.with_sense(worker.program());
        let desk = Self {
            session,
            system,
            logind,
            worker,
            setup,
        };
        desk.configure(changes)?;
        Ok(desk)
    }

    /// Writes another configuration.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn configure(&self, changes: &[(&str, &str)]) -> Result<()> {
        let mut options = OPTIONS.to_vec();
        options.extend_from_slice(changes);
        self.setup.configure(&self.session.config(&options))
    }

    /// Waits for a look after that many, and gives its process.
    ///
    /// # Errors
    /// If nobody looks in time.
    pub async fn look(&self, after: usize) -> Result<u32> {
        eventually(&self.session.connection, SOON, "a look", async || {
            Ok((self.worker.runs() > after)
                .then(|| self.worker.last_process())
                .flatten())
        })
        .await
    }

    /// Waits until the camera is blocked for this reason; empty for none.
    ///
    /// # Errors
    /// If it is not in time.
    pub async fn blocked(&self, camera: &Camera1Proxy<'_>, name: &str) -> Result<()> {
        let bus = &self.session.connection;
        eventually(bus, SOON, &format!("blocked: {name:?}"), async || {
            let is = camera.blocked().await?;
            if is == name {
                Ok(Some(()))
            } else {
                bail!("it is {is:?}")
            }
        })
        .await
    }

    /// Nobody looks for longer than an interval.
    ///
    /// # Errors
    /// If somebody does.
    pub async fn nobody_looks(&self) -> Result<()> {
        let before = self.worker.runs();
        tokio::time::sleep(Duration::from_millis(1500)).await;
        if self.worker.runs() > before {
            bail!("somebody looked");
        }
        Ok(())
    }
}

/// How long it takes from now on until the process is gone.
///
/// # Errors
/// If it stays.
pub async fn gone_within(process: u32) -> Result<Duration> {
    let began = Instant::now();
    // No signal tells of it, and the time is what is measured.
    while Path::new(&format!("/proc/{process}")).exists() {
        if began.elapsed() > SOON {
            bail!("the worker is still there");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(began.elapsed())
}

/// What the doctor says of a check: level and finding.
///
/// # Errors
/// If there is no such check.
pub async fn finding(service: &Service, check: &str) -> Result<(String, String)> {
    let checks = service.service().await?.doctor().await?;
    let text = |dict: &moodlark_api::Dict, key: &str| -> Result<String> {
        let value = dict.get(key).with_context(|| format!("no {key}"))?;
        Ok(String::try_from(value.try_clone()?)?)
    };
    for found in &checks {
        if text(found, "check")? == check {
            return Ok((text(found, "level")?, text(found, "finding")?));
        }
    }
    bail!("the doctor has no check {check:?}")
}
