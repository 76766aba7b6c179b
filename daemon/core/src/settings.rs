//! Every option: its name, its default, its unit. The file format is TOML; see `moodlark.toml`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    affect::Affect,
    emotion::Emotion,
    time::{TimeOfDay, Weekday, span},
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

/// `[camera]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CameraSettings {
    /// Whether the user has said yes to the camera. Nothing looks before that.
    pub enabled: bool,
    /// What stands for the camera.
    pub source: Source,
    /// `auto`, a path, a `vid:pid`, or part of the name.
    pub device: String,
    /// A folder or file of JPEG or PNG, for `source = "pictures"`.
    pub pictures: Option<String>,
    /// Time between looks.
    #[serde(with = "span")]
    pub interval: Duration,
    /// The same while on battery, where it is longer.
    #[serde(with = "span")]
    pub interval_on_battery: Duration,
    /// The same at night; `None` for no difference.
    #[serde(with = "option_span")]
    pub interval_at_night: Option<Duration>,
    /// When the night begins …
    pub night_from: TimeOfDay,
    /// … and when it ends; may run over midnight.
    pub night_to: TimeOfDay,
    /// A look that takes longer is killed.
    #[serde(with = "span")]
    pub deadline: Duration,
    /// Look only while music plays.
    pub only_while_playing: bool,
    /// Which face counts.
    pub several_faces: SeveralFaces,
}

/// What stands for the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A V4L2 camera.
    Camera,
    /// Pictures from a folder, shown in turn.
    Pictures,
}

/// What to do when more than one face is in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeveralFaces {
    /// Read the largest.
    Largest,
    /// Read none: as if nobody were there.
    None,
}

impl Default for CameraSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            source: Source::Camera,
            device: "auto".into(),
            pictures: None,
            interval: Duration::from_secs(5 * 60),
            interval_on_battery: Duration::from_secs(10 * 60),
            interval_at_night: None,
            night_from: TimeOfDay(22 * 60),
            night_to: TimeOfDay(7 * 60),
            deadline: Duration::from_secs(8),
            only_while_playing: true,
            several_faces: SeveralFaces::Largest,
        }
    }
}

impl CameraSettings {
    /// The time between looks at that minute of the day (0..1440), on that power.
    #[must_use]
    pub fn interval_at(&self, minute: u16, on_battery: bool) -> Duration {
        let night = TimeOfDay::span_contains(self.night_from, self.night_to, minute);
        let interval = match self.interval_at_night {
            Some(at_night) if night => at_night,
            _ => self.interval,
        };
        if on_battery {
            interval.max(self.interval_on_battery)
        } else {
            interval
        }
    }
}

/// `[gates]`: each that is true keeps the camera closed while what it is named after holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct GateSettings {
    /// The session is locked.
    pub locked: bool,
    /// Another session is in front.
    pub inactive: bool,
    /// The lid is closed.
    pub lid: bool,
    /// Nobody has touched the machine for [`GateSettings::idle_after`].
    pub idle: bool,
    /// How long that is.
    #[serde(with = "span")]
    pub idle_after: Duration,
    /// The machine woke less than this ago.
    #[serde(with = "span")]
    pub after_resume: Duration,
    /// Another program uses the camera.
    pub camera_in_use: bool,
    /// The microphone is being recorded.
    pub call: bool,
    /// A program keeps the screen awake.
    pub presenting: bool,
    /// The user has silenced notifications.
    pub do_not_disturb: bool,
    /// One of these programs runs, by its executable's name.
    pub programs: Vec<String>,
    /// The machine runs on its battery.
    pub battery: bool,
    /// On battery, there is less left than this many per cent; 0 for never.
    pub low_battery: u8,
    /// From this time of day …
    pub quiet_from: Option<TimeOfDay>,
    /// … up to this one; may run over midnight.
    pub quiet_to: Option<TimeOfDay>,
}

