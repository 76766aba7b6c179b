//! How often Spotify may be asked for one switch or one undo: counted down along its whole way. A name that is not
//! known, a token that has ended, a device to look for: each is harmless, and together they would be too many.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use crate::Error;

/// A switch or an undo makes no more calls than this, refreshes of the token among them.
pub(crate) const MOST_CALLS: u32 = 6;

/// What is left to ask. Clones are the same. Without a count (a listing that the user waits for) there is no end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Budget(Option<Arc<AtomicU32>>);

impl Budget {
    /// For one switch, or one undo.
    pub(crate) fn of_one_step() -> Self {
        Self(Some(Arc::new(AtomicU32::new(MOST_CALLS))))
    }

    /// Whether it has an end.
    pub(crate) const fn is_counted(&self) -> bool {
        self.0.is_some()
    }

    /// How many calls may still be made.
    pub(crate) fn left(&self) -> u32 {
        let left = |left: &Arc<AtomicU32>| left.load(Ordering::Relaxed);
        self.0.as_ref().map_or(u32::MAX, left)
    }

    /// One call is about to be made.
    ///
    /// # Errors
    /// [`Error::OutOfCalls`]: it must not be.
    pub(crate) fn take(&self) -> Result<(), Error> {
        let Some(left) = &self.0 else {
            return Ok(());
        };
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(1)
        })
        .map(|_| ())
        .map_err(|_| Error::OutOfCalls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_calls_and_no_more() {
        let budget = Budget::of_one_step();
        let same = budget.clone();
        for left in (0..6).rev() {
            assert_eq!((same.take(), budget.left()), (Ok(()), left));
        }
        assert_eq!(budget.take(), Err(Error::OutOfCalls));
        assert!(Budget::default().take().is_ok() && !Budget::default().is_counted());
    }
}
