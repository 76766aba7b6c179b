//! What Spotify answers with. Every field is optional and every unknown word has a place: the service adds,
//! drops and nulls fields without a word, and one of them must never fail a whole call.

use serde::{Deserialize, Deserializer};

/// `{"error": {…}}`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ErrorBody {
    #[serde(deserialize_with = "lenient")]
    pub(crate) error: Option<ErrorTold>,
}

/// What went wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ErrorTold {
    #[serde(deserialize_with = "lenient")]
    pub(crate) message: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) reason: Option<String>,
}

/// The answer to a request for a token. No `Debug`: it is all secrets.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct TokenAnswer {
    #[serde(deserialize_with = "lenient")]
    pub(crate) access_token: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) refresh_token: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) expires_in: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) scope: Option<String>,
}

/// `GET /me/player`
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Playback {
    /// Where it plays.
    #[serde(deserialize_with = "lenient")]
    pub device: Option<Device>,
    /// `off`, `context`, `track`, or what they will think of.
    #[serde(deserialize_with = "lenient")]
    pub repeat_state: Option<String>,
    /// Whether the order is random.
    #[serde(deserialize_with = "lenient")]
    pub shuffle_state: Option<bool>,
    /// The playlist or album; `null` for single tracks, ads, and more.
    #[serde(deserialize_with = "lenient")]
    pub context: Option<Thing>,
    /// How far it is.
    #[serde(deserialize_with = "lenient")]
    pub progress_ms: Option<u64>,
    /// Whether it moves.
    #[serde(deserialize_with = "lenient")]
    pub is_playing: Option<bool>,
    /// What plays; `null` in an ad.
    #[serde(deserialize_with = "lenient")]
    pub item: Option<Thing>,
    /// What kind of thing that is.
    #[serde(deserialize_with = "lenient")]
    pub currently_playing_type: Option<Kind>,
}

/// Anything with a URI.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Thing {
    /// `spotify:…`
    #[serde(deserialize_with = "lenient")]
    pub uri: Option<String>,
    /// What it is called.
    #[serde(deserialize_with = "lenient")]
    pub name: Option<String>,
    /// What was asked for, where another release of the same track is played in its place.
    #[serde(deserialize_with = "lenient")]
    pub linked_from: Option<Link>,
}

impl Thing {
    /// Whether it is what has this URI, or is played in its place.
    #[must_use]
    pub fn is(&self, uri: &str) -> bool {
        self.uri.as_deref() == Some(uri) || self.asked_for() == Some(uri)
    }

    /// The URI that stands in the playlist, where it is another than the one that is played.
    #[must_use]
    pub fn asked_for(&self) -> Option<&str> {
        self.linked_from.as_ref()?.uri.as_deref()
    }
}

/// The track that another one is played in place of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Link {
    /// `spotify:…`
    #[serde(deserialize_with = "lenient")]
    pub uri: Option<String>,
}

/// What kind of thing plays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Music.
    Track,
    /// A podcast's episode.
    Episode,
    /// An advertisement.
    Ad,
    /// What this program does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

/// `GET /me/player/devices`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Devices {
    #[serde(deserialize_with = "lenient")]
    pub(crate) devices: Option<Vec<Option<Device>>>,
}

/// A device of Spotify's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Device {
    /// `null` where it cannot be addressed.
    #[serde(deserialize_with = "lenient")]
    pub id: Option<String>,
    /// Whether it is the one in use.
    #[serde(deserialize_with = "lenient")]
    pub is_active: Option<bool>,
    /// Whether it takes no commands from the Web API.
    #[serde(deserialize_with = "lenient")]
    pub is_restricted: Option<bool>,
    /// What it calls itself; clients on computers use the host's name.
    #[serde(deserialize_with = "lenient")]
    pub name: Option<String>,
    /// `Computer`, `Speaker`, `TV`, `Smartphone`, …
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub kind: Option<String>,
}

/// A page of a list. Entries may be `null`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    #[serde(deserialize_with = "lenient")]
    pub(crate) items: Option<Vec<Option<Playlist>>>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) next: Option<String>,
}

/// `GET /search?type=playlist`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    #[serde(deserialize_with = "lenient")]
    pub(crate) playlists: Option<Page>,
}

/// A playlist, without what is in it: one of somebody else's has no `items` at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Playlist {
    #[serde(deserialize_with = "lenient")]
    pub(crate) name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) uri: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) owner: Option<Owner>,
}

/// Whose it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Owner {
    #[serde(deserialize_with = "lenient")]
    pub(crate) display_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) id: Option<String>,
}

/// A field whose value is of another type than documented counts as absent.
fn lenient<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ad_has_neither_item_nor_context() {
        let ad: Playback = serde_json::from_str(
            r#"{"currently_playing_type":"ad","item":null,"context":null,"progress_ms":null,"is_playing":true}"#,
        )
        .unwrap();
        assert_eq!(ad.currently_playing_type, Some(Kind::Ad));
        assert!(ad.item.is_none() && ad.context.is_none());
    }

    #[test]
    fn unknown_words_and_types_fail_nothing() {
        let odd: Playback = serde_json::from_str(
            r#"{"currently_playing_type":"hologram","repeat_state":"sometimes","progress_ms":"12",
                "device":{"type":"Toaster","id":null,"is_active":1},"item":{"uri":"spotify:track:x"},"new":[1]}"#,
        )
        .unwrap();
        assert_eq!(odd.currently_playing_type, Some(Kind::Unknown));
        assert_eq!(odd.progress_ms, None);
        assert_eq!(odd.device.unwrap().kind.as_deref(), Some("Toaster"));
        assert_eq!(odd.item.unwrap().uri.as_deref(), Some("spotify:track:x"));
    }

    #[test]
    fn null_entries_are_passed_over() {
        let found: Search = serde_json::from_str(
            r#"{"playlists":{"items":[null,{"name":"Calm","uri":"spotify:playlist:x","owner":null}]}}"#,
        )
        .unwrap();
        let items = found.playlists.unwrap().items.unwrap();
        assert_eq!(items.into_iter().flatten().count(), 1);
    }
}
