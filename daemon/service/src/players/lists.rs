//! The lists that players are given: files of Moodlark's own, which every player reads alike.
//!
//! Players differ in what they make of a playlist file: mpv skips what is written with backslashes and opens no XSPF,
//! others know no BOM. So each list is written anew, as an `.m3u8` in UTF-8 with absolute paths. VLC takes a path for a URI
//! and cuts it at `#`: see [`Form`].
//!
//! **Where**: in `Playlists/Moodlark` within the user's music folder (`XDG_MUSIC_DIR`), where there is one, else
//! in the state folder. A player that came as a Flatpak or a Snap sees no hidden folder, and often nothing but
//! the music: whatever it may read of the music, it may read of this. The files are called as the user's list is,
//! because players show that name.
//!
//! **Whose**: the second line of each is [`MARK`] with a checksum of what follows. A file without it, or one that
//! somebody changed, is theirs: it is never written to, renamed or removed. Of ours the newest [`KEPT`] stay.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use moodlark_catalogue::tr;
use moodlark_core::hash::fnv1a;
use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};

use super::{
    Inner, PlayerError, Players, Target,
    entries::{Item, List, Source, beside},
    lock,
    uris::file_uri,
};

/// What the second line of our files begins with; the checksum of what follows stands behind it, in 16 hexadecimal
/// digits.
const MARK: &str = "# Moodlark writes this list anew; change a copy of it. ";
/// So many of our files stay in the folder.
const KEPT: usize = 24;
/// Of a name so many characters become that of the file; file systems take 255 bytes.
const LONGEST_NAME: usize = 60;
/// A larger file is taken for somebody else's: 20,000 entries have some two million bytes.
const MOST_BYTES: u64 = 64 << 20;
/// So many files of others may be called as ours would be.
const MOST_NAMESAKES: u32 = 9;

/// One track of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListEntry {
    /// An absolute path.
    pub path: PathBuf,
    /// Its title; may be empty.
    pub title: String,
    /// Who plays it; may be empty.
    pub artist: String,
    /// How long it is.
    pub duration: Option<Duration>,
}

/// A list that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnList {
    /// Its `file:` URI, for [`Players::open`].
    pub uri: String,
    /// The file.
    pub path: PathBuf,
}

/// How the files in a list are written. A name that is no line of text is a percent-encoded `file:` URI in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As their paths, which every player takes for what they are, but for VLC; some do not decode a URI.
    Paths,
    /// As `file:` URIs where a URI reader would see more than a path in the path.
    Uris,
}

/// Why a list was not written.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// [`Players::keep_lists_in`] was not called.
    #[error("{}", tr!("there is no folder for lists"))]
    NoFolder,
    /// There is nothing in it.
    #[error("{}", tr!("there is nothing in the list"))]
    Empty,
    /// A path means nothing to another program unless it is absolute.
    #[error("{}", tr!("{path} is not an absolute path", path = .0.display()))]
    Relative(PathBuf),
    /// Files of others have the name and those beside it.
    #[error("{}", tr!("{path} and its like belong to somebody else", path = .0.display()))]
    Taken(PathBuf),
    /// The disk.
    #[error("{}", tr!("cannot write {path}: {error}", path = .path.display(), error = .error))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// Writes `NAME.m3u8` into `folder`, which is made (0700) if it is not there, and answers with what to open. The file is
/// replaced as a whole (0600), and only one that we wrote ourselves is; older ones of ours beyond [`KEPT`] go. Waits for
/// the disk.
///
/// # Errors
/// [`ListError`]
pub fn write_list(folder: &Path, name: &str, entries: &[ListEntry]) -> Result<OwnList, ListError> {
    if let Some(entry) = entries.iter().find(|entry| !entry.path.is_absolute()) {
        return Err(ListError::Relative(entry.path.clone()));
    }
    let items = entries.iter().map(|entry| Item {
        source: Source::File(entry.path.clone()),
        title: match (entry.artist.as_str(), entry.title.as_str()) {
            (_, "") => String::new(),
            ("", title) => title.into(),
            (artist, title) => format!("{artist} - {title}"),
        },
        length: entry.duration,
    });
    write(folder, name, &items.collect::<Vec<_>>(), Form::Paths)
}

