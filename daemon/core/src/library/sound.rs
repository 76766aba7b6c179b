//! A track's sound in 22 numbers, and how alike two tracks sound.
//!
//! musicnn gives 50 tag logits and an embedding of 200 numbers. A taste over 250 numbers would take
//! thousands of plays to learn, and 100,000 tracks of them would not fit a small service. So:
//!
//! * **14 groups of tags** ([`GROUPS`]): the mean logit of tags that mean about the same. Which tags
//!   go together is an editorial choice; each of the 50 is in exactly one group.
//! * **8 projections** of the embedding, scaled to length 1: sums with random signs, which keep
//!   distances about as they are (Achlioptas 2003, "Database-friendly random projections:
//!   Johnson-Lindenstrauss with binary coins", J. Comput. Syst. Sci. 66). The signs are SplitMix64's
//!   bits from seed 0 and never change: a stored sound stays comparable.
//!
//! The numbers have different spreads, so whoever compares sounds scales them by the library's own
//! mean and standard deviation first ([`Scale`]).

use serde::{Deserialize, Serialize};

/// Tag logits that musicnn gives (its `MSD` vocabulary).
pub const TAGS: usize = 50;
/// Numbers in musicnn's embedding.
pub const EMBEDDING: usize = 200;
/// Projections of the embedding.
const PROJECTIONS: usize = 8;
/// Numbers in a [`Sound`].
pub const LENGTH: usize = GROUPS.len() + PROJECTIONS;

/// Tags that mean about the same, by their place in musicnn's MSD vocabulary.
pub const GROUPS: [(&str, &[usize]); 14] = [
    ("rock", &[0, 2, 3, 8, 14, 16]),
    ("pop", &[1, 39, 46]),
    ("electronic", &[4, 18, 41, 48]),
    ("dance", &[6, 35, 49]),
    ("soul", &[9, 15, 26, 40, 45]),
    ("metal", &[11, 24, 27, 42]),
    ("ambient", &[12, 17, 22, 28, 37]),
    ("women's voices", &[5, 31]),
    ("men's voices", &[13]),
    ("acoustic", &[20, 29, 32, 36]),
    ("instrumental", &[23, 30, 43]),
    ("old", &[7, 19, 21, 25, 34, 44]),
    ("sad", &[10, 47]),
    ("hip-hop", &[33, 38]),
];

/// A track's sound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sound(
    /// The 14 groups of tags, then the 8 projections; all finite.
    [f32; LENGTH],
);

/// Numbers that are no sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSound {
    /// Not as many as there must be.
    #[error("{what} has {given} numbers, not {wanted}")]
    Length {
        /// `the embedding`, `the list of tags` or `the sound`.
        what: &'static str,
        /// How many there are.
        given: usize,
        /// How many there must be.
        wanted: usize,
    },
    /// NaN or infinity among them.
    #[error("{what} has a number that is not finite")]
    NotFinite {
        /// As above.
        what: &'static str,
    },
}

impl Sound {
    /// From musicnn's embedding ([`EMBEDDING`] numbers) and its tag logits ([`TAGS`] numbers, before
    /// the sigmoid, in the order of its MSD vocabulary).
    ///
    /// # Errors
    /// [`BadSound`] when a slice is too short, too long, or holds something that is not finite.
    pub fn of(embedding: &[f32], logits: &[f32]) -> Result<Self, BadSound> {
        check("the embedding", embedding, EMBEDDING)?;
        check("the list of tags", logits, TAGS)?;
        let mut numbers = [0.0; LENGTH];
        for (number, (_, tags)) in numbers.iter_mut().zip(GROUPS) {
            *number = tags.iter().map(|tag| logits[*tag]).sum::<f32>() / tags.len() as f32;
        }
        let length = embedding.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        let length = length.sqrt().max(f64::MIN_POSITIVE);
        let mut signs = Signs(0);
        for number in &mut numbers[GROUPS.len()..] {
            let sum: f64 = embedding.iter().map(|x| signs.next() * f64::from(*x)).sum();
            *number = (sum / length) as f32;
        }
        Ok(Self(numbers))
    }

    /// From the numbers that [`Sound::numbers`] gave.
    ///
    /// # Errors
    /// [`BadSound`] as for [`Sound::of`].
    pub fn from_numbers(numbers: &[f32]) -> Result<Self, BadSound> {
        check("the sound", numbers, LENGTH)?;
        let mut sound = [0.0; LENGTH];
        sound.copy_from_slice(numbers);
        Ok(Self(sound))
    }

    /// The numbers, to be stored.
    #[must_use]
    pub const fn numbers(&self) -> &[f32; LENGTH] {
        &self.0
    }
}

fn check(what: &'static str, numbers: &[f32], wanted: usize) -> Result<(), BadSound> {
    if numbers.len() != wanted {
        let given = numbers.len();
        return Err(BadSound::Length {
            what,
            given,
            wanted,
        });
    }
    if numbers.iter().any(|x| !x.is_finite()) {
        return Err(BadSound::NotFinite { what });
    }
    Ok(())
}

