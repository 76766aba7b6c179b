//! Spotify's Web API: whether anybody is signed in, how long that lasts, and where it is kept.

use moodlark_api::Dict;
use moodlark_spotify::{Error, Place, Standing, Status};

use moodlark_catalogue::tr;

use super::{Facts, check};

fn login() -> String {
    tr!("`moodlark spotify login` signs you in.")
}

pub(super) fn spotify(facts: &Facts) -> Dict {
    let (level, finding, advice) = judge(facts.spotify.as_ref());
    check("spotify", level, &finding, &advice)
}

fn judge(status: Option<&Status>) -> (&'static str, String, String) {
    let Some(status) = status else {
        let finding = tr!("no client ID is configured: Spotify is used over MPRIS alone");
        return ("ok", finding, String::new());
    };
    let place = status
        .place
        .as_ref()
        .map_or_else(String::new, |place| format!(", kept {}", place.described()));
    let until = match status.standing {
        Some(Standing::Good(days) | Standing::Ending(days)) => {
            tr!("signed in for another {days} days{place}", days, place)
        }
        Some(Standing::Over) => tr!("the sign-in is over"),
        None => tr!("nobody is signed in"),
    };
    match (&status.trouble, status.standing) {
        (Some(Error::NotSignedIn), _) => ("warning", until, login()),
        (Some(Error::SignInExpired), _) | (_, Some(Standing::Over)) => (
            "problem",
            tr!("the sign-in has expired; MPRIS does what it can meanwhile"),
            tr!("`moodlark spotify login` renews it."),
        ),
        (Some(Error::KeyringLocked), _) => (
            "warning",
            tr!("the keyring is locked, and the sign-in is in it"),
            tr!("Unlock it; Moodlark goes on by itself, and never asks for its password."),
        ),
        (Some(Error::Storage(why)), _) => (
            "problem",
            why.clone(),
            tr!("Mend or delete that file, then `moodlark spotify login`."),
        ),
        (Some(error), _) => (
            "warning",
            format!("{until}; {error}"),
            tr!("MPRIS does what it can meanwhile; `moodlark spotify status` tells more."),
        ),
        (None, Some(Standing::Ending(_))) => (
            "warning",
            until,
            tr!("`moodlark spotify login` renews it in time."),
        ),
        (None, _) if status.place == Some(Place::Memory) => (
            "warning",
            until,
            tr!("Unlock your keyring, or it is lost when the service ends."),
        ),
        (None, _) if status.place == Some(Place::Unwritten) => (
            "problem",
            until,
            tr!("The log says why; mend that, then `moodlark spotify login`."),
        ),
        (None, _) => ("ok", until, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use moodlark_core::Timestamp;

    use super::*;

    fn status(standing: Option<Standing>, trouble: Option<Error>) -> Status {
        Status {
            configured: true,
            signed_in: standing.is_some(),
            place: standing.map(|_| Place::Keyring),
            authorized_at: Some(Timestamp(0)),
            ends_at: None,
            standing,
            signing_in_until: None,
            trouble,
            calls: 0,
        }
    }

    #[test]
    fn each_state_has_a_level_and_what_to_do() {
        let good = Some(Standing::Good(100));
        for (status, level) in [
            (None, "ok"),
            (Some(status(good, None)), "ok"),
            (Some(status(Some(Standing::Ending(13)), None)), "warning"),
            (Some(status(Some(Standing::Over), None)), "problem"),
            (Some(status(None, Some(Error::NotSignedIn))), "warning"),
            (Some(status(good, Some(Error::SignInExpired))), "problem"),
            (Some(status(None, Some(Error::KeyringLocked))), "warning"),
            (Some(status(good, Some(Error::NeedsPremium))), "warning"),
            (
                Some(status(None, Some(Error::Storage("x".into())))),
                "problem",
            ),
        ] {
            let (found, finding, advice) = judge(status.as_ref());
            assert_eq!(found, level, "{finding}");
            assert_eq!(advice.is_empty(), level == "ok", "{finding}");
        }
    }

    #[test]
    fn a_sign_in_that_could_not_be_written_is_a_problem_and_no_locked_keyring() {
        let unwritten = Status {
            place: Some(Place::Unwritten),
            ..status(Some(Standing::Good(100)), None)
        };
        let (level, finding, _) = judge(Some(&unwritten));
        assert_eq!(level, "problem");
        assert!(
            finding.contains("could not be written") && !finding.contains("keyring"),
            "{finding}"
        );
    }
}
