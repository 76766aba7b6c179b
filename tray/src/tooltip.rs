//! State → the tooltip: mood, since when, next look, or why not.

use jiff::Zoned;

use crate::{state::Known, words};

/// The text of the tooltip, below the title; lines end with `\n`. Times are absolute, so that it stays
/// true for as long as it is shown.
#[must_use]
pub fn tooltip(known: &Known, now: &Zoned) -> String {
    let text = format!(
        "{}\n{}",
        words::mood_line(known, now),
        words::camera_line(known, now)
    );
    escape(&text)
}

/// How things are, for a notification: the same, and the music.
#[must_use]
pub fn status(known: &Known, now: &Zoned) -> String {
    let mut lines = vec![words::mood_line(known, now), words::camera_line(known, now)];
    match known {
        Known::Present(facts) => lines.extend(words::music_line(facts)),
        Known::Absent | Known::Silent => lines.push(words::notices::start_body()),
    }
    lines.join("\n")
}

/// Tooltips, and the bodies of notifications, are markup.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use jiff::{civil, tz::TimeZone};

    use super::*;
    use crate::{
        mood::Mood,
        state::{Facts, Source, Switch},
    };

    fn now() -> Zoned {
        civil::date(2026, 11, 20)
            .at(14, 0, 0, 0)
            .to_zoned(TimeZone::UTC)
            .unwrap()
    }

    fn minutes(minutes: i64) -> i64 {
        now().timestamp().as_millisecond() + minutes * 60_000
    }

    fn happy() -> Facts {
        Facts {
            mood: Some(Mood::Happy),
            confidence: 0.714,
            since: minutes(-12),
            source: Source::Camera,
            enabled: true,
            next_sample: minutes(5),
            ..Facts::default()
        }
    }

    fn told(facts: Facts) -> String {
        tooltip(&Known::Present(Box::new(facts)), &now())
    }

    #[test]
    fn mood_since_when_and_next_look() {
        assert_eq!(told(happy()), "Happy (71 %) since 13:48\nNext look 14:05");
        let said = Facts {
            source: Source::Report,
            ..happy()
        };
        assert_eq!(
            told(said),
            "Happy, as you said, since 13:48\nNext look 14:05"
        );
        let unknown = Facts {
            mood: None,
            source: Source::None,
            ..happy()
        };
        assert!(told(unknown).starts_with("Mood unknown: nothing was seen or said yet\n"));
    }

    #[test]
    fn or_why_not() {
        let second = |facts: Facts| told(facts).lines().nth(1).unwrap().to_owned();
        assert_eq!(
            second(Facts {
                active: true,
                ..happy()
            }),
            "The camera is looking now"
        );
        assert_eq!(
            second(Facts {
                enabled: false,
                ..happy()
            }),
            "The camera is off"
        );
        assert_eq!(
            second(Facts {
                paused_until: minutes(60),
                ..happy()
            }),
            "Paused until 15:00"
        );
        assert_eq!(
            second(Facts {
                paused_until: -1,
                ..happy()
            }),
            "Paused until you resume"
        );
        assert_eq!(
            second(Facts {
                blocked: "on-battery".into(),
                blocked_reason: "The battery is low.".into(),
                next_sample: 0,
                ..happy()
            }),
            "The battery is low."
        );
        assert_eq!(
            second(Facts {
                blocked: "backing-off".into(),
                ..happy()
            }),
            "The last looks failed, so the next one waits longer. Next look 14:05"
        );
    }

    #[test]
    fn a_service_that_is_gone_has_no_old_mood() {
        for known in [Known::Absent, Known::Silent] {
            let told = tooltip(&known, &now());
            assert!(told.starts_with("Moodlark "), "{told}");
            assert!(!told.contains("look 1"), "{told}");
        }
    }

    #[test]
    fn text_of_others_is_no_markup() {
        let told = told(Facts {
            blocked: "x".into(),
            blocked_reason: "<b>R&D</b>".into(),
            next_sample: 0,
            ..happy()
        });
        assert!(told.ends_with("&lt;b&gt;R&amp;D&lt;/b&gt;"), "{told}");
    }

    #[test]
    fn a_status_tells_of_the_music_too() {
        let facts = Facts {
            last_switch: Some(Switch {
                playlist: "Rain".into(),
                undone: false,
            }),
            ..happy()
        };
        let told = status(&Known::Present(Box::new(facts)), &now());
        assert!(
            told.ends_with("\nLast switch: \u{201c}Rain\u{201d}"),
            "{told}"
        );
        assert!(status(&Known::Absent, &now()).contains("systemctl --user start moodlarkd"));
    }
}
