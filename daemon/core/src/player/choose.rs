//! Which player is the active one.
//!
//! Not "whoever moved last", as playerctld has it: a mere change of volume, our own fade included,
//! makes a player the active one there. Here only playing, track changes and pauses count.

use std::time::Duration;

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use super::{Playback, PlayerView, Usable};
use crate::{settings::PlayerSettings, time::Timestamp};

/// A track change or pause counts for so long.
const RECENT: Duration = Duration::from_secs(10 * 60);

/// The answer of [`choose`]. Players are given by their bus names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// This one.
    Player(String),
    /// None, and why.
    None(NoChoice),
    /// These play at once and none is pinned: act on none of them.
    Ambiguous(Vec<String>),
}

impl Choice {
    /// The chosen player's bus name.
    #[must_use]
    pub fn player(&self) -> Option<&str> {
        match self {
            Self::Player(name) => Some(name),
            Self::None(_) | Self::Ambiguous(_) => None,
        }
    }
}

/// Why no player was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoChoice {
    /// There is none on the bus.
    NothingRuns,
    /// The pinned one isn't there.
    PinnedAbsent(String),
    /// The only candidates can't be used.
    Unusable(String),
    /// What plays can't be used, and to start another beside it would be noise.
    PlayingUnusable(String),
    /// Several are there and nothing speaks for one of them.
    Undecided(String),
}

impl std::error::Error for NoChoice {}

impl std::fmt::Display for NoChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&match self {
            Self::NothingRuns => tr!("no player is running; start one that speaks MPRIS (mpv needs mpv-mpris)"),
            Self::PinnedAbsent(player) => tr!("the pinned player `{player}` is not running; start it, or change `pinned` under [player]", player),
            Self::Unusable(why) => tr!("no player can be used: {why}", why),
            Self::PlayingUnusable(why) => tr!("what plays cannot be switched: {why}", why),
            Self::Undecided(players) => tr!("several players are running and none has played yet ({players}); play something, or set `preferred` under [player]", players),
        })
    }
}

/// The player to act on, or why there is none.
///
/// The pinned player > the one that plays and can be used > the most recent change to Playing > the most
/// recent track change or pause within ten minutes > the preferred one > the only one.
/// Two that play at once: none, unless one is pinned. The order of `views` doesn't matter.
#[must_use]
pub fn choose(views: &[PlayerView], settings: &PlayerSettings, now: Timestamp) -> Choice {
    let ignored = |view: &&PlayerView| settings.ignore.iter().any(|name| view.is_called(name));
    let shown: Vec<&PlayerView> = views
        .iter()
        .filter(|view| !view.quirks().hidden && !ignored(view))
        .collect();

    let candidates: Vec<&PlayerView> = match &settings.pinned {
        Some(pinned) => {
            let pinned_ones: Vec<_> = shown
                .into_iter()
                .filter(|view| view.is_called(pinned))
                .collect();
            if pinned_ones.is_empty() {
                return Choice::None(NoChoice::PinnedAbsent(pinned.clone()));
            }
            pinned_ones
        }
        None => shown,
    };

    // A browser that plays a film beside the music is not a second player of music.
    let playing: Vec<&PlayerView> = candidates
        .iter()
        .copied()
        .filter(|v| v.playback == Playback::Playing && v.quirks().never.is_none())
        .collect();
    match *playing.as_slice() {
        [] => {}
        [only] => {
            return match why_not(only) {
                None => Choice::Player(only.bus_name.clone()),
                Some(why) => Choice::None(NoChoice::PlayingUnusable(why)),
            };
        }
        _ => return Choice::Ambiguous(names(&playing)),
    }

    let usable: Vec<&PlayerView> = candidates
        .iter()
        .copied()
        .filter(|view| why_not(view).is_none())
        .collect();
    if usable.is_empty() {
        let mut reasons: Vec<String> = candidates.iter().filter_map(|view| why_not(view)).collect();
        reasons.sort();
        return Choice::None(match reasons.is_empty() {
            true => NoChoice::NothingRuns,
            false => NoChoice::Unusable(reasons.join("; ")),
        });
    }

    let latest = |moment: &dyn Fn(&PlayerView) -> Option<Timestamp>| {
        usable
            .iter()
            .filter_map(|view| moment(view).map(|at| (at, view)))
            .max_by(|(a, x), (b, y)| a.cmp(b).then_with(|| y.bus_name.cmp(&x.bus_name)))
            .map(|(_, view)| Choice::Player(view.bus_name.clone()))
    };
    let recent = |view: &PlayerView| view.last_activity.filter(|at| now.since(*at) <= RECENT);
    let preferred = || {
        let name = settings.preferred.as_ref()?;
        let mut ones: Vec<_> = usable.iter().filter(|view| view.is_called(name)).collect();
        ones.sort_by(|a, b| a.bus_name.cmp(&b.bus_name));
        ones.first()
            .map(|view| Choice::Player(view.bus_name.clone()))
    };
    latest(&|view| view.last_playing)
        .or_else(|| latest(&recent))
        .or_else(preferred)
        .or_else(|| (usable.len() == 1).then(|| Choice::Player(usable[0].bus_name.clone())))
        .unwrap_or_else(|| Choice::None(NoChoice::Undecided(names(&usable).join(", "))))
}

fn why_not(view: &PlayerView) -> Option<String> {
    match &view.usable {
        Usable::Yes => None,
        Usable::No { why } => Some(why.clone()),
    }
}

fn names(views: &[&PlayerView]) -> Vec<String> {
    let mut names: Vec<String> = views.iter().map(|view| view.bus_name.clone()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests;
