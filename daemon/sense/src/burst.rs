//! Several frames → one reading.
//!
//! Five frames of one second are five views of one expression, not five facts: what makes the network wrong about a face (its
//! shape, the light, what people themselves cannot agree about) is the same in all of them. So the answers are averaged and
//! never multiplied. The accuracy example makes five views of each face (box, size, tilt, light and noise as from frame to frame)
//! and asks what they are worth: two views are both right or both wrong in 96 of 100 faces. The mean of five is right in .929 where one is
//! in .914, its loss is lower by a tenth, and the temperature that fits it best is nearly one view's (0.35 and 0.38): it needs none of
//! its own. Multiplied as if independent they would have to be softened 4.6 times as far to deserve belief: five views weigh as 1.1,
//! and believed as they come, they have more than twice the loss of one (0.515 and 0.215).

use moodlark_core::{Affect, Distribution, Quality, Reading};
use moodlark_models::EXPRESSIONS;

use crate::{
    face::FaceBox,
    quality::{self, LEAST},
};

/// A picture without a face that is darker than this says nothing about who is there, 0..=1.
const DARK: f64 = 0.07;

/// What one frame showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Mean brightness of the picture, 0..=1.
    pub brightness: f64,
    /// Every face that was found in this frame: once one is known, only around it.
    pub faces: Vec<FaceBox>,
    /// How many faces there are, as the last search of the whole picture saw it.
    pub people: usize,
    /// The face that counts.
    pub read: Option<ReadFace>,
}

/// The face that counts in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadFace {
    /// Where it is.
    pub face: FaceBox,
    /// How good its picture is.
    pub quality: Quality,
    /// Whether it is too dark to be read.
    pub too_dark: bool,
    /// The networks' probabilities, before the temperature.
    pub raw: [f64; EXPRESSIONS],
}

/// Whether several faces are one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum SeveralFaces {
    /// The largest one counts.
    #[default]
    Largest,
    /// None counts: the reading is "nobody in the picture".
    None,
}

/// The frames of a look together. `calibrate` makes the networks' mean as sure as it deserves to be.
///
/// A face has to be there in more than a third of the frames (2 of 5): detectors see one in a curtain now and then.
#[must_use]
pub fn reading(
    frames: &[Observation],
    several: SeveralFaces,
    calibrate: impl Fn(&[f64; EXPRESSIONS]) -> Distribution,
) -> Reading {
    if frames.is_empty() {
        return Reading::Failed {
            reason: "there was no picture".into(),
        };
    }
    let enough = |count: usize| count * 3 > frames.len();
    let brightness = frames.iter().map(|f| f.brightness).sum::<f64>() / frames.len() as f64;
    let seen: Vec<&ReadFace> = frames.iter().filter_map(|f| f.read.as_ref()).collect();
    if !enough(seen.len()) {
        return if brightness < DARK {
            Reading::Dark { brightness }
        } else {
            Reading::NoFace
        };
    }
    let faces = median(
        frames
            .iter()
            .filter(|f| f.read.is_some())
            .map(|f| f.people)
            .collect(),
    );
    if several == SeveralFaces::None && faces > 1 {
        return Reading::NoFace;
    }
    let good: Vec<&ReadFace> = seen
        .iter()
        .copied()
        .filter(|f| f.quality.overall >= LEAST)
        .collect();
    if !enough(good.len()) {
        return if enough(seen.iter().filter(|f| f.too_dark).count()) {
            Reading::Dark { brightness }
        } else {
            Reading::Blurred {
                quality: mean_quality(&seen),
            }
        };
    }
    let mut raw = [0.0; EXPRESSIONS];
    let weight: f64 = good.iter().map(|f| f.quality.overall).sum();
    for face in &good {
        for (sum, p) in raw.iter_mut().zip(&face.raw) {
            *sum += p * face.quality.overall / weight;
        }
    }
    let distribution = calibrate(&raw);
    let affect = Affect::expected(&distribution);
    let faces = u32::try_from(faces).unwrap_or(u32::MAX);
    Reading::Face {
        distribution,
        affect,
        quality: mean_quality(&good),
        faces,
    }
}

