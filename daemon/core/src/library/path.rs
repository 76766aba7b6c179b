//! From one affect to another, or from one track to another, in small steps that sound alike.
//!
//! The straight line on the plane is cut into 3 to 6 equal steps ([`waypoints`]). At each waypoint the
//! tracks that lie nearest are candidates, and a beam search through these layers finds sequences that
//! stay near the line, take no long steps, sound alike from one track to the next, repeat no track and
//! no artist at once, and please this user. It is a dynamic programme but for the rule that nothing
//! repeats, which needs the whole way and not its last step; so the best 32 ways are kept.
//!
//! Whether gradual changes help more than direct ones is an open question; nothing is claimed.

use super::{Kind, Standing, Track, chance::Chance, sound};
use crate::affect::Affect;

/// The fewest and the most steps.
pub const STEPS: std::ops::RangeInclusive<usize> = 3..=6;

/// A step of this length on the plane is small.
const STRIDE: f64 = 0.3;

/// Ways that are kept from one layer to the next.
const BEAM: usize = 32;

/// Candidates at a waypoint.
const LAYER: usize = 40;

/// What it costs to be off the waypoint by 1, to step 1 further than [`LONG`] strides, to sound like the
/// opposite, to hear an artist again, and what it saves to be expected to be played through. Being off
/// by 0.1 costs as much as sounding unlike by a quarter turn in a hundred dimensions would: about
/// nothing; being off by 0.5 outweighs any sound.
const OFF: f64 = 2.0;
const FURTHER: f64 = 8.0;
const UNLIKE: f64 = 0.3;
const AGAIN: f64 = 1.0;
const PLEASES: f64 = 0.3;

/// A step may be longer than its share of the way by this factor before it costs extra.
const LONG: f64 = 1.25;

/// How different the costs of two ways must be to matter: ways are drawn with `exp(−cost / …)`.
const DOUBT: f64 = 0.03;

/// A track as the path sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) place: Affect,
    pub(super) sound: [f64; sound::LENGTH],
    pub(super) artist: Option<i64>,
    /// The reward to be expected, 0..=1.
    pub(super) pleases: f64,
}

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// Which of the points.
    pub(super) index: usize,
    /// How likely it was to be drawn for this step.
    pub(super) propensity: f64,
    /// How likely one of each kind was.
    pub(super) kinds: [f64; Kind::COUNT],
}

/// Where a path is to pass: the ends of 3 to 6 equal steps, the last of them `to`.
#[must_use]
pub fn waypoints(from: Affect, to: Affect) -> Vec<Affect> {
    let steps = (from.distance(to) / STRIDE).ceil() as usize;
    line(from, to, steps.clamp(*STEPS.start(), *STEPS.end()))
}

fn line(from: Affect, to: Affect, steps: usize) -> Vec<Affect> {
    let at = |step: usize| {
        let share = step as f64 / steps as f64;
        Affect::new(
            from.valence + share * (to.valence - from.valence),
            from.arousal + share * (to.arousal - from.arousal),
        )
    };
    (1..=steps).map(at).collect()
}

/// From one track to another by way of 3 to 6 others among the candidates: the numbers of all of
/// them, both ends included. Fewer where there are no others. Candidates are what lies near the
/// [`waypoints`] from the one's place to the other's ([`Standing::window_for`]).
#[must_use]
pub fn between(from: &Track, to: &Track, candidates: &[Track], standing: &Standing) -> Vec<i64> {
    let point = |track: &Track| Point {
        place: standing.place(track.valence, track.arousal),
        sound: standing.sound.scaled(&track.sound),
        artist: track.artist,
        pleases: 0.0,
    };
    let (first, last) = (point(from), point(to));
    let mut tracks: Vec<&Track> = candidates
        .iter()
        .filter(|track| track.id != from.id && track.id != to.id)
        .collect();
    tracks.sort_unstable_by_key(|track| track.id);
    tracks.dedup_by_key(|track| track.id);
    let points: Vec<Point> = tracks.iter().map(|track| point(track)).collect();
    let steps = waypoints(first.place, last.place).len();
    let mut way = line(first.place, last.place, steps + 1);
    way.pop();
    let search = Search {
        points: &points,
        start: first.place,
        before: Some(&first),
        after: Some(&last),
    };
    let steps = search.best(&way);
    std::iter::once(from.id)
        .chain(steps.into_iter().map(|index| tracks[index].id))
        .chain((to.id != from.id).then_some(to.id))
        .collect()
}

/// What a path is looked for in.
pub(super) struct Search<'a> {
    pub(super) points: &'a [Point],
    pub(super) start: Affect,
    /// The track before the first step.
    pub(super) before: Option<&'a Point>,
    /// The track after the last.
    pub(super) after: Option<&'a Point>,
}

