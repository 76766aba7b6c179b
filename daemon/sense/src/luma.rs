//! A grey picture. Everything here works on brightness alone: the detectors and the expression
//! networks need no colour, so none is kept.

pub use crate::crop::Crop;
use crate::face::FaceBox;

/// A grey picture, row by row from the top, 0 black to 255 white. Never empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Luma {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

// A picture must not reach a log by a stray `{:?}`.
impl std::fmt::Debug for Luma {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Luma({}×{})", self.width, self.height)
    }
}

impl Luma {
    /// A picture of `width × height` bytes; `None` if the data has another size or is empty.
    #[must_use]
    pub fn new(width: usize, height: usize, data: Vec<u8>) -> Option<Self> {
        let size = width.checked_mul(height)?;
        (size > 0 && data.len() == size).then_some(Self {
            width,
            height,
            data,
        })
    }

    /// Width in pixels.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// The bytes, row by row.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.data
    }

    /// The pixel, or the nearest one where the place lies outside.
    #[must_use]
    pub fn at(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        f32::from(self.data[y * self.width + x])
    }

    /// Between the pixels, whose centres lie at whole numbers and a half.
    #[must_use]
    pub fn between(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x - 0.5, y - 0.5);
        if x >= 0.0 && y >= 0.0 {
            // Nearly every place lies well inside, where cutting off is rounding down and no edge is near: a crop takes half the time.
            let (left, top) = (x as u32 as usize, y as u32 as usize);
            if left + 1 < self.width && top + 1 < self.height {
                let (fx, fy) = (x - left as f32, y - top as f32);
                let at = top * self.width + left;
                let (upper, lower) = (&self.data[at..at + 2], &self.data[at + self.width..][..2]);
                let row = |row: &[u8]| f32::from(row[0]) * (1.0 - fx) + f32::from(row[1]) * fx;
                return row(upper) * (1.0 - fy) + row(lower) * fy;
            }
        }
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        let upper = self.at(left, top) * (1.0 - fx) + self.at(left + 1, top) * fx;
        let lower = self.at(left, top + 1) * (1.0 - fx) + self.at(left + 1, top + 1) * fx;
        upper * (1.0 - fy) + lower * fy
    }

    /// Mean brightness, 0..=1.
    #[must_use]
    pub fn mean(&self) -> f64 {
        // In short sums, which the compiler adds up many at a time.
        let short = |part: &[u8]| part.iter().map(|p| u32::from(*p)).sum::<u32>();
        let sum: u64 = self.data.chunks(4096).map(|c| u64::from(short(c))).sum();
        sum as f64 / self.data.len() as f64 / 255.0
    }

    /// The picture, made smaller by averaging if a side is longer than `longest` pixels.
    #[must_use]
    pub fn shrunk_to(&self, longest: usize) -> Self {
        let side = self.width.max(self.height);
        if side <= longest || longest == 0 {
            return self.clone();
        }
        let scaled = |n: usize| ((n * longest + side / 2) / side).max(1);
        let (width, height) = (scaled(self.width), scaled(self.height));
        let columns = spans(self.width, width);
        let mut data = Vec::with_capacity(width * height);
        for (top, bottom) in spans(self.height, height) {
            for (left, right) in &columns {
                let mut sum = 0u32;
                for y in top..bottom {
                    let row = &self.data[y * self.width..][*left..*right];
                    sum += row.iter().map(|p| u32::from(*p)).sum::<u32>();
                }
                let count = ((bottom - top) * (right - left)) as u32;
                data.push(((sum + count / 2) / count) as u8);
            }
        }
        Self {
            width,
            height,
            data,
        }
    }

    /// The part from a corner on, `width × height` pixels of it, each the mean of `by × by` pixels; `None` if it reaches beyond
    /// the picture or is empty.
    #[must_use]
    pub fn reduced(
        &self,
        left: usize,
        top: usize,
        width: usize,
        height: usize,
        by: usize,
    ) -> Option<Self> {
        let inside = left + width * by <= self.width && top + height * by <= self.height;
        if !inside || width == 0 || height == 0 || by == 0 {
            return None;
        }
        let area = (by * by) as u32;
        let mut data = Vec::with_capacity(width * height);
        let mut sums = vec![0u32; width];
        for row in 0..height {
            sums.fill(0);
            for y in 0..by {
                let line = &self.data[(top + row * by + y) * self.width + left..][..width * by];
                for (sum, pixels) in sums.iter_mut().zip(line.chunks_exact(by)) {
                    *sum += pixels.iter().map(|p| u32::from(*p)).sum::<u32>();
                }
            }
            data.extend(sums.iter().map(|sum| ((sum + area / 2) / area) as u8));
        }
        Some(Self {
            width,
            height,
            data,
        })
    }

    /// A square of `side × side` brightness values 0..=255 around a face, turned upright: `factor` times the
    /// longer side of its box. Beyond the picture's edge the edge is repeated.
    #[must_use]
    pub fn crop(&self, face: &FaceBox, factor: f32, side: usize) -> Crop {
        let span = face.side() * factor;
        let step = span / side as f32;
        let (sin, cos) = face.roll.sin_cos();
        let (cx, cy) = face.centre();
        // Where a pixel of the crop covers several of the picture, average over a grid of them.
        let fine = (step.ceil().max(1.0) as usize).min(8);
        let mut data = Vec::with_capacity(side * side);
        for row in 0..side {
            for column in 0..side {
                let mut sum = 0.0;
                for i in 0..fine {
                    for j in 0..fine {
                        let part = |whole: usize, part: usize| {
                            (whole as f32 + (part as f32 + 0.5) / fine as f32) * step - span / 2.0
                        };
                        let (x, y) = (part(column, j), part(row, i));
                        sum += self.between(cx + x * cos - y * sin, cy + x * sin + y * cos);
                    }
                }
                data.push(sum / (fine * fine) as f32);
            }
        }
        Crop::new(side, data)
    }
}

