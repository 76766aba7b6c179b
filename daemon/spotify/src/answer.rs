//! What an answer means, and when the next call may be made. Pure: of the answer, the state and now.

use std::time::Duration;

use moodlark_catalogue::tr;
use moodlark_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Error, model::ErrorBody};

/// Where a 429 names no time.
const UNNAMED_WAIT: Duration = Duration::from_secs(60);
/// Nobody is sent away for longer: what asks for more is a mistake of the server's.
const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * 3600);
/// A quota that is used up is asked for again after this.
const QUOTA_REST: Duration = Duration::from_secs(24 * 3600);

/// An answer that is no success.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The status of HTTP.
    pub(crate) status: u16,
    /// `Retry-After`, in seconds.
    pub(crate) retry_after: Option<u64>,
    /// The body, whatever it is.
    pub(crate) body: String,
}

/// What a refusal of the Web API means. `what` was asked for, for the sentence.
pub(crate) fn judge(refusal: &Refusal, what: &str) -> Error {
    let body: ErrorBody = serde_json::from_str(&refusal.body).unwrap_or_default();
    let told = body.error.unwrap_or_default();
    let reason = told.reason.unwrap_or_default();
    let message = told.message.unwrap_or_default().to_ascii_lowercase();
    match refusal.status {
        400 => Error::NotAccepted(what.to_owned()),
        401 => Error::SignInExpired,
        403 if reason == "PREMIUM_REQUIRED" || message.contains("premium required") => {
            Error::NeedsPremium
        }
        403 if message.contains("scope") => Error::Scope,
        403 => Error::Forbidden,
        404 if reason == "NO_ACTIVE_DEVICE" || message.contains("device") => Error::NoDevice,
        404 => Error::NotFound(what.to_owned()),
        429 if reason == "QUOTA_EXCEEDED" => Error::Quota,
        429 => Error::RateLimited(
            refusal
                .retry_after
                .map_or(UNNAMED_WAIT, Duration::from_secs)
                .min(LONGEST_WAIT),
        ),
        status => Error::Server(status),
    }
}

/// What a refusal of the accounts server means, when a token was asked for.
pub(crate) fn judge_token(refusal: &Refusal) -> Error {
    #[derive(Deserialize, Default)]
    struct Body {
        error: Option<String>,
    }
    let body: Body = serde_json::from_str(&refusal.body).unwrap_or_default();
    match (refusal.status, body.error.as_deref()) {
        (_, Some("invalid_grant")) => Error::SignInExpired,
        (_, Some("invalid_client")) => Error::SignInFailed(tr!(
            "Spotify does not know the client ID in the configuration; copy it again from your app's page."
        )),
        (429, _) => judge(refusal, "the sign-in"),
        (status, _) => Error::Server(status),
    }
}

/// Whether a moment that was at most so far ahead is still to come. A clock that was set back must not lock us out
/// for years.
pub(crate) fn holds(until: Option<Timestamp>, now: Timestamp, longest: Duration) -> bool {
    until.is_some_and(|until| now < until && until.since(now) <= longest)
}

/// Until when nothing may be asked. Stored, never slept on: whoever comes before that is told no at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// From `Retry-After`.
    pub not_before: Option<Timestamp>,
    /// The quota is used up; until then.
    pub quota_until: Option<Timestamp>,
}

impl Limits {
    /// Whether a call may be made now.
    ///
    /// # Errors
    /// [`Error::Quota`], [`Error::RateLimited`].
    pub fn check(&self, now: Timestamp) -> Result<(), Error> {
        if holds(self.quota_until, now, QUOTA_REST) {
            return Err(Error::Quota);
        }
        match self.not_before {
            Some(until) if holds(self.not_before, now, LONGEST_WAIT) => {
                Err(Error::RateLimited(until.since(now)))
            }
            _ => Ok(()),
        }
    }

