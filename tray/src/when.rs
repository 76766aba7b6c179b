//! Moments as people say them, on the clock on their wall.

use jiff::{SignedDuration, Timestamp, Zoned, civil};

/// A moment as seen from `now`: `14:05`, `yesterday 23:30`, `Mon 09:00`, `2026-01-02 09:00`.
#[must_use]
pub fn tell(millis: i64, now: &Zoned) -> String {
    let Ok(at) = Timestamp::from_millisecond(millis) else {
        return "an unknown time".into();
    };
    let at = at.to_zoned(now.time_zone().clone());
    let time = at.strftime("%H:%M");
    let days = at
        .date()
        .since((jiff::Unit::Day, now.date()))
        .map_or(i32::MAX, |span| span.get_days());
    match days {
        0 => time.to_string(),
        1 => format!("tomorrow {time}"),
        -1 => format!("yesterday {time}"),
        -6..=6 => at.strftime("%a %H:%M").to_string(),
        _ => at.strftime("%Y-%m-%d %H:%M").to_string(),
    }
}

/// The seconds until tomorrow begins, one at least.
#[must_use]
pub fn seconds_until_tomorrow(now: &Zoned) -> u32 {
    let left = now
        .date()
        .tomorrow()
        .and_then(|day| day.to_zoned(now.time_zone().clone()))
        .map_or(SignedDuration::from_hours(24), |midnight| {
            midnight.duration_since(now)
        });
    // Not a moment too early.
    u32::try_from(left.as_millis().max(1).unsigned_abs().div_ceil(1000)).unwrap_or(u32::MAX)
}

/// The heading of a day: `Fri 20 Nov 2026`.
#[must_use]
pub fn day(date: civil::Date) -> String {
    date.strftime("%a %-d %b %Y").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn at(text: &str) -> Zoned {
        text.parse::<civil::DateTime>()
            .unwrap()
            .to_zoned(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap())
            .unwrap()
    }

    #[test]
    fn moments_are_told_as_seen_from_now() {
        let now = at("2026-11-20T14:00");
        let told = |text: &str| tell(at(text).timestamp().as_millisecond(), &now);
        assert_eq!(told("2026-11-20T13:57"), "13:57");
        assert_eq!(told("2026-11-21T09:00"), "tomorrow 09:00");
        assert_eq!(told("2026-11-19T23:30"), "yesterday 23:30");
        assert_eq!(told("2026-11-16T09:00"), "Mon 09:00");
        assert_eq!(told("2026-01-02T09:00"), "2026-01-02 09:00");
        assert_eq!(tell(i64::MAX, &now), "an unknown time");
    }

    #[test]
    fn tomorrow_begins_at_midnight_on_days_of_23_and_25_hours_too() {
        assert_eq!(seconds_until_tomorrow(&at("2026-11-20T23:00")), 3600);
        assert_eq!(seconds_until_tomorrow(&at("2026-03-29T00:00")), 23 * 3600);
        assert_eq!(seconds_until_tomorrow(&at("2026-10-25T00:00")), 25 * 3600);
        assert_eq!(seconds_until_tomorrow(&at("2026-11-20T23:59:59.9999")), 1);
    }

    proptest::proptest! {
        #[test]
        fn any_moment_can_be_told(millis: i64) {
            proptest::prop_assert!(!tell(millis, &at("2026-11-20T14:00")).is_empty());
        }
    }
}
