//! What happens, one line each.

use moodlark_catalogue::{feeling, tr};
use serde_json::Value;

use super::{Fields, Show, column, percent, short_player};
use crate::terminal::Tone;

impl Show {
    /// An event of `moodlark watch` as a line, or `None` if it is nothing that people follow.
    pub(crate) fn event(&self, event: &Value) -> Option<String> {
        let fields = Fields(event);
        let (subject, what) = match fields.text("event").as_str() {
            "service" => {
                let (tone, text) = if fields.flag("running") {
                    (Tone::Good, tr!("running"))
                } else {
                    (Tone::Bad, tr!("not running"))
                };
                (tr!("service"), self.paint(tone, &text))
            }
            "signal" => self.signal(fields)?,
            "property" => self.property(fields)?,
            _ => return None,
        };
        let at = self.clock.time_of(fields.time("at").unwrap_or_default());
        Some(format!(
            "{}  {}  {what}\n",
            self.paint(Tone::Faint, &at),
            column(&subject)
        ))
    }

    fn signal(&self, event: Fields<'_>) -> Option<(String, String)> {
        let what = event.child("args");
        match event.text("name").as_str() {
            "Changed" => {
                let sure = what
                    .number("confidence")
                    .map_or(String::new(), |confidence| {
                        tr!(", {share} sure", share = percent(confidence))
                    });
                let label = self.paint(Tone::Strong, &feeling(&what.text("label")));
                Some((tr!("mood"), format!("{label}{sure}")))
            }
            "Switched" if what.flag("undone") => Some((
                tr!("music"),
                tr!(
                    "the switch to “{playlist}” was undone",
                    playlist = what.text("playlist")
                ),
            )),
            "Switched" => {
                let why = what.text("why");
                let why = if why.is_empty() {
                    String::new()
                } else {
                    format!(": {why}")
                };
                Some((
                    tr!("music"),
                    format!("{}{why}", self.switch(what.0).trim_end()),
                ))
            }
            _ => None,
        }
    }

    fn property(&self, event: Fields<'_>) -> Option<(String, String)> {
        let text = event.text("value");
        let flag = event.flag("value");
        match (
            event.text("interface").as_str(),
            event.text("name").as_str(),
        ) {
            ("org.moodlark.Camera1", "Enabled") => {
                Some((tr!("camera"), if flag { tr!("on") } else { tr!("off") }))
            }
            ("org.moodlark.Camera1", "Active") => Some((
                tr!("camera"),
                if flag {
                    self.paint(Tone::Bad, &tr!("looking"))
                } else {
                    tr!("closed")
                },
            )),
            ("org.moodlark.Camera1", "BlockedReason") if text.is_empty() => {
                Some((tr!("camera"), tr!("may look")))
            }
            ("org.moodlark.Camera1", "BlockedReason") => Some((
                tr!("camera"),
                tr!("not looking: {reason}", reason = text.trim_end_matches('.')),
            )),
            ("org.moodlark.Camera1", "LastReading") => {
                let reading = event.child("value");
                reading
                    .0
                    .is_object()
                    .then(|| (tr!("reading"), self.reading(reading)))
            }
            ("org.moodlark.Camera1", "PausedUntil") => Some(match event.time("value") {
                Some(-1) => (tr!("camera"), tr!("paused until resumed")),
                Some(end) => (
                    tr!("camera"),
                    tr!("paused until {time}", time = self.clock.moment(end)),
                ),
                None => (tr!("camera"), tr!("no longer paused")),
            }),
            ("org.moodlark.Policy1", "Intent") => {
                Some((tr!("policy"), self.paint(Tone::Strong, &text)))
            }
            ("org.moodlark.Music1", "Player") if text.is_empty() => {
                Some((tr!("player"), tr!("none")))
            }
            ("org.moodlark.Music1", "Player") => {
                Some((tr!("player"), short_player(&text).to_owned()))
            }
            ("org.moodlark.Music1", "Playing") => Some((
                tr!("player"),
                if flag {
                    tr!("plays")
                } else {
                    tr!("does not play")
                },
            )),
            ("org.moodlark.Service1", "Status") => Some((tr!("service"), text)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{minutes_ago, show};
    use super::*;

    fn line(mut event: Value) -> Option<String> {
        event["at"] = minutes_ago(0).into();
        show().event(&event)
    }

    #[test]
    fn what_people_follow_is_one_line_each() {
        assert_eq!(
            line(json!({ "event": "service", "running": false })).unwrap(),
            "14:00:00  service   not running\n"
        );
        let changed = json!({ "event": "signal", "interface": "org.moodlark.Mood1", "name": "Changed", "args": { "label": "sad", "confidence": 0.7 } });
        assert_eq!(
            line(changed).unwrap(),
            "14:00:00  mood      sad, 70 % sure\n"
        );
        let active = json!({ "event": "property", "interface": "org.moodlark.Camera1", "name": "Active", "value": true });
        assert_eq!(line(active).unwrap(), "14:00:00  camera    looking\n");
        let paused = json!({ "event": "property", "interface": "org.moodlark.Camera1", "name": "PausedUntil", "value": null });
        assert_eq!(
            line(paused).unwrap(),
            "14:00:00  camera    no longer paused\n"
        );
    }

    #[test]
    fn the_rest_is_passed_over() {
        assert_eq!(
            line(
                json!({ "event": "property", "interface": "org.moodlark.Mood1", "name": "Valence", "value": 0.1 })
            ),
            None
        );
        assert_eq!(
            line(
                json!({ "event": "signal", "interface": "org.moodlark.Mood2", "name": "New", "args": [] })
            ),
            None
        );
        assert_eq!(line(json!({ "event": "new" })), None);
    }
}
