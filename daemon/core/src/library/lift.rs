//! How the mood goes on after own lists, against times without one.
//!
//! A sad hour is followed by a better one whatever is played: moods go back to their middle, and so
//! do errors in reading them. So a list is never compared with the mood before it alone, but with
//! **times without a switch in the same mood**:
//!
//! 1. Over the episodes without a list that began in the same mood, the change of the valence is
//!    regressed on the valence before. That line says what would have happened without a list.
//! 2. A list's effect is its change less the line's at the valence before it: a regression adjustment,
//!    as in Lin 2013, "Agnostic notes on regression adjustments to experimental data", Ann. Appl.
//!    Stat. 7.
//! 3. The mean over the lists of a kind weighs each by the inverse of how likely its kind was, so that
//!    the lists stand for all lists in that mood and not for those that were chosen anyway
//!    (self-normalised inverse propensities; Hájek 1971, Swaminathan & Joachims 2015, "The
//!    self-normalized estimator for counterfactual learning", NIPS).
//! 4. Hours of a day resemble each other, so the interval is made of the days' sums (Liang & Zeger
//!    1986, "Longitudinal data analysis using generalized linear models", Biometrika 73), is never
//!    narrower than it would be without days, and takes its width from Student's t with
//!    Satterthwaite's degrees of freedom.
//!
//! What it cannot see: whatever else differs between times with a list and times without. They are best
//! alike when an episode without a list is recorded where a rule asked for one and something other
//! than the mood kept it away: the cooldown, a question that nobody answered, no player.
//!
//! With 4 kinds in 7 moods one of 28 intervals of 95 % lies apart from 0 by chance. So an estimate is
//! [`Estimate::certain`] only if an interval does that is widened for all the estimates that there
//! are (Bonferroni); the choice and the word "lifts" go by that one.

use std::{collections::BTreeMap, time::Duration};

use moodlark_catalogue::{feeling, tr};
use serde::{Deserialize, Serialize};

use super::{Kind, Pick, student};
use crate::{affect::Affect, emotion::Emotion, time::Timestamp};

/// What was done at the beginning of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// Nothing: the music was left alone.
    None,
    /// A list of our own was played.
    List {
        /// The kind of most of its tracks ([`main_kind`]).
        kind: Kind,
        /// How likely a list was to be of that kind, 0..=1 ([`main_kind`]).
        propensity: f64,
    },
}

/// A mood, what was done, and the mood 20 to 40 minutes later. Episodes must not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Episode {
    /// When it began.
    pub at: Timestamp,
    /// The mood's name at that time.
    pub mood: Emotion,
    /// Where it lay.
    pub before: Affect,
    /// Where it lay 20 to 40 minutes later, in the mean.
    pub after: Affect,
    /// What was done.
    pub treatment: Treatment,
}

/// What is estimated of one kind of music in one mood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Estimate {
    /// The mood before.
    pub mood: Emotion,
    /// The kind of music.
    pub kind: Kind,
    /// How many lists it rests on.
    pub lists: u32,
    /// How many times without one they were compared with.
    pub others: u32,
    /// By how much more the valence rose than without a list, about −2..=2.
    pub valence: f64,
    /// An interval that holds the true value with a probability of 95 %.
    pub interval: (f64, f64),
    /// No effect is ruled out, even though several estimates were looked at.
    pub certain: bool,
}

/// The estimates, by mood and kind; those with too little to go by are missing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lifts(pub Vec<Estimate>);

/// What a rise of the valence by 1 is worth in the choice, in rewards, and the most of it.
const WORTH: (f64, f64) = (0.5, 0.15);

/// When the mood after a list is looked at.
const AFTER: (Duration, Duration) = (Duration::from_secs(20 * 60), Duration::from_secs(40 * 60));

/// The fewest lists, episodes without one, and days of each.
const LISTS: usize = 5;
const OTHERS: usize = 8;
const DAYS: usize = 3;

/// A kind that was less likely than this weighs no more than one that was as likely: a few
/// improbable lists must not be all of the estimate.
const UNLIKELY: f64 = 0.1;

