//! Faces by BlazeFace (short range): quick, finds turned and tilted faces too, and their eyes; small ones through a window.

use anyhow::{Context, Result};
use moodlark_models::weights;

use crate::{
    face::{Detector, FaceBox, without_doubles},
    luma::Luma,
    network::Network,
    window::Window,
};

/// The network's picture is this many pixels square.
const SIDE: usize = 128;
/// Boxes that overlap by more are the same face. MediaPipe's default.
const DOUBLES: f32 = 0.3;
/// How many anchors there are: 16×16 twice and 8×8 six times.
const ANCHORS: usize = 896;
/// From eye to eye, in sides of the box: the mean over 396 faces of FER2013.
const EYES: f32 = 0.413;
/// From the eyes' middle to the mouth, the same. The box's middle lies halfway.
const MOUTH: f32 = 0.452;
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

    /// The faces that a window shows, `least` sure and surer, in the picture's own pixels; the surest first.
    ///
    /// # Errors
    /// When the network fails.
    pub fn detect(&self, picture: &Luma, window: &Window, least: f32) -> Result<Vec<FaceBox>> {
        let outputs = self.0.run(&shown(picture, window))?;
        let of_size = |n: usize| outputs.iter().find(|o| o.len() == n);
        let numbers = of_size(ANCHORS * NUMBERS).context("BlazeFace answers with no boxes")?;
        let logits = of_size(ANCHORS).context("BlazeFace answers with no scores")?;
        let faces = without_doubles(decoded(numbers, logits, least), DOUBLES);
        let in_picture = |face: &FaceBox| window.face_to_picture(face, SIDE as f32);
        Ok(faces.iter().map(in_picture).collect())
    }
}

/// What a window shows, as red, green and blue of −1..=1; black beyond the picture.
fn shown(picture: &Luma, window: &Window) -> Vec<f32> {
    let value = |grey: f32| grey / 127.5 - 1.0;
    let mut input = vec![-1.0; SIDE * SIDE * 3];
    let whole = *window == Window::whole(picture.width(), picture.height());
    if whole && window.side >= (2 * SIDE) as f32 {
        // The usual case, ten times as quick by averaging whole pixels.
        let small = picture.shrunk_to(SIDE);
        let (left, top) = ((SIDE - small.width()) / 2, (SIDE - small.height()) / 2);
        for (row, line) in small.as_bytes().chunks(small.width()).enumerate() {
            for (column, grey) in line.iter().enumerate() {
                let at = ((top + row) * SIDE + left + column) * 3;
                input[at..at + 3].fill(value(f32::from(*grey)));
            }
        }
    } else {
        let pixels = input.chunks_exact_mut(3);
        for (pixel, grey) in pixels.zip(window.drawn(picture, SIDE)) {
            pixel.fill(grey.map_or(-1.0, value));
        }
    }
    input
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

fn middle(a: (f32, f32), b: (f32, f32)) -> (f32, f32) {
    (f32::midpoint(a.0, b.0), f32::midpoint(a.1, b.1))
}

fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// The boxes of the anchors that are sure enough, in pixels of the network's picture: squares, halfway between the network's own box
/// and the square that the eyes and the mouth call for. The points tilt with a face, and the box does not; the box keeps its width
/// when a face turns aside, and the points do not. Faces cropped by both are read right as often as by the points alone, in one or
/// two of a hundred more than by the box.
fn decoded(numbers: &[f32], logits: &[f32], least: f32) -> Vec<FaceBox> {
    let sure = (least / (1.0 - least)).ln();
    let all = numbers.chunks_exact(NUMBERS).zip(logits).enumerate();
    all.filter(|(_, (_, logit))| **logit >= sure)
        .filter_map(|(index, (n, logit))| {
            let (ax, ay) = anchor(index);
            // Key points 0 and 1 are the eyes on the picture's left and right, 3 is the middle of the mouth.
            let (eye, other, mouth) = ((n[4], n[5]), (n[6], n[7]), (n[10], n[11]));
            let roll = (other.1 - eye.1).atan2(other.0 - eye.0);
            let eyes = middle(eye, other);
            let (x, y) = middle((n[0], n[1]), middle(eyes, mouth));
            let by_points =
                f32::midpoint(distance(eye, other) / EYES, distance(eyes, mouth) / MOUTH);
            let side = f32::midpoint(n[2].max(n[3]), by_points);
            let good = [x, y, side, roll].iter().all(|v| v.is_finite()) && n[2] > 1.0 && n[3] > 1.0;
            good.then(|| FaceBox {
                x: ax + x - side / 2.0,
                y: ay + y - side / 2.0,
                width: side,
                height: side,
                roll,
                score: 1.0 / (1.0 + (-logit).exp()),
                detector: Detector::Blazeface,
                ..FaceBox::default()
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
        // A box of 40 around (20, 10); eyes and mouth around (16, 10), as far apart as in a box of 20.
        let (eye, down) = (20.0 * EYES / 2.0, 20.0 * MOUTH / 2.0);
        let points = [
            4.0 - eye,
            6.0 - down,
            4.0 + eye,
            6.0 - down,
            0.0,
            0.0,
            4.0,
            6.0 + down,
        ];
        numbers[2 * NUMBERS..][..4].copy_from_slice(&[8.0, 6.0, 40.0, 40.0]);
        numbers[2 * NUMBERS + 4..][..8].copy_from_slice(&points);
        let faces = decoded(&numbers, &logits, 0.5);
        assert_eq!(faces.len(), 1);
        let (x, y) = faces[0].centre();
        assert!(
            (x - 18.0).abs() < 1e-4 && (y - 10.0).abs() < 1e-4,
            "{x} {y}"
        );
        assert!((faces[0].width - 30.0).abs() < 1e-4);
        assert_eq!(faces[0].roll, 0.0);
        assert!(faces[0].score > 0.9);
    }

    #[test]
    fn the_line_of_the_eyes_is_the_tilt() {
        let (mut numbers, mut logits) = (vec![0.0; ANCHORS * NUMBERS], vec![-9.0; ANCHORS]);
        logits[2] = 3.0;
        numbers[2 * NUMBERS..][..8].copy_from_slice(&[8.0, 6.0, 40.0, 30.0, -5.0, 0.0, 5.0, 10.0]);
        let roll = decoded(&numbers, &logits, 0.5)[0].roll;
        assert!((roll - std::f32::consts::FRAC_PI_4).abs() < 1e-6);
    }

    #[test]
    fn numbers_that_are_none_make_no_face() {
        assert!(decoded(&vec![f32::NAN; ANCHORS * NUMBERS], &vec![9.0; ANCHORS], 0.5).is_empty());
        assert!(decoded(&vec![0.0; ANCHORS * NUMBERS], &vec![f32::NAN; ANCHORS], 0.5).is_empty());
    }

    #[test]
    fn a_wide_picture_gets_dark_margins_above_and_below() {
        for (width, height) in [(64, 32), (640, 320)] {
            let white = Luma::new(width, height, vec![255; width * height]).unwrap();
            let input = shown(&white, &Window::whole(width, height));
            let at = |row: usize| input[(row * SIDE + 64) * 3];
            assert_eq!((at(0), at(31), at(96)), (-1.0, -1.0, -1.0));
            assert!(at(32) > 0.99 && at(64) > 0.99 && at(95) > 0.99);
        }
    }
}
