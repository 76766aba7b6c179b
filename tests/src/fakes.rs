//! Players that cannot be run here, each played as its real counterpart was seen or read to behave: one row a
//! player in [`TABLE`].
//!
//! What is played is made up: `spotify:playlist:rain` has the tracks `rain 1`, `rain 2`, …, and so has any
//! other URI, by its last part.

mod table;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use zbus::{
    Connection, fdo, interface,
    wire::{ObjectPath, OwnedVariant, Variant},
};

use crate::bus::Bus;

pub use table::{OnOpen, Row, TABLE, Volume};

const PATH: &str = "/org/mpris/MediaPlayer2";
/// How long each track is.
pub const LENGTH: Duration = Duration::from_secs(40);

/// The row of that name.
///
/// # Errors
/// If there is none.
pub fn row(name: &str) -> Result<Row> {
    TABLE
        .iter()
        .find(|row| row.name == name)
        .copied()
        .with_context(|| format!("no {name} in the table"))
}

#[derive(Debug)]
struct State {
    status: &'static str,
    /// What it plays from, and which track of it.
    source: String,
    track: u32,
    kind: &'static str,
    /// It says nothing of the track yet.
    empty: bool,
    began: Instant,
    offset: Duration,
    volume: f64,
    queue: Vec<String>,
    opened: Vec<String>,
}

#[derive(Debug, Clone)]
struct Shared {
    row: Row,
    state: Arc<Mutex<State>>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spotify(&self) -> bool {
        matches!(
            self.row.on_open,
            OnOpen::Spotify | OnOpen::SpotifyClearsQueue | OnOpen::SpotifyTracks
        )
    }

    fn begin(&self, source: &str, track: u32, kind: &'static str) {
        let mut state = self.state();
        state.status = "Playing";
        state.source = source.to_owned();
        state.track = track;
        state.kind = kind;
        state.began = Instant::now();
        state.offset = Duration::ZERO;
        if self.row.volume == Volume::Resets {
            state.volume = 1.0;
        }
    }

    fn metadata(&self) -> Result<HashMap<String, OwnedVariant>> {
        let state = self.state();
        let mut metadata: HashMap<String, Variant<'static>> = HashMap::new();
        if !state.empty {
            let title = title(&state.source, state.track);
            let slug = title.replace(' ', "");
            let (id, url) = if self.spotify() {
                (
                    format!("/com/spotify/{}/{slug}", state.kind),
                    format!("https://open.spotify.com/{}/{slug}", state.kind),
                )
            } else {
                (
                    format!("/track/{slug}"),
                    track_url(&state.source, state.track),
                )
            };
            let id = if self.row.id_is_text {
                id.into()
            } else {
                Variant::ObjectPath(ObjectPath::try_from(id)?)
            };
            metadata.insert("mpris:trackid".into(), id);
            metadata.insert("xesam:title".into(), title.into());
            metadata.insert("xesam:url".into(), url.into());
            metadata.insert("xesam:artist".into(), vec!["Somebody"].into());
            // Some say `x`, as specified, and some say `t`.
            let length = u64::try_from(LENGTH.as_micros())?;
            metadata.insert("mpris:length".into(), length.into());
        }
        metadata
            .into_iter()
            .map(|(key, value)| Ok((key, OwnedVariant::try_from(value)?)))
            .collect()
    }

    fn position(&self) -> i64 {
        let state = self.state();
        let here = state.offset + state.began.elapsed();
        i64::try_from(here.as_micros()).unwrap_or(i64::MAX)
    }

    async fn tell(&self, bus: &Connection) -> Result<()> {
        let status = self.state().status;
        let mut values: HashMap<&str, Variant<'_>> = [
            ("Metadata", self.metadata()?.into()),
            ("PlaybackStatus", status.into()),
        ]
        .into();
        if self.row.volume == Volume::Resets {
            values.insert("Volume", self.state().volume.into());
        }
        self.say(bus, values).await
    }

    async fn say(&self, bus: &Connection, values: HashMap<&str, Variant<'_>>) -> Result<()> {
        bus.emit_signal(
            None::<&str>,
            PATH,
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            &("org.mpris.MediaPlayer2.Player", values, Vec::<&str>::new()),
        )
        .await?;
        Ok(())
    }
}

