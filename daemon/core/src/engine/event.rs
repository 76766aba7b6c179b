//! What comes in and what goes out.

use std::time::Duration;

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use super::{Calibrated, NotCalibrated};
use crate::{
    camera::Blocked,
    decide::{Decision, Plan},
    emotion::Emotion,
    filter,
    gates::{Finding, Gate},
    mood::Mood,
    player::{LeftOut, PlayerView},
    reading::Reading,
    settings::{Intent, Settings},
    time::Timestamp,
    transition::Manner,
};

/// Something that happened.
#[derive(Debug, Clone)]
#[allow(
    clippy::large_enum_variant,
    reason = "there are few, and each is taken apart at once"
)]
pub enum Event {
    /// The timer went off.
    Wake,
    /// A look ended; `None` if it was stopped on the user's word.
    Looked(Option<Reading>),
    /// Something was found of a gate.
    Gate(Gate, Finding),
    /// The answers to [`Effect::Ask`]; gates that are not in it are as they were.
    Asked(Vec<(Gate, Finding)>),
    /// The players changed.
    Players(Vec<PlayerView>),
    /// The user did something in a player.
    UserActed {
        /// Its bus name.
        player: String,
        /// Whether it plays something else altogether now.
        other_music: bool,
    },
    /// The configuration was read.
    Configured(Box<Settings>),
    /// The answer to [`Effect::Confirm`]; what the player does came before as [`Event::Players`].
    Confirmed {
        /// The gate that says that a call is going on, if one does.
        call: Option<Gate>,
    },
    /// So many tracks of the user's own music were heard and can be chosen from.
    Tracks(usize),
    /// The user answered the question.
    Answered {
        /// Play it.
        yes: bool,
    },
    /// A switch ended.
    Switched {
        /// The plan that was carried out.
        plan: Plan,
        /// How it ended.
        outcome: Result<SwitchRecord, Outcome>,
    },
    /// A switch was found half made after a restart: the service was killed in it.
    Interrupted(SwitchRecord),
    /// An undo ended.
    Undone {
        /// The switch's number.
        id: i64,
        /// How it ended; what could not be brought back, a sentence's part each.
        outcome: Result<Vec<String>, Outcome>,
    },
}

/// The name of the failure that is none: the user took over in the middle of a switch.
pub const TAKEN_OVER: &str = "TakenOver";

/// A failure as a named error and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The error's name, the last part of `org.moodlark.Error.…`.
    pub name: String,
    /// The sentence.
    pub sentence: String,
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Pause the camera; `None`: until resumed.
    Pause(Option<Duration>),
    /// End the pause.
    Resume,
    /// Look now.
    Look,
    /// Look for so long at the user's resting face, and learn from it.
    Calibrate(Duration),
    /// Forget what was learnt from it.
    ForgetBaseline,
    /// What the user says of their mood.
    Report(Report),
    /// The wish over all rules; `None` for the rules.
    Intent(Option<Intent>),
    /// Switch a rule on or off.
    RuleEnabled {
        /// Its name.
        name: String,
        /// On or off.
        enabled: bool,
    },
    /// Back to the configuration.
    ResetPolicy,
    /// Play a playlist, or what fits a mood.
    Apply(String),
    /// Undo the last switch.
    Undo,
}

