//! Why a track was picked, as data and as a sentence.

use moodlark_catalogue::{feeling, tr};
use serde::{Deserialize, Serialize};

use crate::{
    emotion::Emotion,
    time::{Now, Timestamp, Weekday},
};

use super::{History, Kind, Lifts, Track};

/// Why a track was picked: the first of these that holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Why {
    /// It is a step on the way.
    Step {
        /// The kind of music.
        kind: Kind,
        /// Which one, from 1.
        step: u32,
        /// Of how many.
        steps: u32,
    },
    /// Music of this kind goes with a better mood afterwards, beyond doubt.
    Lifts {
        /// The kind of music.
        kind: Kind,
        /// The mood before.
        mood: Emotion,
    },
    /// The user said that they like it.
    Liked {
        /// The kind of music.
        kind: Kind,
    },
    /// The user plays it through.
    PlayedThrough {
        /// The kind of music.
        kind: Kind,
        /// How often it was played.
        times: u32,
    },
    /// The user played others of its kind through.
    LikeThose {
        /// The kind of music.
        kind: Kind,
        /// How many.
        count: u32,
        /// When.
        day: Day,
    },
    /// It is new to the user.
    New {
        /// The kind of music.
        kind: Kind,
    },
    /// It fits the mood, and there is nothing else to tell.
    Near {
        /// The kind of music.
        kind: Kind,
    },
}

/// A day of the last seven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    /// Since midnight.
    Today,
    /// The last such day before today.
    On(Weekday),
}

/// Who played so much of a track played it through.
pub const THROUGH: f64 = 0.9;

/// A track is played through if this much of it is heard in the mean, in so many plays.
const OFTEN: (f64, f64) = (0.8, 2.0);

/// Two tracks of a kind may be chance for a reason; so many are not.
const SOME: u32 = 3;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// What a reason is looked for in, once for a whole list.
pub(super) struct Reasons<'a> {
    mood: Option<Emotion>,
    lifts: &'a Lifts,
    /// Of each kind, the day of the last seven on which most was played through, and how much.
    days: [Option<(Day, u32)>; Kind::COUNT],
}

impl<'a> Reasons<'a> {
    pub(super) fn new(
        mood: Option<Emotion>,
        now: Now,
        history: &History,
        lifts: &'a Lifts,
    ) -> Self {
        let days = Kind::ALL.map(|kind| busiest(kind, now, history));
        Self { mood, lifts, days }
    }

    pub(super) fn of(&self, track: &Track, kind: Kind) -> Why {
        if let Some(mood) = self.mood
            && self.lifts.bonus(mood, kind) > 0.0
        {
            return Why::Lifts { kind, mood };
        }
        if track.liked {
            return Why::Liked { kind };
        }
        let (mean, plays) = OFTEN;
        if track.taste.weight >= plays && track.taste.mean().is_some_and(|is| is >= mean) {
            let times = track.plays;
            return Why::PlayedThrough { kind, times };
        }
        if track.plays == 0 && self.days.iter().any(Option::is_some) {
            return Why::New { kind };
        }
        match self.days[kind.index()] {
            Some((day, count)) => Why::LikeThose { kind, count, day },
            None => Why::Near { kind },
        }
    }
}

/// The day of the last seven on which most tracks of that kind were played through, the later on a
/// tie.
fn busiest(kind: Kind, now: Now, history: &History) -> Option<(Day, u32)> {
    let midnight = now
        .at
        .0
        .saturating_sub(i64::from(now.local.minute) * 60_000);
    let mut counts = [0_u32; 7];
    let mut days = [Day::Today; 7];
    for heard in &history.heard {
        let through = heard.share.is_some_and(|share| share >= THROUGH);
        let Some(ago) = days_ago(heard.at, midnight).filter(|_| through && heard.kind == kind)
        else {
            continue;
        };
        counts[ago] += 1;
        if ago > 0 {
            days[ago] = Day::On(heard.weekday);
        }
    }
    let best = (0..7).min_by_key(|ago| std::cmp::Reverse(counts[*ago]))?;
    (counts[best] >= SOME).then_some((days[best], counts[best]))
}

