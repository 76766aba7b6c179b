//! Draws every state of the icon at the sizes of panels, on a dark and a light one, into a PNG:
//! `cargo run -p moodlark-tray --example sheet -- sheet.png`

use std::{fs::File, io::BufWriter};

use moodlark_tray::{
    draw::draw,
    mood::Mood,
    picture::{Face, Ink, Picture, Sign},
};

/// The size that the tray hands to the panel, and those that panels make of it.
const SIZES: [usize; 4] = [48, 24, 22, 16];
const GIVEN: usize = 48;
/// How much larger than life.
const ZOOM: usize = 2;
const CELL: usize = 54;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("say where to write")?;
    let faces: Vec<Face> = Mood::ALL
        .into_iter()
        .map(Face::Of)
        .chain([Face::Unknown])
        .collect();
    let signs = [Sign::Idle, Sign::Looking, Sign::Paused, Sign::Blocked];
    let mut rows: Vec<(Ink, Vec<(Face, Sign)>)> = Vec::new();
    for ink in [Ink::Colour, Ink::Light, Ink::Dark] {
        for sign in signs {
            let mut row: Vec<_> = faces.iter().map(|face| (*face, sign)).collect();
            row.push((Face::Gone, Sign::Gone));
            rows.push((ink, row));
        }
    }
    let panels: [[u8; 3]; 2] = [[36, 36, 40], [240, 240, 240]];
    let columns = 9;
    // Coloured icons on both panels, symbolic ones on theirs; all sizes below one another.
    let tall: usize = SIZES.iter().map(|size| size + 4).sum();
    let (width, height) = (columns * CELL * 2 + 8, (rows.len() / 3 * 2) * tall);
    let mut pixels = vec![90_u8; width * height * 3];
    for (index, (ink, row)) in rows.iter().enumerate() {
        let sides: &[usize] = match ink {
            Ink::Colour => &[0, 1],
            Ink::Light => &[0],
            Ink::Dark => &[1],
        };
        let line = match ink {
            Ink::Colour => index,
            Ink::Light => index,
            Ink::Dark => index - 4,
        };
        for side in sides {
            for (column, (face, sign)) in row.iter().enumerate() {
                let picture = Picture {
                    face: *face,
                    sign: *sign,
                    ink: *ink,
                };
                let given = draw(picture, GIVEN as u32).ok_or("no picture")?;
                let mut top = line * tall;
                for size in SIZES {
                    let left = side * (columns * CELL + 8) + column * CELL;
                    for y in 0..size + 4 {
                        for x in 0..CELL {
                            let at = ((top + y) * width + left + x) * 3;
                            pixels[at..at + 3].copy_from_slice(&panels[*side]);
                        }
                    }
                    shrink(&given, size, |x, y, [r, g, b, a]| {
                        let at = ((top + 2 + y) * width + left + 3 + x) * 3;
                        for (place, value) in pixels[at..at + 3].iter_mut().zip([r, g, b]) {
                            *place = (value * a + f32::from(*place) * (1.0 - a)) as u8;
                        }
                    });
                    top += size + 4;
                }
            }
        }
    }
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, (width * ZOOM) as u32, (height * ZOOM) as u32);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header()?;
    let large: Vec<u8> = (0..height * ZOOM)
        .flat_map(|y| (0..width * ZOOM).map(move |x| (x / ZOOM, y / ZOOM)))
        .flat_map(|(x, y)| {
            let at = (y * width + x) * 3;
            [pixels[at], pixels[at + 1], pixels[at + 2]]
        })
        .collect();
    writer.write_image_data(&large)?;
    Ok(())
}

/// Area averages, as panels make a picture smaller.
fn shrink(given: &[u8], size: usize, mut put: impl FnMut(usize, usize, [f32; 4])) {
    let step = GIVEN as f32 / size as f32;
    for y in 0..size {
        for x in 0..size {
            let (mut sum, mut weight) = ([0.0_f32; 4], 0.0);
            let (x0, x1) = (x as f32 * step, (x + 1) as f32 * step);
            let (y0, y1) = (y as f32 * step, (y + 1) as f32 * step);
            for v in y0 as usize..(y1.ceil() as usize).min(GIVEN) {
                for u in x0 as usize..(x1.ceil() as usize).min(GIVEN) {
                    let part = ((u as f32 + 1.0).min(x1) - (u as f32).max(x0))
                        * ((v as f32 + 1.0).min(y1) - (v as f32).max(y0));
                    let at = (v * GIVEN + u) * 4;
                    let alpha = f32::from(given[at + 3]) / 255.0;
                    for channel in 0..3 {
                        sum[channel] += f32::from(given[at + channel]) * alpha * part;
                    }
                    sum[3] += alpha * part;
                    weight += part;
                }
            }
            if sum[3] > 0.0 {
                let [r, g, b, a] = sum;
                put(x, y, [r / a, g / a, b / a, a / weight]);
            }
        }
    }
}
