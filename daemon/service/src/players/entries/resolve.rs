//! Which file an entry of a playlist means. One spelling has several readings among players; the first that is there
//! counts, and a disk is looked at for no longer than a given time.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
    time::Instant,
};

use moodlark_core::player::scheme_of;

use super::format::{Entry, text};
use crate::players::uris::{decoded, lexical, paths_of};

/// So many folders are listed to find a name whose letters are larger or smaller than written.
const MOST_FOLDERS: usize = 64;
/// Of a larger folder no more names are looked at.
const MOST_NAMES: usize = 20_000;
/// A path of Windows has at most so many parts for this.
const MOST_PARTS: usize = 32;

/// What an entry means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    /// A file that is there.
    File(PathBuf),
    /// A folder that is there.
    Folder(PathBuf),
    /// Something elsewhere: a URL.
    Url(String),
    /// A path at which there may be something: time was up.
    Unknown(PathBuf),
    /// A path at which there is nothing.
    Missing(PathBuf),
}

/// Finds the files of one playlist.
pub(super) struct Resolver<'a> {
    base: &'a Path,
    until: Instant,
    /// The names in a folder by themselves in small letters.
    folders: HashMap<PathBuf, HashMap<String, OsString>>,
    /// What the parents of entries really are, where they are reached by links.
    real: HashMap<PathBuf, Option<PathBuf>>,
}

impl<'a> Resolver<'a> {
    /// For a playlist in the folder `base`. After `until` nothing is looked for any more.
    pub(super) fn new(base: &'a Path, until: Instant) -> Self {
        Self {
            base,
            until,
            folders: HashMap::new(),
            real: HashMap::new(),
        }
    }

    /// What it means.
    pub(super) fn resolve(&mut self, entry: &Entry) -> Meant {
        let mut readings = Readings::of(entry, self.base);
        let Some(likeliest) = readings.paths.first().cloned() else {
            return match readings.url {
                Some(url) => Meant::Url(url),
                None => Meant::Missing(self.base.join(OsStr::from_bytes(&entry.text))),
            };
        };
        if Instant::now() >= self.until {
            return match readings.url {
                Some(url) => Meant::Url(url),
                // Without a look the likeliest is what Linux's players make of it, but for backslashes.
                None => Meant::Unknown(readings.paths.swap_remove(readings.unseen)),
            };
        }
        if let Some(found) = readings.paths.iter().find_map(|path| at(path)) {
            return found;
        }
        // A colon makes a URL of it only where no file is called so.
        if let Some(url) = readings.url {
            return Meant::Url(url);
        }
        let folded = readings.paths.iter().find_map(|path| self.folded(path));
        folded
            .and_then(|path| at(&path))
            .unwrap_or(Meant::Missing(likeliest))
    }

    /// The same file without links, where that is another path.
    pub(super) fn real(&mut self, path: &Path) -> Option<PathBuf> {
        if Instant::now() >= self.until {
            return None;
        }
        let is_link = std::fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink());
        let real = if is_link {
            std::fs::canonicalize(path).ok()
        } else {
            let (folder, name) = (path.parent()?, path.file_name()?);
            if !self.real.contains_key(folder) {
                let real = std::fs::canonicalize(folder).ok();
                self.real
                    .insert(folder.to_owned(), real.filter(|real| real != folder));
            }
            let real = self.real.get(folder)?.as_ref();
            real.map(|real| real.join(name))
        };
        real.filter(|real| real != path)
    }

    /// A path that differs only in the size of its letters: Windows does not tell them apart.
    fn folded(&mut self, path: &Path) -> Option<PathBuf> {
        let mut found = PathBuf::from("/");
        for part in path.components().skip(1) {
            let next = found.join(part);
            if next.symlink_metadata().is_ok() {
                found = next;
                continue;
            }
            let name = part.as_os_str().to_str()?.to_lowercase();
            found = found.join(self.names(&found)?.get(&name)?);
        }
        Some(found)
    }

    fn names(&mut self, folder: &Path) -> Option<&HashMap<String, OsString>> {
        if !self.folders.contains_key(folder) {
            if self.folders.len() >= MOST_FOLDERS || Instant::now() >= self.until {
                return None;
            }
            let listed = std::fs::read_dir(folder).into_iter().flatten();
            let names = listed
                .take(MOST_NAMES)
                .filter_map(|entry| Some(entry.ok()?.file_name()))
                .filter_map(|name| Some((name.to_str()?.to_lowercase(), name)))
                .collect();
            self.folders.insert(folder.to_owned(), names);
        }
        self.folders.get(folder)
    }
}

