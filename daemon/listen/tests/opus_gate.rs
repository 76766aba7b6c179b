//! Opus as we decode it, against libopus' own sound: more than 40 dB, in every mode, frame size and bandwidth.

#![allow(clippy::unwrap_used)] // the helpers are parts of tests too

mod common;

use std::path::Path;

use moodlark_listen::decode::Stream;

/// What every decoder of Opus must keep to, in dB; `ropus` reaches 69 where it is worst.
const GATE: f64 = 40.0;

/// Bit rate, application, milliseconds a frame, channels, and the sound's own rate.
const FILES: [(&str, &str, &str, &str, &str); 22] = [
    // SILK: narrow, medium and wide band.
    ("8k", "voip", "20", "1", "8000"),
    ("10k", "voip", "60", "1", "12000"),
    ("12k", "voip", "20", "1", "16000"),
    ("14k", "voip", "40", "1", "48000"),
    ("16k", "voip", "10", "1", "16000"),
    ("16k", "voip", "60", "1", "48000"),
    ("20k", "voip", "60", "2", "16000"),
    // Hybrid.
    ("24k", "voip", "20", "1", "48000"),
    ("28k", "voip", "10", "1", "24000"),
    ("32k", "voip", "20", "1", "48000"),
    ("40k", "voip", "20", "2", "48000"),
    ("36k", "audio", "60", "2", "48000"),
    // CELT.
    ("32k", "lowdelay", "2.5", "1", "48000"),
    ("48k", "lowdelay", "5", "1", "48000"),
    ("64k", "lowdelay", "2.5", "2", "48000"),
    ("48k", "audio", "20", "1", "48000"),
    ("64k", "audio", "20", "2", "24000"),
    ("96k", "audio", "20", "2", "48000"),
    ("128k", "audio", "10", "2", "48000"),
    ("160k", "audio", "40", "2", "48000"),
    ("192k", "audio", "60", "1", "48000"),
    ("256k", "audio", "20", "2", "48000"),
];

/// All of a file's sound at 48 kHz without what the encoder needed to begin.
fn ours(path: &Path) -> Vec<f32> {
    let mut stream = Stream::open(path).unwrap();
    let mut sound = Vec::new();
    while let Some(packet) = stream.packet().unwrap() {
        stream.decode(&packet, &mut sound).unwrap();
    }
    let bytes = std::fs::read(path).unwrap();
    let head = bytes.windows(8).position(|w| w == b"OpusHead").unwrap();
    let skip = u16::from_le_bytes([bytes[head + 10], bytes[head + 11]]);
    sound.split_off(skip.into())
}

#[test]
fn opus_sounds_as_libopus_has_it() {
    if !common::ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut worst = f64::INFINITY;
    for (kind, sound) in [
        ("music", common::at_half(common::music(6.0))),
        ("voice", common::at_half(common::voice(6.0))),
    ] {
        for (i, (rate, application, frame, channels, hz)) in FILES.into_iter().enumerate() {
            let path = folder.path().join(format!("{kind}{i}.opus"));
            let options = [
                "-c:a",
                "libopus",
                "-b:a",
                rate,
                "-application",
                application,
                "-frame_duration",
                frame,
                "-ac",
                channels,
                "-ar",
                hz,
            ];
            if !common::encode(&sound, &options, &path) {
                println!(
                    "skipped: this ffmpeg makes no Opus ({rate} {application} {frame} ms, {hz} Hz)"
                );
                continue;
            }
            let channels = channels.parse().unwrap();
            let wanted = common::decoded(&path, &["-c:a", "libopus"], channels);
            let ours = ours(&path);
            assert!(
                ours.len().abs_diff(wanted.len()) < 6_000,
                "{} {}",
                ours.len(),
                wanted.len()
            );
            let snr = common::snr(&ours, &wanted);
            println!(
                "{snr:6.1} dB  {kind}, {rate} {application}, {frame} ms, {channels} channels, {hz} Hz"
            );
            worst = worst.min(snr);
        }
    }
    println!("the worst: {worst:.1} dB");
    assert!(worst > GATE, "{worst:.1} dB");
}
