//! Ways to choose a list.

use moodlark_core::{
    Affect,
    library::{
        Known, Lifts, Pick, Request, Reward, Taste, TrackTaste,
        choose::{ARTIST_SPACING, choose},
    },
};

use crate::{
    chance::Chance,
    collection::Collection,
    regression::{Regression, dot},
    season::{LENGTH, Past, Played},
};

/// A way to choose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// Any track of the library.
    Random,
    /// The nearest in affect, with jitter of that standard deviation.
    Nearest(f64),
    /// Thompson sampling with a beta distribution per track.
    Beta,
    /// Thompson sampling with linear regression: the prior standard deviation of a weight, and how far
    /// draws spread.
    Linear(f64, f64),
    /// The same with a number per track of that standard deviation.
    Hybrid(f64, f64, f64),
    /// Moodlark's.
    Ours,
}

const NOISE: f64 = 0.35;

/// What a way has learnt.
pub(crate) struct Learner {
    way: Way,
    regression: Regression,
    /// Per track: plays, rewards, and what was left of them by the regression.
    tracks: Vec<(f64, f64, f64)>,
    taste: Taste,
    of_track: Vec<TrackTaste>,
}

/// The features that ours has, too.
fn features(collection: &Collection, track: usize, distance: f64) -> Vec<f64> {
    let known = &collection.tracks[track];
    let place = collection.standing.place(known.valence, known.arousal);
    let mut x = vec![1.0];
    x.extend(collection.standing.sound.scaled(&known.sound));
    x.extend([place.valence, place.arousal].map(|x| x * 3.0_f64.sqrt()));
    x.push(-distance);
    x
}

impl Learner {
    pub(crate) fn new(way: Way, collection: &Collection) -> Self {
        let weight = match way {
            Way::Linear(weight, _) | Way::Hybrid(weight, ..) => weight,
            _ => 0.06,
        };
        let size = features(collection, 0, 0.0).len();
        let mut prior = vec![(0.0, weight); size];
        // The same prior as ours for the mean and the distance.
        prior[0] = (0.5, 0.3);
        prior[size - 1] = (0.3, 0.15);
        let tracks = collection.tracks.len();
        Self {
            way,
            regression: Regression::new(&prior, NOISE),
            tracks: vec![(0.0, 0.0, 0.0); tracks],
            taste: Taste::default(),
            of_track: vec![TrackTaste::default(); tracks],
        }
    }

    /// A list, each track with its distance from the target.
    pub(crate) fn list(
        &self,
        collection: &Collection,
        target: Affect,
        past: &Past,
        chance: &mut Chance,
    ) -> Vec<(usize, f64)> {
        if self.way == Way::Ours {
            return self.ours(collection, target, past, chance);
        }
        let everything = self.way == Way::Random;
        let near = past.near(collection, target, everything);
        let mut list: Vec<(usize, f64)> = Vec::new();
        let mut artists: Vec<Option<i64>> = past.artists();
        while list.len() < LENGTH {
            let last = &artists[artists.len().saturating_sub(ARTIST_SPACING)..];
            let free = near.iter().filter(|(track, _)| {
                let taken = list.iter().any(|(other, _)| other == track);
                !taken && !last.contains(&collection.tracks[*track].artist)
            });
            let mut worth = self.worths(collection, chance);
            let best = free
                .map(|(track, distance)| (worth(*track, *distance), *track, *distance))
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let Some((_, track, distance)) = best else {
                break;
            };
            artists.push(collection.tracks[track].artist);
            list.push((track, distance));
        }
        list
    }

    /// What tracks are worth at the next place.
    fn worths<'a>(
        &'a self,
        collection: &'a Collection,
        chance: &'a mut Chance,
    ) -> Box<dyn FnMut(usize, f64) -> f64 + 'a> {
        match self.way {
            Way::Random | Way::Ours => Box::new(|_, _| chance.unit()),
            Way::Nearest(jitter) => {
                Box::new(move |_, distance| jitter * chance.normal() - distance)
            }
            Way::Beta => Box::new(|track, _| {
                let (plays, rewards, _) = self.tracks[track];
                chance.beta(1.0 + rewards, 1.0 + plays - rewards)
            }),
            Way::Linear(_, factor) => {
                let weights = self.regression.draw(factor, chance);
                Box::new(move |track, distance| {
                    dot(&features(collection, track, distance), &weights)
                })
            }
            Way::Hybrid(_, factor, spread) => {
                let weights = self.regression.draw(factor, chance);
                Box::new(move |track, distance| {
                    let (plays, _, left) = self.tracks[track];
                    let share = spread * spread / (NOISE * NOISE + plays * spread * spread);
                    dot(&features(collection, track, distance), &weights)
                        + share * left
                        + factor * share.sqrt() * NOISE * chance.normal()
                })
            }
        }
    }

    fn ours(
        &self,
        collection: &Collection,
        target: Affect,
        past: &Past,
        chance: &mut Chance,
    ) -> Vec<(usize, f64)> {
        let request = Request {
            target,
            from: None,
            mood: None,
            length: LENGTH,
            now: past.now(),
        };
        let candidates: Vec<_> = past
            .window(collection, target)
            .into_iter()
            .map(|track| {
                let mut known = collection.tracks[track].clone();
                known.taste = self.of_track[track];
                known
            })
            .collect();
        let known = Known {
            standing: &collection.standing,
            history: &past.history,
            taste: &self.taste,
            lifts: &Lifts::default(),
        };
        let picks = choose(&request, &candidates, known, chance.bits());
        let pair = |pick: Pick| (usize::try_from(pick.track).unwrap_or(0), pick.distance);
        picks.into_iter().map(pair).collect()
    }

    pub(crate) fn learn(&mut self, collection: &Collection, played: Played) {
        let Played {
            track,
            distance,
            share,
        } = played;
        match self.way {
            Way::Ours => {
                let mut known = collection.tracks[track].clone();
                known.taste = self.of_track[track];
                let reward = Reward {
                    value: share,
                    weight: 1.0,
                };
                self.of_track[track] =
                    self.taste
                        .learn(&known, &collection.standing, Some(distance), reward);
            }
            _ => {
                let x = features(collection, track, distance);
                let (plays, rewards, left) = &mut self.tracks[track];
                *plays += 1.0;
                *rewards += share;
                *left += share - self.regression.predict(&x);
                self.regression.observe(&x, share);
            }
        }
    }
}
