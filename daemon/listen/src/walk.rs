//! Folders → the files in them that may be tracks.

use std::{
    collections::HashSet,
    ffi::OsStr,
    fs::{self, FileType, Metadata},
    io,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use moodlark_core::heard::{Answer, FilePath, Passed};

use crate::source::detail;

/// Folders in folders: deeper ones are counted, not entered.
const DEEPEST: usize = 64;

/// A walk that finds nothing says that it goes on so often.
const SAY_EVERY: Duration = Duration::from_secs(5);

/// Names of audio files end so.
const TRACKS: [&str; 41] = [
    "3ga", "aac", "ac3", "aif", "aifc", "aiff", "alac", "amr", "ape", "au", "caf", "dff", "dsf",
    "dts", "eac3", "flac", "m4a", "m4b", "m4p", "m4r", "mka", "mp+", "mp1", "mp2", "mp3", "mp4",
    "mpc", "mpga", "oga", "ofr", "ogg", "opus", "ra", "shn", "snd", "spx", "tak", "tta", "wav",
    "wma", "wv",
];
const CUE_SHEETS: [&str; 1] = ["cue"];
const LISTS: [&str; 8] = ["m3u", "m3u8", "pls", "xspf", "wpl", "asx", "b4s", "zpl"];
const ARTWORK: [&str; 11] = [
    "jpg", "jpeg", "png", "gif", "bmp", "webp", "tif", "tiff", "svg", "heic", "avif",
];
const TEXTS: [&str; 6] = ["lrc", "txt", "nfo", "log", "md", "pdf"];

/// Walks, and gives each answer to `say` as it comes: [`Answer::Found`], [`Answer::Unreadable`], at last
/// [`Answer::Walked`].
///
/// Links are followed, as far as the sandbox leaves what they lead to: into these folders. What is reached twice is entered once.
/// Entries come in the order of their names, so that a walk that was cut off can be compared with the next. `rest` is called after
/// each folder.
///
/// # Errors
/// What `say` says.
pub fn walk(
    folders: &[FilePath],
    leave_out: &[FilePath],
    rest: &mut impl FnMut(),
    say: &mut impl FnMut(Answer) -> io::Result<()>,
) -> io::Result<()> {
    let mut walk = Walk {
        leave_out,
        rest,
        say,
        said: Instant::now(),
        seen: HashSet::new(),
        passed: Passed::default(),
        found: 0,
        unreadable: 0,
    };
    for folder in folders {
        if walk.is_left_out(folder.as_path()) {
            walk.passed.left_out += 1;
        } else {
            walk.folder(folder.as_path())?;
        }
    }
    let (found, unreadable, passed) = (walk.found, walk.unreadable, walk.passed);
    say(Answer::Walked {
        found,
        unreadable,
        passed,
    })
}

struct Walk<'a, R, S> {
    leave_out: &'a [FilePath],
    rest: &'a mut R,
    say: &'a mut S,
    /// When something was last said.
    said: Instant,
    /// Device and inode of each folder that was entered, and of each file that was reached by a link.
    seen: HashSet<(u64, u64)>,
    passed: Passed,
    found: u64,
    unreadable: u64,
}

impl<R: FnMut(), S: FnMut(Answer) -> io::Result<()>> Walk<'_, R, S> {
    fn folder(&mut self, top: &Path) -> io::Result<()> {
        // A list of what is still to be entered instead of calls within calls: folders may be nested deeply on purpose.
        let mut waiting: Vec<(PathBuf, usize)> = vec![(top.to_owned(), 0)];
        while let Some((folder, depth)) = waiting.pop() {
            let identity = fs::metadata(&folder).map(|meta| (meta.dev(), meta.ino()));
            match identity {
                Ok(identity) if !self.seen.insert(identity) => {
                    self.passed.twice += 1;
                    continue;
                }
                Ok(_) => {}
                Err(error) => {
                    self.unreadable(&folder, &error)?;
                    continue;
                }
            }
            let mut entries = Vec::new();
            match fs::read_dir(&folder) {
                Ok(listing) => {
                    for entry in listing {
                        match entry {
                            Ok(entry) => entries.push((entry.path(), entry.file_type())),
                            Err(error) => self.unreadable(&folder, &error)?,
                        }
                    }
                }
                Err(error) => self.unreadable(&folder, &error)?,
            }
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            let mut below = Vec::new();
            for (path, listed) in entries {
                self.entry(path, listed, depth, &mut below)?;
                if self.said.elapsed() >= SAY_EVERY {
                    self.say(Answer::Walking)?;
                }
            }
            waiting.extend(below.into_iter().rev());
            (self.rest)();
        }
        Ok(())
    }

    fn say(&mut self, answer: Answer) -> io::Result<()> {
        self.said = Instant::now();
        (self.say)(answer)
    }

    /// `listed` is what the folder's own listing says of it: a drive on the network answers each further question slowly.
    fn entry(
        &mut self,
        path: PathBuf,
        listed: io::Result<FileType>,
        depth: usize,
        below: &mut Vec<(PathBuf, usize)>,
    ) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default();
        if self.is_left_out(&path) {
            self.passed.left_out += 1;
            return Ok(());
        }
        if name.as_bytes().starts_with(b".") {
            self.passed.hidden += 1;
            return Ok(());
        }
        let kind = Kind::of(name);
        let listed = listed.ok();
        if kind != Kind::Track && listed.is_some_and(|listed| listed.is_file()) {
            self.count(kind);
            return Ok(());
        }
        match fs::metadata(&path) {
            Ok(meta) if meta.is_dir() => {
                if depth + 1 >= DEEPEST {
                    self.passed.too_deep += 1;
                } else {
                    below.push((path, depth + 1));
                }
                Ok(())
            }
            Ok(meta) if meta.is_file() => {
                let link = listed.is_none_or(|listed| listed.is_symlink());
                self.file(path, &meta, kind, link)
            }
            Ok(_) if kind == Kind::Track => {
                self.passed.not_files += 1;
                Ok(())
            }
            Ok(_) => {
                self.count(kind);
                Ok(())
            }
            // A link to nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if kind == Kind::Track {
                    self.passed.not_files += 1;
                } else {
                    self.count(kind);
                }
                Ok(())
            }
            Err(error) => self.unreadable(&path, &error),
        }
    }

    fn file(&mut self, path: PathBuf, meta: &Metadata, kind: Kind, link: bool) -> io::Result<()> {
        if kind != Kind::Track {
            self.count(kind);
            return Ok(());
        }
        // Two names of one file are one track only where a link says so: hard links are how some collect lists.
        if link && !self.seen.insert((meta.dev(), meta.ino())) {
            self.passed.twice += 1;
            return Ok(());
        }
        self.found += 1;
        self.say(Answer::Found {
            path: path.into(),
            size: meta.len(),
            mtime_ms: meta
                .mtime()
                .saturating_mul(1000)
                .saturating_add(meta.mtime_nsec() / 1_000_000),
        })
    }

    fn count(&mut self, kind: Kind) {
        let passed = &mut self.passed;
        *match kind {
            Kind::CueSheet => &mut passed.cue_sheets,
            Kind::List => &mut passed.lists,
            Kind::Artwork => &mut passed.artwork,
            Kind::Text => &mut passed.texts,
            Kind::Other | Kind::Track => &mut passed.other,
        } += 1;
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) -> io::Result<()> {
        self.unreadable += 1;
        self.say(Answer::Unreadable {
            path: path.into(),
            reason: detail(&error.to_string()),
        })
    }

    fn is_left_out(&self, path: &Path) -> bool {
        self.leave_out.iter().any(|out| {
            let out = out.as_path();
            if out.is_absolute() {
                return path.starts_with(out);
            }
            path.file_name()
                .is_some_and(|name| lower(name) == lower(out.as_os_str()))
        })
    }
}

