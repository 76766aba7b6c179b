//! Times networks in tract on one core, to choose an architecture by what it costs where it runs.
//!
//! `cargo run --release -p moodlark-sense --example network_speed -- SIDE FILE.onnx…`
//!
//! Each file takes `1×1×SIDE×SIDE` floats. Printed: processor time of loading, and of a run (median, 95 %) in ms.

#[path = "accuracy/cpu.rs"]
mod cpu;

use anyhow::{Context, Result, bail};
use cpu::cpu_ms;
use moodlark_sense::network::Network;

const RUNS: usize = 200;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((side, files)) = args.split_first().filter(|(_, files)| !files.is_empty()) else {
        bail!("usage: network_speed SIDE FILE.onnx…");
    };
    let side: usize = side.parse().context("SIDE is no number")?;
    let face: Vec<f32> = (0..side * side).map(|i| (i * 7919 % 256) as f32).collect();
    println!("   load  median    95 %  network");
    for file in files {
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {file}"))?;
        let start = cpu_ms();
        let network = Network::load(&bytes, &[1, 1, side, side]).with_context(|| file.clone())?;
        let load = cpu_ms() - start;
        let mut runs = Vec::with_capacity(RUNS);
        for _ in 0..RUNS {
            let start = cpu_ms();
            network.run(&face)?;
            runs.push(cpu_ms() - start);
        }
        runs.sort_by(f64::total_cmp);
        let at = |part: usize| runs[(RUNS - 1) * part / 100];
        println!("{load:>7.1} {:>7.2} {:>7.2}  {file}", at(50), at(95));
    }
    Ok(())
}
