//! From the user's yes to a grant: PKCE, a port of our own, five minutes.

use std::{sync::Arc, time::Duration};

use moodlark_catalogue::tr;
use moodlark_core::time::Timestamp;
use tokio::task::AbortHandle;

use crate::{
    Error, Grant, Settings, Spotify,
    listener::{Listener, Page},
    spotify::{Ended, Inner, SignIn, lock},
    wire::Wire,
};

/// So long the browser may take.
pub const SIGN_IN_WITHIN: Duration = Duration::from_secs(5 * 60);

/// A sign-in under way.
pub(crate) struct Pending {
    wire: Arc<Wire>,
    client_id: String,
    /// Which one it is: a later one replaces it.
    pub(crate) number: u64,
    pub(crate) until: Timestamp,
    listening: AbortHandle,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Spotify {
    /// Begins a sign-in: listens, and gives the page where the user says yes. One that is under way is given up.
    ///
    /// # Errors
    /// [`Error::NoClientId`], [`Error::SignInFailed`].
    pub async fn sign_in(&self) -> Result<SignIn, Error> {
        let client_id = self.inner.client_id()?;
        let listener = Listener::open().await.map_err(|error| {
            Error::SignInFailed(tr!(
                "No port could be opened for the browser to come back to: {error}.",
                error
            ))
        })?;
        let redirect = listener.redirect();
        let mut wire = Wire::with_redirect(&self.inner.server, &client_id, redirect.clone());
        let url = wire.authorize_url()?;
        let until = self.inner.now().plus(SIGN_IN_WITHIN);
        let mut state = lock(&self.inner.state);
        state.sign_ins += 1;
        let number = state.sign_ins;
        let listening = tokio::spawn(listen(self.clone(), listener, number)).abort_handle();
        state.pending = Some(Pending {
            wire: Arc::new(wire),
            client_id,
            number,
            until,
            listening,
        });
        tracing::info!("a sign-in to Spotify was begun; the browser may take five minutes");
        Ok(SignIn {
            url,
            redirect,
            until,
        })
    }

    /// Ends a sign-in with the address that the browser came back to, pasted by the user.
    ///
    /// # Errors
    /// [`Error::SignInFailed`]: one with the wrong state ends nothing, and can be tried again.
    pub async fn complete(&self, url: &str) -> Result<(), Error> {
        self.finish(url.trim(), None).await
    }

    /// Forgets the grant, everywhere. Signed out is whoever calls this, also where it fails.
    ///
    /// # Errors
    /// [`Error::KeptByKeyring`], [`Error::Storage`]: something of it is still there, and never used again.
    pub async fn sign_out(&self) -> Result<(), Error> {
        let outcome = self.inner.sign_out().await;
        tracing::info!("signed out of Spotify");
        outcome
    }

    async fn finish(&self, url: &str, number: Option<u64>) -> Result<(), Error> {
        let inner = &self.inner;
        let failed = |why: &str| Error::SignInFailed(why.into());
        let (wire, client_id, own) = match &lock(&inner.state).pending {
            Some(pending) if number.is_none_or(|number| number == pending.number) => (
                Arc::clone(&pending.wire),
                pending.client_id.clone(),
                pending.number,
            ),
            _ => {
                return Err(failed(
                    "No sign-in is under way; begin one with `moodlark spotify login`.",
                ));
            }
        };
        let Some(code) = wire.code_in(url) else {
            return Err(if says_denied(url, &wire) {
                self.ended(own, Err(failed("You said no on Spotify's page.")))
            } else {
                failed(
                    "This is not the address that this sign-in comes back to; paste the whole address from the browser.",
                )
            });
        };
        let outcome = match wire.token_of_code(&code).await {
            Ok(answer) => {
                let now = inner.now();
                match Grant::first(&client_id, &answer, now) {
                    Some(grant) => {
                        if inner.take_up(grant, &answer, own).await {
                            Ok(())
                        } else {
                            // The user signed out, or began anew, before the answer was there.
                            Err(Error::SignInFailed(tr!(
                                "This sign-in was given up; begin again with `moodlark spotify login`."
                            )))
                        }
                    }
                    None => Err(Error::Garbled),
                }
            }
            Err(Error::SignInExpired) => Err(failed(
                "Spotify does not take the code; begin again with `moodlark spotify login`.",
            )),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => {
                self.ended(own, Ok(()));
                Ok(())
            }
            Err(error) => Err(self.ended(own, Err(error))),
        }
    }

    /// Ends the sign-in of that number, and tells how. Gives the error back.
    fn ended(&self, number: u64, outcome: Result<(), Error>) -> Error {
        let mut state = lock(&self.inner.state);
        // The task that listens may be the one that is in here: it ends by itself.
        let pending = state.pending.take_if(|pending| pending.number == number);
        drop(state);
        let error = outcome.clone().err().unwrap_or(Error::Garbled);
        // A browser may ask twice; the first time counts.
        if let Some(pending) = pending {
            match &outcome {
                Ok(()) => tracing::info!("signed in to Spotify"),
                Err(error) => tracing::warn!("the sign-in to Spotify failed: {}", error.name()),
            }
            // Nobody listens only when the service ends.
            let _ = self.inner.ended.send(Ended { outcome });
            // Not at once: the browser's page is still to be answered.
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(500)).await;
                drop(pending);
            });
        }
        error
    }
}

/// The user pressed "Cancel": `error=access_denied`, with our own state.
fn says_denied(url: &str, wire: &Wire) -> bool {
    let Some((_, query)) = url.split_once('?') else {
        return false;
    };
    let denied = query.split('&').any(|pair| pair.starts_with("error="));
    // The state is checked by the same function that checks it for a code.
    denied && wire.code_in(&format!("{url}&code=none")).is_some()
}

async fn listen(spotify: Spotify, listener: Listener, number: u64) {
    let serving = async {
        loop {
            let (url, visitor) = listener.next().await;
            let outcome = spotify.finish(&url, Some(number)).await;
            let over = lock(&spotify.inner.state)
                .pending
                .as_ref()
                .is_none_or(|pending| pending.number != number);
            match outcome {
                Ok(()) => visitor.answer(Page::Good).await,
                Err(error) => visitor.answer(Page::Bad(error.to_string())).await,
            }
            if over {
                return;
            }
        }
    };
    if tokio::time::timeout(SIGN_IN_WITHIN, serving).await.is_err() {
        let why = "Nobody said yes on Spotify's page within five minutes; begin again with `moodlark spotify login`.";
        spotify.ended(number, Err(Error::SignInFailed(why.into())));
    }
}

impl Inner {
    /// The client ID, if there is one.
    pub(crate) fn client_id(&self) -> Result<String, Error> {
        let Settings { client_id, .. } = &lock(&self.state).settings;
        client_id
            .clone()
            .filter(|id| !id.is_empty())
            .ok_or(Error::NoClientId)
    }
}
