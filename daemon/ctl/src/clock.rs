//! Spans and times: read as people type them, written as people say them. The time zone is the user's.

use std::time::Duration;

use jiff::{SignedDuration, Span, Timestamp, Zoned, civil};
use moodlark_catalogue::{day, moment, tr};

/// The time now, in the user's time zone.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    now: Zoned,
}

impl Clock {
    pub(crate) fn now() -> Self {
        Self { now: Zoned::now() }
    }

    #[cfg(test)]
    pub(crate) fn at(now: Zoned) -> Self {
        Self { now }
    }

    /// Milliseconds since 1970 UTC.
    pub(crate) fn millis(&self) -> i64 {
        self.now.timestamp().as_millisecond()
    }

    /// How long to pause, in seconds: nothing (0: until resumed), `30m`, `until 18:00`, `until tomorrow`.
    pub(crate) fn read_pause(&self, words: &[String]) -> Result<u32, String> {
        let words = words.join(" ");
        let text = words.trim();
        if text.is_empty() {
            return Ok(0);
        }
        let seconds = match text.strip_prefix("until") {
            Some(time) => {
                let end = self.next(time.trim())?;
                // Not a second too short.
                end.timestamp()
                    .duration_since(self.now.timestamp())
                    .as_millis()
                    .unsigned_abs()
                    .div_ceil(1000)
            }
            None => u128::from(span(text)?.as_secs()),
        };
        match u32::try_from(seconds) {
            Ok(0) => Err(tr!("`{text}` is shorter than a second", text)),
            Ok(seconds) => Ok(seconds),
            Err(_) => Err(tr!(
                "`{text}` is longer than can be counted; `moodlark camera off` is for good",
                text
            )),
        }
    }

    /// The next such moment: today, or tomorrow if it is past.
    fn next(&self, text: &str) -> Result<Zoned, String> {
        let overflow = |_| tr!("`{text}` is out of reach", text);
        if text == "tomorrow" {
            return self.day(1);
        }
        let time = time_of_day(text).ok_or_else(|| {
            tr!("`{text}` is no time; write until and HH:MM, for example until 18:00, or until tomorrow", text)
        })?;
        let zone = self.now.time_zone().clone();
        let mut end = self
            .now
            .date()
            .to_datetime(time)
            .to_zoned(zone.clone())
            .map_err(overflow)?;
        if end <= self.now {
            let tomorrow = self.now.date().tomorrow().map_err(overflow)?;
            end = tomorrow
                .to_datetime(time)
                .to_zoned(zone)
                .map_err(overflow)?;
        }
        Ok(end)
    }

    /// The start of a span of the past, in milliseconds: `2h`, `today`, `18:00`, `2026-11-20`, `2026-11-20 18:00`.
    pub(crate) fn read_since(&self, words: &[String]) -> Result<i64, String> {
        Ok(self.past(words)?.0)
    }

    /// The end of a span of the past, exclusive, in milliseconds; a date is its whole day.
    pub(crate) fn read_until(&self, words: &[String]) -> Result<i64, String> {
        Ok(self.past(words)?.1)
    }

    /// The first moment of what is named, and the first one after it.
    fn past(&self, words: &[String]) -> Result<(i64, i64), String> {
        let words = words.join(" ");
        let text = words.trim();
        let wrong = || {
            tr!(
                "`{text}` is no time; write a span (2h), today, yesterday, a time (18:00), a date (2026-11-20), or both (\"2026-11-20 18:00\")",
                text
            )
        };
        let days = |first: i64| {
            let (start, end) = (self.day(first)?, self.day(first + 1)?);
            Ok((millis(&start), millis(&end)))
        };
        match text {
            "now" => return Ok((self.millis(), self.millis())),
            "today" => return days(0),
            "yesterday" => return days(-1),
            _ => {}
        }
        let overflow = |_| tr!("`{text}` is out of reach", text);
        let zone = self.now.time_zone();
        if let Some(time) = time_of_day(text) {
            let mut at = self
                .now
                .date()
                .to_datetime(time)
                .to_zoned(zone.clone())
                .map_err(overflow)?;
            if at > self.now {
                let yesterday = self.now.date().yesterday().map_err(overflow)?;
                at = yesterday
                    .to_datetime(time)
                    .to_zoned(zone.clone())
                    .map_err(overflow)?;
            }
            return Ok((millis(&at), millis(&at)));
        }
        if let Ok(date) = civil::Date::strptime("%Y-%m-%d", text) {
            let start = date.to_zoned(zone.clone()).map_err(overflow)?;
            let end = date
                .tomorrow()
                .and_then(|next| next.to_zoned(zone.clone()))
                .map_err(overflow)?;
            return Ok((millis(&start), millis(&end)));
        }
        for form in [
            "%Y-%m-%d %H:%M",
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%dT%H:%M:%S",
        ] {
            if let Ok(moment) = civil::DateTime::strptime(form, text) {
                let at = moment.to_zoned(zone.clone()).map_err(overflow)?;
                return Ok((millis(&at), millis(&at)));
            }
        }
        let ago = humantime::parse_duration(text).map_err(|_| wrong())?;
        let at = SignedDuration::try_from(ago)
            .ok()
            .and_then(|ago| self.now.timestamp().checked_sub(ago).ok());
        let at = at
            .ok_or_else(|| tr!("`{text}` is out of reach", text))?
            .as_millisecond();
        Ok((at, at))
    }

