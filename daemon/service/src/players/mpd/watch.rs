//! The task that finds MPD, listens to it, and finds it again.
//!
//! Nothing is polled. While MPD is there the task waits in `idle`, which costs nothing; while it isn't, the
//! kernel tells of a socket that appears (inotify). A port tells nobody: after each event (the start, the end of
//! a connection, new settings, a bridge to MPD on the bus) it is tried ten times over two minutes and then let
//! be, but for an address over the network that somebody named, which is tried every five minutes.

use std::{
    collections::HashMap,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::StreamExt;
use inotify::{EventStream, Inotify, WatchDescriptor, WatchMask};
use moodlark_core::{
    player::mpd::{Address, NAME, Place},
    settings::MpdSettings,
};
use tokio::{sync::oneshot, time::Instant};

use super::{Inner, Link, MpdState, introduction, now, schemes, update};
use crate::{
    mpd::{
        Client, MpdError,
        places::{Places, places},
        protocol::Command,
    },
    paths::expand_home,
    players::{lock, memory::Memory},
};

/// What the view, and the list of stored playlists, depend on.
const SUBSYSTEMS: [&str; 6] = [
    "player",
    "mixer",
    "playlist",
    "options",
    "database",
    "stored_playlist",
];
/// The first pause before another try; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const TRIES: u32 = 10;
/// For an address over the network that somebody named.
const NAMED_PAUSE: Duration = Duration::from_secs(5 * 60);
/// A connection that held so long was a good one.
const LASTED: Duration = Duration::from_secs(5);
/// News are taken in at most so often: a server may babble.
const AT_MOST_EVERY: Duration = Duration::from_millis(20);
/// More stored playlists than anybody reads.
const MOST_PLAYLISTS: usize = 1000;

/// Runs for as long as the service does. `met` hears when the first try is over.
pub(super) async fn run(inner: Arc<Inner>, met: oneshot::Sender<()>) {
    let mut watch = Watch {
        inner,
        met: Some(met),
        meetings: 0,
        settings: MpdSettings::default(),
    };
    let mut tries = 0;
    loop {
        let wanted = watch.places();
        // Before the try: a socket that appears in between is told.
        let mut sockets = Sockets::watch(&wanted.addresses);
        let begun = Instant::now();
        // One that comes and goes is not met as fast as it can.
        if watch.meet(&wanted).await && begun.elapsed() > LASTED {
            tries = 0;
        }
        watch.met();
        let pause = pause(tries, &wanted);
        tries += 1;
        tokio::select! {
            () = sockets.appeared() => tries = 0,
            () = watch.inner.mpd.again.notified() => tries = 0,
            () = after(pause) => {}
        }
    }
}

fn pause(tries: u32, wanted: &Places) -> Option<Duration> {
    let remote = wanted
        .addresses
        .iter()
        .any(|address| matches!(address.place, Place::Tcp(..)));
    if wanted.addresses.is_empty() {
        None
    } else if tries < TRIES {
        Some(FIRST_PAUSE * 2_u32.pow(tries))
    } else {
        (wanted.named && remote).then_some(NAMED_PAUSE)
    }
}

async fn after(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

struct Watch {
    inner: Arc<Inner>,
    met: Option<oneshot::Sender<()>>,
    meetings: u64,
    /// Those that the present connection goes by.
    settings: MpdSettings,
}

impl Watch {
    fn places(&mut self) -> Places {
        let mpd = &self.inner.mpd;
        self.settings = lock(&mpd.settings).clone();
        let found = places(&self.settings, &lock(&mpd.environment));
        found.unwrap_or_else(|why| {
            self.absent(why, true);
            Places::default()
        })
    }

    fn met(&mut self) {
        if let Some(met) = self.met.take() {
            let _ = met.send(()); // nobody waits any more
        }
    }

    fn absent(&self, why: String, worth_telling: bool) {
        tracing::debug!(why, "MPD is not there");
        *lock(&self.inner.mpd.state) = MpdState::Absent { why, worth_telling };
    }

    /// Tries the places in turn, and stays with the first that answers until that ends. Answers whether one did.
    async fn meet(&mut self, wanted: &Places) -> bool {
        if !self.settings.enabled {
            *lock(&self.inner.mpd.state) = MpdState::Off;
        }
        let (mut reasons, mut worth) = (Vec::new(), wanted.configured);
        for address in &wanted.addresses {
            let (met, error) = match Client::connect(address).await {
                Ok(client) => self.stay(client, address).await,
                Err(error) => (false, error),
            };
            let why = match &error {
                MpdError::Unreachable { .. } => error.to_string(),
                _ => format!("{address}: {error}"),
            };
            // Who listens and can't be used is worth telling, whoever named the place.
            worth |= !met && !matches!(error, MpdError::Unreachable { .. });
            if met {
                self.leave();
                self.absent(why, worth);
                return true;
            }
            reasons.push(why);
        }
        if !reasons.is_empty() {
            self.absent(reasons.join("; "), worth);
        }
        false
    }

    /// With MPD for as long as it is there; answers whether it ever was, and how it ended.
    async fn stay(&mut self, mut client: Client, address: &Address) -> (bool, MpdError) {
        self.meetings += 1;
        let mut link = match self.introduced(&mut client, address).await {
            Ok(link) => link,
            Err(error) => return (false, error),
        };
        match self.take_in(&mut client, &link, true).await {
            Ok(()) => {}
            Err(error) => return (false, error),
        }
        tracing::info!(version = link.version, "MPD is there, at {address}");
        self.met();
        loop {
            let begun = Instant::now();
            if let Err(error) = self.next(&mut client, &mut link).await {
                tracing::info!("MPD at {address} is there no more: {error}");
                return (true, error);
            }
            tokio::time::sleep(AT_MOST_EVERY.saturating_sub(begun.elapsed())).await;
        }
    }

    /// Waits for something to happen and takes it in.
    async fn next(&self, client: &mut Client, link: &mut Link) -> Result<(), MpdError> {
        let changed = {
            let idle = client.idle(&SUBSYSTEMS);
            tokio::pin!(idle);
            loop {
                tokio::select! {
                    changed = &mut idle => break changed?,
                    // A bridge on the bus is no reason to leave; other settings are.
                    () = self.inner.mpd.again.notified() => {
                        if *lock(&self.inner.mpd.settings) != self.settings {
                            return Err(MpdError::Gone);
                        }
                    }
                }
            }
        };
        if changed.iter().any(|name| name == "stored_playlist") {
            link.playlists = playlists(client).await?;
            *lock(&self.inner.mpd.state) = MpdState::Linked(Arc::new(link.clone()));
        }
        self.take_in(client, link, false).await
    }

    /// The folder of the music that the settings name, or else the one that MPD tells.
    fn music(&self, told: Option<&str>) -> Option<PathBuf> {
        let set = self.settings.music_directory.as_deref().map(expand_home);
        // It may be a share of the network, which MPD reads by itself.
        set.or_else(|| told.map(PathBuf::from).filter(|path| path.is_absolute()))
    }

    async fn introduced(&self, client: &mut Client, address: &Address) -> Result<Link, MpdError> {
        // Told over a socket only.
        let music = match client.ask(Command::new("config")).await {
            Ok(answer) => self.music(answer.get("music_directory")),
            Err(error) if error.is_refusal() => self.music(None),
            Err(error) => return Err(error),
        };
        let handlers = client.ask(Command::new("urlhandlers")).await?;
        Ok(Link {
            address: address.clone(),
            version: client.version().to_owned(),
            schemes: schemes(&handlers, music.is_some() || address.is_socket()),
            playlists: playlists(client).await?,
            music,
            owner: format!("mpd#{}", self.meetings),
        })
    }

    /// Reads what it plays.
    async fn take_in(&self, client: &mut Client, link: &Link, first: bool) -> Result<(), MpdError> {
        let (status, track) = now(client, link).await?;
        let mut news = update(&status, track);
        if first {
            let introduction = introduction(link);
            news.identity = introduction.identity;
            news.schemes = introduction.schemes;
            *lock(&self.inner.mpd.state) = MpdState::Linked(Arc::new(link.clone()));
            lock(&self.inner.memories).insert(
                NAME.into(),
                Memory::new(NAME, &link.owner, &self.inner.settings()),
            );
        }
        self.inner.hear(NAME, &link.owner, news);
        Ok(())
    }

    fn leave(&self) {
        lock(&self.inner.memories).remove(NAME);
        // The ids of another run mean other songs.
        lock(&self.inner.added).remove(NAME);
        self.inner
            .heard
            .send_modify(|count| *count = count.wrapping_add(1));
        self.inner.nudge.notify_one();
    }
}

async fn playlists(client: &mut Client) -> Result<Vec<String>, MpdError> {
    match client.ask(Command::new("listplaylists")).await {
        Ok(answer) => {
            let mut names: Vec<String> = answer
                .all("playlist")
                .take(MOST_PLAYLISTS)
                .map(str::to_owned)
                .collect();
            names.sort();
            Ok(names)
        }
        // It may be told to keep none.
        Err(error) if error.is_refusal() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The kernel's news of sockets that appear.
struct Sockets {
    events: Option<EventStream<Vec<u8>>>,
    /// What is waited for in each folder that is watched.
    names: HashMap<WatchDescriptor, Vec<OsString>>,
}

impl Sockets {
    /// Watches for those of the addresses that are paths. Where this can't be, nothing is told.
    fn watch(addresses: &[Address]) -> Self {
        let mut names: HashMap<WatchDescriptor, Vec<OsString>> = HashMap::new();
        let events = Inotify::init().and_then(|inotify| {
            for address in addresses {
                let Place::Socket(path) = &address.place else {
                    continue;
                };
                let path = expand_home(&path.to_string_lossy());
                let Some((folder, name)) = next_to_appear(&path) else {
                    continue;
                };
                let mask = WatchMask::CREATE | WatchMask::MOVED_TO | WatchMask::ONLYDIR;
                if let Ok(watch) = inotify.watches().add(folder, mask) {
                    names.entry(watch).or_default().push(name);
                }
            }
            inotify.into_event_stream(vec![0; 4096])
        });
        Self {
            events: events.ok().filter(|_| !names.is_empty()),
            names,
        }
    }

    /// Waits for one of them, or for the folder in which it may then appear.
    async fn appeared(&mut self) {
        let Some(events) = &mut self.events else {
            return std::future::pending().await;
        };
        while let Some(Ok(event)) = events.next().await {
            let expected = self.names.get(&event.wd).zip(event.name.as_ref());
            if expected.is_some_and(|(names, name)| names.contains(name)) {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

/// The deepest folder on the way to `path` that is there, and what is to appear in it.
fn next_to_appear(path: &Path) -> Option<(&Path, OsString)> {
    path.ancestors()
        .skip(1)
        .zip(path.ancestors())
        .find_map(|(folder, child)| {
            folder
                .is_dir()
                .then(|| Some((folder, child.file_name()?.to_owned())))
                .flatten()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_part_of_a_path_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mpd/socket");
        assert_eq!(
            next_to_appear(&path),
            Some((folder.path(), OsString::from("mpd")))
        );
        std::fs::create_dir(folder.path().join("mpd")).unwrap();
        let (inner, name) = next_to_appear(&path).unwrap();
        assert_eq!((inner, name), (path.parent().unwrap(), "socket".into()));
    }

    #[test]
    fn tries_end_where_nobody_named_an_address() {
        let auto = Places {
            addresses: vec![Address::at(Place::Tcp("localhost".into(), 6600))],
            ..Places::default()
        };
        let all: Duration = (0..).map_while(|tries| pause(tries, &auto)).sum();
        assert!((60..180).contains(&all.as_secs()), "{all:?}");
        let named = Places {
            named: true,
            ..auto
        };
        assert_eq!(pause(TRIES, &named), Some(NAMED_PAUSE));
        assert_eq!(pause(0, &Places::default()), None);
    }
}
