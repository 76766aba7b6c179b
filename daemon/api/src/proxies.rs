//! One proxy an interface. The service implements exactly these members; a test compares the two.

use zbus::proxy;

use crate::{Dict, error::Error};

/// The mood, and what the user says of it.
#[proxy(
    interface = "org.moodlark.Mood1",
    default_service = "org.moodlark.Moodlark",
    default_path = "/org/moodlark/Moodlark"
)]
pub trait Mood1 {
    /// The mood: `angry`, `disgust`, `fear`, `happy`, `sad`, `surprise`, `neutral` or `unknown`.
    #[zbus(property)]
    fn label(&self) -> zbus::Result<String>;
    /// Unpleasant (−1) to pleasant (1).
    #[zbus(property)]
    fn valence(&self) -> zbus::Result<f64>;
    /// Calm (−1) to excited (1).
    #[zbus(property)]
    fn arousal(&self) -> zbus::Result<f64>;
    /// The probability of the likeliest mood, 0..=1.
    #[zbus(property)]
    fn confidence(&self) -> zbus::Result<f64>;
    /// The probability of each mood.
    #[zbus(property)]
    fn distribution(&self) -> zbus::Result<std::collections::HashMap<String, f64>>;
    /// Since when the label holds.
    #[zbus(property)]
    fn since(&self) -> zbus::Result<i64>;
    /// What it rests on: `camera`, `report` or `none`.
    #[zbus(property)]
    fn source(&self) -> zbus::Result<String>;
    /// The user says how they feel: a mood's name.
    fn report(&self, label: &str) -> Result<(), Error>;
    /// The user says how they feel: valence and arousal, each −1..=1.
    fn report_affect(&self, valence: f64, arousal: f64) -> Result<(), Error>;
    /// A note kept in the journal, at most 1,000 characters.
    fn note(&self, text: &str) -> Result<(), Error>;
    /// Why the music was last changed or left alone: the decision as JSON (`decision`, `sentence`, `at`, `mood`, …).
    fn explain(&self) -> Result<String, Error>;
    /// What the journal holds from `from` up to `to`, oldest first, at most 10,000 entries. Keys:
    /// `at` (x), `kind` (s: `reading`, `mood`, `decision`, `switch`, `undo`, `note`), `summary` (s), `data` (s, JSON).
    fn history(&self, from: i64, to: i64) -> Result<Vec<Dict>, Error>;
    /// The label changed.
    #[zbus(signal)]
    fn changed(&self, label: &str, valence: f64, arousal: f64, confidence: f64)
    -> zbus::Result<()>;
}

/// The camera, and whether it may look.
#[proxy(
    interface = "org.moodlark.Camera1",
    default_service = "org.moodlark.Moodlark",
    default_path = "/org/moodlark/Moodlark"
)]
pub trait Camera1 {
    /// Whether the user has said yes to the camera. Writing it writes the configuration.
    #[zbus(property)]
    fn enabled(&self) -> zbus::Result<bool>;
    /// As above.
    #[zbus(property)]
    fn set_enabled(&self, enabled: bool) -> zbus::Result<()>;
    /// Whether the camera is open at this moment.
    #[zbus(property)]
    fn active(&self) -> zbus::Result<bool>;
    /// Why no look is due: a name, empty if one is. `off`, `paused`; a gate: `asleep`, `just-resumed`,
    /// `locked`, `inactive`, `unsure` (whether it is locked), `lid`, `idle`, `quiet-hours`,
    /// `camera-in-use`, `call`, `presenting`, `do-not-disturb`, `program`, `low-battery`, `battery`;
    /// then `not-playing`, `backing-off`. More may come.
    #[zbus(property)]
    fn blocked(&self) -> zbus::Result<String>;
    /// The same as a sentence.
    #[zbus(property)]
    fn blocked_reason(&self) -> zbus::Result<String>;
    /// The pause's end; `0` when not paused, `-1` when paused until resumed.
    #[zbus(property)]
    fn paused_until(&self) -> zbus::Result<i64>;
    /// When the next look is due; `0` when none is.
    #[zbus(property)]
    fn next_sample(&self) -> zbus::Result<i64>;
    /// The last reading as JSON, empty before the first.
    #[zbus(property)]
    fn last_reading(&self) -> zbus::Result<String>;
    /// The camera as configured.
    #[zbus(property)]
    fn device(&self) -> zbus::Result<String>;
    /// Pauses for so many seconds; `0` until resumed. A look under way is ended.
    fn pause(&self, seconds: u32) -> Result<(), Error>;
    /// Ends a pause.
    fn resume(&self) -> Result<(), Error>;
    /// The video devices, without looking through them. Keys: `path` (s), `name` (s), `kind` (s: `camera`, `loopback`,
    /// `other-formats`, `no-capture`, `closed`), `usb` (s, `vid:pid` or empty), `links` (as, their paths under `/dev/v4l`),
    /// `formats` (as), `lasting` (s: the name to put into the configuration, which stays when something is plugged in).
    fn devices(&self) -> Result<Vec<Dict>, Error>;
    /// Learns the user's resting face: looks for so many seconds (5..=120), then answers with what it learnt as JSON: `faces`
    /// and `looks` (numbers), `resting` and `corrected` (the mean answer, without and with the baseline), `sentence`.
    fn calibrate(&self, seconds: u32) -> Result<String, Error>;
    /// Forgets what was learnt from it.
    fn forget_baseline(&self) -> Result<(), Error>;
    /// What was learnt from it as JSON: `resting` (a distribution) and `looks`; empty if nothing was.
    #[zbus(property)]
    fn baseline(&self) -> zbus::Result<String>;
    /// Looks now, and answers with the reading as JSON. Refused while off, paused, or behind a closed gate.
    fn sample(&self) -> Result<String, Error>;
}