fn days_ago(at: Timestamp, midnight: i64) -> Option<usize> {
    let before = midnight.saturating_sub(at.0);
    let days = if before <= 0 {
        0
    } else {
        (before - 1) / DAY + 1
    };
    usize::try_from(days).ok().filter(|days| *days < 7)
}

impl Why {
    /// For people: `calm, like the 4 that you played through on Sunday`.
    #[must_use]
    pub fn sentence(&self) -> String {
        match *self {
            Self::Step { kind, step, steps } => tr!(
                "{kind}: step {step} of {steps} on the way",
                kind = kind.adjective(),
                step,
                steps
            ),
            Self::Lifts { kind, mood } => tr!(
                "{kind}, because such music lifts you when you are {mood}",
                kind = kind.adjective(),
                mood = feeling(mood.name())
            ),
            Self::Liked { kind } => tr!("{kind}, and you like it", kind = kind.adjective()),
            Self::PlayedThrough { kind, .. } => tr!(
                "{kind}, and you mostly play it through",
                kind = kind.adjective()
            ),
            Self::LikeThose { kind, count, day } => tr!(
                "{kind}, like the {count} that you played through {day}",
                kind = kind.adjective(),
                count,
                day = day.phrase()
            ),
            Self::New { kind } => tr!("{kind}, and new to you", kind = kind.adjective()),
            Self::Near { kind } => tr!("{kind}, as the mood asks for", kind = kind.adjective()),
        }
    }
}

impl Day {
    /// For people: `today`, `on Sunday`.
    #[must_use]
    pub fn phrase(self) -> String {
        match self {
            Self::Today => tr!("today"),
            Self::On(Weekday::Mon) => tr!("on Monday"),
            Self::On(Weekday::Tue) => tr!("on Tuesday"),
            Self::On(Weekday::Wed) => tr!("on Wednesday"),
            Self::On(Weekday::Thu) => tr!("on Thursday"),
            Self::On(Weekday::Fri) => tr!("on Friday"),
            Self::On(Weekday::Sat) => tr!("on Saturday"),
            Self::On(Weekday::Sun) => tr!("on Sunday"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::Heard;

    /// So many hours before Saturday 28 November 2026, 10:00 UTC.
    fn heard(hours: i64, kind: Kind, share: f64) -> Heard {
        let at = Timestamp(NOW.0 - hours * 3_600_000);
        Heard {
            track: hours,
            artist: None,
            kind,
            at,
            weekday: Now::utc(at).local.weekday,
            share: Some(share),
        }
    }

    const NOW: Timestamp = Timestamp(1_795_860_000_000);

    #[test]
    fn like_the_four_that_you_played_through_on_sunday() {
        // Sunday was 6 days ago: 140 hours before Saturday 10:00 is Sunday 14:00.
        let mut history = History::default();
        for hours in [140, 141, 142, 143] {
            history.heard.push(heard(hours, Kind::Calm, 1.0));
        }
        history.heard.push(heard(30, Kind::Calm, 1.0));
        history.heard.push(heard(1, Kind::Calm, 0.2));
        let (day, count) = busiest(Kind::Calm, Now::utc(NOW), &history).unwrap();
        assert_eq!((day, count), (Day::On(Weekday::Sun), 4));
        let why = Why::LikeThose {
            kind: Kind::Calm,
            count,
            day,
        };
        assert_eq!(
            why.sentence(),
            "calm, like the 4 that you played through on Sunday"
        );
        assert_eq!(busiest(Kind::Tense, Now::utc(NOW), &history), None);
    }

    #[test]
    fn last_saturday_is_not_today() {
        let history = History {
            heard: (0..5)
                .map(|i| heard(24 * 7 - 9 + i, Kind::Calm, 1.0))
                .collect(),
            ..History::default()
        };
        assert_eq!(busiest(Kind::Calm, Now::utc(NOW), &history), None);
        let history = History {
            heard: (0..5).map(|i| heard(i, Kind::Calm, 1.0)).collect(),
            ..History::default()
        };
        let today = busiest(Kind::Calm, Now::utc(NOW), &history);
        assert_eq!(today, Some((Day::Today, 5)));
    }
}
