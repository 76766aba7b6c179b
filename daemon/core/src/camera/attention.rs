//! Where looks are spent: soon after one that speaks for a change, later where nothing changes.
//!
//! Looks are an account. A wait that is longer than the interval between looks pays in what it is
//! longer; a look that comes sooner draws out what it is sooner, and is taken only where that much
//! is there. So over any time there are at most as many looks as the interval alone gives, and
//! [`Pace::most_spare`] more; and as the waits are lengthened only until the account is full, hardly
//! fewer. Beside that no hour holds more than [`Pace::an_hour`] looks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

const HOUR: Duration = Duration::from_secs(3600);

/// How looks are spread over the time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// So long after a look that speaks for a change the next one follows.
    pub follow_up: Duration,
    /// So many looks may follow up in a row, each on the one before it.
    pub in_a_row: u8,
    /// A look speaks for a change from this on; see [`crate::filter::MoodFilter::observe`].
    pub speaks: f64,
    /// Where nothing changes, looks wait so many intervals while the account is not full.
    pub stretch: f64,
    /// The account is full with so many looks.
    pub most_spare: f64,
    /// No hour holds more than so many times the looks that the interval gives; rounded up.
    pub an_hour: f64,
}

impl Pace {
    /// What `examples/day` chose on its tuning days; the tables stand in `DAY.md`.
    pub const CHOSEN: Self = Self {
        follow_up: Duration::from_secs(90),
        in_a_row: 3,
        speaks: 0.4,
        stretch: 1.25,
        most_spare: 4.0,
        an_hour: 1.5,
    };

    /// Whether looks are so far apart that one can come in between.
    #[must_use]
    pub fn fits(&self, interval: Duration) -> bool {
        interval >= self.follow_up * 2
    }

    /// The most looks in any hour, where they are `interval` apart.
    #[must_use]
    pub fn most_in_an_hour(&self, interval: Duration) -> usize {
        let by_interval = HOUR.as_secs_f64() / interval.as_secs_f64().max(1.0);
        // At most 5400, and not negative.
        (self.an_hour * by_interval).ceil() as usize
    }
}

/// The account, and what was looked at of late. Kept over a restart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Attention {
    /// The looks of the last hour that nobody asked for, in order.
    recent: Vec<Timestamp>,
    /// What the account holds, in milliseconds of waiting.
    spare: u64,
    /// How many looks followed up in a row.
    row: u8,
    /// The last look spoke for a change, and none has followed yet.
    pending: bool,
}

impl Attention {
    /// When the next look is due after the one at `last`, with `interval` between looks.
    #[must_use]
    pub fn due(&self, pace: &Pace, interval: Duration, last: Timestamp) -> Timestamp {
        if !pace.fits(interval) {
            return last.plus(interval);
        }
        let (spare, full) = (self.spare(), interval.mul_f64(pace.most_spare));
        let wait = if self.pending && spare + pace.follow_up >= interval {
            pace.follow_up
        } else if spare < full {
            interval.mul_f64(pace.stretch)
        } else {
            interval
        };
        last.plus(wait).max(self.free(pace, interval))
    }

    /// From when on the hour before has room for one more look.
    #[must_use]
    pub fn free(&self, pace: &Pace, interval: Duration) -> Timestamp {
        if !pace.fits(interval) {
            return Timestamp::default();
        }
        // With so many looks before it, the next one waits until the first of them is an hour old.
        let first = self
            .recent
            .len()
            .checked_sub(pace.most_in_an_hour(interval));
        let first = first.and_then(|first| self.recent.get(first));
        first.map_or(Timestamp::default(), |first| first.plus(HOUR))
    }

    /// Notes that a look is taken at `at` because it was due, the last one at `last`.
    pub fn looked(
        &mut self,
        pace: &Pace,
        interval: Duration,
        last: Option<Timestamp>,
        at: Timestamp,
    ) {
        self.row = if self.pending {
            self.row.saturating_add(1)
        } else {
            0
        };
        self.pending = false;
        self.recent.retain(|then| at.since(*then) < HOUR);
        if !pace.fits(interval) {
            return;
        }
        self.recent.push(at);
        let Some(last) = last else { return };
        // What kept looks away for longer than the account wanted, saved none: a closed gate is no
        // choice.
        let waited = at.since(last).min(interval.mul_f64(pace.stretch));
        let holds = (self.spare() + waited).saturating_sub(interval);
        self.set_spare(holds.min(interval.mul_f64(pace.most_spare)));
    }

    /// Notes that somebody asked for a look: it is not on the account.
    pub const fn asked_for(&mut self) {
        self.pending = false;
    }

    /// Notes how far the look spoke for a change, 0..=1.
    pub fn saw(&mut self, pace: &Pace, speaks: f64) {
        self.pending = speaks >= pace.speaks && self.row < pace.in_a_row;
    }

    /// Looks evenly for a while: nothing is followed up, and nothing saved.
    pub fn rest(&mut self) {
        (self.pending, self.row, self.spare) = (false, 0, 0);
    }

    /// Follows a clock that was set back to `at`. Looks of the hour still count, for an hour.
    pub fn forget_future(&mut self, at: Timestamp) {
        for then in &mut self.recent {
            *then = (*then).min(at);
        }
    }

    const fn spare(&self) -> Duration {
        Duration::from_millis(self.spare)
    }

    fn set_spare(&mut self, spare: Duration) {
        self.spare = u64::try_from(spare.as_millis()).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests;
