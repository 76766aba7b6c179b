//! A taste that was drawn from what is believed, and what tracks are worth to it.
//!
//! Given `β`, what is left of a track's rewards is its artist's number, its own, and noise. The
//! artist's number has the same spread as the tracks', and is worked out from the candidates at hand:
//! nobody has to keep anything by artist.

use super::{DIM, Features, NOISE, TrackTaste, dot, own_share};
use crate::library::chance::Chance;

/// A taste.
#[derive(Debug, Clone)]
pub(in crate::library) struct Draw {
    /// How much artists, and an artist's tracks, differ.
    pub(super) spread: f64,
    /// How far the numbers of artists and tracks are drawn from their means, in standard deviations.
    pub(super) explore: f64,
    /// `β`.
    pub(super) weights: [f64; DIM],
}

/// A track that is to be judged.
#[derive(Debug, Clone, Copy)]
pub(in crate::library) struct Subject<'a> {
    pub(in crate::library) x: &'a Features,
    /// From what is aimed at.
    pub(in crate::library) distance: f64,
    pub(in crate::library) taste: TrackTaste,
    /// Artists are numbered from 0.
    pub(in crate::library) artist: Option<usize>,
}

impl Draw {
    /// The reward of each track.
    pub(in crate::library) fn rewards<'a>(
        &self,
        subjects: impl Iterator<Item = Subject<'a>> + Clone,
        chance: &mut Chance,
    ) -> Vec<f64> {
        let artists = self.artists(subjects.clone(), chance);
        let spread = self.explore * NOISE;
        let reward = |subject: Subject<'_>| {
            let (linear, left) = self.linear(&subject);
            let artist = subject.artist.map_or(0.0, |artist| artists[artist]);
            let plays = subject.taste.tame().weight;
            let share = own_share(self.spread, plays);
            let own = share * (left - plays * artist);
            let noise = spread * share.sqrt();
            let noise = if noise > 0.0 {
                noise * chance.normal()
            } else {
                0.0
            };
            linear + artist + own + noise
        };
        subjects.map(reward).collect()
    }

    /// What the features alone promise, and what is left of the rewards so far.
    fn linear(&self, subject: &Subject<'_>) -> (f64, f64) {
        let TrackTaste {
            weight,
            reward,
            fit,
        } = subject.taste.tame();
        let last = DIM - 1;
        let known = dot(subject.x, &self.weights) - subject.x[last] * self.weights[last];
        let linear = known - subject.distance * self.weights[last];
        (linear, reward - weight * known - fit * self.weights[last])
    }

    /// The artists' numbers: the posterior mean, or a draw round it.
    fn artists<'a>(
        &self,
        subjects: impl Iterator<Item = Subject<'a>>,
        chance: &mut Chance,
    ) -> Vec<f64> {
        let prior = self.spread.powi(-2);
        // Of each: the precision, and that times the mean.
        let mut artists: Vec<(f64, f64)> = Vec::new();
        for subject in subjects {
            let Some(artist) = subject.artist else {
                continue;
            };
            if artist >= artists.len() {
                artists.resize(artist + 1, (prior, 0.0));
            }
            let plays = subject.taste.tame().weight;
            if plays > 0.0 {
                let (_, left) = self.linear(&subject);
                let precision = plays / (NOISE.powi(2) + plays * self.spread.powi(2));
                artists[artist].0 += precision;
                artists[artist].1 += precision * left / plays;
            }
        }
        let draw = |(precision, pull): (f64, f64)| {
            if !precision.is_finite() {
                return 0.0;
            }
            let mean = pull / precision;
            if self.explore > 0.0 {
                mean + self.explore * chance.normal() / precision.sqrt()
            } else {
                mean
            }
        };
        artists.into_iter().map(draw).collect()
    }
}