    /// Midnight so many days from now.
    fn day(&self, offset: i64) -> Result<Zoned, String> {
        let date = Span::new()
            .try_days(offset)
            .and_then(|days| self.now.date().checked_add(days));
        date.and_then(|date| date.to_zoned(self.now.time_zone().clone()))
            .map_err(|_| tr!("this day is out of reach"))
    }

    /// The moment on the user's wall: `14:03`, `yesterday 14:03`, `Fri 14:03`, `2026-11-20 14:03`.
    pub(crate) fn moment(&self, at: i64) -> String {
        moment(at, &self.now)
    }

    /// The day: `Fri 20 Nov 2026`.
    pub(crate) fn day_of(&self, at: i64) -> String {
        self.zoned(at)
            .map_or_else(|| tr!("an unknown day"), |at| day(at.date()))
    }

    /// The time of day to the second: `14:03:59`.
    pub(crate) fn time_of(&self, at: i64) -> String {
        self.zoned(at).map_or_else(
            || "--:--:--".into(),
            |at| at.strftime("%H:%M:%S").to_string(),
        )
    }

    /// How far away: `just now`, `3 min ago`, `in 2 h`.
    pub(crate) fn distance(&self, at: i64) -> String {
        let away = at.saturating_sub(self.millis());
        let span = rough(Duration::from_millis(away.unsigned_abs()));
        match away {
            -9_999..=9_999 => tr!("just now"),
            i64::MIN..-9_999 => tr!("{span} ago", span),
            10_000.. => tr!("in {span}", span),
        }
    }

    /// Both: `14:03 (3 min ago)`.
    pub(crate) fn both(&self, at: i64) -> String {
        match self.zoned(at) {
            Some(_) => format!("{} ({})", self.moment(at), self.distance(at)),
            None => self.moment(at),
        }
    }

    fn zoned(&self, at: i64) -> Option<Zoned> {
        Some(
            Timestamp::from_millisecond(at)
                .ok()?
                .to_zoned(self.now.time_zone().clone()),
        )
    }
}

fn millis(moment: &Zoned) -> i64 {
    moment.timestamp().as_millisecond()
}

/// `18:00`, `9:30`, `18:00:30`.
fn time_of_day(text: &str) -> Option<civil::Time> {
    ["%H:%M", "%H:%M:%S"]
        .iter()
        .find_map(|form| civil::Time::strptime(form, text).ok())
}

fn span(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| tr!("`{text}` is no span; write a number and a unit, for example 30m or 1h 30m, or until and a time", text))
}

