//! The worker: whether it is of this version, its models load, and its sandbox holds.

use moodlark_api::Dict;
use moodlark_catalogue::tr;
use serde::Deserialize;

use super::{Facts, check};
use crate::worker;

/// What `moodlark-sense --self-test --json` found, as far as it counts here.
#[derive(Debug, Deserialize)]
struct Report {
    sandbox: String,
    passed: bool,
    landlock: String,
    seccomp: bool,
    models_problem: Option<String>,
    tries: Vec<Try>,
}

#[derive(Debug, Deserialize)]
struct Try {
    what: String,
    refused: bool,
    required: bool,
}

fn same() -> String {
    tr!("Install moodlark-sense and moodlarkd from the same version, beside each other.")
}

pub(super) async fn checks(facts: &Facts) -> [Dict; 2] {
    let version = match worker::ask(&facts.sense, &["--version"]).await {
        Ok(text) => text
            .trim()
            .rsplit(' ')
            .next()
            .unwrap_or_default()
            .to_owned(),
        Err(why) => {
            let missing = |name| check(name, "problem", &why, same());
            return [missing("models"), missing("sandbox")];
        }
    };
    let report = worker::run(&facts.sense, &["--self-test", "--json"]).await;
    // It fails when it finds something, and says what all the same.
    let report = report.and_then(|output| {
        serde_json::from_slice::<Report>(&output.stdout)
            .map_err(|error| tr!("the worker's self-test cannot be read: {error}", error))
    });
    match report {
        Ok(report) => [models(&report, &version), sandbox(&report)],
        Err(why) => [
            check("models", "problem", &why, same()),
            check("sandbox", "problem", &why, same()),
        ],
    }
}

fn models(report: &Report, version: &str) -> Dict {
    let own = env!("CARGO_PKG_VERSION");
    match &report.models_problem {
        Some(why) => check(
            "models",
            "problem",
            why,
            tr!("Install moodlark-sense anew."),
        ),
        None if version != own => {
            let finding = tr!("moodlark-sense is {version}, moodlarkd {own}", version, own);
            check("models", "warning", &finding, same())
        }
        None => check(
            "models",
            "ok",
            tr!("moodlark-sense {version} has loaded them", version),
            String::new(),
        ),
    }
}

fn sandbox(report: &Report) -> Dict {
    fn kernel() -> String {
        tr!(
            "A kernel of 6.12 or newer with landlock holds all of it; `moodlark-sense --self-test` tells more."
        )
    }

    let open: Vec<&str> = report
        .tries
        .iter()
        .filter(|one| one.required && !one.refused)
        .map(|one| one.what.as_str())
        .collect();
    match report.sandbox.as_str() {
        _ if !open.is_empty() => {
            let finding = tr!(
                "the worker was not kept from this: {open}",
                open = open.join(", ")
            );
            check("sandbox", "problem", &finding, kernel())
        }
        "full" if report.passed => check(
            "sandbox",
            "ok",
            tr!(
                "full: all of {tries} tries to get out were refused",
                tries = report.tries.len()
            ),
            String::new(),
        ),
        "partial" if report.passed => check(
            "sandbox",
            "warning",
            tr!(
                "partial: landlock {landlock}, seccomp {hold}; no network and no files all the same",
                landlock = report.landlock,
                hold = if report.seccomp {
                    tr!("holds")
                } else {
                    tr!("does not hold")
                }
            ),
            kernel(),
        ),
        level => check(
            "sandbox",
            "problem",
            tr!(
                "{level}: the kernel does not hold the worker, which uses no camera so",
                level
            ),
            kernel(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(json: &str) -> String {
        let dict = sandbox(&serde_json::from_str(json).unwrap());
        String::try_from(dict["level"].try_clone().unwrap()).unwrap()
    }

    #[test]
    fn a_sandbox_that_an_old_kernel_holds_in_part_is_a_warning_and_a_hole_a_problem() {
        let report = |sandbox: &str, passed: bool, refused: bool| {
            format!(
                r#"{{"sandbox":"{sandbox}","passed":{passed},"landlock":"partial","seccomp":true,"models_problem":null,
                   "tries":[{{"what":"connect","refused":{refused},"required":true}}]}}"#
            )
        };
        assert_eq!(level(&report("full", true, true)), "ok");
        assert_eq!(level(&report("partial", true, true)), "warning");
        assert_eq!(level(&report("full", false, false)), "problem");
        assert_eq!(level(&report("none", false, true)), "problem");
    }
}
