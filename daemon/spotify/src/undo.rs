//! Bringing back what played before, to the second.

use std::time::Duration;

use moodlark_catalogue::tr;
use serde_json::{Value, json};

use crate::{
    Error, Playback, Saved, Spotify,
    device::{may_use, pick},
};

/// Spotify shows for a moment what played before a command; looked at after the first span and, if need be, after
/// the second.
const SHOWS_AFTER: [Duration; 2] = [Duration::from_millis(400), Duration::from_millis(1200)];

/// What an undo brought back, and what it could not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// For people: `track`, `position`, …
    pub restored: Vec<String>,
    /// The same.
    pub not_restored: Vec<String>,
}

/// One `PUT play` that brings it back, and what that brings back.
#[derive(Debug, Clone, PartialEq)]
struct Way {
    body: Value,
    done: Restored,
    /// The track must show, else the playlist.
    to_the_track: bool,
}

impl Way {
    fn new(body: Value, restored: &[&str], not_restored: &[String]) -> Self {
        Self {
            body,
            to_the_track: restored.contains(&"track"),
            done: Restored {
                restored: restored.iter().map(|what| (*what).to_owned()).collect(),
                not_restored: not_restored.to_vec(),
            },
        }
    }
}

impl Spotify {
    /// Brings back what was saved, with one `PUT play`; then, where they differ, the pause, shuffle and repeat.
    /// At most six calls.
    ///
    /// # Errors
    /// [`Error`]: nothing was brought back.
    pub async fn bring_back(&self, saved: &Saved) -> Result<Restored, Error> {
        let counted = self.budget.is_counted();
        let step = if counted {
            self.clone()
        } else {
            self.for_one_step()
        };
        step.bring(saved).await
    }

    async fn bring(&self, saved: &Saved) -> Result<Restored, Error> {
        let mut ways = ways(saved).into_iter();
        let mut way = ways
            .next()
            .ok_or_else(|| Error::NotPlayable(tr!("What played before")))?;
        let was_on = saved.device_id.as_deref();
        let (mut device, mut asked) = self.device_of(saved).await?;
        let to = |device: &str| vec![("device_id", device.to_owned())];
        loop {
            let put = self.put(
                "me/player/play",
                to(&device),
                way.body.clone(),
                "what played before",
            );
            match put.await {
                Ok(()) => break,
                // The track has left the playlist, or is a file of the user's own.
                Err(error @ (Error::NotFound(_) | Error::NotAccepted(_))) => {
                    way = ways.next().ok_or(error)?;
                }
                // It was switched off, or came back under another id.
                Err(Error::NoDevice) if !asked => {
                    let devices = self.devices().await?;
                    device = pick(&devices, &self.inner.host, self.any_device())?;
                    asked = true;
                }
                Err(error) => return Err(error),
            }
        }
        let now = self.shows(saved, way.to_the_track).await?;
        let mut done = way.done;
        if was_on.is_some_and(|was| was != device) {
            done.not_restored
                .push(tr!("device: it plays on another one"));
        }
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
            let path = format!("me/player/{command}");
            match self.put(&path, query, json!({}), what).await {
                Ok(()) => done.restored.push(what.into()),
                // What comes after the main thing fails nothing.
                Err(error) => done.not_restored.push(format!("{what}: {error}")),
            }
        }
        Ok(done)
    }

    /// The device to bring it back on, and whether the devices were asked for. The one that it played on where
    /// that is this computer's or may be used; a speaker in somebody else's room is not started for an undo either.
    async fn device_of(&self, saved: &Saved) -> Result<(String, bool), Error> {
        let any = self.any_device();
        match &saved.device_id {
            Some(id) if saved.here || any => Ok((id.clone(), false)),
            was_on => {
                let devices = self.devices().await?;
                let host = &self.inner.host;
                let same = was_on.clone().filter(|id| may_use(&devices, id, host, any));
                let device = same.map_or_else(|| pick(&devices, host, any), Ok)?;
                Ok((device, true))
            }
        }
    }

    /// What plays now, once it is what was saved.
    async fn shows(&self, saved: &Saved, to_the_track: bool) -> Result<Playback, Error> {
        for patience in SHOWS_AFTER {
            tokio::time::sleep(patience).await;
            let now = self.playback().await?;
            let there = if to_the_track {
                let wanted = [&saved.item_uri, &saved.played_as];
                now.item.as_ref().is_some_and(|item| {
                    let mut wanted = wanted.into_iter().flatten();
                    wanted.any(|uri| item.is(uri))
                })
            } else {
                now.context
                    .as_ref()
                    .and_then(|context| context.uri.as_ref())
                    == saved.context_uri.as_ref()
            };
            if there {
                return Ok(now);
            }
        }
        Err(Error::NotVerified)
    }
}

