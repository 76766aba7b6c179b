//! Playlists by name: the user's own, and what a search finds.

use crate::{
    Error, Spotify,
    model::{Page, Playlist, Search},
    spotify::lock,
};

/// As many as a page holds at most.
const A_PAGE: usize = 50;
/// Pages of the user's own playlists.
const MOST_PAGES: usize = 10;
/// Calls that a switch needs after it knows its playlist: what plays, the devices, the command, and the look at what
/// came of it.
const KEPT_BACK: u32 = 4;
/// As many as a search gives at most, since 2026.
const FOUND_AT_MOST: usize = 10;

/// A playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is called.
    pub name: String,
    /// `spotify:playlist:…`
    pub uri: String,
    /// Whose it is; may be empty.
    pub owner: String,
    /// Whether it is in the user's library; else the search found it.
    pub yours: bool,
}

impl Spotify {
    /// The user's playlists whose name has `query` in it, and what Spotify finds for it; all of the user's for an
    /// empty query. Remembers what the names mean.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn playlists(&self, query: &str) -> Result<Vec<Found>, Error> {
        let query = query.trim();
        let mut found = Vec::new();
        let mut complete = false;
        for page in 0..MOST_PAGES {
            let (lists, more) = self.page(page).await?;
            found.extend(lists);
            if !more {
                complete = true;
                break;
            }
        }
        self.learn(&found, complete);
        if query.is_empty() {
            return Ok(found);
        }
        let wanted = query.to_lowercase();
        found.retain(|list| list.name.to_lowercase().contains(&wanted));
        let search = vec![
            ("q", query.to_owned()),
            ("type", "playlist".to_owned()),
            ("limit", FOUND_AT_MOST.to_string()),
        ];
        let answer: Search = self.get("search", search, query).await?;
        for list in entries(answer.playlists, false) {
            if !found.iter().any(|known| known.uri == list.uri) {
                found.push(list);
            }
        }
        Ok(found)
    }

    /// What a name means: known from before, or on the pages of the user's playlists, read until it is there. Of a
    /// step whose calls are counted, as many are left as a switch needs.
    ///
    /// # Errors
    /// [`Error::NoPlaylist`]: it is on no page; [`Error::NotAmongFirst`]: on none that could be read; and others.
    pub async fn resolve(&self, name: &str) -> Result<String, Error> {
        if let Some(uri) = self.known(name) {
            return Ok(uri);
        }
        let mut read = Vec::new();
        for page in 0..MOST_PAGES {
            if page > 0 && self.budget.left() <= KEPT_BACK {
                return Err(Error::NotAmongFirst(name.into()));
            }
            let (lists, more) = self.page(page).await?;
            read.extend(lists);
            self.learn(&read, !more);
            if let Some(uri) = self.known(name) {
                return Ok(uri);
            }
            if !more {
                break;
            }
        }
        Err(Error::NoPlaylist(name.into()))
    }

    /// What a name means, as far as is known here. Sends nothing.
    #[must_use]
    pub fn known(&self, name: &str) -> Option<String> {
        lock(&self.inner.state)
            .memory
            .playlist(name.trim())
            .map(Into::into)
    }

    async fn page(&self, number: usize) -> Result<(Vec<Found>, bool), Error> {
        let query = vec![
            ("limit", A_PAGE.to_string()),
            ("offset", (number * A_PAGE).to_string()),
        ];
        let page: Page = self.get("me/playlists", query, "your playlists").await?;
        let more = page.next.is_some();
        Ok((entries(Some(page), true), more))
    }

    /// Remembers what names mean. `complete`: these are all, and what is not among them is no longer there.
    fn learn(&self, lists: &[Found], complete: bool) {
        let mut state = lock(&self.inner.state);
        // The first of a name is the one that the user moved up.
        let names = lists
            .iter()
            .rev()
            .map(|list| (list.name.as_str(), list.uri.as_str()));
        let is_new = if complete {
            state.memory.replace(names)
        } else {
            state.memory.learn(names)
        };
        if is_new {
            state.memory.save();
        }
    }
}

/// Null entries and those without a name or a URI are passed over.
fn entries(page: Option<Page>, yours: bool) -> Vec<Found> {
    let items = page.and_then(|page| page.items).unwrap_or_default();
    let found = |list: Playlist| {
        let owner = list.owner.unwrap_or_default();
        Some(Found {
            name: list.name.filter(|name| !name.trim().is_empty())?,
            uri: list.uri.filter(|uri| !uri.is_empty())?,
            owner: owner.display_name.or(owner.id).unwrap_or_default(),
            yours,
        })
    };
    items.into_iter().flatten().filter_map(found).collect()
}
