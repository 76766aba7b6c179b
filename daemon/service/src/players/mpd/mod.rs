//! MPD as one more player: the same views, events, commands and undo as the players on the bus.
//!
//! One connection waits in `idle` for as long as MPD runs, and brings the news ([`watch`]); each command opens
//! one of its own, so that neither can hold up the other. What is done to the queue ([`queue`]) is done so that
//! a failure midway leaves the old one: the new songs go to its end, the first of them is played, and only when
//! it plays are the old ones taken out.

mod open;
mod queue;
mod undo;
mod wanted;
mod watch;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use moodlark_catalogue::tr;
use moodlark_core::{
    player::{
        Track,
        mpd::{Address, IDENTITY, NAME, SCHEME, is_bridge},
        scheme_of,
    },
    settings::MpdSettings,
};
use tokio::sync::{Notify, oneshot};

use super::{
    Inner, PlayerError, Players, SavedState, Target, commands::Snapshot, lock, memory::Update,
    mpris::CallError,
};
use crate::mpd::{
    Client, MpdError,
    places::Environment,
    protocol::{Answer, Command},
    status::{self, Status},
};

pub use queue::SavedQueue;

/// How long the start of the service waits for MPD to answer.
const FIRST_ANSWER: Duration = Duration::from_millis(500);

/// What is known of MPD.
#[derive(Debug, Clone, Default)]
pub enum MpdState {
    /// It is not looked for.
    #[default]
    Off,
    /// It can't be reached.
    Absent {
        /// Why, a sentence.
        why: String,
        /// The configuration says where it is, or something is there that can't be used.
        worth_telling: bool,
    },
    /// It is one of the players.
    Linked(Arc<Link>),
}

/// The MPD that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where.
    pub address: Address,
    /// The version of the protocol that it speaks.
    pub version: String,
    /// The folder of its music, where that is known.
    pub music: Option<PathBuf>,
    /// The names of its stored playlists, sorted.
    pub playlists: Vec<String>,
    /// The schemes of what it can open.
    schemes: Vec<String>,
    /// What stands for the unique name of a connection: another for each time that it is met.
    owner: String,
}

/// MPD's part of the handle.
#[derive(Default)]
pub(super) struct Mpd {
    state: Mutex<MpdState>,
    settings: Mutex<MpdSettings>,
    environment: Mutex<Environment>,
    /// Something may be different now: look again.
    again: Notify,
}

impl Mpd {
    pub(super) fn look_again(&self) {
        self.again.notify_one();
    }
}

impl Players {
    /// Begins to look for MPD, and waits a moment for it, so that the first call finds it. Until this is called
    /// there is none.
    pub async fn follow_mpd(&self, settings: MpdSettings, environment: Environment) {
        let inner = &self.inner;
        *lock(&inner.mpd.settings) = settings;
        *lock(&inner.mpd.environment) = environment;
        let (met, meeting) = oneshot::channel();
        tokio::spawn(watch::run(Arc::clone(inner), met));
        let _ = tokio::time::timeout(FIRST_ANSWER, meeting).await; // it may come later
    }

    /// Uses these settings from now on.
    pub fn set_mpd(&self, settings: MpdSettings) {
        *lock(&self.inner.mpd.settings) = settings;
        self.inner.mpd.look_again();
    }

    /// What is known of MPD.
    #[must_use]
    pub fn mpd(&self) -> MpdState {
        lock(&self.inner.mpd.state).clone()
    }
}

/// The sentence for a command that failed.
fn failed(error: &MpdError) -> PlayerError {
    match error {
        MpdError::Refused(_) => PlayerError::NoRoute(tr!("MPD refuses: {error}", error)),
        _ => PlayerError::PlayerGone(tr!("MPD: {error}", error)),
    }
}

impl Inner {
    /// Whether this is MPD a second time: a bridge on the bus, while MPD itself is there.
    pub(super) fn is_second_mpd(&self, bus_name: &str) -> bool {
        is_bridge(bus_name) && lock(&self.memories).contains_key(NAME)
    }

    pub(super) fn mpd_link(&self) -> Result<Arc<Link>, PlayerError> {
        match &*lock(&self.mpd.state) {
            MpdState::Linked(link) => Ok(Arc::clone(link)),
            MpdState::Absent { why, .. } => {
                Err(PlayerError::NoPlayer(tr!("MPD is not running: {why}", why)))
            }
            MpdState::Off => Err(PlayerError::NoPlayer(tr!(
                "MPD is not looked for: `enabled` under [mpd]"
            ))),
        }
    }

    /// Why MPD has no way to play this, where there is more to say of it.
    pub(super) fn mpd_why_not(&self, target: &Target, wanted: &super::Wanted) -> Option<String> {
        let scheme = wanted.uri.as_deref().and_then(scheme_of);
        (target.peer.mpd.is_some() && scheme.as_deref() == Some("file")).then(|| {
            tr!(
                "MPD is reached over the network, and doesn't tell where its music is: set `music-directory` under [mpd], or `address` to its socket"
            )
        })
    }