impl Players {
    /// From now on the players get lists that are written to the first of these folders that takes them. Until this
    /// is called, or where none does, they get the user's files as they are.
    pub fn keep_lists_in(&self, folders: Vec<PathBuf>) {
        *lock(&self.inner.lists) = folders;
    }

    /// Writes a list of our own for [`Players::open`]: [`write_list`] in the first of the folders that takes it, beside
    /// the main loop.
    ///
    /// # Errors
    /// [`PlayerError::PlaylistUnreadable`], whose sentence says why it could not be written.
    pub async fn write_list(
        &self,
        name: &str,
        entries: Vec<ListEntry>,
    ) -> Result<OwnList, PlayerError> {
        let (folders, name) = (lock(&self.inner.lists).clone(), name.to_owned());
        let write = move || in_first(&folders, |folder| write_list(folder, &name, &entries));
        beside("the list".into(), write)
            .await?
            .map_err(|error| unwritten(&error))
    }
}

impl Inner {
    /// What to open for the user's playlist `uri`: a list that every player reads, or the playlist itself where none
    /// could be written.
    pub(super) async fn handed(&self, target: &Target, uri: &str, list: &Arc<List>) -> String {
        let form = if target.view.quirks().paths_are_uris {
            Form::Uris
        } else {
            Form::Paths
        };
        let folders = lock(&self.lists).clone();
        if folders.is_empty() {
            return uri.to_owned();
        }
        let list = Arc::clone(list);
        let work = move || {
            in_first(&folders, |folder| {
                write(folder, &list.name, &list.items, form)
            })
        };
        let written = match beside(uri.to_owned(), work).await {
            Ok(written) => written.map_err(|error| unwritten(&error)),
            Err(error) => Err(error),
        };
        match written {
            Ok(own) => own.uri,
            Err(error) => {
                tracing::warn!(%error, "the player gets {uri} as it is");
                uri.to_owned()
            }
        }
    }
}

fn unwritten(error: &ListError) -> PlayerError {
    PlayerError::PlaylistUnreadable(error.to_string())
}

/// In the first folder that takes it; the error is the last one's.
fn in_first(
    folders: &[PathBuf],
    mut write: impl FnMut(&Path) -> Result<OwnList, ListError>,
) -> Result<OwnList, ListError> {
    let mut last = ListError::NoFolder;
    for folder in folders {
        match write(folder) {
            Ok(own) => return Ok(own),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn write(folder: &Path, name: &str, items: &[Item], form: Form) -> Result<OwnList, ListError> {
    if items.is_empty() {
        return Err(ListError::Empty);
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| ListError::Write { path, error }
    };
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed(folder))?;
    let text = text(name, items, form);
    let path = place(folder, name)?;
    if std::fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
        // Nothing to do but to say that it is in use.
        let touched = File::options()
            .append(true)
            .open(&path)
            .and_then(|file| file.set_modified(SystemTime::now()));
        touched.map_err(failed(&path))?;
    } else {
        replace(&path, text.as_bytes()).map_err(failed(&path))?;
    }
    remove_old(folder, &path);
    Ok(OwnList {
        uri: file_uri(&path),
        path,
    })
}

/// The file to write: of this name, unless somebody else has a file that is called so.
fn place(folder: &Path, name: &str) -> Result<PathBuf, ListError> {
    let name = file_name(name);
    let first = folder.join(format!("{name}.m3u8"));
    let others = (2..=MOST_NAMESAKES).map(|n| folder.join(format!("{name} ({n}).m3u8")));
    std::iter::once(first.clone())
        .chain(others)
        .find(|path| path.symlink_metadata().is_err() || is_ours(path))
        .ok_or(ListError::Taken(first))
}

/// Without what no file can be called, and what hides one.
fn file_name(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| if c == '/' || c.is_control() { ' ' } else { c })
        .take(LONGEST_NAME)
        .collect();
    let clean = clean.trim_start_matches(['.', ' ']).trim_end();
    // Letters of four bytes are rare, and file systems count bytes.
    match clean {
        "" => "Moodlark".into(),
        name => name.into(),
    }
}