/// What is at a path, as far as it can be played.
fn at(path: &Path) -> Option<Meant> {
    let about = std::fs::metadata(path).ok()?;
    if about.is_file() {
        Some(Meant::File(path.to_owned()))
    } else {
        about.is_dir().then(|| Meant::Folder(path.to_owned()))
    }
}

/// All that an entry can mean.
#[derive(Debug, Default)]
struct Readings {
    /// Paths, the likeliest first.
    paths: Vec<PathBuf>,
    /// Which of them to take without a look.
    unseen: usize,
    /// It looks like a URL.
    url: Option<String>,
}

impl Readings {
    fn of(entry: &Entry, base: &Path) -> Self {
        let told = String::from_utf8_lossy(&entry.text);
        // One letter is a drive of Windows, and no scheme that exists.
        let scheme = scheme_of(&told).filter(|scheme| scheme.len() > 1);
        let mut all = Self::default();
        match scheme.as_deref() {
            Some("file") => {
                for path in paths_of(&told) {
                    all.add(&path);
                    // file:///C:/Music/a.mp3
                    if let Some(inside) = path.to_str().and_then(|path| path.strip_prefix('/'))
                        && drive_of(inside).is_some()
                    {
                        all.windows(inside, base);
                    }
                }
                return all;
            }
            Some(_) if told.contains("://") => {
                all.url = Some(text(&entry.text));
                return all;
            }
            Some(_) => all.url = Some(text(&entry.text)),
            None => {}
        }
        let written = base.join(OsStr::from_bytes(&entry.text));
        if entry.encoded {
            all.add(&base.join(decoded(&told)));
            all.add(&written);
        } else {
            all.add(&written);
            if told.contains('%') {
                all.add(&base.join(decoded_bytes(&entry.text)));
            }
        }
        if std::str::from_utf8(&entry.text).is_err() {
            all.add(&base.join(text(&entry.text)));
        }
        all.windows(&text(&entry.text), base);
        all
    }

    /// A path as Windows writes it: with backslashes, with a drive or a share in front. What stands in front of the
    /// music there is not here, so it is looked for beside the list, with fewer and fewer folders in front.
    fn windows(&mut self, told: &str, base: &Path) {
        let behind = drive_of(told);
        if behind.is_none() && !told.contains('\\') {
            return;
        }
        let path = behind.unwrap_or(told).replace('\\', "/");
        let before = self.paths.len();
        if !path.starts_with('/') {
            self.add(&base.join(path));
            self.unseen = before.min(self.paths.len().saturating_sub(1));
            return;
        }
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let from = parts.len().saturating_sub(MOST_PARTS);
        for at in from..parts.len() {
            self.add(&base.join(parts[at..].join("/")));
        }
        // Nobody writes so of Linux's root, but it costs nothing to look.
        self.add(Path::new(&path));
        self.unseen = before.min(self.paths.len().saturating_sub(1));
    }

    fn add(&mut self, path: &Path) {
        let path = lexical(path);
        // No path has a NUL.
        if !self.paths.contains(&path) && !path.as_os_str().as_bytes().contains(&0) {
            self.paths.push(path);
        }
    }
}

