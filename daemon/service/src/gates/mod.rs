//! When the camera may look, as the outside world has it: the session, the machine, other programs.
//!
//! Here is found out; what follows is decided in `moodlark_core::gates`. Each gate has a list of back
//! ends, and the first that answers wins; all of them wait for signals, and nothing polls. What sends no
//! signals is asked for just before a look ([`Gates::ask`]). Every foreign call has a deadline, and runs
//! in a task of its own: a bus that hangs holds up nothing.

mod flag;
mod logind;
mod peer;
mod report;

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use moodlark_core::{
    gates::{Finding, Gate},
    settings::Settings,
};
use tokio::sync::{Notify, mpsc, watch};
use zbus::{Connection, MessageStream};

use peer::{Peer, Trouble};
pub use report::check;

/// How long the start waits for the first findings: a deadline of a call, and a little for those that
/// take two.
const MEET: Duration = Duration::from_millis(1500);

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
    settings: watch::Sender<Settings>,
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

/// Which bus a service is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bus {
    Session,
    System,
}

/// What a watcher that has begun comes back with, when it is over.
type Watching<'a> = Pin<Box<dyn Future<Output = Trouble> + Send + 'a>>;

/// One way to learn about a gate or several.
trait Backend: Send + Sync {
    /// What people call it.
    fn name(&self) -> &'static str;
    /// Where it is.
    fn bus(&self) -> Bus;
    /// Its name on the bus.
    fn service(&self) -> &'static str;
    /// Finds out how things are, tells `desk`, and goes on telling; ends when it cannot any more. One
    /// that ends before it has told anything has not answered, and the next one is tried.
    fn watch<'a>(&'a self, peer: &'a Peer, desk: &'a Desk) -> Watching<'a>;
}

/// Gates that are learnt about together, and the ways to it, the best first.
struct Group {
    gates: &'static [Gate],
    backends: Vec<Box<dyn Backend>>,
}

/// Where a back end tells what it finds.
struct Desk {
    shared: Arc<Shared>,
    by: &'static str,
    answered: Arc<AtomicBool>,
    settings: watch::Receiver<Settings>,
}

impl Desk {
    /// Tells whether the condition holds.
    fn tell(&self, gate: Gate, holds: bool) {
        self.tell_with(gate, holds, None);
    }

    /// The same, with what keeps the machine awake.
    fn tell_with(&self, gate: Gate, holds: bool, hold: Option<std::os::fd::OwnedFd>) {
        self.answered.store(true, Ordering::Relaxed);
        let finding = if holds {
            Finding::Holds
        } else {
            Finding::Clear
        };
        self.shared.set(gate, finding, self.by.to_owned(), hold);
    }
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
        let status = Status { finding, source };
        let before = lock(&self.statuses).insert(gate, status);
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

    async fn find(&self, backend: &dyn Backend) -> Result<Peer, Trouble> {
        let bus = self.bus(backend.bus()).await?;
        // The system's services may wait to be asked for; the desktop's own are there or are not.
        Peer::find(&bus, backend.service(), backend.bus() == Bus::System).await
    }

    /// The comings and goings of every service that could tell of the group's gates.
    async fn owners(&self, group: &Group) -> impl stream::Stream<Item = ()> + Unpin {
        let mut streams: Vec<MessageStream> = Vec::new();
        for backend in &group.backends {
            if let Ok(bus) = self.bus(backend.bus()).await
                && let Ok(stream) = peer::owners(&bus, backend.service()).await
            {
                streams.push(stream);
            }
        }
        stream::select_all(streams).map(drop)
    }
}

/// Keeps a group's gates known for as long as the service runs.
async fn attend(group: Group, shared: Arc<Shared>, mut settings: watch::Receiver<Settings>) {
    let answered = Arc::new(AtomicBool::new(false));
    'again: loop {
        settings.borrow_and_update();
        // Before anything is asked, so that nothing is missed.
        let mut owners = shared.owners(&group).await;
        let mut troubles = Vec::new();
        for backend in &group.backends {
            let peer = match shared.find(&**backend).await {
                Ok(peer) => peer,
                Err(trouble) => {
                    troubles.push(trouble);
                    continue;
                }
            };
            let desk = Desk {
                shared: shared.clone(),
                by: backend.name(),
                answered: answered.clone(),
                settings: settings.clone(),
            };
            let trouble = tokio::select! {
                trouble = backend.watch(&peer, &desk) => trouble,
                // It is gone, or another one, or a better one has come.
                Some(()) = owners.next() => continue 'again,
            };
            tracing::debug!(by = backend.name(), %trouble, "does not tell");
            troubles.push(trouble);
        }
        // Who has answered once is missed when it is gone: that is no machine without it.
        let silent = answered.load(Ordering::Relaxed)
            || troubles.iter().any(|t| matches!(t, Trouble::Silent(_)));
        let why: Vec<_> = troubles.iter().map(ToString::to_string).collect();
        for gate in group.gates {
            let finding = if silent {
                Finding::Silent
            } else {
                Finding::Absent
            };
            shared.set(*gate, finding, why.join("; "), None);
        }
        tokio::select! {
            Some(()) = owners.next() => {}
            // A service that hangs sends no signal when it has come to itself.
            () = shared.nudge.notified(), if silent => {}
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
        let (settings, changes) = watch::channel(settings.clone());
        let shared = Arc::new(Shared {
            told,
            statuses: Mutex::new(BTreeMap::new()),
            session,
            system: tokio::sync::Mutex::new(None),
            nudge: Notify::new(),
            found: Notify::new(),
        });
        let groups = [logind::group()];
        let watched = groups.iter().flat_map(|group| group.gates).copied();
        let gates = Self {
            shared: shared.clone(),
            settings,
            watched: watched.collect(),
        };
        for group in groups {
            tokio::spawn(attend(group, shared.clone(), changes.clone()));
        }
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
                let why = "no answer yet".to_owned();
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

    /// Finds out about the gates that send no signals. Takes a second at most.
    pub fn ask(&self) -> impl Future<Output = Vec<(Gate, Finding)>> + Send + 'static {
        self.shared.nudge.notify_waiters();
        async move { Vec::new() }
    }

    /// What is known of each gate.
    #[must_use]
    pub fn statuses(&self) -> BTreeMap<Gate, Status> {
        lock(&self.shared.statuses).clone()
    }
}
