//! The bench's tables, as Markdown and as JSON.

use std::fmt::Write;

use moodlark_core::{Emotion, settings::MoodSettings};
use serde_json::json;

use crate::{
    bench::{Bench, CHOSEN, OURS, Point, Row, TARGET_DELAY, TARGET_WRONG, TUNING_SEED, best_delay},
    score::Summary,
};

/// Minutes, or a dash for "never in half of the cases".
fn min(minutes: f64) -> String {
    if minutes.is_finite() {
        format!("{minutes:.0}")
    } else {
        "–".into()
    }
}

fn quartiles(q: [f64; 3]) -> String {
    format!("{} · {} · {}", min(q[0]), min(q[1]), min(q[2]))
}

/// The budgets of wrong switches at which the frontier is shown, as shares of argmax's.
const BUDGETS: [f64; 8] = [0.02, 0.04, 0.06, 0.08, 0.10, 0.12, 0.15, 0.20];

/// The whole report.
pub(crate) fn markdown(bench: &Bench) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut out, bench);
    out
}

fn write(out: &mut String, bench: &Bench) -> std::fmt::Result {
    let Bench {
        person, telling, ..
    } = bench;
    let mix = person.mix();
    writeln!(
        out,
        "# Simulated days: how often the mood is wrong, and how late it is right\n"
    )?;
    writeln!(
        out,
        "Printed by `cargo run --release -p moodlark-core --example day`; don't edit by hand."
    )?;
    writeln!(
        out,
        "{} days, seed {}. Options were chosen on other days (seed {TUNING_SEED}).\n",
        bench.days, bench.seed
    )?;

    writeln!(out, "## What is simulated\n")?;
    writeln!(
        out,
        "- **The mood** is a continuous-time Markov chain. The rates are made up; they stand for moods, not for \
         bursts of emotion:\n\n  | | {} |\n  |---|{}|",
        Emotion::ALL.map(Emotion::name).join(" | "),
        ["---"; 7].join("|")
    )?;
    writeln!(
        out,
        "  | lasts, mean min | {} |",
        person.lasts.map(|m| format!("{m:.0}")).join(" | ")
    )?;
    writeln!(
        out,
        "  | share of time | {} |\n",
        mix.map(|p| format!("{:.0} %", 100.0 * p)).join(" | ")
    )?;
    writeln!(
        out,
        "- **The face** shows the mood in {:.0} % of the looks, independently (expressions last seconds, looks are \
         {:.0} minutes apart), and is neutral otherwise. A neutral mood always shows a neutral face.",
        100.0 * person.shows,
        person.looks_every
    )?;
    writeln!(
        out,
        "- **The day** is {:.0} hours; the user stays at the desk for {:.0} minutes in the mean and leaves for {:.0}. \
         An empty chair reads `no_face`.",
        person.day / 60.0,
        person.stays,
        person.leaves
    )?;
    let source = if telling.real {
        "Answers are drawn from those of the network itself, by true expression."
    } else {
        "Answers are simulated: pictures differ in difficulty, what a picture is taken for is drawn from \
         `confusion` in `models/expression.json`, sharpened on easy pictures and blunted on hard ones so that the mean \
         is the measured matrix, and the answer is the exactly calibrated posterior."
    };
    let [c70, c50, c30] = telling.coverage.map(|c| 100.0 * c);
    writeln!(
        out,
        "- **The classifier.** {source} Right in {:.0} % of FER2013's mix of faces; in {c70:.0} / {c50:.0} / {c30:.0} % \
         of the surest 70 / 50 / 30 %.\n",
        100.0 * telling.accuracy
    )?;

    writeln!(out, "## What is counted\n")?;
    writeln!(
        out,
        "- A **switch**: the label that is acted upon changes (the first of the day counts; *unknown* changes nothing). \
         It is **wrong** when it is not the true mood of that moment.\n\
         - The **delay** of a mood: minutes at the desk from its beginning until its label is acted upon. Moods that \
         began with their label still acted upon don't count.\n\
         - A mood is **missed** when it ends first. So two medians: of the moods that were **caught**, which flatters \
         whoever misses much, and **for a mood that lasts** (Kaplan–Meier: a mood that ended was waited for until then).\n\
         - **Right**: share of the time at the desk with the true mood's label acted upon."
    )?;
    writeln!(
        out,
        "- **Ours**: the filter with half-life {} min, shows {}, min-confidence {}, hysteresis {}; acted upon when the \
         label has lasted {} min (dwell), and the last switch is {} min ago (cooldown); the decider's min-confidence is \
         no higher than the filter's. The settings' defaults are shown beside it where they differ.\n\
         - **Oracle**: the forward recursion of a hidden Markov model that is given the user's true rates and the \
         classifier's exact likelihoods; nothing that sees these looks knows more of the mood. It acts at once when a mood \
         reaches a threshold, and is likelier than the one acted upon by a margin.\n",
        CHOSEN.half_life,
        MoodSettings::default().shows,
        CHOSEN.min_confidence,
        CHOSEN.hysteresis,
        CHOSEN.dwell,
        CHOSEN.cooldown
    )?;

    writeln!(out, "## Result\n")?;
    writeln!(
        out,
        "| | switches a day | wrong a day, mean [95 %] | quartiles over days | wrong ÷ argmax [95 %] | delay of a mood that lasts, min: quartiles [95 % of the median] | median delay of the caught, min | missed | right |\n\
         |---|---|---|---|---|---|---|---|---|"
    )?;
    for Row {
        name,
        summary: s,
        share,
    } in &bench.rows
    {
        writeln!(
            out,
            "| {name} | {:.1} | {:.2} [{:.2}, {:.2}] | {} | {:.3} [{:.3}, {:.3}] | {} [{}, {}] | {:.1} | {:.0} % | {:.0} % |",
            s.switches,
            s.wrong,
            s.wrong_interval.0,
            s.wrong_interval.1,
            quartiles(s.wrong_quartiles),
            share.0,
            share.1.0,
            share.1.1,
            quartiles(s.delay_quartiles),
            min(s.delay_interval.0),
            min(s.delay_interval.1),
            s.caught_median,
            100.0 * s.missed,
            100.0 * s.right
        )?;
    }
    verdict(out, bench)?;
    moods(out, bench)?;
    frontier(out, bench)?;
    others(out, bench)
}

