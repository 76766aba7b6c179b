//! What somebody probably meant.

/// The known name that is nearest to what was written, if one is near.
///
/// Case, and `_` for `-`, count as nothing; beyond that a third of the letters may be wrong, counting
/// two swapped letters as one.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |text: &str| text.trim().to_lowercase().replace('_', "-");
    // Nobody mistypes a name as a novel, and the distance is quadratic.
    if written.len() > 64 {
        return None;
    }
    let written = plain(written);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&written, &plain(name)), name))
        .filter(|(distance, name)| {
            *distance <= (name.chars().count().max(3) / 3).max(usize::from(*distance == 0))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `a`, `b` and `c`.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 4] = ["interval", "deadline", "half-life", "do"];

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        assert_eq!(nearest("intervall", KEYS), Some("interval"));
        assert_eq!(nearest("half_life", KEYS), Some("half-life"));
        assert_eq!(nearest("HALF-LIFE", KEYS), Some("half-life"));
        assert_eq!(nearest("od", KEYS), Some("do"));
        assert_eq!(nearest("banana", KEYS), None);
        assert_eq!(nearest("", KEYS), None);
        assert_eq!(nearest(&"x".repeat(100_000), KEYS), None);
    }

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
