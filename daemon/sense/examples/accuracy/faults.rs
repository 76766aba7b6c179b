//! What a webcam and a detector do to a face, each at three strengths.
//!
//! The faces of the sets have 48 pixels a side; lengths are in these. JPEG is done at 192 pixels, as a camera has a face,
//! because its blocks would be too large otherwise.

use moodlark_sense::{
    face::FaceBox,
    luma::{Crop, Luma},
};

/// A fault: its name, its three strengths in words, and what it does to a face at strength 0, 1 or 2.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) strengths: [&'static str; 3],
    pub(crate) run: fn(&Luma, usize, u64) -> Luma,
}

/// Every fault that is measured. The last argument of `run` is the number of the face, for what is random.
pub(crate) const FAULTS: [Fault; 11] = [
    Fault {
        name: "blur (σ)",
        strengths: ["0.75 px", "1.5 px", "2.5 px"],
        run: |face, s, _| blurred(face, [0.75, 1.5, 2.5][s]),
    },
    Fault {
        name: "low light (brightness ×)",
        strengths: ["0.3", "0.15", "0.07"],
        run: |face, s, _| lit(face, |p| p * [0.3, 0.15, 0.07][s]),
    },
    Fault {
        name: "low contrast (×, washed out)",
        strengths: ["0.5", "0.3", "0.2"],
        run: |face, s, _| lit(face, |p| p * [0.5, 0.3, 0.2][s] + [100.0, 150.0, 190.0][s]),
    },
    Fault {
        name: "gain noise (σ of 255)",
        strengths: ["8", "16", "30"],
        run: |face, s, number| noisy(face, [8.0, 16.0, 30.0][s], number),
    },
    Fault {
        name: "JPEG (quality)",
        strengths: ["30", "15", "7"],
        run: |face, s, _| jpeg(face, [30.0, 15.0, 7.0][s]),
    },
    Fault {
        name: "cut off at a side",
        strengths: ["10 %", "20 %", "30 %"],
        run: |face, s, number| cut(face, [0.1, 0.2, 0.3][s], number),
    },
    Fault {
        name: "shifted",
        strengths: ["5 %", "10 %", "15 %"],
        run: |face, s, number| {
            let by = [0.05, 0.1, 0.15][s];
            let (x, y) = [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)][(number % 4) as usize];
            moved(face, by * x, by * y, 1.0, 0.0)
        },
    },
    Fault {
        name: "crop too tight (×)",
        strengths: ["0.9", "0.8", "0.7"],
        run: |face, s, _| moved(face, 0.0, 0.0, [0.9, 0.8, 0.7][s], 0.0),
    },
    Fault {
        name: "crop too wide (×)",
        strengths: ["1.1", "1.25", "1.4"],
        run: |face, s, _| moved(face, 0.0, 0.0, [1.1, 1.25, 1.4][s], 0.0),
    },
    Fault {
        name: "roll",
        strengths: ["10°", "20°", "30°"],
        run: |face, s, number| {
            let turn = if number.is_multiple_of(2) { 1.0 } else { -1.0 };
            moved(face, 0.0, 0.0, 1.0, turn * [10.0, 20.0, 30.0][s])
        },
    },
    Fault {
        name: "glare on glasses (of the width)",
        strengths: ["6 %", "10 %", "15 %"],
        run: |face, s, _| glare(face, [0.06, 0.1, 0.15][s]),
    },
];

/// Small numbers that look random and are the same every time (SplitMix64, G. Steele et al. 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// 0..1.
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 24) as f32
    }

    /// Of mean 0 and deviation 1 (the sum of twelve).
    pub(crate) fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.next()).sum::<f32>() - 6.0
    }
}

/// A face as its set has it: the whole square is the crop.
pub(crate) fn whole(picture: &Luma, side: usize) -> Crop {
    picture.crop(&all_of(picture), 1.0, side)
}

fn all_of(picture: &Luma) -> FaceBox {
    FaceBox {
        width: picture.width() as f32,
        height: picture.height() as f32,
        ..FaceBox::default()
    }
}

/// A new picture from a value for each pixel.
fn drawn(like: &Luma, value: impl FnMut(usize) -> f32) -> Luma {
    let count = like.width() * like.height();
    let data = (0..count)
        .map(value)
        .map(|v| v.round().clamp(0.0, 255.0) as u8)
        .collect();
    Luma::new(like.width(), like.height(), data).unwrap_or_else(|| like.clone())
}

fn from_crop(crop: &Crop, like: &Luma) -> Luma {
    drawn(like, |i| crop.values()[i])
}

fn lit(face: &Luma, change: impl Fn(f32) -> f32) -> Luma {
    drawn(face, |i| change(f32::from(face.as_bytes()[i])))
}

fn noisy(face: &Luma, sigma: f32, number: u64) -> Luma {
    let mut random = Random(number);
    drawn(face, |i| {
        f32::from(face.as_bytes()[i]) + random.normal() * sigma
    })
}

