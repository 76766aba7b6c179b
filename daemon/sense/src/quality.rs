//! How good the picture of a face is: size, sharpness, light, cut-off.

use moodlark_core::Quality;

use crate::{
    face::FaceBox,
    luma::{Crop, Luma},
};

/// The side of the crop that quality is measured on, in pixels: what the expression network wants, so that one crop does for both.
pub const SIDE: usize = 48;
/// A face is worth nothing below the first and everything from the second width on, in pixels. The network sees 48×48.
const SIZE: (f64, f64) = (32.0, 72.0);
/// Detail of a 48×48 crop ([`Crop::detail`]). Half of FER2013's faces have 0.68 and more, nineteen of twenty 0.30. Blurred until their
/// median is 0.063 the majority is met in .90 instead of .92, at 0.021 in .88, at 0.010 in .83, at 0.004 in .65: the "sharpness"
/// section of `cargo run --release -p moodlark-sense --example accuracy`. Sharp faces alone were looked at when people voted on them, so
/// what is blurred more than that is not believed, though it may be right.
const SHARPNESS: (f64, f64) = (0.01, 0.045);
/// Mean brightness 0..=1 of the face: too dark below the first, good from the second on …
const DARK: (f64, f64) = (0.03, 0.12);
/// … up to the first, burnt out from the second on.
const BRIGHT: (f64, f64) = (0.88, 0.98);
/// The part of the box inside of the picture.
const INSIDE: (f64, f64) = (0.6, 0.95);

/// Below this a face is not read.
pub const LEAST: f64 = 0.15;

/// The quality of a face in a picture; `crop` is the face as the networks see it.
#[must_use]
pub fn of(picture: &Luma, face: &FaceBox, crop: &Crop) -> Quality {
    let mean = f64::from(crop.mean()) / 255.0;
    let size = ramp(f64::from(face.side()), SIZE);
    let sharpness = ramp(f64::from(crop.detail()), SHARPNESS);
    let brightness = ramp(mean, DARK) * (1.0 - ramp(mean, BRIGHT));
    let inside = ramp(face.inside(picture.width(), picture.height()), INSIDE);
    Quality {
        overall: size * sharpness * brightness * inside,
        size,
        sharpness,
        brightness,
        inside,
    }
}

/// Whether it is the lack of light that makes the face unreadable.
#[must_use]
pub fn is_too_dark(crop: &Crop) -> bool {
    f64::from(crop.mean()) / 255.0 <= DARK.0
}

/// 0 up to the first, 1 from the second on, a straight line between.
fn ramp(value: f64, (none, all): (f64, f64)) -> f64 {
    if value.is_finite() {
        ((value - none) / (all - none)).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with some texture, of this mean brightness.
    fn textured(mean: f64) -> Luma {
        let swing = (mean * 255.0).min(255.0 - mean * 255.0).min(60.0);
        let pixel = |i: usize| {
            (mean * 255.0
                + if (i / 4 + i / 640 / 4).is_multiple_of(2) {
                    swing
                } else {
                    -swing
                }) as u8
        };
        Luma::new(640, 480, (0..640 * 480).map(pixel).collect()).unwrap()
    }

    fn quality(picture: &Luma, x: f32, side: f32) -> Quality {
        let face = FaceBox {
            x,
            y: 100.0,
            width: side,
            height: side,
            ..FaceBox::default()
        };
        of(picture, &face, &picture.crop(&face, 1.0, SIDE))
    }

    #[test]
    fn the_parts_make_the_whole() {
        let q = quality(&textured(0.5), 200.0, 64.0);
        assert!((q.overall - q.size * q.sharpness * q.brightness * q.inside).abs() < 1e-12);
        assert_eq!((q.brightness, q.inside), (1.0, 1.0));
    }

    #[test]
    fn small_dark_burnt_and_cut_off_faces_are_worth_less() {
        assert_eq!(quality(&textured(0.5), 200.0, 30.0).size, 0.0);
        assert_eq!(quality(&textured(0.01), 200.0, 200.0).brightness, 0.0);
        assert_eq!(quality(&textured(0.99), 200.0, 200.0).brightness, 0.0);
        assert_eq!(quality(&textured(0.5), -150.0, 200.0).inside, 0.0);
        let flat = Luma::new(640, 480, vec![128; 640 * 480]).unwrap();
        assert_eq!(quality(&flat, 200.0, 200.0).sharpness, 0.0);
    }

    #[test]
    fn a_ramp_of_nonsense_is_nothing() {
        assert_eq!(ramp(f64::NAN, SIZE), 0.0);
    }
}