/// The mean of each part, and their product.
fn mean_quality(faces: &[&ReadFace]) -> Quality {
    let mean = |part: fn(&Quality) -> f64| {
        let sum: f64 = faces.iter().map(|f| part(&f.quality)).sum();
        round(sum / faces.len().max(1) as f64)
    };
    let (size, sharpness) = (mean(|q| q.size), mean(|q| q.sharpness));
    let (brightness, inside) = (mean(|q| q.brightness), mean(|q| q.inside));
    Quality {
        overall: round(size * sharpness * brightness * inside),
        size,
        sharpness,
        brightness,
        inside,
    }
}

/// Three digits: more are noise, and make the line long.
fn round(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

fn median(mut counts: Vec<usize>) -> usize {
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied().unwrap_or(0)
}

/// The face that counts in a frame, measured.
#[must_use]
pub fn measured(
    picture: &crate::luma::Luma,
    face: &FaceBox,
    crop: &crate::luma::Crop,
    raw: [f64; EXPRESSIONS],
) -> ReadFace {
    ReadFace {
        face: *face,
        quality: quality::of(picture, face, crop),
        too_dark: quality::is_too_dark(crop),
        raw,
    }
}

#[cfg(test)]
mod tests {
    use moodlark_core::Emotion;

    use super::*;

    fn frame(brightness: f64, faces: usize, overall: f64, emotion: Emotion) -> Observation {
        let quality = Quality {
            overall,
            size: 1.0,
            sharpness: overall,
            brightness: 1.0,
            inside: 1.0,
        };
        let face = FaceBox {
            width: 100.0,
            height: 100.0,
            ..FaceBox::default()
        };
        let raw = *Distribution::certain(emotion).as_array();
        let read = (faces > 0).then_some(ReadFace {
            face,
            quality,
            too_dark: brightness < 0.03,
            raw,
        });
        Observation {
            brightness,
            faces: vec![face; faces],
            people: faces,
            read,
        }
    }

    fn read(frames: &[Observation]) -> Reading {
        reading(frames, SeveralFaces::Largest, |raw| {
            Distribution::from_weights(*raw).unwrap()
        })
    }

    #[test]
    fn better_frames_count_for_more() {
        let frames = [
            frame(0.5, 1, 0.9, Emotion::Happy),
            frame(0.5, 1, 0.3, Emotion::Sad),
        ];
        let Reading::Face {
            distribution,
            faces,
            ..
        } = read(&frames)
        else {
            panic!()
        };
        assert!((distribution.get(Emotion::Happy) - 0.75).abs() < 1e-9);
        assert_eq!(faces, 1);
    }

    #[test]
    fn one_sighting_in_five_is_nobody() {
        let mut frames = vec![frame(0.5, 0, 0.0, Emotion::Sad); 5];
        frames[2] = frame(0.5, 1, 0.9, Emotion::Sad);
        assert_eq!(read(&frames), Reading::NoFace);
        frames[3] = frame(0.5, 1, 0.9, Emotion::Sad);
        assert!(read(&frames).is_face());
        assert!(
            read(&frames[2..3]).is_face(),
            "a single picture is enough by itself"
        );
    }

    #[test]
    fn darkness_and_blur_are_told_apart() {
        assert!(matches!(
            read(&[frame(0.01, 0, 0.0, Emotion::Sad)]),
            Reading::Dark { .. }
        ));
        assert!(matches!(
            read(&[frame(0.01, 1, 0.0, Emotion::Sad)]),
            Reading::Dark { .. }
        ));
        assert!(matches!(
            read(&[frame(0.5, 1, 0.05, Emotion::Sad)]),
            Reading::Blurred { .. }
        ));
        assert_eq!(read(&[frame(0.5, 0, 0.0, Emotion::Sad)]), Reading::NoFace);
    }

    #[test]
    fn two_people_are_nobody_if_so_configured() {
        let frames = [frame(0.5, 2, 0.9, Emotion::Happy)];
        let none = reading(&frames, SeveralFaces::None, |_| Distribution::UNIFORM);
        assert_eq!(none, Reading::NoFace);
        assert!(matches!(read(&frames), Reading::Face { faces: 2, .. }));
    }

    #[test]
    fn no_frame_is_a_failure() {
        assert!(matches!(read(&[]), Reading::Failed { .. }));
    }
}