    /// Remembers what an answer said; whether that changed anything.
    pub fn learn(&mut self, error: &Error, now: Timestamp) -> bool {
        let before = *self;
        match error {
            Error::Quota => self.quota_until = Some(now.plus(QUOTA_REST)),
            Error::RateLimited(wait) => self.not_before = Some(now.plus(*wait)),
            _ => {}
        }
        *self != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, message: &str, reason: Option<&str>) -> Refusal {
        let mut error = serde_json::json!({ "status": status, "message": message });
        if let Some(reason) = reason {
            error["reason"] = reason.into();
        }
        Refusal {
            status,
            retry_after: None,
            body: serde_json::json!({ "error": error }).to_string(),
        }
    }

    #[test]
    fn each_refusal_has_its_name() {
        for (status, message, reason, name) in [
            (401, "The access token expired", None, "sign-in-expired"),
            (
                403,
                "Player command failed: Premium required",
                Some("PREMIUM_REQUIRED"),
                "needs-premium",
            ),
            (403, "Insufficient client scope", None, "scope"),
            (403, "Forbidden", None, "forbidden"),
            (
                404,
                "Player command failed: No active device found",
                Some("NO_ACTIVE_DEVICE"),
                "no-device",
            ),
            (404, "Not found.", None, "not-found"),
            (429, "Too many requests", Some("QUOTA_EXCEEDED"), "quota"),
            (429, "API rate limit exceeded", None, "rate-limited"),
            (502, "Bad gateway.", None, "server"),
        ] {
            assert_eq!(
                judge(&refusal(status, message, reason), "x").name(),
                name,
                "{message}"
            );
        }
    }

    #[test]
    fn a_body_that_is_none_is_judged_by_its_status() {
        for body in [
            "",
            "<html>",
            "[1",
            "{\"error\":\"text\"}",
            "{\"error\":{\"status\":\"x\"}}",
        ] {
            let refusal = Refusal {
                status: 403,
                retry_after: None,
                body: body.into(),
            };
            assert_eq!(judge(&refusal, "x"), Error::Forbidden, "{body}");
        }
    }

    #[test]
    fn retry_after_is_a_moment_not_a_sleep() {
        let now = Timestamp(1_000_000);
        let mut limits = Limits::default();
        assert!(limits.check(now).is_ok());
        let error = judge(
            &Refusal {
                status: 429,
                retry_after: Some(86_400),
                body: String::new(),
            },
            "x",
        );
        assert!(limits.learn(&error, now));
        assert_eq!(
            limits.check(now.plus(Duration::from_secs(400))),
            Err(Error::RateLimited(Duration::from_secs(86_000)))
        );
        assert!(limits.check(now.plus(Duration::from_secs(86_400))).is_ok());
        // The clock was set back by a year: nobody is locked out for that long.
        assert!(limits.check(Timestamp(now.0 - 365 * 86_400_000)).is_ok());
    }

    #[test]
    fn a_clock_set_back_does_not_hold_a_quota_for_years() {
        let now = Timestamp(400 * 86_400_000);
        let mut limits = Limits::default();
        limits.learn(&Error::Quota, now);
        assert_eq!(limits.check(now), Err(Error::Quota));
        assert!(limits.check(Timestamp(now.0 - 365 * 86_400_000)).is_ok());
    }

    #[test]
    fn a_400_is_no_trouble_of_the_servers() {
        let error = judge(&refusal(400, "Can't have offset", None), "x");
        assert_eq!(error, Error::NotAccepted("x".into()));
        assert!(error.to_string().contains("does not accept x"));
    }

    #[test]
    fn a_quota_stops_everything_for_a_day() {
        let now = Timestamp(5);
        let mut limits = Limits::default();
        limits.learn(&Error::Quota, now);
        assert_eq!(
            limits.check(now.plus(Duration::from_secs(86_399))),
            Err(Error::Quota)
        );
        assert!(limits.check(now.plus(QUOTA_REST)).is_ok());
        assert!(!limits.learn(&Error::Forbidden, now));
    }
}
