//! Candidates → a list of 10 to 30 picks.
//!
//! What a track is worth at a place of the list is the reward that a drawn taste expects of it
//! ([`super::taste`]), less for being far from the target, more if the user likes it or if music of its
//! kind is known to lift them, and a little less if its album is in the list already or it was played
//! lately. Then the place is drawn:
//!
//! ```text
//! propensity = (1 − ε) · softmax(worth / T) + ε / n
//! ```
//!
//! over the `n` tracks that may stand there. So the propensity is known exactly, given the drawn taste
//! (which does not depend on how anything turns out, so inverse propensities stay unbiased), and never
//! 0. With nothing learnt the draw is "nearest in affect, with jitter".
//!
//! What may not stand at a place: what is in the list already; what was heard within the last
//! [`no_repeat`] plays; and an artist of the last [`ARTIST_SPACING`] places, played ones included. The
//! spacing gives way, one place at a time, where nothing else is left.
//!
//! A list that was given today already is drawn again (its propensities are those of that draw; how
//! seldom that happens is not counted), and in a library too small for another it becomes shorter. Only the single list of a library of one track can come twice.

mod hall;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{affect::Affect, emotion::Emotion, time::Now};

use super::{
    History, Kind, Lifts, ListId, Standing, Taste, Track, Why, Window, chance::Chance, path,
};
use hall::Hall;

/// The fewest and the most tracks in a list.
pub const LENGTHS: std::ops::RangeInclusive<usize> = 10..=30;

/// A track is not played again within so many plays, where there are enough others.
pub const NO_REPEAT: usize = 100;

/// An artist is not played again within so many places, where there are others.
pub const ARTIST_SPACING: usize = 4;

/// More candidates than this are not looked at, but for the nearest.
pub const MOST: usize = 2000;

/// So many candidates are enough for a step of a gradual change.
const ON_THE_WAY: usize = 120;

/// The share of places that go to any track that may stand there: the ε of the propensity.
const ANY: f64 = 0.005;

/// How different the worth of two tracks must be to matter, in rewards: the T of the propensity.
const DOUBT: f64 = 0.006;

/// What a distance of 1 on the plane costs, besides what is learnt of it: the music fits the mood
/// even for who would play anything through.
const FIT: f64 = 0.03;

/// What a "like" adds, besides what is learnt of it; an album that is in the list takes away; and so
/// does having been played just now, fading with [`FADES`].
const LIKED: f64 = 0.05;
const SAME_ALBUM: f64 = 0.02;
const JUST_NOW: f64 = 0.05;
const FADES: Duration = Duration::from_secs(24 * 60 * 60);

/// Tastes that are drawn for a list. Its places take turns, so that a list does not hang on one
/// draw.
const DRAWS: usize = 4;

/// A list is drawn again so often before it is shortened.
const TRIES: usize = 8;

/// Between the seeds of those tries; odd, so that they never meet.
const STRIDE: u64 = 0x9E37_79B9_7F4A_7C15;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Where the music is to be.
    pub target: Affect,
    /// Where the user is, for a gradual change; `None` for a direct one.
    pub from: Option<Affect>,
    /// What the user feels.
    pub mood: Option<Emotion>,
    /// How many tracks; taken into [`LENGTHS`].
    pub length: usize,
    /// The clock.
    pub now: Now,
}

/// What is known beside the candidates.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Where tracks stand in the library.
    pub standing: &'a Standing,
    /// What was heard.
    pub history: &'a History,
    /// What this user plays through.
    pub taste: &'a Taste,
    /// How the mood goes on after music.
    pub lifts: &'a Lifts,
}

/// A track of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Pick {
    /// Its number in the library.
    pub track: i64,
    /// Where it stands.
    pub place: Affect,
    /// What kind of music it is.
    pub kind: Kind,
    /// How far it is from what was aimed at in this place of the list, 0..=2.83; for
    /// [`Taste::learn`].
    pub distance: f64,
    /// The reward to be expected, about 0..=1.
    pub expected: f64,
    /// The probability that this track was drawn for this place, given the places before: more
    /// than 0, at most 1.
    pub propensity: f64,
    /// The probabilities that a track of each kind was, in the order of [`Kind::ALL`]; they sum to 1.
    pub kinds: [f64; Kind::COUNT],
    /// Why.
    pub why: Why,
}

impl Request {
    /// What to ask the library for: all tracks in any of these windows are candidates. If there are
    /// fewer than [`Request::enough`], ask again with each window wider ([`Standing::wider`]).
    #[must_use]
    pub fn windows(&self, standing: &Standing) -> Vec<Window> {
        let mut steps = self.waypoints();
        // The last is the target.
        steps.pop();
        let steps = steps
            .into_iter()
            .map(|at| standing.window_for(at, ON_THE_WAY));
        steps.chain([standing.window(self.target)]).collect()
    }

    /// Where a gradual change passes, the target included; nowhere if it is direct.
    fn waypoints(&self) -> Vec<Affect> {
        self.from
            .map_or_else(Vec::new, |from| path::waypoints(from, self.target))
    }

    /// So many candidates make a list with a choice in it.
    #[must_use]
    pub fn enough(&self) -> usize {
        3 * self.tracks()
    }

    fn tracks(&self) -> usize {
        self.length.clamp(*LENGTHS.start(), *LENGTHS.end())
    }
}

/// How many of the last plays are not repeated when so many candidates are near the target, for a list of that
/// length: half of those that the list does not need, at most [`NO_REPEAT`].
#[must_use]
pub fn no_repeat(candidates: usize, length: usize) -> usize {
    (candidates.saturating_sub(length) / 2).min(NO_REPEAT)
}

/// Chooses a list. The candidates may come in any order; those whose valence or arousal is not finite
/// are passed over. The list is shorter than asked for when there are fewer, and empty without any.
///
/// The same arguments give the same list; another seed gives another.
#[must_use]
pub fn choose(request: &Request, candidates: &[Track], known: Known<'_>, seed: u64) -> Vec<Pick> {
    let mut hall = Hall::new(request, candidates, known);
    let first = hall.list(&mut Chance::new(seed));
    if !given(&first, known.history) {
        return first;
    }
    let mut seeds = (1_u64..).map(|attempt| seed.wrapping_add(attempt.wrapping_mul(STRIDE)));
    for length in (1..=first.len()).rev() {
        for seed in seeds.by_ref().take(TRIES) {
            let mut picks = hall.list(&mut Chance::new(seed));
            picks.truncate(length);
            if !given(&picks, known.history) {
                return picks;
            }
        }
    }
    first
}

fn given(picks: &[Pick], history: &History) -> bool {
    let id = ListId::of(picks.iter().map(|pick| pick.track));
    history.lists.contains(&id)
}

#[cfg(test)]
mod tests;
