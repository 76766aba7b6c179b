//! The table of figures.

use std::fmt::Write;

use anyhow::Result;
use moodlark_tests::rig;

/// One line of the table.
#[derive(Debug)]
struct Figure {
    what: String,
    budget: String,
    median: String,
    spread: String,
    runs: usize,
    within: Option<bool>,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Figures {
    profile: &'static str,
    figures: Vec<Figure>,
}

impl Figures {
    /// None yet.
    pub(crate) const fn new(profile: &'static str) -> Self {
        Self {
            profile,
            figures: Vec::new(),
        }
    }

    /// Adds the median of `values`, held against a budget where there is one, in the same unit.
    pub(crate) fn add(
        &mut self,
        what: &str,
        unit: &str,
        budget: Option<f64>,
        mut values: Vec<f64>,
    ) {
        values.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (values.first(), values.last()) else {
            return;
        };
        let median = values[values.len() / 2];
        let text = |value: f64| format!("{} {unit}", rounded(value));
        eprintln!(
            "{what}: {} ({}–{})",
            text(median),
            rounded(*least),
            rounded(*most)
        );
        self.figures.push(Figure {
            what: what.to_owned(),
            budget: budget.map_or_else(|| "–".to_owned(), |budget| format!("≤ {}", text(budget))),
            median: text(median),
            spread: if values.len() > 1 {
                format!("{}–{}", rounded(*least), rounded(*most))
            } else {
                "–".to_owned()
            },
            runs: values.len(),
            within: budget.map(|budget| median <= budget),
        });
    }

    /// The whole file.
    pub(crate) async fn markdown(&self) -> Result<String> {
        let mut text = String::from(
            "# Budgets, measured\n\nPrinted and written here by\n\n```sh\ncargo build --release --workspace\n\
             cargo run --release -p moodlark-tests --example budgets\n```\n\n",
        );
        writeln!(
            text,
            "On {}, {}, {} build.\n",
            machine(),
            today().await?,
            self.profile
        )?;
        text.push_str("| what | budget | median | range | runs | |\n|---|---|---|---|---|---|\n");
        for figure in &self.figures {
            let Figure {
                what,
                budget,
                median,
                spread,
                runs,
                within,
            } = figure;
            let verdict = match within {
                Some(true) => "ok",
                Some(false) => "**over**",
                None => "",
            };
            writeln!(
                text,
                "| {what} | {budget} | {median} | {spread} | {runs} | {verdict} |"
            )?;
        }
        Ok(text)
    }
}

/// Three digits that count, and no more.
fn rounded(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size > 0.0 && size < 1.0 => format!("{value:.3}"),
        0.0 => "0".to_owned(),
        _ => format!("{value:.2}"),
    }
}

fn machine() -> String {
    let field = |path: &str, name: &str| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.lines()
            .find(|line| line.starts_with(name))
            .and_then(|line| line.split_once([':', '=']))
            .map_or_else(
                || "?".to_owned(),
                |(_, value)| value.trim().trim_matches('"').to_owned(),
            )
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{cores} cores of {}, {}, Linux {}",
        field("/proc/cpuinfo", "model name"),
        field("/etc/os-release", "PRETTY_NAME"),
        kernel.split('-').next().unwrap_or_default().trim()
    )
}

async fn today() -> Result<String> {
    Ok(rig::run("date", &["-u", "+%Y-%m-%d"])
        .await?
        .trim()
        .to_owned())
}
