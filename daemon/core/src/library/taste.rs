//! What this user plays through: hybrid Thompson sampling.
//!
//! # The model
//! The reward `y` of a play (0..=1, see [`super::outcome`]) is linear in what is known of the track,
//! with a number of the track's own on top:
//!
//! ```text
//! y = x·β + b_track + e,   β ~ N(β₀, Λ),   b_track ~ N(0, s²),   e ~ N(0, σ²)
//! ```
//!
//! `x` is 1, the 22 scaled numbers of the sound, the place's valence and arousal, and minus the distance
//! from what was aimed at. So the kind of music is learnt by `β` and the one track by `b`; and that a
//! track was skipped because it did not fit the mood is not held against it.
//!
//! The posterior is exact. `b` is integrated out; what a track's plays say of `β` depends on them
//! only through three sums ([`TrackTaste`]: weights, rewards, distances), which lie with the track. So
//! a play changes one matrix of 26 × 26 and three numbers, whatever was played before.
//!
//! How much tracks of the same sound differ (`s`) is itself learnt: [`SPREADS`] are three models side
//! by side, and their probabilities follow from how well each foretold every play (Bayesian model
//! averaging). `s = 0` is the plain linear model. What is left of an artist's tracks is shared among
//! them when a list is chosen (`draw`).
//!
//! # Choosing
//! Thompson sampling (Thompson 1933; for linear models Agrawal & Goyal 2013, "Thompson sampling for
//! contextual bandits with linear payoffs", ICML; the linear part with a part per item is the hybrid model of Li
//! et al. 2010, "A contextual-bandit approach to personalized news article recommendation", WWW): a
//! model is drawn, then `β` and `b`, and the best under the draw is played.
//!
//! Before any play the prior says that what is nearest in affect is best, and nothing more. The
//! draws begin at the posterior's mean and spread as plays come in: after [`HAND_OVER`] plays by half
//! of [`EXPLORE`]. So the first lists are nearest in affect, and exploring begins where it pays.
//!
//! How much more is played through than with other ways to choose is measured by `examples/listeners`,
//! and stands in `LISTENERS.md`; the constants below were chosen there, on other listeners (`--tune`).

mod draw;
mod gaussian;

use serde::{Deserialize, Serialize};

use super::{Reward, Standing, Track, chance::Chance, sound};
use gaussian::{DIM, Gaussian, Solved, dot};

pub(super) use draw::{Draw, Subject};

/// The version of the kept form.
pub const VERSION: u32 = 1;

/// How much the numbers of tracks differ, in the three models, in rewards.
pub const SPREADS: [f64; 3] = [0.0, 0.12, 0.25];

/// The logarithms of how likely each is at first, up to a constant: the simpler is the likelier.
const PRIOR: [f64; SPREADS.len()] = [0.0, -2.0, -4.0];

/// After so many plays draws spread half as far as they ever do.
pub const HAND_OVER: f64 = 30.0;

/// How far draws spread at last, in posterior standard deviations. Below 1: plain Thompson sampling
/// explores for a horizon that no listener has.
pub const EXPLORE: f64 = 0.2;

/// The standard deviation of a reward round its expectation: most plays are all or little.
const NOISE: f64 = 0.35;

/// The prior: the mean reward, and what a distance of 1 on the plane costs; each with its standard
/// deviation; and the latter for each number of the sound and of the place.
const MEAN: (f64, f64) = (0.5, 0.3);
const DISTANCE: (f64, f64) = (0.3, 0.15);
const WEIGHT: f64 = 0.04;

/// A play foretold worse than this (in nats) says no more against a model.
const WORST: f64 = -6.0;

/// No model falls further behind the likeliest than this (in nats): a taste may change.
const GIVEN_UP: f64 = -20.0;

/// What is learnt of one track: the sums over what counted. It lies with the track.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct TrackTaste {
    /// Of the weights: plays.
    pub weight: f64,
    /// Of the rewards, each times its weight.
    pub reward: f64,
    /// Of minus the distances from what was aimed at, each times its weight.
    pub fit: f64,
}

