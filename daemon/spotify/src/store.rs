//! Where the grant is kept: in the Secret Service, or else in one private file.

use std::path::{Path, PathBuf};

use moodlark_catalogue::tr;
use zbus::Connection;

use crate::{
    Error, Grant, file,
    keyring::{Keyring, Trouble},
};

/// Where a grant is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the keyring.
    Keyring,
    /// In this file.
    File(PathBuf),
    /// In memory only, until the keyring is unlocked.
    Memory,
    /// In memory only: no place takes it.
    Unwritten,
}

impl Place {
    /// For people.
    #[must_use]
    pub fn described(&self) -> String {
        match self {
            Self::Keyring => tr!("in your keyring"),
            Self::File(path) => format!("in {}", path.display()),
            Self::Memory => tr!("in memory only, until your keyring is unlocked"),
            Self::Unwritten => {
                tr!("in memory only, as it could not be written; it is lost when the service ends")
            }
        }
    }

    /// Whether it outlives the service.
    pub(crate) const fn lasts(&self) -> bool {
        matches!(self, Self::Keyring | Self::File(_))
    }
}

/// Both places.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) keyring: Option<Keyring>,
    file: PathBuf,
}

impl Store {
    pub(crate) fn new(bus: Option<Connection>, folder: &Path) -> Self {
        Self {
            keyring: bus.map(|bus| Keyring { bus }),
            file: folder.join("spotify-sign-in.json"),
        }
    }

    /// The grant, and where it was found. The file comes first: what the keyring takes deletes it, so that a file
    /// that is there is newer. One that cannot be read counts only where the keyring has nothing.
    ///
    /// # Errors
    /// [`Error::KeyringLocked`], [`Error::Storage`].
    pub(crate) async fn load(&self) -> Result<Loaded, Error> {
        let in_file = match file::read(&self.file) {
            Ok(None) => Ok(()),
            Ok(Some(text)) => match parse(&text) {
                Ok(grant) => return Ok(Loaded::Found(grant, Place::File(self.file.clone()))),
                Err(error) => Err(error),
            },
            Err(why) => Err(Error::Storage(why)),
        };
        let answer = match &self.keyring {
            None => Loaded::Nothing,
            Some(keyring) => match keyring.read().await {
                Ok(Some(text)) => return Ok(Loaded::Found(parse(&text)?, Place::Keyring)),
                Ok(None) => Loaded::Nothing,
                Err(Trouble::None) => Loaded::NoKeyring,
                Err(Trouble::Locked) => return Err(Error::KeyringLocked),
                Err(Trouble::Failed(why)) => {
                    tracing::warn!("the keyring cannot be asked: {why}");
                    Loaded::Silent
                }
            },
        };
        in_file.map(|()| answer)
    }

    /// Keeps a grant; where one was kept before (`place`), there again. Answers where it is now.
    ///
    /// # Errors
    /// [`Error::KeyringLocked`], [`Error::Storage`]: it is kept nowhere.
    pub(crate) async fn save(&self, grant: &Grant, place: Option<&Place>) -> Result<Place, Error> {
        let text = serde_json::to_string(grant)
            .map_err(|_| Error::Storage(tr!("The sign-in could not be written.")))?;
        if let Some(keyring) = &self.keyring
            && !matches!(place, Some(Place::File(_)))
        {
            match keyring.write(&text).await {
                Ok(()) => {
                    // What an earlier sign-in left in the file is worth nothing now.
                    file::remove(&self.file).map_err(Error::Storage)?;
                    return Ok(Place::Keyring);
                }
                Err(Trouble::Locked) => return Err(Error::KeyringLocked),
                Err(Trouble::None) => {}
                Err(Trouble::Failed(why)) => {
                    tracing::warn!("the keyring does not take the sign-in; a file does: {why}");
                }
            }
        }
        let path = self.file.clone();
        let written = tokio::task::spawn_blocking(move || file::write(&path, &text)).await;
        written
            .map_err(|error| Error::Storage(format!("{error}.")))?
            .map_err(Error::Storage)?;
        Ok(Place::File(self.file.clone()))
    }

    /// Deletes it everywhere: both places are tried, whatever the other one says.
    pub(crate) async fn clear(&self) -> Cleared {
        let file = file::remove(&self.file);
        let keyring = match &self.keyring {
            Some(keyring) => keyring.clear().await,
            None => Ok(()),
        };
        Cleared { file, keyring }
    }
}

/// What a look into both places found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Loaded {
    /// A grant, and where.
    Found(Grant, Place),
    /// Every place answered: there is none.
    Nothing,
    /// There is none, but no keyring either: one may start yet.
    NoKeyring,
    /// There is none, but the keyring did not say so.
    Silent,
}

/// What came of deleting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cleared {
    /// The file is gone.
    pub(crate) file: Result<(), String>,
    /// The keyring holds nothing.
    pub(crate) keyring: Result<(), Trouble>,
}

/// The error of the parser may quote what it read: it is not passed on.
fn parse(text: &str) -> Result<Grant, Error> {
    serde_json::from_str(text).map_err(|_| {
        Error::Storage(tr!(
            "The kept sign-in to Spotify cannot be read; sign in again."
        ))
    })
}

#[cfg(test)]
mod tests {
    use moodlark_core::time::Timestamp;

    use super::*;

    fn grant() -> Grant {
        Grant {
            client_id: "app".into(),
            refresh_token: "sesame".into(),
            scopes: vec!["a".into()],
            authorized_at: Timestamp(7),
        }
    }

    #[tokio::test]
    async fn without_a_keyring_the_file_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(None, folder.path());
        assert_eq!(store.load().await, Ok(Loaded::Nothing));
        let place = store.save(&grant(), None).await.unwrap();
        assert!(matches!(place, Place::File(_)));
        assert_eq!(store.load().await, Ok(Loaded::Found(grant(), place)));
        let cleared = store.clear().await;
        assert_eq!((cleared.file, cleared.keyring), (Ok(()), Ok(())));
        assert_eq!(store.load().await, Ok(Loaded::Nothing));
    }

    #[tokio::test]
    async fn a_file_that_holds_nonsense_is_told_without_quoting_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(None, folder.path());
        file::write(&folder.path().join("spotify-sign-in.json"), "\"sesame\"").unwrap();
        let why = store.load().await.unwrap_err().to_string();
        assert!(!why.contains("sesame"), "{why}");
    }
}