/// 1 or −1: the top bits of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom
/// number generators").
struct Signs(u64);

impl Signs {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        if (z ^ (z >> 31)) >> 63 == 0 {
            1.0
        } else {
            -1.0
        }
    }
}

/// Mean and spread of each of a sound's numbers over a library.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    mean: [f32; LENGTH],
    spread: [f32; LENGTH],
}

impl Default for Scale {
    /// Leaves the numbers as they are.
    fn default() -> Self {
        Self {
            mean: [0.0; LENGTH],
            spread: [1.0; LENGTH],
        }
    }
}

/// A scaled sound lies within ± this: one odd track must not outweigh all the others.
const MOST: f64 = 4.0;

impl Scale {
    /// Over these sounds, in one pass (Welford 1962); without any, or with one, as
    /// [`Scale::default`].
    #[must_use]
    pub fn over<'a>(sounds: impl IntoIterator<Item = &'a Sound>) -> Self {
        let (mut n, mut mean, mut squares) = (0.0, [0.0_f64; LENGTH], [0.0_f64; LENGTH]);
        for sound in sounds {
            n += 1.0;
            for (i, x) in sound.0.iter().enumerate() {
                let off = f64::from(*x) - mean[i];
                mean[i] += off / n;
                squares[i] += off * (f64::from(*x) - mean[i]);
            }
        }
        if n < 2.0 {
            return Self::default();
        }
        let spread = squares.map(|sum| {
            let spread = (sum / (n - 1.0)).sqrt();
            // A number that is the same everywhere says nothing; it is only centred.
            if spread.is_normal() && spread > 1e-6 {
                spread as f32
            } else {
                1.0
            }
        });
        Self {
            mean: mean.map(|x| x as f32),
            spread,
        }
    }

    /// A sound in standard deviations from the mean, each −4..=4. What was read from a damaged
    /// file and is not finite becomes 0.
    #[must_use]
    pub fn scaled(&self, sound: &Sound) -> [f64; LENGTH] {
        std::array::from_fn(|i| {
            let x = (f64::from(sound.0[i]) - f64::from(self.mean[i])) / f64::from(self.spread[i]);
            if x.is_finite() {
                x.clamp(-MOST, MOST)
            } else {
                0.0
            }
        })
    }
}

/// How alike two scaled sounds are: their cosine, −1..=1; 0 if one of them is all mean.
#[must_use]
pub fn likeness(a: &[f64; LENGTH], b: &[f64; LENGTH]) -> f64 {
    let dot =
        |a: &[f64; LENGTH], b: &[f64; LENGTH]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 {
        (dot(a, b) / lengths).clamp(-1.0, 1.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_tag_is_in_one_group() {
        let mut tags: Vec<usize> = GROUPS.iter().flat_map(|(_, tags)| *tags).copied().collect();
        tags.sort_unstable();
        assert_eq!(tags, (0..TAGS).collect::<Vec<_>>());
    }

    #[test]
    fn a_sound_that_was_stored_stays_comparable() {
        let embedding: Vec<f32> = (0..EMBEDDING).map(|i| (i % 7) as f32).collect();
        let logits: Vec<f32> = (0..TAGS).map(|i| -(i as f32) / 10.0).collect();
        let sound = Sound::of(&embedding, &logits).unwrap();
        let numbers = sound.numbers().map(|x| (x * 1000.0).round() as i32);
        assert_eq!(numbers[..3], [-717, -2867, -2775]);
        assert_eq!(
            numbers[14..],
            [632, 356, 1501, 277, -1581, -1185, 1185, -909]
        );
        assert_eq!(Sound::from_numbers(sound.numbers()).unwrap(), sound);
    }

    #[test]
    fn what_is_no_sound_is_refused_by_name() {
        assert_eq!(
            Sound::of(&[0.0; 3], &[0.0; TAGS]).unwrap_err().to_string(),
            "the embedding has 3 numbers, not 200"
        );
        let broken = Sound::of(&[f32::NAN; EMBEDDING], &[0.0; TAGS]).unwrap_err();
        assert_eq!(
            broken.to_string(),
            "the embedding has a number that is not finite"
        );
    }

    #[test]
    fn silence_has_a_sound() {
        let sound = Sound::of(&[0.0; EMBEDDING], &[0.0; TAGS]).unwrap();
        assert!(sound.numbers().iter().all(|x| *x == 0.0));
    }

    proptest! {
        #[test]
        fn scaled_sounds_are_tame(
            sounds in prop::collection::vec(prop::array::uniform22(-1e30_f32..1e30), 0..20),
            probe in prop::array::uniform22(any::<f32>()),
        ) {
            let sounds: Vec<Sound> = sounds.into_iter().map(Sound).collect();
            let scale = Scale::over(&sounds);
            let scaled = scale.scaled(&Sound(probe));
            prop_assert!(scaled.iter().all(|x| x.abs() <= MOST));
            prop_assert!((-1.0..=1.0).contains(&likeness(&scaled, &scaled)));
        }
    }
}
