//! The bench's tables, as Markdown.

use std::fmt::Write;

use moodlark_core::{Emotion, camera::Pace, settings::MoodSettings};

use crate::{
    bench::{
        Bench, CHOSEN, OURS, OURS_EVEN, Row, TARGET_DELAY, TARGET_NOTICED, TARGET_WRONG,
        TUNING_SEED,
    },
    frontier::frontier,
    score::{LONG, Summary},
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
        "- **The face** shows the mood in {:.0} % of the looks, independently (expressions last seconds), and is at rest \
         otherwise. A neutral mood never shows. Light, pose and face go on: where two looks find the same expression, the \
         second is the same picture with the same answer with the probability 2^(−gap ÷ {:.0} min).",
        100.0 * person.shows,
        person.same_picture
    )?;
    writeln!(
        out,
        "- **The day** is {:.0} hours; the user stays at the desk for {:.0} minutes in the mean and leaves for {:.0}. \
         An empty chair reads `no_face`.",
        person.day / 60.0,
        person.stays,
        person.leaves
    )?;
    let [c70, c50, c30] = telling.coverage.map(|c| 100.0 * c);
    let (source, faces) = match telling.faces {
        Some(faces) => (
            "Answers are the network's own, to faces of FER2013's PublicTest split that ten people have voted on \
             (FER+; `models/answers.csv`). A shown expression draws a face in proportion to its votes for it, a face at rest \
             one that more than half of the people call neutral.",
            format!("Over the {faces} faces with a majority it is"),
        ),
        None => (
            "Answers are simulated: what people see on a face at rest is drawn by `resting` in `models/expression.json`; \
             pictures differ in difficulty, what a picture is taken for is drawn by `confusion`, sharpened on easy pictures and \
             blunted on hard ones so that the mean is the measured matrix, and the answer is the exactly calibrated posterior.",
            "Over faces as common as in FER+ it is".to_owned(),
        ),
    };
    writeln!(
        out,
        "- **The classifier.** {source} {faces} right in {:.0} %; in {c70:.0} / {c50:.0} / {c30:.0} % of the surest \
         70 / 50 / 30 %.",
        100.0 * telling.accuracy
    )?;
    let pace = Pace::CHOSEN;
    writeln!(
        out,
        "- **Looks** are {every:.0} minutes apart where they are *evenly spaced*. *Where they matter*, by the code and the \
         constants that the service runs: {after} s after a look that speaks for a change, at most {row} times in a row; else \
         after {long:.1} min until {saved} looks are saved, and after {every:.0} min then. Who has none saved doesn't look \
         again so soon. So there are as many looks in all, and at most {most} in any hour.\n",
        every = person.looks_every,
        after = pace.follow_up.as_secs(),
        row = pace.in_a_row,
        long = person.looks_every * pace.stretch,
        saved = pace.most_spare,
        most = pace.most_in_an_hour(std::time::Duration::from_secs_f64(
            60.0 * person.looks_every
        )),
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
         - **Noticed**: share of the moods that last {LONG} minutes or more by the clock, and did not begin with their label \
         still acted upon, whose label is acted upon before they end.\n\
         - **Right**: share of the time at the desk with the true mood's label acted upon."
    )?;
    writeln!(
        out,
        "- **Ours**: the filter with half-life {} min, shows {}, min-confidence {}, hysteresis {}; acted upon when the \
         label has lasted {} min (dwell), and the last switch is {} min ago (cooldown); the decider's min-confidence is \
         the filter's. The settings' defaults are shown beside it where they differ.\n\
         - **Oracle**: the forward recursion of a hidden Markov model that is given the user's true rates. It acts at once when \
         a mood reaches a threshold, and is likelier than the one acted upon by a margin. Where its looks are spent where they \
         matter, its own belief says where. {}\n",
        CHOSEN.half_life,
        MoodSettings::default().shows,
        CHOSEN.min_confidence,
        CHOSEN.hysteresis,
        CHOSEN.dwell,
        CHOSEN.cooldown,
        if telling.faces.is_some() {
            "It knows what answers mean from these very faces (each expression's probability is sorted into 25 bins, and a bin \
             is worth its mean share of votes; for a face at rest, its share of such faces), but no face by heart; and it can \
             tell a picture that it has seen a look ago, which it passes over."
        } else {
            "It is given the classifier's exact likelihoods, and passes a picture over that it has seen a look ago."
        }
    )?;

    writeln!(out, "## Result\n")?;
    writeln!(
        out,
        "| | looks an hour | switches a day | wrong a day, mean [95 %] | quartiles over days | wrong ÷ argmax [95 %] | delay of a mood that lasts, min: quartiles [95 % of the median] | median delay of the caught, min | missed | noticed of {LONG} min or more | right |\n\
         |---|---|---|---|---|---|---|---|---|---|---|"
    )?;
    let hours = person.day / 60.0;
    for Row {
        name,
        summary: s,
        share,
    } in &bench.rows
    {
        writeln!(
            out,
            "| {name} | {:.1} | {:.1} | {:.2} [{:.2}, {:.2}] | {} | {:.3} [{:.3}, {:.3}] | {} [{}, {}] | {:.1} | {:.0} % | {:.0} % | {:.0} % |",
            s.looks / hours,
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
            100.0 * s.noticed,
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
        "\nAsked: at most a tenth of argmax's wrong switches, a median delay of at most {TARGET_DELAY} minutes, and two of \
         three moods of {LONG} minutes or more noticed.\n"
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
    writeln!(
        out,
        "- Median delay for a mood that lasts: {} min: {}.{}",
        min(lasting),
        met(lasting <= TARGET_DELAY),
        oracles(bench)
    )?;
    if let Some(even) = bench.rows.iter().find(|row| row.name == OURS_EVEN) {
        writeln!(
            out,
            "- Looks where they matter, against evenly spaced ones: {:.3} of argmax's wrong switches, not {:.3}; a delay of {} \
             min, not {}; {:.1} looks an hour, not {:.1}.",
            ours.share.0,
            even.share.0,
            min(lasting),
            min(even.summary.delay_quartiles[1]),
            ours.summary.looks * 60.0 / bench.person.day,
            even.summary.looks * 60.0 / bench.person.day,
        )?;
    }
    let Summary {
        noticed,
        noticed_at_desk,
        ..
    } = ours.summary;
    writeln!(
        out,
        "- Noticed of the moods of {LONG} minutes or more: {:.0} %: {}. Of those that had so many minutes at the desk: {:.0} %.\n",
        100.0 * noticed,
        met(noticed >= TARGET_NOTICED),
        100.0 * noticed_at_desk
    )
}

/// What the oracle needs for the same.
fn oracles(bench: &Bench) -> String {
    let find = |how: &str, what: &str| {
        let row = |row: &&Row| row.name.contains(how) && row.name.contains(what);
        bench.rows.iter().find(row)
    };
    let mut text = String::new();
    for how in ["evenly spaced", "where they matter"] {
        if let (Some(tenth), Some(prompt)) = (find(how, "tenth"), find(how, "half caught")) {
            text += &format!(
                " With looks {how} the oracle needs {} min at {:.3} of argmax's wrong switches, and makes {:.3} of them to \
                 be there within {} min.",
                min(tenth.summary.delay_quartiles[1]),
                tenth.share.0,
                prompt.share.0,
                min(prompt.summary.delay_quartiles[1]),
            );
        }
    }
    text
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
         leaves little in those: least for {least}. Evenly spaced looks first find a mood on the face after {:.0} minutes in the \
         mean, and no choice of when to look shortens that by much where there are no more looks: looking again confirms \
         sooner what was found. More looks move the frontier further, as the last table shows; a later switch or a higher \
         threshold only moves along it.\n",
        100.0 * bench.person.shows,
        bench.person.looks_every / bench.person.shows
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

fn others(out: &mut String, bench: &Bench) -> std::fmt::Result {
    writeln!(out, "## Other users, the same options\n")?;
    writeln!(
        out,
        "Nobody is the user that the options were chosen for. The oracle is told of each, and acts at the threshold of \
         the table above; ours is told nothing. Looks are where they matter; *even*: evenly spaced.\n"
    )?;
    writeln!(
        out,
        "| | argmax: wrong a day | ours: wrong a day | ÷ argmax | delay if it lasts, min | noticed | right | looks an hour | even: ÷ argmax | delay, min | noticed | oracle: ÷ argmax | delay, min |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|"
    )?;
    for other in &bench.others {
        let (s, even) = (&other.ours.summary, &other.even);
        let oracle = other.oracle.as_ref().map_or_else(
            || "– | –".to_owned(),
            |o| format!("{:.3} | {}", o.share.0, min(o.summary.delay_quartiles[1])),
        );
        writeln!(
            out,
            "| {} | {:.1} | {:.2} | {:.3} | {} | {:.0} % | {:.0} % | {:.1} | {:.3} | {} | {:.0} % | {oracle} |",
            other.name,
            other.argmax.wrong,
            s.wrong,
            other.ours.share.0,
            min(s.delay_quartiles[1]),
            100.0 * s.noticed,
            100.0 * s.right,
            s.looks * 60.0 / bench.person.day,
            even.share.0,
            min(even.summary.delay_quartiles[1]),
            100.0 * even.summary.noticed,
        )?;
    }
    Ok(())
}
