//! Looking for a grant, keeping it, renewing it and forgetting it: one of these at a time, and none of them given up
//! half-way. A refresh token that was rotated is the only one that still works.
//!
//! Whoever changes the grant holds [`Inner::changing`]. Settings and a sign-out do not wait for it: they count
//! [`State::generation`](crate::spotify::State) up, and what was begun before that is not taken up any more.

use std::{sync::Arc, time::Duration};

use moodlark_catalogue::tr;
use moodlark_core::time::Timestamp;

use crate::{
    Error, Grant, Place, Standing,
    answer::holds,
    budget::Budget,
    keyring::Trouble,
    model::TokenAnswer,
    spotify::{Inner, Kept, State, lock},
    store::Loaded,
    wire::Wire,
};

/// An access token is given back so long before it ends.
const SPARE: Duration = Duration::from_secs(60);
/// Where an answer names no span.
const USUAL_SPAN: Duration = Duration::from_secs(3600);
/// A keyring that does not answer is not waited for at every switch.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

impl State {
    /// What is known of the grant without a look.
    fn known(&self, now: Timestamp) -> Option<Result<Grant, Error>> {
        if self.expired {
            return Some(Err(Error::SignInExpired));
        }
        if let Some(kept) = &self.kept {
            return Some(Ok(kept.grant.clone()));
        }
        (self.looked || holds(self.look_after, now, LOOK_AGAIN)).then_some(Err(Error::NotSignedIn))
    }

    /// A token that holds, and is not the one that was just refused.
    fn token(&self, now: Timestamp, stale: Option<&str>) -> Option<String> {
        let (token, until) = self.access.as_ref()?;
        (now.plus(SPARE) < *until && stale != Some(token.as_str())).then(|| token.clone())
    }
}

impl Inner {
    /// The grant for the app that is configured.
    pub(crate) async fn grant(self: &Arc<Self>) -> Result<Grant, Error> {
        self.client_id()?;
        if let Some(known) = lock(&self.state).known(self.now()) {
            return known;
        }
        let _changing = self.changing.lock().await;
        // Somebody else may have looked meanwhile.
        if let Some(known) = lock(&self.state).known(self.now()) {
            return known;
        }
        self.look(true).await
    }

    /// Looks into the places. `waits`: goes on by itself when a locked keyring is opened.
    async fn look(self: &Arc<Self>, waits: bool) -> Result<Grant, Error> {
        let client_id = self.client_id()?;
        let (generation, signed_out) = {
            let state = lock(&self.state);
            (state.generation, state.memory.signed_out)
        };
        let found = if signed_out {
            // The user's word counts, whatever a keyring still holds.
            if let Err(why) = self.clear(waits).await {
                tracing::info!("{why}");
            }
            Loaded::Nothing
        } else {
            match self.store.load().await {
                Err(Error::KeyringLocked) => {
                    if waits {
                        self.wait_for_keyring();
                    }
                    return Err(Error::KeyringLocked);
                }
                found => found?,
            }
        };
        let mut state = lock(&self.state);
        if state.generation != generation {
            return Err(Error::NotSignedIn);
        }
        match found {
            // One that was given to another app is of no use with this one.
            Loaded::Found(grant, place) if grant.client_id == client_id => {
                state.looked = true;
                state.kept = Some(Kept {
                    grant: grant.clone(),
                    place,
                });
                return Ok(grant);
            }
            Loaded::Found(..) | Loaded::Nothing => state.looked = true,
            Loaded::NoKeyring => {}
            Loaded::Silent => state.look_after = Some(self.now().plus(LOOK_AGAIN)),
        }
        Err(Error::NotSignedIn)
    }