fn verdict(out: &mut String, bench: &Bench) -> std::fmt::Result {
    let Some(ours) = bench.rows.iter().find(|row| row.name == OURS) else {
        return Ok(());
    };
    let met = |yes: bool| if yes { "met" } else { "**not met**" };
    writeln!(
        out,
        "\nAsked: at most a tenth of argmax's wrong switches, and a median delay of at most {TARGET_DELAY} minutes.\n"
    )?;
    writeln!(
        out,
        "- Wrong switches: {:.3} of argmax's: {}.",
        ours.share.0,
        met(ours.share.1.1 <= TARGET_WRONG)
    )?;
    let caught = ours.summary.caught_median;
    writeln!(
        out,
        "- Median delay of the moods that were caught: {caught:.1} min: {}.",
        met(caught <= TARGET_DELAY)
    )?;
    let lasting = ours.summary.delay_quartiles[1];
    write!(
        out,
        "- Median delay for a mood that lasts: {} min: {}.",
        min(lasting),
        met(lasting <= TARGET_DELAY)
    )?;
    let oracle = |what: &str| bench.rows.iter().find(|row| row.name.contains(what));
    if let (Some(tenth), Some(prompt)) = (oracle("tenth"), oracle("half caught")) {
        write!(
            out,
            " Even the oracle needs {} min at {:.3} of argmax's wrong switches, \
             and to be there within {} min it makes {:.3} of them.",
            min(tenth.summary.delay_quartiles[1]),
            tenth.share.0,
            min(prompt.summary.delay_quartiles[1]),
            prompt.share.0
        )?;
    }
    writeln!(out, "\n")
}

