//! What is known of the players on the bus: their state, what they can do, and which is the active one.
//!
//! Bus names here are whole: `org.mpris.MediaPlayer2.vlc.instance1234`. In the configuration a player
//! is named by the last part (`vlc.instance1234`), by the same without the instance (`vlc`), or by
//! its Identity (`VLC media player`); see [`PlayerView::is_called`].

mod choose;
mod left_out;
pub mod mpd;
mod progress;
mod quirks;
mod routes;

use std::time::Duration;

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use crate::{settings::PlayerSettings, time::Timestamp};

pub use choose::{Choice, NoChoice, choose};
pub use left_out::LeftOut;
pub use progress::{Progress, steady};
pub use quirks::{Never, Quirks, quirks};
pub use routes::{Route, is_spotify, routes_for, routes_of, routes_to, scheme_of};

/// What every player's bus name starts with.
pub const BUS_PREFIX: &str = "org.mpris.MediaPlayer2.";

/// Whether a player plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Playback {
    /// It plays.
    Playing,
    /// It is paused in a track.
    Paused,
    /// It is stopped, has nothing to play, or doesn't tell.
    #[default]
    Stopped,
}

impl Playback {
    /// The name on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Playing => "playing",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }

    /// From MPRIS's `PlaybackStatus`; what is none of its three words is `Stopped`.
    #[must_use]
    pub fn from_mpris(status: &str) -> Self {
        match status {
            "Playing" => Self::Playing,
            "Paused" => Self::Paused,
            _ => Self::Stopped,
        }
    }
}

/// What kind of thing a track is, as far as its id and URL tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Music, or at least nothing that says otherwise.
    Music,
    /// An advertisement: never interrupted, never a reason.
    Ad,
    /// An episode of a podcast.
    Episode,
    /// There is no track, or the player says nothing of it.
    #[default]
    Unknown,
}

impl Content {
    /// The name on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Music => "music",
            Self::Ad => "ad",
            Self::Episode => "episode",
            Self::Unknown => "unknown",
        }
    }

    /// Told from the forms that Spotify's clients use for ids and URLs.
    #[must_use]
    pub fn of(track: &Track) -> Self {
        let starts = |prefixes: &[&str]| {
            prefixes
                .iter()
                .any(|prefix| track.id.starts_with(prefix) || track.url.starts_with(prefix))
        };
        if track.is_empty() {
            Self::Unknown
        } else if starts(&[
            "/com/spotify/ad/",
            "spotify:ad:",
            "https://open.spotify.com/ad/",
        ]) {
            Self::Ad
        } else if starts(&[
            "/com/spotify/episode/",
            "spotify:episode:",
            "https://open.spotify.com/episode/",
        ]) {
            Self::Episode
        } else {
            Self::Music
        }
    }
}

/// A track as its player tells it. What it doesn't tell is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Track {
    /// `mpris:trackid`: unique at best within the player's present list (mpv counts from `/0` in each).
    pub id: String,
    /// `xesam:title`
    pub title: String,
    /// `xesam:artist`, joined by commas.
    pub artist: String,
    /// `xesam:album`
    pub album: String,
    /// `xesam:url`
    pub url: String,
    /// `mpris:length`; `None` for streams and where unknown. Written as whole milliseconds.
    #[serde(with = "millis")]
    pub length: Option<Duration>,
}

impl Track {
    /// Whether nothing is known: no title and no URL. An id alone is no track (`/noplaylist`).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.title.is_empty() && self.url.is_empty()
    }

    /// Whether this is a local playlist that is being loaded: mpv and VLC show it as a track for a moment.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.length.is_none()
            && scheme_of(&self.url).is_some_and(|scheme| scheme == "file")
            && routes::is_playlist_file(&self.url)
    }

    /// Whether `other` is the same track. A title that arrives late, or changes within a stream,
    /// makes no new one.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        if self.id.is_empty() && self.url.is_empty() || other.id.is_empty() && other.url.is_empty()
        {
            self.title == other.title && self.artist == other.artist
        } else {
            self.id == other.id && self.url == other.url
        }
    }
}

/// Whether Moodlark can use a player, or why not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "usable", rename_all = "kebab-case")]
pub enum Usable {
    /// It may be asked to play something.
    #[default]
    Yes,
    /// It may not.
    No {
        /// The reason, a sentence.
        why: String,
    },
}

