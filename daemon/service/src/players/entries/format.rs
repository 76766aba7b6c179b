//! The forms of playlist files, and what stands in them: entry by entry, as it is written there.
//!
//! M3U has no standard. What is read here is what players write: with and without a BOM, any end of line,
//! `#EXTINF` before an entry, Latin-1 in old files; UTF-16 where a BOM says so.

use std::{borrow::Cow, path::Path, time::Duration};

use super::xspf;

/// Titles are shown to people: more of one is not.
const LONGEST_TITLE: usize = 300;

/// The forms of playlist files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::players) enum Kind {
    M3u,
    Pls,
    Xspf,
}

/// One line of a playlist.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Entry {
    /// The path or URI, as it is written.
    pub(super) text: Vec<u8>,
    /// It is a URI reference even without a scheme, and so percent-encoded.
    pub(super) encoded: bool,
    /// What the list says that it is called; may be empty.
    pub(super) title: String,
    /// How long the list says that it is.
    pub(super) length: Option<Duration>,
}

/// The entries of a playlist file, up to a number of them.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) kept: Vec<Entry>,
    /// All of them, those that were not kept as well.
    pub(super) count: usize,
    most: usize,
}

impl Entries {
    pub(super) fn push(&mut self, entry: Entry) {
        if entry.text.is_empty() {
            return;
        }
        self.count += 1;
        if self.kept.len() < self.most {
            self.kept.push(entry);
        }
    }
}

impl Kind {
    /// By the ending of the file's name.
    pub(in crate::players) fn of(path: &Path) -> Option<Self> {
        let ext = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match ext.as_str() {
            "m3u8" | "m3u" => Self::M3u,
            "pls" => Self::Pls,
            "xspf" => Self::Xspf,
            _ => return None,
        })
    }

    /// What stands in it; the first `most` entries are kept, the others counted.
    pub(super) fn entries(self, bytes: &[u8], most: usize) -> Entries {
        let bytes = &*in_utf8(bytes);
        let mut entries = Entries {
            most,
            ..Entries::default()
        };
        match self {
            Self::M3u => m3u(bytes, &mut entries),
            Self::Pls => pls(bytes, &mut entries),
            // Old ones say ISO-8859-1 in their first line.
            Self::Xspf => xspf::read(&text(bytes), &mut entries),
        }
        entries
    }
}

/// Without a byte order mark, and UTF-8 where the mark says UTF-16; else as it is.
fn in_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.as_chunks().0.iter().copied().map(unit);
        let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        Cow::Owned(text.collect::<String>().into_bytes())
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(rest),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => Cow::Borrowed(bytes),
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|b| matches!(b, b'\n' | b'\r'))
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
}

fn m3u(bytes: &[u8], entries: &mut Entries) {
    let mut told = Entry::default();
    for line in lines(bytes) {
        if let Some(info) = line.strip_prefix(b"#EXTINF:") {
            told = extinf(info);
        } else if !line.starts_with(b"#") {
            entries.push(Entry {
                text: line.to_vec(),
                ..std::mem::take(&mut told)
            });
        }
    }
}

/// `123,Artist - Title`, or with attributes: `-1 tvg-id="x",Title`.
fn extinf(info: &[u8]) -> Entry {
    let comma = info.iter().position(|b| *b == b',').unwrap_or(info.len());
    let (seconds, title) = info.split_at(comma);
    let seconds = String::from_utf8_lossy(seconds);
    let seconds = seconds.split_whitespace().next().unwrap_or_default();
    Entry {
        title: shown(&text(title.get(1..).unwrap_or_default())),
        length: length(seconds.parse().unwrap_or_default()),
        ..Entry::default()
    }
}