/// The intervals miss the true value with this probability.
const MISS: f64 = 0.05;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// The mean of the moods 20 to 40 minutes after `at`: [`Episode::after`]. `None` if there is none.
/// Each mood with its time, in any order; moods that nothing was seen or said of since must be left
/// out.
#[must_use]
pub fn afterwards(
    at: Timestamp,
    moods: impl IntoIterator<Item = (Timestamp, Affect)>,
) -> Option<Affect> {
    let (from, to) = (at.plus(AFTER.0), at.plus(AFTER.1));
    let within = moods.into_iter().filter(|(at, _)| from <= *at && *at <= to);
    let (mut count, mut valence, mut arousal) = (0.0, 0.0, 0.0);
    for (_, mood) in within {
        count += 1.0;
        valence += mood.valence;
        arousal += mood.arousal;
    }
    (count > 0.0).then(|| Affect::new(valence / count, arousal / count))
}

/// The kind of most of the tracks, the first in [`Kind::ALL`] on a tie, and how likely a place of the
/// list was to be of that kind, in the mean: for [`Treatment::List`]. `None` of an empty list.
#[must_use]
pub fn main_kind(picks: &[Pick]) -> Option<(Kind, f64)> {
    let count = |kind: Kind| picks.iter().filter(|pick| pick.kind == kind).count();
    let kind = Kind::ALL
        .into_iter()
        .min_by_key(|kind| std::cmp::Reverse(count(*kind)))?;
    let sum: f64 = picks.iter().map(|pick| pick.kinds[kind.index()]).sum();
    (!picks.is_empty()).then(|| (kind, (sum / picks.len() as f64).clamp(0.0, 1.0)))
}

/// An episode as the regression needs it.
#[derive(Clone, Copy)]
struct Change {
    day: i64,
    before: f64,
    rise: f64,
    weight: f64,
}

impl Lifts {
    /// From episodes in any order. Those with numbers that are not finite are passed over.
    #[must_use]
    pub fn of(episodes: &[Episode]) -> Self {
        let mut found = Vec::new();
        for mood in Emotion::ALL {
            let of = |treated: Option<Kind>| -> Vec<Change> {
                let same = episodes.iter().filter(|episode| episode.mood == mood);
                same.filter_map(|episode| change(episode, treated))
                    .collect()
            };
            let others = of(None);
            let Some(line) = Line::through(&others) else {
                continue;
            };
            for kind in Kind::ALL {
                found.extend(
                    effect(&of(Some(kind)), &others, &line).map(|effect| (mood, kind, effect)),
                );
            }
        }
        let looks = found.len() as f64;
        let estimate = |(mood, kind, effect): (Emotion, Kind, Effect)| {
            let t = |miss: f64| student::two_sided(miss, effect.freedom);
            let half = t(MISS) * effect.error;
            Estimate {
                mood,
                kind,
                lists: effect.lists,
                others: effect.others,
                valence: effect.valence,
                interval: (effect.valence - half, effect.valence + half),
                certain: effect.valence.abs() > t(MISS / looks) * effect.error,
            }
        };
        Self(found.into_iter().map(estimate).collect())
    }

    /// What it adds to the worth of music of that kind in that mood, −0.15..=0.15: 0 unless it is
    /// certain.
    #[must_use]
    pub fn bonus(&self, mood: Emotion, kind: Kind) -> f64 {
        let found = self
            .0
            .iter()
            .find(|estimate| estimate.mood == mood && estimate.kind == kind);
        let certain = found.filter(|estimate| estimate.certain && estimate.valence.is_finite());
        let (worth, most) = WORTH;
        certain.map_or(0.0, |estimate| {
            (worth * estimate.valence).clamp(-most, most)
        })
    }
}

impl Estimate {
    /// For people. The word "lifts" stands in it only where no effect is ruled out.
    #[must_use]
    pub fn sentence(&self) -> String {
        let kind = self.kind.adjective();
        let mood = feeling(self.mood.name());
        let valence = format!("{:+.1}", self.valence).replace('-', "\u{2212}");
        let lists = self.lists;
        match (self.certain, self.valence > 0.0) {
            (true, true) => tr!(
                "{kind} music lifts you when you are {mood}: {valence} valence, n = {lists}",
                kind,
                mood,
                valence,
                lists
            ),
            (true, false) => tr!(
                "{kind} music lowers your mood when you are {mood}: {valence} valence, n = {lists}",
                kind,
                mood,
                valence,
                lists
            ),
            (false, _) => tr!(
                "{kind} music, when you were {mood}: {valence} valence, n = {lists}, uncertain",
                kind,
                mood,
                valence,
                lists
            ),
        }
    }
}

