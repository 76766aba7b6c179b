//! Faces by BlazeFace (short range): finds turned and tilted faces that rustface does not, and the eyes.

use anyhow::{Context, Result};
use moodlark_models::weights;

use crate::{
    face::{Detector, FaceBox, without_doubles},
    luma::Luma,
    network::Network,
};

/// The network's picture is this many pixels square.
const SIDE: usize = 128;
/// Below this probability a face is none. MediaPipe's default.
const SCORE: f32 = 0.5;
/// Boxes that overlap by more are the same face. MediaPipe's default.
const DOUBLES: f32 = 0.3;
/// How many anchors there are: 16×16 twice and 8×8 six times.
const ANCHORS: usize = 896;
/// Numbers for each anchor: a box and six key points.
const NUMBERS: usize = 16;

/// The detector with its network.
pub struct Blazeface(Network);

impl Blazeface {
    /// Reads the embedded network.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load() -> Result<Self> {
        Ok(Self(
            Network::load(weights::BLAZEFACE, &[1, SIDE, SIDE, 3]).context("BlazeFace")?,
        ))
    }

    /// The faces in a picture, in its own pixels.
    ///
    /// # Errors
    /// When the network fails.
    pub fn detect(&self, picture: &Luma) -> Result<Vec<FaceBox>> {
        let (input, scale, left, top) = letterboxed(picture);
        let outputs = self.0.run(&input)?;
        let of_size = |n: usize| outputs.iter().find(|o| o.len() == n);
        let numbers = of_size(ANCHORS * NUMBERS).context("BlazeFace answers with no boxes")?;
        let logits = of_size(ANCHORS).context("BlazeFace answers with no scores")?;
        let faces = decoded(numbers, logits).into_iter().map(|face| {
            FaceBox {
                x: face.x - left,
                y: face.y - top,
                ..face
            }
            .scaled(1.0 / scale)
        });
        Ok(without_doubles(faces.collect(), DOUBLES))
    }
}

/// The picture in the middle of a square, as red, green and blue of −1..=1; with the scale and the margins.
fn letterboxed(picture: &Luma) -> (Vec<f32>, f32, f32, f32) {
    let scale = SIDE as f32 / picture.width().max(picture.height()) as f32;
    let left = (SIDE as f32 - picture.width() as f32 * scale) / 2.0;
    let top = (SIDE as f32 - picture.height() as f32 * scale) / 2.0;
    let (cx, cy) = (picture.width() as f32 / 2.0, picture.height() as f32 / 2.0);
    let half = SIDE as f32 / scale / 2.0;
    let square = FaceBox {
        x: cx - half,
        y: cy - half,
        width: 2.0 * half,
        height: 2.0 * half,
        ..FaceBox::default()
    };
    let crop = picture.crop(&square, 1.0, SIDE);
    let mut input = Vec::with_capacity(SIDE * SIDE * 3);
    for (i, value) in crop.values().iter().enumerate() {
        let (x, y) = ((i % SIDE) as f32 + 0.5, (i / SIDE) as f32 + 0.5);
        let inside = x > left && x < SIDE as f32 - left && y > top && y < SIDE as f32 - top;
        let value = if inside { value / 127.5 - 1.0 } else { -1.0 };
        input.extend([value; 3]);
    }
    (input, scale, left, top)
}

/// The middle of an anchor in pixels of the network's picture.
fn anchor(index: usize) -> (f32, f32) {
    const FINE: usize = 16 * 16 * 2;
    let (cell, grid) = if index < FINE {
        (index / 2, 16)
    } else {
        ((index - FINE) / 6, 8)
    };
    let stride = (SIDE / grid) as f32;
    (
        ((cell % grid) as f32 + 0.5) * stride,
        ((cell / grid) as f32 + 0.5) * stride,
    )
}

/// The boxes of the anchors that are sure enough, in pixels of the network's picture.
fn decoded(numbers: &[f32], logits: &[f32]) -> Vec<FaceBox> {
    let sure = (SCORE / (1.0 - SCORE)).ln();
    let all = numbers.chunks_exact(NUMBERS).zip(logits).enumerate();
    all.filter(|(_, (_, logit))| **logit >= sure)
        .filter_map(|(index, (n, logit))| {
            let (ax, ay) = anchor(index);
            let (cx, cy, width, height) = (ax + n[0], ay + n[1], n[2], n[3]);
            // Key points 0 and 1 are the eyes on the picture's left and right.
            let roll = (n[7] - n[5]).atan2(n[6] - n[4]);
            let good = [cx, cy, width, height, roll].iter().all(|v| v.is_finite())
                && width > 1.0
                && height > 1.0;
            good.then(|| FaceBox {
                x: cx - width / 2.0,
                y: cy - height / 2.0,
                width,
                height,
                roll,
                score: 1.0 / (1.0 + (-logit).exp()),
                detector: Detector::Blazeface,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_lie_in_the_middle_of_their_cells() {
        assert_eq!(anchor(0), (4.0, 4.0));
        assert_eq!(anchor(1), (4.0, 4.0));
        assert_eq!(anchor(2), (12.0, 4.0));
        assert_eq!(anchor(32), (4.0, 12.0));
        assert_eq!(anchor(512), (8.0, 8.0));
        assert_eq!(anchor(518), (24.0, 8.0));
        assert_eq!(anchor(ANCHORS - 1), (120.0, 120.0));
    }

    #[test]
    fn a_box_is_relative_to_its_anchor() {
        let (mut numbers, mut logits) = (vec![0.0; ANCHORS * NUMBERS], vec![-9.0; ANCHORS]);
        logits[2] = 3.0;
        numbers[2 * NUMBERS..][..8].copy_from_slice(&[8.0, 6.0, 40.0, 30.0, -5.0, 0.0, 5.0, 10.0]);
        let faces = decoded(&numbers, &logits);
        assert_eq!(faces.len(), 1);
        assert_eq!((faces[0].x, faces[0].y, faces[0].width), (0.0, -5.0, 40.0));
        assert!((faces[0].roll - std::f32::consts::FRAC_PI_4).abs() < 1e-6);
        assert!(faces[0].score > 0.9);
    }

    #[test]
    fn numbers_that_are_none_make_no_face() {
        assert!(decoded(&vec![f32::NAN; ANCHORS * NUMBERS], &vec![9.0; ANCHORS]).is_empty());
        assert!(decoded(&vec![0.0; ANCHORS * NUMBERS], &vec![f32::NAN; ANCHORS]).is_empty());
    }

    #[test]
    fn a_wide_picture_gets_dark_margins_above_and_below() {
        let white = Luma::new(64, 32, vec![255; 64 * 32]).unwrap();
        let (input, scale, left, top) = letterboxed(&white);
        assert_eq!((scale, left, top), (2.0, 0.0, 32.0));
        assert_eq!(input[0], -1.0);
        assert!(input[(64 * SIDE + 64) * 3] > 0.99);
    }
}