    /// A connection for commands.
    async fn mpd_client(&self) -> Result<Client, PlayerError> {
        let link = self.mpd_link()?;
        Client::connect(&link.address)
            .await
            .map_err(|error| failed(&error))
    }

    /// What MPD does now.
    pub(super) async fn mpd_snapshot(&self, target: &Target) -> Result<Snapshot, PlayerError> {
        let link = self.mpd_link()?;
        let mut client = self.mpd_client().await?;
        let (status, track) = now(&mut client, &link)
            .await
            .map_err(|error| failed(&error))?;
        let update = update(&status, track.clone());
        self.hear(NAME, &target.peer.owner, update);
        Ok(Snapshot {
            playback: status.playback,
            track,
            position: status.elapsed,
            volume: status.volume,
            shuffle: Some(status.options.random),
            loop_status: Some(loop_status(&status).into()),
        })
    }

    /// What MPD does now, with its whole queue.
    pub(super) async fn mpd_save(
        &self,
        last_opened: Option<String>,
    ) -> Result<SavedState, PlayerError> {
        let target = self.target(NAME)?;
        let link = self.mpd_link()?;
        let mut client = self.mpd_client().await?;
        let (status, song, songs) = queue::whole(&mut client)
            .await
            .map_err(|error| failed(&error))?;
        Ok(SavedState {
            bus_name: NAME.into(),
            owner: target.peer.owner,
            identity: IDENTITY.into(),
            at: self.now(),
            playback: status.playback,
            track: status::track(&song, link.music.as_deref()),
            position: status.elapsed,
            volume: status.volume,
            shuffle: Some(status.options.random),
            loop_status: Some(loop_status(&status).into()),
            track_list: Vec::new(),
            last_opened,
            active_playlist: None,
            fading: false,
            spotify: None,
            mpd: Some(SavedQueue::of(&status, &songs)),
        })
    }
}

/// The volume as a player on the bus has it, for what is done alike to all of them.
impl Link {
    /// 0..=1
    pub(super) async fn volume(&self) -> Result<f64, CallError> {
        let mut client = Client::connect(&self.address).await?;
        let status = Status::of(&client.ask(Command::new("status")).await?);
        let none = || CallError::Refused(tr!("it has no volume"));
        status.volume.ok_or_else(none)
    }

    /// Sets it, 0..=1.
    pub(super) async fn set_volume(&self, volume: f64) -> Result<(), CallError> {
        let mut client = Client::connect(&self.address).await?;
        let command = Command::new("setvol").arg(status::percent(volume));
        Ok(client.ask(command).await.map(drop)?)
    }
}

impl From<MpdError> for CallError {
    fn from(error: MpdError) -> Self {
        match error {
            MpdError::Unreachable { .. } | MpdError::Gone => Self::Gone,
            MpdError::Late(within) => Self::Late(within),
            MpdError::Refused(_) | MpdError::Nonsense(_) => Self::Refused(error.to_string()),
        }
    }
}

fn loop_status(status: &Status) -> &'static str {
    match (status.options.repeat, status.options.single.as_str()) {
        (false, _) => "None",
        (true, "1") => "Track",
        (true, _) => "Playlist",
    }
}

/// What it plays.
async fn now(client: &mut Client, link: &Link) -> Result<(Status, Option<Track>), MpdError> {
    let asked = [Command::new("status"), Command::new("currentsong")];
    let answers = client.ask_each(&asked).await?;
    let [status, song] = answers.as_slice() else {
        return Err(MpdError::Nonsense("too few answers"));
    };
    let status = Status::of(status);
    let mut track = status::track(song, link.music.as_deref());
    if let Some(track) = &mut track {
        track.length = status.length.or(track.length);
    }
    Ok((status, track))
}

fn update(status: &Status, track: Option<Track>) -> Update {
    Update {
        status: Some(status.playback),
        track: Some(track.unwrap_or_default()),
        position: status.elapsed,
        volume: status.volume,
        can_control: Some(true),
        stops: Some(status.options.stops_after_this()),
        ..Update::default()
    }
}

/// Who it is, on top of what it plays.
fn introduction(link: &Link) -> Update {
    Update {
        identity: Some(IDENTITY.into()),
        schemes: Some(link.schemes.clone()),
        can_control: Some(true),
        ..Update::default()
    }
}

/// What it can open. Files: those within its music by their names there, and others over a socket.
fn schemes(handlers: &Answer, files: bool) -> Vec<String> {
    let mut schemes = vec![SCHEME.to_owned()];
    schemes.extend(files.then(|| "file".to_owned()));
    for handler in handlers.all("handler") {
        let scheme = handler.trim_end_matches("://").to_ascii_lowercase();
        if scheme != "file" && !schemes.contains(&scheme) && schemes.len() < 100 {
            schemes.push(scheme);
        }
    }
    schemes
}
