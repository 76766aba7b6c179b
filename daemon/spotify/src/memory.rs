//! What outlives a run and is no secret: until when Spotify asked to be left alone, what names mean, and whether
//! a sign-out is still to be finished.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{Limits, file};

/// Nobody has more playlists that matter.
const MOST_NAMES: usize = 1000;

/// The memory, on disk beside the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    pub(crate) limits: Limits,
    /// From the names of the user's playlists to their URIs.
    pub(crate) playlists: BTreeMap<String, String>,
    /// The user has signed out, and what a keyring may still hold is to be deleted, not used.
    pub(crate) signed_out: bool,
    #[serde(skip)]
    path: PathBuf,
}

impl Memory {
    /// From the folder of the journal. One that cannot be read is forgotten: nothing in it is dear.
    pub(crate) fn open(folder: &Path) -> Self {
        let path = folder.join("spotify.json");
        let text = file::read(&path).unwrap_or_else(|why| {
            tracing::warn!("what was known of Spotify is not taken up again: {why}");
            None
        });
        let known: Self = text
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Self { path, ..known }
    }

    /// Writes it down.
    pub(crate) fn save(&self) {
        let written = serde_json::to_string(self)
            .map_err(|error| error.to_string())
            .and_then(|text| file::write(&self.path, &text));
        if let Err(why) = written {
            tracing::warn!("what is known of Spotify could not be kept: {why}");
        }
    }

    /// Takes in names; whether anything is new.
    pub(crate) fn learn<'a>(
        &mut self,
        names: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> bool {
        let before = self.playlists.clone();
        for (name, uri) in names {
            if self.playlists.len() < MOST_NAMES || self.playlists.contains_key(name) {
                self.playlists.insert(name.to_owned(), uri.to_owned());
            }
        }
        self.playlists != before
    }

    /// Takes these names in place of the old ones: a list that was read to its end. Whether anything is new.
    pub(crate) fn replace<'a>(
        &mut self,
        names: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> bool {
        let before = std::mem::take(&mut self.playlists);
        self.learn(names);
        self.playlists != before
    }

    /// Drops the names of what is no longer there; whether there were any.
    pub(crate) fn drop_playlist(&mut self, uri: &str) -> bool {
        let before = self.playlists.len();
        self.playlists.retain(|_, known| known != uri);
        self.playlists.len() != before
    }

    /// What a name means; letter case counts only when two differ by nothing else.
    pub(crate) fn playlist(&self, name: &str) -> Option<&str> {
        self.playlists
            .get(name)
            .or_else(|| {
                let wanted = name.to_lowercase();
                let found = self
                    .playlists
                    .iter()
                    .find(|(known, _)| known.to_lowercase() == wanted);
                found.map(|(_, uri)| uri)
            })
            .map(String::as_str)
    }
}
