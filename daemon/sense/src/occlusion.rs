//! Which parts of a face the likeliest expression hangs on: a map by covering one part after the other.
//!
//! M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", 2014: a grey square is moved over the
//! picture, and where it lowers the probability, the network had looked. It asks nothing of the network's inside.

use anyhow::{Context, Result};

use crate::luma::Crop;

/// The covering square's side, in parts of the crop's.
const PATCH: f32 = 0.2;
/// So many squares along each side.
const STEPS: usize = 13;
/// The side of the picture that is drawn, in pixels.
const DRAWN: usize = 384;

/// What covering each part of a face does to the probability of one expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Occlusion {
    /// `STEPS`×`STEPS`, row by row: by how much the probability falls, −1..=1, when the square lies there.
    falls: Vec<f64>,
}

/// The place of a step's square: its upper or left edge, 0..=1 − [`PATCH`].
fn edge(step: usize) -> f32 {
    step as f32 / (STEPS - 1) as f32 * (1.0 - PATCH)
}

impl Occlusion {
    /// Covers one part of the crop after the other. `probability` is the network's answer for a crop.
    ///
    /// # Errors
    /// What `probability` says.
    pub fn of(crop: &Crop, probability: impl Fn(&Crop) -> Result<f64>) -> Result<Self> {
        let plain = probability(crop)?;
        let places = (0..STEPS * STEPS).map(|i| (edge(i % STEPS), edge(i / STEPS)));
        let falls = places
            .map(|(x, y)| Ok(plain - probability(&crop.covered(x, y, PATCH))?))
            .collect::<Result<_>>()?;
        Ok(Self { falls })
    }

    /// The mean fall over the squares that cover a place of the crop, 0..=1 along each side.
    fn at(&self, x: f32, y: f32) -> f64 {
        let over = |at: f32| {
            (0..STEPS).filter(move |step| (edge(*step)..=edge(*step) + PATCH).contains(&at))
        };
        let (mut sum, mut count) = (0.0, 0.0);
        for row in over(y) {
            for column in over(x) {
                sum += self.falls[row * STEPS + column];
                count += 1.0;
            }
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// The largest fall or rise over any place, 0..=1; what full colour stands for in [`Self::png`].
    #[must_use]
    pub fn most(&self) -> f64 {
        self.falls
            .iter()
            .fold(0.0, |most, fall| most.max(fall.abs()))
    }

    /// The face in grey under colour: red where covering it lowers the probability (the network looked
    /// there and saw the expression), blue where it raises it (what is there speaks against it).
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn png(&self, crop: &Crop) -> Result<Vec<u8>> {
        let most = self.most().max(1e-6);
        let mut pixels = Vec::with_capacity(DRAWN * DRAWN * 3);
        for row in 0..DRAWN {
            for column in 0..DRAWN {
                let place = |at: usize| (at as f32 + 0.5) / DRAWN as f32;
                let (x, y) = (place(column), place(row));
                let grey = f64::from(crop.between(x, y));
                let tint = (self.at(x, y) / most).clamp(-1.0, 1.0);
                let (colour, share) = if tint > 0.0 {
                    ([255.0, 40.0, 0.0], tint * 0.65)
                } else {
                    ([0.0, 90.0, 255.0], -tint * 0.65)
                };
                pixels.extend(colour.map(|c: f64| (grey + (c - grey) * share) as u8));
            }
        }
        let mut file = Vec::new();
        let side = u32::try_from(DRAWN).context("the side of the map")?;
        let mut encoder = png::Encoder::new(&mut file, side, side);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&pixels)?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{face::FaceBox, luma::Luma};

    /// A crop that is bright in its upper left quarter alone.
    fn bright_corner() -> Crop {
        let data = (0..48 * 48)
            .map(|i| if i % 48 < 24 && i / 48 < 24 { 220 } else { 20 })
            .collect();
        let face = FaceBox {
            width: 48.0,
            height: 48.0,
            ..FaceBox::default()
        };
        Luma::new(48, 48, data).unwrap().crop(&face, 1.0, 48)
    }

    /// A "network" that sees nothing but the upper left quarter's brightness.
    fn corner(crop: &Crop) -> Result<f64> {
        let n = crop.side();
        let of_quarter = |i: &usize| i % n < n / 2 && i / n < n / 2;
        let sum: f32 = (0..n * n)
            .filter(of_quarter)
            .map(|i| crop.values()[i])
            .sum();
        Ok(f64::from(sum) / (n * n / 4) as f64 / 255.0)
    }

    #[test]
    fn the_map_shows_where_the_network_looks() {
        let map = Occlusion::of(&bright_corner(), corner).unwrap();
        assert!(map.at(0.25, 0.25) > 0.05, "{}", map.at(0.25, 0.25));
        assert!(map.at(0.8, 0.8).abs() < 1e-6);
        assert!(map.most() <= 1.0);
    }

    #[test]
    fn the_map_is_a_picture_redder_where_the_network_looks() {
        let crop = bright_corner();
        let map = Occlusion::of(&crop, corner).unwrap();
        let file = map.png(&crop).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let red = |x: usize, y: usize| {
            let at = (y * DRAWN + x) * 3;
            i32::from(pixels[at]) - i32::from(pixels[at + 2])
        };
        assert!(red(96, 96) > 60, "{}", red(96, 96));
        assert_eq!(red(340, 340), 0);
    }

    #[test]
    fn what_the_network_fails_at_is_said() {
        assert!(Occlusion::of(&bright_corner(), |_| anyhow::bail!("no")).is_err());
    }
}
