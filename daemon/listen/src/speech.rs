//! Somebody who talks, told from music by three simple things.
//!
//! Syllables come about four times a second, between them are pauses, and no tone is held. Each of the three is common in
//! some music; all of them together over half a minute are not. How well that does: `examples/spoken.rs`.

use crate::{
    mel::{HOP, Mel},
    resample::RATE,
};

/// What is measured of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speech {
    /// The share of the loudness' swings that lies between 2.5 and 7 Hz, of those between 0.5 and 20 Hz.
    pub syllables: f32,
    /// The share of frames that are less than half as loud as the second around them.
    pub pauses: f32,
    /// How steady the tones are: [`crate::key::Key::steadiness`].
    pub steadiness: f32,
}

/// Measures a window.
#[must_use]
pub fn of(mel: &Mel, steadiness: f32) -> Speech {
    Speech {
        syllables: syllables(&mel.power),
        pauses: pauses(&mel.power),
        steadiness,
    }
}

fn per_second() -> f32 {
    RATE as f32 / HOP as f32
}

fn pauses(power: &[f32]) -> f32 {
    let second = per_second() as usize;
    let quiet: usize = power
        .chunks(second)
        .map(|part| {
            let mean = part.iter().map(|p| p.sqrt()).sum::<f32>() / part.len() as f32;
            part.iter().filter(|p| p.sqrt() < 0.5 * mean).count()
        })
        .sum();
    quiet as f32 / power.len().max(1) as f32
}

/// By Goertzel's sums at steps of 0.5 Hz over pieces of 4 s.
fn syllables(power: &[f32]) -> f32 {
    let loud: Vec<f32> = power.iter().map(|p| p.sqrt()).collect();
    let piece = (4.0 * per_second()) as usize;
    let (mut inside, mut all) = (0.0f32, 0.0f32);
    for part in loud.chunks_exact(piece) {
        let mean = part.iter().sum::<f32>() / piece as f32;
        for step in 1..=40u8 {
            let hz = f32::from(step) * 0.5;
            let turn = std::f32::consts::TAU * hz / per_second();
            let (mut re, mut im) = (0.0f32, 0.0f32);
            for (i, x) in part.iter().enumerate() {
                let (sin, cos) = (turn * i as f32).sin_cos();
                re += (x - mean) * cos;
                im += (x - mean) * sin;
            }
            let energy = re * re + im * im;
            all += energy;
            if (2.5..=7.0).contains(&hz) {
                inside += energy;
            }
        }
    }
    if all > 0.0 { inside / all } else { 0.0 }
}

/// How much several windows sound like somebody who talks, 0..=1: the least of them, for a song may begin with a speech.
#[must_use]
pub fn score<'a>(windows: impl Iterator<Item = &'a Speech>) -> f32 {
    windows.map(one).reduce(f32::min).unwrap_or(0.0)
}

/// A logistic sum; the weights were set by hand on what `examples/spoken.rs` printed.
fn one(speech: &Speech) -> f32 {
    let sum = 12.0 * (speech.syllables - 0.35) + 10.0 * (speech.pauses - 0.25)
        - 12.0 * (speech.steadiness - 0.86);
    1.0 / (1.0 + (-sum).exp())
}

/// From this score on a track is left out as spoken.
pub const SPOKEN: f32 = 0.8;
