//! A square window onto a picture: where it lies, and how places in it and in the picture correspond.
//!
//! BlazeFace sees 128×128 pixels, whatever they show. A window around a face makes a small face large for it, and one that is
//! turned with the face makes it upright.

use crate::{face::FaceBox, luma::Luma};

/// A square part of a picture, possibly turned; lengths in pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Its middle, horizontally.
    pub x: f32,
    /// Its middle, vertically.
    pub y: f32,
    /// Its side.
    pub side: f32,
    /// How far it is turned, in radians, clockwise.
    pub roll: f32,
}

impl Window {
    /// The smallest upright square around all of a picture.
    #[must_use]
    pub fn whole(width: usize, height: usize) -> Self {
        Self {
            x: width as f32 / 2.0,
            y: height as f32 / 2.0,
            side: width.max(height) as f32,
            roll: 0.0,
        }
    }

    /// The square around a face, turned with it: `factor` times the longer side of its box.
    #[must_use]
    pub fn around(face: &FaceBox, factor: f32) -> Self {
        let (x, y) = face.centre();
        Self {
            x,
            y,
            side: face.side() * factor,
            roll: face.roll,
        }
    }

    /// Upright squares of the same size that cover a picture, `columns × rows` of them, evenly laid. None is larger than the
    /// picture's shorter side.
    #[must_use]
    pub fn tiles(width: usize, height: usize, columns: usize, rows: usize, side: f32) -> Vec<Self> {
        let (width, height) = (width as f32, height as f32);
        let side = side.min(width).min(height);
        // The middles of the first and the last lie half a side from the edges.
        let place = |number: usize, of: usize, length: f32| {
            let part = if of > 1 {
                number as f32 / (of - 1) as f32
            } else {
                0.5
            };
            side / 2.0 + part * (length - side)
        };
        (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (column, row)))
            .map(|(column, row)| Self {
                x: place(column, columns, width),
                y: place(row, rows, height),
                side,
                roll: 0.0,
            })
            .collect()
    }

    /// Where a place in the window lies in the picture. The window's own lengths are 0..=1 a side.
    #[must_use]
    pub fn to_picture(&self, (u, v): (f32, f32)) -> (f32, f32) {
        let (sin, cos) = self.roll.sin_cos();
        let (dx, dy) = ((u - 0.5) * self.side, (v - 0.5) * self.side);
        (self.x + dx * cos - dy * sin, self.y + dx * sin + dy * cos)
    }

    /// Where a place in the picture lies in the window, 0..=1 a side where it is inside.
    #[must_use]
    pub fn from_picture(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (sin, cos) = self.roll.sin_cos();
        let (dx, dy) = ((x - self.x) / self.side, (y - self.y) / self.side);
        (dx * cos + dy * sin + 0.5, dy * cos - dx * sin + 0.5)
    }

    /// A face that was found in the window, drawn `pixels` wide, as it lies in the picture.
    #[must_use]
    pub fn face_to_picture(&self, face: &FaceBox, pixels: f32) -> FaceBox {
        let (cx, cy) = face.centre();
        let (x, y) = self.to_picture((cx / pixels, cy / pixels));
        let scale = self.side / pixels;
        let (width, height) = (face.width * scale, face.height * scale);
        FaceBox {
            x: x - width / 2.0,
            y: y - height / 2.0,
            width,
            height,
            roll: face.roll + self.roll,
            ..*face
        }
    }

    /// What the window shows, `pixels` wide and high, brightness 0..=255; `None` for what lies beyond the picture.
    #[must_use]
    pub fn drawn(&self, picture: &Luma, pixels: usize) -> Vec<Option<f32>> {
        let step = self.side / pixels as f32;
        let (width, height) = (picture.width() as f32, picture.height() as f32);
        let (sin, cos) = self.roll.sin_cos();
        // Where a pixel of the window covers several of the picture, these are averaged first, and read between then.
        let by = (step as usize).max(1);
        let reach = self.side / 2.0 * (sin.abs() + cos.abs()) + 2.0 * by as f32;
        let from = |middle: f32| (middle - reach).max(0.0) as usize;
        let many = |middle: f32, length: f32| {
            ((middle + reach).clamp(0.0, length) as usize).saturating_sub(from(middle)) / by
        };
        let (left, top) = (from(self.x), from(self.y));
        let part = (by > 1)
            .then(|| picture.reduced(left, top, many(self.x, width), many(self.y, height), by))
            .flatten();
        let scale = by as f32;
        let at = |x: f32, y: f32| match &part {
            Some(part) => part.between((x - left as f32) / scale, (y - top as f32) / scale),
            None => picture.between(x, y),
        };
        let offset = |number: usize| (number as f32 + 0.5) * step - self.side / 2.0;
        let mut shown = Vec::with_capacity(pixels * pixels);
        for row in 0..pixels {
            let dy = offset(row);
            for column in 0..pixels {
                let dx = offset(column);
                let (x, y) = (self.x + dx * cos - dy * sin, self.y + dx * sin + dy * cos);
                let inside = x >= 0.0 && y >= 0.0 && x < width && y < height;
                shown.push(inside.then(|| at(x, y)));
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::*;

    /// Windows of many places, sizes and turns, the same every time.
    fn windows() -> impl Iterator<Item = Window> {
        (0..200u32).map(|n| {
            let part = |by: u32| ((n * by) % 199) as f32 / 199.0;
            Window {
                x: part(17) * 640.0,
                y: part(29) * 480.0,
                side: 20.0 + part(41) * 620.0,
                roll: (part(53) - 0.5) * 2.0 * PI,
            }
        })
    }

    #[test]
    fn there_and_back_is_the_same_place() {
        for window in windows() {
            for place in [(0.0, 0.0), (0.5, 0.5), (0.2, 0.9), (1.0, 0.3)] {
                let back = window.from_picture(window.to_picture(place));
                assert!((back.0 - place.0).abs() < 1e-3 && (back.1 - place.1).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn a_face_found_in_a_window_maps_back_into_the_picture() {
        for window in windows() {
            // A face in the picture, as the window shows it on 128 pixels.
            let real = FaceBox {
                x: 300.0,
                y: 200.0,
                width: 90.0,
                height: 80.0,
                roll: 0.4,
                ..FaceBox::default()
            };
            let (u, v) = window.from_picture(real.centre());
            let scale = 128.0 / window.side;
            let shown = FaceBox {
                x: u * 128.0 - real.width * scale / 2.0,
                y: v * 128.0 - real.height * scale / 2.0,
                width: real.width * scale,
                height: real.height * scale,
                roll: real.roll - window.roll,
                ..real
            };
            let back = window.face_to_picture(&shown, 128.0);
            assert!(back.likeness(&real) > 0.99, "{window:?}: {back:?}");
            assert!((back.roll - real.roll).abs() < 1e-4);
        }
    }

    #[test]
    fn tiles_reach_every_corner_and_stay_inside() {
        for (width, height, side) in [(640, 480, 320.0), (1920, 1080, 700.0), (100, 400, 320.0)] {
            let tiles = Window::tiles(width, height, 3, 2, side);
            assert_eq!(tiles.len(), 6);
            let reach = |tile: &Window| {
                let half = tile.side / 2.0;
                [
                    tile.x - half,
                    tile.y - half,
                    width as f32 - tile.x - half,
                    height as f32 - tile.y - half,
                ]
            };
            for tile in &tiles {
                assert!(reach(tile).iter().all(|gap| *gap >= -0.01), "{tile:?}");
            }
            for edge in 0..4 {
                assert!(tiles.iter().any(|tile| reach(tile)[edge].abs() < 0.01));
            }
        }
    }

    #[test]
    fn a_window_shows_its_part_of_the_picture_and_nothing_beyond() {
        let ramp = (0..100 * 100).map(|i| (i % 100) as u8).collect();
        let picture = Luma::new(100, 100, ramp).unwrap();
        let window = Window {
            x: 100.0,
            y: 50.0,
            side: 40.0,
            roll: 0.0,
        };
        let shown = window.drawn(&picture, 20);
        assert!((shown[0].unwrap() - 80.5).abs() < 0.6, "{:?}", shown[0]);
        assert!(shown[9].is_some() && shown[10].is_none());
    }

    #[test]
    fn what_is_averaged_first_lies_where_it_lay() {
        // Brightness grows by the column: a window shows at each place the column that it lies at, however coarse and turned.
        let ramp = (0..240 * 200).map(|i| (i % 240) as u8).collect();
        let picture = Luma::new(240, 200, ramp).unwrap();
        for (pixels, roll) in [(16, 0.0), (16, 0.5), (30, -0.3), (50, 0.1), (100, 0.7)] {
            let window = Window {
                x: 130.0,
                y: 95.0,
                side: 100.0,
                roll,
            };
            for (i, grey) in window.drawn(&picture, pixels).iter().enumerate() {
                let place = |at: usize| (at as f32 + 0.5) / pixels as f32;
                let (x, _) = window.to_picture((place(i % pixels), place(i / pixels)));
                let grey = grey.unwrap();
                assert!(
                    (grey - (x - 0.5)).abs() < 1.1,
                    "{pixels} {roll} {i}: {grey} {x}"
                );
            }
        }
    }
}