/// The whole file.
fn text(name: &str, items: &[Item], form: Form) -> String {
    let mut body = format!("#PLAYLIST:{}\n", one_line(name));
    for item in items {
        let place = match &item.source {
            Source::File(path) | Source::Other(path) => {
                plain(path, form).map_or_else(|| file_uri(path), str::to_owned)
            }
            Source::Url(url) if url.contains(char::is_control) => continue,
            Source::Url(url) => url.clone(),
        };
        if !item.title.is_empty() || item.length.is_some() {
            // Whole seconds: some players read no others. -1 means that nobody knows.
            let seconds = item
                .length
                .map_or("-1".into(), |length| length.as_secs().max(1).to_string());
            body.push_str(&format!("#EXTINF:{seconds},{}\n", one_line(&item.title)));
        }
        body.push_str(&place);
        body.push('\n');
    }
    format!("#EXTM3U\n{MARK}{:016x}\n{body}", fnv1a(body.bytes()))
}

/// A path that means itself to the player: no escape for it, and nothing that is trimmed away.
fn plain(path: &Path, form: Form) -> Option<&str> {
    let text = path.to_str()?;
    let escape = |c: char| form == Form::Uris && matches!(c, '%' | '#' | '?' | '\\');
    let odd = |c: char| c.is_control() || escape(c);
    let whole = text.starts_with('/') && !text.ends_with(char::is_whitespace);
    (whole && !text.contains(odd) && !text.contains("://")).then_some(text)
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_owned()
}

/// Whether we wrote it, and nobody changed it since.
fn is_ours(path: &Path) -> bool {
    // Links and FIFOs are none of ours, and are not opened.
    let plain = path
        .symlink_metadata()
        .is_ok_and(|about| about.is_file() && about.len() < MOST_BYTES);
    if !plain {
        return false;
    }
    let mut there = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut there));
    read.is_ok() && bears_our_mark(&there)
}

fn bears_our_mark(bytes: &[u8]) -> bool {
    let marked = || {
        let rest = bytes.strip_prefix(b"#EXTM3U\n")?;
        let (sum, body) = rest.strip_prefix(MARK.as_bytes())?.split_at_checked(17)?;
        let sum = std::str::from_utf8(sum.strip_suffix(b"\n")?).ok()?;
        Some(u64::from_str_radix(sum, 16).ok()? == fnv1a(body.iter().copied()))
    };
    marked().unwrap_or(false)
}

/// Writes beside it, and puts that in its place.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    static PARTS: AtomicU32 = AtomicU32::new(0);
    let number = PARTS.fetch_add(1, Ordering::Relaxed);
    let part = path.with_file_name(format!(".moodlark-{}-{number}.part", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part)?;
    let written = file.write_all(bytes);
    // An empty file after a power cut would bear no mark, and so never be replaced.
    let written = written.and_then(|()| file.sync_data());
    let written = written.and_then(|()| put(&part, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&part); // the first error is the one to tell
    }
    written
}

/// Gives a file another name: one that is free, or that of a list of ours.
fn put(part: &Path, path: &Path) -> std::io::Result<()> {
    match renameat_with(CWD, part, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // Not every file system can; looked at once more, as late as possible.
        Err(Errno::EXIST | Errno::INVAL | Errno::NOSYS)
            if path.symlink_metadata().is_err() || is_ours(path) =>
        {
            std::fs::rename(part, path)
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes the oldest of our lists, those beyond [`KEPT`]; never the one that was just written.
fn remove_old(folder: &Path, newest: &Path) {
    let Ok(listed) = std::fs::read_dir(folder) else {
        return;
    };
    let mut lists: Vec<(SystemTime, PathBuf)> = listed
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_list = path.extension()?.as_bytes() == b"m3u8" && path != newest;
            let changed = path.symlink_metadata().ok()?.modified().ok()?;
            is_list.then_some((changed, path))
        })
        .collect();
    if lists.len() < KEPT {
        return;
    }
    lists.retain(|(_, path)| is_ours(path));
    lists.sort();
    let excess = (lists.len() + 1).saturating_sub(KEPT);
    for (_, path) in lists.drain(..excess) {
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::debug!(path = %path.display(), %error, "an old list stays");
        }
    }
}

#[cfg(test)]
mod tests;
