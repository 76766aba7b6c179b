//! Faces in frames of 640×480, found by the detectors: the crop factor, the size, the tilt, the time.

use std::fmt::Write;

use anyhow::{Context, Result};
use moodlark_models::CropPlace;
use moodlark_sense::{
    burst::SeveralFaces,
    expression::cropped,
    eye::Eye,
    face::{Detector, FaceBox, largest},
    luma::Luma,
    search::Search,
    window::Window,
};

use crate::{
    cpu::cpu_ms,
    figures::{Raw, accuracy},
    npz::Set,
};

/// How wide in pixels and how tilted in degrees faces are shown.
pub(crate) const SHOWN: [(f32, f32); 9] = [
    (400.0, 0.0),
    (250.0, 0.0),
    (160.0, 0.0),
    (110.0, 0.0),
    (80.0, 0.0),
    (60.0, 0.0),
    (250.0, 15.0),
    (250.0, 30.0),
    (250.0, 45.0),
];
/// The middle of a frame.
const MIDDLE: (f32, f32) = (320.0, 240.0);

/// Where the crop lies best around BlazeFace's box: its side, and how far it is raised.
pub(crate) fn crop(set: &Set, eye: &mut Eye) -> Result<CropPlace> {
    println!(
        "\ncrop: faces 250 pixels wide in frames of 640×480, upright and tilted by 15° (every third face): accuracy by its side and how far \
         it is raised, in units of BlazeFace's box"
    );
    let mut found = Vec::new();
    for (number, face) in set.faces.iter().enumerate().step_by(3) {
        let tilt = [0.0, 15.0, 0.0, -15.0][number / 3 % 4];
        let frame = framed(face, MIDDLE, 250.0, tilt);
        let faces = eye.faces(&frame, &mut new_search())?;
        found.extend(largest(&faces).map(|f| (frame, *f, set.labels[number])));
    }
    let labels: Vec<usize> = found.iter().map(|f| f.2).collect();
    let expression = eye.expression()?;
    let (sides, ups) = (
        [1.0, 1.05, 1.1, 1.15, 1.2, 1.25],
        [-0.04, 0.0, 0.04, 0.08, 0.12, 0.16],
    );
    let mut table = [[0.0; 6]; 6];
    print!("    raised");
    ups.iter().for_each(|up| print!(" {up:>6.2}"));
    for (row, side) in table.iter_mut().zip(sides) {
        print!("\n    ×{side:.2} ");
        for (cell, up) in row.iter_mut().zip(ups) {
            let place = CropPlace { side, up };
            let of = |(frame, face, _): &(Luma, FaceBox, usize)| {
                expression.of_crops(|pixels| cropped(frame, face, place, pixels))
            };
            let raw = found.iter().map(of).collect::<Result<Vec<_>>>()?;
            *cell = accuracy(&raw, &labels);
            print!(" {cell:>6.3}");
        }
    }
    // With its neighbours, so that one lucky place does not win.
    let smooth = |(row, column): (usize, usize)| -> f64 {
        let near = |at: usize| at - 1..=at + 1;
        near(row)
            .flat_map(|r| near(column).map(move |c| (r, c)))
            .map(|(r, c)| table[r][c])
            .sum()
    };
    let inner = (1..5).flat_map(|row| (1..5).map(move |column| (row, column)));
    let (row, column) = inner
        .max_by(|a, b| smooth(*a).total_cmp(&smooth(*b)))
        .unwrap_or((3, 3));
    let best = CropPlace {
        side: sides[row],
        up: ups[column],
    };
    println!(
        "\n    best, smoothed over neighbours: ×{}, raised {}",
        best.side, best.up
    );
    Ok(best)
}

/// The faces that a detector finds by itself, with its authors' threshold.
pub(crate) fn alone(eye: &mut Eye, detector: Detector, frame: &Luma) -> Result<Vec<FaceBox>> {
    match detector {
        Detector::Seeta => Ok(eye.seeta()?.detect(frame)),
        Detector::Blazeface => {
            let whole = Window::whole(frame.width(), frame.height());
            eye.blazeface().detect(frame, &whole, 0.5)
        }
    }
}

/// The search as it was: rustface, and BlazeFace where that finds nothing; what rustface finds stays tilted. The yardstick.
pub(crate) fn as_before(eye: &mut Eye, frame: &Luma) -> Result<Vec<FaceBox>> {
    let faces = alone(eye, Detector::Seeta, frame)?;
    if faces.is_empty() {
        alone(eye, Detector::Blazeface, frame)
    } else {
        Ok(faces)
    }
}

/// The search as a look does it for its first frame.
pub(crate) fn new_search() -> Search {
    Search::new(SeveralFaces::Largest)
}

