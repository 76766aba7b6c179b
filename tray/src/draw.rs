//! What the icon shows → pixels.

mod pen;

use tiny_skia::{
    BlendMode, Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke,
    StrokeDash, Transform,
};

use crate::{
    mood::Mood,
    picture::{Face, Ink, Picture, Sign},
};

use pen::Pen;

/// Everything is drawn on a square of this side, and scaled.
const SIDE: f32 = 48.0;
const MIDDLE: f32 = SIDE / 2.0;
/// The radius of the face where nothing stands around it.
const WHOLE: f32 = 22.0;
/// The camera's dot and the bars: bottom right, where panels put their own badges too.
const BADGE: (f32, f32, f32) = (36.5, 36.5, 10.0);
/// The empty space that keeps a badge apart from the face.
const GAP: f32 = 2.5;

/// Red, green, blue.
type Rgb = (u8, u8, u8);
const WHITE: Rgb = (255, 255, 255);
const BLACK: Rgb = (0, 0, 0);
/// Lines on light colours.
const COAL: Rgb = (36, 31, 26);
/// The colour of every recorder's light.
const RED: Rgb = (229, 20, 30);
const AMBER: Rgb = (255, 170, 0);
const GREY: Rgb = (140, 144, 150);

/// What a shape is painted with.
#[derive(Debug, Clone, Copy)]
enum Tint {
    Solid(Rgb),
    /// Takes away what is there: lines in a symbolic icon.
    Cut,
}

/// Draws the picture on a square of `side` pixels: RGBA, a row after the other, not premultiplied.
///
/// `None` if a side of this length makes no picture: 0, or far too much.
#[must_use]
pub fn draw(picture: Picture, side: u32) -> Option<Vec<u8>> {
    let mut canvas = Canvas {
        pixmap: Pixmap::new(side, side)?,
        scale: Transform::from_scale(side as f32 / SIDE, side as f32 / SIDE),
    };
    canvas.picture(picture);
    Some(canvas.pixmap.take_demultiplied())
}

/// A mood's colour, and that of the lines on it. Told apart by lightness too, for who sees no red.
const fn colours(face: Face) -> (Rgb, Rgb) {
    match face {
        Face::Of(Mood::Happy) => ((255, 205, 30), COAL),
        Face::Of(Mood::Surprise) => ((255, 140, 40), COAL),
        Face::Of(Mood::Neutral) => ((120, 190, 180), COAL),
        Face::Of(Mood::Sad) => ((66, 128, 226), WHITE),
        Face::Of(Mood::Fear) => ((150, 95, 200), WHITE),
        Face::Of(Mood::Angry) => ((215, 56, 50), WHITE),
        Face::Of(Mood::Disgust) => ((95, 160, 60), COAL),
        Face::Unknown => ((165, 172, 180), COAL),
        Face::Gone => (GREY, GREY),
    }
}

struct Canvas {
    pixmap: Pixmap,
    scale: Transform,
}

impl Canvas {
    fn picture(&mut self, picture: Picture) {
        let (body, line) = match picture.ink {
            Ink::Colour => {
                let (body, line) = colours(picture.face);
                (Tint::Solid(body), Tint::Solid(line))
            }
            Ink::Light => (Tint::Solid(WHITE), Tint::Cut),
            Ink::Dark => (Tint::Solid(BLACK), Tint::Cut),
        };
        let coloured = picture.ink == Ink::Colour;
        match picture.sign {
            Sign::Idle => {
                self.disc(MIDDLE, MIDDLE, WHOLE, body);
                self.rim(coloured, WHOLE);
                self.face(picture.face, 1.0, line);
            }
            Sign::Looking => {
                let ring = if coloured { Tint::Solid(RED) } else { body };
                self.ring(WHOLE - 1.2, 4.5, ring);
                self.disc(MIDDLE, MIDDLE, 15.7, body);
                self.face(picture.face, 0.7, line);
                let (x, y, radius) = BADGE;
                self.disc(x, y, radius + GAP, Tint::Cut);
                // Red in a symbolic icon too: an open camera is no matter of taste. The glint makes it
                // a light, which is seen on red faces too.
                self.disc(x, y, radius, Tint::Solid(RED));
                self.disc(x, y, 3.6, Tint::Solid(WHITE));
            }
            Sign::Paused | Sign::Blocked => {
                self.hollow(picture.face, body, coloured);
                let (x, y, radius) = BADGE;
                self.disc(x, y, radius + GAP, Tint::Cut);
                let (badge, bars) = if coloured {
                    (Tint::Solid(AMBER), Tint::Solid(COAL))
                } else {
                    (body, Tint::Cut)
                };
                self.disc(x, y, radius + 0.5, badge);
                if picture.sign == Sign::Paused {
                    self.bar(x - 5.4, y - 5.5, 3.8, 11.0, bars);
                    self.bar(x + 1.6, y - 5.5, 3.8, 11.0, bars);
                } else {
                    self.bar(x - 6.5, y - 2.2, 13.0, 4.4, bars);
                }
            }
            Sign::Gone => {
                let stroke = Stroke {
                    width: 5.2,
                    line_cap: LineCap::Butt,
                    // Six dashes.
                    dash: StrokeDash::new(vec![13.0, 7.42], 0.0),
                    ..Stroke::default()
                };
                if let Some(circle) = PathBuilder::from_circle(MIDDLE, MIDDLE, WHOLE - 2.5) {
                    self.stroke_with(&circle, &stroke, body);
                }
                self.face(Face::Gone, 0.9, body);
            }
        }
    }

