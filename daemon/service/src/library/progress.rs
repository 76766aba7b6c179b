//! How far a scan is.

use std::time::Duration;

use moodlark_core::Timestamp;

/// A scan as those who wait for it see it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Whether one is under way.
    pub scanning: bool,
    /// Why it waits, if it does.
    pub resting: Option<String>,
    /// Files of this scan that are done.
    pub done: usize,
    /// Files that this scan was begun for.
    pub todo: usize,
    /// Why there is no library, or why the last scan ended before its end.
    pub trouble: Option<String>,
    /// When a scan last came to its end.
    pub last: Option<Timestamp>,
    /// How long the files that are done took, without the time that it rested.
    pub worked: Duration,
}

impl Progress {
    /// Seconds until it is done, as far as can be told: not before a few files were heard.
    #[must_use]
    pub fn left(&self) -> Option<usize> {
        const ENOUGH: usize = 3;
        let remaining = self.todo.checked_sub(self.done)?;
        if !self.scanning || self.done < ENOUGH || remaining == 0 {
            return None;
        }
        let each = self.worked.as_secs_f64() / f64::from(u32::try_from(self.done).ok()?);
        let left = each * f64::from(u32::try_from(remaining).ok()?);
        // Not negative, and far below what fits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(left.ceil() as usize)
    }

    /// Another file is done.
    pub(super) fn step(&mut self, took: Duration) {
        self.done += 1;
        self.worked += took;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_told_when_it_can_be() {
        let mut progress = Progress {
            scanning: true,
            todo: 10,
            ..Progress::default()
        };
        assert_eq!(progress.left(), None);
        for _ in 0..4 {
            progress.step(Duration::from_secs(2));
        }
        assert_eq!(progress.left(), Some(12));
        progress.scanning = false;
        assert_eq!(progress.left(), None);
    }
}
