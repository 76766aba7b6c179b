//! Which of the named programs run. Asked before a look: the kernel tells of starts to root alone, and
//! looking through /proc again and again would cost more than the looks themselves.

use std::{collections::BTreeSet, path::Path};

use crate::surroundings;

/// The names of those that run.
pub(super) fn running(names: &[String]) -> Vec<String> {
    let wanted: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    surroundings::running(Path::new("/proc"), &wanted)
}