/// Cuts `from` pixels into `to` spans that cover all of them, each at least one pixel.
fn spans(from: usize, to: usize) -> Vec<(usize, usize)> {
    (0..to)
        .map(|i| (i * from / to, ((i + 1) * from / to).max(i * from / to + 1)))
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn ramp(width: usize, height: usize) -> Luma {
        let data = (0..height)
            .flat_map(|_| (0..width).map(|x| x as u8))
            .collect();
        Luma::new(width, height, data).unwrap()
    }

    pub(crate) fn face(x: f32, y: f32, side: f32) -> FaceBox {
        FaceBox {
            x,
            y,
            width: side,
            height: side,
            ..FaceBox::default()
        }
    }

    #[test]
    fn a_picture_has_as_many_bytes_as_pixels() {
        assert!(Luma::new(2, 2, vec![0; 3]).is_none());
        assert!(Luma::new(0, 0, vec![]).is_none());
        assert!(Luma::new(usize::MAX, 2, vec![]).is_none());
    }

    #[test]
    fn shrinking_keeps_brightness_and_shape() {
        let small = ramp(200, 100).shrunk_to(50);
        assert_eq!((small.width(), small.height()), (50, 25));
        assert!((small.mean() - ramp(200, 100).mean()).abs() < 0.005);
        assert_eq!(ramp(40, 30).shrunk_to(50), ramp(40, 30));
        assert_eq!(ramp(200, 1).shrunk_to(50).height(), 1);
    }

    #[test]
    fn between_the_pixels_is_the_same_inside_and_at_the_edges() {
        let picture = ramp(20, 10);
        for i in 0..=200 {
            let x = i as f32 / 10.0;
            for y in [0.0, 0.4, 5.0, 9.7, 10.0] {
                let expected = (x - 0.5).clamp(0.0, 19.0);
                assert!((picture.between(x, y) - expected).abs() < 1e-4, "{x} {y}");
            }
        }
        assert_eq!(picture.between(-3.0, -3.0), 0.0);
        assert_eq!(picture.between(99.0, 99.0), 19.0);
    }

    #[test]
    fn a_reduced_part_is_the_mean_of_its_pixels() {
        let part = ramp(100, 50).reduced(10, 5, 20, 10, 4).unwrap();
        assert_eq!((part.width(), part.height()), (20, 10));
        // The mean of 10, 11, 12, 13 is 11.5.
        assert_eq!((part.as_bytes()[0], part.as_bytes()[1]), (12, 16));
        assert!(ramp(100, 50).reduced(30, 5, 20, 10, 4).is_none());
        assert!(ramp(100, 50).reduced(0, 0, 0, 10, 4).is_none());
    }

    #[test]
    fn a_crop_is_centred_on_its_face() {
        let crop = ramp(200, 200).crop(&face(60.0, 60.0, 40.0), 1.0, 8);
        // The ramp's value is its column: the middle of the face is at 80.
        assert!((crop.mean() - 79.5).abs() < 0.1, "{}", crop.mean());
        let wider = ramp(200, 200).crop(&face(60.0, 60.0, 40.0), 1.5, 8);
        assert!(wider.deviation() > crop.deviation());
    }

    #[test]
    fn a_crop_may_reach_over_the_edge() {
        let crop = ramp(50, 50).crop(&face(-30.0, -30.0, 60.0), 1.2, 16);
        assert!(crop.values().iter().all(|p| (0.0..=255.0).contains(p)));
    }

    #[test]
    fn a_turned_face_is_turned_upright() {
        // A quarter turn makes the column ramp a row ramp.
        let turned = FaceBox {
            roll: std::f32::consts::FRAC_PI_2,
            ..face(60.0, 60.0, 40.0)
        };
        let crop = ramp(200, 200).crop(&turned, 1.0, 8);
        assert!((crop.values()[0] - crop.values()[7]).abs() < 0.1);
        assert!((crop.values()[0] - crop.values()[56]).abs() > 10.0);
    }

    #[test]
    fn a_picture_does_not_print_its_pixels() {
        assert_eq!(format!("{:?}", ramp(20, 10)), "Luma(20×10)");
    }
}