/// `rain 2` of `spotify:playlist:rain`; a single track is itself.
fn title(source: &str, track: u32) -> String {
    let last = source
        .trim_end_matches(".m3u8")
        .rsplit([':', '/'])
        .next()
        .unwrap_or_default();
    let last = last.replace("%20", " ");
    match source.contains(":track:") {
        true => last
            .find(|c: char| c.is_ascii_digit())
            .map_or(last.clone(), |at| {
                format!("{} {}", &last[..at], &last[at..])
            }),
        false => format!("{last} {track}"),
    }
}

/// Where the tracks of a playlist are: as it says, or for one of [`crate::tones`] beside it.
fn track_url(list: &str, track: u32) -> String {
    let path = list.trim_start_matches("file://").replace("%20", " ");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    if let Some(url) = lines
        .nth(track.saturating_sub(1) as usize)
        .filter(|line| line.starts_with("file:"))
    {
        return url.into();
    }
    let folder = list.trim_end_matches(".m3u8");
    format!("{folder}%20%28f%C3%BCr%201%20%26%20100%20%25%29/{track}.flac")
}

struct Root(Shared);
struct Player(Shared);

#[interface(name = "org.mpris.MediaPlayer2")]
impl Root {
    #[zbus(property)]
    fn identity(&self) -> &str {
        self.0.row.identity
    }
    #[zbus(property)]
    fn supported_uri_schemes(&self) -> Vec<&str> {
        self.0.row.schemes.to_vec()
    }
    #[zbus(property)]
    fn has_track_list(&self) -> bool {
        false
    }
}

fn failed(error: impl std::fmt::Display) -> fdo::Error {
    fdo::Error::Failed(error.to_string())
}

#[interface(name = "org.mpris.MediaPlayer2.Player")]
impl Player {
    async fn open_uri(&self, uri: String, #[zbus(connection)] bus: &Connection) -> fdo::Result<()> {
        self.0.state().opened.push(uri.clone());
        let plays = match self.0.row.on_open {
            OnOpen::Spotify => uri.starts_with("spotify:"),
            OnOpen::SpotifyClearsQueue => {
                self.0.state().queue.clear();
                uri.starts_with("spotify:")
            }
            OnOpen::SpotifyTracks => uri.starts_with("spotify:track:"),
            OnOpen::Files => uri.starts_with("file:"),
            OnOpen::Nothing => false,
            OnOpen::Refuses => return Err(fdo::Error::NotSupported("no".into())),
        };
        if !plays {
            return Ok(());
        }
        self.0.state().empty = true;
        self.0.begin(&uri, 1, "track");
        self.0.tell(bus).await.map_err(failed)?;
        let (shared, bus) = (self.0.clone(), bus.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            shared.state().empty = false;
            let _ = shared.tell(&bus).await; // the test ends
        });
        Ok(())
    }

    async fn next(&self, #[zbus(connection)] bus: &Connection) -> fdo::Result<()> {
        let (source, track) = {
            let state = self.0.state();
            (state.source.clone(), state.track + 1)
        };
        self.0.begin(&source, track, "track");
        self.0.tell(bus).await.map_err(failed)
    }

    async fn pause(&self, #[zbus(connection)] bus: &Connection) -> fdo::Result<()> {
        self.0.state().status = "Paused";
        self.0.tell(bus).await.map_err(failed)
    }

    async fn play(&self, #[zbus(connection)] bus: &Connection) -> fdo::Result<()> {
        self.0.state().status = "Playing";
        self.0.tell(bus).await.map_err(failed)
    }

    fn seek(&self, by: i64) {
        let mut state = self.0.state();
        state.offset += Duration::from_micros(u64::try_from(by).unwrap_or(0));
    }

    fn set_position(&self, _id: ObjectPath<'_>, position: i64) {
        let mut state = self.0.state();
        state.began = Instant::now();
        state.offset = Duration::from_micros(u64::try_from(position).unwrap_or(0));
    }

    #[zbus(property)]
    fn playback_status(&self) -> &str {
        self.0.state().status
    }
    #[zbus(property)]
    fn metadata(&self) -> fdo::Result<HashMap<String, OwnedVariant>> {
        self.0.metadata().map_err(failed)
    }
    #[zbus(property)]
    fn position(&self) -> i64 {
        self.0.position()
    }
    #[zbus(property)]
    fn rate(&self) -> f64 {
        1.0
    }
    #[zbus(property)]
    fn can_control(&self) -> bool {
        true
    }
    #[zbus(property)]
    fn volume(&self) -> fdo::Result<f64> {
        match self.0.row.volume {
            Volume::Stays | Volume::Resets => Ok(self.0.state().volume),
            Volume::Constant => Ok(1.0),
            Volume::None => Err(fdo::Error::NotSupported("no volume".into())),
        }
    }
    #[zbus(property)]
    fn set_volume(&self, volume: f64) {
        if matches!(self.0.row.volume, Volume::Stays | Volume::Resets) {
            self.0.state().volume = volume;
        }
    }
    #[zbus(property)]
    fn shuffle(&self) -> fdo::Result<bool> {
        match self.0.row.shuffle {
            true => Ok(false),
            false => Err(fdo::Error::NotSupported("no shuffle".into())),
        }
    }
}