fn lower(name: &OsStr) -> String {
    name.to_string_lossy().to_lowercase()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Track,
    CueSheet,
    List,
    Artwork,
    Text,
    Other,
}

impl Kind {
    fn of(name: &OsStr) -> Self {
        let ending = Path::new(name).extension().map(lower).unwrap_or_default();
        let is = |list: &[&str]| list.contains(&ending.as_str());
        if is(&TRACKS) {
            Self::Track
        } else if is(&CUE_SHEETS) {
            Self::CueSheet
        } else if is(&LISTS) {
            Self::List
        } else if is(&ARTWORK) {
            Self::Artwork
        } else if is(&TEXTS) {
            Self::Text
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::{ffi::OsStringExt, fs::symlink};

    use super::*;

    fn walked(folder: &Path, leave_out: &[FilePath]) -> (Vec<String>, u64, Passed) {
        let mut names = Vec::new();
        let mut end = None;
        walk(&[folder.into()], leave_out, &mut || {}, &mut |answer| {
            match answer {
                Answer::Found { path, .. } => names.push(
                    path.as_path()
                        .strip_prefix(folder)
                        .unwrap()
                        .to_string_lossy()
                        .into_owned(),
                ),
                Answer::Walked {
                    unreadable, passed, ..
                } => end = Some((unreadable, passed)),
                _ => {}
            }
            Ok(())
        })
        .unwrap();
        let (unreadable, passed) = end.unwrap();
        (names, unreadable, passed)
    }

    fn touch(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"x").unwrap();
    }

    #[test]
    fn every_entry_is_found_or_counted() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [
            "b.mp3",
            "a/1.FLAC",
            "a/cover.jpg",
            "a/disc.cue",
            "a/list.m3u8",
            "a/notes.txt",
            "a/movie.mkv",
            ".hidden/x.mp3",
            "Christmas/x.mp3",
            "c/christmas/x.mp3",
        ] {
            touch(&at(name));
        }
        symlink("/nowhere/at/all.mp3", at("dangling.mp3")).unwrap();
        symlink(at("b.mp3"), at("again.mp3")).unwrap();
        symlink(at("b.mp3"), at("once more.mp3")).unwrap();
        symlink(folder.path(), at("a/round")).unwrap();
        let latin = std::ffi::OsString::from_vec(b"stra\xdfe.ogg".to_vec());
        touch(&folder.path().join(latin));
        let (names, unreadable, passed) = walked(folder.path(), &["christmas".into()]);
        assert_eq!(
            names,
            ["again.mp3", "b.mp3", "stra\u{fffd}e.ogg", "a/1.FLAC"]
        );
        assert_eq!(unreadable, 0);
        let wanted = Passed {
            cue_sheets: 1,
            lists: 1,
            artwork: 1,
            texts: 1,
            other: 1,
            left_out: 2,
            hidden: 1,
            not_files: 1,
            twice: 2,
            too_deep: 0,
        };
        assert_eq!(passed, wanted);
    }

    #[test]
    fn a_folder_that_is_gone_is_named() {
        let (names, unreadable, _) = walked(Path::new("/nowhere/at/all"), &[]);
        assert_eq!((names.len(), unreadable), (0, 1));
    }

    #[test]
    fn folders_nested_on_purpose_end() {
        let folder = tempfile::tempdir().unwrap();
        let deep: PathBuf = std::iter::repeat_n("d", 100).collect();
        touch(&folder.path().join(deep).join("x.mp3"));
        let (names, _, passed) = walked(folder.path(), &[]);
        assert_eq!((names.len(), passed.too_deep), (0, 1));
    }
}
