//! Whether to change the music now: dwell, hysteresis, cooldown, override, and always a why.

mod keep;

use std::{collections::BTreeMap, time::Duration};

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use crate::{
    affect::Affect,
    emotion::Emotion,
    mood::Mood,
    player::{Choice, Content, Playback, PlayerView, Usable},
    playlist::{self, Location, Playlist},
    policy::{self, Context, Origin, Surroundings, Target},
    settings::{Intent, Settings, When},
    time::{Now, Timestamp},
};

pub use keep::Keep;

/// After the user did something in the player, nothing is touched for at least this long, however
/// short the configured override is: a hand on the controls is never fought.
pub const HANDS_OFF: Duration = Duration::from_secs(20);

/// A change of the music, decided on and not yet made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The playlist's name.
    pub playlist: String,
    /// Where it is.
    pub location: Location,
    /// The name of the same within the player, if it was given one.
    #[serde(default)]
    pub in_player: Option<Box<str>>,
    /// The player's bus name.
    pub player: String,
    /// What was wanted.
    pub intent: Intent,
    /// Who wanted it.
    pub origin: Origin,
    /// The mood that it answers, if it answers one.
    pub mood: Option<Emotion>,
    /// What it aims at, unless a playlist was named.
    pub target: Option<Affect>,
    /// The reason as a sentence.
    pub why: String,
}

/// What to do about the music.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Nothing, and why.
    Keep(Keep),
    /// Ask the user first.
    Ask(Plan),
    /// Change it.
    Switch(Plan),
}

/// Everything that a decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The clock.
    pub now: Now,
    /// The configuration.
    pub settings: &'a Settings,
    /// Its playlists.
    pub playlists: &'a [Playlist],
    /// Whether lists can be made of the user's own music.
    pub library: bool,
    /// Rules that the user switched on or off since.
    pub toggles: &'a BTreeMap<String, bool>,
    /// What the user wants over all rules.
    pub wish: Option<&'a Intent>,
    /// Power and programs.
    pub surroundings: &'a Surroundings,
    /// The mood now.
    pub mood: &'a Mood,
    /// How recent what the mood rests on is.
    pub evidence: Evidence,
    /// The players.
    pub players: &'a [PlayerView],
    /// Which of them is the active one.
    pub choice: &'a Choice,
    /// The playlist of ours that plays now, as far as we know.
    pub current: Option<&'a str>,
    /// When the last switch was tried.
    pub last_try: Option<Timestamp>,
    /// Until when the user's hand in the player, an undo or a request of theirs holds.
    pub hands_off_until: Option<Timestamp>,
    /// A question that waits for its answer.
    pub asked: Option<&'a str>,
    /// A switch under way.
    pub switching: Option<&'a str>,
}

/// How recent what the mood rests on is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The user said so, and it still counts: it outranks the camera, dwell and pauses.
    Reported,
    /// The latest look found a face, not long ago.
    Seen,
    /// The camera is off or paused.
    Paused,
    /// The session is locked, idle or asleep: whoever was seen is not at the desk.
    Away,
    /// No face in the latest look, or none for long.
    Stale,
}

/// Decides. The checks run from the mood outwards, so that the why names what a person would ask
/// about first.
#[must_use]
pub fn decide(s: &Situation<'_>) -> Decision {
    plan(s).map_or_else(Decision::Keep, |plan| {
        if s.settings.decide.ask_first {
            Decision::Ask(plan)
        } else {
            Decision::Switch(plan)
        }
    })
}

