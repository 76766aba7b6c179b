//! What a URI means before it is opened: the entries of a playlist file as they are on this machine, and what of them
//! a player's "now playing" can be held against.
//!
//! | | |
//! |---|---|
//! | [`format`], [`xspf`] | what is written in the file |
//! | [`resolve`] | which file an entry means |
//! | here | all of it, within a time and a size |
//!
//! A player never reads the user's file itself: it gets a list that [`super::lists`] writes from this.

use std::{
    collections::HashMap,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use moodlark_catalogue::tr;
use moodlark_core::player::{LeftOut, scheme_of};

use super::{
    error::PlayerError,
    uris::{file_uri, key, keys, path_of, paths_of},
};

mod format;
mod resolve;
mod xspf;

use format::{Kind, shown};
use resolve::{Meant, Resolver};

/// No playlist of a person is larger.
const MOST_BYTES: u64 = 64 << 20;
/// Of a longer playlist the player gets the first so many entries, which play for weeks: 200,000 keep mpv from answering
/// for two seconds, in which nothing can be verified.
pub(super) const MOST_ENTRIES: usize = 20_000;
/// A disk that is asleep or a share that is away must not hold up the service.
const READ_WITHIN: Duration = Duration::from_secs(3);
/// So long the entries of a list are looked for; the rest of a very long one is handed over unseen.
const LOOK_FOR: Duration = Duration::from_millis(1500);
/// A name in a sentence has at most so many characters.
const LONGEST_NAME: usize = 60;

/// What an opened URI may show as "now playing".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    /// One of these.
    OneOf(Places),
    /// Nobody knows: whatever was not playing before.
    Change,
}

/// The places of tracks in a list, counted from zero, by their [`key`]s; a track behind a link has two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Places(HashMap<String, usize>);

impl Expected {
    /// That track alone.
    pub(super) fn track(url: &str) -> Self {
        let places = keys(url).into_iter().map(|key| (key, 0));
        Self::OneOf(Places(places.collect()))
    }

    /// Whether a URL that the player tells can be what was opened.
    pub(super) fn fits(&self, url: &str) -> bool {
        *self == Self::Change || self.index_of(url).is_some()
    }

    /// The place of a URL in the list, counted from zero.
    pub(super) fn index_of(&self, url: &str) -> Option<usize> {
        match self {
            Self::OneOf(Places(places)) => {
                // Mostly it is written as we write it, and one look will do.
                let first = places.get(&key(url)).copied();
                first.or_else(|| keys(url).iter().find_map(|key| places.get(key).copied()))
            }
            Self::Change => None,
        }
    }
}

/// What a URI means.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// What may play then.
    pub(super) expected: Expected,
    /// What it is.
    pub(super) what: What,
}

/// What a URI stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// Something that only the player can open.
    Elsewhere,
    /// One file.
    Song(PathBuf),
    /// A playlist file.
    List(Arc<List>),
}

/// A playlist file, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct List {
    /// What the file is called, without its ending.
    pub(super) name: String,
    /// What is there, in order.
    pub(super) items: Vec<Item>,
    /// What isn't.
    pub(super) left_out: LeftOut,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) source: Source,
    /// May be empty.
    pub(super) title: String,
    pub(super) length: Option<Duration>,
}

/// Where an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A file on this machine.
    File(PathBuf),
    /// A folder or another playlist on this machine: no song.
    Other(PathBuf),
    /// Something elsewhere.
    Url(String),
}

impl Found {
    /// What only the player can open.
    pub(super) fn elsewhere() -> Self {
        Self {
            expected: Expected::Change,
            what: What::Elsewhere,
        }
    }

    /// The playlist, where it is one.
    pub(super) fn list(&self) -> Option<&Arc<List>> {
        match &self.what {
            What::List(list) => Some(list),
            What::Elsewhere | What::Song(_) => None,
        }
    }

    /// What the player does not get of it.
    pub(super) fn left_out(&self) -> LeftOut {
        self.list()
            .map(|list| list.left_out.clone())
            .unwrap_or_default()
    }

    /// Each by itself as a URI, for a player that takes tracks; `uri` is what was read.
    pub(super) fn tracks(&self, uri: &str, most: usize) -> Vec<String> {
        match &self.what {
            What::Elsewhere => vec![uri.to_owned()],
            What::Song(path) => vec![file_uri(path)],
            What::List(list) => {
                let uris = list.items.iter().filter_map(|item| match &item.source {
                    Source::File(path) => Some(file_uri(path)),
                    Source::Url(url) => Some(url.clone()),
                    Source::Other(_) => None,
                });
                uris.take(most).collect()
            }
        }
    }
}

/// Reads what `uri` will play. For a local file that is a playlist: its entries.
///
/// # Errors
/// [`PlayerError::PlaylistUnreadable`] if it is a local file that isn't there, cannot be read, is empty, or
/// lists only files that aren't there.
pub(super) async fn found(uri: &str) -> Result<Found, PlayerError> {
    if scheme_of(uri).as_deref() != Some("file") {
        return Ok(Found::elsewhere());
    }
    let path = path_of(uri).ok_or_else(|| {
        PlayerError::PlaylistUnreadable(tr!("{uri} names no file on this machine", uri))
    })?;
    let shown = path.display().to_string();
    beside(shown, move || read(&path, LOOK_FOR)).await?
}

