//! The simulated-day bench: how often the mood filter is wrong, and how late it is right, over a
//! thousand days of a user whose true mood is known.
//!
//! ```text
//! cargo run --release -p moodlark-core --example day > daemon/core/DAY.md
//! ```
//!
//! Options: `--days N` (1000), `--seed N` (2; tuning always uses seed 1), `--json`,
//! `--model FILE` (`models/expression.json`), `--answers FILE` (`models/answers.csv`: votes on faces
//! and the network's answers to them, which are drawn from), `--simulated` (draws none of them, but
//! simulates answers by the model's confusion).
//!
//! | file | noun |
//! |---|---|
//! | `person` | the user: what they feel, what shows, when they are there |
//! | `answers` | faces with people's votes and the network's answers |
//! | `classifier` | an expression → a calibrated answer |
//! | `looks` | when is looked, and what is seen |
//! | `methods`, `oracle` | looks → switches: argmax, three in a row, ours; the oracle |
//! | `score` | wrong switches and delays |
//! | `sweep` | options, on the tuning days |
//! | `bench`, `others` | days × methods; the other users |
//! | `report`, `frontier` | the tables |
//! | `json` | the same as data |
#![forbid(unsafe_code)]

mod answers;
mod bench;
mod chance;
mod classifier;
mod frontier;
mod json;
mod looks;
mod methods;
mod oracle;
mod others;
mod person;
mod report;
mod score;
mod sweep;

use std::{path::PathBuf, process::ExitCode};

use bench::Bench;
use classifier::Classifier;

/// What went wrong, for people.
#[derive(Debug)]
struct Fault(String);

struct Options {
    days: usize,
    seed: u64,
    json: bool,
    model: PathBuf,
    answers: Option<PathBuf>,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Fault> {
        let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/expression.json");
        let answers = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/answers.csv");
        let mut options = Self {
            days: 1000,
            seed: 2,
            json: false,
            model: model.into(),
            answers: Some(answers.into()),
        };
        while let Some(arg) = args.next() {
            let mut value = || {
                args.next()
                    .ok_or_else(|| Fault(format!("{arg} wants a value")))
            };
            let number = |text: String| {
                text.parse::<u64>()
                    .map_err(|e| Fault(format!("{arg} {text}: {e}")))
            };
            match arg.as_str() {
                "--days" => {
                    options.days = usize::try_from(number(value()?)?.max(20)).unwrap_or(1000);
                }
                "--seed" => options.seed = number(value()?)?,
                "--json" => options.json = true,
                "--model" => options.model = value()?.into(),
                "--simulated" => options.answers = None,
                "--answers" => options.answers = Some(value()?.into()),
                _ => {
                    return Err(Fault(format!(
                        "{arg}: no such option; see the top of examples/day/main.rs"
                    )));
                }
            }
        }
        Ok(options)
    }
}

fn run() -> Result<(), Fault> {
    let options = Options::parse(std::env::args().skip(1))?;
    let classifier = Classifier::read(&options.model, options.answers.as_deref())?;
    let bench = Bench::run(&classifier, options.days, options.seed)?;
    if options.json {
        println!("{}", json::json(&bench));
    } else {
        print!("{}", report::markdown(&bench));
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Fault(what)) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
    }
}
