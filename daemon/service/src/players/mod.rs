//! The players on the session bus: who is there, what they do, and making them do something else.
//!
//! The foreign interface is MPRIS, and no player speaks it as written; what is known of each stands in
//! [`moodlark_core::player::quirks`]. Here: [`Players`], the handle for everything. A task of its own watches
//! the bus and keeps a memory of each player; it polls nothing and wakes only when a player says something.
//!
//! A command's answer proves nothing. Each is verified by what the player then plays.

mod add;
mod append;
mod commands;
mod elsewhere;
mod entries;
mod error;
mod fade;
mod follow;
mod lists;
mod memory;
mod mpd;
mod mpris;
mod open;
mod playlists;
mod saved;
mod undo;
mod uris;
mod watch;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
};

use moodlark_catalogue::tr;
use moodlark_core::{
    player::{self, PlayerView},
    settings::PlayerSettings,
    time::Timestamp,
};
use tokio::sync::{Notify, mpsc, watch as channel};

pub use append::Appended;
pub use elsewhere::Seen;
pub use entries::list_with;
pub use error::{PlayerError, StartError};
pub use lists::{ListEntry, ListError, OwnList, write_list};
pub use memory::UserAction;
pub use mpd::{Link as MpdLink, MpdState, SavedQueue};
pub use open::{Verified, Wanted};
pub use playlists::OwnPlaylist;
pub use saved::SavedState;
pub use undo::Restored;
pub use uris::{file_uri, path_of};

use memory::{Memory, Update};
use mpris::Peer;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// News of the players.
#[derive(Debug, Clone, PartialEq)]
pub enum PlayersEvent {
    /// Something changed; all players as they are now, sorted by bus name. Changes within 50 ms come as one;
    /// a change of volume alone doesn't come.
    Changed(Vec<PlayerView>),
    /// The user did something in a player.
    UserAction {
        /// The player's whole bus name.
        bus_name: String,
        /// What it was.
        what: UserAction,
    },
    /// The connection to the bus ended; nothing comes after this.
    BusGone,
}

/// A handle on all players; clones are the same.
#[derive(Clone)]
pub struct Players {
    inner: Arc<Inner>,
}

struct Inner {
    conn: zbus::Connection,
    clock: Clock,
    settings: Mutex<PlayerSettings>,
    memories: Mutex<BTreeMap<String, Memory>>,
    events: mpsc::Sender<PlayersEvent>,
    /// Something was heard of a player: verifying a command waits for this.
    heard: channel::Sender<u64>,
    /// The watching task has something to do that no signal told it of.
    nudge: Notify,
    /// One command at a time, over all players.
    commanding: tokio::sync::Mutex<()>,
    /// Tracks that a command of ours put into a player's list, by player.
    added: Mutex<BTreeMap<String, add::Added>>,
    /// The service ends: no volume is touched any more.
    leaving: AtomicBool,
    mpd: mpd::Mpd,
    /// The folders for lists of our own, the best one first.
    lists: Mutex<Vec<std::path::PathBuf>>,
    /// The player's own playlist that we had it play last, by player: some tell the wrong one.
    activated: Mutex<BTreeMap<String, String>>,
    /// The fade under way: the player, and its volume before. Who takes this ends it.
    fading: Mutex<Option<fade::Fading>>,
}

