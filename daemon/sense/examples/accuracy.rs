//! Measures the expression networks and what stands before them, on a labelled set of faces, and writes
//! what the specification states.
//!
//! `cargo run --release -p moodlark-sense --example accuracy -- public_test.npz [--write] [--speed]`
//!
//! The file is NumPy's `savez`: `X`, n×48×48 bytes of grey, and `Y`, n labels 0..=6 in FER2013's order. `--write`
//! puts the figures, the temperature and the confusion matrix into `models/expression.json`;
//! `--speed` measures the time alone.
//!
//! Use a split that the networks did not learn from, or all figures are too good: the networks learnt from FER2013's
//! training split, so the temperature is fitted on PublicTest too. So that this does not flatter it, the calibration error
//! stated is that of each half of the split under the temperature of the other half.

#[path = "accuracy/npz.rs"]
mod npz;

use std::path::Path;

use anyhow::{Context, Result, bail};
use moodlark_models::{EXPRESSIONS, ExpressionSpec, LABELS, expression_spec};
use moodlark_sense::{
    expression::{Expression, tempered},
    face::{Detector, FaceBox, largest},
    look::Eye,
    luma::{Crop, Luma},
};

type Raw = [f64; EXPRESSIONS];
type Matrix = [[f64; EXPRESSIONS]; EXPRESSIONS];

const SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/expression.json");

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let write = args.iter().any(|a| a == "--write");
    let Some(path) = args.iter().find(|a| !a.starts_with("--")) else {
        bail!("usage: accuracy FACES.npz [--write] [--speed]");
    };
    let set = npz::read(Path::new(path)).with_context(|| format!("cannot read {path}"))?;
    let name = Path::new(path)
        .file_stem()
        .and_then(|s| s.to_str())
        .unwrap_or("a set")
        .to_owned();
    println!("{} faces of {name}\n", set.faces.len());
    let spec = expression_spec()?;
    if args.iter().any(|a| a == "--speed") {
        return speed(&set, &mut Eye::load()?);
    }
    let mut measured = networks(&set, &spec)?;
    light(&set, &spec)?;
    let crop = frames(&set, &spec)?;
    if write {
        let name = if name == "public_test" {
            "FER2013 PublicTest".into()
        } else {
            name
        };
        measured.crop = crop;
        measured.measured.temperature_on.clone_from(&name);
        measured.measured.on = name;
        let text = serde_json::to_string_pretty(&measured)? + "\n";
        std::fs::write(SPEC, text).context(SPEC)?;
        println!("\nwritten: models/expression.json");
    }
    Ok(())
}

/// Milliseconds of processor time that this process has used: other programs do not change it much.
fn cpu_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// A face as its set has it: the whole square is the crop.
fn whole(picture: &Luma, side: usize) -> Crop {
    let face = FaceBox {
        width: picture.width() as f32,
        height: picture.height() as f32,
        ..FaceBox::default()
    };
    picture.crop(&face, 1.0, side)
}

