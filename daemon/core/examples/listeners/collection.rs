//! A music library, made up.
//!
//! Real libraries can't be printed here. This one is made so: ten genres lie in a space of eight
//! latent styles; an artist lies near a genre and has 1 to 60 tracks, Pareto-distributed (a few have
//! many, most have few); a track lies near its artist. The 200 numbers of the embedding and the 50 tag
//! logits are noisy rectified and linear mixes of the latent styles, so they are correlated as real ones
//! are, and go through [`Sound::of`] as real ones do. Raw valence and arousal are noisy linear mixes.

use moodlark_core::library::{
    Axis, Reference, Scale, Sound, Standing, Track, TrackTaste,
    sound::{EMBEDDING, TAGS},
};

use crate::chance::Chance;

/// Latent styles.
pub(crate) const STYLES: usize = 8;
const GENRES: usize = 10;
/// Tracks in a library.
pub(crate) const TRACKS: usize = 1500;

/// A library, with what nobody but the listener knows.
pub(crate) struct Collection {
    pub(crate) tracks: Vec<Track>,
    pub(crate) standing: Standing,
    pub(crate) styles: Vec<[f64; STYLES]>,
    pub(crate) artists: usize,
}

type Mix = Vec<[f64; STYLES]>;

fn point(around: &[f64; STYLES], spread: f64, chance: &mut Chance) -> [f64; STYLES] {
    around.map(|x| x + spread * chance.normal())
}

fn mix(rows: usize, chance: &mut Chance) -> Mix {
    let origin = [0.0; STYLES];
    (0..rows).map(|_| point(&origin, 0.35, chance)).collect()
}

fn dot(a: &[f64; STYLES], b: &[f64; STYLES]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

impl Collection {
    pub(crate) fn new(chance: &mut Chance, size: usize) -> Self {
        let origin = [0.0; STYLES];
        let genres: Mix = (0..GENRES).map(|_| point(&origin, 1.0, chance)).collect();
        let (to_embedding, to_tags) = (mix(EMBEDDING, chance), mix(TAGS, chance));
        let to_affect = mix(2, chance);
        let (mut tracks, mut styles) = (Vec::new(), Vec::new());
        let mut artists = 0;
        while tracks.len() < size {
            let genre = genres[chance.below(GENRES)];
            let artist = point(&genre, 0.5, chance);
            let count = (1.0 - chance.unit()).powf(-1.0 / 1.1).min(60.0) as usize;
            for number in 0..count {
                if tracks.len() == size {
                    break;
                }
                let style = point(&artist, 0.6, chance);
                let embedding: Vec<f32> = to_embedding
                    .iter()
                    .map(|row| (dot(row, &style) + 0.5 * chance.normal()).max(0.0) as f32)
                    .collect();
                let logits: Vec<f32> = to_tags
                    .iter()
                    .map(|row| (dot(row, &style) + 0.4 * chance.normal() - 4.0) as f32)
                    .collect();
                let mut raw =
                    |axis: usize| (dot(&to_affect[axis], &style) + 0.4 * chance.normal()) as f32;
                let (valence, arousal) = (raw(0), raw(1));
                tracks.push(Track {
                    id: tracks.len() as i64,
                    artist: Some(artists as i64),
                    album: Some((artists * 100 + number / 10) as i64),
                    valence,
                    arousal,
                    // The lengths are right and the numbers finite: there is always one.
                    sound: Sound::of(&embedding, &logits).unwrap_or_else(|error| panic!("{error}")),
                    plays: 0,
                    last_played: None,
                    taste: TrackTaste::default(),
                    liked: false,
                });
                styles.push(style);
            }
            artists += 1;
        }
        let axis = |raw: &dyn Fn(&Track) -> f32| {
            let mut values: Vec<f32> = tracks.iter().map(raw).collect();
            values.sort_unstable_by(f32::total_cmp);
            Axis::of_sorted(&values, Reference::default()).unwrap_or_default()
        };
        let standing = Standing {
            valence: axis(&|track| track.valence),
            arousal: axis(&|track| track.arousal),
            sound: Scale::over(tracks.iter().map(|track| &track.sound)),
        };
        Self {
            tracks,
            standing,
            styles,
            artists,
        }
    }
}