/// Another square of the face than its set has: shifted by parts of its side, `factor` times as wide, turned by degrees.
fn moved(face: &Luma, x: f32, y: f32, factor: f32, degrees: f32) -> Luma {
    let side = face.width() as f32;
    let square = FaceBox {
        x: x * side,
        y: y * side,
        roll: degrees.to_radians(),
        ..all_of(face)
    };
    from_crop(&face.crop(&square, factor, face.width()), face)
}

/// The picture's edge runs through the face: beyond it, the edge is repeated, as where a crop is made.
fn cut(face: &Luma, part: f32, number: u64) -> Luma {
    let (w, h) = (face.width(), face.height());
    let lost = (part * w as f32).round() as usize;
    drawn(face, |i| {
        let (x, y) = (i % w, i / w);
        let (x, y) = match number % 3 {
            0 => (x.max(lost), y),
            1 => (x.min(w - 1 - lost), y),
            _ => (x, y.min(h - 1 - lost)),
        };
        f32::from(face.as_bytes()[y * w + x])
    })
}

/// A bright patch over each eye.
fn glare(face: &Luma, wide: f32) -> Luma {
    let n = face.width() as f32;
    drawn(face, |i| {
        let (x, y) = ((i % face.width()) as f32 / n, (i / face.width()) as f32 / n);
        let lit = [0.32f32, 0.68]
            .iter()
            .any(|eye| ((x - eye) / wide).powi(2) + ((y - 0.4) / (wide * 0.7)).powi(2) < 1.0);
        f32::from(face.as_bytes()[i]) + if lit { 170.0 } else { 0.0 }
    })
}

/// Gaussian blur.
pub(crate) fn blurred(face: &Luma, sigma: f32) -> Luma {
    if sigma <= 0.0 {
        return face.clone();
    }
    let reach = (3.0 * sigma).ceil() as isize;
    let weight = |d: isize| (-(d * d) as f32 / (2.0 * sigma * sigma)).exp();
    let total: f32 = (-reach..=reach).map(weight).sum();
    let width = face.width() as isize;
    let pass = |from: &Luma, dx: isize, dy: isize| {
        drawn(from, |i| {
            let (x, y) = (i as isize % width, i as isize / width);
            let sum: f32 = (-reach..=reach)
                .map(|d| weight(d) * from.at(x + d * dx, y + d * dy))
                .sum();
            sum / total
        })
    };
    pass(&pass(face, 1, 0), 0, 1)
}

/// The brightness quantisation of ITU-T T.81, table K.1, which nearly every encoder scales.
#[rustfmt::skip]
const QUANTISATION: [f32; 64] = [
    16., 11., 10., 16., 24., 40., 51., 61., 12., 12., 14., 19., 26., 58., 60., 55.,
    14., 13., 16., 24., 40., 57., 69., 56., 14., 17., 22., 29., 51., 87., 80., 62.,
    18., 22., 37., 56., 68., 109., 103., 77., 24., 35., 55., 64., 81., 104., 113., 92.,
    49., 64., 78., 87., 103., 121., 120., 101., 72., 92., 95., 98., 112., 100., 103., 99.,
];

/// JPEG's blocks and quantisation of a face of 192 pixels, at a quality as libjpeg counts it.
fn jpeg(face: &Luma, quality: f32) -> Luma {
    const SIDE: usize = 192;
    let scale = if quality < 50.0 {
        50.0 / quality
    } else {
        2.0 - quality / 50.0
    };
    let cosine = |k: usize, i: usize| {
        let norm = if k == 0 { 0.5f32.sqrt() } else { 1.0 };
        norm / 2.0 * (std::f32::consts::PI * (2 * i + 1) as f32 * k as f32 / 16.0).cos()
    };
    let table: [[f32; 8]; 8] = std::array::from_fn(|k| std::array::from_fn(|i| cosine(k, i)));
    let large = whole(face, SIDE);
    let mut data = vec![0.0f32; SIDE * SIDE];
    for block in 0..(SIDE / 8) * (SIDE / 8) {
        let corner = (block / (SIDE / 8)) * 8 * SIDE + (block % (SIDE / 8)) * 8;
        let place = |i: usize| corner + (i / 8) * SIDE + i % 8;
        let mut coefficients = [0.0f32; 64];
        for (k, coefficient) in coefficients.iter_mut().enumerate() {
            let sum: f32 = (0..64)
                .map(|i| {
                    (large.values()[place(i)] - 128.0) * table[k / 8][i / 8] * table[k % 8][i % 8]
                })
                .sum();
            let step = (QUANTISATION[k] * scale).max(1.0);
            *coefficient = (sum / step).round() * step;
        }
        for i in 0..64 {
            let sum: f32 = (0..64)
                .map(|k| coefficients[k] * table[k / 8][i / 8] * table[k % 8][i % 8])
                .sum();
            data[place(i)] = sum + 128.0;
        }
    }
    let bytes = data
        .iter()
        .map(|v| v.round().clamp(0.0, 255.0) as u8)
        .collect();
    Luma::new(SIDE, SIDE, bytes).map_or_else(
        || face.clone(),
        |decoded| from_crop(&whole(&decoded, face.width()), face),
    )
}
