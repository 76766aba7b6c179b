//! The camera and what it last saw.

use moodlark_catalogue::{feeling, tr};
use serde_json::Value;

use super::{Fields, Show, percent};
use crate::terminal::Tone;

impl Show {
    /// The camera in full.
    pub(crate) fn camera(&self, camera: &Value) -> String {
        let fields = Fields(camera);
        let mut text = format!("{}\n", self.camera_line(fields));
        let reading = fields.child("last_reading");
        if reading.0.is_object() {
            text.push_str(&tr!(
                "last look: {reading}\n",
                reading = self.reading(reading)
            ));
        }
        let device = fields.text("device");
        if !device.is_empty() {
            text.push_str(&self.paint(Tone::Faint, &tr!("device: {device}", device)));
            text.push('\n');
        }
        text
    }

    /// `on, next look 14:05 (in 5 min)`.
    pub(crate) fn camera_line(&self, camera: Fields<'_>) -> String {
        if !camera.flag("enabled") {
            return tr!(
                "{off}: say yes to it with `moodlark camera on`",
                off = self.paint(Tone::Strong, &tr!("off"))
            );
        }
        let on = self.paint(Tone::Strong, &tr!("on"));
        if camera.flag("active") {
            return format!("{on}, {}", self.paint(Tone::Bad, &tr!("looking now")));
        }
        match camera.time("paused_until") {
            Some(-1) => {
                return tr!(
                    "{on}, {paused} until you resume it",
                    on,
                    paused = self.paint(Tone::Doubtful, &tr!("paused"))
                );
            }
            Some(end) => {
                return format!(
                    "{on}, {} until {}",
                    self.paint(Tone::Doubtful, "paused"),
                    self.clock.both(end)
                );
            }
            None => {}
        }
        let (name, reason) = (camera.text("blocked"), camera.text("blocked_reason"));
        if !name.is_empty() {
            let reason = if reason.is_empty() { name } else { reason };
            return format!(
                "{on}, {}: {}",
                self.paint(Tone::Doubtful, &tr!("not looking")),
                reason.trim_end_matches('.')
            );
        }
        match camera.time("next_sample") {
            Some(next) => tr!("{on}, next look {time}", on, time = self.clock.both(next)),
            None => on,
        }
    }

    /// A reading as a sentence: `a face that looks sad (71 %), quality 80 %`.
    pub(crate) fn reading(&self, reading: Fields<'_>) -> String {
        let quality = || percent(reading.child("quality").number("overall").unwrap_or(0.0));
        match reading.text("kind").as_str() {
            "face" => {
                let top = reading
                    .child("distribution")
                    .0
                    .as_object()
                    .into_iter()
                    .flatten();
                let top = top
                    .filter_map(|(name, share)| Some((name, share.as_f64()?)))
                    .max_by(|a, b| a.1.total_cmp(&b.1));
                let (name, share) =
                    top.map_or(("unreadable", 0.0), |(name, share)| (name.as_str(), share));
                let others = match reading.number("faces") {
                    Some(faces) if faces > 1.0 => tr!(
                        ", the largest of {faces} faces",
                        faces = format!("{:.0}", faces)
                    ),
                    _ => String::new(),
                };
                tr!(
                    "a face that looks {mood} ({share}), quality {quality}{others}",
                    mood = feeling(name),
                    share = percent(share),
                    quality = quality(),
                    others
                )
            }
            "no_face" => tr!("nobody in the picture"),
            "dark" => tr!(
                "too dark to see (brightness {share})",
                share = percent(reading.number("brightness").unwrap_or(0.0))
            ),
            "blurred" => tr!(
                "a face too blurred, small or cut off to read (quality {quality})",
                quality = quality()
            ),
            "busy" => tr!("another program is using the camera"),
            "unplugged" => tr!("the camera is not there"),
            "denied" => tr!("the camera may not be opened"),
            "failed" => tr!("the look failed: {reason}", reason = reading.text("reason")),
            other => other.replace('_', " "),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{minutes_ago, show};
    use super::*;

    #[test]
    fn each_state_of_the_camera_has_its_words() {
        let line = |camera: Value| show().camera_line(Fields(&camera));
        assert_eq!(
            line(json!({ "enabled": false, "blocked": "off" })),
            "off: say yes to it with `moodlark camera on`"
        );
        assert_eq!(
            line(json!({ "enabled": true, "active": true })),
            "on, looking now"
        );
        assert_eq!(
            line(json!({ "enabled": true, "paused_until": -1 })),
            "on, paused until you resume it"
        );
        assert_eq!(
            line(json!({ "enabled": true, "paused_until": minutes_ago(-60) })),
            "on, paused until 15:00 (in 1 h)"
        );
        assert_eq!(
            line(
                json!({ "enabled": true, "blocked": "not-playing", "blocked_reason": "Nothing plays." })
            ),
            "on, not looking: Nothing plays"
        );
        assert_eq!(
            line(json!({ "enabled": true, "blocked": null, "next_sample": minutes_ago(-5) })),
            "on, next look 14:05 (in 5 min)"
        );
    }

    #[test]
    fn each_reading_has_its_sentence() {
        let line = |reading: Value| show().reading(Fields(&reading));
        let face = json!({ "kind": "face", "distribution": { "sad": 0.6, "happy": 0.4 }, "quality": { "overall": 0.8 }, "faces": 2 });
        assert_eq!(
            line(face),
            "a face that looks sad (60 %), quality 80 %, the largest of 2 faces"
        );
        for kind in [
            "no_face",
            "dark",
            "blurred",
            "busy",
            "unplugged",
            "denied",
            "failed",
            "something_new",
        ] {
            let text = line(json!({ "kind": kind }));
            assert!(text.contains(' ') && !text.contains('_'), "{text}");
        }
    }
}
