//! Asking for a new sign-in in time. Looked at when there is something to do anyway: no timer runs for it.

use std::time::Duration;

use moodlark_spotify::Standing;

use moodlark_catalogue::tr;

use super::WebApi;
use crate::clock;

/// Asked for at most so often.
const AGAIN_AFTER: Duration = Duration::from_secs(24 * 3600);

impl WebApi {
    /// Tells the user when the sign-in is about to end, or has ended.
    pub(super) async fn check_age(&self) {
        let Some(status) = self.status().await else {
            return;
        };
        if self.spotify.any_device() {
            // Nobody listens only when the service ends.
            let _ = self.news.send(super::News::Known);
        }
        let sentence = match status.standing {
            Some(Standing::Ending(days)) => tr!(
                "The sign-in to Spotify ends in 1 day; `moodlark spotify login` renews it."
                    | "The sign-in to Spotify ends in {n} days; `moodlark spotify login` renews it."
                        % days
            ),
            Some(Standing::Over) => moodlark_spotify::Error::SignInExpired.to_string(),
            _ => return,
        };
        let now = clock::now().at;
        let asked = self.told().sign_in;
        if asked.is_none_or(|asked| now.since(asked) >= AGAIN_AFTER) {
            self.told().sign_in = Some(now);
            tracing::warn!("{sentence}");
            self.ask_for_sign_in(sentence);
        }
    }

    /// Looks once, beside everything else.
    pub fn check_age_soon(&self) {
        if self.spotify.is_configured() {
            let api = self.clone();
            tokio::spawn(async move { api.check_age().await });
        }
    }
}
