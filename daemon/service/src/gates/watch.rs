//! Keeps gates known: tries their back ends in turn, stays with the first that answers, and begins anew
//! when it goes, when a better one comes, or when one that hung has come to itself.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use moodlark_core::{
    gates::{Finding, Gate},
    settings::Settings,
};
use tokio::sync::watch;
use zbus::MessageStream;

use super::{
    Shared,
    peer::{self, Peer, Trouble},
};

/// After this long a service that hangs is asked again for the first time …
const RETRY: Duration = Duration::from_secs(2);
/// … and this often at least.
const RETRY_AT_LEAST: Duration = Duration::from_secs(5 * 60);

/// Which bus a service is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bus {
    Session,
    System,
}

/// A watcher that has begun: it comes back when the service's signals end, or with what is wrong.
pub(super) type Watching<'a> = Pin<Box<dyn Future<Output = Result<(), Trouble>> + Send + 'a>>;

/// One way to learn about a gate or several.
pub(super) trait Backend: Send + Sync {
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
pub(super) struct Group {
    pub(super) gates: &'static [Gate],
    pub(super) backends: Vec<Box<dyn Backend>>,
}

/// Where a back end tells what it finds.
pub(super) struct Desk {
    shared: Arc<Shared>,
    by: &'static str,
    answered: Arc<AtomicBool>,
    pub(super) settings: watch::Receiver<Settings>,
}

impl Desk {
    /// Tells whether the condition holds.
    pub(super) fn tell(&self, gate: Gate, holds: bool) {
        self.tell_with(gate, holds, None);
    }

    /// The same, with what keeps the machine awake.
    pub(super) fn tell_with(&self, gate: Gate, holds: bool, hold: Option<std::os::fd::OwnedFd>) {
        self.answered.store(true, Ordering::Relaxed);
        let finding = if holds {
            Finding::Holds
        } else {
            Finding::Clear
        };
        self.shared.set(gate, finding, self.by.to_owned(), hold);
    }
}

impl Shared {
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
        std::future::pending::<()>().await;
    }
}

/// Keeps a group's gates known for as long as the service runs.
pub(super) async fn attend(group: Group, shared: Arc<Shared>, settings: watch::Receiver<Settings>) {
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
                watched = backend.watch(&peer, &desk) => watched.err().unwrap_or_else(|| peer.gone()),
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
        let mut why: Vec<_> = troubles.iter().map(ToString::to_string).collect();
        why.dedup();
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
