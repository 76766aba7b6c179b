//! A player that behaves as badly as it is told to.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use anyhow::Result;
use moodlark_tests::session::Session;
use zbus::{
    Connection, fdo, interface,
    object_server::SignalEmitter,
    wire::{ObjectPath, OwnedVariant, Variant},
};

/// What OpenUri does; it answers ok in each case but one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnOpen {
    /// Plays the file of that name.
    Plays,
    /// Metadata is empty for half a second, then it plays.
    PlaysAfterEmptiness,
    /// Nothing.
    Nothing,
    /// An error, and nothing.
    Refuses,
    /// That for a list of ours, as in a sandbox that hides their folder; plays any other.
    RefusesOurs,
    /// From now on no call is answered.
    Hangs,
}

#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) on_open: OnOpen,
    /// Its track list can be added to.
    pub(crate) adds: bool,
    /// No call is answered.
    pub(crate) hangs: bool,
    /// `mpris:trackid` as `s` and not as `o`.
    pub(crate) id_is_text: bool,
    /// Reading Volume is an error.
    pub(crate) volume_fails: bool,
    pub(crate) status: &'static str,
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) url: String,
    pub(crate) position: i64,
    pub(crate) volume: f64,
    pub(crate) shuffle_reads: u32,
    pub(crate) opened: Vec<String>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            on_open: OnOpen::Plays,
            adds: false,
            hangs: false,
            id_is_text: false,
            volume_fails: false,
            status: "Playing",
            id: "/track/old".into(),
            title: "Old".into(),
            url: "file:///old.flac".into(),
            position: 20_000_000,
            volume: 0.4,
            shuffle_reads: 0,
            opened: Vec::new(),
        }
    }
}

#[derive(Clone)]
struct Shared(Arc<Mutex<State>>);

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    async fn answers(&self) {
        if self.state().hangs {
            std::future::pending::<()>().await;
        }
    }
}

struct Root(Shared);
struct TrackList(Shared);
struct Player(Shared);

#[interface(name = "org.mpris.MediaPlayer2")]
impl Root {
    #[zbus(property)]
    async fn identity(&self) -> String {
        self.0.answers().await;
        "Fake".into()
    }
    #[zbus(property)]
    async fn supported_uri_schemes(&self) -> Vec<String> {
        self.0.answers().await;
        vec!["file".into(), "http".into()]
    }
}

#[interface(name = "org.mpris.MediaPlayer2.Player")]
impl Player {
    async fn open_uri(
        &self,
        uri: String,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        self.0.answers().await;
        let on_open = self.0.state().on_open;
        self.0.state().opened.push(uri.clone());
        match on_open {
            OnOpen::Nothing => return Ok(()),
            OnOpen::RefusesOurs if uri.contains("/lists/") => {
                return Err(fdo::Error::FileNotFound("there is no such file".into()));
            }
            OnOpen::Refuses => return Err(fdo::Error::NotSupported("not today".into())),
            OnOpen::Hangs => {
                self.0.state().hangs = true;
                return Ok(());
            }
            OnOpen::Plays | OnOpen::RefusesOurs => self.0.play(&uri),
            OnOpen::PlaysAfterEmptiness => {
                self.0.empty();
                let (shared, emitter) = (self.0.clone(), emitter.to_owned());
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    shared.play(&uri);
                    changed(&shared, &emitter).await;
                });
            }
        }
        changed(&self.0, &emitter).await;
        Ok(())
    }

    async fn pause(&self, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) {
        self.0.state().status = "Paused";
        changed(&self.0, &emitter).await;
    }

    async fn play(&self, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) {
        self.0.state().status = "Playing";
        changed(&self.0, &emitter).await;
    }

    async fn seek(&self, by: i64) {
        self.0.state().position += by;
    }

    #[zbus(property)]
    async fn playback_status(&self) -> String {
        self.0.answers().await;
        self.0.state().status.into()
    }
    #[zbus(property)]
    async fn metadata(&self) -> HashMap<String, OwnedVariant> {
        self.0.answers().await;
        self.0.metadata()
    }
    #[zbus(property)]
    async fn position(&self) -> i64 {
        self.0.answers().await;
        let mut state = self.0.state();
        state.position += 1000;
        state.position
    }
    #[zbus(property)]
    async fn volume(&self) -> fdo::Result<f64> {
        self.0.answers().await;
        let state = self.0.state();
        if state.volume_fails {
            Err(fdo::Error::Failed("no mixer".into()))
        } else {
            Ok(state.volume)
        }
    }
    #[zbus(property)]
    async fn set_volume(&self, volume: f64) {
        self.0.state().volume = volume;
    }
    #[zbus(property)]
    async fn shuffle(&self) -> bool {
        self.0.answers().await;
        self.0.state().shuffle_reads += 1;
        false
    }
}