/// To one unit, as people say it: `40 s`, `3 min`, `2 h`, `5 days`.
pub(crate) fn rough(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", (seconds + 30) / 60),
        3600..36_000 => {
            let minutes = (seconds + 30) / 60;
            match minutes % 60 {
                0 => format!("{} h", minutes / 60),
                rest => format!("{} h {rest} min", minutes / 60),
            }
        }
        36_000..129_600 => format!("{} h", (seconds + 1800) / 3600),
        _ => tr!("{days} days", days = (seconds + 43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    /// Central European time, without asking the machine for it.
    fn clock(now: &str) -> Clock {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        Clock::at(
            now.parse::<civil::DateTime>()
                .unwrap()
                .to_zoned(zone)
                .unwrap(),
        )
    }

    fn words(text: &str) -> Vec<String> {
        text.split(' ')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn pause(now: &str, text: &str) -> Result<u32, String> {
        clock(now).read_pause(&words(text))
    }

    const HOUR: u32 = 3600;

    #[test]
    fn pauses_are_spans_or_until_the_next_such_time() {
        assert_eq!(pause("2026-11-20T14:00", ""), Ok(0));
        assert_eq!(pause("2026-11-20T14:00", "30m"), Ok(1800));
        assert_eq!(pause("2026-11-20T14:00", "1h 30m"), Ok(5400));
        assert_eq!(pause("2026-11-20T14:00", "until 18:00"), Ok(4 * HOUR));
        assert_eq!(pause("2026-11-20T14:00", "until 13:00"), Ok(23 * HOUR));
        assert_eq!(pause("2026-11-20T14:00", "until 14:00"), Ok(24 * HOUR));
        assert_eq!(
            pause("2026-11-20T14:00", "until 9:30"),
            Ok(19 * HOUR + 1800)
        );
        assert_eq!(pause("2026-11-20T14:00", "until tomorrow"), Ok(10 * HOUR));
        assert_eq!(pause("2026-11-20T14:00:00.5", "until 14:00:01"), Ok(1));
    }

    #[test]
    fn pauses_keep_to_the_wall_over_the_change_of_the_clocks() {
        // The night of 24 October 2026 has an hour more; that of 27 March 2027 one less.
        assert_eq!(pause("2026-10-24T22:00", "until 08:00"), Ok(11 * HOUR));
        assert_eq!(pause("2027-03-27T22:00", "until 08:00"), Ok(9 * HOUR));
        // 02:30 does not exist that night: the moment that would have been.
        assert_eq!(
            pause("2027-03-27T22:00", "until 02:30"),
            Ok(4 * HOUR + 1800)
        );
    }

    #[test]
    fn what_is_no_pause_is_refused() {
        for text in [
            "soon",
            "30",
            "until",
            "until 25:00",
            "until 18",
            "0s",
            "500ms",
            "200years",
            "-30m",
        ] {
            assert!(pause("2026-11-20T14:00", text).is_err(), "{text}");
        }
    }

    #[test]
    fn history_begins_and_ends_where_people_mean() {
        let now = "2026-11-20T14:00";
        let clock = clock(now);
        let at = |text: &str| millis(&self::clock(text).now);
        let since = |text: &str| clock.read_since(&words(text)).unwrap();
        let until = |text: &str| clock.read_until(&words(text)).unwrap();
        assert_eq!(since("2h"), at("2026-11-20T12:00"));
        assert_eq!(since("today"), at("2026-11-20T00:00"));
        assert_eq!(until("today"), at("2026-11-21T00:00"));
        assert_eq!(
            (since("yesterday"), until("yesterday")),
            (at("2026-11-19T00:00"), at("2026-11-20T00:00"))
        );
        assert_eq!(
            (since("2026-10-25"), until("2026-10-25")),
            (at("2026-10-25T00:00"), at("2026-10-26T00:00"))
        );
        assert_eq!(since("2026-11-18 18:30"), at("2026-11-18T18:30"));
        assert_eq!(since("2026-11-18T18:30:15"), at("2026-11-18T18:30:15"));
        assert_eq!(since("12:00"), at("2026-11-20T12:00"));
        assert_eq!(since("18:00"), at("2026-11-19T18:00"));
        assert_eq!(until("now"), at(now));
        for wrong in [
            "",
            "soon",
            "2026-13-01",
            "2026-11-20 25:00",
            "12",
            "99999years",
        ] {
            assert!(clock.read_since(&words(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn moments_are_told_as_seen_from_now() {
        let clock = clock("2026-11-20T14:00");
        let tell = |text: &str| clock.both(millis(&self::clock(text).now));
        assert_eq!(tell("2026-11-20T13:57"), "13:57 (3 min ago)");
        assert_eq!(tell("2026-11-20T14:00:05"), "14:00 (just now)");
        assert_eq!(tell("2026-11-20T14:30"), "14:30 (in 30 min)");
        assert_eq!(tell("2026-11-19T23:30"), "yesterday 23:30 (15 h ago)");
        assert_eq!(tell("2026-11-21T09:00"), "tomorrow 09:00 (in 19 h)");
        assert_eq!(tell("2026-11-16T09:00"), "Mon 09:00 (4 days ago)");
        assert_eq!(tell("2026-01-02T09:00"), "2026-01-02 09:00 (322 days ago)");
        assert_eq!(clock.both(i64::MAX), "an unknown time");
        assert_eq!(clock.day_of(clock.millis()), "Fri 20 Nov 2026");
    }

    #[test]
    fn spans_are_told_roughly() {
        let tell = |seconds| rough(Duration::from_secs(seconds));
        assert_eq!(
            [5, 59, 60, 90, 3599, 3600, 5400, 36_000, 86_400, 172_800].map(tell),
            [
                "5 s",
                "59 s",
                "1 min",
                "2 min",
                "60 min",
                "1 h",
                "1 h 30 min",
                "10 h",
                "24 h",
                "2 days"
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_time_or_a_sentence(text in "(until )?[0-9a-z :.-]{0,24}|.{0,12}") {
            let clock = clock("2026-11-20T14:00");
            for told in [clock.read_pause(&words(&text)).err(), clock.read_since(&words(&text)).err(), clock.read_until(&words(&text)).err()] {
                proptest::prop_assert!(told.is_none_or(|sentence| !sentence.is_empty()));
            }
        }

        #[test]
        fn any_moment_can_be_told(at: i64) {
            let clock = clock("2026-11-20T14:00");
            proptest::prop_assert!(!clock.both(at).is_empty() && !clock.day_of(at).is_empty() && !clock.time_of(at).is_empty());
        }
    }
}
