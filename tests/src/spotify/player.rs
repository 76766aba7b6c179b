//! Spotify's desktop client on MPRIS, as far as a switch sees it: it plays what the played Spotify says, and opens
//! `spotify:` URIs by itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Result;
use zbus::{
    Connection, interface,
    wire::{ObjectPath, OwnedVariant, Variant},
};

use super::{Fake, Shared, api::title, lock, world::TRACK_MS};
use crate::bus::Bus;

const PATH: &str = "/org/mpris/MediaPlayer2";
const PLAYER: &str = "org.mpris.MediaPlayer2.Player";

/// The client; gone from the bus when dropped.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    opened: Arc<Mutex<Vec<String>>>,
    following: tokio::task::AbortHandle,
}

struct Root;
struct Player {
    shared: Shared,
    opened: Arc<Mutex<Vec<String>>>,
}

#[interface(name = "org.mpris.MediaPlayer2")]
impl Root {
    #[zbus(property)]
    fn identity(&self) -> String {
        "Spotify".into()
    }
    #[zbus(property)]
    fn desktop_entry(&self) -> String {
        "spotify".into()
    }
    #[zbus(property)]
    fn has_track_list(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn supported_uri_schemes(&self) -> Vec<String> {
        vec!["spotify".into()]
    }
}

#[interface(name = "org.mpris.MediaPlayer2.Player")]
impl Player {
    fn open_uri(&self, uri: &str) {
        lock(&self.opened).push(uri.to_owned());
        lock(&self.shared.world).play(Some(uri), &[], None, Duration::ZERO);
        self.shared.announce();
    }
    fn play(&self) {
        let mut world = lock(&self.shared.world);
        if !world.playing.moves {
            world.playing.since = std::time::Instant::now();
            world.playing.moves = true;
        }
        drop(world);
        self.shared.announce();
    }
    fn pause(&self) {
        let mut world = lock(&self.shared.world);
        world.playing.progress = world.playing.position();
        world.playing.moves = false;
        drop(world);
        self.shared.announce();
    }
    fn stop(&self) {
        self.pause();
    }
    fn set_position(&self, _track: ObjectPath<'_>, position: i64) {
        let mut world = lock(&self.shared.world);
        world.playing.progress = Duration::from_micros(u64::try_from(position).unwrap_or(0));
        world.playing.since = std::time::Instant::now();
    }
    #[zbus(property)]
    fn can_control(&self) -> bool {
        true
    }
    #[zbus(property)]
    fn playback_status(&self) -> String {
        status(&self.shared).into()
    }
    #[zbus(property)]
    fn metadata(&self) -> HashMap<String, OwnedVariant> {
        metadata(&self.shared)
    }
    #[zbus(property)]
    fn position(&self) -> i64 {
        let position = lock(&self.shared.world).playing.position();
        i64::try_from(position.as_micros()).unwrap_or(0)
    }
    #[zbus(property)]
    fn volume(&self) -> f64 {
        0.6
    }
    #[zbus(property)]
    fn shuffle(&self) -> bool {
        lock(&self.shared.world).playing.shuffle
    }
}

fn status(shared: &Shared) -> &'static str {
    if lock(&shared.world).playing.moves {
        "Playing"
    } else {
        "Paused"
    }
}

fn metadata(shared: &Shared) -> HashMap<String, OwnedVariant> {
    let id = lock(&shared.world).playing.track().to_owned();
    let track = format!("/com/spotify/track/{id}");
    let values: [(&str, Variant<'_>); 5] = [
        (
            "mpris:trackid",
            ObjectPath::try_from(track).map_or_else(|_| "".into(), Variant::ObjectPath),
        ),
        ("mpris:length", (TRACK_MS * 1000).into()),
        ("xesam:title", title(&id).into()),
        ("xesam:artist", vec!["Artist"].into()),
        (
            "xesam:url",
            format!("https://open.spotify.com/track/{id}").into(),
        ),
    ];
    values
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), OwnedVariant::try_from(value).ok()?)))
        .collect()
}

async fn tell(connection: &Connection, shared: &Shared) -> zbus::Result<()> {
    let values: HashMap<&str, Variant<'_>> = HashMap::from([
        ("PlaybackStatus", status(shared).into()),
        ("Metadata", metadata(shared).into()),
    ]);
    let body = (PLAYER, values, Vec::<&str>::new());
    connection
        .emit_signal(
            None::<&str>,
            PATH,
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            &body,
        )
        .await
}

impl Client {
    /// Comes to the bus as `org.mpris.MediaPlayer2.spotify`.
    ///
    /// # Errors
    /// The bus's.
    pub async fn start(bus: &Bus, fake: &Fake) -> Result<Self> {
        let (shared, opened) = (fake.shared.clone(), Arc::<Mutex<Vec<String>>>::default());
        let player = Player {
            shared: shared.clone(),
            opened: Arc::clone(&opened),
        };
        let connection = zbus::connection::Builder::address(bus.address())
            .serve_at(PATH, Root)
            .serve_at(PATH, player)
            .name("org.mpris.MediaPlayer2.spotify")
            .build()
            .await?;
        let (own, mut changed) = (connection.clone(), shared.changed.subscribe());
        let following = tokio::spawn(async move {
            while changed.changed().await.is_ok() {
                // The client hears of it over the network, and shows it a moment later.
                tokio::time::sleep(Duration::from_millis(30)).await;
                if tell(&own, &shared).await.is_err() {
                    return;
                }
            }
        })
        .abort_handle();
        Ok(Self {
            connection,
            opened,
            following,
        })
    }

    /// What it was asked to open over MPRIS.
    #[must_use]
    pub fn opened(&self) -> Vec<String> {
        lock(&self.opened).clone()
    }

    /// Its connection's unique name.
    #[must_use]
    pub fn unique_name(&self) -> String {
        self.connection
            .unique_name()
            .map(ToString::to_string)
            .unwrap_or_default()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.following.abort();
    }
}
