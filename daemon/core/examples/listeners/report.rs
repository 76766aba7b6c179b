//! The tables.

use std::fmt::Write;

use crate::{
    diary,
    listener::World,
    methods::Way,
    season::{STRETCHES, play},
};

/// The families of seeds: one to choose settings on, one to report.
const TUNING: u64 = 1_000_000;

const WORLDS: [(World, &str); 2] = [(World::Linear, "linear"), (World::Crooked, "not linear")];

/// Means over the seeds, and the standard errors.
pub(crate) fn season(world: World, way: Way, seeds: std::ops::Range<u64>) -> Vec<[f64; 3]> {
    seeds.map(|seed| play(world, way, seed)).collect()
}

fn mean_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

fn column(runs: &[[f64; 3]], stretch: usize) -> Vec<f64> {
    runs.iter().map(|run| run[stretch]).collect()
}

/// How the others' settings were chosen.
pub(crate) fn tuning(seeds: u64) -> String {
    let mut out = String::new();
    let mut ways = vec![
        Way::Ours,
        Way::Nearest(0.02),
        Way::Nearest(0.05),
        Way::Nearest(0.1),
    ];
    for weight in [0.03, 0.06, 0.12] {
        for factor in [0.25, 0.5, 1.0] {
            ways.push(Way::Linear(weight, factor));
        }
    }
    for weight in [0.03, 0.06] {
        for factor in [0.25, 0.5, 1.0] {
            for spread in [0.1, 0.2] {
                ways.push(Way::Hybrid(weight, factor, spread));
            }
        }
    }
    for (world, name) in WORLDS {
        for way in &ways {
            let runs = season(world, *way, TUNING..TUNING + seeds);
            let means: Vec<String> = (0..STRETCHES.len())
                .map(|stretch| format!("{:.3}", mean_error(&column(&runs, stretch)).0))
                .collect();
            let _ = writeln!(out, "{name:>10} {way:?}: {}", means.join(" "));
        }
    }
    out
}

/// The ways in the table; ours last.
const WAYS: [(Way, &str); 8] = [
    (Way::Random, "random"),
    (Way::Nearest(0.05), "nearest in affect, with jitter"),
    (Way::Beta, "Thompson, beta per track"),
    (Way::Linear(0.06, 1.0), "Thompson, linear"),
    (Way::Linear(0.03, 0.25), "the same, cautious and tuned"),
    (Way::Hybrid(0.06, 1.0, 0.1), "Thompson, hybrid"),
    (Way::Hybrid(0.03, 0.25, 0.2), "the same, cautious and tuned"),
    (Way::Ours, "**ours**"),
];

fn table(out: &mut String, world: World, seeds: u64) {
    let runs: Vec<Vec<[f64; 3]>> = WAYS
        .iter()
        .map(|(way, _)| season(world, *way, 0..seeds))
        .collect();
    let ours = &runs[WAYS.len() - 1];
    let _ = writeln!(
        out,
        "| | plays 1–50 | 50–200 | 200–600 | ours is ahead after 200 by |\n|---|---|---|---|---|"
    );
    for ((_, name), runs) in WAYS.iter().zip(&runs) {
        let _ = write!(out, "| {name} |");
        for stretch in 0..STRETCHES.len() {
            let (mean, error) = mean_error(&column(runs, stretch));
            let _ = write!(out, " {mean:.3} ± {error:.3} |");
        }
        let ahead: Vec<f64> = ours.iter().zip(runs).map(|(a, b)| a[2] - b[2]).collect();
        let (mean, error) = mean_error(&ahead);
        if *name == "**ours**" {
            let _ = writeln!(out, " |");
        } else {
            let _ = writeln!(out, " {mean:+.3} ± {error:.3} |");
        }
    }
    let first: Vec<f64> = ours
        .iter()
        .zip(&runs[1])
        .map(|(a, b)| a[0] - b[0])
        .collect();
    let (mean, error) = mean_error(&first);
    let _ = writeln!(
        out,
        "\nIn the first 50 plays ours is ahead of the nearest by {mean:+.3} ± {error:.3}.\n"
    );
}