/// Each network alone and their mean, plain and with the mirrored face.
fn networks(set: &npz::Set, spec: &ExpressionSpec) -> Result<ExpressionSpec> {
    println!(
        "{:<44} accuracy  macro-F1  neg/neu/hap/sur  ECE raw    ECE  temperature  ms/face",
        "networks"
    );
    let mut chosen = spec.clone();
    let every = |n: usize| -> Vec<Vec<usize>> {
        (1..1 << n)
            .map(|m| (0..n).filter(|i| m >> i & 1 == 1).collect())
            .collect()
    };
    for mirrored in [false, true] {
        for group in every(spec.networks.len()) {
            let mut one = spec.clone();
            one.networks = group.iter().map(|i| spec.networks[*i].clone()).collect();
            one.mirrored = mirrored;
            let names: Vec<&str> = one.networks.iter().map(|n| n.name.as_str()).collect();
            let name = names.join(" + ") + if mirrored { ", mirrored" } else { "" };
            let expression = Expression::with(one.clone())?;
            let start = cpu_ms();
            let raw = set
                .faces
                .iter()
                .map(|face| expression.of_crops(|side| whole(face, side)))
                .collect::<Result<Vec<_>>>()?;
            let each = (cpu_ms() - start) / set.faces.len() as f64;
            let confusion = confusion(&raw, &set.labels);
            one.temperature = (fitted(&raw, &set.labels) * 1e3).round() / 1e3;
            one.measured.faces = set.faces.len();
            one.measured.accuracy = accuracy(&raw, &set.labels);
            one.measured.macro_f1 = macro_f1(&confusion);
            one.measured.valence_accuracy = grouped(&raw, &set.labels);
            one.measured.ece_raw = calibration_error(&probabilities(&raw, 1.0), &set.labels);
            one.measured.ece = crossed(&raw, &set.labels);
            one.confusion = confusion.map(|row| normalised(&row));
            let m = &one.measured;
            println!(
                "{name:<44} {:>8.4}  {:>8.4}  {:>15.4}  {:>7.4}  {:>5.4}  {:>11.3}  {each:>7.2}",
                m.accuracy, m.macro_f1, m.valence_accuracy, m.ece_raw, m.ece, one.temperature
            );
            if mirrored == spec.mirrored && group.len() == spec.networks.len() {
                chosen = one;
            }
        }
    }
    println!("\nconfusion of what the specification names (rows true, columns predicted)");
    println!("{:<9}{}", "", LABELS.map(|l| format!("{l:>9}")).concat());
    for (row, label) in chosen.confusion.iter().zip(LABELS) {
        println!("{label:<9}{}", row.map(|p| format!("{p:>9.3}")).concat());
    }
    coverage(set, &chosen)?;
    for value in chosen.confusion.iter_mut().flatten() {
        *value = (*value * 1e4).round() / 1e4;
    }
    let m = &mut chosen.measured;
    for value in [
        &mut m.accuracy,
        &mut m.macro_f1,
        &mut m.valence_accuracy,
        &mut m.ece_raw,
        &mut m.ece,
    ] {
        *value = (*value * 1e4).round() / 1e4;
    }
    Ok(chosen)
}

/// How right the surest part is.
fn coverage(set: &npz::Set, spec: &ExpressionSpec) -> Result<()> {
    let expression = Expression::with(spec.clone())?;
    let raw = set
        .faces
        .iter()
        .map(|face| expression.of_crops(|side| whole(face, side)))
        .collect::<Result<Vec<_>>>()?;
    let mut sure: Vec<(f64, bool)> = probabilities(&raw, spec.temperature)
        .iter()
        .zip(&set.labels)
        .map(|(p, label)| (p[top(p)], top(p) == *label))
        .collect();
    sure.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("\naccuracy of the surest part");
    for part in [100, 70, 50, 30] {
        let kept = &sure[..sure.len() * part / 100];
        let right = kept.iter().filter(|s| s.1).count() as f64 / kept.len() as f64;
        println!(
            "  {part:>3} %: {right:.3}, surer than {:.2}",
            kept.last().map_or(0.0, |s| s.0)
        );
    }
    Ok(())
}

/// What bad light costs, with and without putting it right, on every third face.
fn light(set: &npz::Set, spec: &ExpressionSpec) -> Result<()> {
    println!("\nlight: accuracy with it put right (every third face)");
    let expression = Expression::with(spec.clone())?;
    type Change = fn(f32) -> f32;
    let changes: [(&str, Change); 5] = [
        ("as it is", |p| p),
        ("a third of the brightness", |p| p * 0.3),
        ("a seventh", |p| p * 0.15),
        ("a third of the contrast", |p| p * 0.3 + 80.0),
        ("a fifth of the contrast, bright", |p| p * 0.2 + 200.0),
    ];
    for (name, change) in changes {
        let raw = some(set, 3, |face| {
            let data = face
                .as_bytes()
                .iter()
                .map(|p| change(f32::from(*p)) as u8)
                .collect();
            let changed = Luma::new(face.width(), face.height(), data).context("a face")?;
            expression.of_crops(|side| whole(&changed, side))
        })?;
        println!("  {name:<34} {:.3}", accuracy(&raw, &labels(set, 3)));
    }
    println!(
        "\nsharpness: blur of the 48×48 face (standard deviation in pixels) → accuracy, detail of the crop"
    );
    for sigma in [0.0, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0] {
        let mut details = Vec::new();
        let raw = some(set, 3, |face| {
            let blurred = blurred(face, sigma);
            details.push(whole(&blurred, 64).detail());
            expression.of_crops(|side| whole(&blurred, side))
        })?;
        details.sort_by(f32::total_cmp);
        let at = |part: usize| details[(details.len() - 1) * part / 100];
        println!(
            "  {sigma:>4.2}: {:.3}; detail 5 % {:.4}, median {:.4}, 95 % {:.4}",
            accuracy(&raw, &labels(set, 3)),
            at(5),
            at(50),
            at(95)
        );
    }
    Ok(())
}

