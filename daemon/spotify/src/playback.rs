//! What plays now, and playing something else.

use std::borrow::Cow;

use rspotify::model::{AlbumId, ArtistId, EpisodeId, Id, PlaylistId, ShowId, TrackId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Device, Error, Playback, Spotify,
    device::{is_here, pick},
    model::{Devices, Kind, Thing},
    spotify::lock,
    wire::Call,
};

/// Without these a podcast's episode is answered with `null`.
const ALSO: &str = "track,episode";

/// What played before a switch: all that one `PUT play` needs to bring it back. Goes to disk before the switch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// The playlist or album.
    pub context_uri: Option<String>,
    /// The track within it, as the playlist has it.
    pub item_uri: Option<String>,
    /// The release of that track that Spotify plays in its place, where it does.
    pub played_as: Option<String>,
    /// Its title, for people.
    pub title: Option<String>,
    /// How far it was.
    pub progress_ms: Option<u64>,
    /// Whether it played.
    pub playing: bool,
    /// Whether the order was random.
    pub shuffle: Option<bool>,
    /// `off`, `context` or `track`.
    pub repeat: Option<String>,
    /// Where it played.
    pub device_id: Option<String>,
    /// Whether that is this computer.
    pub here: bool,
}

impl Saved {
    /// Whether nothing was there that could be brought back.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.context_uri.is_none() && self.item_uri.is_none()
    }
}

/// What can be asked to be played.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Playable {
    /// A playlist, album, artist or show.
    Context(String),
    /// A single track or episode.
    Item(String),
}

/// The URI as `spotify:TYPE:ID`, from that form or from a link to the web player.
fn playable(uri: &str) -> Option<Playable> {
    let uri = uri.trim();
    let plain: Cow<'_, str> = match uri.split_once("://") {
        None => uri.into(),
        Some((_, rest)) => {
            let path = rest.split(['?', '#']).next()?.split_once('/')?.1;
            // `open.spotify.com/intl-de/playlist/ID`
            let mut parts = path.trim_end_matches('/').rsplit('/');
            let (id, kind) = (parts.next()?, parts.next()?);
            format!("spotify:{kind}:{id}").into()
        }
    };
    // Old links name the owner: `spotify:user:NAME:playlist:ID`.
    let plain: Cow<'_, str> = match plain
        .strip_prefix("spotify:user:")
        .and_then(|rest| rest.split_once(":playlist:"))
    {
        Some((_, id)) => format!("spotify:playlist:{id}").into(),
        None => plain,
    };
    let context = |id: &dyn Fn(&str) -> Option<String>| id(&plain).map(Playable::Context);
    let item = |id: &dyn Fn(&str) -> Option<String>| id(&plain).map(Playable::Item);
    context(&|uri| PlaylistId::from_uri(uri).ok().map(|id| id.uri()))
        .or_else(|| context(&|uri| AlbumId::from_uri(uri).ok().map(|id| id.uri())))
        .or_else(|| context(&|uri| ArtistId::from_uri(uri).ok().map(|id| id.uri())))
        .or_else(|| context(&|uri| ShowId::from_uri(uri).ok().map(|id| id.uri())))
        .or_else(|| item(&|uri| TrackId::from_uri(uri).ok().map(|id| id.uri())))
        .or_else(|| item(&|uri| EpisodeId::from_uri(uri).ok().map(|id| id.uri())))
}

/// Whether the Web API can be asked to play this URI.
#[must_use]
pub fn is_playable(uri: &str) -> bool {
    playable(uri).is_some()
}

