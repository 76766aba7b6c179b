//! What a playlist file lists, so that a player's "now playing" can be held against it.
//!
//! Minimal on purpose: enough of M3U, PLS and XSPF to know the entries. The player reads the file itself.

use std::{
    ffi::OsStr,
    io::Read,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Component, Path, PathBuf},
    time::Duration,
};

use moodlark_catalogue::tr;
use moodlark_core::player::scheme_of;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::error::PlayerError;

mod sources;
pub(super) use sources::{Source, sources};

/// No playlist of a person is larger.
const MOST_BYTES: u64 = 8 << 20;
/// A disk that is asleep or a share that is away must not hold up the service.
const READ_WITHIN: Duration = Duration::from_secs(3);

/// What an opened URI may show as "now playing".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    /// One of these, as [`key`]s, in the order of the list; more than one key an entry is possible.
    OneOf(Vec<String>),
    /// Nobody knows: whatever was not playing before.
    Change,
}

impl Expected {
    /// Whether a URL that the player tells can be what was opened.
    pub(super) fn fits(&self, url: &str) -> bool {
        match self {
            Self::OneOf(keys) => keys.contains(&key(url)),
            Self::Change => true,
        }
    }

    /// The place of a URL in the list, counted from zero.
    pub(super) fn index_of(&self, url: &str) -> Option<usize> {
        match self {
            Self::OneOf(keys) => {
                let wanted = key(url);
                keys.iter().position(|key| *key == wanted)
            }
            Self::Change => None,
        }
    }
}

/// Reads what `uri` will play. For a local file that is a playlist: its entries.
///
/// # Errors
/// [`PlayerError::PlaylistUnreadable`] if it is a local file that isn't there, cannot be read, is empty, or
/// lists only files that aren't there.
pub(super) async fn expected(uri: &str) -> Result<Expected, PlayerError> {
    if scheme_of(uri).as_deref() != Some("file") {
        return Ok(Expected::Change);
    }
    let path = path_of(uri).ok_or_else(|| {
        PlayerError::PlaylistUnreadable(tr!("{uri} names no file on this machine", uri))
    })?;
    let shown = path.display().to_string();
    beside(shown, move || read(&path)).await?
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
            if let Ok(entries) = expected(list).await
                && entries.index_of(track_url).is_some()
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

/// The tracks of a local playlist as URIs, in order, those left out that aren't there; a file that is no list
/// is its own only track.
///
/// # Errors
/// [`PlayerError::PlaylistUnreadable`]
pub(super) async fn tracks(uri: &str) -> Result<Vec<String>, PlayerError> {
    Ok(match expected(uri).await? {
        Expected::OneOf(keys) => {
            let existing = move || {
                let mut seen = std::collections::BTreeSet::new();
                keys.iter()
                    .map(Path::new)
                    .filter(|path| path.is_file())
                    // A link and what it leads to are one track.
                    .filter(|path| seen.insert(std::fs::canonicalize(path).unwrap_or_default()))
                    .map(file_uri)
                    .collect()
            };
            beside(uri.to_owned(), existing).await?
        }
        Expected::Change => vec![uri.to_owned()],
    })
}

fn read(path: &Path) -> Result<Expected, PlayerError> {
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
    let file = std::fs::File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(PlayerError::PlaylistUnreadable(tr!(
            "{shown} is no file",
            shown
        )));
    }
    let Some(kind) = Kind::of(path) else {
        return Ok(Expected::OneOf(keys_of(path)));
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    let entries = kind.entries(&bytes);
    if entries.is_empty() {
        return Err(PlayerError::PlaylistUnreadable(tr!(
            "{shown} lists nothing",
            shown
        )));
    }

    let base = path.parent().unwrap_or(Path::new("/"));
    let (mut keys, mut playable, mut opaque) = (Vec::new(), false, false);
    for entry in &entries {
        match entry.resolve(base) {
            Some(local) => {
                playable |= local.exists();
                opaque |= local.is_dir() || Kind::of(&local).is_some();
                keys.extend(keys_of(&local));
            }
            None => {
                playable = true;
                // What a server sends in answer may call itself anything.
                opaque = true;
            }
        }
    }
    if !playable {
        return Err(PlayerError::PlaylistUnreadable(tr!(
            "nothing that {shown} lists is there",
            shown
        )));
    }
    Ok(if opaque {
        Expected::Change
    } else {
        Expected::OneOf(keys)
    })
}

/// The forms of playlist files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    M3u,
    Pls,
    Xspf,
}

