//! The findings of a check-up.

use moodlark_catalogue::tr;
use serde_json::Value;

use super::{Fields, Show, items, table};
use crate::terminal::Tone;

impl Show {
    /// One line a finding, what to do about it below.
    pub(crate) fn doctor(&self, findings: &Value) -> String {
        let mark = |finding: Fields<'_>| match finding.text("level").as_str() {
            "ok" => self.paint(Tone::Good, &tr!("ok")),
            "warning" => self.paint(Tone::Doubtful, &tr!("warning")),
            _ => self.paint(Tone::Bad, &tr!("problem")),
        };
        let mut rows = Vec::new();
        for finding in items(findings) {
            rows.push(vec![
                mark(finding),
                finding.text("check"),
                finding.text("finding"),
            ]);
            let advice = finding.text("advice");
            if !advice.is_empty() {
                rows.push(vec![
                    String::new(),
                    String::new(),
                    self.paint(Tone::Strong, &advice),
                ]);
            }
        }
        let count = |level: &str| {
            items(findings)
                .filter(|finding| finding.text("level") == level)
                .count()
        };
        let sum = match (count("problem"), count("warning")) {
            (0, 0) => tr!("All is well."),
            (0, warnings) => format!("{}.", warned(warnings)),
            (problems, 0) => format!("{}.", troubled(problems)),
            (problems, warnings) => format!("{}, {}.", troubled(problems), warned(warnings)),
        };
        format!("{}\n{sum}\n", table(&rows, ""))
    }
}

fn warned(count: usize) -> String {
    tr!("1 warning" | "{n} warnings" % count)
}

fn troubled(count: usize) -> String {
    tr!("1 problem" | "{n} problems" % count)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::show;

    #[test]
    fn findings_come_with_their_advice() {
        let findings = json!([
            { "check": "camera", "level": "ok", "finding": "found", "advice": null },
            { "check": "player", "level": "problem", "finding": "none", "advice": "Start one." },
        ]);
        assert_eq!(
            show().doctor(&findings),
            "ok       camera  found\nproblem  player  none\n                 Start one.\n\n1 problem.\n"
        );
        assert!(show().doctor(&json!([])).contains("All is well"));
    }
}
