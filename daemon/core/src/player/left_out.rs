//! What of a playlist a player does not get.

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

/// What of a playlist is not handed over to the player.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct LeftOut {
    /// How many entries the playlist has, all counted; 0 for what is no list.
    pub listed: u64,
    /// How many of them are not there.
    pub missing: u64,
    /// The file names of the first of those, cleaned for people.
    pub first: Vec<String>,
    /// How many more stand behind the most that are handed over.
    pub beyond: u64,
    /// How many are there, but not for this player: MPD takes only what its database or its socket lets it.
    pub refused: u64,
}

impl LeftOut {
    /// Of so many missing entries the names are kept.
    pub const NAMED: usize = 3;

    /// Whether the player gets all of it.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.missing == 0 && self.beyond == 0 && self.refused == 0
    }

    /// For people: a sentence without its full stop, or `None` where the player gets all of it.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let missing = (self.missing > 0).then(|| self.missing_ones());
        let beyond = (self.beyond > 0).then(|| {
            tr!(
                "it has {listed} entries, and the player gets the first {most}",
                listed = self.listed,
                most = self.listed.saturating_sub(self.beyond)
            )
        });
        let refused = (self.refused > 0).then(|| {
            tr!("the player does not take 1 of them"
                | "the player does not take {n} of them" % self.refused)
        });
        let parts: Vec<String> = missing.into_iter().chain(beyond).chain(refused).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn missing_ones(&self) -> String {
        let listed = self.listed;
        let mut names = self.first.join(", ");
        if self.missing > self.first.len() as u64 && !names.is_empty() {
            names.push_str(", …");
        }
        if names.is_empty() {
            return tr!(
                "1 of its {listed} files is missing"
                    | "{n} of its {listed} files are missing" % self.missing,
                listed
            );
        }
        tr!(
            "1 of its {listed} files is missing ({names})"
                | "{n} of its {listed} files are missing ({names})" % self.missing,
            listed,
            names
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_counted_and_the_first_are_named() {
        let mut left_out = LeftOut {
            listed: 20,
            ..LeftOut::default()
        };
        assert_eq!(left_out.sentence(), None);
        left_out.missing = 1;
        left_out.first = vec!["a.ogg".into()];
        assert_eq!(
            left_out.sentence().unwrap(),
            "1 of its 20 files is missing (a.ogg)"
        );
        left_out.missing = 5;
        left_out.first.push("b.ogg".into());
        assert_eq!(
            left_out.sentence().unwrap(),
            "5 of its 20 files are missing (a.ogg, b.ogg, …)"
        );
        left_out.beyond = 4;
        assert!(
            left_out
                .sentence()
                .unwrap()
                .ends_with("; it has 20 entries, and the player gets the first 16")
        );
        left_out.refused = 2;
        assert!(
            left_out
                .sentence()
                .unwrap()
                .ends_with("; the player does not take 2 of them")
        );
        left_out.missing = 0;
        assert!(!left_out.is_nothing());
        assert!(left_out.sentence().unwrap().starts_with("it has 20"));
    }

    #[test]
    fn what_was_written_before_there_was_this_is_nothing() {
        let old: LeftOut = serde_json::from_str("{}").unwrap();
        assert!(old.is_nothing());
    }
}
