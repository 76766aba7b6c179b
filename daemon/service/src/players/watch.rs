//! The task that listens to the bus and keeps the memory of each player.
//!
//! It never waits for a player: reads run beside it and come back through a channel. A task that waited would
//! stop taking signals, and zbus would then hold back the very answer that it waits for.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt, stream};
use moodlark_core::player::{BUS_PREFIX, PlayerView, mpd};
use tokio::{sync::mpsc, time::Instant};
use zbus::{MatchRule, Message, MessageStream, fdo::DBusProxy, message::Sequence, message::Type};

use super::{
    Inner, PlayersEvent, StartError, lock,
    memory::{Memory, SETTLES_IN, Update},
    mpris::{Optional, PATH, PLAYER, PROPERTIES, Peer, Properties, ROOT, Read},
};

/// Changes within this time are told as one.
const COALESCE: Duration = Duration::from_millis(50);
/// A player takes its name a little before it can answer.
const NOT_READY_YET: Duration = Duration::from_millis(200);
const FIRST_TRIES: u32 = 4;

/// What a read brought, on its way back to the task.
struct Answer {
    bus_name: String,
    owner: String,
    root: Option<Read>,
    player: Option<Read>,
    /// Which of the optional interfaces it has, where that was asked.
    more: Option<Optional>,
}

/// Book-keeping of reads for one player.
#[derive(Default)]
struct Reading {
    under_way: bool,
    again: bool,
    /// The last signal that told of properties: an answer older than it is stale.
    last_signal: Option<Sequence>,
}

struct Watch {
    inner: Arc<Inner>,
    answers: mpsc::UnboundedSender<Answer>,
    readings: BTreeMap<String, Reading>,
    told: Vec<PlayerView>,
    tell_at: Option<Instant>,
    settle_at: Option<Instant>,
}

/// Subscribes, finds the players that are there, and starts the task.
pub(super) async fn start(inner: Arc<Inner>) -> Result<(), StartError> {
    let signals = subscribe(&inner.conn).await?;
    let (answers, incoming) = mpsc::unbounded_channel();
    let mut watch = Watch {
        inner,
        answers,
        readings: BTreeMap::new(),
        told: Vec::new(),
        tell_at: None,
        settle_at: None,
    };
    let bus = DBusProxy::new(&watch.inner.conn).await?;
    for name in bus.list_names().await.map_err(zbus::Error::from)? {
        if name.starts_with(BUS_PREFIX)
            // It may have left in between.
            && let Ok(owner) = bus.get_name_owner(name.inner().clone()).await
        {
            watch.appeared(name.as_str(), owner.as_str());
        }
    }
    watch.tell_soon();
    tokio::spawn(watch.run(signals, incoming));
    Ok(())
}

type Signals = std::pin::Pin<Box<dyn Stream<Item = zbus::Result<Message>> + Send>>;

