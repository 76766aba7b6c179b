//! The tables.

use std::fmt::Write;

use crate::{
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
    let mut ways = vec![Way::Ours, Way::Nearest(0.02), Way::Nearest(0.05), Way::Nearest(0.1)];
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

pub(crate) fn markdown(seeds: u64, _users: u64) -> String {
    let mut out = String::new();
    for (world, name) in WORLDS {
        for way in [Way::Random, Way::Nearest(0.05), Way::Beta, Way::Linear(0.06,1.0), Way::Hybrid(0.06,1.0,0.2), Way::Ours] {
            let runs = season(world, way, 0..seeds);
            let cells: Vec<String> = (0..3).map(|s| { let (m,e)=mean_error(&column(&runs,s)); format!("{m:.3} ± {e:.3}") }).collect();
            let _ = writeln!(out, "{name} {way:?} {}", cells.join(" | "));
        }
    }
    out
}
