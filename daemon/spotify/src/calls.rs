//! A call from its beginning: the grant, a token that holds, and the answer judged.

use std::{sync::Arc, time::Duration};

use moodlark_core::time::Timestamp;

use crate::{
    Error, Grant, Place, Standing,
    answer::judge,
    model::TokenAnswer,
    spotify::{Inner, Kept, Line, lock},
    wire::{Call, Unanswered, Wire},
};

/// An access token is given back so long before it ends.
const SPARE: Duration = Duration::from_secs(60);
/// Where an answer names no span.
const USUAL_SPAN: Duration = Duration::from_secs(3600);
impl Inner {
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The grant for the app that is configured.
    pub(crate) async fn grant(self: &Arc<Self>) -> Result<Grant, Error> {
        let client_id = self.client_id()?;
        {
            let state = lock(&self.state);
            if state.expired {
                return Err(Error::SignInExpired);
            }
            if let Some(kept) = &state.kept {
                return Ok(kept.grant.clone());
            }
            if state.looked {
                return Err(Error::NotSignedIn);
            }
        }
        let found = match self.store.load().await {
            Err(Error::KeyringLocked) => {
                self.wait_for_keyring();
                return Err(Error::KeyringLocked);
            }
            found => found?,
        };
        let mut state = lock(&self.state);
        state.looked = true;
        match found {
            // One that was given to another app is of no use with this one.
            Some((grant, place)) if grant.client_id == client_id => {
                state.kept = Some(Kept {
                    grant: grant.clone(),
                    place,
                });
                Ok(grant)
            }
            _ => Err(Error::NotSignedIn),
        }
    }

    /// Goes on when the keyring is open: reads the grant then, or puts there what is in memory only.
    fn wait_for_keyring(self: &Arc<Self>) {
        let Some(keyring) = self.store.keyring.clone() else {
            return;
        };
        if std::mem::replace(&mut lock(&self.state).waiting, true) {
            return;
        }
        tracing::info!("the keyring is locked; Spotify's Web API waits until it is unlocked");
        let inner = Arc::downgrade(self);
        tokio::spawn(async move {
            keyring.unlocked().await;
            let Some(inner) = inner.upgrade() else {
                return;
            };
            tracing::info!("the keyring is unlocked");
            let unsaved = {
                let mut state = lock(&inner.state);
                state.waiting = false;
                let kept = state.kept.as_ref();
                kept.filter(|kept| kept.place == Place::Memory)
                    .map(|kept| kept.grant.clone())
            };
            if let Some(grant) = unsaved {
                inner.keep(grant, None).await;
            }
        });
    }

    /// Keeps a grant in memory and at its place. One that cannot be written down serves until the service ends.
    async fn keep(self: &Arc<Self>, grant: Grant, place: Option<Place>) {
        let kept_at = place.filter(|place| *place != Place::Memory);
        let place = match self.store.save(&grant, kept_at.as_ref()).await {
            Ok(place) => place,
            Err(Error::KeyringLocked) => Place::Memory,
            Err(error) => {
                tracing::warn!("the sign-in to Spotify holds only until the service ends: {error}");
                Place::Memory
            }
        };
        let wait = place == Place::Memory;
        {
            let mut state = lock(&self.state);
            state.looked = true;
            state.kept = Some(Kept { grant, place });
        }
        if wait {
            self.wait_for_keyring();
        }
    }

    /// Takes up a fresh grant.
    pub(crate) async fn take_up(
        self: &Arc<Self>,
        grant: Grant,
        answer: &TokenAnswer,
        now: Timestamp,
    ) {
        {
            let mut state = lock(&self.state);
            state.forget();
            // The user tries anew: so may we.
            state.memory.limits = crate::Limits::default();
            state.memory.save();
            state.access = access(answer, now);
        }
        self.keep(grant, None).await;
    }

    /// A token that holds, from memory or by a refresh.
    async fn access(self: &Arc<Self>, wire: &Wire, stale: Option<&str>) -> Result<String, Error> {
        let grant = self.grant().await?;
        let now = self.now();
        {
            let state = lock(&self.state);
            if let Some((token, until)) = &state.access
                && now.plus(SPARE) < *until
                && stale != Some(token.as_str())
            {
                return Ok(token.clone());
            }
        }
        if grant.standing(now) == Standing::Over {
            return Err(Error::SignInExpired);
        }
        lock(&self.state).calls += 1;
        let answer = match wire.token_of_refresh(&grant.refresh_token).await {
            Ok(answer) => answer,
            Err(error) => {
                let mut state = lock(&self.state);
                state.access = None;
                state.expired |= error == Error::SignInExpired;
                return Err(error);
            }
        };
        let Some((token, until)) = access(&answer, now) else {
            return Err(Error::Garbled);
        };
        let renewed = grant.renewed(&answer);
        let place = {
            let mut state = lock(&self.state);
            state.access = Some((token.clone(), until));
            state.kept.as_ref().map(|kept| kept.place.clone())
        };
        // A refresh token that was rotated is the only one that still works: it goes to its place before it
        // is relied on.
        if renewed != grant {
            self.keep(renewed, place).await;
        }
        Ok(token)
    }

    pub(crate) async fn call(
        self: &Arc<Self>,
        line: &mut Line,
        call: &Call<'_>,
        what: &str,
    ) -> Result<String, Error> {
        let client_id = self.client_id()?;
        lock(&self.state).memory.limits.check(self.now())?;
        // Not before it is known that there is a reason to build it.
        self.grant().await?;
        let wire = match &line.wire {
            Some((id, wire)) if *id == client_id => Arc::clone(wire),
            _ => {
                let wire = Arc::new(Wire::new(&self.server, &client_id));
                line.wire = Some((client_id, Arc::clone(&wire)));
                wire
            }
        };
        let mut stale = None;
        loop {
            let token = self.access(&wire, stale.as_deref()).await?;
            lock(&self.state).calls += 1;
            match wire.call(&token, call).await {
                Ok(text) => return Ok(text),
                // It ended early; once is enough to try with a new one.
                Err(Unanswered::Refused(refusal)) if refusal.status == 401 && stale.is_none() => {
                    stale = Some(token);
                }
                Err(Unanswered::Refused(refusal)) => return Err(judge(&refusal, what)),
                Err(Unanswered::Silent(error)) => return Err(error),
            }
        }
    }
}

fn access(answer: &TokenAnswer, now: Timestamp) -> Option<(String, Timestamp)> {
    let token = answer.access_token.clone()?;
    let span = answer.expires_in.map_or(USUAL_SPAN, Duration::from_secs);
    Some((token, now.plus(span)))
}