/// One line of a playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    text: Vec<u8>,
    /// It is a URI reference even without a scheme, and so percent-encoded.
    encoded: bool,
}

impl Entry {
    /// The file that it means, or `None` if it is not on this machine.
    fn resolve(&self, base: &Path) -> Option<PathBuf> {
        let text = String::from_utf8_lossy(&self.text);
        // One letter is a drive of Windows, and no scheme that exists.
        match scheme_of(&text).filter(|scheme| scheme.len() > 1) {
            Some(scheme) if scheme == "file" => path_of(&text),
            Some(_) => None,
            None if self.encoded => Some(lexical(&base.join(PathBuf::from(
                std::ffi::OsString::from_vec(percent_decode_str(&text).collect()),
            )))),
            None => Some(lexical(&base.join(OsStr::from_bytes(&self.text)))),
        }
    }
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        let ext = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match ext.as_str() {
            "m3u8" | "m3u" => Self::M3u,
            "pls" => Self::Pls,
            "xspf" => Self::Xspf,
            _ => return None,
        })
    }

    fn entries(self, bytes: &[u8]) -> Vec<Entry> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let lines = || {
            bytes
                .split(|b| matches!(b, b'\n' | b'\r'))
                .map(<[u8]>::trim_ascii)
                .filter(|line| !line.is_empty())
        };
        let plain = |text: &[u8]| Entry {
            text: text.to_vec(),
            encoded: false,
        };
        match self {
            Self::M3u => lines()
                .filter(|line| !line.starts_with(b"#"))
                .map(plain)
                .collect(),
            Self::Pls => lines()
                .filter(|line| line.len() > 4 && line[..4].eq_ignore_ascii_case(b"file"))
                .filter_map(|line| {
                    line.iter()
                        .position(|b| *b == b'=')
                        .map(|at| line[at + 1..].trim_ascii())
                })
                .filter(|text| !text.is_empty())
                .map(plain)
                .collect(),
            Self::Xspf => locations(&String::from_utf8_lossy(bytes)),
        }
    }
}

/// What stands between `<location>` and `</location>` in an XSPF file.
fn locations(xml: &str) -> Vec<Entry> {
    xml.split("<location>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</location>"))
        .map(|(text, _)| {
            let text = text
                .trim()
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"");
            text.replace("&apos;", "'").replace("&amp;", "&")
        })
        .filter(|text| !text.is_empty())
        .map(|text| Entry {
            text: text.into_bytes(),
            encoded: true,
        })
        .collect()
}

/// The path of a `file:` URI on this machine.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri
        .get(..5)
        .filter(|scheme| scheme.eq_ignore_ascii_case("file:"))
        .map(|_| &uri[5..])?;
    let path = match rest.strip_prefix("//") {
        Some(rest) => {
            let at = rest.find('/')?;
            let host = &rest[..at];
            (host.is_empty() || host.eq_ignore_ascii_case("localhost")).then_some(&rest[at..])?
        }
        None => rest,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let bytes: Vec<u8> = percent_decode_str(path).collect();
    let path = PathBuf::from(std::ffi::OsString::from_vec(bytes));
    path.is_absolute().then(|| lexical(&path))
}

/// Everything but what RFC 3986 leaves unreserved, and the slash.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The `file:` URI of an absolute path, percent-encoded.
#[must_use]
pub fn file_uri(path: &Path) -> String {
    let encoded = match path.to_str() {
        Some(text) => utf8_percent_encode(text, IN_PATHS).to_string(),
        None => percent_encoding::percent_encode(path.as_os_str().as_bytes(), IN_PATHS).to_string(),
    };
    format!("file://{encoded}")
}

/// What two spellings of one place have in common: for files the path, else the text itself.
pub(super) fn key(url: &str) -> String {
    match path_of(url) {
        Some(path) => path.to_string_lossy().into_owned(),
        None if url.starts_with('/') => lexical(Path::new(url)).to_string_lossy().into_owned(),
        None => url.to_owned(),
    }
}

/// The keys of a file: as written, and with symbolic links resolved.
fn keys_of(path: &Path) -> Vec<String> {
    let written = path.to_string_lossy().into_owned();
    let real = std::fs::canonicalize(path).map(|path| path.to_string_lossy().into_owned());
    let real = real.ok().filter(|real| *real != written);
    std::iter::once(written).chain(real).collect()
}

/// Without `.` and `..`, as players write it.
fn lexical(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests;