    /// A face without a body: a ring, and lines in the body's colour.
    fn hollow(&mut self, face: Face, body: Tint, coloured: bool) {
        if coloured {
            // Something to stand on where the panel is as light, or as dark, as the mood.
            self.disc(MIDDLE, MIDDLE, WHOLE, Tint::Solid((58, 60, 66)));
        }
        self.ring(WHOLE - 2.2, 4.0, body);
        self.face(face, 0.86, body);
    }

    /// A darker edge, which parts a light face from a light panel.
    fn rim(&mut self, coloured: bool, radius: f32) {
        if coloured && let Some(circle) = PathBuilder::from_circle(MIDDLE, MIDDLE, radius - 0.7) {
            let mut paint = Paint::default();
            paint.set_color(Color::from_rgba8(0, 0, 0, 110));
            paint.anti_alias = true;
            let stroke = Stroke {
                width: 1.6,
                ..Stroke::default()
            };
            self.pixmap
                .stroke_path(&circle, &paint, &stroke, self.scale, None);
        }
    }

    /// Eyes and mouth, around the middle, `size` times as large as on a whole face.
    fn face(&mut self, face: Face, size: f32, tint: Tint) {
        let mut pen = Pen {
            canvas: self,
            size,
            tint,
        };
        match face {
            Face::Of(Mood::Happy) => {
                pen.eyes(17.5, 3.3);
                pen.fill(|path| {
                    path.move_to(11.5, 26.0);
                    path.line_to(36.5, 26.0);
                    path.quad_to(35.0, 39.5, 24.0, 39.5);
                    path.quad_to(13.0, 39.5, 11.5, 26.0);
                    path.close();
                });
            }
            Face::Of(Mood::Surprise) => {
                pen.eyes(16.5, 3.8);
                pen.oval(24.0, 33.0, 5.6, 7.2);
            }
            Face::Of(Mood::Neutral) => {
                pen.eyes(18.5, 3.4);
                pen.line(&[(14.0, 32.0), (34.0, 32.0)]);
            }
            Face::Of(Mood::Sad) => {
                pen.eyes(20.0, 3.3);
                pen.curve((13.5, 37.0), (24.0, 24.5), (34.5, 37.0));
            }
            Face::Of(Mood::Fear) => {
                pen.eyes(17.5, 4.6);
                pen.line(&[
                    (12.5, 35.5),
                    (18.2, 30.5),
                    (24.0, 35.5),
                    (29.8, 30.5),
                    (35.5, 35.5),
                ]);
            }
            Face::Of(Mood::Angry) => {
                pen.line(&[(11.0, 13.5), (20.5, 19.0)]);
                pen.line(&[(37.0, 13.5), (27.5, 19.0)]);
                pen.eyes(22.5, 2.9);
                pen.curve((15.0, 36.5), (24.0, 27.5), (33.0, 36.5));
            }
            Face::Of(Mood::Disgust) => {
                pen.line(&[(12.5, 19.0), (20.5, 19.0)]);
                pen.line(&[(27.5, 19.0), (35.5, 19.0)]);
                pen.oval(24.0, 33.0, 9.0, 3.6);
            }
            Face::Unknown => {
                for x in [13.5, 24.0, 34.5] {
                    pen.oval(x, 24.0, 3.6, 3.6);
                }
            }
            Face::Gone => {
                for x in [16.5, 31.5] {
                    pen.line(&[(x - 4.0, 15.0), (x + 4.0, 23.0)]);
                    pen.line(&[(x + 4.0, 15.0), (x - 4.0, 23.0)]);
                }
                pen.line(&[(16.0, 33.5), (32.0, 33.5)]);
            }
        }
    }

    fn disc(&mut self, x: f32, y: f32, radius: f32, tint: Tint) {
        if let Some(circle) = PathBuilder::from_circle(x, y, radius) {
            self.fill(&circle, tint);
        }
    }

    fn ring(&mut self, radius: f32, width: f32, tint: Tint) {
        if let Some(circle) = PathBuilder::from_circle(MIDDLE, MIDDLE, radius) {
            self.stroke(&circle, width, tint);
        }
    }

    fn bar(&mut self, x: f32, y: f32, width: f32, height: f32, tint: Tint) {
        if let Some(rect) = Rect::from_xywh(x, y, width, height) {
            self.fill(&PathBuilder::from_rect(rect), tint);
        }
    }