fn plan(s: &Situation<'_>) -> Result<Plan, Keep> {
    let at = s.now.at;
    if let Some(playlist) = s.switching {
        return Err(Keep::Switching {
            playlist: playlist.to_owned(),
        });
    }
    let Some(label) = s.mood.label else {
        return Err(Keep::MoodUnknown);
    };
    match s.evidence {
        Evidence::Reported | Evidence::Seen => {}
        Evidence::Paused => return Err(Keep::Paused),
        Evidence::Away => return Err(Keep::Away),
        Evidence::Stale => return Err(Keep::NoFreshLook),
    }
    let (intent, origin, gradual) = intent(s)?;
    if s.mood.confidence < s.settings.decide.min_confidence {
        let needs = s.settings.decide.min_confidence;
        return Err(Keep::LowConfidence {
            is: s.mood.confidence,
            needs,
        });
    }
    let ripe = s.mood.since.plus(s.settings.decide.dwell);
    if s.evidence == Evidence::Seen && at < ripe {
        return Err(Keep::Dwell { until: ripe });
    }
    let (mut candidate, target) = candidate(s, &intent, label)?;
    if let Location::Library { from, .. } = &mut candidate.location {
        *from = gradual.then(|| policy::anchor(s.mood));
    }
    let player = playing_music(s)?;
    if let Some(until) = s.hands_off_until.filter(|until| at < *until) {
        return Err(Keep::Override { until });
    }
    if let Some(tried) = s.last_try {
        let until = tried.plus(s.settings.decide.cooldown);
        if at < until {
            return Err(Keep::Cooldown { until });
        }
    }
    if let Some(playlist) = s.asked {
        return Err(Keep::Asked {
            playlist: playlist.to_owned(),
        });
    }
    Ok(Plan {
        playlist: candidate.name,
        location: candidate.location,
        in_player: candidate.in_player.map(Into::into),
        player: player.bus_name.clone(),
        why: tr!(
            "{ground}, and {origin} says {wish}.",
            ground = ground(s, label),
            origin,
            wish = phrase(&intent)
        ),
        intent,
        origin,
        mood: Some(label),
        target,
    })
}

/// What is wanted: the user's wish, else the first rule that matches; and whether the change should be gradual.
fn intent(s: &Situation<'_>) -> Result<(Intent, Origin, bool), Keep> {
    let (intent, origin, gradual) = match s.wish {
        Some(wish) => (wish.clone(), Origin::Override, false),
        None => {
            let rule = policy::first_match(&s.settings.rules, s.toggles, s.context())
                .ok_or(Keep::NoRule)?;
            (
                rule.intent.clone(),
                Origin::Rule(rule.name.clone()),
                rule.gradual,
            )
        }
    };
    if intent == Intent::Keep {
        Err(Keep::KeepWanted { origin })
    } else {
        Ok((intent, origin, gradual))
    }
}

/// The playlist to play, unless what plays already is as good.
fn candidate(
    s: &Situation<'_>,
    intent: &Intent,
    label: Emotion,
) -> Result<(Playlist, Option<Affect>), Keep> {
    let (found, target) = match policy::target(intent, s.mood) {
        Target::Leave => (None, None),
        Target::Playlist(name) => (playlist::by_name(s.playlists, &name).cloned(), None),
        Target::Affect(target) => {
            let given = (*intent == Intent::Match)
                .then(|| playlist::given(s.playlists, label).cloned())
                .flatten();
            let near = || playlist::for_target(s.playlists, s.library, target);
            (given.or_else(near), Some(target))
        }
    };
    let candidate = found.ok_or_else(|| Keep::NoPlaylist {
        wanted: intent.to_string(),
    })?;
    let Some(current) = s.current else {
        return Ok((candidate, target));
    };
    if current == candidate.name {
        return Err(Keep::AlreadyPlaying {
            playlist: current.to_owned(),
        });
    }
    if let (Some(target), Some(new), Some(old)) = (
        target,
        candidate.affect,
        playlist::affect_of(s.playlists, current),
    ) {
        let (gain, needs) = (
            old.distance(target) - new.distance(target),
            s.settings.decide.hysteresis,
        );
        if gain < needs {
            return Err(Keep::CloseEnough {
                playlist: current.to_owned(),
                gain,
                needs,
            });
        }
    }
    Ok((candidate, target))
}