/// Faces in frames of 640×480, found by the detectors: the crop factor, the size, the tilt.
fn frames(set: &npz::Set, spec: &ExpressionSpec) -> Result<moodlark_models::CropFactors> {
    let mut eye = Eye::load()?;
    let mut best = spec.crop;
    println!(
        "\ncrop: faces 250 pixels wide in frames of 640×480, each detector alone (every third face)"
    );
    for detector in [Detector::Seeta, Detector::Blazeface] {
        let mut found = Vec::new();
        for (face, label) in set.faces.iter().zip(&set.labels).step_by(3) {
            let frame = framed(face, 250.0, 0.0);
            let faces = if detector == Detector::Seeta {
                eye.frontal(&frame)
            } else {
                eye.blazefaces(&frame)?
            };
            found.extend(largest(&faces).map(|f| (frame, *f, *label)));
        }
        let total = set.faces.len().div_ceil(3);
        println!("  {}: found {} of {total}", detector.name(), found.len());
        let labels: Vec<usize> = found.iter().map(|f| f.2).collect();
        let mut results = Vec::new();
        for percent in (80..=170).step_by(10) {
            let factor = percent as f32 / 100.0;
            let raw = found
                .iter()
                .map(|(frame, face, _)| {
                    eye.expression()
                        .of_crops(|side| frame.crop(face, factor, side))
                })
                .collect::<Result<Vec<_>>>()?;
            results.push((percent, accuracy(&raw, &labels)));
            println!("    ×{factor:.1}: {:.3}", accuracy(&raw, &labels));
        }
        // Smoothed over three, so that one lucky factor does not win.
        let smooth = |i: usize| results[i - 1].1 + results[i].1 + results[i + 1].1;
        let at = (1..results.len() - 1)
            .max_by(|a, b| smooth(*a).total_cmp(&smooth(*b)))
            .unwrap_or(1);
        let factor = f64::from(results[at].0) / 100.0;
        println!("    best, smoothed over neighbours: ×{factor:.1}");
        match detector {
            Detector::Seeta => best.rustface = factor,
            Detector::Blazeface => best.blazeface = factor,
        }
    }
    println!(
        "\nthe whole way, rustface first: pixels wide, tilt → found, accuracy of what was found, mean quality (every ninth face)"
    );
    for (pixels, tilt) in [
        (400.0, 0.0),
        (250.0, 0.0),
        (160.0, 0.0),
        (110.0, 0.0),
        (80.0, 0.0),
        (60.0, 0.0),
        (250.0, 15.0f32),
        (250.0, 30.0),
        (250.0, 45.0),
    ] {
        let (mut raw, mut labels, mut quality, mut total) = (Vec::new(), Vec::new(), 0.0, 0);
        for (face, label) in set.faces.iter().zip(&set.labels).step_by(9) {
            total += 1;
            let seen = eye.observe(&framed(face, pixels, tilt))?;
            if let Some(read) = seen.read {
                raw.push(read.raw);
                labels.push(*label);
                quality += read.quality.overall;
            }
        }
        println!(
            "  {pixels:>3.0}, {tilt:>2.0}°: {:>5.3} {:.3} {:.2}",
            raw.len() as f64 / f64::from(total),
            accuracy(&raw, &labels),
            quality / raw.len().max(1) as f64
        );
    }
    speed(set, &mut eye)?;
    Ok(best)
}

