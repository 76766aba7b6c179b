//! When the camera may look, as the outside world has it: the session, the machine, other programs.
//!
//! Here is found out; what follows is decided in `moodlark_core::gates`. Each gate has a list of back
//! ends, and the first that answers wins; all of them wait for signals, and nothing polls. What sends no
//! signals is asked for just before a look ([`Gates::ask`]). Every foreign call has a deadline, and runs
//! in a task of its own: a bus that hangs holds up nothing.

mod ask;
mod call;
mod camera_use;
mod do_not_disturb;
mod flag;
mod idle;
mod logind;
mod peer;
mod presenting;
mod programs;
mod report;
mod upower;
mod watch;

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use moodlark_catalogue::tr;
use moodlark_core::{
    gates::{Finding, Gate},
    settings::Settings,
};
use tokio::sync::{Notify, mpsc};
use zbus::Connection;

use peer::Trouble;
use watch::{Backend, Bus, Desk, Group, Watching, attend};

pub use report::check;

/// How long the start waits for the first findings: a deadline of a call, and a little for those that
/// take two.
const MEET: Duration = Duration::from_millis(1500);

/// How long the question whether a call goes on may take.
const IN_CALL: Duration = Duration::from_secs(2);

/// What a back end tells the main loop.
#[derive(Debug)]
pub struct Told {
    /// Of which gate.
    pub gate: Gate,
    /// What.
    pub finding: Finding,
    /// The machine falls asleep when this is dropped: to be held until the camera is closed.
    pub hold: Option<std::os::fd::OwnedFd>,
}

/// What is known of a gate, for the doctor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What was found last.
    pub finding: Finding,
    /// Which back end answers, or why none does.
    pub source: String,
}

/// The watchers of all gates.
#[derive(Debug)]
pub struct Gates {
    shared: Arc<Shared>,
    settings: tokio::sync::watch::Sender<Settings>,
    watched: Vec<Gate>,
}

/// What all watchers share.
#[derive(Debug)]
struct Shared {
    told: mpsc::UnboundedSender<Told>,
    statuses: Mutex<BTreeMap<Gate, Status>>,
    session: Connection,
    system: tokio::sync::Mutex<Option<Connection>>,
    /// A look is due: who did not answer before is tried again.
    nudge: Notify,
    /// Something was found.
    found: Notify,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change under it is one assignment: what is there is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn set(
        &self,
        gate: Gate,
        finding: Finding,
        source: String,
        hold: Option<std::os::fd::OwnedFd>,
    ) {
        let before = self.note(gate, finding, source);
        self.found.notify_waiters();
        if hold.is_some() || before.is_none_or(|before| before.finding != finding) {
            tracing::debug!(gate = gate.name(), ?finding, "found");
            let _ = self.told.send(Told {
                gate,
                finding,
                hold,
            }); // the service ends
        }
    }

    /// Keeps it for the doctor; gives what was known before.
    fn note(&self, gate: Gate, finding: Finding, source: String) -> Option<Status> {
        lock(&self.statuses).insert(gate, Status { finding, source })
    }

    /// The bus, joined anew where it was lost.
    async fn bus(&self, bus: Bus) -> Result<Connection, Trouble> {
        match bus {
            Bus::Session => Ok(self.session.clone()),
            Bus::System => {
                let mut system = self.system.lock().await;
                match &*system {
                    Some(bus) if !bus.is_closed() => Ok(bus.clone()),
                    _ => {
                        let bus = peer::system().await?;
                        *system = Some(bus.clone());
                        Ok(bus)
                    }
                }
            }
        }
    }
}

impl Gates {
    /// Begins to watch. What is found comes through the receiver, changes only.
    #[must_use]
    pub fn start(
        session: Connection,
        settings: &Settings,
    ) -> (Self, mpsc::UnboundedReceiver<Told>) {
        let (told, findings) = mpsc::unbounded_channel();
        let (settings, changes) = tokio::sync::watch::channel(settings.clone());
        let shared = Arc::new(Shared {
            told,
            statuses: Mutex::new(BTreeMap::new()),
            session,
            system: tokio::sync::Mutex::new(None),
            nudge: Notify::new(),
            found: Notify::new(),
        });
        let groups = [
            logind::group(),
            upower::group(),
            idle::group(),
            presenting::group(),
            do_not_disturb::group(),
        ];
        let watched = groups.iter().flat_map(|group| group.gates).copied();
        let gates = Self {
            shared: shared.clone(),
            settings,
            watched: watched.collect(),
        };
        for group in groups {
            tokio::spawn(attend(group, shared.clone(), changes.clone()));
        }
        tokio::spawn(camera_use::attend(shared, changes));
        (gates, findings)
    }

    /// Waits until every gate is known, but not for long: what is still unknown then is silent.
    pub async fn meet(&self) {
        let known = || {
            let statuses = lock(&self.shared.statuses);
            self.watched.iter().all(|gate| statuses.contains_key(gate))
        };
        let wait = async {
            loop {
                let found = self.shared.found.notified();
                if known() {
                    return;
                }
                found.await;
            }
        };
        let _ = tokio::time::timeout(MEET, wait).await; // told as silence, below
        for gate in &self.watched {
            if !lock(&self.shared.statuses).contains_key(gate) {
                let why = tr!("no answer yet");
                self.shared.set(*gate, Finding::Silent, why, None);
            }
        }
    }

    /// Goes by these settings from now on.
    pub fn configure(&self, settings: &Settings) {
        self.settings.send_if_modified(|old| {
            let changed = old != settings;
            if changed {
                old.clone_from(settings);
            }
            changed
        });
    }

    /// Finds out about the gates that send no signals. Takes some milliseconds; where a service hangs,
    /// a second or two.
    pub fn ask(&self) -> impl Future<Output = Vec<(Gate, Finding)>> + Send + 'static {
        self.shared.nudge.notify_waiters();
        let (shared, settings) = (self.shared.clone(), self.settings.borrow().clone());
        async move { shared.ask(&settings).await }
    }

    /// Whether a program uses a camera or the microphone right now, whether or not that keeps the camera closed
    /// by the configuration. Given up after two seconds: a /proc that hangs holds up no music.
    pub async fn in_call() -> Option<Gate> {
        let asking = tokio::task::spawn_blocking(ask::in_call);
        match tokio::time::timeout(IN_CALL, asking).await {
            Ok(Ok(found)) => found,
            Ok(Err(_)) | Err(_) => None, // nobody knows
        }
    }

    /// What is known of each gate, with those that must be asked for asked.
    pub fn examine(&self) -> impl Future<Output = BTreeMap<Gate, Status>> + Send + 'static {
        let (asking, shared) = (self.ask(), self.shared.clone());
        async move {
            asking.await;
            lock(&shared.statuses).clone()
        }
    }
}