fn moods(out: &mut String, bench: &Bench) -> std::fmt::Result {
    writeln!(out, "## Why it lies there\n")?;
    let mut hardest: Vec<_> = bench
        .moods
        .iter()
        .filter(|m| m.mood != Emotion::Neutral)
        .collect();
    hardest.sort_by(|a, b| a.nats.total_cmp(&b.nats));
    let least = hardest
        .iter()
        .take(2)
        .map(|m| m.mood.name())
        .collect::<Vec<_>>()
        .join(" and ");
    writeln!(
        out,
        "What counts is what a look says. *Nats a look*: the mean logarithm of the odds that one face adds for the mood, \
         against neutral, while it is true. *Against it*: the logarithm of the prior odds of neutral to it. Even odds take \
         the quotient of the two in looks, and few errors take more than even odds. A mood that shows in {:.0} % of the \
         looks leaves nothing to learn in the others, and what the classifier confuses with neutral or with another mood \
         leaves little in those: least for {least}. More looks move the frontier, as the last table shows; a later \
         switch or a higher threshold only moves along it.\n",
        100.0 * bench.person.shows
    )?;
    writeln!(
        out,
        "| mood | begins a day, label elsewhere | lasts, mean min | against it, nats | nats a look | looks to even odds | ours: delay if it lasts, min | missed |\n\
         |---|---|---|---|---|---|---|---|"
    )?;
    for m in &bench.moods {
        let neutral = m.mood == Emotion::Neutral;
        let cell = |text: String| if neutral { "–".to_owned() } else { text };
        writeln!(
            out,
            "| {} | {:.1} | {:.0} | {} | {} | {} | {} | {:.0} % |",
            m.mood,
            m.begins,
            m.lasts,
            cell(format!("{:.1}", m.prior)),
            cell(format!("{:.2}", m.nats)),
            cell(format!("{:.0}", m.prior / m.nats)),
            quartiles(m.delay),
            100.0 * m.missed
        )?;
    }
    writeln!(out)
}

fn frontier(out: &mut String, bench: &Bench) -> std::fmt::Result {
    writeln!(out, "## The frontier\n")?;
    writeln!(
        out,
        "The least median delay (of a mood that lasts) at each budget of wrong switches, over {} settings of ours and {} \
         of the oracle, on the tuning days.\n",
        bench.ours.len(),
        bench.oracle.len()
    )?;
    writeln!(
        out,
        "| wrong ÷ argmax at most | oracle: delay, min | ours: delay, min | of the caught, min | right | half-life, min | min-confidence | hysteresis | dwell, min | cooldown, min |\n\
         |---|---|---|---|---|---|---|---|---|---|"
    )?;
    for budget in BUDGETS {
        let oracle = best_delay(&bench.oracle, budget)
            .map_or_else(|| "–".into(), |p| format!("{:.1}", p.delay));
        match best_delay(&bench.ours, budget) {
            Some(Point {
                knobs: k,
                delay,
                caught,
                right,
                ..
            }) => writeln!(
                out,
                "| {budget:.2} | {oracle} | {delay:.1} | {caught:.1} | {:.0} % | {} | {} | {} | {} | {} |",
                100.0 * right,
                k.half_life,
                k.min_confidence,
                k.hysteresis,
                k.dwell,
                k.cooldown
            )?,
            None => writeln!(out, "| {budget:.2} | {oracle} | – | | | | | | | |")?,
        }
    }
    writeln!(
        out,
        "\nThe same at a budget of {TARGET_WRONG}, with one option held:\n\n| option | held at → delay, min (of the caught) |\n|---|---|"
    )?;
    let held =
        |name: &str, of: &dyn Fn(&crate::bench::Knobs) -> f64, values: &[f64], out: &mut String| {
            let cells: Vec<String> = values
                .iter()
                .map(|value| {
                    let points: Vec<_> = bench
                        .ours
                        .iter()
                        .filter(|p| (of(&p.knobs) - value).abs() < 1e-9)
                        .copied()
                        .collect();
                    best_delay(&points, TARGET_WRONG).map_or_else(
                        || format!("{value} → –"),
                        |p| format!("{value} → {:.1} ({:.1})", p.delay, p.caught),
                    )
                })
                .collect();
            writeln!(out, "| {name} | {} |", cells.join("; "))
        };
    held(
        "half-life, min",
        &|k| k.half_life,
        &[10.0, 20.0, 30.0, 45.0, 70.0],
        out,
    )?;
    held(
        "min-confidence",
        &|k| k.min_confidence,
        &[0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6],
        out,
    )?;
    held("hysteresis", &|k| k.hysteresis, &[0.0, 0.1, 0.2, 0.3], out)?;
    held("dwell, min", &|k| k.dwell, &[0.0, 2.0, 5.0, 10.0], out)?;
    held("cooldown, min", &|k| k.cooldown, &[0.0, 10.0, 20.0], out)?;
    writeln!(out)
}