/// Faces of several sizes and tilts in a frame, found, cropped and classified as in use.
/// `given` are the answers for the faces as the set crops them.
pub(crate) fn whole_way(set: &Set, eye: &mut Eye, given: &[Raw]) -> Result<String> {
    let mut table = String::from(
        "The whole way: the face of the set in a frame of 640×480, found, straightened, cropped, classified; beside it \
         the accuracy for the same faces as the set crops them (every third face):\n\n\
         | face in the frame | found | accuracy of what was found | as the set crops it | mean quality |\n|---|---|---|---|---|\n",
    );
    for (pixels, tilt) in SHOWN {
        let (mut raw, mut plain, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        let (mut quality, mut total) = (0.0, 0);
        for (i, face) in set.faces.iter().enumerate().step_by(3) {
            total += 1;
            let seen = eye.observe(&framed(face, MIDDLE, pixels, tilt), &mut new_search())?;
            if let Some(read) = seen.read {
                raw.push(read.raw);
                plain.push(given[i]);
                labels.push(set.labels[i]);
                quality += read.quality.overall;
            }
        }
        let _ = writeln!(
            table,
            "| {pixels:.0} px, tilted {tilt:.0}° | {:.3} | {:.3} | {:.3} | {:.2} |",
            raw.len() as f64 / f64::from(total),
            accuracy(&raw, &labels),
            accuracy(&plain, &labels),
            quality / raw.len().max(1) as f64
        );
    }
    Ok(table)
}

/// Processor time in ms a frame of 640×480, by steps, and all of it against the search as it was.
pub(crate) fn speed(set: &Set, eye: &mut Eye) -> Result<()> {
    const STEPS: [&str; 8] = [
        "BlazeFace on the whole",
        "BlazeFace on a window around the face",
        "rustface, shrinking included",
        "expression, crop included",
        "nobody there: all of the search",
        "as it was: rustface, else BlazeFace, classify, quality",
        "one face: search, straighten, classify, quality",
        "the same in the next frame of the burst",
    ];
    let face = FaceBox {
        x: 220.0,
        y: 140.0,
        width: 200.0,
        height: 200.0,
        ..FaceBox::default()
    };
    let around = Window::around(&face, 2.2);
    let nobody = framed(
        &Luma::new(1, 1, vec![128]).context("a pixel")?,
        MIDDLE,
        250.0,
        0.0,
    );
    let mut times: [Vec<f64>; STEPS.len()] = std::array::from_fn(|_| Vec::new());
    for shown in set.faces.iter().step_by(18) {
        let frame = framed(shown, MIDDLE, 250.0, 0.0);
        let mut search = new_search();
        let mut step = 0;
        let mut timed = |run: &mut dyn FnMut() -> Result<()>| -> Result<()> {
            let start = cpu_ms();
            run()?;
            times[step].push(cpu_ms() - start);
            step += 1;
            Ok(())
        };
        timed(&mut || alone(eye, Detector::Blazeface, &frame).map(drop))?;
        timed(&mut || eye.blazeface().detect(&frame, &around, 0.5).map(drop))?;
        timed(&mut || alone(eye, Detector::Seeta, &frame).map(drop))?;
        timed(&mut || eye.expression()?.of_face(&frame, &face).map(drop))?;
        timed(&mut || eye.observe(&nobody, &mut new_search()).map(drop))?;
        timed(&mut || {
            let faces = as_before(eye, &frame)?;
            eye.read(&frame, &faces).map(drop)
        })?;
        timed(&mut || eye.observe(&frame, &mut search).map(drop))?;
        timed(&mut || eye.observe(&frame, &mut search).map(drop))?;
    }
    println!("\nprocessor time a frame of 640×480, ms: median, 95 %");
    let mut medians = Vec::new();
    for (name, times) in STEPS.iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let at = |part: usize| times[(times.len() - 1) * part / 100];
        println!("  {name:<56} {:>5.1} {:>5.1}", at(50), at(95));
        medians.push(at(50));
    }
    println!(
        "  one face, of what it took as it was: first frame {:.2}, next frames {:.2}",
        medians[6] / medians[5],
        medians[7] / medians[5]
    );
    Ok(())
}

/// A face around a place in a 640×480 frame, `pixels` wide and tilted, its edges drawn out as a blurred background.
pub(crate) fn framed(face: &Luma, (cx, cy): (f32, f32), pixels: f32, tilt: f32) -> Luma {
    let n = face.width() as f32;
    let coarse = face.shrunk_to(6);
    let (sin, cos) = tilt.to_radians().sin_cos();
    let mut data = Vec::with_capacity(640 * 480);
    for y in 0..480 {
        for x in 0..640 {
            let (dx, dy) = (
                (x as f32 + 0.5 - cx) / pixels,
                (y as f32 + 0.5 - cy) / pixels,
            );
            let (u, v) = (dx * cos + dy * sin + 0.5, dy * cos - dx * sin + 0.5);
            let inside = (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v);
            let value = if inside {
                face.between(u * n, v * n)
            } else {
                coarse.between(u.clamp(0.0, 1.0) * 6.0, v.clamp(0.0, 1.0) * 6.0)
            };
            data.push(value as u8);
        }
    }
    Luma::new(640, 480, data).unwrap_or_else(|| face.clone())
}
