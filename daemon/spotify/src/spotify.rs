//! The handle on Spotify: who is signed in, one call at a time, and nothing kept warm that is not in use.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use moodlark_core::time::Timestamp;
use tokio::sync::{mpsc, watch};
use zbus::Connection;

use crate::{
    Error, Grant, Place, Server, Standing,
    answer::holds,
    budget::Budget,
    calls::LEFT_ALONE,
    memory::Memory,
    sign_in::Pending,
    store::Store,
    wire::{Call, Wire},
};

/// TLS and its connections are dropped when nothing was asked for so long.
const IDLE: Duration = Duration::from_secs(20);

/// What the configuration says of Spotify.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The user's own app; without one Spotify is never asked.
    pub client_id: Option<String>,
    /// Whether every device of the account may be used.
    pub any_device: bool,
}

/// A sign-in that was begun.
#[derive(Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The page where the user says yes.
    pub url: String,
    /// Where the browser comes back to.
    pub redirect: String,
    /// It ends then.
    pub until: Timestamp,
}

/// A sign-in ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub outcome: Result<(), Error>,
}

/// How things stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Whether the configuration has a client ID.
    pub configured: bool,
    /// Whether there is a grant for it.
    pub signed_in: bool,
    /// Where the grant is kept.
    pub place: Option<Place>,
    /// When the user said yes.
    pub authorized_at: Option<Timestamp>,
    /// When that ends.
    pub ends_at: Option<Timestamp>,
    /// How the grant stands.
    pub standing: Option<Standing>,
    /// A sign-in is under way; until then.
    pub signing_in_until: Option<Timestamp>,
    /// What keeps Spotify from being asked.
    pub trouble: Option<Error>,
    /// Calls made since the start.
    pub calls: u64,
}

/// The handle; clones are the same.
#[derive(Clone)]
pub struct Spotify {
    pub(crate) inner: Arc<Inner>,
    /// What may be asked through this one.
    pub(crate) budget: Budget,
}

pub(crate) struct Inner {
    pub(crate) server: Server,
    /// This computer's name.
    pub(crate) host: String,
    pub(crate) clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    pub(crate) store: Store,
    pub(crate) state: Mutex<State>,
    /// One call at a time: whoever holds this asks.
    pub(crate) line: tokio::sync::Mutex<Line>,
    /// One change of the grant at a time: whoever holds this looks, refreshes, takes up, saves or clears.
    pub(crate) changing: Arc<tokio::sync::Mutex<()>>,
    /// A keyring was unlocked, and looked into.
    pub(crate) known: watch::Sender<u64>,
    pub(crate) ended: mpsc::UnboundedSender<Ended>,
}

/// What a call needs, made when it is needed.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) wire: Option<(String, Arc<Wire>)>,
    used: u64,
}

/// A grant and where it is.
pub(crate) struct Kept {
    pub(crate) grant: Grant,
    pub(crate) place: Place,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) kept: Option<Kept>,
    /// Counted up whenever the grant is forgotten: what was begun before is not taken up any more.
    pub(crate) generation: u64,
    /// The places were looked at, and all of them answered: what isn't in `kept` isn't there.
    pub(crate) looked: bool,
    /// The keyring gave no answer; it is asked again then.
    pub(crate) look_after: Option<Timestamp>,
    /// Nobody answered; nobody is asked until then. In memory only: the next start may have a network.
    pub(crate) silent_until: Option<Timestamp>,
    /// Spotify says that the grant is over.
    pub(crate) expired: bool,
    /// The keyring is being waited for.
    pub(crate) waiting: bool,
    /// The token and when it ends. Never written anywhere.
    pub(crate) access: Option<(String, Timestamp)>,
    pub(crate) memory: Memory,
    pub(crate) pending: Option<Pending>,
    pub(crate) sign_ins: u64,
    /// The last failure that still holds.
    trouble: Option<Error>,
    pub(crate) calls: u64,
}

impl State {
    /// Forgets who is signed in.
    pub(crate) fn forget(&mut self) {
        self.generation += 1;
        self.kept = None;
        self.looked = true;
        self.look_after = None;
        self.silent_until = None;
        self.expired = false;
        self.access = None;
        self.trouble = None;
    }
}