/// The active player, if it plays music that may be changed.
pub(crate) fn playing_music<'a>(s: &Situation<'a>) -> Result<&'a PlayerView, Keep> {
    let name = match s.choice {
        Choice::Player(name) => name,
        Choice::None(why) => {
            return Err(Keep::NoPlayer {
                why: why.to_string(),
            });
        }
        Choice::Ambiguous(players) => {
            return Err(Keep::SeveralPlayers {
                players: players.clone(),
            });
        }
    };
    let Some(view) = s.players.iter().find(|view| view.bus_name == *name) else {
        return Err(Keep::NoPlayer {
            why: tr!("{name} went away", name),
        });
    };
    let player = view.display_name().to_owned();
    if let Usable::No { why } = &view.usable {
        return Err(Keep::PlayerUnusable {
            player,
            why: why.clone(),
        });
    }
    // Whatever the configured override is, and whether or not we were told of what they did. At a track's end
    // nobody is torn out of where they have just gone.
    let touched = view
        .last_touch
        .filter(|_| s.settings.player.when != When::AtTrackEnd);
    if let Some(acted) = view.last_user_action.max(touched)
        && s.now.at < acted.plus(HANDS_OFF)
    {
        return Err(Keep::Override {
            until: acted.plus(HANDS_OFF),
        });
    }
    // What the user stopped or paused stays so: we change music, we never start it.
    if view.playback != Playback::Playing {
        return Err(Keep::NotPlaying { player });
    }
    match view.content {
        Content::Ad => Err(Keep::Ad { player }),
        Content::Episode => Err(Keep::Episode { player }),
        Content::Music | Content::Unknown => Ok(view),
    }
}

impl<'a> Situation<'a> {
    /// What the rules are held against.
    #[must_use]
    pub fn context(&self) -> Context<'a> {
        let player = match self.choice {
            Choice::Player(name) => self.players.iter().find(|view| view.bus_name == *name),
            Choice::None(_) | Choice::Ambiguous(_) => None,
        };
        Context {
            now: self.now,
            mood: self.mood,
            surroundings: self.surroundings,
            player,
        }
    }
}

/// What the decision goes by, for people: the camera guesses, the user knows.
fn ground(s: &Situation<'_>, label: Emotion) -> String {
    let mood = adjective(label);
    if s.evidence == Evidence::Reported {
        return tr!("You said that you feel {mood}", mood);
    }
    tr!(
        "You seem {mood} ({share} % sure)",
        mood,
        share = format!("{:.0}", s.mood.confidence * 100.0)
    )
}

/// `You seem …`.
#[must_use]
pub fn adjective(emotion: Emotion) -> String {
    match emotion {
        Emotion::Angry => tr!("angry"),
        Emotion::Disgust => tr!("disgusted"),
        Emotion::Fear => tr!("afraid"),
        Emotion::Happy => tr!("happy"),
        Emotion::Sad => tr!("sad"),
        Emotion::Surprise => tr!("surprised"),
        Emotion::Neutral => tr!("calm and neutral"),
    }
}

/// `… says …`.
fn phrase(intent: &Intent) -> String {
    match intent {
        Intent::Match => tr!("to match it"),
        Intent::Uplift => tr!("to lift you up"),
        Intent::Calm => tr!("to calm down"),
        Intent::Energise => tr!("to bring some energy"),
        Intent::Keep => tr!("to leave the music alone"),
        Intent::Playlist(name) => tr!("to play \u{201c}{name}\u{201d}", name),
    }
}

impl Decision {
    /// The decision as a sentence; `at` is the time it is told.
    #[must_use]
    pub fn sentence(&self, at: Timestamp) -> String {
        match self {
            Self::Keep(keep) => keep.sentence(at),
            Self::Ask(plan) => tr!(
                "{why} Asking whether to play \u{201c}{playlist}\u{201d}.",
                why = plan.why,
                playlist = plan.playlist
            ),
            Self::Switch(plan) => {
                tr!(
                    "{why} Playing \u{201c}{playlist}\u{201d}.",
                    why = plan.why,
                    playlist = plan.playlist
                )
            }
        }
    }
}