/// The data behind it is valid after any panic: every change is one assignment or insertion.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Players {
    /// Begins to watch the players on `conn`'s bus. The first [`PlayersEvent::Changed`] tells of those that are
    /// there. The events end when the connection does. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// If the bus refuses to be watched.
    pub async fn start(
        conn: zbus::Connection,
        settings: PlayerSettings,
        clock: Clock,
    ) -> Result<(Self, mpsc::Receiver<PlayersEvent>), StartError> {
        let (events, receiver) = mpsc::channel(256);
        let inner = Arc::new(Inner {
            conn,
            clock,
            settings: Mutex::new(settings),
            memories: Mutex::default(),
            events,
            heard: channel::Sender::new(0),
            nudge: Notify::new(),
            commanding: tokio::sync::Mutex::default(),
            added: Mutex::default(),
            leaving: AtomicBool::new(false),
            mpd: mpd::Mpd::default(),
            lists: Mutex::default(),
            activated: Mutex::default(),
            fading: Mutex::default(),
        });
        watch::start(Arc::clone(&inner)).await?;
        Ok((Self { inner }, receiver))
    }

    /// All players as they are known now, sorted by bus name.
    #[must_use]
    pub fn views(&self) -> Vec<PlayerView> {
        self.inner.views()
    }

    /// The player to act on, by [`moodlark_core::player::choose`].
    ///
    /// # Errors
    /// [`PlayerError::NoPlayer`] or [`PlayerError::AmbiguousPlayer`].
    pub fn active(&self) -> Result<PlayerView, PlayerError> {
        let views = self.views();
        let choice = player::choose(&views, &lock(&self.inner.settings), (self.inner.clock)());
        if let Some(error) = PlayerError::of_choice(&choice, &views) {
            return Err(error);
        }
        let chosen = choice.player().unwrap_or_default();
        views
            .into_iter()
            .find(|view| view.bus_name == chosen)
            .ok_or_else(|| PlayerError::NoPlayer(tr!("no player is running")))
    }

    /// Uses these settings from now on.
    pub fn set_settings(&self, settings: PlayerSettings) {
        for memory in lock(&self.inner.memories).values_mut() {
            memory.derive(&settings);
        }
        *lock(&self.inner.settings) = settings;
        self.inner.nudge.notify_one();
    }

    /// Reads a player anew.
    ///
    /// # Errors
    /// [`PlayerError::NoPlayer`] if it isn't on the bus, [`PlayerError::PlayerGone`] if it doesn't answer.
    pub async fn refresh(&self, bus_name: &str) -> Result<PlayerView, PlayerError> {
        let target = self.inner.target(bus_name)?;
        if let Ok(root) = target.peer.read_root().await {
            self.inner
                .hear(bus_name, &target.peer.owner, Update::of(&root.properties));
        }
        self.inner.snapshot(&target).await?;
        self.inner.target(bus_name).map(|target| target.view)
    }
}

/// A player that is about to be asked something.
#[derive(Debug, Clone)]
struct Target {
    peer: Peer,
    view: PlayerView,
    /// It answered at least once.
    known: bool,
}

impl Target {
    /// The error for a call to it that failed.
    fn gone(&self, error: &mpris::CallError) -> PlayerError {
        let name = self.view.display_name();
        PlayerError::PlayerGone(match error {
            mpris::CallError::Gone => tr!("{name} was closed in the middle of it", name),
            mpris::CallError::Late(within) => tr!(
                "{name} did not answer within {seconds} s; if it hangs, restart it",
                name,
                seconds = within.as_secs()
            ),
            mpris::CallError::Refused(why) => {
                tr!("{name} cannot be asked what it plays: {why}", name, why)
            }
        })
    }
}

impl Inner {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn views(&self) -> Vec<PlayerView> {
        let memories = lock(&self.memories);
        // MPD a second time, through a bridge, is no second player.
        let mpd = memories.contains_key(player::mpd::NAME);
        let views = memories.values().map(|memory| memory.view.clone());
        views
            .filter(|view| !(mpd && player::mpd::is_bridge(&view.bus_name)))
            .collect()
    }

    fn settings(&self) -> PlayerSettings {
        lock(&self.settings).clone()
    }

    fn target(&self, bus_name: &str) -> Result<Target, PlayerError> {
        let memories = lock(&self.memories);
        let memory = memories.get(bus_name).ok_or_else(|| {
            PlayerError::NoPlayer(tr!(
                "{player} is not running",
                player = player::short_name(bus_name)
            ))
        })?;
        let peer = Peer {
            conn: self.conn.clone(),
            owner: memory.owner.clone(),
            mpd: self
                .mpd_link()
                .ok()
                .filter(|_| player::mpd::is_mpd(bus_name)),
        };
        Ok(Target {
            peer,
            view: memory.view.clone(),
            known: memory.known,
        })
    }

    /// Takes in news of a player and passes on what follows from them.
    fn hear(&self, bus_name: &str, owner: &str, update: Update) {
        let (now, settings) = (self.now(), self.settings());
        let action = match lock(&self.memories).get_mut(bus_name) {
            Some(memory) if memory.owner == owner => memory.apply(update, &settings, now),
            _ => return, // it is gone, or another now
        };
        self.heard
            .send_modify(|count| *count = count.wrapping_add(1));
        self.nudge.notify_one();
        if let Some(what) = action {
            self.tell(PlayersEvent::UserAction {
                bus_name: bus_name.into(),
                what,
            });
        }
    }

    fn tell(&self, event: PlayersEvent) -> bool {
        if matches!(&event, PlayersEvent::UserAction { bus_name, .. } if self.is_second_mpd(bus_name))
        {
            return true;
        }
        match self.events.try_send(event) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(event)) => {
                tracing::warn!(?event, "nobody takes the news of the players; dropped");
                false
            }
            Err(mpsc::error::TrySendError::Closed(_)) => true, // nobody wants them any more
        }
    }
}
