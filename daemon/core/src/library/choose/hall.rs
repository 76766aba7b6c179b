//! All candidates, and one list drawn from them.

use std::collections::BTreeMap;

use super::{
    ANY, ARTIST_SPACING, DOUBT, DRAWS, FADES, FIT, JUST_NOW, Known, LIKED, MOST, Pick, Request,
    SAME_ALBUM, no_repeat,
};
use crate::{
    affect::Affect,
    library::{
        History, Kind, Standing, Track, Why,
        chance::Chance,
        path::{Point, Search},
        sound,
        taste::{Draw, Features, Subject, features},
        why::Reasons,
    },
};

/// A candidate with what is worked out of it once.
struct Candidate<'a> {
    track: &'a Track,
    point: Point,
    kind: Kind,
    /// From the target.
    distance: f64,
    x: Features,
    /// What it is worth under each draw, without its album.
    worth: [f64; DRAWS],
    /// Not heard just now.
    rested: bool,
    /// Near enough to the target to stand at it.
    near: bool,
    /// In the list.
    taken: bool,
    /// Artists are numbered from 0 here.
    artist: Option<usize>,
}

impl Candidate<'_> {
    fn subject(&self) -> Subject<'_> {
        Subject {
            x: &self.x,
            distance: self.distance,
            taste: self.track.taste,
            artist: self.artist,
        }
    }
}

fn rewards(candidates: &[Candidate<'_>], draw: &Draw, chance: &mut Chance) -> Vec<f64> {
    draw.rewards(candidates.iter().map(Candidate::subject), chance)
}

/// All candidates.
pub(super) struct Hall<'a> {
    request: &'a Request,
    known: Known<'a>,
    candidates: Vec<Candidate<'a>>,
    reasons: Reasons<'a>,
    /// Of the last places that were played, oldest first.
    artists: Vec<Option<i64>>,
}

impl<'a> Hall<'a> {
    pub(super) fn new(request: &'a Request, tracks: &'a [Track], known: Known<'a>) -> Self {
        let mut artists = BTreeMap::new();
        let mut candidates: Vec<Candidate<'a>> = nearest(request, tracks, known.standing)
            .into_iter()
            .map(|(distance, track, place)| {
                let x = features(track, known.standing);
                let mut sound = [0.0; sound::LENGTH];
                sound.copy_from_slice(&x[1..=sound::LENGTH]);
                let point = Point {
                    place,
                    sound,
                    artist: track.artist,
                    pleases: 0.0,
                };
                let next = artists.len();
                Candidate {
                    track,
                    point,
                    kind: Kind::of(place),
                    distance,
                    x,
                    worth: [0.0; DRAWS],
                    rested: true,
                    near: false,
                    taken: false,
                    artist: track.artist.map(|key| *artists.entry(key).or_insert(next)),
                }
            })
            .collect();
        for (belief, mean) in known.taste.means() {
            let rewards = rewards(&candidates, &mean, &mut Chance::new(0));
            for (candidate, reward) in candidates.iter_mut().zip(rewards) {
                candidate.point.pleases += belief * reward;
            }
        }
        for candidate in &mut candidates {
            candidate.point.pleases = candidate.point.pleases.clamp(0.0, 1.0);
        }
        mark_near(&mut candidates, request, known.standing);
        let near = candidates.iter().filter(|candidate| candidate.near).count();
        let recent = recent(known.history, no_repeat(near, request.tracks()));
        for candidate in &mut candidates {
            candidate.rested = recent.binary_search(&candidate.track.id).is_err();
        }
        let heard = &known.history.heard;
        let last = &heard[heard.len().saturating_sub(ARTIST_SPACING)..];
        Self {
            reasons: Reasons::new(request.mood, request.now, known.history, known.lifts),
            artists: last.iter().map(|heard| heard.artist).collect(),
            request,
            known,
            candidates,
        }
    }

