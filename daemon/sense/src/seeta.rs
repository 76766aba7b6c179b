//! Faces by rustface: SeetaFace's funnel of cascades. Frontal faces, small ones too; and a second opinion on others' finds.

use anyhow::{Context, Result};
use rustface::{FaceInfo, ImageData};

use crate::{
    face::{Detector, FaceBox},
    luma::Luma,
    window::Window,
};

/// The picture is shrunk to this many pixels on its longer side: five times as quick as at 640, with the same recall
/// for faces of 190 pixels and more there.
const LONGEST: usize = 320;
/// The smallest face looked for in the shrunk picture, in pixels: 72 at 640×480, arm's length and a bit.
const SMALLEST: u32 = 36;
/// Below this score a face is none. The authors' example value.
const SCORE: f64 = 2.0;

/// The side of the window that a find is judged in, in pixels, with the face filling half of it.
const JUDGED_IN: usize = 128;
/// A find is judged by the best score however low; rustface takes nothing that is not positive.
const ANY: f64 = 0.01;

/// The detector with its model.
pub struct Seeta(Box<dyn rustface::Detector>);

impl Seeta {
    /// Reads the embedded model.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load() -> Result<Self> {
        let model = rustface::read_model(moodlark_models::weights::SEETAFACE)
            .context("rustface cannot read the SeetaFace model")?;
        let mut detector = rustface::create_detector_with_model(model);
        detector.set_min_face_size(SMALLEST);
        detector.set_pyramid_scale_factor(0.8);
        detector.set_slide_window_step(4, 4);
        Ok(Self(detector))
    }

    /// The faces in a picture, in its own pixels.
    pub fn detect(&mut self, picture: &Luma) -> Vec<FaceBox> {
        let small = picture.shrunk_to(LONGEST);
        let back = picture.width() as f32 / small.width() as f32;
        self.found(&small, SCORE)
            .iter()
            .map(|face| {
                let b = face.bbox();
                FaceBox {
                    x: b.x() as f32,
                    y: b.y() as f32,
                    width: b.width() as f32,
                    height: b.height() as f32,
                    roll: 0.0,
                    score: face.score() as f32,
                    detector: Detector::Seeta,
                    ..FaceBox::default()
                }
                .scaled(back)
            })
            .collect()
    }

    /// How sure rustface is of a face that another found, turned upright; 0 where it sees none there.
    pub fn judges(&mut self, picture: &Luma, face: &FaceBox) -> f32 {
        let window = Window::around(face, 2.0);
        let grey = window
            .drawn(picture, JUDGED_IN)
            .iter()
            .map(|grey| grey.map_or(0, |g| g as u8))
            .collect();
        let Some(shown) = Luma::new(JUDGED_IN, JUDGED_IN, grey) else {
            return 0.0;
        };
        // Only a face in the middle is the one that was asked about.
        let central = |at: i32, length: u32| {
            let off = at as f32 + length as f32 / 2.0 - JUDGED_IN as f32 / 2.0;
            off.abs() < JUDGED_IN as f32 * 0.18
        };
        self.found(&shown, ANY)
            .iter()
            .filter(|face| {
                let b = face.bbox();
                central(b.x(), b.width()) && central(b.y(), b.height())
            })
            .map(|face| face.score() as f32)
            .fold(0.0, f32::max)
    }

    fn found(&mut self, picture: &Luma, least: f64) -> Vec<FaceInfo> {
        // rustface panics on pictures smaller than its window.
        if picture.width().min(picture.height()) < SMALLEST as usize {
            return Vec::new();
        }
        self.0.set_score_thresh(least);
        self.0.detect(&ImageData::new(
            picture.as_bytes(),
            picture.width() as u32,
            picture.height() as u32,
        ))
    }
}
