//! Spotify's Web API in the service: beside MPRIS, never instead of it.
//!
//! Events come from the client on the bus; the Web API acts, because it can play a playlist by name and bring back
//! what played to the second. Whatever it refuses is done over MPRIS at once, and told once. Between two switches
//! nothing is asked.

mod age;
mod elsewhere;
mod switch;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Result, bail};
use moodlark_api::error::Error as ApiError;
use moodlark_core::{Timestamp, playlist::Location, settings::SpotifySettings};
use moodlark_spotify::{Ended, Error, Server, Settings, Spotify, Status};
use tokio::sync::mpsc;

use crate::{clock, paths};

pub use elsewhere::{is_elsewhere, nothing_on_the_bus};

/// Where the tests' own Spotify is. Addresses of this machine only: a token must not be led away.
const STAND_IN: &str = "MOODLARK_SPOTIFY_STAND_IN";

/// What the main loop hears of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A sign-in ended.
    SignIn(Ended),
    /// A failure that the user should know of, unless they want to hear of none; a sentence.
    Tell(String),
    /// Only a new sign-in helps: that is asked for in any case; a sentence.
    SignInAgain(String),
    /// It is known now whether somebody is signed in.
    Known,
}

/// The handle; clones are the same.
#[derive(Clone)]
pub struct WebApi {
    spotify: Spotify,
    news: mpsc::UnboundedSender<News>,
    told: Arc<Mutex<Told>>,
}

/// What the user was told.
#[derive(Debug, Default)]
struct Told {
    /// The trouble that they know of, until something works again.
    trouble: Option<&'static str>,
    /// When a new sign-in was asked for.
    sign_in: Option<Timestamp>,
}

impl WebApi {
    /// A handle that asks nobody until there is a client ID and something to do. `bus` has the keyring on it.
    ///
    /// # Errors
    /// If a stand-in for Spotify is not on this machine.
    pub fn start(
        bus: Option<zbus::Connection>,
        state_dir: &Path,
    ) -> Result<(Self, mpsc::UnboundedReceiver<News>)> {
        let server = match std::env::var(STAND_IN) {
            Ok(url) => match Server::stand_in(&url) {
                Ok(server) => server,
                Err(why) => bail!("{STAND_IN}: {why}"),
            },
            Err(_) => Server::default(),
        };
        let host = rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned();
        let (spotify, mut ended) = Spotify::new(server, bus, state_dir, host, || clock::now().at);
        let (news, receiver) = mpsc::unbounded_channel();
        let passing = news.clone();
        tokio::spawn(async move {
            while let Some(ended) = ended.recv().await {
                if passing.send(News::SignIn(ended)).is_err() {
                    return; // the service ends
                }
            }
        });
        let mut unlocked = spotify.unlocked();
        let api = Self {
            spotify,
            news,
            told: Arc::default(),
        };
        let looking = api.clone();
        tokio::spawn(async move {
            // What a locked keyring holds is known only now: whether anybody is signed in, and for how long.
            while unlocked.changed().await.is_ok() {
                if looking.news.send(News::Known).is_err() {
                    return; // the service ends
                }
                looking.check_age().await;
            }
        });
        Ok((api, receiver))
    }

    /// The same for one switch: all that it asks Spotify together is at most six calls.
    #[must_use]
    pub fn for_one_switch(&self) -> Self {
        Self {
            spotify: self.spotify.for_one_step(),
            ..self.clone()
        }
    }

    /// Follows the configuration.
    pub fn configure(&self, settings: &SpotifySettings) {
        self.spotify.configure(Settings {
            client_id: settings.client_id.clone(),
            any_device: settings.any_device,
        });
    }

    /// What the bus and the doctor ask.
    #[must_use]
    pub fn client(&self) -> &Spotify {
        &self.spotify
    }

    /// How things stand; `None` without a client ID.
    pub async fn status(&self) -> Option<Status> {
        if self.spotify.is_configured() {
            Some(self.spotify.status().await)
        } else {
            None
        }
    }

    /// The URI that a player is given for a playlist's place: a name of Spotify's is looked up.
    ///
    /// # Errors
    /// As [`paths::uri_of`], and what Spotify says.
    pub async fn uri_of(&self, location: &Location) -> Result<String, ApiError> {
        match location {
            Location::Spotify(name) => self.spotify.resolve(name).await.map_err(|error| of(&error)),
            other => paths::uri_of(other).map_err(ApiError::PlaylistUnreadable),
        }
    }

    /// Tells of trouble once: again only after something has worked, or when it is another.
    fn tell_once(&self, error: &Error) {
        // Who has not signed in has not asked for it.
        if matches!(error, Error::NoClientId | Error::NotSignedIn) {
            return;
        }
        // Nor is there anything to be done about a switch that would have asked too often.
        if matches!(error, Error::OutOfCalls) {
            tracing::info!("MPRIS does it: {error}");
            return;
        }
        let known = self.told().trouble.replace(error.name());
        if known == Some(error.name()) {
            tracing::debug!("Spotify's Web API still does not help: {error}");
            return;
        }
        tracing::warn!("Spotify's Web API does not help, MPRIS does it: {error}");
        if matches!(error, Error::SignInExpired) {
            self.ask_for_sign_in(error.to_string());
        } else {
            // Nobody listens only when the service ends.
            let _ = self.news.send(News::Tell(error.to_string()));
        }
    }

    fn works(&self) {
        self.told().trouble = None;
    }

    fn ask_for_sign_in(&self, sentence: String) {
        // Nobody listens only when the service ends.
        let _ = self.news.send(News::SignInAgain(sentence));
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As a named error of the bus.
#[must_use]
pub fn of(error: &Error) -> ApiError {
    match error {
        Error::NoPlaylist(_) | Error::NotAmongFirst(_) => ApiError::NoPlaylist(error.to_string()),
        Error::Storage(_) => ApiError::Storage(error.to_string()),
        _ => ApiError::Spotify(error.to_string()),
    }
}
