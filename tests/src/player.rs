//! Any player on the bus, as a user's hand and eye: reads what it says, presses its buttons.
//!
//! Has nothing in common with the service's own MPRIS code, so that the two can't be wrong alike.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, Result};
use zbus::{
    Connection, proxy,
    wire::{OwnedVariant, Variant},
};

use crate::eventually::{SOON, eventually};

#[proxy(
    interface = "org.mpris.MediaPlayer2.Player",
    default_path = "/org/mpris/MediaPlayer2"
)]
trait Remote {
    fn open_uri(&self, uri: &str) -> zbus::Result<()>;
    fn next(&self) -> zbus::Result<()>;
    fn pause(&self) -> zbus::Result<()>;
    fn play(&self) -> zbus::Result<()>;
    fn stop(&self) -> zbus::Result<()>;
    fn seek(&self, offset: i64) -> zbus::Result<()>;
    #[zbus(property)]
    fn playback_status(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn metadata(&self) -> zbus::Result<HashMap<String, OwnedVariant>>;
    #[zbus(property)]
    fn position(&self) -> zbus::Result<i64>;
    #[zbus(property)]
    fn volume(&self) -> zbus::Result<f64>;
    #[zbus(property)]
    fn set_volume(&self, volume: f64) -> zbus::Result<()>;
}

/// A player by its bus name.
#[derive(Debug, Clone)]
pub struct Player {
    bus: Connection,
    name: String,
    remote: RemoteProxy<'static>,
}

impl Player {
    /// The player of that bus name.
    ///
    /// # Errors
    /// If the name is none.
    pub async fn named(bus: &Connection, name: &str) -> Result<Self> {
        let remote = RemoteProxy::builder(bus)
            .destination(name.to_owned())
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await?;
        Ok(Self {
            bus: bus.clone(),
            name: name.to_owned(),
            remote,
        })
    }

    /// Waits for the process `id` to take a name under `org.mpris.MediaPlayer2`.
    ///
    /// # Errors
    /// If it doesn't soon.
    pub async fn of_process(bus: &Connection, id: u32) -> Result<Self> {
        let daemon = zbus::fdo::DBusProxy::new(bus).await?;
        let name = eventually(
            bus,
            SOON,
            &format!("a player of process {id}"),
            async || {
                for name in daemon.list_names().await? {
                    if name.starts_with("org.mpris.MediaPlayer2.")
                        && daemon
                            .get_connection_unix_process_id(name.inner().clone())
                            .await?
                            == id
                    {
                        return Ok(Some(name.to_string()));
                    }
                }
                Ok(None)
            },
        )
        .await?;
        Self::named(bus, &name).await
    }

    /// The whole bus name.
    #[must_use]
    pub fn bus_name(&self) -> &str {
        &self.name
    }

    async fn told(&self, key: &str) -> Result<String> {
        let metadata = self.remote.metadata().await?;
        Ok(match metadata.get(key).map(Variant::try_from) {
            Some(Ok(Variant::Str(text))) => text.to_string(),
            Some(Ok(Variant::ObjectPath(path))) => path.to_string(),
            _ => String::new(),
        })
    }

    /// The track's title, empty for none.
    ///
    /// # Errors
    /// The bus's; so for all that follows.
    pub async fn title(&self) -> Result<String> {
        self.told("xesam:title").await
    }

    /// The track's URL, empty for none.
    ///
    /// # Errors
    /// The bus's.
    pub async fn url(&self) -> Result<String> {
        self.told("xesam:url").await
    }

    /// `Playing`, `Paused` or `Stopped`, as it says.
    ///
    /// # Errors
    /// The bus's.
    pub async fn status(&self) -> Result<String> {
        Ok(self.remote.playback_status().await?)
    }

    /// How far it is in the track.
    ///
    /// # Errors
    /// The bus's.
    pub async fn position(&self) -> Result<Duration> {
        Ok(Duration::from_micros(
            u64::try_from(self.remote.position().await?).unwrap_or(0),
        ))
    }

    /// The volume, 0 to 1.
    ///
    /// # Errors
    /// The bus's.
    pub async fn volume(&self) -> Result<f64> {
        Ok(self.remote.volume().await?)
    }

    /// Turns the volume to so much, and waits until it is.
    ///
    /// # Errors
    /// The bus's, or if the player does not do it.
    pub async fn set_volume(&self, volume: f64) -> Result<()> {
        self.remote.set_volume(volume).await?;
        eventually(
            &self.bus,
            SOON,
            &format!("a volume of {volume}"),
            async || Ok(((self.volume().await? - volume).abs() < 0.01).then_some(())),
        )
        .await
    }

    /// Presses Next.
    ///
    /// # Errors
    /// The bus's.
    pub async fn next(&self) -> Result<()> {
        Ok(self.remote.next().await?)
    }

    /// Presses Pause.
    ///
    /// # Errors
    /// The bus's.
    pub async fn pause(&self) -> Result<()> {
        Ok(self.remote.pause().await?)
    }

    /// Presses Play.
    ///
    /// # Errors
    /// The bus's.
    pub async fn play(&self) -> Result<()> {
        Ok(self.remote.play().await?)
    }

    /// Presses Stop.
    ///
    /// # Errors
    /// The bus's.
    pub async fn stop(&self) -> Result<()> {
        Ok(self.remote.stop().await?)
    }

    /// Opens something, as dropping it on the player's window does.
    ///
    /// # Errors
    /// The bus's.
    pub async fn open(&self, uri: &str) -> Result<()> {
        Ok(self.remote.open_uri(uri).await?)
    }

    /// Moves forward by so much, and waits until it did.
    ///
    /// # Errors
    /// The bus's, or if the player does not do it.
    pub async fn forward(&self, by: Duration) -> Result<()> {
        let (before, track) = (self.position().await?, self.url().await?);
        self.remote.seek(i64::try_from(by.as_micros())?).await?;
        eventually(&self.bus, SOON, &format!("to be {by:?} on"), async || {
            let there = self.position().await? >= before + by || self.url().await? != track;
            Ok(there.then_some(()))
        })
        .await
    }

    /// Waits until a track plays whose title begins with `title`: the name of a playlist of
    /// [`crate::tones`], or one of its tracks. Plays is what moves, whatever the status says.
    ///
    /// # Errors
    /// If it doesn't soon.
    pub async fn plays(&self, title: &str) -> Result<()> {
        let mut before = None;
        eventually(
            &self.bus,
            SOON,
            &format!("{} to play {title:?}", self.name),
            async || {
                let now = self.title().await.context("its title")?;
                let position = self.position().await?;
                if !now.starts_with(title) {
                    before = None;
                    anyhow::bail!("it is at {now:?}, {position:?}");
                }
                let moves = before.is_some_and(|before| position > before);
                before = Some(position);
                if moves {
                    return Ok(Some(()));
                }
                anyhow::bail!("it is {} at {now:?}, {position:?}", self.status().await?)
            },
        )
        .await
    }
}
