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
}

impl Place {
    /// For people.
    #[must_use]
    pub fn described(&self) -> String {
        match self {
            Self::Keyring => tr!("in your keyring"),
            Self::File(path) => format!("in {}", path.display()),
            Self::Memory => tr!("in memory only, until your keyring is unlocked"),
        }
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

    /// The grant, and where it was found. The file is read only where the keyring holds none.
    ///
    /// # Errors
    /// [`Error::KeyringLocked`], [`Error::Storage`].
    pub(crate) async fn load(&self) -> Result<Option<(Grant, Place)>, Error> {
        let mut locked = false;
        if let Some(keyring) = &self.keyring {
            match keyring.read().await {
                Ok(Some(text)) => return Ok(Some((parse(&text)?, Place::Keyring))),
                Ok(None) | Err(Trouble::None) => {}
                Err(Trouble::Locked) => locked = true,
                Err(Trouble::Failed(why)) => tracing::warn!("the keyring cannot be asked: {why}"),
            }
        }
        match file::read(&self.file).map_err(Error::Storage)? {
            Some(text) => Ok(Some((parse(&text)?, Place::File(self.file.clone())))),
            None if locked => Err(Error::KeyringLocked),
            None => Ok(None),
        }
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

    /// Forgets it everywhere.
    ///
    /// # Errors
    /// [`Error::KeyringLocked`], [`Error::Storage`]: it is still somewhere.
    pub(crate) async fn clear(&self) -> Result<(), Error> {
        file::remove(&self.file).map_err(Error::Storage)?;
        match &self.keyring {
            Some(keyring) => keyring.clear().await.map_err(|trouble| match trouble {
                Trouble::Locked => Error::KeyringLocked,
                Trouble::None => Error::Storage(tr!("There is no keyring.")),
                Trouble::Failed(why) => {
                    Error::Storage(tr!("The keyring cannot be asked: {why}.", why))
                }
            }),
            None => Ok(()),
        }
    }
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
        assert_eq!(store.load().await, Ok(None));
        let place = store.save(&grant(), None).await.unwrap();
        assert!(matches!(place, Place::File(_)));
        assert_eq!(store.load().await, Ok(Some((grant(), place))));
        store.clear().await.unwrap();
        assert_eq!(store.load().await, Ok(None));
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