    /// One list.
    pub(super) fn list(&mut self, chance: &mut Chance) -> Vec<Pick> {
        for candidate in &mut self.candidates {
            candidate.taken = false;
        }
        self.value(chance);
        let mut indices = Vec::new();
        let mut picks = Vec::new();
        for (index, pick) in self.way(chance) {
            indices.push(index);
            picks.push(pick);
        }
        while picks.len() < self.request.tracks() {
            let Some((index, pick)) = self.draw(&indices, chance) else {
                break;
            };
            self.candidates[index].taken = true;
            indices.push(index);
            picks.push(pick);
        }
        picks
    }

    /// What each candidate is worth, by tastes that are drawn anew.
    fn value(&mut self, chance: &mut Chance) {
        let draws = self.known.taste.draw(DRAWS, chance);
        let mood = self.request.mood;
        let bonus =
            Kind::ALL.map(|kind| mood.map_or(0.0, |mood| self.known.lifts.bonus(mood, kind)));
        let now = self.request.now.at;
        let fixed = |candidate: &Candidate<'_>| {
            let track = candidate.track;
            let liked = if track.liked { LIKED } else { 0.0 };
            let lately = track.last_played.map_or(0.0, |at| {
                let fades = now.since(at).as_secs_f64() / FADES.as_secs_f64();
                JUST_NOW * (-fades).exp()
            });
            bonus[candidate.kind.index()] + liked - lately - FIT * candidate.distance
        };
        let fixed: Vec<f64> = self.candidates.iter().map(fixed).collect();
        for (number, draw) in draws.iter().enumerate() {
            let rewards = rewards(&self.candidates, draw, chance);
            let known = fixed.iter().zip(rewards);
            for (candidate, (fixed, reward)) in self.candidates.iter_mut().zip(known) {
                candidate.worth[number] = fixed + reward;
            }
        }
    }

    /// The steps of a gradual change; none of a direct one.
    fn way(&mut self, chance: &mut Chance) -> Vec<(usize, Pick)> {
        let Some(from) = self.request.from else {
            return Vec::new();
        };
        let waypoints = self.request.waypoints();
        let rested = |index: &usize| self.candidates[*index].rested;
        let rested: Vec<usize> = (0..self.candidates.len()).filter(rested).collect();
        let points: Vec<Point> = rested
            .iter()
            .map(|index| self.candidates[*index].point)
            .collect();
        let search = Search {
            points: &points,
            start: Affect::new(from.valence, from.arousal),
            before: None,
            after: None,
        };
        let drawn = search.draw(&waypoints, chance);
        let steps = u32::try_from(drawn.len()).unwrap_or(u32::MAX);
        let mut picks = Vec::new();
        for (step, (drawn, waypoint)) in (1..).zip(drawn.into_iter().zip(waypoints)) {
            let index = rested[drawn.index];
            let candidate = &mut self.candidates[index];
            candidate.taken = true;
            let kind = candidate.kind;
            let pick = Pick {
                track: candidate.track.id,
                place: candidate.point.place,
                kind,
                distance: candidate.point.place.distance(waypoint),
                expected: candidate.point.pleases,
                propensity: drawn.propensity,
                kinds: drawn.kinds,
                why: Why::Step { kind, step, steps },
            };
            picks.push((index, pick));
        }
        picks
    }

    /// The next place after those candidates; `None` when nothing may stand there.
    fn draw(&self, before: &[usize], chance: &mut Chance) -> Option<(usize, Pick)> {
        let free = self.free(before);
        let draw = before.len() % DRAWS;
        let albums: Vec<i64> = before
            .iter()
            .filter_map(|index| self.candidates[*index].track.album)
            .collect();
        let worth = |index: &usize| {
            let candidate = &self.candidates[*index];
            let album = candidate.track.album;
            let again = albums.iter().filter(|known| Some(**known) == album).count();
            candidate.worth[draw] - SAME_ALBUM * again as f64
        };
        let worths: Vec<f64> = free.iter().map(worth).collect();
        let best = worths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut shares: Vec<f64> = worths
            .iter()
            .map(|worth| (worth - best) / DOUBT)
            // Most are far behind: their share is that of any track.
            .map(|behind| if behind < -40.0 { 0.0 } else { behind.exp() })
            .collect();
        let sum: f64 = shares.iter().sum();
        let any = ANY / free.len() as f64;
        for share in &mut shares {
            *share = (1.0 - ANY) * *share / sum + any;
        }
        let mut at = chance.unit();
        let drawn = shares.iter().position(|share| {
            at -= share;
            at < 0.0
        });
        // Rounding may leave a hair at the end.
        let drawn = drawn.or(free.len().checked_sub(1))?;
        let candidate = &self.candidates[free[drawn]];
        let kind = candidate.kind;
        let mut kinds = [0.0; Kind::COUNT];
        for (index, share) in free.iter().zip(&shares) {
            kinds[self.candidates[*index].kind.index()] += share;
        }
        let pick = Pick {
            track: candidate.track.id,
            place: candidate.point.place,
            kind,
            distance: candidate.distance,
            expected: candidate.point.pleases,
            propensity: shares[drawn].min(1.0),
            kinds,
            why: self.reasons.of(candidate.track, kind),
        };
        Some((free[drawn], pick))
    }

    /// What may stand after those candidates, with as much space between an artist's tracks as there
    /// can be.
    fn free(&self, before: &[usize]) -> Vec<usize> {
        let listed = before
            .iter()
            .map(|index| self.candidates[*index].track.artist);
        let artists: Vec<Option<i64>> = self.artists.iter().copied().chain(listed).collect();
        for spacing in (0..=ARTIST_SPACING).rev() {
            let last = &artists[artists.len().saturating_sub(spacing)..];
            let may = |index: &usize| {
                let candidate = &self.candidates[*index];
                let artist = candidate.track.artist;
                let spaced = artist.is_none() || !last.contains(&artist);
                candidate.rested && candidate.near && !candidate.taken && spaced
            };
            let free: Vec<usize> = (0..self.candidates.len()).filter(may).collect();
            if !free.is_empty() {
                return free;
            }
        }
        Vec::new()
    }
}