pub(crate) fn markdown(seeds: u64, users: u64) -> String {
    let mut out = format!(
        "{HEAD}{seeds} listeners of each world, {users} diaries for each effect.\n\n{LISTENERS}"
    );
    for (world, name) in WORLDS {
        let _ = writeln!(out, "### Taste that is {name} in the features\n");
        table(&mut out, world, seeds);
    }
    out.push_str(DIARIES);
    for lift in [0.0, 0.1, 0.2, -0.2] {
        let found = diary::run(lift, users, 7);
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        let _ = writeln!(
            out,
            "| {lift:+.1} | {:.0} | {:+.2} | {:+.3} | {:.2} | {} | {} | {} | {} | {} |",
            found.lists,
            found.plain,
            found.estimate,
            found.width,
            percent(found.covered),
            percent(found.excluded),
            percent(found.certain),
            percent(found.others_covered),
            percent(found.others_certain),
        );
    }
    out
}

const HEAD: &str = "\
# Simulated listeners: what is played through, and what lifts

Printed by `cargo run --release -p moodlark-core --example listeners`; don't edit by hand.
";

const LISTENERS: &str = "\
## What is simulated

- **The library**: 1,500 tracks, made up, as tracks' features can't be printed here. Ten genres lie in a space of eight latent styles, artists near a genre, tracks near their artist; an artist has 1 to 60 tracks, Pareto-distributed. Embeddings and tag logits are noisy, rectified or linear mixes of the latent styles and go through the same projection as real ones; so do valence and arousal.
- **The listener** plays a track through with the probability 1 / (1 + exp(1.3 · distance − 1.6 · taste)). The distance is that of the track's place from the list's target; the taste has the mean 0 and the standard deviation 1 over the library. What is not played through is skipped at once (60 %) or somewhere. *Linear*: a random weight for each of the sound's 22 scaled numbers. *Not linear*: half of the variance from six corners of the latent space (four liked, two disliked), three tenths from artists, two tenths from single tracks.
- **The lists**: 40 of 15 tracks, each for one of seven targets by chance. What was played is learnt after each list. Every way has the same window of candidates (random: the whole library), the same rule of no repeats and the same space between an artist's tracks.
- **The others** have the same 26 features, the same prior of the mean and of the distance, and the textbook's posterior; plain Thompson sampling draws from it as it is. *Cautious and tuned*: draws spread a quarter as far, and prior and spread are the best of `--tune`, on other listeners than these. Ours was tuned there, too.

## How much is played

The mean share of a track that is played, ± standard error over listeners. The last column is a difference between the same listeners. Where taste is linear, linear Thompson sampling has the true model: another way can only explore less, and has to find the model out. Ours also pays a little for variety (albums, any track now and then).

";

const DIARIES: &str = "\
## What lifts

Diaries of 60 days of twelve hours. The true valence wanders (standard deviation 0.3, half forgotten in two hours; each day has a luck of its own, 0.1), and is read with an error (0.15, half forgotten in 20 minutes). Who is read below −0.2 is called sad. Every hour a list is played, or not, by chance; calm or lively in shares that change every week. Calm music raises the valence of who is called sad by what the first column says; nothing else does anything. (What is found 20 to 40 minutes later is a little less: it fades as the mood does. *Covered* holds it against the full effect all the same.) *Rise*: the mean of after less before, which somebody would take for the effect who compares with nothing. *Covered*: the 95 % intervals that hold the truth. *Certain*: what is called so, and feeds the choice; it is stricter, because several estimates are looked at. *Others*: the five other pairs of mood and kind, where the truth is 0.

| true effect | lists | rise | estimate | interval's width | covered | excludes 0 | certain | others covered | diaries with another called certain |
|---|---|---|---|---|---|---|---|---|---|
";