/// What stands behind the drive in `C:\Music` or `C:/Music`.
fn drive_of(told: &str) -> Option<&str> {
    let drive =
        matches!(told.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    drive.then(|| &told[2..])
}

fn decoded_bytes(text: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(
        percent_encoding::percent_decode(text).collect(),
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn there(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        folder
    }

    fn meant(base: &Path, text: &[u8], encoded: bool) -> Meant {
        let entry = Entry {
            text: text.to_vec(),
            encoded,
            ..Entry::default()
        };
        Resolver::new(base, Instant::now() + Duration::from_secs(60)).resolve(&entry)
    }

    #[test]
    fn entries_are_found_beside_the_list_however_they_are_written() {
        let folder = there(&[
            "sub dir/a#1 100% ü.ogg",
            "plain.ogg",
            "Music/Album/One.mp3",
            "50%25 off.ogg",
            "Artist: Song.ogg",
        ]);
        let base = folder.path();
        let found = |text: &str, name: &str| {
            assert_eq!(
                meant(base, text.as_bytes(), false),
                Meant::File(base.join(name)),
                "{text}"
            );
        };
        for text in [
            "sub dir/a#1 100% ü.ogg",
            "sub dir\\a#1 100% ü.ogg",
            ".\\Sub Dir\\A#1 100% Ü.OGG",
            "sub%20dir/a%231%20100%25%20%C3%BC.ogg",
        ] {
            found(text, "sub dir/a#1 100% ü.ogg");
        }
        for text in [
            "C:\\Users\\me\\Music\\Album\\One.mp3",
            "c:\\music\\album\\one.MP3",
            "D:/Music/Album/One.mp3",
            "\\\\server\\share\\Music\\Album\\One.mp3",
            "\\Music\\Album\\One.mp3",
            "file:///C:/Users/me/Music/Album/One.mp3",
            "../nowhere/../Music/Album/One.mp3",
        ] {
            let text = text.replace("../nowhere/../Music", "Album/../Music");
            found(&text, "Music/Album/One.mp3");
        }
        found("PLAIN.OGG", "plain.ogg");
        found("50%25 off.ogg", "50%25 off.ogg");
        found("Artist: Song.ogg", "Artist: Song.ogg");
        let whole = format!("file://{}/sub dir/a#1 100% ü.ogg", base.display());
        found(&whole, "sub dir/a#1 100% ü.ogg");
    }

    #[test]
    fn a_uri_reference_is_decoded_first() {
        let folder = there(&["a b.ogg", "a%20b.ogg"]);
        let base = folder.path();
        assert_eq!(
            meant(base, b"a%20b.ogg", true),
            Meant::File(base.join("a b.ogg"))
        );
        assert_eq!(
            meant(base, b"a%20b.ogg", false),
            Meant::File(base.join("a%20b.ogg"))
        );
    }

    #[test]
    fn latin_1_names_are_found_both_ways() {
        let folder = there(&["für.ogg"]);
        let base = folder.path();
        assert_eq!(
            meant(base, b"f\xfcr.ogg", false),
            Meant::File(base.join("für.ogg"))
        );
        let raw = base.join(OsStr::from_bytes(b"r\xfc.ogg"));
        std::fs::write(&raw, "x").unwrap();
        assert_eq!(meant(base, b"r\xfc.ogg", false), Meant::File(raw));
    }

    #[test]
    fn what_is_not_a_file_is_told_as_what_it_is() {
        let folder = there(&["sub/x.ogg"]);
        let base = folder.path();
        assert_eq!(meant(base, b"sub", false), Meant::Folder(base.join("sub")));
        for url in ["http://radio/x", "spotify:track:1", "cdda://1"] {
            assert_eq!(
                meant(base, url.as_bytes(), false),
                Meant::Url(url.into()),
                "{url}"
            );
        }
        for gone in [
            "gone.ogg",
            "C:\\gone.ogg",
            "file:///gone",
            "file://far/x",
            "a\0b",
        ] {
            let what = meant(base, gone.as_bytes(), false);
            assert!(matches!(what, Meant::Missing(_)), "{gone}: {what:?}");
        }
    }

    #[test]
    fn when_time_is_up_the_likeliest_is_taken_unseen() {
        let base = Path::new("/music");
        let mut resolver = Resolver::new(base, Instant::now());
        let mut unseen = |text: &str| {
            resolver.resolve(&Entry {
                text: text.into(),
                ..Entry::default()
            })
        };
        assert_eq!(unseen("a.ogg"), Meant::Unknown("/music/a.ogg".into()));
        assert_eq!(unseen("s\\a.ogg"), Meant::Unknown("/music/s/a.ogg".into()));
        assert_eq!(unseen("http://x/y"), Meant::Url("http://x/y".into()));
    }

    #[test]
    fn a_file_behind_a_link_is_known_by_both_paths() {
        let folder = there(&["real/a.ogg"]);
        let base = folder.path().canonicalize().unwrap();
        std::os::unix::fs::symlink(base.join("real"), base.join("link")).unwrap();
        std::os::unix::fs::symlink(base.join("real/a.ogg"), base.join("b.ogg")).unwrap();
        let mut resolver = Resolver::new(&base, Instant::now() + Duration::from_secs(60));
        let real = Some(base.join("real/a.ogg"));
        assert_eq!(resolver.real(&base.join("link/a.ogg")), real);
        assert_eq!(resolver.real(&base.join("b.ogg")), real);
        assert_eq!(resolver.real(&base.join("real/a.ogg")), None);
    }
}
