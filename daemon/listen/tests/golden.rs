//! The chain against the reference: `models/conversion/music_golden.py` writes what numpy and onnxruntime say of the same
//! generated sound.

use std::{collections::BTreeMap, f64::consts::TAU};

use moodlark_listen::mood::Ear;
use serde::Deserialize;

const RATE: f64 = 16_000.0;
const SECONDS: f64 = 29.2;

#[derive(Deserialize)]
struct Golden {
    logits: Vec<f32>,
    embedding: Vec<f32>,
    flux: f32,
    mode: f32,
}

/// The same numbers as in the script: a linear congruential generator, −1..1.
fn noise(n: usize) -> Vec<f64> {
    let mut state = 1u32;
    (0..n)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state) / 2f64.powi(31) - 1.0
        })
        .collect()
}

fn sound(name: &str) -> Vec<f32> {
    let n = (RATE * SECONDS) as usize;
    let hiss = noise(n);
    let at = |i: usize| {
        let t = i as f64 / RATE;
        let tone = |hz: f64| (TAU * hz * t).sin();
        match name {
            "pad" => {
                let chord: f64 = [261.63, 329.63, 392.0].into_iter().map(tone).sum();
                chord / 6.0 * (0.7 + 0.3 * (TAU * 0.25 * t).sin())
            }
            "drums" => {
                let beat = (t * 2.5) % 1.0;
                // numpy's sign of 0 is 0, Rust's is 1.
                let square = if tone(55.0) == 0.0 {
                    0.0
                } else {
                    tone(55.0).signum()
                };
                0.6 * hiss[i] * (-12.0 * beat).exp() + 0.4 * square * (-4.0 * beat).exp()
            }
            _ => {
                let notes = [220.0, 261.63, 329.63, 440.0];
                let note = notes[(t * 6.0) as usize % 4];
                0.3 * (TAU * note * (t % (1.0 / 6.0))).sin() + 0.02 * hiss[i]
            }
        }
    };
    (0..n).map(|i| at(i) as f32).collect()
}

fn moments(a: &[f32], b: &[f32], centred: bool) -> f64 {
    let mean = |x: &[f32]| {
        if centred {
            x.iter().map(|v| f64::from(*v)).sum::<f64>() / x.len() as f64
        } else {
            0.0
        }
    };
    let (ma, mb) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (f64::from(*x) - ma, f64::from(*y) - mb);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    ab / (aa * bb).sqrt()
}

#[test]
fn the_chain_hears_what_the_reference_hears() {
    let golden: BTreeMap<String, Golden> =
        serde_json::from_str(include_str!("data/golden.json")).unwrap();
    let mut ear = Ear::load().unwrap();
    assert_eq!(golden.len(), 3);
    for (name, wanted) in golden {
        let mood = ear.mood(&[sound(&name)], || ()).unwrap().unwrap();
        let r = moments(&mood.tags, &wanted.logits, true);
        let cosine = moments(&mood.embedding, &wanted.embedding, false);
        let furthest = mood
            .tags
            .iter()
            .zip(&wanted.logits)
            .fold(0.0f32, |most, (a, b)| most.max((a - b).abs()));
        println!(
            "{name}: tags r {r:.6}, furthest {furthest:.4}; embedding cosine {cosine:.6}; flux {} / {}, mode {} / {}",
            mood.flux, wanted.flux, mood.mode, wanted.mode
        );
        assert!(r >= 0.999 && furthest < 0.05, "{name}: {r}, {furthest}");
        assert!(cosine >= 0.999, "{name}: {cosine}");
        assert!((mood.flux - wanted.flux).abs() < 1e-3, "{name}: flux");
        assert!((mood.mode - wanted.mode).abs() < 1e-3, "{name}: mode");
    }
}
