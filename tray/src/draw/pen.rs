//! The parts of a face, in the picture's own measure.

use tiny_skia::{PathBuilder, Rect, Transform};

use super::{Canvas, MIDDLE, Tint};

/// Draws the parts of a face.
pub(super) struct Pen<'a> {
    pub(super) canvas: &'a mut Canvas,
    pub(super) size: f32,
    pub(super) tint: Tint,
}

impl Pen<'_> {
    /// As thick as a line must be to be seen at 16 pixels.
    const WIDTH: f32 = 4.2;

    fn at(&self, (x, y): (f32, f32)) -> (f32, f32) {
        (
            MIDDLE + (x - MIDDLE) * self.size,
            MIDDLE + (y - MIDDLE) * self.size,
        )
    }

    /// Lines grow thin more slowly than the face grows small.
    fn width(&self) -> f32 {
        Self::WIDTH * self.size.sqrt()
    }

    pub(super) fn eyes(&mut self, y: f32, radius: f32) {
        self.oval(16.0, y, radius, radius);
        self.oval(32.0, y, radius, radius);
    }

    pub(super) fn oval(&mut self, x: f32, y: f32, across: f32, down: f32) {
        let (x, y) = self.at((x, y));
        let grown = self.size.sqrt();
        let (across, down) = (across * grown, down * grown);
        if let Some(path) = Rect::from_ltrb(x - across, y - down, x + across, y + down)
            .and_then(PathBuilder::from_oval)
        {
            self.canvas.fill(&path, self.tint);
        }
    }

    pub(super) fn line(&mut self, points: &[(f32, f32)]) {
        let mut path = PathBuilder::new();
        for (index, point) in points.iter().enumerate() {
            let (x, y) = self.at(*point);
            if index == 0 {
                path.move_to(x, y);
            } else {
                path.line_to(x, y);
            }
        }
        self.stroke(path);
    }

    pub(super) fn curve(&mut self, from: (f32, f32), through: (f32, f32), to: (f32, f32)) {
        let (from, through, to) = (self.at(from), self.at(through), self.at(to));
        let mut path = PathBuilder::new();
        path.move_to(from.0, from.1);
        path.quad_to(through.0, through.1, to.0, to.1);
        self.stroke(path);
    }

    pub(super) fn fill(&mut self, draw: impl FnOnce(&mut PathBuilder)) {
        let mut path = PathBuilder::new();
        draw(&mut path);
        let around = Transform::from_translate(-MIDDLE, -MIDDLE)
            .post_scale(self.size, self.size)
            .post_translate(MIDDLE, MIDDLE);
        if let Some(path) = path.finish().and_then(|path| path.transform(around)) {
            self.canvas.fill(&path, self.tint);
        }
    }

    fn stroke(&mut self, path: PathBuilder) {
        let width = self.width();
        if let Some(path) = path.finish() {
            self.canvas.stroke(&path, width, self.tint);
        }
    }
}
