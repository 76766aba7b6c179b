//! What faults cost, what bad light costs, and from which detail on a face is sharp.

use std::fmt::Write;

use anyhow::Result;
use moodlark_sense::{expression::Expression, luma::Luma, quality};

use crate::{
    faults::{FAULTS, blurred, whole},
    figures::{Raw, accuracy},
    npz::Set,
};

/// What each fault costs at three strengths, over every third face.
pub(crate) fn faults(set: &Set, expression: &Expression) -> Result<String> {
    let labels: Vec<usize> = set.labels.iter().step_by(3).copied().collect();
    let mut table = String::from(
        "How often the majority is met with what a webcam and a detector do to a face, three strengths each, the light put right as in use; in \
         brackets the points lost against the same faces unspoilt (every third face with a majority):\n\n\
         | fault | | | |\n|---|---|---|---|\n",
    );
    let unspoilt = set
        .faces
        .iter()
        .step_by(3)
        .map(|face| expression.of_crops(|side| whole(face, side)))
        .collect::<Result<Vec<_>>>()?;
    let unspoilt = accuracy(&unspoilt, &labels);
    for fault in FAULTS {
        let _ = write!(table, "| {} ", fault.name);
        for (strength, words) in fault.strengths.iter().enumerate() {
            let raw = set
                .faces
                .iter()
                .step_by(3)
                .zip(0..)
                .map(|(face, number)| {
                    let spoilt = (fault.run)(face, strength, number);
                    expression.of_crops(|side| whole(&spoilt, side))
                })
                .collect::<Result<Vec<_>>>()?;
            let right = accuracy(&raw, &labels);
            let lost = 100.0 * (unspoilt - right);
            let _ = write!(table, "| {words}: {right:.3} ({lost:+.1}) ");
        }
        table.push_str("|\n");
    }
    Ok(table)
}

/// Accuracy by how bright and how rich in contrast the pictures are, in thirds.
pub(crate) fn light(faces: &[Luma], raw: &[Raw], labels: &[usize]) -> String {
    let mut table = String::from(
        "How often the majority is met, by the picture itself, in thirds of the set. Brightness mixes the light with the skin's tone, which nobody has \
         labelled here:\n\n| | least | middle | most |\n|---|---|---|---|\n",
    );
    let brightness = |face: &Luma| face.mean();
    let contrast = |face: &Luma| f64::from(whole(face, face.width()).deviation());
    let brightnesses: Vec<f64> = faces.iter().map(brightness).collect();
    let contrasts: Vec<f64> = faces.iter().map(contrast).collect();
    for (name, values) in [("brightness", brightnesses), ("contrast", contrasts)] {
        let mut order: Vec<(f64, usize)> = values.into_iter().zip(0..).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let _ = write!(table, "| {name} ");
        for third in 0..3 {
            let part = &order[order.len() * third / 3..order.len() * (third + 1) / 3];
            let (p, l): (Vec<Raw>, Vec<usize>) =
                part.iter().map(|(_, i)| (raw[*i], labels[*i])).unzip();
            let _ = write!(table, "| {:.3} ", accuracy(&p, &l));
        }
        table.push_str("|\n");
    }
    table
}

/// From which detail on a face is sharp: the limits of the quality's sharpness come from here.
pub(crate) fn sharpness(set: &Set, expression: &Expression) -> Result<()> {
    println!(
        "\nsharpness: blur of the 48×48 face (standard deviation in pixels) → accuracy, detail of the crop (every third face)"
    );
    let labels: Vec<usize> = set.labels.iter().step_by(3).copied().collect();
    for sigma in [0.0, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0] {
        let mut details = Vec::new();
        let faces = set.faces.iter().step_by(3).map(|face| {
            let blurred = blurred(face, sigma);
            details.push(whole(&blurred, quality::SIDE).detail());
            expression.of_crops(|side| whole(&blurred, side))
        });
        let raw = faces.collect::<Result<Vec<_>>>()?;
        details.sort_by(f32::total_cmp);
        let at = |part: usize| details[(details.len() - 1) * part / 100];
        println!(
            "  {sigma:>4.2}: {:.3}; detail 5 % {:.4}, median {:.4}, 95 % {:.4}",
            accuracy(&raw, &labels),
            at(5),
            at(50),
            at(95)
        );
    }
    Ok(())
}