async fn subscribe(conn: &zbus::Connection) -> Result<Signals, zbus::Error> {
    let owners = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")
        .interface("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .arg0ns(ROOT)
        .build()?;
    let properties = MatchRule::builder()
        .msg_type(Type::Signal)
        .path(PATH)
        .interface(PROPERTIES)
        .member("PropertiesChanged")
        .add_arg(PLAYER)
        .build()?;
    let seeked = MatchRule::builder()
        .msg_type(Type::Signal)
        .path(PATH)
        .interface(PLAYER)
        .member("Seeked")
        .build()?;
    let mut streams = Vec::new();
    for rule in [owners, properties, seeked] {
        streams.push(MessageStream::for_match_rule(rule, conn, None).await?);
    }
    Ok(Box::pin(stream::select_all(streams)))
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

impl Watch {
    async fn run(mut self, mut signals: Signals, mut incoming: mpsc::UnboundedReceiver<Answer>) {
        loop {
            tokio::select! {
                signal = signals.next() => match signal {
                    Some(Ok(message)) => self.signal(&message),
                    Some(Err(error)) => tracing::warn!(%error, "a message about players could not be read"),
                    None => break,
                },
                Some(answer) = incoming.recv() => self.answered(answer),
                () = self.inner.nudge.notified() => self.tell_soon(),
                () = at(self.tell_at) => self.tell(),
                () = at(self.settle_at) => self.settle(),
            }
        }
        tracing::warn!("the session bus is gone, and with it the players");
        lock(&self.inner.memories).clear();
        self.tell();
        let _ = self.inner.events.send(PlayersEvent::BusGone).await; // nobody listens any more
    }

    fn signal(&mut self, message: &Message) {
        let header = message.header();
        let Some(member) = header.member() else {
            return;
        };
        if member.as_str() == "NameOwnerChanged" {
            if let Ok((name, old, new)) = message.body().deserialize::<(String, String, String)>() {
                if !old.is_empty() {
                    self.vanished(&name, &old);
                }
                if !new.is_empty() {
                    self.appeared(&name, &new);
                }
            }
            return;
        }
        let Some(sender) = header.sender() else {
            return;
        };
        let Some(bus_name) = self.named(sender.as_str()) else {
            return;
        };
        let mut update = Update::default();
        let mut unnamed = false;
        if member.as_str() == "Seeked" {
            if let Ok(position) = message.body().deserialize::<i64>() {
                update.position = super::mpris::from_micros(position);
                update.sought = true;
            }
        } else {
            match message
                .body()
                .deserialize::<(String, Properties, Vec<String>)>()
            {
                Ok((_, changed, invalidated)) => {
                    update = Update::of(&changed);
                    unnamed = invalidated
                        .iter()
                        .any(|name| name == "Metadata" || name == "PlaybackStatus");
                }
                Err(error) => {
                    tracing::debug!(player = bus_name, %error, "properties that are none");
                    unnamed = true;
                }
            }
            self.readings
                .entry(bus_name.clone())
                .or_default()
                .last_signal = Some(message.recv_position());
        }
        let read = update.moves() || unnamed;
        self.inner.hear(&bus_name, sender.as_str(), update);
        if read {
            self.read(&bus_name, false);
        }
        self.settle_soon();
    }

    /// The player whose connection this is.
    fn named(&self, owner: &str) -> Option<String> {
        lock(&self.inner.memories)
            .iter()
            .find(|(_, memory)| memory.owner == owner)
            .map(|(name, _)| name.clone())
    }

    fn appeared(&mut self, name: &str, owner: &str) {
        // VLC may own two names with one connection: it is one player.
        let memory = Memory::new(name, owner, &self.inner.settings());
        if memory.view.quirks().hidden || self.named(owner).is_some() {
            return;
        }
        tracing::debug!(player = name, "appeared");
        if mpd::is_bridge(name) {
            self.inner.mpd.look_again(); // so there is an MPD
        }
        lock(&self.inner.memories).insert(name.into(), memory);
        self.readings.insert(name.into(), Reading::default());
        self.read(name, true);
        self.tell_soon();
    }

    fn vanished(&mut self, name: &str, owner: &str) {
        let mut memories = lock(&self.inner.memories);
        if memories
            .get(name)
            .is_some_and(|memory| memory.owner == owner)
        {
            tracing::debug!(player = name, "left");
            memories.remove(name);
            drop(memories);
            self.readings.remove(name);
            lock(&self.inner.added).remove(name);
            self.inner
                .heard
                .send_modify(|count| *count = count.wrapping_add(1));
            self.tell_soon();
        }
    }

    /// Reads a player beside the task. `first`: who it is as well, and with patience.
    fn read(&mut self, bus_name: &str, first: bool) {
        let reading = self.readings.entry(bus_name.into()).or_default();
        if reading.under_way {
            reading.again = true;
            return;
        }
        let Ok(target) = self.inner.target(bus_name) else {
            return;
        };
        reading.under_way = true;
        let kills = target.view.quirks().shuffle_kills;
        let (answers, bus_name, peer) = (self.answers.clone(), bus_name.to_owned(), target.peer);
        tokio::spawn(async move {
            let root = if first { introduce(&peer).await } else { None };
            let more = match &root {
                Some(_) => Some(peer.optional().await),
                None => None,
            };
            let player = match peer.read_player(kills).await {
                Ok(read) => Some(read),
                Err(error) => {
                    tracing::debug!(player = bus_name, %error, "could not be read");
                    None
                }
            };
            // The task is gone only when the service is.
            let _ = answers.send(Answer {
                bus_name,
                owner: peer.owner,
                root,
                player,
                more,
            });
        });
    }

    fn answered(&mut self, answer: Answer) {
        let Answer {
            bus_name,
            owner,
            root,
            player,
            more,
        } = answer;
        let Some(reading) = self.readings.get_mut(&bus_name) else {
            return;
        };
        reading.under_way = false;
        let mut again = std::mem::take(&mut reading.again);
        // Both at once: a player that is found paused was not paused by anybody just now.
        let mut properties = root.map(|read| read.properties).unwrap_or_default();
        if let Some(read) = player {
            // A signal that came after this answer knows better than it.
            let stale = read
                .received
                .zip(reading.last_signal)
                .is_some_and(|(answer, signal)| answer < signal);
            again |= stale;
            if !stale {
                properties.extend(read.properties);
            }
        }
        if !properties.is_empty() {
            let mut update = Update::of(&properties);
            update.playlists = more.map(|more| more.playlists);
            update.edits_tracks = more.map(|more| more.edits_tracks);
            self.inner.hear(&bus_name, &owner, update);
        }
        if again {
            self.read(&bus_name, false);
        }
        self.settle_soon();
        self.tell_soon();
    }

    fn tell_soon(&mut self) {
        self.tell_at
            .get_or_insert_with(|| Instant::now() + COALESCE);
        self.settle_soon();
    }

    fn tell(&mut self) {
        self.tell_at = None;
        let views = self.inner.views();
        let same = views.len() == self.told.len()
            && views.iter().zip(&self.told).all(|(new, old)| {
                let new = PlayerView {
                    volume: old.volume,
                    ..new.clone()
                };
                new == *old
            });
        if same {
            return;
        }
        if self.inner.tell(PlayersEvent::Changed(views.clone())) {
            self.told = views;
        } else {
            self.tell_at = Some(Instant::now() + Duration::from_secs(1));
        }
    }

    fn settle_soon(&mut self) {
        if self.settle_at.is_none() && lock(&self.inner.memories).values().any(Memory::unsettled) {
            // A little more than the span itself, so that one look is enough.
            self.settle_at = Some(Instant::now() + SETTLES_IN + Duration::from_millis(20));
        }
    }

    fn settle(&mut self) {
        self.settle_at = None;
        let (now, settings) = (self.inner.now(), self.inner.settings());
        let mut actions = Vec::new();
        for (name, memory) in lock(&self.inner.memories).iter_mut() {
            if let Some(what) = memory.settle(&settings, now) {
                actions.push(PlayersEvent::UserAction {
                    bus_name: name.clone(),
                    what,
                });
            }
        }
        for action in actions {
            self.inner.tell(action);
        }
        self.tell_soon();
    }
}

/// Who a player is. It may own its name before it answers under it.
async fn introduce(peer: &Peer) -> Option<Read> {
    for attempt in 1..=FIRST_TRIES {
        match peer.read_root().await {
            Ok(root) => return Some(root),
            Err(super::mpris::CallError::Refused(_)) if attempt < FIRST_TRIES => {
                tokio::time::sleep(NOT_READY_YET).await;
            }
            Err(error) => {
                tracing::debug!(owner = peer.owner, %error, "a player does not say who it is");
                return None;
            }
        }
    }
    None
}