/// What can be tried, the fullest first. Empty when nothing played.
fn ways(saved: &Saved) -> Vec<Way> {
    let position = saved.progress_ms.unwrap_or(0);
    // An offset works in playlists and albums; anywhere else Spotify refuses it.
    let takes_offset = |uri: &str| !uri.contains(":artist:");
    let track = if saved.progress_ms.is_some() {
        &["track", "position"][..]
    } else {
        &["track"]
    };
    let alone = |item: &str, lost: &[String]| {
        Way::new(
            json!({ "uris": [item], "position_ms": position }),
            track,
            lost,
        )
    };
    match (&saved.context_uri, &saved.item_uri) {
        (Some(context), Some(item)) if takes_offset(context) => {
            let full = Way::new(
                json!({ "context_uri": context, "offset": { "uri": item }, "position_ms": position }),
                &[&["playlist"], track].concat(),
                &[],
            );
            let less = if item.starts_with("spotify:local:") {
                Way::new(
                    json!({ "context_uri": context }),
                    &["playlist"],
                    &[tr!(
                        "track: Spotify plays a file of your own only when you start it yourself"
                    )],
                )
            } else {
                alone(
                    item,
                    &[tr!(
                        "playlist: Spotify does not find the track in it any more"
                    )],
                )
            };
            vec![full, less]
        }
        (Some(_), Some(item)) => vec![alone(item, &[tr!("what comes after the track")])],
        (None, Some(item)) => vec![alone(item, &[])],
        (Some(context), None) => vec![Way::new(
            json!({ "context_uri": context }),
            &["playlist"],
            &[tr!("track: Spotify did not tell it")],
        )],
        (None, None) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(context: Option<&str>, item: Option<&str>) -> Saved {
        Saved {
            context_uri: context.map(Into::into),
            item_uri: item.map(Into::into),
            progress_ms: Some(61_250),
            ..Saved::default()
        }
    }

    #[test]
    fn the_undo_is_one_call_with_the_track_and_the_second() {
        let ways = ways(&saved(Some("spotify:playlist:a"), Some("spotify:track:b")));
        assert_eq!(
            ways[0].body,
            json!({ "context_uri": "spotify:playlist:a", "offset": { "uri": "spotify:track:b" }, "position_ms": 61_250 })
        );
        assert_eq!(ways[0].done.restored, ["playlist", "track", "position"]);
        assert!(ways[0].done.not_restored.is_empty());
    }

    #[test]
    fn what_the_playlist_does_not_hold_comes_back_alone_and_a_local_file_as_its_playlist() {
        let gone = ways(&saved(Some("spotify:playlist:a"), Some("spotify:track:b")));
        assert_eq!(
            gone[1].body,
            json!({ "uris": ["spotify:track:b"], "position_ms": 61_250 })
        );
        assert!(gone[1].to_the_track && gone[1].done.not_restored.len() == 1);
        let local = ways(&saved(
            Some("spotify:playlist:a"),
            Some("spotify:local:::T:9"),
        ));
        assert_eq!(
            local[1].body,
            json!({ "context_uri": "spotify:playlist:a" })
        );
        assert!(!local[1].to_the_track && local[1].done.not_restored.len() == 1);
    }

    #[test]
    fn what_has_no_context_or_an_artists_comes_back_as_a_track() {
        for context in [None, Some("spotify:artist:x")] {
            let ways = ways(&saved(context, Some("spotify:track:b")));
            assert_eq!(
                ways[0].body,
                json!({ "uris": ["spotify:track:b"], "position_ms": 61_250 })
            );
            assert_eq!(ways.len(), 1);
            assert_eq!(ways[0].done.not_restored.is_empty(), context.is_none());
        }
        assert!(ways(&Saved::default()).is_empty() && Saved::default().is_nothing());
    }
}
