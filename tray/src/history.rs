//! The journal as a page to read: newest first, by day.

use jiff::{Timestamp, Zoned};
use moodlark_api::{Dict, Variant};
use moodlark_catalogue::{day, tr};

/// The page. `entries` are as `Mood1.History` gives them, oldest first.
#[must_use]
pub fn page(entries: &[Dict], now: &Zoned) -> String {
    let mut page = format!(
        "{}\n{}\n",
        tr!(
            "Moodlark: the last seven days, newest first, as of {time}.",
            time = now.strftime("%Y-%m-%d %H:%M")
        ),
        tr!("More by `moodlark history`; the pictures themselves are never kept.")
    );
    if entries.is_empty() {
        page.push_str(&format!("\n{}\n", tr!("Nothing yet.")));
    }
    let mut last = None;
    for entry in entries.iter().rev() {
        let Some(Variant::I64(at)) = entry.get("at").map(std::ops::Deref::deref) else {
            continue;
        };
        let Ok(at) = Timestamp::from_millisecond(*at) else {
            continue;
        };
        let at = at.to_zoned(now.time_zone().clone());
        if last != Some(at.date()) {
            last = Some(at.date());
            page.push_str(&format!("\n{}\n", day(at.date())));
        }
        page.push_str(&format!(
            "  {}  {:<9} {}\n",
            at.strftime("%H:%M"),
            text(entry, "kind"),
            text(entry, "summary")
        ));
    }
    page
}

/// On one line.
fn text(entry: &Dict, name: &str) -> String {
    match entry.get(name).map(std::ops::Deref::deref) {
        Some(Variant::Str(text)) => text.as_str().replace(char::is_control, " "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{civil, tz::TimeZone};
    use moodlark_api::OwnedVariant;

    use super::*;

    #[test]
    fn days_have_headings_and_the_newest_stands_first() {
        let now = civil::date(2026, 11, 20)
            .at(14, 0, 0, 0)
            .to_zoned(TimeZone::UTC)
            .unwrap();
        let entry = |hours: i64, kind: &str, summary: &str| -> Dict {
            let at = now.timestamp().as_millisecond() - hours * 3_600_000;
            [
                ("at", Variant::from(at)),
                ("kind", kind.into()),
                ("summary", summary.into()),
            ]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), OwnedVariant::try_from(value).unwrap()))
            .collect()
        };
        let entries = [
            entry(20, "note", "two\nlines"),
            entry(2, "mood", "sad"),
            entry(1, "switch", "Rain"),
            Dict::new(),
        ];
        let page = page(&entries, &now);
        let days: Vec<_> = page.lines().skip(2).collect();
        assert_eq!(
            days,
            [
                "",
                "Fri 20 Nov 2026",
                "  13:00  switch    Rain",
                "  12:00  mood      sad",
                "",
                "Thu 19 Nov 2026",
                "  18:00  note      two lines"
            ]
        );
        assert!(super::page(&[], &now).ends_with("\nNothing yet.\n"));
    }
}
