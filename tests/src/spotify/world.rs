//! What the played Spotify knows, and how it misbehaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// The user's name there.
pub const ME: &str = "me1";
/// The client ID of the user's app.
pub const CLIENT_ID: &str = "0123456789abcdef0123456789abcdef";
/// A playlist of the user's.
pub const CALM: &str = "3cEYpjA9oz9GiPac4AsH4n";
/// Another.
pub const FOCUS: &str = "5FocusAAAAAAAAAAAAAAAA";
/// One of somebody else's.
pub const FOREIGN: &str = "37i9dQZF1DXcBWIGoYBM5M";
/// A podcast.
pub const SHOW: &str = "38bS44xjbVVZ3No3ByF1dJ";
/// How long each track is.
pub const TRACK_MS: u64 = 180_000;

/// How the Web API answers, in place of what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Misbehaves {
    /// It doesn't.
    #[default]
    Not,
    /// 429, with this `Retry-After`, in seconds, or none.
    RateLimited(Option<u64>),
    /// 429 with `QUOTA_EXCEEDED`.
    Quota,
    /// The account is a free one.
    Free,
    /// 403 without a reason.
    Forbidden,
    /// 403 "Insufficient client scope".
    Scope,
    /// 404 for every command: what is to be played is not there.
    Missing,
    /// A status of the server's own trouble, with a page for people.
    Broken(u16),
    /// 200, and no JSON.
    Garbage,
    /// 200, and JSON of another shape.
    OtherShape,
    /// It answers ok and does nothing.
    Lies,
    /// It takes so long.
    Slow(Duration),
    /// Every access token has ended.
    Expired,
}

/// A device of the user's.
#[derive(Debug, Clone)]
pub struct Device {
    /// `null` where it cannot be addressed.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// `Computer`, `Speaker`, …
    pub kind: String,
    /// Whether it is in use.
    pub active: bool,
    /// Whether it takes no commands.
    pub restricted: bool,
}

impl Device {
    /// One that takes commands and is not in use.
    #[must_use]
    pub fn new(id: &str, name: &str, kind: &str) -> Self {
        Self {
            id: Some(id.into()),
            name: name.into(),
            kind: kind.into(),
            active: false,
            restricted: false,
        }
    }
}

/// A playlist.
#[derive(Debug, Clone)]
pub struct Playlist {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner: String,
    /// Its tracks' ids.
    pub tracks: Vec<String>,
}

/// What plays, and how.
#[derive(Debug, Clone)]
pub struct Playing {
    /// The playlist's URI.
    pub context: Option<String>,
    /// The tracks' ids.
    pub tracks: Vec<String>,
    /// Which of them.
    pub index: usize,
    /// How far it was at `since`.
    pub progress: Duration,
    /// When it began to move from there.
    pub since: Instant,
    /// Whether it moves.
    pub moves: bool,
    /// Whether the order is random.
    pub shuffle: bool,
    /// `off`, `context`, `track`.
    pub repeat: String,
}

impl Playing {
    /// How far it is.
    #[must_use]
    pub fn position(&self) -> Duration {
        self.progress
            + if self.moves {
                self.since.elapsed()
            } else {
                Duration::ZERO
            }
    }

    /// The track's id; empty if nothing is there.
    #[must_use]
    pub fn track(&self) -> &str {
        self.tracks.get(self.index).map_or("", String::as_str)
    }
}

/// Everything.
#[derive(Debug)]
pub struct World {
    /// How the Web API misbehaves.
    pub misbehaves: Misbehaves,
    /// Only for calls with this in their path.
    pub misbehaves_at: String,
    /// The next refresh answers without a refresh token, and the old one goes on.
    pub omits_refresh: bool,
    /// Every refresh makes the old refresh token invalid.
    pub rotates: bool,
    /// Answers to tokens are garbage.
    pub garbles_tokens: bool,
    /// Tokens are given at once, and their answer takes so long.
    pub slow_tokens: Duration,
    /// How long access tokens hold, in seconds.
    pub expires_in: u64,
    /// An advertisement plays.
    pub ad: bool,
    /// Tracks come with `external_ids`.
    pub external_ids: bool,
    /// Words that no documentation knows stand where there is a choice of words.
    pub unknown_words: bool,
    /// Searches have null entries.
    pub nulls: bool,
    /// The devices.
    pub devices: Vec<Device>,
    /// The playlists.
    pub playlists: Vec<Playlist>,
    /// What plays.
    pub playing: Playing,
    /// The ids that are a podcast's episodes.
    pub episodes: BTreeSet<String>,
    /// The ids that are files of the user's own.
    pub local: BTreeSet<String>,
    /// Tracks that another release is played in place of: that one's id.
    pub relinked: BTreeMap<String, String>,
    /// So long after a command the Web API shows what played before.
    pub lag: Duration,
    /// That, and until when.
    pub(crate) stale: Option<(Playing, Instant)>,
    /// Requests that wait for their answers.
    pub(crate) in_hand: usize,
    /// The most that ever did at once.
    pub most_at_once: usize,
    /// Codes that were given out: what was asked for with each.
    pub(crate) codes: BTreeMap<String, Vec<(String, String)>>,
    /// Refresh tokens that hold, and their scopes.
    pub refresh: BTreeMap<String, String>,
    /// Access tokens that hold, and until when.
    pub(crate) access: BTreeMap<String, Instant>,
    /// Every secret that was ever given out or taken: none may be in a log.
    pub secrets: BTreeSet<String>,
    pub(crate) counter: u64,
}

