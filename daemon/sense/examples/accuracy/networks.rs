//! Each network alone and all of them together, to choose by accuracy and cost.

use anyhow::Result;
use moodlark_models::{ExpressionSpec, LABELS};
use moodlark_sense::expression::Expression;

use crate::{
    faults::whole,
    figures::{
        Raw, accuracy, calibration_error, confusion, crossed, fitted, four_ways, macro_f1,
        normalised, probabilities, surest, three_ways,
    },
    npz::Set,
};

/// Milliseconds of processor time that this process has used: other programs do not change it much.
pub(crate) fn cpu_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// What the networks of a specification answer for each face of a set, before the temperature.
pub(crate) fn answers(set: &Set, spec: &ExpressionSpec) -> Result<Vec<Raw>> {
    let expression = Expression::with(spec.clone())?;
    set.faces
        .iter()
        .map(|face| expression.of_crops(|side| whole(face, side)))
        .collect()
}

/// Prints how each group of the specification's networks does, plain and with the mirrored face too; answers the
/// specification with the figures, the temperature and the confusion of what it names.
pub(crate) fn compared(set: &Set, spec: &ExpressionSpec) -> Result<ExpressionSpec> {
    println!(
        "{:<44} accuracy  macro-F1  neg/neu/hap/sur  ECE raw    ECE  temperature  ms/face",
        "networks"
    );
    let mut chosen = spec.clone();
    let count = spec.networks.len();
    for mirrored in [false, true] {
        for group in 1..1usize << count {
            let members = (0..count).filter(|i| group >> i & 1 == 1);
            let mut one = spec.clone();
            one.networks = members.map(|i| spec.networks[i].clone()).collect();
            one.mirrored = mirrored;
            let names: Vec<&str> = one.networks.iter().map(|n| n.name.as_str()).collect();
            let name = names.join(" + ") + if mirrored { ", mirrored" } else { "" };
            let start = cpu_ms();
            let raw = answers(set, &one)?;
            let each = (cpu_ms() - start) / set.faces.len() as f64;
            describe(&mut one, &raw, &set.labels);
            let m = &one.measured;
            println!(
                "{name:<44} {:>8.4}  {:>8.4}  {:>15.4}  {:>7.4}  {:>5.4}  {:>11.3}  {each:>7.2}",
                m.accuracy, m.macro_f1, m.valence_accuracy, m.ece_raw, m.ece, one.temperature
            );
            if mirrored == spec.mirrored && one.networks.len() == count {
                chosen = one;
            }
        }
    }
    println!("\nconfusion of what the specification names (rows true, columns predicted)");
    println!("{:<9}{}", "", LABELS.map(|l| format!("{l:>9}")).concat());
    for (row, label) in chosen.confusion.iter().zip(LABELS) {
        println!("{label:<9}{}", row.map(|p| format!("{p:>9.3}")).concat());
    }
    Ok(chosen)
}

/// Puts the figures of the answers into a specification, rounded to four digits.
fn describe(spec: &mut ExpressionSpec, raw: &[Raw], labels: &[usize]) {
    let round = |value: f64| (value * 1e4).round() / 1e4;
    spec.temperature = (fitted(raw, labels) * 1e3).round() / 1e3;
    let calibrated = crossed(raw, labels);
    let m = &mut spec.measured;
    m.faces = raw.len();
    m.accuracy = round(accuracy(raw, labels));
    m.macro_f1 = round(macro_f1(raw, labels));
    m.valence_accuracy = round(four_ways(raw, labels));
    m.three_way = round(three_ways(raw, labels));
    m.surest_half = round(surest(&calibrated, labels, 50).0);
    m.ece_raw = round(calibration_error(&probabilities(raw, 1.0), labels));
    m.ece = round(calibration_error(&calibrated, labels));
    spec.confusion = confusion(raw, labels).map(|row| normalised(&row).map(round));
}