    /// Goes on when the keyring is open: puts there what is in memory only, deletes what a sign-out left, or reads
    /// the grant.
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
            let _changing = inner.changing.lock().await;
            let (known, unsaved, signed_out, generation) = {
                let mut state = lock(&inner.state);
                state.waiting = false;
                let kept = state.kept.as_ref();
                let unsaved = kept
                    .filter(|kept| !kept.place.lasts())
                    .map(|kept| kept.grant.clone());
                (
                    kept.is_some(),
                    unsaved,
                    state.memory.signed_out,
                    state.generation,
                )
            };
            // None of these waits again: what is locked still is in a collection of another kind, and waiting
            // for that would end at once, and for ever.
            if let Some(grant) = unsaved {
                inner.keep(grant, None, generation, false).await;
            } else if !known && signed_out {
                if let Err(why) = inner.clear(false).await {
                    tracing::warn!("the sign-out could not be finished: {why}");
                }
            } else if !known && let Err(why) = inner.look(false).await {
                tracing::info!("the keyring was looked into: {why}");
            }
            inner.known.send_modify(|times| *times += 1);
        });
    }

    /// Keeps a grant in memory and at its place, unless it has been forgotten meanwhile. One that cannot be written
    /// down serves until the service ends.
    async fn keep(
        self: &Arc<Self>,
        grant: Grant,
        place: Option<Place>,
        generation: u64,
        waits: bool,
    ) {
        {
            let mut state = lock(&self.state);
            if state.generation == generation {
                let place = place.clone().unwrap_or(Place::Memory);
                // Before it is written: it is the one that works, whatever becomes of the writing.
                state.kept = Some(Kept {
                    grant: grant.clone(),
                    place,
                });
            } else if state.memory.signed_out {
                return;
            }
            // Else the settings name another app: this one's grant is still worth keeping.
        }
        let kept_at = place.filter(Place::lasts);
        let place = match self.store.save(&grant, kept_at.as_ref()).await {
            Ok(place) => place,
            Err(Error::KeyringLocked) => Place::Memory,
            Err(error) => {
                tracing::warn!("the sign-in to Spotify holds only until the service ends: {error}");
                Place::Unwritten
            }
        };
        let wait = waits && place == Place::Memory;
        {
            let mut state = lock(&self.state);
            if state.generation != generation {
                return;
            }
            // What an old sign-out left behind was replaced just now, or is older than the file.
            if place.lasts() && std::mem::take(&mut state.memory.signed_out) {
                state.memory.save();
            }
            state.looked = true;
            state.kept = Some(Kept { grant, place });
        }
        if wait {
            self.wait_for_keyring();
        }
    }

    /// Takes up the grant of the sign-in of this number, and is not given up half-way. Whether it was taken: one
    /// that was given up, or signed out of, meanwhile is not.
    pub(crate) async fn take_up(
        self: &Arc<Self>,
        grant: Grant,
        answer: &TokenAnswer,
        number: u64,
    ) -> bool {
        let inner = Arc::clone(self);
        let access = access(answer, self.now());
        let taking = tokio::spawn(async move {
            let _changing = inner.changing.lock().await;
            let generation = {
                let mut state = lock(&inner.state);
                if state.pending.as_ref().map(|pending| pending.number) != Some(number) {
                    return false;
                }
                state.forget();
                // The user tries anew: so may we.
                state.memory.limits = crate::Limits::default();
                state.memory.save();
                state.access = access;
                state.generation
            };
            inner.keep(grant, None, generation, true).await;
            true
        });
        taking.await.unwrap_or(false)
    }

    /// Forgets the grant at once, and deletes it wherever it is.
    ///
    /// # Errors
    /// [`Error::KeptByKeyring`], [`Error::Storage`]: signed out, but not all could be deleted yet.
    pub(crate) async fn sign_out(self: &Arc<Self>) -> Result<(), Error> {
        {
            let mut state = lock(&self.state);
            state.pending = None;
            state.forget();
            state.memory.playlists.clear();
            // On disk before anything is deleted: what is interrupted is finished at the next start.
            state.memory.signed_out = true;
            state.memory.save();
        }
        let inner = Arc::clone(self);
        let clearing = tokio::spawn(async move {
            let _changing = inner.changing.lock().await;
            if lock(&inner.state).kept.is_some() {
                return Ok(()); // signed in anew meanwhile
            }
            inner.clear(true).await
        });
        clearing.await.unwrap_or(Err(Error::Garbled))
    }

    /// Deletes what a sign-out left.
    async fn clear(self: &Arc<Self>, waits: bool) -> Result<(), Error> {
        let cleared = self.store.clear().await;
        if let (Ok(()), Ok(())) = (&cleared.file, &cleared.keyring) {
            let mut state = lock(&self.state);
            state.memory.signed_out = false;
            state.memory.save();
            return Ok(());
        }
        match cleared.keyring {
            Err(Trouble::Locked) => {
                if waits {
                    self.wait_for_keyring();
                }
                cleared.file.map_err(Error::Storage)?;
                Err(Error::KeptByKeyring)
            }
            Err(Trouble::Failed(why)) => Err(Error::Storage(tr!(
                "The keyring cannot be asked: {why}.",
                why
            ))),
            // There is no keyring now. One that starts later is not believed, and cleared then.
            Err(Trouble::None) | Ok(()) => cleared.file.map_err(Error::Storage),
        }
    }

    /// A token that holds, from memory or by a refresh. The refresh goes on when the caller gives up.
    pub(crate) async fn access(
        self: &Arc<Self>,
        wire: &Arc<Wire>,
        client_id: &str,
        stale: Option<&str>,
        budget: &Budget,
    ) -> Result<String, Error> {
        self.grant().await?;
        if let Some(token) = lock(&self.state).token(self.now(), stale) {
            return Ok(token);
        }
        let (inner, wire, budget) = (Arc::clone(self), Arc::clone(wire), budget.clone());
        let (client_id, stale) = (client_id.to_owned(), stale.map(str::to_owned));
        let changing = Arc::clone(&self.changing).lock_owned().await;
        let refreshing = tokio::spawn(async move {
            let _changing = changing;
            inner.refresh(&wire, &client_id, stale, &budget).await
        });
        refreshing.await.unwrap_or(Err(Error::Garbled))
    }

    async fn refresh(
        self: &Arc<Self>,
        wire: &Wire,
        client_id: &str,
        stale: Option<String>,
        budget: &Budget,
    ) -> Result<String, Error> {
        let now = self.now();
        let (generation, grant, place) = {
            let mut state = lock(&self.state);
            // One that was given up by its caller may have come through.
            if let Some(token) = state.token(now, stale.as_deref()) {
                return Ok(token);
            }
            if state.expired {
                return Err(Error::SignInExpired);
            }
            let kept = state
                .kept
                .as_ref()
                .filter(|kept| kept.grant.client_id == client_id)
                .ok_or(Error::NotSignedIn)?;
            if kept.grant.standing(now) == Standing::Over {
                return Err(Error::SignInExpired);
            }
            let (grant, place) = (kept.grant.clone(), kept.place.clone());
            budget.take()?;
            state.calls += 1;
            (state.generation, grant, place)
        };
        let answer = match wire.token_of_refresh(&grant.refresh_token).await {
            Ok(answer) => answer,
            Err(error) => {
                let mut state = lock(&self.state);
                if state.generation == generation {
                    state.access = None;
                    state.expired |= error == Error::SignInExpired;
                }
                return Err(error);
            }
        };
        let renewed = grant.renewed(&answer);
        let fresh = access(&answer, now);
        let current = {
            let mut state = lock(&self.state);
            let current = state.generation == generation;
            if current {
                state.access.clone_from(&fresh);
            }
            current
        };
        if renewed != grant {
            self.keep(renewed, Some(place), generation, true).await;
        }
        match fresh {
            _ if !current => Err(Error::NotSignedIn),
            Some((token, _)) => Ok(token),
            None => Err(Error::Garbled),
        }
    }
}

fn access(answer: &TokenAnswer, now: Timestamp) -> Option<(String, Timestamp)> {
    let token = answer.access_token.clone()?;
    let span = answer.expires_in.map_or(USUAL_SPAN, Duration::from_secs);
    Some((token, now.plus(span)))
}
