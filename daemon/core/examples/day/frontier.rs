//! The tables of what was swept, as Markdown.

use std::fmt::Write;

use crate::{
    bench::{Bench, TARGET_WRONG},
    sweep::{COOLDOWNS, DWELLS, HALF_LIVES, HYSTERESES, Knobs, MIN_CONFIDENCES, Point, best_delay},
};

/// The budgets of wrong switches at which the frontier is shown, as shares of argmax's.
const BUDGETS: [f64; 8] = [0.02, 0.04, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20];

/// An option: its name, its value in the knobs, and the values it is held at.
type Held = (&'static str, fn(&Knobs) -> f64, &'static [f64]);

pub(crate) fn frontier(out: &mut String, bench: &Bench) -> std::fmt::Result {
    writeln!(out, "## The frontier\n")?;
    writeln!(
        out,
        "The least median delay (of a mood that lasts) at each budget of wrong switches, over {} settings of ours and {} \
         of the oracle, on the tuning days; *even*: with looks evenly spaced. The options are those of ours with looks \
         where they matter.\n",
        bench.ours.paced.len(),
        bench.oracle.paced.len()
    )?;
    writeln!(
        out,
        "| wrong ÷ argmax at most | oracle, even: delay, min | ours, even | oracle | **ours** | of the caught, min | noticed | right | half-life, min | min-confidence | hysteresis | dwell, min | cooldown, min |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|"
    )?;
    for budget in BUDGETS {
        let (oracle, ours) = (&bench.oracle, &bench.ours);
        write!(
            out,
            "| {budget:.2} | {} | {} | {} | ",
            least(&oracle.even, budget),
            least(&ours.even, budget),
            least(&oracle.paced, budget)
        )?;
        match best_delay(&ours.paced, budget) {
            Some(Point {
                knobs: k,
                delay,
                caught,
                noticed,
                right,
                ..
            }) => writeln!(
                out,
                "{delay:.1} | {caught:.1} | {:.0} % | {:.0} % | {} | {} | {} | {} | {} |",
                100.0 * noticed,
                100.0 * right,
                k.half_life,
                k.min_confidence,
                k.hysteresis,
                k.dwell,
                k.cooldown
            )?,
            None => writeln!(out, "– | | | | | | | | |")?,
        }
    }
    held(out, bench)?;
    paces(out, bench)
}

fn least<K: Copy>(points: &[Point<K>], budget: f64) -> String {
    best_delay(points, budget).map_or_else(|| "–".into(), |p| format!("{:.1}", p.delay))
}

/// The least delay with one option held at each of its values.
fn held(out: &mut String, bench: &Bench) -> std::fmt::Result {
    writeln!(
        out,
        "\nThe same at a budget of {TARGET_WRONG}, with one option held:\n\n| option | held at → delay, min (of the caught) |\n|---|---|"
    )?;
    let options: [Held; 5] = [
        ("half-life, min", |k| k.half_life, &HALF_LIVES),
        ("min-confidence", |k| k.min_confidence, &MIN_CONFIDENCES),
        ("hysteresis", |k| k.hysteresis, &HYSTERESES),
        ("dwell, min", |k| k.dwell, &DWELLS),
        ("cooldown, min", |k| k.cooldown, &COOLDOWNS),
    ];
    for (name, of, values) in options {
        let cell = |value: &f64| {
            let fits = |p: &&Point<Knobs>| (of(&p.knobs) - value).abs() < 1e-9;
            let points: Vec<_> = bench.ours.paced.iter().filter(fits).copied().collect();
            best_delay(&points, TARGET_WRONG).map_or_else(
                || format!("{value} → –"),
                |p| format!("{value} → {:.1} ({:.1})", p.delay, p.caught),
            )
        };
        let cells: Vec<_> = values.iter().map(cell).collect();
        writeln!(out, "| {name} | {} |", cells.join("; "))?;
    }
    Ok(())
}

/// How the looks are spread, with one option of that held at each of its values.
fn paces(out: &mut String, bench: &Bench) -> std::fmt::Result {
    writeln!(
        out,
        "\nHow looks are spread, all else as chosen, on the tuning days:\n\n\
         | option | held at → wrong ÷ argmax, delay in min, noticed, looks an hour |\n|---|---|"
    )?;
    let hours = bench.person.day / 60.0;
    for (name, points) in &bench.paces {
        let cells: Vec<_> = points
            .iter()
            .map(|(value, p)| {
                format!(
                    "{value} → {:.3}, {:.1}, {:.0} %, {:.1}",
                    p.share,
                    p.delay,
                    100.0 * p.noticed,
                    p.looks / hours
                )
            })
            .collect();
        writeln!(out, "| {name} | {} |", cells.join("; "))?;
    }
    writeln!(out)
}