/// What the user says of their mood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Report {
    /// A mood or a point.
    Mood(filter::Report),
    /// Take back what was said.
    AsYouThink,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// No consent.
    #[error("{}", tr!("The camera is off. Say yes to it with `moodlark camera on`."))]
    CameraOff,
    /// Paused, or a gate.
    #[error("{}", .0.sentence())]
    CameraBlocked(Blocked),
    /// One at a time.
    #[error("{}", tr!("A look is under way; wait a second and try again."))]
    Looking,
    /// Too short or too long.
    #[error("{}", tr!("A calibration takes 5 to 120 seconds, not {seconds}.", seconds = span.as_secs()))]
    CalibrationSpan {
        /// What was asked for.
        span: Duration,
    },
    /// Unknown rule.
    #[error("{}", tr!("There is no rule \u{201c}{name}\u{201d}; the rules are: {rules}.", name, rules = if known.is_empty() { tr!("none") } else { known.join(", ") }))]
    NoSuchRule {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Unknown playlist or mood.
    #[error("{}", tr!("\u{201c}{what}\u{201d} is neither a playlist nor a mood; see `moodlark playlists`.", what))]
    NoSuchMusic {
        /// What was asked for.
        what: String,
    },
    /// Unknown playlist.
    #[error("{}", tr!("There is no playlist \u{201c}{name}\u{201d}; see `moodlark playlists`.", name))]
    NoSuchPlaylist {
        /// What was asked for.
        name: String,
    },
    /// No playlist fits.
    #[error("{}", tr!("No playlist fits \u{201c}{wanted}\u{201d}; give one a mood in the configuration (`moodlark config path`).", wanted = mood))]
    NoPlaylist {
        /// The mood.
        mood: Emotion,
    },
    /// No player.
    #[error("{}", tr!("There is no player to act on: {why}.", why))]
    NoPlayer {
        /// Why not.
        why: String,
    },
    /// Several players.
    #[error("{}", tr!("Several players play at once ({players}); stop all but one, or pin one in the configuration.", players = players.join(", ")))]
    SeveralPlayers {
        /// Their names.
        players: Vec<String>,
    },
    /// The player has no route.
    #[error("{}", tr!("The player cannot be asked to play something: {why}.", why))]
    PlayerUnusable {
        /// Why not.
        why: String,
    },
    /// One at a time.
    #[error("{}", tr!("A switch is under way; wait for it to end."))]
    Switching,
    /// Nothing to undo.
    #[error("{}", tr!("There is no switch to undo."))]
    NothingToUndo,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Find out about the gates that tell nothing by themselves, and answer with [`Event::Asked`].
    Ask,
    /// Start a worker.
    Look,
    /// Kill the worker: the camera must be closed at once.
    StopLook,
    /// A switch is about to be made: ask this player anew what it does, and find out whether a program uses
    /// the camera or the microphone, and answer with [`Event::Confirmed`].
    Confirm {
        /// Its bus name.
        player: String,
    },
    /// Change the music, in this manner.
    Perform(Plan, Manner),
    /// A switch that waited is not made, as the user asked to undo it.
    Withdrawn(Plan),
    /// Bring back what played before this switch.
    Undo(SwitchRecord),
    /// Notify the user.
    Tell(Notice),
    /// Take the question back.
    WithdrawQuestion,
    /// The mood's label changed.
    MoodChanged(Mood),
    /// Write to the journal.
    Journal(Entry),
    /// A calibration ended.
    Calibrated(Result<Calibrated, NotCalibrated>),
    /// Save the state.
    Save,
}

impl Effect {
    /// Whether the state must be on disk after this.
    pub(super) const fn is_worth_saving(&self) -> bool {
        matches!(
            self,
            Self::Look | Self::Journal(_) | Self::Perform(..) | Self::Undo(_)
        )
    }
}

/// What the user is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The camera is used for the first time ever.
    CameraFirstUse,
    /// The camera failed three times in a row.
    CameraTrouble(Reading),
    /// The music was changed.
    Switched(SwitchRecord),
    /// May it be changed?
    Question(Plan),
    /// It could not be changed.
    SwitchFailed {
        /// To what.
        playlist: String,
        /// Why not.
        outcome: Outcome,
    },
    /// The switch was undone.
    Undone {
        /// Which.
        switch: SwitchRecord,
        /// What could not be brought back, a sentence's part each.
        missing: Vec<String>,
    },
    /// The configuration is wrong; one line.
    BadConfig(String),
    /// Spotify's Web API needs the user; a sentence.
    Spotify(String),
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// What a look found.
    Reading(Reading),
    /// The mood's label changed.
    Mood(Mood),
    /// A decision.
    Decision(Box<Explained>),
    /// What the user said.
    Report(Report),
}

/// A decision with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// When.
    pub at: Timestamp,
    /// What.
    pub decision: Decision,
    /// Why, for people.
    pub sentence: String,
    /// The mood then.
    pub mood: Mood,
}

/// A switch that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SwitchRecord {
    /// Its number in the journal.
    pub id: i64,
    /// When it was begun.
    pub at: Timestamp,
    /// The player's bus name.
    pub player: String,
    /// The playlist's name.
    pub playlist: String,
    /// What was opened.
    pub uri: String,
    /// How.
    pub route: String,
    /// Why.
    pub why: String,
    /// The mood that it answers.
    pub mood: Option<Emotion>,
    /// What played when it was verified.
    pub title: String,
    /// Whether the effect was seen.
    pub verified: bool,
    /// From the start to the verified change.
    pub took_ms: u64,
    /// Whether it was undone since.
    pub undone: bool,
    /// What of the playlist the player did not get.
    #[serde(default, skip_serializing_if = "LeftOut::is_nothing")]
    pub left_out: LeftOut,
}