#[interface(name = "org.mpris.MediaPlayer2.TrackList")]
impl TrackList {
    async fn add_track(
        &self,
        uri: String,
        _after: ObjectPath<'_>,
        now: bool,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) {
        if now {
            self.0.play(&uri);
            changed(&self.0, &emitter).await;
        }
    }

    #[zbus(property)]
    async fn can_edit_tracks(&self) -> bool {
        self.0.answers().await;
        self.0.state().adds
    }
    #[zbus(property)]
    async fn tracks(&self) -> Vec<String> {
        self.0.answers().await;
        Vec::new()
    }
}

impl Shared {
    /// Plays the first track of a playlist, or the file itself.
    fn play(&self, uri: &str) {
        let mut state = self.state();
        let url = first_of(uri).unwrap_or_else(|| uri.into());
        state.title = url
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".flac")
            .into();
        state.id = format!("/track/{}", state.title.to_lowercase());
        state.url = url;
        state.status = "Playing";
        state.position = 0;
        state.volume = 1.0;
    }

    fn empty(&self) {
        let mut state = self.state();
        (state.id, state.title, state.url) = Default::default();
    }

    fn metadata(&self) -> HashMap<String, OwnedVariant> {
        let state = self.state();
        let mut metadata: HashMap<String, Variant<'static>> = HashMap::new();
        if !state.url.is_empty() {
            let id = if state.id_is_text {
                state.id.trim_start_matches('/').to_owned().into()
            } else {
                Variant::ObjectPath(ObjectPath::try_from(state.id.clone()).unwrap())
            };
            metadata.insert("mpris:trackid".into(), id);
            metadata.insert("xesam:title".into(), state.title.clone().into());
            metadata.insert("xesam:url".into(), state.url.clone().into());
            metadata.insert(
                "xesam:artist".into(),
                vec!["Somebody", "Somebody else"].into(),
            );
            metadata.insert("mpris:length".into(), 200_000_000_u64.into()); // some players say `t`
        }
        metadata
            .into_iter()
            .map(|(key, value)| (key, OwnedVariant::try_from(value).unwrap()))
            .collect()
    }
}

async fn changed(shared: &Shared, emitter: &SignalEmitter<'_>) {
    let status = shared.state().status;
    let values: HashMap<&str, Variant<'_>> = [
        ("Metadata", shared.metadata().into()),
        ("PlaybackStatus", status.into()),
    ]
    .into();
    let body = ("org.mpris.MediaPlayer2.Player", values, Vec::<&str>::new());
    let _ = emitter
        .connection()
        .emit_signal(
            None::<&str>,
            "/org/mpris/MediaPlayer2",
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            &body,
        )
        .await;
}

/// A fake player on the bus.
pub(crate) struct Fake {
    shared: Shared,
    conn: Connection,
    name: String,
}

impl Fake {
    /// `name` is the last part of its bus name.
    pub(crate) async fn start(session: &Session, name: &str, state: State) -> Result<Self> {
        let shared = Shared(Arc::new(Mutex::new(state)));
        let name = format!("org.mpris.MediaPlayer2.{name}");
        let conn = zbus::connection::Builder::address(session.bus.address())
            .serve_at("/org/mpris/MediaPlayer2", Root(shared.clone()))
            .serve_at("/org/mpris/MediaPlayer2", Player(shared.clone()))
            .serve_at("/org/mpris/MediaPlayer2", TrackList(shared.clone()))
            .name(name.clone())
            .build()
            .await?;
        Ok(Self { shared, conn, name })
    }

    pub(crate) fn bus_name(&self) -> &str {
        &self.name
    }

    pub(crate) fn state(&self) -> State {
        self.shared.state().clone()
    }

    /// Changes what it says, and tells of it.
    pub(crate) async fn set(&self, change: impl FnOnce(&mut State)) -> Result<()> {
        change(&mut self.shared.state());
        changed(
            &self.shared,
            &SignalEmitter::new(&self.conn, "/org/mpris/MediaPlayer2")?,
        )
        .await;
        Ok(())
    }
}

/// What a playlist lists first. Its folder has no name that is encoded in a URI.
fn first_of(list: &str) -> Option<String> {
    let path = list
        .strip_prefix("file://")
        .filter(|path| path.ends_with(".m3u8"))?;
    let text = std::fs::read_to_string(path).ok()?;
    let first = text.lines().find(|line| !line.starts_with('#'))?;
    let track = Path::new(path).parent()?.join(first);
    Some(format!("file://{}", track.display()))
}
