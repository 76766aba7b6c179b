//! How well faces are found: recall by size and tilt, and what is taken for a face where there is none.

use std::{fmt::Write, path::Path};

use anyhow::{Context, Result};
use moodlark_sense::{
    decode,
    eye::Eye,
    face::{Detector, FaceBox},
    luma::Luma,
};

use crate::{
    frames::{SHOWN, alone, as_before, framed, new_search},
    npz::Set,
};

/// A way to find faces: its name, and what it finds in a frame.
type Way = (&'static str, fn(&mut Eye, &Luma) -> Result<Vec<FaceBox>>);

const WAYS: [Way; 4] = [
    ("rustface alone", |eye, frame| {
        alone(eye, Detector::Seeta, frame)
    }),
    ("BlazeFace alone", |eye, frame| {
        alone(eye, Detector::Blazeface, frame)
    }),
    ("as it was", as_before),
    ("the search", |eye, frame| {
        eye.faces(frame, &mut new_search())
    }),
];

/// Recall, and false faces where a folder of pictures without faces is named.
pub(crate) fn tables(set: &Set, without: Option<&Path>, eye: &mut Eye) -> Result<String> {
    let mut tables = recall(set, eye)?;
    println!("\n{tables}");
    if let Some(folder) = without {
        let table = empty(folder, eye)?;
        println!("\n{table}");
        tables = tables + "\n" + &table;
    }
    Ok(tables)
}

/// Recall of each way. The faces lie all over the frame; one that is found elsewhere is not found.
fn recall(set: &Set, eye: &mut Eye) -> Result<String> {
    let mut table = String::from(
        "Faces found, of those that are in a frame of 640×480 at any place of it (every twelfth face), and the median of how far their \
         tilt is from the true one:\n\n\
         | face in the frame |",
    );
    WAYS.iter()
        .for_each(|(name, _)| table += &format!(" {name} |"));
    table += " tilt off by |\n|---|---|---|---|---|---|\n";
    for (pixels, tilt) in SHOWN.into_iter().chain([(110.0, 30.0)]) {
        let (mut found, mut total) = ([0u32; WAYS.len()], 0);
        let mut off = Vec::new();
        for (number, face) in set.faces.iter().step_by(12).enumerate() {
            total += 1;
            let (x, y) = place(number, pixels);
            let frame = framed(face, (x, y), pixels, tilt);
            for (way, (_, find)) in WAYS.iter().enumerate() {
                let there = find(eye, &frame)?.into_iter().find(|face| {
                    let (cx, cy) = face.centre();
                    (cx - x).abs() < pixels * 0.3
                        && (cy - y).abs() < pixels * 0.35
                        && (0.4..1.6).contains(&(face.side() / pixels))
                });
                let Some(face) = there else { continue };
                found[way] += 1;
                if way == WAYS.len() - 1 {
                    off.push((face.roll.to_degrees() - tilt).abs());
                }
            }
        }
        off.sort_by(f32::total_cmp);
        let _ = write!(table, "| {pixels:.0} px, tilted {tilt:.0}° |");
        for count in found {
            let _ = write!(table, " {:.3} |", f64::from(count) / f64::from(total));
        }
        let _ = writeln!(
            table,
            " {:.1}° |",
            off.get(off.len() / 2).copied().unwrap_or(f32::NAN)
        );
    }
    Ok(table)
}

/// Where the face of that number lies: spread over all places at which it is whole.
fn place(number: usize, pixels: f32) -> (f32, f32) {
    // Steps of the golden ratio and of √2 fill the square evenly.
    let part = |step: f64| ((number as f64 * step).fract()) as f32;
    let along = |length: f32, part: f32| {
        let margin = (pixels * 0.6).min(length / 2.0);
        margin + part * (length - 2.0 * margin)
    };
    (
        along(640.0, part(0.618_033_988_75)),
        along(480.0, part(0.414_213_562_37)),
    )
}

/// What each way takes for a face in pictures without any: each picture whole and in four quarters, as frames of 640×480.
fn empty(folder: &Path, eye: &mut Eye) -> Result<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| folder.display().to_string())?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    let (mut frames, mut seen) = (0, [(0, 0); WAYS.len()]);
    let mut named = String::new();
    for file in &files {
        let bytes = std::fs::read(file)?;
        let picture =
            decode::picture(&bytes).with_context(|| format!("cannot read {}", file.display()))?;
        let mut with = [false; WAYS.len()];
        for (view, frame) in views(&picture).iter().enumerate() {
            frames += 1;
            for (i, (name, way)) in WAYS.iter().enumerate() {
                let faces = way(eye, frame)?;
                if let Some(face) = faces.first() {
                    seen[i].1 += 1;
                    with[i] = true;
                    let name_of = file.file_name().unwrap_or_default().display();
                    let _ = writeln!(named, "  {name}: {name_of}, view {view}: {face:?}");
                }
            }
        }
        for (count, with) in seen.iter_mut().zip(with) {
            count.0 += u32::from(with);
        }
    }
    println!("\nfaces where there are none:\n{named}");
    let mut table = format!(
        "False faces: {} pictures without a face, each whole and in four quarters, {frames} frames of 640×480. The search's \
         thresholds were chosen on the pictures that `accuracy/empty.sh` gathers, so on these it is flattered:\n\n\
         | | pictures with one | frames with one |\n|---|---|---|\n",
        files.len()
    );
    for ((name, _), (pictures, frames)) in WAYS.iter().zip(seen) {
        let _ = writeln!(table, "| {name} | {pictures} | {frames} |");
    }
    Ok(table)
}

/// A picture whole and in four quarters, as a camera of 640×480 would show each.
fn views(picture: &Luma) -> Vec<Luma> {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let mut views = vec![shown(picture, 0.0, 0.0, width, height)];
    for quarter in 0..4u8 {
        let (w, h) = (width / 2.0, height / 2.0);
        let (x, y) = (f32::from(quarter % 2) * w, f32::from(quarter / 2) * h);
        views.push(shown(picture, x, y, w, h));
    }
    views
}

/// The largest part of a rectangle that is as wide as a frame is, scaled to one.
fn shown(picture: &Luma, x: f32, y: f32, width: f32, height: f32) -> Luma {
    let step = (width / 640.0).min(height / 480.0);
    let (left, top) = (
        x + (width - step * 640.0) / 2.0,
        y + (height - step * 480.0) / 2.0,
    );
    let fine = (step.ceil().max(1.0) as usize).min(12);
    let mut data = Vec::with_capacity(640 * 480);
    for row in 0..480 {
        for column in 0..640 {
            let mut sum = 0.0;
            for i in 0..fine * fine {
                let part = |whole: usize, part: usize| {
                    (whole as f32 + (part as f32 + 0.5) / fine as f32) * step
                };
                sum += picture.between(left + part(column, i % fine), top + part(row, i / fine));
            }
            data.push((sum / (fine * fine) as f32) as u8);
        }
    }
    Luma::new(640, 480, data).unwrap_or_else(|| picture.clone())
}
