//! Everything at a glance.

use moodlark_catalogue::tr;
use serde_json::Value;

use super::{Fields, Show, table};
use crate::terminal::Tone;

impl Show {
    /// The service, the mood, the camera, the policy and the music.
    pub(crate) fn status(&self, status: &Value) -> String {
        let all = Fields(status);
        let service = all.child("service");
        let title = format!("moodlark {}", service.text("version"));
        let mut text = format!(
            "{}  {}\n\n",
            self.paint(Tone::Strong, title.trim_end()),
            service.text("status")
        );
        let mut rows = Vec::new();
        let mut line = |name: &str, what: &str| rows.push(vec![name.to_owned(), what.to_owned()]);
        line(&tr!("mood"), &self.mood_line(all.child("mood")));
        let camera = all.child("camera");
        line(&tr!("camera"), &self.camera_line(camera));
        let reading = camera.child("last_reading");
        if reading.0.is_object() {
            line(
                "",
                &tr!("last look: {reading}", reading = self.reading(reading)),
            );
        }
        line(&tr!("policy"), &self.policy_line(all.child("policy")));
        line(&tr!("music"), &self.music_line(all.child("music")));
        text.push_str(&table(&rows, ""));
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{minutes_ago, show};

    #[test]
    fn a_status_fits_on_a_screen() {
        let status = json!({
            "service": { "running": true, "version": "0.1.0", "status": "mood sad, waiting" },
            "mood": { "label": "sad", "confidence": 0.7, "since": minutes_ago(12), "source": "camera" },
            "camera": { "enabled": true, "next_sample": minutes_ago(-3), "last_reading": { "kind": "no_face" } },
            "policy": { "intent": "auto", "rules": [{ "name": "Cheer me up", "enabled": true, "intent": "uplift", "matches": true }] },
            "music": { "player": "org.mpris.MediaPlayer2.mpv", "playing": true, "last_switch": null },
        });
        assert_eq!(
            show().status(&status),
            "moodlark 0.1.0  mood sad, waiting\n\n\
             mood    sad, 70 % sure, since 13:48 (12 min ago), from the camera\n\
             camera  on, next look 14:03 (in 3 min)\n        last look: nobody in the picture\n\
             policy  auto: “Cheer me up” matches (uplift)\n\
             music   mpv plays\n"
        );
    }
}
