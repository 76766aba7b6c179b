//! How long it is until tomorrow, on the clock on the user's wall.

use jiff::{SignedDuration, Zoned};

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

#[cfg(test)]
mod tests {
    use jiff::{civil, tz::TimeZone};

    use super::*;

    fn at(text: &str) -> Zoned {
        text.parse::<civil::DateTime>()
            .unwrap()
            .to_zoned(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap())
            .unwrap()
    }

    #[test]
    fn tomorrow_begins_at_midnight_on_days_of_23_and_25_hours_too() {
        assert_eq!(seconds_until_tomorrow(&at("2026-11-20T23:00")), 3600);
        assert_eq!(seconds_until_tomorrow(&at("2026-03-29T00:00")), 23 * 3600);
        assert_eq!(seconds_until_tomorrow(&at("2026-10-25T00:00")), 25 * 3600);
        assert_eq!(seconds_until_tomorrow(&at("2026-11-20T23:59:59.9999")), 1);
    }
}