/// Processor time in ms a frame of 640×480, by steps.
fn speed(set: &npz::Set, eye: &mut Eye) -> Result<()> {
    let frames: Vec<Luma> = set
        .faces
        .iter()
        .step_by(18)
        .map(|face| framed(face, 250.0, 0.0))
        .collect();
    let face = FaceBox {
        x: 220.0,
        y: 140.0,
        width: 200.0,
        height: 200.0,
        ..FaceBox::default()
    };
    let mut steps: [(&str, Vec<f64>); 6] = [
        ("shrink to 320", vec![]),
        ("rustface, shrinking included", vec![]),
        ("crop", vec![]),
        ("both expression networks, crop included", vec![]),
        ("BlazeFace, only where rustface finds nothing", vec![]),
        ("all of it: detect, crop, classify, quality", vec![]),
    ];
    for frame in &frames {
        let mut step = 0;
        let mut timed = |run: &mut dyn FnMut() -> Result<()>| -> Result<()> {
            let start = cpu_ms();
            run()?;
            steps[step].1.push(cpu_ms() - start);
            step += 1;
            Ok(())
        };
        timed(&mut || {
            drop(frame.shrunk_to(320));
            Ok(())
        })?;
        timed(&mut || {
            eye.frontal(frame);
            Ok(())
        })?;
        timed(&mut || {
            drop(frame.crop(&face, 1.2, 64));
            Ok(())
        })?;
        timed(&mut || eye.expression().of_face(frame, &face).map(drop))?;
        timed(&mut || eye.blazefaces(frame).map(drop))?;
        timed(&mut || eye.observe(frame).map(drop))?;
    }
    println!("\nprocessor time a frame of 640×480, ms: median, 95 %");
    for (name, times) in &mut steps {
        times.sort_by(f64::total_cmp);
        let at = |part: usize| times[(times.len() - 1) * part / 100];
        println!("  {name:<46} {:>5.1} {:>5.1}", at(50), at(95));
    }
    Ok(())
}

fn some(
    set: &npz::Set,
    step: usize,
    mut run: impl FnMut(&Luma) -> Result<Raw>,
) -> Result<Vec<Raw>> {
    set.faces.iter().step_by(step).map(&mut run).collect()
}

fn labels(set: &npz::Set, step: usize) -> Vec<usize> {
    set.labels.iter().step_by(step).copied().collect()
}

