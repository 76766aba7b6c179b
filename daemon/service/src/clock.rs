//! The wall clock, read in one place; everything else has it passed in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use moodlark_core::{
    Now, Timestamp,
    time::{LocalMoment, Weekday},
};

/// The time now, in UTC and on the user's wall.
#[must_use]
pub fn now() -> Now {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    let at = Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    let local = jiff::Zoned::now();
    let weekday = match local.weekday() {
        jiff::civil::Weekday::Monday => Weekday::Mon,
        jiff::civil::Weekday::Tuesday => Weekday::Tue,
        jiff::civil::Weekday::Wednesday => Weekday::Wed,
        jiff::civil::Weekday::Thursday => Weekday::Thu,
        jiff::civil::Weekday::Friday => Weekday::Fri,
        jiff::civil::Weekday::Saturday => Weekday::Sat,
        jiff::civil::Weekday::Sunday => Weekday::Sun,
    };
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    Now {
        at,
        local: LocalMoment {
            weekday,
            minute: u16::try_from(minute).unwrap_or(0),
        },
    }
}

/// The month on the user's wall, 1..=12.
#[must_use]
pub fn month() -> u8 {
    u8::try_from(jiff::Zoned::now().month()).unwrap_or(1)
}
