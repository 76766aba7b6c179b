//! Why the music is left alone, as a reason for scripts and as a sentence for people.

use std::time::Duration;

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use crate::{
    policy::Origin,
    time::{Timestamp, span},
};

/// Why the music is left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[allow(missing_docs)] // the sentence below says what each is
pub enum Keep {
    MoodUnknown,
    NoFreshLook,
    Paused,
    Away,
    NoRule,
    KeepWanted {
        origin: Origin,
    },
    LowConfidence {
        is: f64,
        needs: f64,
    },
    Dwell {
        until: Timestamp,
    },
    NoPlaylist {
        wanted: String,
    },
    NoPlayer {
        why: String,
    },
    SeveralPlayers {
        players: Vec<String>,
    },
    PlayerUnusable {
        player: String,
        why: String,
    },
    NotPlaying {
        player: String,
    },
    Ad {
        player: String,
    },
    Episode {
        player: String,
    },
    AlreadyPlaying {
        playlist: String,
    },
    CloseEnough {
        playlist: String,
        gain: f64,
        needs: f64,
    },
    Override {
        until: Timestamp,
    },
    Cooldown {
        until: Timestamp,
    },
    Asked {
        playlist: String,
    },
    Switching {
        playlist: String,
    },
    InCall,
}

impl Keep {
    /// The reason's name in the journal, the same as its `reason` in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MoodUnknown => "mood-unknown",
            Self::NoFreshLook => "no-fresh-look",
            Self::Paused => "paused",
            Self::Away => "away",
            Self::NoRule => "no-rule",
            Self::KeepWanted { .. } => "keep-wanted",
            Self::LowConfidence { .. } => "low-confidence",
            Self::Dwell { .. } => "dwell",
            Self::NoPlaylist { .. } => "no-playlist",
            Self::NoPlayer { .. } => "no-player",
            Self::SeveralPlayers { .. } => "several-players",
            Self::PlayerUnusable { .. } => "player-unusable",
            Self::NotPlaying { .. } => "not-playing",
            Self::Ad { .. } => "ad",
            Self::Episode { .. } => "episode",
            Self::AlreadyPlaying { .. } => "already-playing",
            Self::CloseEnough { .. } => "close-enough",
            Self::Override { .. } => "override",
            Self::Cooldown { .. } => "cooldown",
            Self::Asked { .. } => "asked",
            Self::Switching { .. } => "switching",
            Self::InCall => "in-call",
        }
    }

    /// The reason as a sentence; `at` is the time it is told.
    #[must_use]
    pub fn sentence(&self, at: Timestamp) -> String {
        let left = |until: &Timestamp| {
            // Whole minutes, or seconds in the last one.
            let seconds = until.since(at).as_secs().max(1);
            let rounded = if seconds >= 60 {
                seconds.div_ceil(60) * 60
            } else {
                seconds
            };
            span::format(Duration::from_secs(rounded))
        };
        match self {
            Self::MoodUnknown => tr!("Nobody can say yet how you feel."),
            Self::NoFreshLook => tr!("The last looks found no face to go by."),
            Self::Paused => tr!("The camera is off or paused."),
            Self::Away => tr!("You are not at the desk: the session is locked, idle or asleep."),
            Self::NoRule => tr!("No rule of yours matches this mood."),
            Self::KeepWanted { origin } => tr!(
                "{origin} says to leave the music alone.",
                origin = capital(&origin.to_string())
            ),
            Self::LowConfidence { is, needs } => {
                tr!(
                    "The mood is only {is} % sure; {needs} % are needed.",
                    is = format!("{:.0}", is * 100.0),
                    needs = format!("{:.0}", needs * 100.0)
                )
            }
            Self::Dwell { until } => {
                tr!(
                    "The mood is too new; it must last {left} more.",
                    left = left(until)
                )
            }
            Self::NoPlaylist { wanted } => tr!(
                "No playlist fits \u{201c}{wanted}\u{201d}; give one a mood in the configuration (`moodlark config path`).",
                wanted
            ),
            Self::NoPlayer { why } => tr!("There is no player to act on: {why}.", why),
            Self::SeveralPlayers { players } => {
                tr!(
                    "Several players play at once ({players}); pin one in the configuration.",
                    players = players.join(", ")
                )
            }
            Self::PlayerUnusable { why, .. } => {
                tr!("The player cannot be asked to play something: {why}.", why)
            }
            Self::NotPlaying { player } => {
                tr!(
                    "{player} is not playing, and Moodlark never starts music by itself.",
                    player
                )
            }
            Self::Ad { player } => tr!("{player} plays an advertisement.", player),
            Self::Episode { player } => tr!("{player} plays an episode, not music.", player),
            Self::AlreadyPlaying { playlist } => {
                tr!(
                    "\u{201c}{playlist}\u{201d} already plays, and fits.",
                    playlist
                )
            }
            Self::CloseEnough { playlist, .. } => {
                tr!(
                    "\u{201c}{playlist}\u{201d} fits almost as well as anything else would.",
                    playlist
                )
            }
            Self::Override { until } => {
                tr!(
                    "You took the controls; hands off for {left} more.",
                    left = left(until)
                )
            }
            Self::Cooldown { until } => {
                tr!(
                    "The last switch is too recent; {left} to go.",
                    left = left(until)
                )
            }
            Self::Asked { playlist } => {
                tr!(
                    "The question about \u{201c}{playlist}\u{201d} waits for your answer.",
                    playlist
                )
            }
            Self::Switching { playlist } => {
                tr!(
                    "A switch to \u{201c}{playlist}\u{201d} is under way.",
                    playlist
                )
            }
            Self::InCall => tr!("The camera or the microphone is in use, as in a call."),
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
