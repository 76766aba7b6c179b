//! Where a face is, and which of several counts.

/// The detector that found a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detector {
    /// rustface with SeetaFace's frontal model.
    #[default]
    Seeta,
    /// BlazeFace, short range.
    Blazeface,
}

impl Detector {
    /// The name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seeta => "rustface",
            Self::Blazeface => "BlazeFace",
        }
    }
}

/// Another detector's word on a face, or the same one's at a second, closer look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion {
    /// Whose it is.
    pub detector: Detector,
    /// How sure it is; each detector has its own scale.
    pub score: f32,
}

/// A face in a picture; lengths in pixels of that picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FaceBox {
    /// The left edge; may lie outside of the picture.
    pub x: f32,
    /// The upper edge; may lie outside of the picture.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// The eye line's angle in radians, clockwise; 0 where nobody saw the eyes.
    pub roll: f32,
    /// How sure the detector is; each has its own scale.
    pub score: f32,
    /// Whose box it is.
    pub detector: Detector,
    /// The second opinion, where one was asked for.
    pub second: Option<Opinion>,
}

impl FaceBox {
    /// The middle.
    #[must_use]
    pub fn centre(&self) -> (f32, f32) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// The longer side.
    #[must_use]
    pub fn side(&self) -> f32 {
        self.width.max(self.height)
    }

    /// The area in pixels, 0 if a side is negative or not a number.
    #[must_use]
    pub fn area(&self) -> f32 {
        self.width.max(0.0) * self.height.max(0.0)
    }

    /// The same face in a picture `by` times as large.
    #[must_use]
    pub fn scaled(self, by: f32) -> Self {
        Self {
            x: self.x * by,
            y: self.y * by,
            width: self.width * by,
            height: self.height * by,
            ..self
        }
    }

    /// The box moved towards the forehead by so many of its longer sides, along the face's own upright.
    #[must_use]
    pub fn raised(self, by: f32) -> Self {
        let (sin, cos) = self.roll.sin_cos();
        let way = by * self.side();
        Self {
            x: self.x + way * sin,
            y: self.y - way * cos,
            ..self
        }
    }

    /// How much of the box lies inside a picture of this size, 0..=1.
    #[must_use]
    pub fn inside(&self, width: usize, height: usize) -> f64 {
        let overlap = |from: f32, length: f32, limit: usize| {
            ((from + length).min(limit as f32) - from.max(0.0)).max(0.0)
        };
        let area = overlap(self.x, self.width, width) * overlap(self.y, self.height, height);
        if self.area() > 0.0 {
            f64::from(area / self.area()).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// Intersection over union, 0..=1.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> f32 {
        let overlap = |a: f32, al: f32, b: f32, bl: f32| ((a + al).min(b + bl) - a.max(b)).max(0.0);
        let both = overlap(self.x, self.width, other.x, other.width)
            * overlap(self.y, self.height, other.y, other.height);
        let either = self.area() + other.area() - both;
        if either > 0.0 { both / either } else { 0.0 }
    }
}

/// The largest face.
#[must_use]
pub fn largest(faces: &[FaceBox]) -> Option<&FaceBox> {
    faces.iter().max_by(|a, b| a.area().total_cmp(&b.area()))
}

/// Keeps the surest of boxes that overlap by more than `limit`, surest first.
#[must_use]
pub fn without_doubles(mut faces: Vec<FaceBox>, limit: f32) -> Vec<FaceBox> {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<FaceBox> = Vec::new();
    for face in faces {
        if kept.iter().all(|k| k.likeness(&face) <= limit) {
            kept.push(face);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, side: f32, score: f32) -> FaceBox {
        FaceBox {
            x,
            y: 0.0,
            width: side,
            height: side,
            score,
            ..FaceBox::default()
        }
    }

    #[test]
    fn the_largest_counts() {
        assert_eq!(
            largest(&[face(0.0, 10.0, 9.0), face(0.0, 30.0, 1.0)])
                .unwrap()
                .width,
            30.0
        );
        assert!(largest(&[]).is_none());
        // A box that is no box never wins over one that is.
        assert_eq!(
            largest(&[face(0.0, f32::NAN, 9.0), face(0.0, 3.0, 1.0)])
                .unwrap()
                .width,
            3.0
        );
    }

    #[test]
    fn how_much_lies_inside() {
        assert_eq!(face(0.0, 10.0, 1.0).inside(100, 100), 1.0);
        assert_eq!(face(-5.0, 10.0, 1.0).inside(100, 100), 0.5);
        assert_eq!(face(200.0, 10.0, 1.0).inside(100, 100), 0.0);
    }

    #[test]
    fn a_raised_box_moves_towards_the_forehead() {
        let upright = face(0.0, 10.0, 1.0).raised(0.1);
        assert_eq!((upright.x, upright.y), (0.0, -1.0));
        // Lying on its right cheek, the forehead is to the right.
        let lying = FaceBox {
            roll: std::f32::consts::FRAC_PI_2,
            ..face(0.0, 10.0, 1.0)
        };
        let raised = lying.raised(0.1);
        assert!((raised.x - 1.0).abs() < 1e-5 && raised.y.abs() < 1e-5);
    }

    #[test]
    fn doubles_go() {
        let kept = without_doubles(
            vec![
                face(0.0, 10.0, 1.0),
                face(1.0, 10.0, 2.0),
                face(50.0, 10.0, 0.5),
            ],
            0.3,
        );
        assert_eq!(kept.iter().map(|f| f.x).collect::<Vec<_>>(), [1.0, 50.0]);
    }
}
