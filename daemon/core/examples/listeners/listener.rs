//! What somebody plays through.

use moodlark_core::Affect;

use crate::{
    chance::Chance,
    collection::{Collection, STYLES},
};

/// How a listener's taste comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum World {
    /// Linear in the features that the choice knows.
    Linear,
    /// Favourite corners of the latent styles, favourite artists, and favourite tracks.
    Crooked,
}

/// How much taste and fit count in the odds of playing a track through, and the odds at which a track
/// of middling taste that fits starts.
const TASTE: f64 = 1.6;
const DISTANCE: f64 = 1.3;
const START: f64 = 0.0;

/// Where a list may be aimed: the targets of the rules in the moods, roughly.
pub(crate) const TARGETS: [Affect; 7] = [
    at(-0.65, -0.25),
    at(0.6, 0.2),
    at(0.3, -0.6),
    at(0.4, 0.7),
    at(0.8, 0.5),
    at(0.0, 0.0),
    at(-0.5, 0.6),
];

const fn at(valence: f64, arousal: f64) -> Affect {
    Affect { valence, arousal }
}

/// A listener: a number for each track, of mean 0 and standard deviation 1 over the library.
pub(crate) struct Listener {
    taste: Vec<f64>,
}

fn normalised(mut numbers: Vec<f64>) -> Vec<f64> {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let spread = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    for x in &mut numbers {
        *x = (*x - mean) / spread.sqrt();
    }
    numbers
}

impl Listener {
    pub(crate) fn new(world: World, collection: &Collection, chance: &mut Chance) -> Self {
        let taste = match world {
            World::Linear => linear(collection, chance),
            World::Crooked => crooked(collection, chance),
        };
        Self {
            taste: normalised(taste),
        }
    }

    /// The share of a track that is played when it is that far from what fits.
    pub(crate) fn plays(&self, track: usize, distance: f64, chance: &mut Chance) -> f64 {
        let odds = START + TASTE * self.taste[track] - DISTANCE * distance;
        let through = 1.0 / (1.0 + (-odds).exp());
        // Who doesn't play it through skips it at once, or somewhere in it.
        match (chance.unit() < through, chance.unit() < 0.6) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => chance.unit(),
        }
    }
}

fn linear(collection: &Collection, chance: &mut Chance) -> Vec<f64> {
    let weights: Vec<f64> = (0..moodlark_core::library::sound::LENGTH)
        .map(|_| chance.normal())
        .collect();
    let scale = &collection.standing.sound;
    let value = |sound| {
        scale
            .scaled(sound)
            .iter()
            .zip(&weights)
            .map(|(x, w)| x * w)
            .sum()
    };
    collection
        .tracks
        .iter()
        .map(|track| value(&track.sound))
        .collect()
}

/// Half of the variance from corners, three tenths from artists, two tenths from tracks.
fn crooked(collection: &Collection, chance: &mut Chance) -> Vec<f64> {
    let corners: Vec<(f64, [f64; STYLES])> = (0..6)
        .map(|i| {
            let middle = collection.styles[chance.below(collection.styles.len())];
            (if i % 3 == 2 { -1.0 } else { 1.0 }, middle)
        })
        .collect();
    let corner = |style: &[f64; STYLES]| {
        let near = |middle: &[f64; STYLES]| {
            let off = style.iter().zip(middle).map(|(x, y)| (x - y).powi(2));
            (-off.sum::<f64>() / 6.0).exp()
        };
        corners
            .iter()
            .map(|(sign, middle)| sign * near(middle))
            .sum::<f64>()
    };
    let corners = normalised(collection.styles.iter().map(corner).collect());
    let artists: Vec<f64> = (0..collection.artists).map(|_| chance.normal()).collect();
    let of_artist = |artist: Option<i64>| {
        artist
            .and_then(|key| usize::try_from(key).ok())
            .map_or(0.0, |key| artists[key])
    };
    let parts = collection.tracks.iter().zip(corners);
    parts
        .map(|(track, corner)| {
            let own = chance.normal();
            0.5_f64.sqrt() * corner
                + 0.3_f64.sqrt() * of_artist(track.artist)
                + 0.2_f64.sqrt() * own
        })
        .collect()
}