impl TrackTaste {
    /// The same, or nothing if it was read from a damaged library.
    fn tame(self) -> Self {
        let Self {
            weight,
            reward,
            fit,
        } = self;
        let sound = weight > 0.0 && weight < 1e6 && (0.0..=weight + 1e-6).contains(&reward);
        if sound && fit <= 1e-6 && fit >= -3.0 * weight {
            self
        } else {
            Self::default()
        }
    }

    /// The mean reward; `None` before the first.
    #[must_use]
    pub fn mean(self) -> Option<f64> {
        let tame = self.tame();
        (tame.weight > 0.0).then(|| tame.reward / tame.weight)
    }
}

/// A kept taste that nothing can go on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTaste {
    /// From another version.
    #[error("the kept taste is of version {found}; this program reads version {VERSION}")]
    Version {
        /// Which.
        found: u32,
    },
    /// A number out of range, or not as many as there must be.
    #[error("the kept taste is damaged")]
    Damaged,
}

/// One of the models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Model {
    /// Of `β`.
    posterior: Gaussian,
    /// The logarithm of the probability of all plays so far.
    evidence: f64,
}

/// What is learnt over all tracks. Its size does not depend on how much was played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct Taste {
    plays: f64,
    models: [Model; SPREADS.len()],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    plays: f64,
    models: Vec<Model>,
}

impl From<Taste> for Kept {
    fn from(taste: Taste) -> Self {
        Self {
            version: VERSION,
            plays: taste.plays,
            models: taste.models.into(),
        }
    }
}

impl TryFrom<Kept> for Taste {
    type Error = BadTaste;
    fn try_from(kept: Kept) -> Result<Self, BadTaste> {
        if kept.version != VERSION {
            return Err(BadTaste::Version {
                found: kept.version,
            });
        }
        let models: [Model; SPREADS.len()] =
            kept.models.try_into().map_err(|_| BadTaste::Damaged)?;
        let sound = |model: &Model| model.evidence.is_finite() && model.posterior.is_sound();
        let plays = kept.plays;
        if !(plays.is_finite() && plays >= 0.0 && models.iter().all(sound)) {
            return Err(BadTaste::Damaged);
        }
        Ok(Self { plays, models })
    }
}

impl Default for Taste {
    /// Nothing is learnt yet: the nearest in affect is best.
    fn default() -> Self {
        let mut prior = [(0.0, WEIGHT); DIM];
        prior[0] = MEAN;
        prior[DIM - 1] = DISTANCE;
        let posterior = Gaussian::new(prior);
        let model = |evidence: f64| Model {
            posterior: posterior.clone(),
            evidence,
        };
        Self {
            plays: 0.0,
            models: PRIOR.map(model),
        }
    }
}

/// What a track is known by, apart from how far it is from a target.
pub(super) type Features = [f64; DIM];

/// The features of a track; the last, minus the distance, is left 0.
pub(super) fn features(track: &Track, standing: &Standing) -> Features {
    let mut x = [0.0; DIM];
    x[0] = 1.0;
    x[1..=sound::LENGTH].copy_from_slice(&standing.sound.scaled(&track.sound));
    let place = standing.place(track.valence, track.arousal);
    // A uniform distribution over −1..=1 has the standard deviation 1/√3; the others have 1.
    x[DIM - 3] = place.valence * 3.0_f64.sqrt();
    x[DIM - 2] = place.arousal * 3.0_f64.sqrt();
    x
}

/// How much of a track's mean deviation is its own, per play: `s² / (σ² + n·s²)`.
fn own_share(spread: f64, weight: f64) -> f64 {
    spread.powi(2) / (NOISE.powi(2) + weight * spread.powi(2))
}

/// The sums of the features over a track's plays.
fn sums(x: &Features, taste: TrackTaste) -> Features {
    let mut sums = x.map(|number| number * taste.weight);
    sums[DIM - 1] = taste.fit;
    sums
}

impl Taste {
    /// How many plays were learnt from (a "like" counts more than one).
    #[must_use]
    pub const fn plays(&self) -> f64 {
        self.plays
    }

    /// How far draws spread now, in posterior standard deviations, 0..[`EXPLORE`].
    #[must_use]
    pub fn exploring(&self) -> f64 {
        EXPLORE * self.plays / (self.plays + HAND_OVER)
    }