/// A player at one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PlayerView {
    /// The whole bus name.
    pub bus_name: String,
    /// What it calls itself.
    pub identity: String,
    /// The name of its desktop file, without `.desktop`; may be empty.
    pub desktop_entry: String,
    /// Whether it plays.
    pub playback: Playback,
    /// What it plays; `None` when there is nothing.
    pub track: Option<Track>,
    /// What kind of thing that is.
    pub content: Content,
    /// `CanControl`
    pub can_control: bool,
    /// `SupportedUriSchemes`
    pub schemes: Vec<String>,
    /// It answers for `org.mpris.MediaPlayer2.Playlists`.
    pub playlists: bool,
    /// It says that its track list can be edited.
    pub edits_tracks: bool,
    /// What is odd about it, the user's corrections included; `None` until [`PlayerView::derive`] looks it up.
    #[serde(skip)]
    pub odd: Option<Quirks>,
    /// The ways in which it can be made to play something; see [`routes_of`].
    pub routes: Vec<Route>,
    /// Usually 0..=1; `None` where the player has no volume.
    pub volume: Option<f64>,
    /// When the track ends if nothing comes in between; `None` where that can't be told, and while it does not
    /// play.
    pub ends_at: Option<Timestamp>,
    /// The most recent change to Playing.
    pub last_playing: Option<Timestamp>,
    /// The most recent change of track, or pause.
    pub last_activity: Option<Timestamp>,
    /// The most recent thing that the user did in it.
    pub last_user_action: Option<Timestamp>,
    /// The most recent time that the user let it go on, or moved within the track: it says nothing of what they
    /// want to hear, and that they are at it just now.
    pub last_touch: Option<Timestamp>,
    /// Whether it can be used.
    pub usable: Usable,
}

impl PlayerView {
    /// The bus name's last part: `vlc.instance1234`.
    #[must_use]
    pub fn short_name(&self) -> &str {
        short_name(&self.bus_name)
    }

    /// What to call it towards people: its Identity, or its short name where it has none.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if self.identity.is_empty() {
            self.short_name()
        } else {
            &self.identity
        }
    }

    /// Whether the configuration's `name` means this player: its bus name, whole or the last part,
    /// with or without the instance, or its Identity. Case doesn't count.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.trim();
        !name.is_empty()
            && [
                &*self.bus_name,
                self.short_name(),
                base_name(&self.bus_name),
                &self.identity,
            ]
            .iter()
            .any(|own| own.eq_ignore_ascii_case(name))
    }

    /// What is odd about it.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        self.odd
            .unwrap_or_else(|| quirks(&self.bus_name, &self.identity))
    }

    /// Looks up what is odd about it.
    pub fn look_up(&mut self, settings: &PlayerSettings) {
        self.odd = Some(Quirks::of(self, &settings.quirks));
    }

    /// Works out its quirks, `content`, `routes` and `usable` from the rest.
    pub fn derive(&mut self, settings: &PlayerSettings) {
        self.look_up(settings);
        self.content = self.track.as_ref().map_or(Content::Unknown, Content::of);
        self.routes = routes_of(self);
        self.usable = usable(self, &settings.ignore);
    }
}

fn usable(view: &PlayerView, ignored: &[String]) -> Usable {
    let name = view.display_name();
    let why = if ignored.iter().any(|other| view.is_called(other)) {
        tr!("{name} is on the list of players to ignore", name)
    } else if let Some(why) = view.quirks().never {
        why.sentence(name)
    } else if !view.can_control {
        tr!("{name} does not let others control it", name)
    } else if view.routes.is_empty() && mpd::is_bridge(&view.bus_name) {
        tr!(
            "{name} is shown here by a bridge that opens no playlists; Moodlark speaks to it by itself once it knows where it is: `address` under [mpd]",
            name
        )
    } else if view.routes.is_empty() {
        tr!("{name} has no way to open a playlist from outside", name)
    } else {
        return Usable::Yes;
    };
    Usable::No { why }
}

/// The bus name without `org.mpris.MediaPlayer2.`.
#[must_use]
pub fn short_name(bus_name: &str) -> &str {
    bus_name.strip_prefix(BUS_PREFIX).unwrap_or(bus_name)
}

/// The short name without the `.instance…` that players add when they run more than once.
#[must_use]
pub fn base_name(bus_name: &str) -> &str {
    let short = short_name(bus_name);
    short.find(".instance").map_or(short, |at| &short[..at])
}

/// An optional duration as whole milliseconds.
pub mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// For `#[serde(with = "millis")]`.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(
        span: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        span.map(|span| u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
            .serialize(serializer)
    }

    /// For `#[serde(with = "millis")]`.
    ///
    /// # Errors
    /// What is neither null nor a whole number of milliseconds.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_millis))
    }
}

#[cfg(test)]
mod tests;