/// A face in the middle of a 640×480 frame, `pixels` wide and tilted, its edges drawn out as a blurred background.
fn framed(face: &Luma, pixels: f32, tilt: f32) -> Luma {
    let n = face.width() as f32;
    let coarse = face.shrunk_to(6);
    let (sin, cos) = tilt.to_radians().sin_cos();
    let mut data = Vec::with_capacity(640 * 480);
    for y in 0..480 {
        for x in 0..640 {
            let (dx, dy) = ((x as f32 - 319.5) / pixels, (y as f32 - 239.5) / pixels);
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

/// Gaussian blur.
fn blurred(face: &Luma, sigma: f32) -> Luma {
    if sigma <= 0.0 {
        return face.clone();
    }
    let reach = (3.0 * sigma).ceil() as isize;
    let weight = |d: isize| (-(d * d) as f32 / (2.0 * sigma * sigma)).exp();
    let total: f32 = (-reach..=reach).map(weight).sum();
    let (w, h) = (face.width() as isize, face.height() as isize);
    let pass = |from: &Luma, dx: isize, dy: isize| {
        let mut data = Vec::new();
        for y in 0..h {
            for x in 0..w {
                let sum: f32 = (-reach..=reach)
                    .map(|d| weight(d) * from.at(x + d * dx, y + d * dy))
                    .sum();
                data.push((sum / total).round() as u8);
            }
        }
        Luma::new(w as usize, h as usize, data).unwrap_or_else(|| from.clone())
    };
    pass(&pass(face, 1, 0), 0, 1)
}

fn top(p: &Raw) -> usize {
    (0..EXPRESSIONS).fold(0, |best, i| if p[i] > p[best] { i } else { best })
}

fn accuracy(raw: &[Raw], labels: &[usize]) -> f64 {
    let right = raw
        .iter()
        .zip(labels)
        .filter(|(p, label)| top(p) == **label)
        .count();
    right as f64 / raw.len().max(1) as f64
}

/// Negative, happy, surprise, neutral.
fn grouped(raw: &[Raw], labels: &[usize]) -> f64 {
    let group = |label: usize| [0, 0, 0, 1, 0, 2, 3][label];
    let right = raw.iter().zip(labels).filter(|(p, label)| {
        let mut sums = [0.0; 4];
        p.iter().enumerate().for_each(|(i, p)| sums[group(i)] += p);
        (0..4).fold(0, |best, i| if sums[i] > sums[best] { i } else { best }) == group(**label)
    });
    right.count() as f64 / raw.len().max(1) as f64
}

fn confusion(raw: &[Raw], labels: &[usize]) -> Matrix {
    let mut matrix = Matrix::default();
    for (p, label) in raw.iter().zip(labels) {
        matrix[*label][top(p)] += 1.0;
    }
    matrix
}

fn normalised(row: &Raw) -> Raw {
    let sum: f64 = row.iter().sum();
    row.map(|n| n / sum.max(1.0))
}

fn macro_f1(counts: &Matrix) -> f64 {
    let f1 = |i: usize| {
        let (truly, said): (f64, f64) = (
            counts[i].iter().sum(),
            counts.iter().map(|row| row[i]).sum(),
        );
        if truly + said > 0.0 {
            2.0 * counts[i][i] / (truly + said)
        } else {
            0.0
        }
    };
    (0..EXPRESSIONS).map(f1).sum::<f64>() / EXPRESSIONS as f64
}

fn probabilities(raw: &[Raw], temperature: f64) -> Vec<Raw> {
    raw.iter()
        .map(|p| *tempered(p, temperature).as_array())
        .collect()
}

/// The temperature of the least negative log-likelihood, by golden section.
fn fitted(raw: &[Raw], labels: &[usize]) -> f64 {
    let loss = |t: f64| -> f64 {
        probabilities(raw, t)
            .iter()
            .zip(labels)
            .map(|(p, label)| -p[*label].max(1e-12).ln())
            .sum()
    };
    let (mut low, mut high) = (0.3f64, 5.0f64);
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    while high - low > 1e-4 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if loss(a) < loss(b) { high = b } else { low = a }
    }
    f64::midpoint(low, high)
}

/// Expected calibration error, 15 bins of equal width.
fn calibration_error(p: &[Raw], labels: &[usize]) -> f64 {
    let mut bins = [(0.0, 0.0, 0.0); 15];
    for (p, label) in p.iter().zip(labels) {
        let sure = p[top(p)];
        let bin = &mut bins[((sure * 15.0) as usize).min(14)];
        bin.0 += 1.0;
        bin.1 += sure;
        bin.2 += f64::from(top(p) == *label);
    }
    bins.iter()
        .map(|(_, sure, right)| (sure - right).abs())
        .sum::<f64>()
        / p.len() as f64
}

/// The calibration error of each half (every second face) under the temperature of the other, averaged.
fn crossed(raw: &[Raw], labels: &[usize]) -> f64 {
    let half = |which: usize| -> (Vec<Raw>, Vec<usize>) {
        (
            raw.iter().skip(which).step_by(2).copied().collect(),
            labels.iter().skip(which).step_by(2).copied().collect(),
        )
    };
    let (a, b) = (half(0), half(1));
    let of = |fit: &(Vec<Raw>, Vec<usize>), test: &(Vec<Raw>, Vec<usize>)| {
        calibration_error(&probabilities(&test.0, fitted(&fit.0, &fit.1)), &test.1)
    };
    f64::midpoint(of(&a, &b), of(&b, &a))
}
