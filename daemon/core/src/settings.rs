//! Every option: its name, its default, its unit. The file format is TOML; see `moodlark.toml`.

mod camera;
mod desk;
mod library;
mod music;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    emotion::Emotion,
    time::{TimeOfDay, Weekday, span},
};

pub use camera::{CameraSettings, GateSettings, SILENT_LOCKERS, SeveralFaces, Source};
pub use desk::{HistorySettings, LeftClick, NotificationSettings, TrayIcons, TraySettings};
pub use library::{LibrarySettings, Seasonal};
pub use music::{
    AffectPair, MpdSettings, PlayerSettings, PlaylistSettings, QuirkSettings, SpotifySettings, When,
};

/// The whole configuration. Every field has a default; an empty file is a valid one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// When and through what to look.
    pub camera: CameraSettings,
    /// What keeps the camera closed besides that.
    pub gates: GateSettings,
    /// From readings to a mood.
    pub mood: MoodSettings,
    /// When a changed mood may change the music.
    pub decide: DecideSettings,
    /// The user's rules; the first that matches wins.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
    /// What may be played.
    #[serde(rename = "playlist")]
    pub playlists: Vec<PlaylistSettings>,
    /// The user's own music.
    pub library: LibrarySettings,
    /// Which player.
    pub player: PlayerSettings,
    /// MPD by its own protocol.
    pub mpd: MpdSettings,
    /// Spotify's Web API.
    pub spotify: SpotifySettings,
    /// What is told by notification.
    pub notifications: NotificationSettings,
    /// What is kept.
    pub history: HistorySettings,
    /// How the tray's icon looks and acts.
    pub tray: TraySettings,
}

/// `[mood]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MoodSettings {
    /// Time after which half of what was seen is forgotten.
    #[serde(with = "span")]
    pub half_life: Duration,
    /// Time for which what the user reports stands against the camera (its half-life).
    #[serde(with = "span")]
    pub report_half_life: Duration,
    /// How often a mood shows on the face of somebody at a desk, 0..=1.
    pub shows: f64,
    /// The mood is unknown below this probability, 0..=1.
    pub min_confidence: f64,
    /// A new mood must be likelier than the old one by this much to replace it, 0..=1.
    pub hysteresis: f64,
}

impl Default for MoodSettings {
    fn default() -> Self {
        Self {
            half_life: Duration::from_secs(30 * 60),
            report_half_life: Duration::from_secs(60 * 60),
            shows: 0.3,
            min_confidence: 0.6,
            // Also keeps `since` through a doubtful look or two: a label is given up below 0.4.
            hysteresis: 0.2,
        }
    }
}

/// `[decide]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DecideSettings {
    /// A mood must last this long before it changes the music.
    #[serde(with = "span")]
    pub dwell: Duration,
    /// Time between two switches.
    #[serde(with = "span")]
    pub cooldown: Duration,
    /// The new playlist must be nearer to the target than what plays now by this much (0..=2.8).
    pub hysteresis: f64,
    /// After the user did something in the player, hands off for this long.
    #[serde(with = "span")]
    pub override_for: Duration,
    /// Ask by notification before each switch.
    pub ask_first: bool,
    /// A mood less sure than this changes nothing, 0..=1.
    pub min_confidence: f64,
}

impl Default for DecideSettings {
    fn default() -> Self {
        Self {
            dwell: Duration::ZERO,
            cooldown: Duration::from_secs(20 * 60),
            hysteresis: 0.2,
            override_for: Duration::from_secs(30 * 60),
            ask_first: false,
            min_confidence: 0.6,
        }
    }
}

/// What a rule, or the user, wants of the music.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// Music that fits the mood.
    Match,
    /// Music that is brighter than the mood.
    Uplift,
    /// Quiet, pleasant music.
    Calm,
    /// Lively, pleasant music.
    Energise,
    /// Leave the music alone.
    Keep,
    /// This playlist, by name.
    Playlist(String),
}

/// `[[rule]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// What the user calls it.
    pub name: String,
    /// Off rules are passed over.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// When it matches; every criterion that is given must hold.
    #[serde(default)]
    pub when: Criteria,
    /// What it wants.
    #[serde(rename = "do")]
    pub intent: Intent,
    /// Go there from the user's mood in 3 to 6 tracks, and not at once; only with music of the
    /// library.
    #[serde(default)]
    pub gradual: bool,
}

const fn yes() -> bool {
    true
}

/// `when = { … }` of a rule.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Criteria {
    /// Any of these moods; empty for any known mood.
    pub mood: Vec<Emotion>,
    /// The mood has held for at least this long.
    #[serde(rename = "for", with = "option_span")]
    pub lasting: Option<Duration>,
    /// The mood is at least this sure, 0..=1.
    pub confidence: Option<f64>,
    /// From this time of day …
    pub from: Option<TimeOfDay>,
    /// … up to this one; may run over midnight.
    pub to: Option<TimeOfDay>,
    /// On any of these days; empty for every day.
    pub weekdays: Vec<Weekday>,
    /// On this power source.
    pub power: Option<Power>,
    /// While this player is active: its bus name's last part or its Identity.
    pub player: Option<String>,
    /// While this program runs, by its executable's name.
    pub program: Option<String>,
}

/// Where the electricity comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Power {
    /// The mains, or a machine without a battery.
    Mains,
    /// A battery.
    Battery,
}

mod option_span {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::time::span;

    pub(in crate::settings) fn serialize<S: Serializer>(
        span: &Option<Duration>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) => s.serialize_some(&span::format(*span)),
            None => s.serialize_none(),
        }
    }

    pub(in crate::settings) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<Duration>, D::Error> {
        Option::<String>::deserialize(d)?
            .map(|text| span::parse(&text).map_err(D::Error::custom))
            .transpose()
    }
}
