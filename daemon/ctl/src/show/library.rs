//! The user's own music.

use std::time::Duration;

use moodlark_catalogue::tr;
use serde_json::Value;

use super::{Fields, Show, bar, items, table};
use crate::{clock::rough, terminal::Tone};

/// How wide a scan's bar is.
const BAR: usize = 24;

impl Show {
    /// How far the library is.
    pub(crate) fn library(&self, status: &Value) -> String {
        let fields = Fields(status);
        if !fields.flag("enabled") {
            return tr!(
                "The library is off: `enabled = true` under [library] in the configuration turns it on.\n"
            );
        }
        let count = |name: &str| whole(fields.number(name));
        let mut rows = Vec::new();
        let mut line = |name: String, what: String| rows.push(vec![name, what]);
        line(
            tr!("music"),
            tr!(
                "{heard} tracks to choose from, of {found} files in {folders}",
                heard = self.paint(Tone::Strong, &count("heard").to_string()),
                found = count("found"),
                folders = fields.joined("folders")
            ),
        );
        if count("waiting") > 0 {
            line(tr!("waiting"), count("waiting").to_string());
        }
        for (name, title) in [("left_out", tr!("left out")), ("failed", tr!("failed"))] {
            if count(name) > 0 {
                let by = Fields(&fields.0[format!("{name}_by").as_str()]);
                line(title, format!("{} ({})", count(name), self.reasons(by)));
            }
        }
        line(tr!("scan"), self.scan(fields));
        let mut text = table(&rows, "");
        if !fields.text("trouble").is_empty() {
            text.push_str(&format!(
                "{}\n",
                self.paint(Tone::Doubtful, &fields.text("trouble"))
            ));
        }
        if count("failed") + count("left_out") > 0 {
            text.push_str(&self.paint(
                Tone::Faint,
                &tr!("`moodlark library errors` lists what failed and what was left out."),
            ));
            text.push('\n');
        }
        text
    }

    fn reasons(&self, by: Fields<'_>) -> String {
        let reasons = by.0.as_object().into_iter().flatten();
        let told: Vec<String> = reasons
            .map(|(why, count)| format!("{} {}", reason(why), whole(count.as_f64())))
            .collect();
        told.join(", ")
    }

    fn scan(&self, fields: Fields<'_>) -> String {
        if fields.flag("scanning") {
            let resting = fields.text("resting");
            let far = self.progress(fields);
            return if resting.is_empty() {
                far
            } else {
                format!("{far}; {}", self.paint(Tone::Doubtful, &resting))
            };
        }
        match fields.time("last") {
            Some(at) => tr!("ended {time}", time = self.clock.both(at)),
            None => tr!("never; `moodlark library scan` begins one"),
        }
    }

    /// `412 of 1204, 3 min left`.
    fn progress(&self, fields: Fields<'_>) -> String {
        let (done, todo) = (whole(fields.number("done")), whole(fields.number("todo")));
        if todo == 0 {
            return tr!("looking for files");
        }
        let far = tr!("{done} of {todo}", done, todo);
        match fields.number("left").filter(|seconds| *seconds > 0.0) {
            Some(seconds) => tr!(
                "{far}, {span} left",
                far,
                span = rough(Duration::from_secs_f64(seconds))
            ),
            None => far,
        }
    }

    /// The bar of a scan that is under way, on one line.
    pub(crate) fn scan_bar(&self, status: &Value) -> String {
        let fields = Fields(status);
        let (done, todo) = (
            fields.number("done").unwrap_or_default(),
            fields.number("todo").unwrap_or_default(),
        );
        let share = if todo > 0.0 { done / todo } else { 0.0 };
        let cells = bar(share, BAR);
        let room = " ".repeat(BAR.saturating_sub(cells.chars().count()));
        format!(
            "▕{}{room}▏ {}",
            self.paint(Tone::Bar, &cells),
            self.scan(fields)
        )
    }

    /// Tracks, the nearest first.
    pub(crate) fn tracks(&self, tracks: &Value) -> String {
        let rows: Vec<Vec<String>> = items(tracks)
            .map(|track| {
                vec![
                    coordinate(track.number("valence")),
                    coordinate(track.number("arousal")),
                    self.paint(Tone::Strong, &track.text("title")),
                    track.text("artist"),
                    self.paint(Tone::Faint, &track.text("path")),
                ]
            })
            .collect();
        if rows.is_empty() {
            return tr!("Nothing was heard yet; `moodlark library scan` begins.\n");
        }
        let head = vec![
            self.paint(Tone::Faint, &tr!("valence")),
            self.paint(Tone::Faint, &tr!("arousal")),
        ];
        table(&[vec![head], rows].concat(), "")
    }

