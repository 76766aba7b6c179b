//! JSON → text for people. Pure: what is shown depends on the JSON, the clock and the style alone.

mod camera;
mod doctor;
pub(crate) mod event;
mod history;
mod library;
mod mood;
mod music;
mod policy;
mod spotify;
mod status;

use serde_json::Value;

use crate::{
    clock::Clock,
    terminal::{Style, Tone},
};

/// What everything is rendered with.
#[derive(Debug, Clone)]
pub(crate) struct Show {
    pub(crate) clock: Clock,
    pub(crate) style: Style,
}

impl Show {
    pub(crate) fn now() -> Self {
        Self {
            clock: Clock::now(),
            style: Style::of_stdout(),
        }
    }

    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        self.style.paint(tone, text)
    }
}

/// An object from the bus, read with patience: an older or newer service may lack a field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Value);

impl<'a> Fields<'a> {
    pub(crate) fn child(self, name: &str) -> Self {
        Self(self.0.get(name).unwrap_or(&Value::Null))
    }

    /// Text fit for a terminal; empty if there is none.
    pub(crate) fn text(self, name: &str) -> String {
        clean(self.0.get(name).and_then(Value::as_str).unwrap_or_default())
    }

    pub(crate) fn number(self, name: &str) -> Option<f64> {
        self.0.get(name).and_then(Value::as_f64)
    }

    pub(crate) fn time(self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    pub(crate) fn flag(self, name: &str) -> bool {
        self.0
            .get(name)
            .and_then(Value::as_bool)
            .unwrap_or_default()
    }

    pub(crate) fn list(self, name: &str) -> impl Iterator<Item = Self> {
        items(self.0.get(name).unwrap_or(&Value::Null))
    }

    /// The texts of a list, joined by commas.
    pub(crate) fn joined(self, name: &str) -> String {
        let texts: Vec<String> = self
            .list(name)
            .filter_map(|item| item.0.as_str().map(clean))
            .collect();
        texts.join(", ")
    }
}

/// The elements of a list.
pub(crate) fn items(value: &Value) -> impl Iterator<Item = Fields<'_>> {
    value.as_array().into_iter().flatten().map(Fields)
}

/// Text from elsewhere on one line and without what a terminal would obey: a song's title may hold anything.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A share as per cent.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// `org.mpris.MediaPlayer2.mpv.instance42` → `mpv.instance42`.
pub(crate) fn short_player(bus_name: &str) -> &str {
    bus_name
        .strip_prefix("org.mpris.MediaPlayer2.")
        .unwrap_or(bus_name)
}

/// Rows with their columns aligned; the last column is left ragged.
pub(crate) fn table(rows: &[Vec<String>], indent: &str) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| width(cell))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = indent.to_owned();
        for (cell, wide) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(wide - width(cell).min(*wide) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// What an entry is about, before the rest of its line; no language has a longer word for any.
pub(crate) fn column(word: &str) -> String {
    format!("{word:<8}")
}

/// How wide a text is on the screen, colours not counted.
fn width(text: &str) -> usize {
    let mut escaped = false;
    text.chars()
        .filter(|c| {
            let seen = !escaped && *c != '\x1b';
            escaped = *c == '\x1b' || (escaped && *c != 'm');
            seen
        })
        .count()
}

/// A bar of a share of `full` cells, to an eighth of a cell.
pub(crate) fn bar(share: f64, full: usize) -> String {
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    // At most full * 8, which is small; not negative.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss
    )]
    let eighths = (share * full as f64 * 8.0).round() as usize;
    let mut text = "█".repeat(eighths / 8);
    if let Some(part) = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'].get((eighths % 8).wrapping_sub(1))
    {
        text.push(*part);
    }
    text
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::{civil, tz::TimeZone};
    use serde_json::json;

    use super::*;

    /// 2026-11-20 14:00 UTC, without colours.
    pub(crate) fn show() -> Show {
        let now = civil::date(2026, 11, 20)
            .at(14, 0, 0, 0)
            .to_zoned(TimeZone::UTC)
            .unwrap();
        Show {
            clock: Clock::at(now),
            style: Style::PLAIN,
        }
    }

    /// So many minutes before then.
    pub(crate) fn minutes_ago(minutes: i64) -> i64 {
        show().clock.millis() - minutes * 60_000
    }

    #[test]
    fn a_title_cannot_command_the_terminal() {
        let title = json!({ "title": "\u{1b}]0;owned\u{7}\nsecond\r\u{9b}31m" });
        assert!(
            Fields(&title)
                .text("title")
                .chars()
                .all(|c| !c.is_control())
        );
    }

    #[test]
    fn tables_are_aligned_colours_or_not() {
        let rows = vec![
            vec!["a".into(), "\x1b[1mlong\x1b[0m".into(), "x".into()],
            vec!["bbb".into(), "ö".into(), String::new()],
        ];
        assert_eq!(table(&rows, " "), " a    \x1b[1mlong\x1b[0m  x\n bbb  ö\n");
        assert_eq!(table(&[], " "), "");
    }

    #[test]
    fn bars_are_drawn_to_the_eighth() {
        assert_eq!(bar(0.0, 10), "");
        assert_eq!(bar(1.0, 3), "███");
        assert_eq!(bar(0.5, 3), "█▌");
        assert_eq!(bar(0.01, 10), "▏");
        assert_eq!(bar(f64::NAN, 10), "");
        assert_eq!(bar(7.0, 2), "██");
    }

    #[test]
    fn missing_fields_are_empty() {
        let nothing = Value::Null;
        let fields = Fields(&nothing);
        assert_eq!(
            (fields.text("a"), fields.number("b"), fields.flag("c")),
            (String::new(), None, false)
        );
        assert_eq!(
            (fields.list("d").count(), fields.child("e").text("f")),
            (0, String::new())
        );
    }
}
