//! Faces by rustface: SeetaFace's funnel of cascades. Frontal faces, and quick.

use anyhow::{Context, Result};
use rustface::ImageData;

use crate::{
    face::{Detector, FaceBox},
    luma::Luma,
};

/// The picture is shrunk to this many pixels on its longer side: five times as quick as at 640, with the same recall
/// for faces of 190 pixels and more there.
const LONGEST: usize = 320;
/// The smallest face looked for in the shrunk picture, in pixels: 72 at 640×480, arm's length and a bit.
const SMALLEST: u32 = 36;
/// Below this score a face is none. The authors' example value.
const SCORE: f64 = 2.0;

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
        detector.set_score_thresh(SCORE);
        detector.set_pyramid_scale_factor(0.8);
        detector.set_slide_window_step(4, 4);
        Ok(Self(detector))
    }

    /// The faces in a picture, in its own pixels.
    pub fn detect(&mut self, picture: &Luma) -> Vec<FaceBox> {
        let small = picture.shrunk_to(LONGEST);
        // rustface panics on pictures smaller than its window.
        if small.width().min(small.height()) < SMALLEST as usize {
            return Vec::new();
        }
        let back = picture.width() as f32 / small.width() as f32;
        let image = ImageData::new(
            small.as_bytes(),
            small.width() as u32,
            small.height() as u32,
        );
        let faces = self.0.detect(&image);
        faces
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
                }
                .scaled(back)
            })
            .collect()
    }
}
