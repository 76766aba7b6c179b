//! The journal, and the last decision.

use moodlark_catalogue::{feeling, tr};
use serde_json::Value;

use super::{Fields, Show, column, items, percent};
use crate::terminal::Tone;

impl Show {
    /// The entries under their days.
    pub(crate) fn history(&self, entries: &Value) -> String {
        let mut text = String::new();
        let mut day = String::new();
        for entry in items(entries) {
            let at = entry.time("at").unwrap_or_default();
            let of = self.clock.day_of(at);
            if of != day {
                let gap = if day.is_empty() { "" } else { "\n" };
                text.push_str(&format!("{gap}{}\n", self.paint(Tone::Strong, &of)));
                day = of;
            }
            let kind = entry.text("kind");
            let tone = match kind.as_str() {
                "switch" | "undo" => Tone::Good,
                "mood" => Tone::Bar,
                _ => Tone::Faint,
            };
            let kind = self.paint(tone, &column(&kind_of(&kind)));
            text.push_str(&format!(
                "  {}  {kind}  {}",
                self.clock.time_of(at),
                entry.text("summary")
            ));
            text.push('\n');
        }
        if text.is_empty() {
            tr!("The journal holds nothing of that time.\n")
        } else {
            text
        }
    }

    /// The last decision and what it rests on.
    pub(crate) fn why(&self, explained: &Value) -> String {
        let fields = Fields(explained);
        let sentence = fields.text("sentence");
        if sentence.is_empty() {
            return tr!("Nothing has been decided yet.\n");
        }
        let mut text = format!("{sentence}\n");
        let mut rest = Vec::new();
        if let Some(at) = fields.time("at") {
            rest.push(tr!("decided {time}", time = self.clock.both(at)));
        }
        let mood = fields.child("mood");
        if mood.0.is_object() {
            let label = mood.text("label");
            let label = feeling(if label.is_empty() { "unknown" } else { &label });
            rest.push(match mood.number("confidence") {
                Some(confidence) => tr!(
                    "mood {mood}, {share} sure",
                    mood = label,
                    share = percent(confidence)
                ),
                None => tr!("mood {mood}", mood = label),
            });
        }
        if !rest.is_empty() {
            text.push_str(&self.paint(Tone::Faint, &rest.join("; ")));
            text.push('\n');
        }
        text
    }
}

/// The kind of an entry, in a word.
fn kind_of(name: &str) -> String {
    match name {
        "reading" => tr!("reading"),
        "decision" => tr!("decision"),
        "mood" => tr!("mood"),
        "switch" => tr!("switch"),
        "undo" => tr!("undo"),
        "report" => tr!("report"),
        "note" => tr!("note"),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{minutes_ago, show};
    use super::*;

    #[test]
    fn entries_stand_under_their_days() {
        let entries = json!([
            { "at": minutes_ago(24 * 60), "kind": "reading", "summary": "nobody" },
            { "at": minutes_ago(1), "kind": "switch", "summary": "mpv: Rain" },
        ]);
        assert_eq!(
            show().history(&entries),
            "Thu 19 Nov 2026\n  14:00:00  reading   nobody\n\nFri 20 Nov 2026\n  13:59:00  switch    mpv: Rain\n"
        );
        assert!(show().history(&json!([])).contains("nothing"));
    }

    #[test]
    fn a_decision_is_told_with_its_time_and_mood() {
        let why = json!({ "sentence": "It plays what fits.", "at": minutes_ago(2), "mood": { "label": "sad", "confidence": 0.7 } });
        assert_eq!(
            show().why(&why),
            "It plays what fits.\ndecided 13:58 (2 min ago); mood sad, 70 % sure\n"
        );
        assert_eq!(show().why(&Value::Null), "Nothing has been decided yet.\n");
    }
}
