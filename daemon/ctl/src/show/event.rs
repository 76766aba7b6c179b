//! What happens, one line each.

use serde_json::Value;

use super::{Fields, Show, percent, short_player};
use crate::terminal::Tone;

impl Show {
    /// An event of `moodlark watch` as a line, or `None` if it is nothing that people follow.
    pub(crate) fn event(&self, event: &Value) -> Option<String> {
        let fields = Fields(event);
        let (subject, what) = match fields.text("event").as_str() {
            "service" => {
                let (tone, text) = if fields.flag("running") {
                    (Tone::Good, "running")
                } else {
                    (Tone::Bad, "not running")
                };
                ("service", self.paint(tone, text))
            }
            "signal" => self.signal(fields)?,
            "property" => self.property(fields)?,
            _ => return None,
        };
        let at = self.clock.time_of(fields.time("at").unwrap_or_default());
        Some(format!(
            "{}  {subject:<8}  {what}\n",
            self.paint(Tone::Faint, &at)
        ))
    }

    fn signal(&self, event: Fields<'_>) -> Option<(&'static str, String)> {
        let what = event.child("args");
        match event.text("name").as_str() {
            "Changed" => {
                let sure = what
                    .number("confidence")
                    .map_or(String::new(), |confidence| {
                        format!(", {} sure", percent(confidence))
                    });
                Some((
                    "mood",
                    format!("{}{sure}", self.paint(Tone::Strong, &what.text("label"))),
                ))
            }
            "Switched" if what.flag("undone") => Some((
                "music",
                format!("the switch to “{}” was undone", what.text("playlist")),
            )),
            "Switched" => {
                let why = what.text("why");
                let why = if why.is_empty() {
                    String::new()
                } else {
                    format!(": {why}")
                };
                Some(("music", format!("{}{why}", self.switch(what.0).trim_end())))
            }
            _ => None,
        }
    }

    fn property(&self, event: Fields<'_>) -> Option<(&'static str, String)> {
        let text = event.text("value");
        let flag = event.flag("value");
        match (
            event.text("interface").as_str(),
            event.text("name").as_str(),
        ) {
            ("org.moodlark.Camera1", "Enabled") => {
                Some(("camera", if flag { "on" } else { "off" }.into()))
            }
            ("org.moodlark.Camera1", "Active") => Some((
                "camera",
                if flag {
                    self.paint(Tone::Bad, "looking")
                } else {
                    "closed".into()
                },
            )),
            ("org.moodlark.Camera1", "BlockedReason") if text.is_empty() => {
                Some(("camera", "may look".into()))
            }
            ("org.moodlark.Camera1", "BlockedReason") => Some((
                "camera",
                format!("not looking: {}", text.trim_end_matches('.')),
            )),
            ("org.moodlark.Camera1", "LastReading") => {
                let reading = event.child("value");
                reading
                    .0
                    .is_object()
                    .then(|| ("reading", self.reading(reading)))
            }
            ("org.moodlark.Camera1", "PausedUntil") => Some(match event.time("value") {
                Some(-1) => ("camera", "paused until resumed".into()),
                Some(end) => ("camera", format!("paused until {}", self.clock.moment(end))),
                None => ("camera", "no longer paused".into()),
            }),
            ("org.moodlark.Policy1", "Intent") => Some(("policy", self.paint(Tone::Strong, &text))),
            ("org.moodlark.Music1", "Player") if text.is_empty() => Some(("player", "none".into())),
            ("org.moodlark.Music1", "Player") => Some(("player", short_player(&text).to_owned())),
            ("org.moodlark.Music1", "Playing") => Some((
                "player",
                if flag { "plays" } else { "does not play" }.into(),
            )),
            ("org.moodlark.Service1", "Status") => Some(("service", text)),
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