fn others(out: &mut String, bench: &Bench) -> std::fmt::Result {
    writeln!(out, "## Other users, the same options\n")?;
    writeln!(
        out,
        "Nobody is the user that the options were chosen for. The oracle is told of each, and acts at the threshold of \
         the table above; ours is told nothing.\n"
    )?;
    writeln!(
        out,
        "| | argmax: wrong a day | ours: wrong a day | ÷ argmax | delay if it lasts, min | of the caught, min | missed | right | oracle: ÷ argmax | its delay, min |\n\
         |---|---|---|---|---|---|---|---|---|---|"
    )?;
    for other in &bench.others {
        let s = &other.ours.summary;
        let oracle = other.oracle.as_ref().map_or_else(
            || "– | –".to_owned(),
            |o| format!("{:.3} | {}", o.share.0, min(o.summary.delay_quartiles[1])),
        );
        writeln!(
            out,
            "| {} | {:.1} | {:.2} | {:.3} | {} | {:.1} | {:.0} % | {:.0} % | {oracle} |",
            other.name,
            other.argmax.wrong,
            s.wrong,
            other.ours.share.0,
            min(s.delay_quartiles[1]),
            s.caught_median,
            100.0 * s.missed,
            100.0 * s.right
        )?;
    }
    Ok(())
}

fn summary_json(s: &Summary) -> serde_json::Value {
    json!({
        "switches-a-day": s.switches,
        "wrong-a-day": s.wrong,
        "wrong-a-day-95": [s.wrong_interval.0, s.wrong_interval.1],
        "wrong-quartiles": s.wrong_quartiles,
        "delay-lasting-quartiles-min": s.delay_quartiles,
        "delay-lasting-median-95": [s.delay_interval.0, s.delay_interval.1],
        "delay-caught-median-min": s.caught_median,
        "missed": s.missed,
        "right": s.right,
    })
}

/// The same as data. What is never reached is `null`.
pub(crate) fn json(bench: &Bench) -> serde_json::Value {
    let row = |row: &Row| {
        json!({
            "method": row.name, "summary": summary_json(&row.summary),
            "wrong-share": row.share.0, "wrong-share-95": [row.share.1.0, row.share.1.1],
        })
    };
    json!({
        "days": bench.days,
        "seed": bench.seed,
        "classifier": {
            "accuracy": bench.telling.accuracy, "coverage-70-50-30": bench.telling.coverage, "real-answers": bench.telling.real,
        },
        "methods": bench.rows.iter().map(row).collect::<Vec<_>>(),
        "moods": bench.moods.iter().map(|m| json!({
            "mood": m.mood.name(), "begins-a-day": m.begins, "nats-a-look": m.nats,
            "delay-lasting-quartiles-min": m.delay, "missed": m.missed,
        })).collect::<Vec<_>>(),
        "sweep": bench.ours.iter().map(|p| json!({
            "half-life-min": p.knobs.half_life, "min-confidence": p.knobs.min_confidence, "hysteresis": p.knobs.hysteresis,
            "dwell-min": p.knobs.dwell, "cooldown-min": p.knobs.cooldown,
            "wrong-share": p.share, "delay-lasting-min": p.delay, "delay-caught-min": p.caught, "right": p.right,
        })).collect::<Vec<_>>(),
        "oracle": bench.oracle.iter().map(|p| json!({
            "threshold": p.knobs.threshold, "margin": p.knobs.margin, "haste": p.knobs.haste, "wrong-share": p.share, "delay-lasting-min": p.delay,
        })).collect::<Vec<_>>(),
        "others": bench.others.iter().map(|o| json!({
            "user": o.name, "argmax": summary_json(&o.argmax), "ours": row(&o.ours), "oracle": o.oracle.as_ref().map(row),
        })).collect::<Vec<_>>(),
    })
}