/// The usable tracks, at most [`MOST`], with their distances from the target and their places, by number.
fn nearest<'a>(
    request: &Request,
    tracks: &'a [Track],
    standing: &Standing,
) -> Vec<(f64, &'a Track, Affect)> {
    let usable = |track: &&Track| track.valence.is_finite() && track.arousal.is_finite();
    let mut near: Vec<(f64, &Track, Affect)> = tracks
        .iter()
        .filter(usable)
        .map(|track| {
            let place = standing.place(track.valence, track.arousal);
            (place.distance(request.target), track, place)
        })
        .collect();
    if near.len() > MOST {
        // A way must not lose its tracks to its end.
        let waypoints = request.waypoints();
        let off = |(distance, _, place): &(f64, &Track, Affect)| {
            let way = waypoints.iter().map(|at| place.distance(*at));
            way.fold(*distance, f64::min)
        };
        near.select_nth_unstable_by(MOST, |a, b| {
            off(a).total_cmp(&off(b)).then(a.1.id.cmp(&b.1.id))
        });
        near.truncate(MOST);
    }
    near.sort_by_key(|(_, track, _)| track.id);
    near.dedup_by_key(|(_, track, _)| track.id);
    near
}

/// The tracks of the last plays, sorted.
fn recent(history: &History, plays: usize) -> Vec<i64> {
    let last = &history.heard[history.heard.len().saturating_sub(plays)..];
    let mut tracks: Vec<i64> = last.iter().map(|heard| heard.track).collect();
    tracks.sort_unstable();
    tracks
}

/// What lies in the target's own window may stand at it, and the nearest tracks that make three lists
/// if the window holds fewer.
fn mark_near(candidates: &mut [Candidate<'_>], request: &Request, standing: &Standing) {
    let reach = standing.window(request.target).reach * std::f64::consts::SQRT_2;
    let mut distances: Vec<f64> = candidates
        .iter()
        .map(|candidate| candidate.distance)
        .collect();
    distances.sort_unstable_by(f64::total_cmp);
    let enough = distances.get(request.enough() - 1);
    let reach = enough
        .or(distances.last())
        .map_or(reach, |enough| enough.max(reach));
    for candidate in candidates {
        candidate.near = candidate.distance <= reach;
    }
}
