//! When the camera may look, as the outside world has it: the session, the machine, other programs.
//!
//! Here is found out; what follows is decided in `moodlark_core::gates`. Each gate has a list of back
//! ends, and the first that answers wins; all of them wait for signals, and nothing polls. What sends no
//! signals is asked for just before a look ([`Gates::ask`]). Every foreign call has a deadline, and runs
//! in a task of its own: a bus that hangs holds up nothing.

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

use std::{
    collections::BTreeMap,
    future::Future,
    path::Path,
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

/// After this long a service that hangs is asked again for the first time …
const RETRY: Duration = Duration::from_secs(2);
/// … and this often at least.
const RETRY_AT_LEAST: Duration = Duration::from_secs(5 * 60);

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

    async fn find(&self, backend: &dyn Backend) -> Result<Peer, Trouble> {
        let bus = self.bus(backend.bus()).await?;
        // The system's services may wait to be asked for; the desktop's own are there or are not.
        Peer::find(&bus, backend.service(), backend.bus() == Bus::System).await
    }

    /// The comings and goings of every service that could tell of the group's gates; and whether that
    /// is all of them, with no bus missing.
    async fn owners(&self, group: &Group) -> (stream::SelectAll<MessageStream>, bool) {
        let (mut streams, mut all) = (Vec::new(), true);
        for backend in &group.backends {
            match self.bus(backend.bus()).await {
                Ok(bus) => match peer::owners(&bus, backend.service()).await {
                    Ok(stream) => streams.push(stream),
                    Err(_) => all = false, // the finding itself tells why
                },
                Err(_) => all = false,
            }
        }
        (stream::select_all(streams), all)
    }
}

/// The next coming or going, if ever.
async fn moved(owners: &mut stream::SelectAll<MessageStream>) {
    if owners.next().await.is_none() {
        std::future::pending().await
    }
}

impl Shared {
    /// Asks for every gate that tells nothing by itself, and counts.
    async fn ask(&self, settings: &Settings) -> Vec<(Gate, Finding)> {
        let mut answers = Vec::new();
        for gate in Gate::ALL.into_iter().filter(|gate| gate.is_asked()) {
            if !gate.counts(settings) {
                continue;
            }
            let (finding, source) = match gate {
                Gate::CameraInUse => {
                    let (finding, _) = camera_use::look(self, settings);
                    answers.push((gate, finding));
                    continue;
                }
                Gate::Call => match call::recording(Path::new(call::CARDS)) {
                    Some(device) => (Finding::Holds, format!("ALSA: {device} records")),
                    None => (Finding::Clear, "ALSA".to_owned()),
                },
                Gate::Program => match programs::running(&settings.gates.programs).as_slice() {
                    [] => (Finding::Clear, "/proc".to_owned()),
                    running => (Finding::Holds, format!("/proc: {}", running.join(", "))),
                },
                _ => self.ask_battery(settings.gates.low_battery).await,
            };
            self.note(gate, finding, source);
            answers.push((gate, finding));
        }
        answers
    }

    async fn ask_battery(&self, least: u8) -> (Finding, String) {
        // On mains it may be as low as it likes.
        let battery = lock(&self.statuses).get(&Gate::Battery).cloned();
        match battery.map(|status| status.finding) {
            Some(Finding::Holds) => {}
            Some(Finding::Clear) => return (Finding::Clear, "UPower: on mains".into()),
            None | Some(Finding::Silent | Finding::Absent) => {
                return (Finding::Absent, "UPower tells nothing".into());
            }
        }
        let asking = async {
            let bus = self.bus(Bus::System).await?;
            let peer = Peer::find(&bus, upower::SERVICE, false).await?;
            upower::is_low(&peer, least).await
        };
        match asking.await {
            Ok(true) => (Finding::Holds, "UPower".into()),
            Ok(false) => (Finding::Clear, "UPower".into()),
            Err(trouble @ Trouble::Absent(_)) => (Finding::Absent, trouble.to_string()),
            Err(trouble @ Trouble::Silent(_)) => (Finding::Silent, trouble.to_string()),
        }
    }
}

/// Keeps a group's gates known for as long as the service runs.
async fn attend(group: Group, shared: Arc<Shared>, settings: watch::Receiver<Settings>) {
    let answered = Arc::new(AtomicBool::new(false));
    let mut patience = RETRY;
    'again: loop {
        // Before anything is asked, so that nothing is missed.
        let (mut owners, complete) = shared.owners(&group).await;
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
                () = moved(&mut owners) => {
                    patience = RETRY;
                    continue 'again;
                }
            };
            tracing::debug!(by = backend.name(), %trouble, "does not tell");
            troubles.push(trouble);
        }
        // Who has answered once is missed when it is gone: that is no machine without it.
        let answered = answered.load(Ordering::Relaxed);
        let hangs = troubles.iter().any(|t| matches!(t, Trouble::Silent(_)));
        let finding = if answered || hangs {
            Finding::Silent
        } else {
            Finding::Absent
        };
        let why: Vec<_> = troubles.iter().map(ToString::to_string).collect();
        for gate in group.gates {
            shared.set(*gate, finding, why.join("; "), None);
        }
        tokio::select! {
            () = moved(&mut owners) => patience = RETRY,
            () = shared.nudge.notified(), if finding == Finding::Silent => {}
            // A service that hangs tells nobody when it has come to itself, and a bus that is gone
            // nobody when it is back: only then is asked again after a time, more and more seldom.
            () = tokio::time::sleep(patience), if hangs || (answered && !complete) => {
                patience = (patience * 2).min(RETRY_AT_LEAST);
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
        let (settings, changes) = watch::channel(settings.clone());
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

    /// Finds out about the gates that send no signals. Takes some milliseconds; where a service hangs,
    /// a second or two.
    pub fn ask(&self) -> impl Future<Output = Vec<(Gate, Finding)>> + Send + 'static {
        self.shared.nudge.notify_waiters();
        let (shared, settings) = (self.shared.clone(), self.settings.borrow().clone());
        async move { shared.ask(&settings).await }
    }

    /// What is known of each gate.
    #[must_use]
    pub fn statuses(&self) -> BTreeMap<Gate, Status> {
        lock(&self.shared.statuses).clone()
    }
}
