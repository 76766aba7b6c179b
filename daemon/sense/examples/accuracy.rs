//! Measures the expression networks and what stands before them, on a set of faces that people voted on, and writes
//! what the specification and the card state.
//!
//! `cargo run --release -p moodlark-sense --example accuracy -- public_test.npz [--network FILE.onnx] [--write] [--quick] [--speed] [--detect] [--empty FOLDER]`
//!
//! The set is NumPy's `savez`: `X`, n×48×48 bytes of grey, `V`, n×7 votes in FER2013's order, and `Y`, n labels of FER2013's own, −1 where
//! none is known: `models/training/fer.py` writes it.
//! `--network` measures a network that is not embedded, as `models/training` makes them, alone and along with those that are.
//! `--write` puts the figures, the temperature and the confusion matrix into `models/expression.json` and each face's votes and
//! answers into `models/answers.csv`; with `--network` into `.json` and `.csv` beside the network, and the tables into the card
//! beside it, `.md`.
//! `--quick` measures the networks alone and leaves the crop as it is; `--speed` measures the time alone, `--detect` how faces are
//! found and cropped, and what a burst is worth.
//! `--empty` also counts what is taken for a face in a folder of pictures without any: `accuracy/empty.sh` gathers one.
//!
//! Use a split that the networks did not learn from, or all figures are too good: the networks learnt from FER2013's
//! training split, so the temperature is fitted on PublicTest too. So that this does not flatter it, the divergence and the
//! calibration error stated are those of each half of the split under the temperature of the other half.

#[path = "accuracy/card.rs"]
mod card;
#[path = "accuracy/cpu.rs"]
mod cpu;
#[path = "accuracy/detection.rs"]
mod detection;
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
#[path = "accuracy/views.rs"]
mod views;
#[path = "accuracy/votes.rs"]
mod votes;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use moodlark_models::{ExpressionSpec, expression_spec};
use moodlark_sense::eye::Eye;
use networks::Bench;

/// Where neutral stands among the expressions.
const NEUTRAL: usize = 6;
const SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/expression.json");

fn main() -> Result<()> {
    let options = Options::read()?;
    let set = npz::read(&options.faces)
        .with_context(|| format!("cannot read {}", options.faces.display()))?;
    let spec = expression_spec()?;
    let bench = Bench::new(&spec, options.network.as_deref())?;
    if options.speed {
        return frames::speed(&set.agreed(), &mut Eye::load()?);
    }
    let name = match options.faces.file_stem().and_then(|stem| stem.to_str()) {
        Some("public_test") => "FER2013 PublicTest",
        Some(stem) => stem,
        None => "a set",
    };
    println!("{} faces of {name}\n", set.faces.len());
    if options.detect {
        let (mut eye, set) = (Eye::load()?, set.agreed());
        detection::tables(&set, options.empty.as_deref(), &mut eye)?;
        println!("\n{}", views::table(&set, eye.expression()?)?);
        frames::crop(&set, &mut eye)?;
        return Ok(());
    }
    let (mut measured, raw) = networks::compared(&set, &bench, &spec)?;
    measured.measured.on = name.into();
    measured.measured.temperature_on = name.into();
    let mut tables = vec![card::figures(&raw, &set, &measured)];
    println!("\n{}", tables[0]);
    if !options.quick {
        // The rest is about pictures, not about people: it goes by the faces that most agree about.
        let (given, set) = (set.of_agreed(&raw), set.agreed());
        let expression = bench.load(&measured)?;
        tables.push(robustness::faults(&set, &expression)?);
        tables.push(robustness::light(&set.faces, &given, &set.labels));
        robustness::sharpness(&set, &expression)?;
        tables.push(views::table(&set, &expression)?);
        let mut eye = Eye::with(expression)?;
        measured.crop = frames::crop(&set, &mut eye)?;
        // From here on with the crop that was found best.
        let mut eye = Eye::with(bench.load(&measured)?)?;
        tables.push(frames::whole_way(&set, &mut eye, &given)?);
        tables.push(detection::tables(&set, options.empty.as_deref(), &mut eye)?);
        frames::speed(&set, &mut eye)?;
        tables[1..].iter().for_each(|table| println!("\n{table}"));
    }
    if !options.write {
        return Ok(());
    }
    match &options.network {
        Some(network) => {
            save(&measured, &network.with_extension("json"))?;
            card::write_answers(&network.with_extension("csv"), &raw, &set, &measured)?;
            card::write(&network.with_extension("md"), &tables.join("\n"))
        }
        None => {
            save(&measured, Path::new(SPEC))?;
            let answers = Path::new(SPEC).with_file_name("answers.csv");
            card::write_answers(&answers, &raw, &set, &measured)
        }
    }
}

/// What the command line asks for.
#[derive(Default)]
struct Options {
    faces: PathBuf,
    network: Option<PathBuf>,
    write: bool,
    quick: bool,
    speed: bool,
    detect: bool,
    empty: Option<PathBuf>,
}

impl Options {
    fn read() -> Result<Self> {
        const USAGE: &str = "usage: accuracy FACES.npz [--network FILE.onnx] [--write] [--quick] [--speed] [--detect] [--empty FOLDER]";
        let mut options = Self::default();
        let mut faces = None;
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--network" => options.network = Some(words.next().context(USAGE)?.into()),
                "--write" => options.write = true,
                "--quick" => options.quick = true,
                "--speed" => options.speed = true,
                "--detect" => options.detect = true,
                "--empty" => options.empty = Some(words.next().context(USAGE)?.into()),
                path if !path.starts_with("--") && faces.is_none() => faces = Some(path.into()),
                _ => bail!(USAGE),
            }
        }
        options.faces = faces.context(USAGE)?;
        Ok(options)
    }
}

fn save(measured: &ExpressionSpec, path: &Path) -> Result<()> {
    let text = serde_json::to_string_pretty(measured)? + "\n";
    std::fs::write(path, text).with_context(|| path.display().to_string())?;
    println!("\nwritten: {}", path.display());
    Ok(())
}