/// The user's rules.
#[proxy(
    interface = "org.moodlark.Policy1",
    default_service = "org.moodlark.Moodlark",
    default_path = "/org/moodlark/Moodlark"
)]
pub trait Policy1 {
    /// What the user wants for now, over all rules: `match`, `uplift`, `calm`, `energise`, `keep`,
    /// `playlist:NAME`, or `auto` for the rules.
    #[zbus(property)]
    fn intent(&self) -> zbus::Result<String>;
    /// As above.
    #[zbus(property)]
    fn set_intent(&self, intent: &str) -> zbus::Result<()>;
    /// The rules in order. Keys: `name` (s), `enabled` (b), `intent` (s), `when` (s), `matches` (b: now).
    #[zbus(property)]
    fn rules(&self) -> zbus::Result<Vec<Dict>>;
    /// Switches a rule on or off until [`Policy1Proxy::reset`] or an edit of the configuration.
    fn set_rule_enabled(&self, name: &str, enabled: bool) -> Result<(), Error>;
    /// Back to the configuration: `auto`, and each rule as written.
    fn reset(&self) -> Result<(), Error>;
}

/// The music.
#[proxy(
    interface = "org.moodlark.Music1",
    default_service = "org.moodlark.Moodlark",
    default_path = "/org/moodlark/Moodlark"
)]
pub trait Music1 {
    /// The active player's bus name, empty when there is none.
    #[zbus(property)]
    fn player(&self) -> zbus::Result<String>;
    /// Whether it plays.
    #[zbus(property)]
    fn playing(&self) -> zbus::Result<bool>;
    /// The last switch, empty before the first. Keys: `id` (x), `at` (x), `player` (s), `playlist` (s), `uri` (s),
    /// `route` (s), `why` (s), `verified` (b), `took-ms` (x), `undone` (b), `listed` (x: how many entries the playlist file has, 0 where it is
    /// none), `missing` (x: how many of them are not there), `left-out` (s: what the player did not get of it and why, empty if it got all).
    #[zbus(property)]
    fn last_switch(&self) -> zbus::Result<Dict>;
    /// The players on the bus, and MPD by its own protocol, whose `bus-name` is `mpd`. Keys: `bus-name` (s),
    /// `identity` (s), `status` (s), `active` (b), `usable` (b), `why` (s), `title` (s), `artist` (s), `routes` (as).
    fn players(&self) -> Result<Vec<Dict>, Error>;
    /// The playlists. Keys: `name` (s), `uri` (s), `mood` (s), `valence` (d), `arousal` (d), `problem` (s).
    fn playlists(&self) -> Result<Vec<Dict>, Error>;
    /// The playlists that the running players have themselves, for `player-playlist` in the configuration.
    /// Keys: `player` (s: its bus name), `identity` (s), `name` (s).
    fn players_playlists(&self) -> Result<Vec<Dict>, Error>;
    /// Plays a playlist by name, or the one that fits a mood, now; answers when the player's
    /// change was verified, with the keys of [`Music1Proxy::last_switch`].
    fn apply(&self, what: &str) -> Result<Dict, Error>;
    /// Brings back what played before the last switch; a switch that waits for its moment is not made instead.
    /// Keys: `restored` (as), `not-restored` (as), `player` (s), `playlist` (s), and `withdrawn` (b) for a switch
    /// that was not made yet.
    fn undo(&self) -> Result<Dict, Error>;
    /// A switch was made, or undone; the keys of [`Music1Proxy::last_switch`].
    #[zbus(signal)]
    fn switched(&self, switch: Dict) -> zbus::Result<()>;
}

/// The service itself.
#[proxy(
    interface = "org.moodlark.Service1",
    default_service = "org.moodlark.Moodlark",
    default_path = "/org/moodlark/Moodlark"
)]
pub trait Service1 {
    /// The version of the program.
    #[zbus(property)]
    fn version(&self) -> zbus::Result<String>;
    /// One line: what it does now.
    #[zbus(property)]
    fn status(&self) -> zbus::Result<String>;
    /// How the tray's icon looks and acts, as configured. Keys: `left-click` (s: `look`, `status`),
    /// `icons` (s: `colour`, `symbolic`, `symbolic-light`, `symbolic-dark`).
    #[zbus(property)]
    fn tray(&self) -> zbus::Result<Dict>;
    /// The configuration file's path. Where there is none yet, the shipped one is put there: every
    /// option commented out.
    fn config_file(&self) -> Result<String, Error>;
    /// Reads the configuration again.
    fn reload(&self) -> Result<(), Error>;
    /// Checks everything it needs. Keys: `check` (s), `level` (s: `ok`, `warning`, `problem`), `finding` (s), `advice` (s).
    fn doctor(&self) -> Result<Vec<Dict>, Error>;
}