fn pls(bytes: &[u8], entries: &mut Entries) {
    // `Title3` mostly follows `File3`, and nothing says that it must.
    let mut places = std::collections::HashMap::new();
    for line in lines(bytes) {
        let Some(at) = line.iter().position(|b| *b == b'=') else {
            continue;
        };
        let (name, value) = (line[..at].trim_ascii(), line[at + 1..].trim_ascii());
        let digits = name.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let (name, number) = name.split_at(name.len() - digits);
        if name.eq_ignore_ascii_case(b"file") {
            places.insert(number, entries.kept.len());
            entries.push(Entry {
                text: value.to_vec(),
                ..Entry::default()
            });
            continue;
        }
        let Some(entry) = places
            .get(number)
            .and_then(|place| entries.kept.get_mut(*place))
        else {
            continue;
        };
        if name.eq_ignore_ascii_case(b"title") {
            entry.title = shown(&text(value));
        } else if name.eq_ignore_ascii_case(b"length") {
            entry.length = length(text(value).parse().unwrap_or_default());
        }
    }
}

/// Latin-1 where it is no UTF-8: old files say nothing of their encoding.
pub(super) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// One line, without control characters, and not endless.
pub(super) fn shown(title: &str) -> String {
    let clean = title
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_TITLE);
    clean.collect::<String>().trim().to_owned()
}

/// From seconds; players write -1 or 0 where they do not know.
pub(super) fn length(seconds: f64) -> Option<Duration> {
    const A_YEAR: f64 = 365.0 * 86400.0;
    (seconds > 0.0 && seconds < A_YEAR).then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(kind: Kind, bytes: &[u8]) -> Vec<String> {
        let entries = kind.entries(bytes, 1000).kept;
        entries.iter().map(|entry| text(&entry.text)).collect()
    }

    #[test]
    fn an_m3u_tells_its_entries() {
        let m3u = "\u{feff}#EXTM3U\r\n#EXTINF:40,One\r\nOne more.ogg\r\n\r\n/abs/two.ogg\r#x\rfile:///three%20x.ogg";
        assert_eq!(
            texts(Kind::M3u, m3u.as_bytes()),
            ["One more.ogg", "/abs/two.ogg", "file:///three%20x.ogg"]
        );
        let entries = Kind::M3u.entries(m3u.as_bytes(), 2);
        assert_eq!((entries.kept.len(), entries.count), (2, 3));
        assert_eq!(entries.kept[0].title, "One");
        assert_eq!(entries.kept[0].length, Some(Duration::from_secs(40)));
        assert_eq!(entries.kept[1].title, "", "it was the one before's");
        let radio = b"#EXTINF:-1 tvg-id=\"x\",Radio \x1b[31mX\nhttp://radio/x\n";
        let entries = Kind::M3u.entries(radio, 9).kept;
        assert_eq!(entries[0].title, "Radio  [31mX");
        assert_eq!(entries[0].length, None);
    }

    #[test]
    fn latin_1_and_utf_16_are_read() {
        assert_eq!(texts(Kind::M3u, b"f\xfcr.ogg\n"), ["für.ogg"]);
        let wide: Vec<u8> = "\u{feff}für.ogg\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(texts(Kind::M3u, &wide), ["für.ogg"]);
    }

    #[test]
    fn a_pls_tells_its_entries_with_their_titles() {
        let pls = b"[playlist]\nNumberOfEntries=2\nFile1=a.ogg\nTitle1=File\nfile2 = http://x/y\nLength1=12\nTitle9=no\n";
        assert_eq!(texts(Kind::Pls, pls), ["a.ogg", "http://x/y"]);
        let first = &Kind::Pls.entries(pls, 9).kept[0];
        assert_eq!(first.title, "File");
        assert_eq!(first.length, Some(Duration::from_secs(12)));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for kind in [Kind::M3u, Kind::Pls, Kind::Xspf] {
                let entries = kind.entries(&bytes, 5);
                prop_assert!(entries.kept.len() <= 5 && entries.kept.len() <= entries.count);
                prop_assert!(entries.kept.iter().all(|entry| !entry.text.is_empty()));
            }
        }

        #[test]
        fn no_markup_is_too_odd(parts in proptest::collection::vec(
            prop::sample::select(vec!["<track>", "</track>", "<location>", "</location>", "<![CDATA[", "]]>", "&#65;", "&x;", "&", "a", "<!--", "-->", "<", ">", "<?x", "\"", "<location x='", "\u{0}"]), 0..40,
        )) {
            let entries = Kind::Xspf.entries(parts.concat().as_bytes(), 9);
            prop_assert!(entries.kept.len() <= entries.count);
        }
    }
}