/// Does what reads files beside the main loop, which a disk that does not answer must not hold up, and waits no
/// longer than [`READ_WITHIN`].
pub(super) async fn beside<T: Send + 'static>(
    shown: String,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PlayerError> {
    match tokio::time::timeout(READ_WITHIN, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(PlayerError::PlaylistUnreadable(tr!(
            "cannot read {shown}: {error}",
            shown,
            error
        ))),
        Err(_) => Err(PlayerError::PlaylistUnreadable(tr!(
            "{shown} could not be read within {seconds} s; is its disk there?",
            shown,
            seconds = READ_WITHIN.as_secs()
        ))),
    }
}

/// The first of `lists` (URIs of playlist files) that lists the track with this URL: where a player that
/// tells no list most likely has it from. Lists that cannot be read are passed over.
pub async fn list_with(track_url: &str, lists: &[String]) -> Option<String> {
    let looking = async {
        for list in lists {
            if let Ok(found) = found(list).await
                && found.expected.index_of(track_url).is_some()
            {
                return Some(list.clone());
            }
        }
        None
    };
    // Many lists on a disk that does not answer cost no more than one.
    tokio::time::timeout(READ_WITHIN, looking)
        .await
        .unwrap_or_default()
}

/// The URI that opens the file of this URL again, of all that the URL can mean; the URL itself where no file is there.
pub(super) async fn opens_again(url: &str) -> String {
    let paths = paths_of(url);
    if paths.len() < 2 {
        return url.to_owned();
    }
    let there = move || paths.into_iter().find(|path| path.is_file());
    match beside(url.to_owned(), there).await {
        Ok(Some(path)) => file_uri(&path),
        Ok(None) | Err(_) => url.to_owned(),
    }
}

/// A file or playlist; its entries are looked for no longer than `patience`.
fn read(path: &Path, patience: Duration) -> Result<Found, PlayerError> {
    let until = Instant::now() + patience;
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        PlayerError::PlaylistUnreadable(match error.kind() {
            std::io::ErrorKind::NotFound => {
                tr!(
                    "{shown} is not there; put it back, or change it under [[playlist]]",
                    shown
                )
            }
            _ => tr!("cannot read {shown}: {error}", shown, error),
        })
    };
    // Looked at before it is opened: to open a FIFO waits for who writes to it.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(PlayerError::PlaylistUnreadable(tr!(
            "{shown} is no file",
            shown
        )));
    }
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let base = path.parent().unwrap_or(Path::new("/"));
    let mut resolver = Resolver::new(base, until);
    let Some(kind) = Kind::of(path) else {
        let mut places = Places::default();
        places.add(path, 0, &mut resolver);
        return Ok(Found {
            expected: Expected::OneOf(places),
            what: What::Song(path.to_owned()),
        });
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 == MOST_BYTES {
        // What was cut in two is no entry.
        let whole = bytes.iter().rposition(|b| *b == b'\n').unwrap_or(0);
        bytes.truncate(whole);
    }
    let entries = kind.entries(&bytes, MOST_ENTRIES);
    drop(bytes);
    if entries.kept.is_empty() {
        return Err(PlayerError::PlaylistUnreadable(tr!(
            "{shown} lists nothing",
            shown
        )));
    }

    let mut list = List {
        name: path
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        items: Vec::with_capacity(entries.kept.len()),
        left_out: LeftOut {
            listed: entries.count as u64,
            beyond: (entries.count - entries.kept.len()) as u64,
            ..LeftOut::default()
        },
    };
    let mut places = Places(HashMap::with_capacity(entries.kept.len()));
    let mut opaque = false;
    for entry in entries.kept {
        let source = match resolver.resolve(&entry) {
            Meant::Missing(path) => {
                list.misses(&path);
                continue;
            }
            Meant::File(path) | Meant::Unknown(path) if Kind::of(&path).is_none() => {
                places.add(&path, list.items.len(), &mut resolver);
                Source::File(path)
            }
            Meant::File(path) | Meant::Unknown(path) | Meant::Folder(path) => {
                opaque = true;
                Source::Other(path)
            }
            Meant::Url(url) => {
                // What a server sends in answer may call itself anything.
                opaque = true;
                Source::Url(url)
            }
        };
        list.items.push(Item {
            source,
            title: entry.title,
            length: entry.length,
        });
    }
    if list.items.is_empty() {
        return Err(PlayerError::PlaylistUnreadable(tr!(
            "nothing that {shown} lists is there",
            shown
        )));
    }
    Ok(Found {
        expected: if opaque {
            Expected::Change
        } else {
            Expected::OneOf(places)
        },
        what: What::List(Arc::new(list)),
    })
}

impl List {
    fn misses(&mut self, path: &Path) {
        self.left_out.missing += 1;
        if self.left_out.first.len() < LeftOut::NAMED {
            let name = path.file_name().unwrap_or(path.as_os_str());
            let name = shown(&name.to_string_lossy());
            self.left_out
                .first
                .push(name.chars().take(LONGEST_NAME).collect());
        }
    }
}

impl Places {
    /// A track that stands twice in the list is at the first of the two.
    fn add(&mut self, path: &Path, place: usize, resolver: &mut Resolver<'_>) {
        let real = resolver.real(path);
        for path in std::iter::once(path).chain(real.as_deref()) {
            let key = path.to_string_lossy().into_owned();
            self.0.entry(key).or_insert(place);
        }
    }
}

#[cfg(test)]
mod tests;