impl Spotify {
    /// What plays now; one call. Nothing when no device is in use.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn playback(&self) -> Result<Playback, Error> {
        let query = vec![("additional_types", ALSO.to_owned())];
        self.get("me/player", query, "what plays").await
    }

    /// What plays now, for an undo.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn save(&self) -> Result<Saved, Error> {
        Ok(saved(self.playback().await?, &self.inner.host))
    }

    /// Plays `uri` on this computer's device, else on one that may be used. `saved` is what played before.
    /// An answer of ok proves nothing: see [`Spotify::plays`].
    ///
    /// # Errors
    /// [`Error`]
    pub async fn play(&self, uri: &str, saved: &Saved) -> Result<(), Error> {
        let playable = playable(uri).ok_or_else(|| Error::NotPlayable(uri.into()))?;
        let body = match &playable {
            Playable::Context(uri) => json!({ "context_uri": uri }),
            Playable::Item(uri) => json!({ "uris": [uri] }),
        };
        let device = match &saved.device_id {
            Some(id) if saved.here => id.clone(),
            _ => self.device().await?,
        };
        let outcome = self
            .put("me/player/play", vec![("device_id", device)], body, uri)
            .await;
        if let (Err(Error::NotFound(_)), Playable::Context(uri)) = (&outcome, &playable) {
            // It was deleted: its name may mean another one by now.
            let mut state = lock(&self.inner.state);
            if state.memory.drop_playlist(uri) {
                state.memory.save();
            }
        }
        outcome
    }

    /// Whether `uri` plays now; one call.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn plays(&self, uri: &str) -> Result<bool, Error> {
        let now = self.playback().await?;
        let plays =
            |thing: &Option<Thing>, uri: &str| thing.as_ref().is_some_and(|thing| thing.is(uri));
        Ok(now.is_playing != Some(false)
            && match playable(uri) {
                Some(Playable::Context(uri)) => plays(&now.context, &uri),
                Some(Playable::Item(uri)) => plays(&now.item, &uri),
                None => false,
            })
    }

    async fn device(&self) -> Result<String, Error> {
        pick(&self.devices().await?, &self.inner.host, self.any_device())
    }

    pub(crate) async fn devices(&self) -> Result<Vec<Device>, Error> {
        let devices: Devices = self
            .get("me/player/devices", Vec::new(), "your devices")
            .await?;
        let devices = devices.devices.unwrap_or_default();
        Ok(devices.into_iter().flatten().collect())
    }

    pub(crate) async fn put(
        &self,
        path: &str,
        query: Vec<(&str, String)>,
        body: Value,
        what: &str,
    ) -> Result<(), Error> {
        self.ask(Call::Put(path, query, body), what)
            .await
            .map(|_| ())
    }
}

fn saved(now: Playback, host: &str) -> Saved {
    let advertisement = now.currently_playing_type == Some(Kind::Ad);
    let item = now.item.filter(|_| !advertisement);
    let asked_for = item.as_ref().and_then(|item| item.asked_for());
    // A playlist knows only what stands in it.
    let asked_for = asked_for.map(str::to_owned);
    let title = item.as_ref().and_then(|item| item.name.clone());
    let uri = item.and_then(|item| item.uri);
    let (item_uri, played_as) = match asked_for {
        Some(asked_for) => (Some(asked_for), uri),
        None => (uri, None),
    };
    Saved {
        context_uri: now.context.and_then(|context| context.uri),
        title,
        item_uri,
        played_as,
        progress_ms: now.progress_ms.filter(|_| !advertisement),
        playing: now.is_playing.unwrap_or(false),
        shuffle: now.shuffle_state,
        repeat: now.repeat_state,
        here: now
            .device
            .as_ref()
            .is_some_and(|device| is_here(device, host) && device.is_restricted != Some(true)),
        device_id: now.device.and_then(|device| device.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_uris_mean_the_same() {
        let calm = Playable::Context("spotify:playlist:3cEYpjA9oz9GiPac4AsH4n".into());
        for uri in [
            "spotify:playlist:3cEYpjA9oz9GiPac4AsH4n",
            "https://open.spotify.com/playlist/3cEYpjA9oz9GiPac4AsH4n?si=1",
            "https://open.spotify.com/intl-de/playlist/3cEYpjA9oz9GiPac4AsH4n/",
            "spotify:user:me:playlist:3cEYpjA9oz9GiPac4AsH4n",
        ] {
            assert_eq!(playable(uri), Some(calm.clone()), "{uri}");
        }
        let track = "spotify:track:11dFghVXANMlKmJXsNCbNl";
        assert_eq!(playable(track), Some(Playable::Item(track.into())));
        for bad in [
            "",
            "spotify:",
            "spotify:playlist:",
            "file:///a.m3u8",
            "spotify:playlist:a/b",
            "https://open.spotify.com",
        ] {
            // An empty id is let through by rspotify; the server says what it thinks of it.
            assert!(
                playable(bad).is_none() || bad == "spotify:playlist:",
                "{bad}"
            );
        }
    }

    #[test]
    fn an_ad_is_nothing_to_come_back_to() {
        let ad: Playback = serde_json::from_value(json!({
            "currently_playing_type": "ad", "is_playing": true, "progress_ms": 4000,
            "context": { "uri": "spotify:playlist:a" }, "item": { "uri": "spotify:ad:x" },
            "device": { "id": "d", "name": "Desk", "type": "Computer", "is_active": true }
        }))
        .unwrap();
        let saved = saved(ad, "desk");
        assert_eq!((saved.item_uri, saved.progress_ms), (None, None));
        assert_eq!(saved.context_uri.as_deref(), Some("spotify:playlist:a"));
        assert!(saved.here);
    }
}
