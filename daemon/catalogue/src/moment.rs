//! Moments and days as people say them, on the clock on their wall.

use jiff::{Timestamp, Unit, Zoned, civil};

use crate::tr;

/// A moment (ms since 1970 UTC) as seen from `now`: `14:05`, `yesterday 23:30`, `Mon 09:00`, `2026-01-02 09:00`.
#[must_use]
pub fn moment(millis: i64, now: &Zoned) -> String {
    let Ok(at) = Timestamp::from_millisecond(millis) else {
        return tr!("an unknown time");
    };
    let at = at.to_zoned(now.time_zone().clone());
    let time = at.strftime("%H:%M");
    let days = at
        .date()
        .since((Unit::Day, now.date()))
        .map_or(i32::MAX, |span| span.get_days());
    match days {
        0 => time.to_string(),
        1 => tr!("tomorrow {time}", time),
        -1 => tr!("yesterday {time}", time),
        -6..=6 => tr!("{weekday} {time}", weekday = weekday(at.weekday()), time),
        _ => at.strftime("%Y-%m-%d %H:%M").to_string(),
    }
}

/// The heading of a day: `Fri 20 Nov 2026`.
#[must_use]
pub fn day(date: civil::Date) -> String {
    tr!(
        "{weekday} {day} {month} {year}",
        weekday = weekday(date.weekday()),
        day = date.day(),
        month = month(date.month()),
        year = date.year()
    )
}

fn weekday(day: civil::Weekday) -> String {
    use civil::Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    match day {
        Monday => tr!("Mon"),
        Tuesday => tr!("Tue"),
        Wednesday => tr!("Wed"),
        Thursday => tr!("Thu"),
        Friday => tr!("Fri"),
        Saturday => tr!("Sat"),
        Sunday => tr!("Sun"),
    }
}

fn month(month: i8) -> String {
    match month {
        1 => tr!("Jan"),
        2 => tr!("Feb"),
        3 => tr!("Mar"),
        4 => tr!("Apr"),
        5 => tr!("May"),
        6 => tr!("Jun"),
        7 => tr!("Jul"),
        8 => tr!("Aug"),
        9 => tr!("Sep"),
        10 => tr!("Oct"),
        11 => tr!("Nov"),
        _ => tr!("Dec"),
    }
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
        let told = |text: &str| moment(at(text).timestamp().as_millisecond(), &now);
        assert_eq!(told("2026-11-20T13:57"), "13:57");
        assert_eq!(told("2026-11-21T09:00"), "tomorrow 09:00");
        assert_eq!(told("2026-11-19T23:30"), "yesterday 23:30");
        assert_eq!(told("2026-11-16T09:00"), "Mon 09:00");
        assert_eq!(told("2026-01-02T09:00"), "2026-01-02 09:00");
        assert_eq!(moment(i64::MAX, &now), "an unknown time");
        assert_eq!(day(now.date()), "Fri 20 Nov 2026");
    }

    proptest::proptest! {
        #[test]
        fn any_moment_can_be_told(millis: i64) {
            proptest::prop_assert!(!moment(millis, &at("2026-11-20T14:00")).is_empty());
        }
    }
}