    /// Learns from feedback on a track. `distance` is how far its place was from what was aimed at
    /// when it was picked ([`super::Pick::distance`]); `None` if the user chose it.
    ///
    /// Returns what is now known of the track, to be kept with it; the same as before if the
    /// feedback takes back more than there is.
    #[must_use]
    pub fn learn(
        &mut self,
        track: &Track,
        standing: &Standing,
        distance: Option<f64>,
        reward: Reward,
    ) -> TrackTaste {
        let before = track.taste.tame();
        let Reward { value, weight } = reward;
        let usable = value.is_finite() && weight.is_finite() && weight != 0.0;
        if !usable || before.weight + weight < -1e-9 {
            return before;
        }
        let value = value.clamp(0.0, 1.0);
        let fit = -distance
            .filter(|distance| distance.is_finite())
            .unwrap_or(0.0)
            .clamp(0.0, 3.0);
        let after = TrackTaste {
            weight: (before.weight + weight).max(0.0),
            reward: before.reward + weight * value,
            fit: before.fit + weight * fit,
        };
        if after.weight > 0.0 && after.tame() != after {
            return before;
        }
        let after = after.tame();
        let mut x = features(track, standing);
        let (old, new) = (sums(&x, before), sums(&x, after));
        x[DIM - 1] = fit;
        let noise = NOISE.powi(2);
        let mut models = self.models.clone();
        for (model, spread) in models.iter_mut().zip(SPREADS) {
            let (was, is) = (
                own_share(spread, before.weight),
                own_share(spread, after.weight),
            );
            if weight > 0.0 {
                let solved = model.posterior.solve();
                let off: Features = std::array::from_fn(|i| x[i] - was * old[i]);
                let mean = dot(&off, &solved.mean) + was * before.reward;
                let variance = solved.variance(&off) + was * noise + noise / weight;
                let nats = -0.5 * ((value - mean).powi(2) / variance + variance.ln());
                model.evidence += nats.max(WORST);
            }
            let posterior = &mut model.posterior;
            posterior.add(&x, weight / noise, value);
            posterior.take(&new, is / noise, after.reward);
            posterior.take(&old, -was / noise, before.reward);
            // What is taken back must have been given.
            if weight < 0.0 && !posterior.is_sound() {
                return before;
            }
        }
        self.models = models;
        let best = self
            .models
            .iter()
            .map(|model| model.evidence)
            .fold(f64::NEG_INFINITY, f64::max);
        for model in &mut self.models {
            model.evidence = (model.evidence - best).max(GIVEN_UP);
        }
        self.plays = (self.plays + weight).max(0.0);
        after
    }

    /// How likely each of [`SPREADS`] is.
    #[must_use]
    pub fn beliefs(&self) -> [f64; SPREADS.len()] {
        let weights = self.models.each_ref().map(|model| model.evidence.exp());
        let sum: f64 = weights.iter().sum();
        weights.map(|weight| weight / sum)
    }

    /// So many tastes drawn from what is believed.
    pub(super) fn draw(&self, count: usize, chance: &mut Chance) -> Vec<Draw> {
        let beliefs = self.beliefs();
        let explore = self.exploring();
        let solved: Vec<Solved> = self.solve();
        let mut draw = || {
            let mut at = chance.unit();
            let mut chosen = SPREADS.len() - 1;
            for (model, belief) in beliefs.iter().enumerate() {
                if at < *belief {
                    chosen = model;
                    break;
                }
                at -= belief;
            }
            let noise = std::array::from_fn(|_| explore * chance.normal());
            Draw {
                spread: SPREADS[chosen],
                explore,
                weights: solved[chosen].shifted(&noise),
            }
        };
        (0..count).map(|_| draw()).collect()
    }

    /// The reward to be expected of each model's mean, weighted by the beliefs.
    pub(super) fn means(&self) -> Vec<(f64, Draw)> {
        let solved = self.solve().into_iter().zip(SPREADS);
        let draws = solved.map(|(solved, spread)| Draw {
            spread,
            explore: 0.0,
            weights: solved.mean,
        });
        self.beliefs().into_iter().zip(draws).collect()
    }

    fn solve(&self) -> Vec<Solved> {
        let models = self.models.iter();
        models.map(|model| model.posterior.solve()).collect()
    }
}

#[cfg(test)]
mod tests;
