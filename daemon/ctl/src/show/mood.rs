//! The mood.

use moodlark_catalogue::{feeling, tr};
use serde_json::Value;

use super::{Fields, Show, bar, percent, table};
use crate::terminal::Tone;

/// The width of a certain mood's bar.
const BAR: usize = 30;

impl Show {
    /// The mood in full, with a bar for each.
    pub(crate) fn mood(&self, mood: &Value) -> String {
        let fields = Fields(mood);
        let mut text = format!("{}\n", self.mood_line(fields));
        if let (Some(valence), Some(arousal)) = (fields.number("valence"), fields.number("arousal"))
        {
            text.push_str(&self.paint(
                Tone::Faint,
                &tr!(
                    "valence {valence}, arousal {arousal}",
                    valence = format!("{:+.2}", valence),
                    arousal = format!("{:+.2}", arousal)
                ),
            ));
            text.push('\n');
        }
        let mut shares: Vec<(&str, f64)> = fields
            .child("distribution")
            .0
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, share)| Some((name.as_str(), share.as_f64()?)))
            .collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        let rows: Vec<Vec<String>> = shares
            .into_iter()
            .map(|(name, share)| {
                let number = format!("{:>5}", percent(share));
                vec![
                    feeling(name),
                    number,
                    self.paint(Tone::Bar, &bar(share, BAR)),
                ]
            })
            .collect();
        if !rows.is_empty() {
            text.push('\n');
            text.push_str(&table(&rows, "  "));
        }
        text
    }

    /// `sad, 71 % sure, since 13:48 (12 min ago), from the camera`.
    pub(crate) fn mood_line(&self, mood: Fields<'_>) -> String {
        let label = mood.text("label");
        if label.is_empty() || label == "unknown" {
            let unknown = self.paint(Tone::Strong, &feeling("unknown"));
            return match mood.text("source").as_str() {
                "" | "none" => tr!("{unknown}: nothing was seen or said yet", unknown),
                _ => tr!(
                    "{unknown}: what was seen is too little or too long ago",
                    unknown
                ),
            };
        }
        let mut text = self.paint(Tone::Strong, &feeling(&label));
        if let Some(confidence) = mood.number("confidence") {
            text.push_str(&tr!(", {share} sure", share = percent(confidence)));
        }
        if let Some(since) = mood.time("since") {
            text.push_str(&tr!(", since {time}", time = self.clock.both(since)));
        }
        match mood.text("source").as_str() {
            "camera" => text.push_str(&tr!(", from the camera")),
            "report" => text.push_str(&tr!(", as you said")),
            _ => {}
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
    fn a_mood_is_shown_with_its_bars() {
        let mood = json!({
            "label": "sad", "confidence": 0.714, "valence": -0.5, "arousal": -0.2, "since": minutes_ago(12), "source": "camera",
            "distribution": { "sad": 0.714, "neutral": 0.25, "happy": 0.036 },
        });
        assert_eq!(
            show().mood(&mood),
            "sad, 71 % sure, since 13:48 (12 min ago), from the camera\nvalence -0.50, arousal -0.20\n\n  sad       71 %  █████████████████████▍\n  neutral   25 %  ███████▌\n  happy      4 %  █▏\n"
        );
    }

    #[test]
    fn an_unknown_mood_says_why() {
        assert_eq!(
            show().mood(&json!({ "label": "unknown", "source": "none" })),
            "unknown: nothing was seen or said yet\n"
        );
        assert!(
            show()
                .mood_line(Fields(&json!({ "label": "unknown", "source": "camera" })))
                .contains("too little")
        );
    }
}