/// Screen lockers that tell neither logind nor the session bus that they lock.
pub const SILENT_LOCKERS: [&str; 7] = [
    "swaylock",
    "hyprlock",
    "waylock",
    "gtklock",
    "i3lock",
    "xsecurelock",
    "slock",
];

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            locked: true,
            inactive: true,
            lid: true,
            idle: true,
            idle_after: Duration::from_secs(3 * 60),
            after_resume: Duration::from_secs(20),
            camera_in_use: true,
            call: true,
            presenting: true,
            do_not_disturb: true,
            programs: SILENT_LOCKERS.map(str::to_owned).to_vec(),
            battery: false,
            low_battery: 20,
            quiet_from: None,
            quiet_to: None,
        }
    }
}

impl GateSettings {
    /// With every gate that has an option switched off.
    #[must_use]
    pub fn none() -> Self {
        Self {
            locked: false,
            inactive: false,
            lid: false,
            idle: false,
            after_resume: Duration::ZERO,
            camera_in_use: false,
            call: false,
            presenting: false,
            do_not_disturb: false,
            programs: Vec::new(),
            battery: false,
            low_battery: 0,
            ..Self::default()
        }
    }

    /// The quiet hours, where both ends are given.
    #[must_use]
    pub fn quiet_hours(&self) -> Option<(TimeOfDay, TimeOfDay)> {
        self.quiet_from.zip(self.quiet_to)
    }
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
            half_life: Duration::from_secs(20 * 60),
            report_half_life: Duration::from_secs(60 * 60),
            shows: 0.3,
            min_confidence: 0.5,
            // Also keeps `since` through a doubtful look or two: a label is given up below 0.3.
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
            min_confidence: 0.5,
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

/// `[[player.quirk]]`: what is odd about one player. What is left out is as Moodlark knows it; see
/// [`crate::player::Quirks`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs)] // each as there
pub struct QuirkSettings {
    /// The player: its bus name's last part or its Identity.
    pub name: String,
    pub hidden: Option<bool>,
    pub never: Option<bool>,
    pub spotify: Option<bool>,
    pub opens_files: Option<bool>,
    pub no_playlist_files: Option<bool>,
    pub no_open_uri: Option<bool>,
    pub no_playlists: Option<bool>,
    pub no_add_tracks: Option<bool>,
    pub activating_toggles: Option<bool>,
    pub wrong_active_playlist: Option<bool>,
    pub keeps_what_it_opened: Option<bool>,
    pub says_stopped: Option<bool>,
    pub keeps_track_list: Option<bool>,
    pub volume_resets: Option<bool>,
    pub shuffle_kills: Option<bool>,
}

/// `[[playlist]]`: one of `uri` and `file`, or a `player-playlist`, or both; and one of `mood` and `affect` (or neither, for a
/// playlist that is only played by name).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlaylistSettings {
    /// What the user calls it.
    pub name: String,
    /// A URI that the player opens, for example `spotify:playlist:…`.
    pub uri: Option<String>,
    /// A file: an `.m3u8`, `.m3u`, `.pls` or `.xspf`; `~/` is the home folder.
    pub file: Option<String>,
    /// The name of a playlist within the player, for players that have such.
    #[serde(default)]
    pub player_playlist: Option<String>,
    /// The name of a playlist in the user's Spotify library; needs `[spotify] client-id`.
    pub spotify: Option<String>,
    /// The mood that it fits.
    pub mood: Option<Emotion>,
    /// Where it lies: valence and arousal, each −1..=1.
    pub affect: Option<AffectPair>,
}

/// `[valence, arousal]`
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 2]", into = "[f64; 2]")]
pub struct AffectPair(pub Affect);

impl TryFrom<[f64; 2]> for AffectPair {
    type Error = String;
    fn try_from([valence, arousal]: [f64; 2]) -> Result<Self, String> {
        let fits = |x: f64| (-1.0..=1.0).contains(&x);
        if fits(valence) && fits(arousal) {
            Ok(Self(Affect { valence, arousal }))
        } else {
            Err(format!(
                "[{valence}, {arousal}]: valence and arousal lie between -1 and 1"
            ))
        }
    }
}

impl From<AffectPair> for [f64; 2] {
    fn from(pair: AffectPair) -> Self {
        [pair.0.valence, pair.0.arousal]
    }
}

