//! The journal, and the last decision.

use serde_json::Value;

use super::{Fields, Show, items, percent};
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
            let kind = self.paint(tone, &format!("{kind:<8}"));
            text.push_str(&format!(
                "  {}  {kind}  {}",
                self.clock.time_of(at),
                entry.text("summary")
            ));
            text.push('\n');
        }
        if text.is_empty() {
            "The journal holds nothing of that time.\n".into()
        } else {
            text
        }
    }

    /// The last decision and what it rests on.
    pub(crate) fn why(&self, explained: &Value) -> String {
        let fields = Fields(explained);
        let sentence = fields.text("sentence");
        if sentence.is_empty() {
            return "Nothing has been decided yet.\n".into();
        }
        let mut text = format!("{sentence}\n");
        let mut rest = Vec::new();
        if let Some(at) = fields.time("at") {
            rest.push(format!("decided {}", self.clock.both(at)));
        }
        let mood = fields.child("mood");
        if mood.0.is_object() {
            let label = mood.text("label");
            let label = if label.is_empty() {
                "unknown".into()
            } else {
                label
            };
            let sure = mood
                .number("confidence")
                .map_or(String::new(), |confidence| {
                    format!(", {} sure", percent(confidence))
                });
            rest.push(format!("mood {label}{sure}"));
        }
        if !rest.is_empty() {
            text.push_str(&self.paint(Tone::Faint, &rest.join("; ")));
            text.push('\n');
        }
        text
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