/// `T` and a digit, as an id.
#[must_use]
pub fn track(number: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    format!("11dFghVXANMlKmJXsNCbN{letter}")
}

impl Default for World {
    fn default() -> Self {
        let list = |id: &str, name: &str, owner: &str, from: usize| Playlist {
            id: id.into(),
            name: name.into(),
            owner: owner.into(),
            tracks: (from..from + 3).map(track).collect(),
        };
        Self {
            misbehaves: Misbehaves::Not,
            misbehaves_at: String::new(),
            omits_refresh: false,
            rotates: true,
            garbles_tokens: false,
            slow_tokens: Duration::ZERO,
            expires_in: 3600,
            ad: false,
            external_ids: false,
            unknown_words: false,
            nulls: true,
            devices: vec![Device {
                active: true,
                ..Device::new("dev1", &host(), "Computer")
            }],
            playlists: vec![
                list(CALM, "Calm", ME, 0),
                list(FOCUS, "Focus", ME, 3),
                list(FOREIGN, "Somebody's hits", "spotify2", 6),
            ],
            playing: Playing {
                context: Some(format!("spotify:playlist:{CALM}")),
                tracks: (0..3).map(track).collect(),
                index: 1,
                progress: Duration::from_millis(61_250),
                since: Instant::now(),
                moves: true,
                shuffle: false,
                repeat: "off".into(),
            },
            episodes: BTreeSet::new(),
            local: BTreeSet::new(),
            relinked: BTreeMap::new(),
            lag: Duration::ZERO,
            stale: None,
            in_hand: 0,
            most_at_once: 0,
            codes: BTreeMap::new(),
            refresh: BTreeMap::new(),
            access: BTreeMap::new(),
            secrets: BTreeSet::new(),
            counter: 0,
        }
    }
}

impl World {
    /// Another device is in use than this computer, and there are so many more playlists.
    pub fn is_elsewhere_and_has(&mut self, more: usize) {
        let one = self.playlists[0].clone();
        self.playlists.extend((0..more).map(|n| Playlist {
            id: format!("list{n}"),
            name: format!("List {n}"),
            ..one.clone()
        }));
        self.devices = vec![
            Device {
                active: true,
                ..Device::new("tv", "Living room", "TV")
            },
            Device::new("here", &host(), "Computer"),
        ];
    }

    /// A string that nobody can have made up, and that a search through logs finds.
    pub(crate) fn secret(&mut self, kind: &str) -> String {
        self.counter += 1;
        let secret = format!(
            "{kind}-SECRET-{}-{:016x}",
            self.counter,
            self.counter.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        );
        self.secrets.insert(secret.clone());
        secret
    }

    /// The device in use.
    #[must_use]
    pub fn active(&self) -> Option<&Device> {
        self.devices.iter().find(|device| device.active)
    }

    /// Ends every access token.
    pub fn end_access(&mut self) {
        self.access.clear();
    }

    /// Plays a context or tracks. Whether it knows them.
    pub fn play(
        &mut self,
        context: Option<&str>,
        tracks: &[String],
        at: Option<&str>,
        position: Duration,
    ) -> bool {
        let (context, tracks) = match context {
            Some(uri) => {
                let id = uri.rsplit(':').next().unwrap_or_default();
                match self.playlists.iter().find(|list| list.id == id) {
                    Some(list) => (Some(uri.to_owned()), list.tracks.clone()),
                    None => return false,
                }
            }
            None => (None, tracks.to_vec()),
        };
        let index = at.map_or(Some(0), |uri| {
            let id = uri.rsplit(':').next().unwrap_or_default();
            tracks.iter().position(|track| track == id)
        });
        let Some(index) = index else {
            return false;
        };
        self.stale = Some((self.playing.clone(), Instant::now() + self.lag));
        self.playing = Playing {
            context,
            tracks,
            index,
            progress: position,
            since: Instant::now(),
            moves: true,
            ..self.playing.clone()
        };
        true
    }
}

/// This computer's name, as clients call themselves.
#[must_use]
pub fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .unwrap_or_default()
        .trim()
        .to_owned()
}
