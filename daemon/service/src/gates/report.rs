//! The gates as the doctor shows them.

use moodlark_catalogue::tr;
use moodlark_core::{
    gates::{Finding, Gate},
    settings::Settings,
};

use super::Status;

/// What the doctor says of a gate: level, finding, advice.
#[must_use]
pub fn check(gate: Gate, status: Option<&Status>, settings: &Settings) -> [String; 3] {
    let say = |level: &str, finding: String, advice: String| [level.to_owned(), finding, advice];
    if !gate.counts(settings) {
        return say(
            "ok",
            tr!("switched off in the configuration"),
            String::new(),
        );
    }
    let Some(Status { finding, source }) = status else {
        return say("ok", tr!("asked for before each look"), String::new());
    };
    match finding {
        Finding::Clear => say("ok", tr!("open ({source})", source), String::new()),
        Finding::Holds => say(
            "ok",
            format!("closed ({source}): {}", gate.sentence()),
            String::new(),
        ),
        Finding::Silent if gate.closes_in_doubt() => say(
            "problem",
            tr!("closed, as nobody tells any more: {source}", source),
            tr!(
                "Look at `systemctl status systemd-logind`; to look all the same set it to false under [gates]."
            ),
        ),
        Finding::Silent => say(
            "warning",
            tr!("open, as nobody tells any more: {source}", source),
            tr!("Look whether that service runs; it is asked again before each look."),
        ),
        Finding::Absent => absent(gate, source),
    }
}

fn absent(gate: Gate, source: &str) -> [String; 3] {
    let (level, advice) = match gate {
        Gate::Asleep | Gate::Locked | Gate::Inactive => (
            "warning",
            tr!("Without logind (or elogind) nothing tells: pause the camera before you leave."),
        ),
        Gate::Idle => (
            "warning",
            tr!("No back end for your desktop: an empty chair is looked at, and read as one."),
        ),
        _ => ("ok", String::new()),
    };
    [
        level.to_owned(),
        tr!("open, as nothing here can tell: {source}", source),
        advice.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(gate: Gate, finding: Finding) -> String {
        let source = "by somebody".to_owned();
        let status = Status { finding, source };
        let [level, text, advice] = check(gate, Some(&status), &Settings::default());
        assert!(!text.is_empty() && !text.contains("  "), "{text}");
        assert_eq!(
            level == "ok",
            advice.is_empty(),
            "{level}: {text}: {advice}"
        );
        level
    }

    #[test]
    fn a_closed_gate_is_no_problem_and_one_that_nobody_tells_of_is() {
        for finding in [Finding::Clear, Finding::Holds] {
            assert_eq!(level(Gate::Locked, finding), "ok");
            assert_eq!(level(Gate::Presenting, finding), "ok");
        }
        assert_eq!(level(Gate::Locked, Finding::Silent), "problem");
        assert_eq!(level(Gate::Presenting, Finding::Silent), "warning");
        assert_eq!(level(Gate::Locked, Finding::Absent), "warning");
        // A desktop without a battery needs no UPower.
        assert_eq!(level(Gate::Battery, Finding::Absent), "ok");
    }
}
