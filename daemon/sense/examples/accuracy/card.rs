//! The figures of the card, and the place in it where they stand: printed by this program, never typed.

use std::{fmt::Write, fs, path::Path};

use anyhow::{Context, Result};
use moodlark_models::{ExpressionSpec, LABELS};

use crate::{
    figures::{
        Matrix, Raw, accuracy, confusion, four_ways, interval, macro_f1, normalised, probabilities,
        scores, surest, three_ways,
    },
    npz::Voted,
    votes,
};

const BEGIN: &str = "<!-- figures: written by the accuracy example, with --write -->\n";
const END: &str = "<!-- end of figures -->\n";

/// The tables of a set of answers: figures with their intervals, each expression, the confusion.
pub(crate) fn figures(raw: &[Raw], set: &Voted, spec: &ExpressionSpec) -> String {
    let shares = set.shares();
    let calibrated = votes::crossed(raw, &shares);
    let labels = &set.agreed().labels[..];
    let (agreed, sure) = (&set.of_agreed(raw)[..], &set.of_agreed(&calibrated)[..]);
    let mut text = format!(
        "{}, the crop of the set, no mirroring; in brackets the 95 % interval of a bootstrap over the faces. Against what more than half of \
         ten people saw, {} faces:\n\n| | |\n|---|---|\n",
        spec.measured.on,
        labels.len()
    );
    row(
        &mut text,
        "agrees with the majority",
        interval(agreed, labels, accuracy),
    );
    row(&mut text, "macro-F1", interval(agreed, labels, macro_f1));
    row(
        &mut text,
        "negative / neutral / happy, of the faces that are one of these",
        interval(sure, labels, three_ways),
    );
    row(
        &mut text,
        "negative / neutral / happy / surprised",
        interval(sure, labels, four_ways),
    );
    for percent in [70, 50, 30] {
        let figure = |p: &[Raw], l: &[usize]| surest(p, l, percent).0;
        let found = interval(sure, labels, figure);
        let limit = surest(sure, labels, percent).1;
        row(
            &mut text,
            &format!("the surest {percent} %"),
            format!("{found}, surer than {limit:.2}"),
        );
    }
    row(
        &mut text,
        "ranking: mean area under the ROC curve",
        interval(agreed, labels, votes::mean_ranking),
    );
    let _ = write!(
        text,
        "\nAgainst how the votes are spread, all {} faces, each half under the temperature of the other:\n\n| | |\n|---|---|\n",
        raw.len()
    );
    row(
        &mut text,
        "divergence (Kullback-Leibler, nats)",
        interval(&calibrated, &shares, votes::divergence),
    );
    row(
        &mut text,
        "the same for the faces with a majority alone",
        interval(sure, &set.of_agreed(&shares), votes::divergence),
    );
    row(
        &mut text,
        "calibration error: how sure it is of an expression against the share of people who saw it (15 bins)",
        interval(&calibrated, &shares, votes::calibration_error),
    );
    row(
        &mut text,
        "the same before the temperature",
        interval(raw, &shares, votes::calibration_error),
    );
    row(&mut text, "temperature", format!("{:.3}", spec.temperature));
    text += &against_labels(raw, set);
    text += &each_expression(agreed, labels);
    matrix(
        &mut text,
        "What a face is called on which most people see … (rows)",
        &confusion(agreed, labels).map(|row| normalised(&row)),
    );
    matrix(
        &mut text,
        "What a face is called of which a person says that it is … (rows): every vote counts, also on the faces without a majority. The mood \
         filter goes by this one",
        &spec.confusion,
    );
    text
}

fn row(text: &mut String, name: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "| {name} | {value} |");
}

/// Beside the votes: FER2013's own labels, which nothing was chosen by.
fn against_labels(raw: &[Raw], set: &Voted) -> String {
    let (p, labels): (Vec<Raw>, Vec<usize>) = raw
        .iter()
        .zip(&set.labels)
        .filter_map(|(p, label)| Some((*p, (*label)?)))
        .unzip();
    let mut text = format!(
        "\nAgainst FER2013's own labels, {} faces, for comparison alone:\n\n| | |\n|---|---|\n",
        p.len()
    );
    row(&mut text, "accuracy", interval(&p, &labels, accuracy));
    row(&mut text, "macro-F1", interval(&p, &labels, macro_f1));
    row(
        &mut text,
        "ranking",
        interval(&p, &labels, votes::mean_ranking),
    );
    text
}

fn each_expression(agreed: &[Raw], labels: &[usize]) -> String {
    let counts = confusion(agreed, labels);
    let mut text = String::from(
        "\nBy what most people saw; ranking is the area under the ROC curve against all other expressions, which does not change where an \
         expression is rarer or commoner than here:\n\n\
         | expression | faces | precision | recall | F1 | ranking |\n|---|---|---|---|---|---|\n",
    );
    for (i, label) in LABELS.iter().enumerate() {
        let of = |part: usize| interval(agreed, labels, |p, l| scores(&confusion(p, l), i)[part]);
        let faces: f64 = counts[i].iter().sum();
        let _ = writeln!(
            text,
            "| {label} | {faces} | {} | {} | {} | {} |",
            of(0),
            of(1),
            of(2),
            interval(agreed, labels, |p, l| votes::ranking(p, l, i))
        );
    }
    text
}

fn matrix(text: &mut String, title: &str, rows: &Matrix) {
    let _ = write!(text, "\n{title}:\n\n| |");
    LABELS
        .iter()
        .for_each(|label| *text += &format!(" {label} |"));
    *text += "\n|---|---|---|---|---|---|---|---|\n";
    for (row, label) in rows.iter().zip(LABELS) {
        let _ = write!(text, "| {label} |");
        row.iter().for_each(|p| *text += &format!(" {p:.3} |"));
        text.push('\n');
    }
}

/// The votes and the answers for each face, as lines of numbers: the mood filter's simulated days draw from them.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write_answers(
    path: &Path,
    raw: &[Raw],
    set: &Voted,
    spec: &ExpressionSpec,
) -> Result<()> {
    let mut text = format!(
        "# {}: how many of ten people saw each expression (FER+, MIT), and the network's answer under its temperature\n",
        spec.measured.on
    );
    let names = LABELS.join(",");
    let _ = writeln!(text, "{names},{names}");
    for (votes, p) in set.votes.iter().zip(probabilities(raw, spec.temperature)) {
        let counts: Vec<String> = votes.iter().map(|v| format!("{v:.0}")).collect();
        let answers: Vec<String> = p.iter().map(|p| format!("{p:.3}")).collect();
        let _ = writeln!(text, "{},{}", counts.join(","), answers.join(","));
    }
    fs::write(path, text).with_context(|| path.display().to_string())?;
    println!("written: {}", path.display());
    Ok(())
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
