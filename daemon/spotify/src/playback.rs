//! What plays now, playing something else, and bringing it back to the second.

use std::{borrow::Cow, time::Duration};

use moodlark_catalogue::tr;
use rspotify::model::{AlbumId, ArtistId, EpisodeId, Id, PlaylistId, ShowId, TrackId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Device, Error, Playback, Spotify,
    device::{is_here, pick},
    model::{Devices, Kind},
    wire::Call,
};

/// Spotify shows for a moment what played before a command; looked at after the first span and, if need be, after
/// the second.
const SHOWS_AFTER: [Duration; 2] = [Duration::from_millis(400), Duration::from_millis(1200)];
/// A switch or an undo makes no more calls than this.
const MOST_CALLS: u64 = 6;

/// What played before a switch: all that one `PUT play` needs to bring it back. Goes to disk before the switch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// The playlist or album.
    pub context_uri: Option<String>,
    /// The track within it.
    pub item_uri: Option<String>,
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

/// What an undo brought back, and what it could not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// For people: `track`, `position`, …
    pub restored: Vec<String>,
    /// The same.
    pub not_restored: Vec<String>,
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
        self.get("me/player", Vec::new(), "what plays").await
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
        let body = match playable(uri).ok_or_else(|| Error::NotPlayable(uri.into()))? {
            Playable::Context(uri) => json!({ "context_uri": uri }),
            Playable::Item(uri) => json!({ "uris": [uri] }),
        };
        let device = match &saved.device_id {
            Some(id) if saved.here => id.clone(),
            _ => self.device().await?,
        };
        self.put("me/player/play", vec![("device_id", device)], body, uri)
            .await
    }

    /// Whether `uri` plays now; one call.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn plays(&self, uri: &str) -> Result<bool, Error> {
        let now = self.playback().await?;
        let plays = |thing: &Option<crate::model::Thing>, uri: &str| {
            thing.as_ref().and_then(|thing| thing.uri.as_deref()) == Some(uri)
        };
        Ok(now.is_playing != Some(false)
            && match playable(uri) {
                Some(Playable::Context(uri)) => plays(&now.context, &uri),
                Some(Playable::Item(uri)) => plays(&now.item, &uri),
                None => false,
            })
    }

    /// Brings back what was saved, with one `PUT play`; then, where they differ, the pause, shuffle and repeat.
    /// At most six calls.
    ///
    /// # Errors
    /// [`Error`]: nothing was brought back.
    pub async fn bring_back(&self, saved: &Saved) -> Result<Restored, Error> {
        let mut done = Restored::default();
        let Some(body) = body_of(saved, &mut done) else {
            return Err(Error::NotPlayable(tr!("What played before")));
        };
        let before = self.calls();
        let device = match &saved.device_id {
            Some(id) => id.clone(),
            None => self.device().await?,
        };
        let to = |device: &str| vec![("device_id", device.to_owned())];
        self.put("me/player/play", to(&device), body, "what played before")
            .await?;
        let now = self.shows(saved).await?;
        let mut also = Vec::new();
        if !saved.playing {
            also.push(("pause", "paused", to(&device)));
        }
        if let Some(was) = saved
            .shuffle
            .filter(|was| now.shuffle_state.is_some_and(|is| is != *was))
        {
            let mut query = to(&device);
            query.push(("state", was.to_string()));
            also.push(("shuffle", "shuffle", query));
        }
        let other = |was: &String| now.repeat_state.as_ref().is_some_and(|is| is != was);
        if let Some(was) = saved.repeat.clone().filter(other) {
            let mut query = to(&device);
            query.push(("state", was));
            also.push(("repeat", "repeat", query));
        }
        for (command, what, query) in also {
            let outcome = if self.calls() - before < MOST_CALLS {
                self.put(&format!("me/player/{command}"), query, json!({}), what)
                    .await
            } else {
                Err(Error::NotVerified)
            };
            match outcome {
                Ok(()) => done.restored.push(what.into()),
                // What comes after the main thing fails nothing.
                Err(error) => done.not_restored.push(format!("{what}: {error}")),
            }
        }
        Ok(done)
    }

    /// What plays now, once it is what was saved.
    async fn shows(&self, saved: &Saved) -> Result<Playback, Error> {
        let uri = |thing: &Option<crate::model::Thing>| {
            thing.as_ref().and_then(|thing| thing.uri.clone())
        };
        for patience in SHOWS_AFTER {
            tokio::time::sleep(patience).await;
            let now = self.playback().await?;
            let there = match &saved.item_uri {
                Some(item) => uri(&now.item).as_ref() == Some(item),
                None => uri(&now.context) == saved.context_uri,
            };
            if there {
                return Ok(now);
            }
        }
        Err(Error::NotVerified)
    }

    async fn device(&self) -> Result<String, Error> {
        let devices: Devices = self
            .get("me/player/devices", Vec::new(), "your devices")
            .await?;
        let devices: Vec<Device> = devices
            .devices
            .unwrap_or_default()
            .into_iter()
            .flatten()
            .collect();
        pick(&devices, &self.inner.host, self.any_device())
    }

    async fn put(
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
    Saved {
        context_uri: now.context.and_then(|context| context.uri),
        title: item.as_ref().and_then(|item| item.name.clone()),
        item_uri: item.and_then(|item| item.uri),
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

/// The one `PUT play` that brings it back, and what that brings back. `None` when nothing played.
fn body_of(saved: &Saved, done: &mut Restored) -> Option<Value> {
    let position = saved.progress_ms.unwrap_or(0);
    // An offset works in playlists and albums; anywhere else Spotify refuses it.
    let takes_offset = |uri: &str| !uri.contains(":artist:");
    let body = match (&saved.context_uri, &saved.item_uri) {
        (Some(context), Some(item)) if takes_offset(context) => {
            done.restored.push("playlist".into());
            json!({ "context_uri": context, "offset": { "uri": item }, "position_ms": position })
        }
        (context, Some(item)) => {
            if context.is_some() {
                done.not_restored.push(tr!("what comes after the track"));
            }
            json!({ "uris": [item], "position_ms": position })
        }
        (Some(context), None) => {
            done.restored.push("playlist".into());
            done.not_restored
                .push(tr!("track: Spotify did not tell it"));
            return Some(json!({ "context_uri": context }));
        }
        (None, None) => return None,
    };
    done.restored.push("track".into());
    if saved.progress_ms.is_some() {
        done.restored.push("position".into());
    }
    Some(body)
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
    fn the_undo_is_one_call_with_the_track_and_the_second() {
        let saved = Saved {
            context_uri: Some("spotify:playlist:a".into()),
            item_uri: Some("spotify:track:b".into()),
            progress_ms: Some(61_250),
            ..Saved::default()
        };
        let mut done = Restored::default();
        assert_eq!(
            body_of(&saved, &mut done).unwrap(),
            json!({ "context_uri": "spotify:playlist:a", "offset": { "uri": "spotify:track:b" }, "position_ms": 61_250 })
        );
        assert_eq!(done.restored, ["playlist", "track", "position"]);
    }

    #[test]
    fn what_has_no_context_or_an_artists_comes_back_as_a_track() {
        for context in [None, Some("spotify:artist:x".to_owned())] {
            let saved = Saved {
                context_uri: context.clone(),
                item_uri: Some("spotify:track:b".into()),
                progress_ms: Some(5),
                ..Saved::default()
            };
            let mut done = Restored::default();
            let body = body_of(&saved, &mut done).unwrap();
            assert_eq!(
                body,
                json!({ "uris": ["spotify:track:b"], "position_ms": 5 })
            );
            assert_eq!(done.not_restored.is_empty(), context.is_none());
        }
        assert!(body_of(&Saved::default(), &mut Restored::default()).is_none());
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
