//! What the tests share: sound that is made here, and files that ffmpeg makes of it.
#![allow(dead_code, reason = "each test uses its own part of this")]

use std::{
    f64::consts::TAU,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The rate of the generated sound, in Hz.
pub(crate) const RATE: u32 = 48_000;

/// Whether ffmpeg is there; says so where it is not.
pub(crate) fn ffmpeg() -> bool {
    let there = Command::new("ffmpeg")
        .arg("-version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success());
    if !there {
        println!("skipped: there is no ffmpeg");
    }
    there
}

/// Chords with a melody and a beat, two channels that differ, −0.8..0.8.
pub(crate) fn music(seconds: f64) -> Vec<f32> {
    let roots = [0.0, 5.0, 7.0, 9.0];
    let mut state = 1u32;
    let mut hiss = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 2f64.powi(31) - 1.0
    };
    (0..(seconds * f64::from(RATE)) as usize)
        .flat_map(|i| {
            let t = i as f64 / f64::from(RATE);
            let root = roots[(t * 0.5) as usize % 4];
            let tone = |step: f64| (TAU * 220.0 * 2f64.powf((root + step) / 12.0) * t).sin();
            let chord = (tone(0.0) + tone(4.0) + tone(7.0)) * 0.12;
            let note = tone([12.0, 16.0, 19.0, 24.0][(t * 4.0) as usize % 4]) * 0.15;
            let beat = hiss() * 0.3 * (-14.0 * ((t * 2.0) % 1.0)).exp();
            [chord + note + beat, chord - 0.5 * note + beat].map(|x| x as f32)
        })
        .collect()
}

/// Something like a voice: a buzz through two moving resonances, with pauses; two equal channels.
pub(crate) fn voice(seconds: f64) -> Vec<f32> {
    let n = (seconds * f64::from(RATE)) as usize;
    let (mut states, mut phase) = ([[0.0f64; 2]; 2], 0.0);
    (0..n)
        .flat_map(|i| {
            let t = i as f64 / f64::from(RATE);
            phase += (110.0 + 20.0 * (TAU * 0.7 * t).sin()) / f64::from(RATE);
            let loud = (TAU * 4.0 * t).sin().max(0.0) * f64::from(u8::from(t % 2.0 < 1.5));
            let buzz = (phase % 1.0 - 0.5) * loud;
            let formants = [
                500.0 + 250.0 * (TAU * 1.3 * t).sin(),
                1500.0 + 600.0 * (TAU * 0.9 * t).cos(),
            ];
            let mut sum = 0.0;
            for (state, hz) in states.iter_mut().zip(formants) {
                let (r, w) = (0.985f64, TAU * hz / f64::from(RATE));
                let y = buzz * 0.05 + 2.0 * r * w.cos() * state[0] - r * r * state[1];
                *state = [y, state[0]];
                sum += y;
            }
            [sum as f32; 2]
        })
        .collect()
}

/// The same sound, its peak at half of full scale: decoders differ in what they do above full scale.
pub(crate) fn at_half(mut sound: Vec<f32>) -> Vec<f32> {
    let peak = sound.iter().fold(1e-9f32, |most, x| most.max(x.abs()));
    sound.iter_mut().for_each(|x| *x *= 0.5 / peak);
    sound
}

/// Gives two-channel sound at [`RATE`] to ffmpeg, which writes `path`; false where this ffmpeg lacks the encoder.
pub(crate) fn encode(sound: &[f32], options: &[&str], path: &Path) -> bool {
    let mut child = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-f", "f32le", "-ac", "2"])
        .args(["-ar", &RATE.to_string(), "-i", "pipe:0"])
        .args(options)
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes: Vec<u8> = sound.iter().flat_map(|x| x.to_le_bytes()).collect();
    // ffmpeg may refuse its options before it has read anything.
    let written = child.stdin.take().unwrap().write_all(&bytes);
    child.wait().unwrap().success() && written.is_ok()
}

/// What ffmpeg's decoder makes of a file: 48 kHz, the mean of its channels.
pub(crate) fn decoded(path: &Path, decoder: &[&str], channels: usize) -> Vec<f32> {
    let out = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error"])
        .args(decoder)
        .arg("-i")
        .arg(path)
        .args([
            "-f",
            "f32le",
            "-ar",
            "48000",
            "-ac",
            &channels.to_string(),
            "pipe:1",
        ])
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    out.stdout
        .chunks_exact(4 * channels)
        .map(|frame| {
            let sum: f32 = frame
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
                .sum();
            sum / channels as f32
        })
        .collect()
}

/// How far above its difference from `wanted` a sound is, in dB.
pub(crate) fn snr(sound: &[f32], wanted: &[f32]) -> f64 {
    let (mut signal, mut noise) = (0.0, 1e-20);
    for (x, y) in sound.iter().zip(wanted) {
        signal += f64::from(*y).powi(2);
        noise += f64::from(x - y).powi(2);
    }
    10.0 * (signal / noise).log10()
}

/// The worker.
pub(crate) fn worker() -> PathBuf {
    env!("CARGO_BIN_EXE_moodlark-listen").into()
}
