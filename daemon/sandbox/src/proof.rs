//! What a self-test found, for machines and for people.

use moodlark_core::reading::SandboxLevel;
use serde::Serialize;

use crate::{Landlock, level, tries::Try};

/// The layers as they were closed.
#[derive(Debug, Clone, Copy)]
pub struct Layers {
    /// The first.
    pub landlock: Landlock,
    /// Whether the second holds.
    pub seccomp: bool,
    /// Whether a crash could write memory to disk; asked before seccomp, which refuses the question.
    pub core_dumps: bool,
}

/// What the self-test found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The level of the sandbox as the worker's own work would have it.
    pub sandbox: SandboxLevel,
    /// How far landlock is enforced: `full`, `partial` or `off`.
    pub landlock: &'static str,
    /// Whether seccomp holds.
    pub seccomp: bool,
    /// Whether no_new_privs is set.
    pub no_new_privs: bool,
    /// Whether a crash could write memory to disk.
    pub core_dumps: bool,
    /// Everything that was tried.
    pub tries: Vec<Try>,
    /// What must still work and does not; empty if all is well.
    pub broken: Vec<String>,
    /// Whether all that this kernel must refuse was refused, and what must work works.
    pub passed: bool,
    /// Why the models could not be loaded; none if they can.
    pub models_problem: Option<String>,
}

impl Report {
    /// From what was tried, and what must work and does not.
    #[must_use]
    pub fn new(
        layers: Layers,
        tries: Vec<Try>,
        broken: Vec<String>,
        models: anyhow::Result<()>,
    ) -> Self {
        let no_new_privs = rustix::thread::no_new_privs().unwrap_or(false);
        let refused = tries.iter().all(|t| t.refused || !t.required);
        Self {
            sandbox: level(layers.landlock, layers.seccomp),
            landlock: layers.landlock.name(),
            seccomp: layers.seccomp,
            no_new_privs,
            core_dumps: layers.core_dumps,
            passed: no_new_privs && !layers.core_dumps && broken.is_empty() && refused,
            tries,
            broken,
            models_problem: models.err().map(|error| format!("{error:#}")),
        }
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text: String = self.tries.iter().map(Try::text).collect();
        for problem in &self.broken {
            text += &format!("{problem}\n");
        }
        let yes = |b: bool| if b { "yes" } else { "NO" };
        text += &format!(
            "models: {}\nno_new_privs: {}; landlock: {}; seccomp: {}; sandbox: {:?}\n{}\n",
            self.models_problem.as_deref().unwrap_or("loaded"),
            yes(self.no_new_privs),
            self.landlock,
            yes(self.seccomp),
            self.sandbox,
            if self.passed {
                "The sandbox holds."
            } else {
                "THE SANDBOX DOES NOT HOLD."
            }
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(refused: bool, core_dumps: bool, broken: Vec<String>) -> Report {
        let layers = Layers {
            landlock: Landlock::Full,
            seccomp: true,
            core_dumps,
        };
        let tried = Try {
            what: "x",
            layer: "seccomp",
            refused,
            required: true,
            answer: "x".into(),
        };
        let mut report = Report::new(layers, vec![tried], broken, Ok(()));
        // Of the process that runs the test nothing is to be said.
        report.passed |= !report.no_new_privs && refused && !core_dumps && report.broken.is_empty();
        report
    }

    #[test]
    fn one_hole_is_enough() {
        assert!(
            report(true, false, Vec::new())
                .text()
                .contains("The sandbox holds.")
        );
        for hole in [
            report(false, false, Vec::new()),
            report(true, true, Vec::new()),
            report(true, false, vec!["it cannot read".into()]),
        ] {
            assert!(!hole.passed);
            assert!(hole.text().contains("DOES NOT HOLD"));
        }
    }
}
