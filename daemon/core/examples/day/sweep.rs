//! The options that are swept, on the tuning days.

use crate::{
    bench::score,
    looks::{Day, World},
    methods::{Method, Way},
    oracle::OracleKnobs,
    score::summarise,
};

pub(crate) const HALF_LIVES: [f64; 4] = [10.0, 20.0, 30.0, 45.0];
pub(crate) const MIN_CONFIDENCES: [f64; 6] = [0.4, 0.5, 0.55, 0.6, 0.65, 0.7];
pub(crate) const HYSTERESES: [f64; 3] = [0.0, 0.1, 0.2];
pub(crate) const DWELLS: [f64; 3] = [0.0, 2.0, 5.0];
pub(crate) const COOLDOWNS: [f64; 2] = [0.0, 20.0];

/// The options that are swept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Knobs {
    /// Minutes.
    pub(crate) half_life: f64,
    pub(crate) min_confidence: f64,
    pub(crate) hysteresis: f64,
    /// Minutes.
    pub(crate) dwell: f64,
    /// Minutes.
    pub(crate) cooldown: f64,
}

/// A point of the sweep, on the tuning days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point<K> {
    pub(crate) knobs: K,
    pub(crate) share: f64,
    pub(crate) delay: f64,
    pub(crate) caught: f64,
    pub(crate) noticed: f64,
    pub(crate) right: f64,
    pub(crate) looks: f64,
}

/// The least delay among points with at most this share of argmax's wrong switches.
pub(crate) fn best_delay<K: Copy>(points: &[Point<K>], share: f64) -> Option<Point<K>> {
    points
        .iter()
        .filter(|p| p.share <= share)
        .min_by(|a, b| a.delay.total_cmp(&b.delay))
        .copied()
}

/// The fewest wrong switches among points with at most this delay.
pub(crate) fn best_share<K: Copy>(points: &[Point<K>], delay: f64) -> Option<Point<K>> {
    points
        .iter()
        .filter(|p| p.delay <= delay)
        .min_by(|a, b| a.share.total_cmp(&b.share))
        .copied()
}

pub(crate) fn our_grid() -> Vec<Knobs> {
    let mut grid = Vec::new();
    for half_life in HALF_LIVES {
        for min_confidence in MIN_CONFIDENCES {
            for hysteresis in HYSTERESES {
                for dwell in DWELLS {
                    for cooldown in COOLDOWNS {
                        grid.push(Knobs {
                            half_life,
                            min_confidence,
                            hysteresis,
                            dwell,
                            cooldown,
                        });
                    }
                }
            }
        }
    }
    grid
}

pub(crate) fn oracle_grid() -> Vec<OracleKnobs> {
    let mut grid = Vec::new();
    for threshold in (0..22).map(|i| 0.2 + 0.025 * f64::from(i)) {
        for margin in [0.0, 0.2] {
            for haste in [1.0, 1.5] {
                grid.push(OracleKnobs {
                    threshold,
                    margin,
                    haste,
                });
            }
        }
    }
    grid
}

/// Measures each point of a grid on the tuning days, on all cores.
pub(crate) fn sweep<K: Copy + Send + Sync>(
    world: World<'_>,
    days: &[Day],
    grid: &[K],
    method: impl Fn(&K) -> Method + Sync,
) -> Vec<Point<K>> {
    let argmax = summarise(&score(world, &Way::ARGMAX.evenly(), days), false).wrong;
    let measure = |knobs: &K| {
        let summary = summarise(&score(world, &method(knobs), days), false);
        Point {
            knobs: *knobs,
            share: summary.wrong / argmax,
            delay: summary.delay_quartiles[1],
            caught: summary.caught_median,
            noticed: summary.noticed,
            right: summary.right,
            looks: summary.looks,
        }
    };
    let cores = std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .max(2);
    let measure = &measure;
    std::thread::scope(|scope| {
        let parts: Vec<_> = grid
            .chunks(grid.len().div_ceil(cores))
            .map(|part| scope.spawn(move || part.iter().map(measure).collect::<Vec<_>>()))
            .collect();
        parts
            .into_iter()
            .filter_map(|part| part.join().ok())
            .flatten()
            .collect()
    })
}
