//! The account for people: what was seen in each frame, and what it amounts to.

use std::fmt::Write;

use moodlark_core::{Emotion, Reading};

use crate::look::Account;

/// The account as text, ending with a line break.
#[must_use]
pub fn text(account: &Account) -> String {
    let mut text = format!(
        "Looked at {}, sandbox {:?}.\n",
        account.source, account.line.sandbox
    );
    for (number, frame) in account.frames.iter().enumerate() {
        let faces = match frame.people {
            0 => "no face".to_owned(),
            1 => "1 face".to_owned(),
            n => format!("{n} faces"),
        };
        let _ = writeln!(
            text,
            "\nFrame {}: brightness {:.0} %, {faces}.",
            number + 1,
            frame.brightness * 100.0
        );
        for face in &frame.faces {
            let second = match &face.second {
                Some(opinion) => format!(
                    ", second opinion: {} {:.1}",
                    opinion.detector.name(),
                    opinion.score
                ),
                None => String::new(),
            };
            let _ = writeln!(
                text,
                "  {} at {:.0},{:.0}, {:.0}×{:.0} pixels, tilted {:+.0}°, score {:.2}{second}",
                face.detector.name(),
                face.x,
                face.y,
                face.width,
                face.height,
                face.roll.to_degrees(),
                face.score
            );
        }
        if let Some(read) = &frame.read {
            let q = &read.quality;
            let _ = writeln!(
                text,
                "  quality {:.2} = size {:.2} × sharpness {:.2} × light {:.2} × inside {:.2}",
                q.overall, q.size, q.sharpness, q.brightness, q.inside
            );
            let raw = read.raw.iter().zip(Emotion::ALL);
            let shown: Vec<String> = raw
                .map(|(p, emotion)| format!("{emotion} {p:.2}"))
                .collect();
            let _ = writeln!(text, "  before the temperature: {}", shown.join(", "));
        }
    }
    let _ = writeln!(text, "\nReading: {}.", account.line.reading.sentence());
    if let Reading::Face {
        distribution,
        affect,
        ..
    } = &account.line.reading
    {
        for emotion in Emotion::ALL {
            let p = distribution.get(emotion);
            let bar = "█".repeat((p * 40.0).round() as usize);
            let _ = writeln!(text, "  {emotion:<9}{:>4.0} % {bar}", p * 100.0);
        }
        let _ = writeln!(
            text,
            "  valence {:+.2}, arousal {:+.2}",
            affect.valence, affect.arousal
        );
    }
    if let Some(map) = &account.map {
        let _ = writeln!(
            text,
            "\nThe map shows where `{}` was seen: covering a part of the face changes it by up to {:.0} percentage points.",
            map.emotion,
            map.most * 100.0
        );
    }
    text.push('\n');
    for (what, time) in &account.times {
        let _ = writeln!(text, "{:>8.1} ms  {what}", time.as_secs_f64() * 1e3);
    }
    text
}