/// A way through the first layers.
#[derive(Debug, Clone)]
struct Way {
    steps: Vec<usize>,
    cost: f64,
}

impl Search<'_> {
    /// The way of least cost.
    fn best(&self, waypoints: &[Affect]) -> Vec<usize> {
        self.ways(waypoints)
            .into_iter()
            .next()
            .map_or_else(Vec::new, |way| way.steps)
    }

    /// One of the best ways, drawn by cost. The propensity of a step is the share of the ways kept,
    /// by their weights, that take the same track there.
    pub(super) fn draw(&self, waypoints: &[Affect], chance: &mut Chance) -> Vec<Step> {
        let ways = self.ways(waypoints);
        let Some(least) = ways.first().map(|way| way.cost) else {
            return Vec::new();
        };
        let weight = |way: &Way| (-(way.cost - least) / DOUBT).exp().max(1e-6);
        let sum: f64 = ways.iter().map(weight).sum();
        let mut at = chance.unit() * sum;
        let drawn = ways.iter().find(|way| {
            at -= weight(way);
            at < 0.0
        });
        let drawn = drawn.unwrap_or(&ways[0]);
        let share = |test: &dyn Fn(&Way) -> bool| {
            let weights = ways.iter().filter(|way| test(way)).map(weight);
            (weights.sum::<f64>() / sum).min(1.0)
        };
        let kind = |index: usize| Kind::of(self.points[index].place);
        let step = |(step, index): (usize, &usize)| Step {
            index: *index,
            propensity: share(&|way: &Way| way.steps[step] == *index),
            kinds: Kind::ALL.map(|of| share(&|way: &Way| kind(way.steps[step]) == of)),
        };
        drawn.steps.iter().enumerate().map(step).collect()
    }

    /// The best ways, best first, all as long as there are tracks for.
    fn ways(&self, waypoints: &[Affect]) -> Vec<Way> {
        let Some(last) = waypoints.last() else {
            return Vec::new();
        };
        let stride = self.start.distance(*last) / waypoints.len() as f64;
        let steps = waypoints.len().min(self.points.len());
        let mut ways = vec![Way {
            steps: Vec::new(),
            cost: 0.0,
        }];
        for (step, waypoint) in waypoints.iter().enumerate().take(steps) {
            let layer = self.layer(*waypoint);
            let mut next: Vec<(usize, usize, f64)> = Vec::new();
            for (which, way) in ways.iter().enumerate() {
                for index in layer.iter().filter(|index| !way.steps.contains(index)) {
                    let mut cost = way.cost + self.cost(way, *index, *waypoint, stride);
                    if let Some(after) = self.after.filter(|_| step + 1 == steps) {
                        cost += hop(&self.points[*index], after);
                    }
                    next.push((which, *index, cost));
                }
            }
            next.sort_unstable_by(|a, b| a.2.total_cmp(&b.2).then(a.1.cmp(&b.1)));
            next.truncate(BEAM);
            let extended = next.into_iter().map(|(which, index, cost)| {
                let mut steps = ways[which].steps.clone();
                steps.push(index);
                Way { steps, cost }
            });
            let extended: Vec<Way> = extended.collect();
            if extended.is_empty() {
                break;
            }
            ways = extended;
        }
        ways
    }

    /// The points nearest to a waypoint.
    fn layer(&self, waypoint: Affect) -> Vec<usize> {
        let off = |index: &usize| self.points[*index].place.distance(waypoint);
        let nearer = |a: &usize, b: &usize| off(a).total_cmp(&off(b)).then(a.cmp(b));
        let mut layer: Vec<usize> = (0..self.points.len()).collect();
        if layer.len() > LAYER {
            layer.select_nth_unstable_by(LAYER, nearer);
            layer.truncate(LAYER);
        }
        layer.sort_unstable_by(nearer);
        layer
    }

    fn cost(&self, way: &Way, index: usize, waypoint: Affect, stride: f64) -> f64 {
        let point = &self.points[index];
        let before = way.steps.last().map(|step| &self.points[*step]);
        let from = before.map_or(self.start, |point| point.place);
        let further = (from.distance(point.place) - LONG * stride).max(0.0);
        let again = point.artist.is_some()
            && way
                .steps
                .iter()
                .any(|step| self.points[*step].artist == point.artist);
        OFF * point.place.distance(waypoint).powi(2) + FURTHER * further.powi(2)
            - PLEASES * point.pleases
            + if again { AGAIN } else { 0.0 }
            + before
                .or(self.before)
                .map_or(0.0, |before| hop(before, point))
    }
}

fn hop(a: &Point, b: &Point) -> f64 {
    UNLIKE * (1.0 - sound::likeness(&a.sound, &b.sound)) / 2.0
}

#[cfg(test)]
mod tests;
