//! Time as the core sees it: passed in, never read.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment in UTC, in milliseconds since the Unix epoch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// A moment so far away that it never comes.
    pub const NEVER: Self = Self(i64::MAX);

    /// How long ago `earlier` was; zero if the clock went backwards in between.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let ms = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }

    /// This moment and `span` more, at most [`Timestamp::NEVER`].
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(ms))
    }
}

/// Days of the week, as the rules name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// The user's local time of day, worked out at the rim (daylight saving is its problem).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalMoment {
    /// The day of the week.
    pub weekday: Weekday,
    /// Minutes since local midnight, 0..1440.
    pub minute: u16,
}

/// The clock as it is passed in with every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// The moment in UTC.
    pub at: Timestamp,
    /// The same moment on the user's wall.
    pub local: LocalMoment,
}

impl Now {
    /// A moment whose local time is UTC: for tests and simulations.
    #[must_use]
    pub fn utc(at: Timestamp) -> Self {
        let minutes = at.0.div_euclid(60_000);
        let weekday = match minutes.div_euclid(1440).rem_euclid(7) {
            0 => Weekday::Thu, // 1970-01-01 was a Thursday
            1 => Weekday::Fri,
            2 => Weekday::Sat,
            3 => Weekday::Sun,
            4 => Weekday::Mon,
            5 => Weekday::Tue,
            _ => Weekday::Wed,
        };
        let minute = u16::try_from(minutes.rem_euclid(1440)).unwrap_or(0);
        Self {
            at,
            local: LocalMoment { weekday, minute },
        }
    }
}

impl Now {
    /// The next moment at which the clock on the wall shows `time`; more than now, at most a day
    /// away. A change to or from daylight saving in between makes it an hour early or late.
    #[must_use]
    pub fn next(self, time: TimeOfDay) -> Timestamp {
        let (now, then) = (i64::from(self.local.minute), i64::from(time.0));
        let minutes = (then - now - 1).rem_euclid(1440) + 1;
        let within = self.at.0.rem_euclid(60_000);
        Timestamp(
            self.at
                .0
                .saturating_sub(within)
                .saturating_add(minutes * 60_000),
        )
    }
}

/// A time of day in the configuration: `"HH:MM"`, 00:00 to 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(
    /// Minutes since midnight, 0..=1440.
    pub u16,
);

impl std::str::FromStr for TimeOfDay {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no time of day; write it as HH:MM, for example 18:00");
        let (h, m) = text.split_once(':').ok_or_else(wrong)?;
        let (h, m): (u16, u16) = (
            h.parse().map_err(|_| wrong())?,
            m.parse().map_err(|_| wrong())?,
        );
        if h > 24 || m > 59 || (h == 24 && m != 0) {
            return Err(wrong());
        }
        Ok(Self(h * 60 + m))
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl TimeOfDay {
    /// Whether `minute` lies in the span `from..to`, which may run over midnight.
    #[must_use]
    pub fn span_contains(from: Self, to: Self, minute: u16) -> bool {
        if from.0 <= to.0 {
            (from.0..to.0).contains(&minute)
        } else {
            minute >= from.0 || minute < to.0
        }
    }
}

/// Durations in the configuration are text with a unit: `"90s"`, `"20m"`, `"1h 30m"`.
pub mod span {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Reads a duration with its unit.
    ///
    /// # Errors
    /// A sentence that names the text and shows the form, when the text is no duration.
    pub fn parse(text: &str) -> Result<Duration, String> {
        humantime::parse_duration(text.trim()).map_err(|error| {
            format!("`{text}` is no duration ({error}); write a number and a unit, for example 90s, 20m or 1h 30m")
        })
    }

    /// Writes a duration the way [`parse`] reads it.
    #[must_use]
    pub fn format(span: Duration) -> String {
        humantime::format_duration(span).to_string()
    }

    /// For `#[serde(with = "span")]`.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format(*span))
    }

    /// For `#[serde(with = "span")]`.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_of_the_day_may_run_over_midnight() {
        let (from, to) = (TimeOfDay(22 * 60), TimeOfDay(7 * 60));
        assert!(TimeOfDay::span_contains(from, to, 23 * 60));
        assert!(TimeOfDay::span_contains(from, to, 0));
        assert!(!TimeOfDay::span_contains(from, to, 7 * 60));
        assert!(!TimeOfDay::span_contains(from, to, 12 * 60));
    }

    #[test]
    fn a_clock_that_went_backwards_gives_no_negative_span() {
        assert_eq!(Timestamp(5).since(Timestamp(9)), Duration::ZERO);
        assert_eq!(
            Timestamp::NEVER.plus(Duration::from_secs(1)),
            Timestamp::NEVER
        );
    }

    #[test]
    fn the_next_time_of_day_is_ahead_and_within_a_day() {
        let now = Now::utc(Timestamp(10 * 3_600_000 + 30_000));
        let hours = |time: u16| (now.next(TimeOfDay(time * 60)).0 - 10 * 3_600_000) / 3_600_000;
        assert_eq!((hours(11), hours(10), hours(9)), (1, 24, 23));
        assert_eq!((hours(0), hours(24)), (14, 14));
        assert_eq!(now.next(TimeOfDay(0)).0 % 60_000, 0);
    }

    #[test]
    fn the_utc_day_of_the_week() {
        // 2026-11-21 was a Saturday.
        assert_eq!(
            Now::utc(Timestamp(1_795_219_200_000)).local.weekday,
            Weekday::Sat
        );
    }

    #[test]
    fn times_of_day_read_as_they_are_written() {
        assert_eq!("18:05".parse::<TimeOfDay>().unwrap().to_string(), "18:05");
        assert!("24:00".parse::<TimeOfDay>().is_ok());
        for wrong in ["24:01", "7", "aa:bb", "12:60", ""] {
            assert!(wrong.parse::<TimeOfDay>().is_err(), "{wrong}");
        }
    }
}
