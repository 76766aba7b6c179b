//! The figures of the card, and the place in it where they stand: printed by this program, never typed.

use std::{fmt::Write, fs, path::Path};

use anyhow::{Context, Result};
use moodlark_models::{ExpressionSpec, LABELS};

use crate::figures::{
    Raw, accuracy, calibration_error, confusion, crossed, four_ways, interval, macro_f1, scores,
    surest, three_ways,
};

const BEGIN: &str = "<!-- figures: written by the accuracy example, with --write -->\n";
const END: &str = "<!-- end of figures -->\n";

/// The tables of a set of answers: figures with their intervals, each expression, the confusion.
pub(crate) fn figures(raw: &[Raw], labels: &[usize], spec: &ExpressionSpec) -> String {
    let calibrated = crossed(raw, labels);
    let mut text = format!(
        "{}, {} faces, the crop of the set, no mirroring; in brackets the 95 % interval of a bootstrap over the faces:\n\n| | |\n|---|---|\n",
        spec.measured.on,
        raw.len()
    );
    let mut row = |name: &str, value: String| {
        let _ = writeln!(text, "| {name} | {value} |");
    };
    row("accuracy", interval(raw, labels, accuracy).to_string());
    row("macro-F1", interval(raw, labels, macro_f1).to_string());
    row(
        "negative / neutral / happy, of the faces that are one of these",
        interval(raw, labels, three_ways).to_string(),
    );
    row(
        "negative / neutral / happy / surprised",
        interval(raw, labels, four_ways).to_string(),
    );
    for percent in [70, 50, 30] {
        let figure = |p: &[Raw], l: &[usize]| surest(p, l, percent).0;
        row(
            &format!("accuracy of the surest {percent} %"),
            format!(
                "{}, surer than {:.2}",
                interval(&calibrated, labels, figure),
                surest(&calibrated, labels, percent).1
            ),
        );
    }
    row(
        "calibration error (15 bins), each half under the temperature of the other",
        interval(&calibrated, labels, calibration_error).to_string(),
    );
    row(
        "the same before the temperature",
        interval(raw, labels, calibration_error).to_string(),
    );
    row("temperature", format!("{:.3}", spec.temperature));
    let counts = confusion(raw, labels);
    text += "\n| expression | faces | precision | recall | F1 |\n|---|---|---|---|---|\n";
    for (i, label) in LABELS.iter().enumerate() {
        let of = |part: usize| interval(raw, labels, |p, l| scores(&confusion(p, l), i)[part]);
        let faces: f64 = counts[i].iter().sum();
        let _ = writeln!(
            text,
            "| {label} | {faces} | {} | {} | {} |",
            of(0),
            of(1),
            of(2)
        );
    }
    text += "\nWhat a face that is … (rows) is called:\n\n| |";
    LABELS
        .iter()
        .for_each(|label| text += &format!(" {label} |"));
    text += "\n|---|---|---|---|---|---|---|---|\n";
    for (row, label) in spec.confusion.iter().zip(LABELS) {
        let _ = write!(text, "| {label} |");
        row.iter().for_each(|p| text += &format!(" {p:.3} |"));
        text.push('\n');
    }
    text
}

/// Puts the tables into a card, between its two marks.
pub(crate) fn write(path: &Path, tables: &str) -> Result<()> {
    let name = || path.display().to_string();
    let card = fs::read_to_string(path).with_context(name)?;
    let (before, rest) = card
        .split_once(BEGIN)
        .context("the card has no place for figures")?;
    let (_, after) = rest
        .split_once(END)
        .context("the card's figures have no end")?;
    fs::write(path, format!("{before}{BEGIN}\n{tables}\n{END}{after}")).with_context(name)?;
    println!("written: {}", path.display());
    Ok(())
}