/// `[player]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlayerSettings {
    /// Act on this player and no other: its bus name's last part or its Identity.
    pub pinned: Option<String>,
    /// The one to prefer when nothing else tells.
    pub preferred: Option<String>,
    /// Never touch these.
    pub ignore: Vec<String>,
    /// When the music is changed, once that is decided.
    pub when: When,
    /// How long the volume takes to go down and up again.
    #[serde(with = "span")]
    pub fade_for: Duration,
    /// Change the music while a program uses the camera or the microphone, too.
    pub during_calls: bool,
    /// Players that differ from what Moodlark knows of them.
    #[serde(rename = "quirk")]
    pub quirks: Vec<QuirkSettings>,
}

impl Default for PlayerSettings {
    fn default() -> Self {
        Self {
            pinned: None,
            preferred: None,
            ignore: Vec::new(),
            when: When::AtTrackEnd,
            fade_for: Duration::from_secs(2),
            during_calls: false,
            quirks: Vec::new(),
        }
    }
}

/// When the music is changed, once that is decided. What the user asks for by hand is always played at
/// once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// When the track that plays ends.
    AtTrackEnd,
    /// At once, in the middle of a track.
    Now,
    /// At once, with the volume going down before and up after it.
    Fade,
}

/// `[mpd]`
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MpdSettings {
    /// Whether to look for MPD at all.
    pub enabled: bool,
    /// `auto`, or as in [`crate::player::mpd::Address`]; may hold a password, so it is in no `Debug`.
    pub address: String,
    /// Where MPD's music is on this machine, for an MPD that is reached over TCP and so doesn't tell.
    pub music_directory: Option<String>,
}

impl Default for MpdSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            address: "auto".into(),
            music_directory: None,
        }
    }
}

impl std::fmt::Debug for MpdSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MpdSettings")
            .field("enabled", &self.enabled)
            .field("music_directory", &self.music_directory)
            .finish_non_exhaustive()
    }
}

/// `[spotify]`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SpotifySettings {
    /// The client ID of the user's own app; without one the Web API is never asked.
    pub client_id: Option<String>,
    /// Play on any device of the account, and not on this computer alone.
    pub any_device: bool,
}

/// `[notifications]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotificationSettings {
    /// Tell of each switch.
    pub switches: bool,
    /// Tell of failures that need the user.
    pub failures: bool,
    /// At most one notification of trouble in this time; switches, questions and the camera's
    /// first use always show.
    #[serde(with = "span")]
    pub at_most_every: Duration,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            switches: true,
            failures: true,
            at_most_every: Duration::from_secs(10),
        }
    }
}

/// `[history]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HistorySettings {
    /// What is older is deleted.
    #[serde(with = "span")]
    pub retention: Duration,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self {
            retention: Duration::from_secs(90 * 24 * 3600),
        }
    }
}

/// `[tray]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TraySettings {
    /// What a left click on the icon does.
    pub left_click: LeftClick,
    /// How the icon is drawn.
    pub icons: TrayIcons,
}

impl Default for TraySettings {
    fn default() -> Self {
        Self {
            left_click: LeftClick::Status,
            icons: TrayIcons::Colour,
        }
    }
}

/// What a left click on the tray's icon does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftClick {
    /// Looks through the camera now.
    Look,
    /// Tells by notification how things are.
    Status,
}

impl LeftClick {
    /// The name in the configuration and on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Status => "status",
        }
    }
}

/// How the tray's icon is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrayIcons {
    /// In the mood's colour.
    Colour,
    /// In one colour, light or dark as the desktop's colour scheme asks for.
    Symbolic,
    /// In white, for a dark panel.
    SymbolicLight,
    /// In black, for a light panel.
    SymbolicDark,
}

impl TrayIcons {
    /// The name in the configuration and on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Colour => "colour",
            Self::Symbolic => "symbolic",
            Self::SymbolicLight => "symbolic-light",
            Self::SymbolicDark => "symbolic-dark",
        }
    }
}

mod option_span {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::time::span;

    pub(super) fn serialize<S: Serializer>(
        span: &Option<Duration>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) => s.serialize_some(&span::format(*span)),
            None => s.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<Duration>, D::Error> {
        Option::<String>::deserialize(d)?
            .map(|text| span::parse(&text).map_err(D::Error::custom))
            .transpose()
    }
}