/// The episode, if it was treated so.
fn change(episode: &Episode, treated: Option<Kind>) -> Option<Change> {
    let weight = match (episode.treatment, treated) {
        (Treatment::None, None) => 1.0,
        (Treatment::List { kind, propensity }, Some(wanted)) if kind == wanted => {
            1.0 / propensity.clamp(UNLIKELY, 1.0)
        }
        _ => return None,
    };
    let (before, after) = (episode.before.valence, episode.after.valence);
    let finite = before.is_finite() && after.is_finite() && weight.is_finite();
    finite.then(|| Change {
        day: episode.at.0.div_euclid(DAY),
        before,
        rise: after - before,
        weight,
    })
}

/// What happens without a list: the least squares line of rise over valence before.
struct Line {
    middle: f64,
    rise: f64,
    slope: f64,
    squares: f64,
}

impl Line {
    fn through(others: &[Change]) -> Option<Self> {
        if others.len() < OTHERS || days(others) < DAYS {
            return None;
        }
        let n = others.len() as f64;
        let middle = others.iter().map(|other| other.before).sum::<f64>() / n;
        let rise = others.iter().map(|other| other.rise).sum::<f64>() / n;
        let off = |other: &Change| other.before - middle;
        let squares: f64 = others.iter().map(|other| off(other).powi(2)).sum();
        let along: f64 = others.iter().map(|other| off(other) * other.rise).sum();
        // Moods that all began at one point tell no slope.
        let slope = if squares > 1e-9 { along / squares } else { 0.0 };
        Some(Self {
            middle,
            rise,
            slope,
            squares,
        })
    }

    fn at(&self, before: f64) -> f64 {
        self.rise + self.slope * (before - self.middle)
    }
}

struct Effect {
    lists: u32,
    others: u32,
    valence: f64,
    /// Its standard error.
    error: f64,
    freedom: f64,
}

fn days(changes: &[Change]) -> usize {
    let mut days: Vec<i64> = changes.iter().map(|change| change.day).collect();
    days.sort_unstable();
    days.dedup();
    days.len()
}

fn effect(lists: &[Change], others: &[Change], line: &Line) -> Option<Effect> {
    if lists.len() < LISTS || days(lists) < DAYS {
        return None;
    }
    let total: f64 = lists.iter().map(|list| list.weight).sum();
    let mean = |number: &dyn Fn(&Change) -> f64| {
        lists
            .iter()
            .map(|list| list.weight * number(list))
            .sum::<f64>()
            / total
    };
    let gain = |list: &Change| list.rise - line.at(list.before);
    let valence = mean(&gain);
    let off = mean(&|list| list.before - line.middle);
    // What each episode adds to the estimate's error.
    let of_list = |list: &Change| (list.day, list.weight * (gain(list) - valence) / total);
    let of_other = |other: &Change| {
        let tilt = if line.squares > 1e-9 {
            off * (other.before - line.middle) / line.squares
        } else {
            0.0
        };
        let share = 1.0 / others.len() as f64 + tilt;
        (other.day, share * (other.rise - line.at(other.before)))
    };
    let lists_of: Vec<(i64, f64)> = lists.iter().map(of_list).collect();
    let others_of: Vec<(i64, f64)> = others.iter().map(of_other).collect();
    let (by_lists, free) = variance(&lists_of, 1);
    let (by_others, other_free) = variance(&others_of, 2);
    let sum = by_lists + by_others;
    let error = sum.sqrt();
    let freedom = sum.powi(2) / (by_lists.powi(2) / free + by_others.powi(2) / other_free);
    let count = |changes: &[Change]| u32::try_from(changes.len()).unwrap_or(u32::MAX);
    (error.is_finite() && error > 0.0).then(|| Effect {
        lists: count(lists),
        others: count(others),
        valence,
        error,
        freedom,
    })
}

/// The variance of a sum of such parts, each with its day, in a fit of so many numbers; and its
/// degrees of freedom. By days or by single parts, whichever is more.
fn variance(parts: &[(i64, f64)], fitted: usize) -> (f64, f64) {
    let mut days: BTreeMap<i64, f64> = BTreeMap::new();
    for (day, part) in parts {
        *days.entry(*day).or_default() += part;
    }
    let of = |squares: f64, count: usize| {
        let (count, free) = (count as f64, count.saturating_sub(fitted).max(1) as f64);
        (squares * count / free, free)
    };
    let by_day = of(days.values().map(|part| part.powi(2)).sum(), days.len());
    let by_part = of(
        parts.iter().map(|(_, part)| part.powi(2)).sum(),
        parts.len(),
    );
    // The fewer degrees of freedom with either: the days are not independent because they look so.
    (by_day.0.max(by_part.0), by_day.1)
}

#[cfg(test)]
mod tests;
