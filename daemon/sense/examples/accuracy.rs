//! Measures the expression networks and what stands before them, on a labelled set of faces, and writes
//! what the specification and the card state.
//!
//! `cargo run --release -p moodlark-sense --example accuracy -- public_test.npz [--write] [--quick] [--speed]`
//!
//! The file is NumPy's `savez`: `X`, n×48×48 bytes of grey, and `Y`, n labels 0..=6 in FER2013's order. `--write`
//! puts the figures, the temperature and the confusion matrix into `models/expression.json`, and the tables into the
//! network's card; `--quick` measures the networks alone and leaves the crop and the card as they are; `--speed` measures
//! the time alone.
//!
//! Use a split that the networks did not learn from, or all figures are too good: the networks learnt from FER2013's
//! training split, so the temperature is fitted on PublicTest too. So that this does not flatter it, the calibration error
//! stated is that of each half of the split under the temperature of the other half.

#[path = "accuracy/card.rs"]
mod card;
#[path = "accuracy/faults.rs"]
mod faults;
#[path = "accuracy/figures.rs"]
mod figures;
#[path = "accuracy/frames.rs"]
mod frames;
#[path = "accuracy/networks.rs"]
mod networks;
#[path = "accuracy/npz.rs"]
mod npz;
#[path = "accuracy/robustness.rs"]
mod robustness;

use std::path::Path;

use anyhow::{Context, Result, bail};
use moodlark_models::{ExpressionSpec, expression_spec};
use moodlark_sense::look::Eye;

const SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/expression.json");

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let write = args.iter().any(|a| a == "--write");
    let Some(path) = args.iter().find(|a| !a.starts_with("--")) else {
        bail!("usage: accuracy FACES.npz [--write] [--quick] [--speed]");
    };
    let set = npz::read(Path::new(path)).with_context(|| format!("cannot read {path}"))?;
    let name = Path::new(path)
        .file_stem()
        .and_then(|s| s.to_str())
        .unwrap_or("a set");
    let name = if name == "public_test" {
        "FER2013 PublicTest"
    } else {
        name
    };
    let spec = expression_spec()?;
    if args.iter().any(|a| a == "--speed") {
        return frames::speed(&set, &mut Eye::load()?);
    }
    println!("{} faces of {name}\n", set.faces.len());
    let mut measured = networks::compared(&set, &spec)?;
    measured.measured.on = name.into();
    measured.measured.temperature_on = name.into();
    let quick = args.iter().any(|a| a == "--quick");
    let raw = networks::answers(&set, &measured)?;
    println!("\n{}", card::figures(&raw, &set.labels, &measured));
    if quick {
        return if write { save(&measured) } else { Ok(()) };
    }
    let tables = [
        card::figures(&raw, &set.labels, &measured),
        robustness::faults(&set, &measured)?,
        robustness::light(&set.faces, &raw, &set.labels),
    ];
    tables[1..].iter().for_each(|table| println!("\n{table}"));
    robustness::sharpness(&set, &measured)?;
    measured.crop = frames::crop(&set, &spec)?;
    let frames = frames::whole_way(&set, &measured)?;
    println!("\n{frames}");
    if write {
        save(&measured)?;
        card::write(&(tables.join("\n") + "\n" + &frames))?;
    }
    Ok(())
}

fn save(measured: &ExpressionSpec) -> Result<()> {
    let text = serde_json::to_string_pretty(measured)? + "\n";
    std::fs::write(SPEC, text).context(SPEC)?;
    println!("\nwritten: models/expression.json");
    Ok(())
}