    /// What is known of a file.
    pub(crate) fn track(&self, told: &Value) -> String {
        let fields = Fields(told);
        let mut text = format!("{}\n", self.paint(Tone::Faint, &fields.text("path")));
        if fields.text("state") == "heard" {
            let title = self.paint(Tone::Strong, &fields.text("title"));
            let artist = fields.text("artist");
            text.push_str(&if artist.is_empty() {
                format!("{title}\n")
            } else {
                format!("{title}, {artist}\n")
            });
        }
        text.push_str(&format!("{}\n", fields.text("sentence")));
        let rows: Vec<Vec<String>> = fields
            .list("tags")
            .map(|tag| {
                let stands_out = tag.number("stands_out").unwrap_or_default();
                vec![
                    tag.text("tag"),
                    self.paint(Tone::Bar, &bar(stands_out / 4.0, 12)),
                    format!("{stands_out:+.1}"),
                ]
            })
            .collect();
        if !rows.is_empty() {
            text.push_str(&tr!("What it sounds like, more than other music does:\n"));
            text.push_str(&table(&rows, "  "));
        }
        text
    }

    /// Files that were left out or could not be heard.
    pub(crate) fn troubles(&self, troubles: &Value) -> String {
        let rows: Vec<Vec<String>> = items(troubles)
            .map(|trouble| {
                let tone = if trouble.flag("failed") {
                    Tone::Bad
                } else {
                    Tone::Faint
                };
                vec![
                    self.paint(tone, &reason(&trouble.text("why"))),
                    trouble.text("path"),
                    self.paint(Tone::Faint, &trouble.text("sentence")),
                ]
            })
            .collect();
        if rows.is_empty() {
            tr!("Nothing failed, and nothing was left out.\n")
        } else {
            table(&rows, "")
        }
    }
}

/// A reason's name, as people read it.
fn reason(name: &str) -> String {
    name.replace('-', " ")
}

fn coordinate(number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| format!("{number:+.2}"))
}

/// A count as the bus tells it.
// Counts of files fit.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: Option<f64>) -> u64 {
    number.unwrap_or_default().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{minutes_ago, show};

    #[test]
    fn found_is_told_with_all_its_parts() {
        let status = json!({
            "enabled": true, "folders": ["/home/me/Music"], "found": 1310, "heard": 1204, "waiting": 30, "left_out": 64,
            "failed": 12, "left_out_by": { "spoken": 60, "too-short": 4 }, "failed_by": { "broken": 12 },
            "scanning": true, "done": 412, "todo": 1204, "left": 190, "resting": null,
        });
        let text = show().library(&status);
        assert!(text.starts_with(
            "music     1204 tracks to choose from, of 1310 files in /home/me/Music\n"
        ));
        assert!(
            text.contains("left out  64 (spoken 60, too short 4)\n"),
            "{text}"
        );
        assert!(
            text.contains("scan      412 of 1204, 3 min left\n"),
            "{text}"
        );
    }

    #[test]
    fn a_library_that_was_never_scanned_says_what_to_do() {
        let status = json!({ "enabled": true, "folders": ["/m"], "found": 0, "heard": 0 });
        assert!(
            show()
                .library(&status)
                .contains("never; `moodlark library scan` begins one")
        );
        let done = json!({ "enabled": true, "folders": ["/m"], "last": minutes_ago(5) });
        assert!(show().library(&done).contains("13:55"));
        assert!(show().library(&json!({ "enabled": false })).contains("off"));
    }

    #[test]
    fn a_bar_keeps_its_width() {
        for done in [0, 1, 50, 99, 100] {
            let bar = show().scan_bar(&json!({ "scanning": true, "done": done, "todo": 100 }));
            let inside = bar.chars().skip(1).take_while(|c| *c != '▏').count();
            assert!(inside <= super::BAR, "{bar}");
            assert!(bar.ends_with(&format!("{done} of 100")), "{bar}");
        }
    }

    #[test]
    fn tracks_and_troubles_are_tables() {
        let tracks = json!([{ "title": "Sun", "artist": "Us", "path": "/m/sun.ogg", "valence": 0.81, "arousal": -0.2 }]);
        let text = show().tracks(&tracks);
        assert!(
            text.contains("+0.81    -0.20    Sun  Us  /m/sun.ogg"),
            "{text}"
        );
        let troubles = json!([{ "path": "/m/x.ogg", "failed": true, "why": "too-short", "sentence": "It is short." }]);
        assert_eq!(
            show().troubles(&troubles),
            "too short  /m/x.ogg  It is short.\n"
        );
        let track = json!({ "path": "/m/a.ogg", "state": "heard", "title": "A", "sentence": "It lies there.",
            "tags": [{ "tag": "happy", "stands_out": 2.0 }] });
        assert!(
            show().track(&track).contains("happy  ██████  +2.0"),
            "{}",
            show().track(&track)
        );
    }
}
