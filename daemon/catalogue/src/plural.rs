//! Which of a message's forms a number takes: the rules of PO files' `Plural-Forms` that the languages here need.

/// A rule.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code)] // those that no language has yet
pub(crate) enum Plural {
    /// `n != 1`: English, German.
    NotOne,
    /// `n > 1`: French, Brazilian Portuguese.
    MoreThanOne,
    /// `0`: Japanese, Chinese.
    Same,
}

impl Plural {
    pub(crate) fn form(self, n: u64) -> usize {
        usize::from(match self {
            Self::NotOne => n != 1,
            Self::MoreThanOne => n > 1,
            Self::Same => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_many_in_german_and_one_in_french() {
        assert_eq!([0, 1, 2].map(|n| Plural::NotOne.form(n)), [1, 0, 1]);
        assert_eq!([0, 1, 2].map(|n| Plural::MoreThanOne.form(n)), [0, 0, 1]);
        assert_eq!([0, 1, 2].map(|n| Plural::Same.form(n)), [0, 0, 0]);
    }
}
