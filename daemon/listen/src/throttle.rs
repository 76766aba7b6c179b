//! Computing for a share of the time only: fans stay off, and the machine stays its user's.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// How much is computed before the next rest.
const STINT: Duration = Duration::from_millis(20);
/// The longest rest at once: then the deadline is looked at again.
const LONGEST: Duration = Duration::from_millis(500);

/// Sleeps so that the thread computes for at most a share of the time.
#[derive(Debug)]
pub struct Throttle {
    /// 0..=1; 1 never sleeps.
    share: f64,
    since: Duration,
    began: Instant,
}

impl Throttle {
    /// `share` of the time, 0.01..=1.
    #[must_use]
    pub fn new(share: f64) -> Self {
        Self {
            share: share.clamp(0.01, 1.0),
            since: computed(),
            began: Instant::now(),
        }
    }

    /// Rests, if it is time: cheap enough to be called after each packet.
    pub fn rest(&mut self) {
        if self.share >= 1.0 {
            return;
        }
        let busy = computed().saturating_sub(self.since);
        if busy < STINT {
            return;
        }
        let pause = pause(busy, self.began.elapsed(), self.share);
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
        self.since = computed();
        self.began = Instant::now();
    }
}

/// The rest that makes `busy` the share of the time that has `passed` and the rest together.
fn pause(busy: Duration, passed: Duration, share: f64) -> Duration {
    busy.div_f64(share).saturating_sub(passed).min(LONGEST)
}

/// What this thread has computed.
fn computed() -> Duration {
    time(ClockId::ThreadCPUTime)
}

/// What this process has computed.
pub(crate) fn process_computed() -> Duration {
    time(ClockId::ProcessCPUTime)
}

fn time(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_time_is_three_quarters_of_rest() {
        let ms = Duration::from_millis;
        assert_eq!(pause(ms(20), ms(20), 0.25), ms(60));
        // Others had the processor meanwhile: that was rest enough.
        assert_eq!(pause(ms(20), ms(90), 0.25), ms(0));
        assert_eq!(pause(ms(900), ms(900), 0.1), LONGEST);
    }
}