    fn fill(&mut self, path: &Path, tint: Tint) {
        self.pixmap
            .fill_path(path, &paint(tint), FillRule::Winding, self.scale, None);
    }

    fn stroke(&mut self, path: &Path, width: f32, tint: Tint) {
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        self.stroke_with(path, &stroke, tint);
    }

    fn stroke_with(&mut self, path: &Path, stroke: &Stroke, tint: Tint) {
        self.pixmap
            .stroke_path(path, &paint(tint), stroke, self.scale, None);
    }
}

fn paint(tint: Tint) -> Paint<'static> {
    let mut paint = Paint {
        anti_alias: true,
        ..Paint::default()
    };
    match tint {
        Tint::Solid((red, green, blue)) => paint.set_color_rgba8(red, green, blue, 255),
        Tint::Cut => {
            paint.set_color_rgba8(0, 0, 0, 255);
            paint.blend_mode = BlendMode::DestinationOut;
        }
    }
    paint
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a panel of this shade shows, made smaller by area: a shade a pixel, 0..=255, in `side` rows.
    fn seen(picture: Picture, side: usize, panel: f32) -> Vec<f32> {
        let large = 48;
        let pixels = draw(picture, 48).unwrap();
        let step = large / side;
        (0..side * side)
            .map(|at| {
                let (left, top) = (at % side * step, at / side * step);
                let mut sum = 0.0;
                for y in top..top + step {
                    for x in left..left + step {
                        let pixel = &pixels[(y * large + x) * 4..][..4];
                        let channel = |i: usize| f32::from(pixel[i]);
                        let shade = 0.3 * channel(0) + 0.59 * channel(1) + 0.11 * channel(2);
                        let alpha = channel(3) / 255.0;
                        sum += shade * alpha + panel * (1.0 - alpha);
                    }
                }
                sum / (step * step) as f32
            })
            .collect()
    }

    /// How many pixels differ plainly, even for who sees no colours.
    fn differing(one: &[f32], other: &[f32]) -> usize {
        one.iter()
            .zip(other)
            .filter(|(one, other)| (*one - *other).abs() > 40.0)
            .count()
    }

    fn faces() -> impl Iterator<Item = Face> {
        Mood::ALL.into_iter().map(Face::Of).chain([Face::Unknown])
    }

    #[test]
    fn states_of_the_camera_differ_at_16_pixels_on_dark_and_light_panels_without_colour() {
        // Paused and blocked are one to the eye: both do not look.
        let signs = [Sign::Idle, Sign::Looking, Sign::Paused, Sign::Gone];
        for panel in [30.0, 240.0] {
            let inks = [
                Ink::Colour,
                if panel < 128.0 { Ink::Light } else { Ink::Dark },
            ];
            for (ink, face) in inks
                .into_iter()
                .flat_map(|ink| faces().map(move |face| (ink, face)))
            {
                for (index, sign) in signs.iter().enumerate() {
                    for other in &signs[index + 1..] {
                        let shown = |sign: Sign| {
                            let face = if sign == Sign::Gone { Face::Gone } else { face };
                            seen(Picture { face, sign, ink }, 16, panel)
                        };
                        let count = differing(&shown(*sign), &shown(*other));
                        assert!(
                            count >= 30,
                            "{face:?}, {ink:?} on {panel}: {sign:?} and {other:?} differ in {count} pixels"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn every_state_is_seen_on_both_panels() {
        for panel in [30.0, 240.0] {
            let empty = vec![panel; 256];
            for sign in [
                Sign::Idle,
                Sign::Looking,
                Sign::Paused,
                Sign::Blocked,
                Sign::Gone,
            ] {
                for face in faces() {
                    let face = if sign == Sign::Gone { Face::Gone } else { face };
                    let ink = Ink::Colour;
                    let count = differing(&seen(Picture { face, sign, ink }, 16, panel), &empty);
                    assert!(count >= 35, "{face:?}, {sign:?} on {panel}: {count} pixels");
                }
            }
        }
    }

    #[test]
    fn faces_differ_by_more_than_colour() {
        let all: Vec<_> = faces()
            .map(|face| {
                let picture = Picture {
                    face,
                    sign: Sign::Idle,
                    ink: Ink::Dark,
                };
                seen(picture, 24, 240.0)
            })
            .collect();
        for (index, one) in all.iter().enumerate() {
            for other in &all[index + 1..] {
                assert!(differing(one, other) >= 20);
            }
        }
    }

    #[test]
    fn any_size_that_makes_a_picture_is_drawn() {
        let picture = Picture {
            face: Face::Gone,
            sign: Sign::Gone,
            ink: Ink::Colour,
        };
        assert_eq!(draw(picture, 0), None);
        for side in [1, 16, 22, 48, 256] {
            assert_eq!(draw(picture, side).unwrap().len() as u32, side * side * 4);
        }
    }
}