/// A played player on the bus, in the middle of the first track of something; leaves when dropped.
#[derive(Debug)]
pub struct Fake {
    shared: Shared,
    bus: Connection,
    player: crate::player::Player,
}

impl Fake {
    /// Takes its name on the bus, playing this at a volume of 60 %.
    ///
    /// # Errors
    /// If the bus refuses.
    pub async fn start(bus: &Bus, row: Row, source: &str) -> Result<Self> {
        let shared = Shared {
            row,
            state: Arc::new(Mutex::new(State {
                status: "Playing",
                source: source.to_owned(),
                track: 1,
                kind: "track",
                empty: false,
                began: Instant::now(),
                offset: Duration::from_secs(12),
                volume: 0.6,
                queue: vec!["spotify:track:queued".into()],
                opened: Vec::new(),
            })),
        };
        let name = format!("org.mpris.MediaPlayer2.{}", row.bus);
        let connection = zbus::connection::Builder::address(bus.address())
            .serve_at(PATH, Root(shared.clone()))
            .serve_at(PATH, Player(shared.clone()))
            .name(name.clone())
            .build()
            .await?;
        let player = crate::player::Player::named(&bus.connect().await?, &name).await?;
        Ok(Self {
            shared,
            bus: connection,
            player,
        })
    }

    /// It, as a user sees it.
    #[must_use]
    pub fn player(&self) -> &crate::player::Player {
        &self.player
    }

    /// What it was asked to open.
    #[must_use]
    pub fn opened(&self) -> Vec<String> {
        self.shared.state().opened.clone()
    }

    /// What waits in its queue.
    #[must_use]
    pub fn queue(&self) -> Vec<String> {
        self.shared.state().queue.clone()
    }

    /// The next thing that it plays by itself: a `track`, an `ad`, an `episode`.
    ///
    /// # Errors
    /// If the bus is gone.
    pub async fn goes_on_with(&self, kind: &'static str) -> Result<()> {
        let (source, track) = {
            let mut state = self.shared.state();
            // At its end, so that nobody can be thought to have skipped it.
            state.offset = LENGTH;
            state.began = Instant::now();
            (state.source.clone(), state.track + 1)
        };
        // Nobody has moved it there, so no `Seeked`: it says where it is, as some players do every second.
        let values = HashMap::from([("Position", self.shared.position().into())]);
        self.shared.say(&self.bus, values).await?;
        self.shared.begin(&source, track, kind);
        self.shared.tell(&self.bus).await
    }
}