/// The data behind it is valid after any panic: every change is one assignment.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Spotify {
    /// A handle that asks nobody until it is asked. `folder` is where the journal is; `bus` has the keyring on it.
    /// Ends of sign-ins come through the receiver. Must be called within a tokio runtime.
    #[must_use]
    pub fn new(
        server: Server,
        bus: Option<Connection>,
        folder: &Path,
        host: String,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> (Self, mpsc::UnboundedReceiver<Ended>) {
        let (ended, receiver) = mpsc::unbounded_channel();
        let inner = Inner {
            server,
            host,
            clock: Box::new(clock),
            store: Store::new(bus, folder),
            state: Mutex::new(State {
                memory: Memory::open(folder),
                ..State::default()
            }),
            line: tokio::sync::Mutex::default(),
            changing: Arc::default(),
            known: watch::Sender::new(0),
            ended,
        };
        let spotify = Self {
            inner: Arc::new(inner),
            budget: Budget::default(),
        };
        (spotify, receiver)
    }

    /// The same for one switch or one undo: all that is asked through it together is at most six calls.
    #[must_use]
    pub fn for_one_step(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            budget: Budget::of_one_step(),
        }
    }

    /// Changes when a keyring that was waited for has been unlocked, and it is known what it holds.
    #[must_use]
    pub fn unlocked(&self) -> watch::Receiver<u64> {
        self.inner.known.subscribe()
    }

    /// The caller's own patience ended before an answer came.
    pub fn gave_up(&self) {
        lock(&self.inner.state).silent_until = Some(self.inner.now().plus(LEFT_ALONE));
    }

    /// Uses these settings from now on. Another client ID is another app: its grant is looked for anew.
    pub fn configure(&self, settings: Settings) {
        let mut state = lock(&self.inner.state);
        if state.settings.client_id != settings.client_id {
            // Its quota is its own.
            if state.settings.client_id.is_some() {
                state.memory.limits = crate::Limits::default();
            }
            state.forget();
            state.looked = false;
            state.pending = None;
        }
        state.settings = settings;
    }

    /// Whether the configuration names an app.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.inner.client_id().is_ok()
    }

    /// Whether every device of the account may be used.
    #[must_use]
    pub fn any_device(&self) -> bool {
        lock(&self.inner.state).settings.any_device
    }

    /// Whether it could be asked now, as far as is known here: nothing is sent.
    ///
    /// # Errors
    /// Why not.
    pub async fn ready(&self) -> Result<(), Error> {
        let grant = self.inner.grant().await?;
        if grant.standing(self.inner.now()) == Standing::Over {
            return Err(Error::SignInExpired);
        }
        lock(&self.inner.state)
            .memory
            .limits
            .check(self.inner.now())
    }

    /// How things stand. Sends nothing.
    pub async fn status(&self) -> Status {
        let ready = self.ready().await;
        let now = self.inner.now();
        let state = lock(&self.inner.state);
        let kept = state.kept.as_ref();
        Status {
            configured: state
                .settings
                .client_id
                .as_deref()
                .is_some_and(|id| !id.is_empty()),
            signed_in: kept.is_some() && !state.expired,
            place: kept.map(|kept| kept.place.clone()),
            authorized_at: kept.map(|kept| kept.grant.authorized_at),
            ends_at: kept.map(|kept| kept.grant.ends_at()),
            standing: kept.map(|kept| kept.grant.standing(now)),
            signing_in_until: state.pending.as_ref().map(|pending| pending.until),
            trouble: ready.err().or_else(|| state.trouble.clone()),
            calls: state.calls,
        }
    }

    /// When a new sign-in is to be asked for; `None` while nobody is signed in.
    #[must_use]
    pub fn ask_at(&self) -> Option<Timestamp> {
        lock(&self.inner.state)
            .kept
            .as_ref()
            .map(|kept| kept.grant.ask_at())
    }

    /// Makes a call in its turn and reads the answer.
    pub(crate) async fn ask(&self, call: Call<'_>, what: &str) -> Result<String, Error> {
        let mut line = self.inner.line.lock().await;
        let generation = lock(&self.inner.state).generation;
        let outcome = self.inner.call(&mut line, &call, what, &self.budget).await;
        line.used += 1;
        let used = line.used;
        drop(line);
        self.drop_when_idle(used);
        let mut state = lock(&self.inner.state);
        if let Err(error) = &outcome {
            tracing::debug!("Spotify did not do it: {error}");
        }
        // What another app, or another user, was told is nothing to this one.
        if state.generation != generation {
            return outcome;
        }
        match &outcome {
            Ok(_) => {
                state.trouble = None;
                state.silent_until = None;
            }
            Err(error) => {
                let now = self.inner.now();
                if state.memory.limits.learn(error, now) {
                    state.memory.save();
                }
                if *error == Error::NoNetwork && !holds(state.silent_until, now, LEFT_ALONE) {
                    state.silent_until = Some(now.plus(LEFT_ALONE));
                }
                // A switch's own limit keeps no other one from asking.
                if *error != Error::OutOfCalls {
                    state.trouble = Some(error.clone());
                }
            }
        }
        outcome
    }

    /// Makes a call whose answer is JSON.
    pub(crate) async fn get<T: serde::de::DeserializeOwned + Default>(
        &self,
        path: &str,
        query: Vec<(&str, String)>,
        what: &str,
    ) -> Result<T, Error> {
        let text = self.ask(Call::Get(path, query), what).await?;
        if text.trim().is_empty() {
            return Ok(T::default());
        }
        // The parser's error may quote the answer.
        serde_json::from_str(&text).map_err(|_| Error::Garbled)
    }

    /// A TLS stack is a megabyte that nobody needs between two switches.
    fn drop_when_idle(&self, used: u64) {
        let inner = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            if let Some(inner) = inner.upgrade() {
                let mut line = inner.line.lock().await;
                if line.used == used {
                    line.wire = None;
                }
            }
        });
    }
}