/// The user's own music: what was heard in it, and what may be chosen from.
///
/// Paths are absolute. Valence and arousal lie between −1 and 1 by rank: of a track with a valence of 0.8 nine of ten others in this
/// library are less pleasant.
#[proxy(
    interface = "org.moodlark.Library1",
    default_service = "org.moodlark.Moodlark",
    default_path = "/org/moodlark/Moodlark"
)]
pub trait Library1 {
    /// How far it is. Keys: `enabled` (b), `folders` (as), `found` (x), `heard` (x), `waiting` (x), `left-out` (x), `failed` (x),
    /// `left-out-by` and `failed-by` (a{sx}: how many by reason), `scanning` (b), `resting` (s: why a scan waits, or empty),
    /// `done` and `todo` (x: of this scan), `left` (x: seconds until it is done, 0 while that is not known), `trouble` (s: why
    /// there is no library, or empty), `last` (x: when a scan last ended). Found = heard + waiting + left out + failed.
    fn status(&self) -> Result<Dict, Error>;
    /// Begins a scan by hand: at full speed, on battery too. Answers at once; `Progress` tells how it goes on.
    fn scan(&self) -> Result<(), Error>;
    /// Stops a scan; it goes on where it was with the next.
    fn stop(&self) -> Result<(), Error>;
    /// The tracks nearest to a mood, at most so many. Keys: `path` (s), `title` (s), `artist` (s), `album` (s), `seconds` (x),
    /// `valence` (d), `arousal` (d), `distance` (d).
    fn top(&self, mood: &str, most: u32) -> Result<Vec<Dict>, Error>;
    /// What is known of a file, as JSON: `path`, `state` (`heard`, `waiting`, `left-out`, `failed`), `sentence`, and of one that was heard
    /// `title`, `artist`, `valence`, `arousal`, `spread` and `tags` (the strongest, with how far each stands out).
    fn explain(&self, path: &str) -> Result<String, Error>;
    /// A path from one track to another in three to six small steps, each near in affect and in sound, both ends included. Keys as those of
    /// [`Library1Proxy::top`], without `distance`.
    fn path(&self, from: &str, to: &str) -> Result<Vec<Dict>, Error>;
    /// The user likes a track, or takes that back.
    fn like(&self, path: &str, liked: bool) -> Result<(), Error>;
    /// Files that were left out or failed, those that failed first, at most so many. Keys: `path` (s), `failed` (b), `why` (s: the reason's
    /// name), `sentence` (s).
    fn troubles(&self, most: u32) -> Result<Vec<Dict>, Error>;
    /// The tracks that were heard, by path, at most so many of those that come after a path; empty to begin. Keys as those of
    /// [`Library1Proxy::top`], without `distance`.
    fn tracks(&self, after: &str, most: u32) -> Result<Vec<Dict>, Error>;
    /// A scan went on, or ended; the keys of [`Library1Proxy::status`].
    #[zbus(signal)]
    fn progress(&self, status: Dict) -> zbus::Result<()>;
}

/// Spotify's Web API: optional, through the user's own app at Spotify. Beside MPRIS, never instead of it.
#[proxy(
    interface = "org.moodlark.Spotify1",
    default_service = "org.moodlark.Moodlark",
    default_path = "/org/moodlark/Moodlark"
)]
pub trait Spotify1 {
    /// How the sign-in stands; asks nobody. Keys: `configured` (b: there is a client ID), `signed-in` (b), `place` (s: where the
    /// sign-in is kept), `since` (x), `ends` (x), `days-left` (x), `signing-in-until` (x), `trouble` (s: empty, or the name of
    /// what keeps Spotify from being asked), `sentence` (s: the same as a sentence), `calls` (x: made since the start).
    fn status(&self) -> Result<Dict, Error>;
    /// Begins a sign-in, and answers with the page where the user says yes. The browser has five minutes to come back to a port
    /// of 127.0.0.1; one that is under way is given up.
    fn login(&self) -> Result<String, Error>;
    /// Ends a sign-in with the address that a browser elsewhere came back to.
    fn complete(&self, url: &str) -> Result<(), Error>;
    /// Forgets the sign-in.
    fn logout(&self) -> Result<(), Error>;
    /// The user's playlists whose name has `query` in it, and up to ten that Spotify finds for it; all of the user's for an empty
    /// one. Keys: `name` (s), `uri` (s), `owner` (s), `yours` (b).
    fn playlists(&self, query: &str) -> Result<Vec<Dict>, Error>;
    /// A sign-in ended: whether it worked, and if not why, as a sentence.
    #[zbus(signal)]
    fn sign_in_ended(&self, signed_in: bool, sentence: &str) -> zbus::Result<()>;
}
