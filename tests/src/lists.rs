//! The playlists that a player has itself, as a user sees them in its window.

use anyhow::{Context, Result};
use zbus::{Connection, proxy, wire::OwnedObjectPath};

use crate::{
    eventually::{SOON, eventually},
    player::Player,
};

#[proxy(
    interface = "org.mpris.MediaPlayer2.Playlists",
    default_path = "/org/mpris/MediaPlayer2"
)]
trait Playlists {
    fn activate_playlist(&self, id: &OwnedObjectPath) -> zbus::Result<()>;
    fn get_playlists(
        &self,
        index: u32,
        most: u32,
        order: &str,
        reverse: bool,
    ) -> zbus::Result<Vec<(OwnedObjectPath, String, String)>>;
}

/// A player's own playlists.
#[derive(Debug, Clone)]
pub struct Lists {
    bus: Connection,
    remote: PlaylistsProxy<'static>,
    player: Player,
}

impl Lists {
    /// Of that player.
    ///
    /// # Errors
    /// If the bus is gone.
    pub async fn of(bus: &Connection, player: &Player) -> Result<Self> {
        Ok(Self {
            bus: bus.clone(),
            remote: PlaylistsProxy::builder(bus)
                .destination(player.bus_name().to_owned())
                .cache_properties(zbus::proxy::CacheProperties::No)
                .build()
                .await?,
            player: player.clone(),
        })
    }

    /// Plays the list of that name as a double click on it would, in a player that plays nothing yet, and waits
    /// until a track whose title begins so plays. A list that is still being loaded is asked for again.
    ///
    /// # Errors
    /// If it doesn't play soon.
    pub async fn play(&self, name: &str) -> Result<()> {
        eventually(&self.bus, SOON, &format!("{name} to play"), async || {
            let lists = self
                .remote
                .get_playlists(0, 100, "Alphabetical", false)
                .await?;
            let (id, ..) = lists
                .iter()
                .find(|(_, known, _)| known == name)
                .with_context(|| format!("no {name} in {lists:?}"))?;
            if self.player.status().await? != "Playing" {
                self.remote.activate_playlist(id).await?;
            }
            let plays = self.player.title().await?.starts_with(name);
            Ok((plays && self.player.status().await? == "Playing").then_some(()))
        })
        .await?;
        self.player.plays(name).await
    }
}

/// The tracks of a playlist of [`crate::tones`] as absolute paths.
///
/// # Errors
/// If the list cannot be read.
pub fn tracks(list: &std::path::Path) -> Result<Vec<std::path::PathBuf>> {
    let folder = list.parent().context("a list in no folder")?;
    let text =
        std::fs::read_to_string(list).with_context(|| format!("reading {}", list.display()))?;
    let tracks = text.lines().filter(|line| !line.starts_with('#'));
    Ok(tracks.map(|track| folder.join(track)).collect())
}
