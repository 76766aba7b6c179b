//! What the user granted, and when that ends: six months after they did, whatever happens in between. Pure.

use std::time::Duration;

use moodlark_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::TokenAnswer;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// The shortest six months of a calendar (from the end of August). Source: Spotify's changelog of 2026-06.
const LASTS: Duration = Duration::from_secs(181 * 24 * 3600);
/// A new sign-in is asked for so long before the end.
const ASK_BEFORE: Duration = Duration::from_secs(14 * 24 * 3600);

/// What can be asked for on the user's behalf.
pub(crate) const SCOPES: [&str; 3] = [
    "user-read-playback-state",
    "user-modify-playback-state",
    "playlist-read-private",
];

/// A grant: all that is kept of a sign-in. Its debug form shows no token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The app that it was given to.
    pub client_id: String,
    /// The secret.
    pub(crate) refresh_token: String,
    /// What it allows.
    pub scopes: Vec<String>,
    /// When the user said yes.
    pub authorized_at: Timestamp,
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("scopes", &self.scopes)
            .field("authorized_at", &self.authorized_at)
            .finish_non_exhaustive()
    }
}

/// How a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds for so many days.
    Good(u64),
    /// It ends in so many days: time for a new sign-in.
    Ending(u64),
    /// It has ended.
    Over,
}

impl Grant {
    /// When it ends.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.authorized_at.plus(LASTS)
    }

    /// How it stands now.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        let left = self.ends_at().since(now);
        let days = left.as_secs() / DAY.as_secs();
        if left.is_zero() {
            Standing::Over
        } else if left <= ASK_BEFORE {
            Standing::Ending(days)
        } else {
            Standing::Good(days)
        }
    }

    /// When a new sign-in is to be asked for.
    #[must_use]
    pub fn ask_at(&self) -> Timestamp {
        let before = i64::try_from(ASK_BEFORE.as_millis()).unwrap_or(0);
        Timestamp(self.ends_at().0.saturating_sub(before))
    }

    /// From the answer to a code. `None` where it holds no refresh token.
    pub(crate) fn first(client_id: &str, answer: &TokenAnswer, now: Timestamp) -> Option<Self> {
        Some(Self {
            client_id: client_id.to_owned(),
            refresh_token: answer
                .refresh_token
                .clone()
                .filter(|token| !token.is_empty())?,
            scopes: scopes(answer).unwrap_or_else(|| SCOPES.map(Into::into).to_vec()),
            authorized_at: now,
        })
    }

    /// After a refresh: the old refresh token stays where the answer names no new one. The end does not move.
    pub(crate) fn renewed(&self, answer: &TokenAnswer) -> Self {
        let rotated = answer
            .refresh_token
            .clone()
            .filter(|token| !token.is_empty());
        Self {
            refresh_token: rotated.unwrap_or_else(|| self.refresh_token.clone()),
            scopes: scopes(answer).unwrap_or_else(|| self.scopes.clone()),
            ..self.clone()
        }
    }
}

fn scopes(answer: &TokenAnswer) -> Option<Vec<String>> {
    let text = answer
        .scope
        .as_deref()
        .filter(|text| !text.trim().is_empty())?;
    Some(text.split_whitespace().map(Into::into).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(refresh: Option<&str>) -> TokenAnswer {
        TokenAnswer {
            access_token: Some("a".into()),
            refresh_token: refresh.map(Into::into),
            expires_in: Some(3600),
            scope: None,
        }
    }

    #[test]
    fn the_old_refresh_token_is_kept_when_the_answer_omits_it() {
        let grant = Grant::first("id", &answer(Some("one")), Timestamp(0)).unwrap();
        assert_eq!(grant.renewed(&answer(None)).refresh_token, "one");
        assert_eq!(grant.renewed(&answer(Some(""))).refresh_token, "one");
        let rotated = grant.renewed(&answer(Some("two")));
        assert_eq!(
            (rotated.refresh_token.as_str(), rotated.authorized_at),
            ("two", Timestamp(0))
        );
        assert!(Grant::first("id", &answer(None), Timestamp(0)).is_none());
    }

    #[test]
    fn a_new_sign_in_is_asked_for_two_weeks_before_the_end() {
        let grant = Grant::first("id", &answer(Some("one")), Timestamp(0)).unwrap();
        let after = |days: u32| grant.standing(Timestamp(0).plus(DAY * days));
        assert_eq!(after(0), Standing::Good(181));
        assert_eq!(after(166), Standing::Good(15));
        assert_eq!(after(167), Standing::Ending(14));
        assert_eq!(after(180), Standing::Ending(1));
        assert_eq!(after(181), Standing::Over);
        assert_eq!(grant.ask_at(), Timestamp(0).plus(DAY * 167));
    }

    #[test]
    fn its_debug_form_shows_no_token() {
        let grant = Grant::first("client", &answer(Some("sesame")), Timestamp(0)).unwrap();
        assert!(!format!("{grant:?}").contains("sesame"));
    }
}
