//! `org.moodlark.Spotify1`: Spotify's Web API.

use moodlark_api::{Dict, error::Error};
use moodlark_spotify::{Standing, Status};
use zbus::{interface, object_server::SignalEmitter};

use super::dict;
use crate::spotify::{WebApi, of};

/// The interface; asks Spotify by itself, so that the main loop never waits for a network.
pub struct Spotify1(pub WebApi);

#[interface(name = "org.moodlark.Spotify1")]
impl Spotify1 {
    /// How the sign-in stands; asks nobody. Keys: configured (b), signed-in (b), place (s), since (x), ends (x),
    /// days-left (x), signing-in-until (x), trouble (s), sentence (s), calls (x).
    async fn status(&self) -> Result<Dict, Error> {
        Ok(of_status(&self.0.client().status().await))
    }

    /// Begins a sign-in, and answers with the page where the user says yes.
    async fn login(&self) -> Result<String, Error> {
        let begun = self.0.client().sign_in().await;
        begun.map(|begun| begun.url).map_err(|error| of(&error))
    }

    /// Ends a sign-in with the address that a browser elsewhere came back to.
    async fn complete(&self, url: String) -> Result<(), Error> {
        self.0
            .client()
            .complete(&url)
            .await
            .map_err(|error| of(&error))
    }

    /// Forgets the sign-in.
    async fn logout(&self) -> Result<(), Error> {
        self.0.client().sign_out().await.map_err(|error| of(&error))
    }

    /// Playlists. Keys: name (s), uri (s), owner (s), yours (b).
    async fn playlists(&self, query: String) -> Result<Vec<Dict>, Error> {
        let found = self
            .0
            .client()
            .playlists(&query)
            .await
            .map_err(|error| of(&error))?;
        let dicts = found.iter().map(|list| {
            dict::of([
                ("name", list.name.as_str().into()),
                ("uri", list.uri.as_str().into()),
                ("owner", list.owner.as_str().into()),
                ("yours", list.yours.into()),
            ])
        });
        Ok(dicts.collect())
    }

    /// A sign-in ended: whether it worked, and if not why, as a sentence.
    #[zbus(signal)]
    pub async fn sign_in_ended(
        emitter: &SignalEmitter<'_>,
        signed_in: bool,
        sentence: &str,
    ) -> zbus::Result<()>;
}

fn of_status(status: &Status) -> Dict {
    let time = |at: Option<moodlark_core::Timestamp>| at.map_or(0, |at| at.0);
    let days = match status.standing {
        Some(Standing::Good(days) | Standing::Ending(days)) => {
            i64::try_from(days).unwrap_or(i64::MAX)
        }
        Some(Standing::Over) | None => 0,
    };
    let place = status
        .place
        .as_ref()
        .map_or_else(String::new, moodlark_spotify::Place::described);
    let (trouble, sentence) = match &status.trouble {
        Some(error) => (error.name(), error.to_string()),
        None => ("", String::new()),
    };
    dict::of([
        ("configured", status.configured.into()),
        ("signed-in", status.signed_in.into()),
        ("place", place.into()),
        ("since", time(status.authorized_at).into()),
        ("ends", time(status.ends_at).into()),
        ("days-left", days.into()),
        ("signing-in-until", time(status.signing_in_until).into()),
        ("trouble", trouble.into()),
        ("sentence", sentence.into()),
        (
            "calls",
            i64::try_from(status.calls).unwrap_or(i64::MAX).into(),
        ),
    ])
}
