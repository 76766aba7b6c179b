//! Paths and URIs of files, as Moodlark writes them and as others spell them.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Component, Path, PathBuf},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

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

/// The path of a `file:` URI on this machine, as RFC 8089 has it.
#[must_use]
pub fn path_of(uri: &str) -> Option<PathBuf> {
    let path = local_part(uri)?;
    absolute(&decoded(path.split(['?', '#']).next().unwrap_or(path)))
}

/// All that a `file:` URI can mean on this machine, the likeliest first: players and people also write `#` and `?`
/// as they are, and some encode nothing at all.
pub(super) fn paths_of(uri: &str) -> Vec<PathBuf> {
    let Some(path) = local_part(uri) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = path_of(uri).into_iter().collect();
    if path.contains(['?', '#', '%']) {
        for other in [decoded(path), PathBuf::from(path)] {
            if let Some(other) = absolute(&other).filter(|other| !paths.contains(other)) {
                paths.push(other);
            }
        }
    }
    paths
}

/// What stands behind `file:` and a host that is this machine.
fn local_part(uri: &str) -> Option<&str> {
    let rest = uri
        .get(..5)
        .filter(|scheme| scheme.eq_ignore_ascii_case("file:"))
        .map(|_| &uri[5..])?;
    match rest.strip_prefix("//") {
        Some(rest) => {
            let at = rest.find('/')?;
            let host = &rest[..at];
            (host.is_empty() || host.eq_ignore_ascii_case("localhost")).then_some(&rest[at..])
        }
        None => Some(rest),
    }
}

/// Percent-encoding undone.
pub(super) fn decoded(text: &str) -> PathBuf {
    PathBuf::from(OsString::from_vec(percent_decode_str(text).collect()))
}

fn absolute(path: &Path) -> Option<PathBuf> {
    path.is_absolute().then(|| lexical(path))
}

/// What two spellings of one place have in common: for files the path, else the text itself.
pub(super) fn key(url: &str) -> String {
    match path_of(url) {
        Some(path) => path.to_string_lossy().into_owned(),
        None if url.starts_with('/') => lexical(Path::new(url)).to_string_lossy().into_owned(),
        None => url.to_owned(),
    }
}

/// The keys of all that a URL can mean, the likeliest first.
pub(super) fn keys(url: &str) -> Vec<String> {
    let paths = paths_of(url);
    if paths.is_empty() {
        return vec![key(url)];
    }
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    paths.into_iter().map(text).collect()
}

/// Without `.` and `..`, as players write it.
pub(super) fn lexical(path: &Path) -> PathBuf {
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_becomes_a_uri_and_comes_back() {
        let path = Path::new("/home/zoë/100 % music/#1?.m3u8");
        let uri = file_uri(path);
        assert_eq!(uri, "file:///home/zo%C3%AB/100%20%25%20music/%231%3F.m3u8");
        assert_eq!(path_of(&uri).as_deref(), Some(path));
        assert_eq!(paths_of(&uri).first().map(PathBuf::as_path), Some(path));
        assert_eq!(key(&uri), key("/home/zoë/./100 % music/#1?.m3u8"));
        assert_eq!(path_of("file://elsewhere/x"), None);
        assert_eq!(path_of("FILE:/x"), Some("/x".into()));
        assert_eq!(path_of("é"), None);
        assert!(paths_of("http://x/y#z").is_empty());
    }

    /// cmus is one that proposes it.
    #[test]
    fn a_url_that_a_player_does_not_encode_means_the_file_that_it_names() {
        let keys = keys("file:///m/100%41 a#1.ogg");
        assert_eq!(
            keys,
            ["/m/100A a", "/m/100A a#1.ogg", "/m/100%41 a#1.ogg"],
            "all that it can mean"
        );
        assert_eq!(super::keys("http://x/y%20z"), ["http://x/y%20z"]);
        assert_eq!(super::keys("/a/../b"), ["/b"]);
    }

    proptest! {
        #[test]
        fn any_path_comes_back(bytes in proptest::collection::vec(1_u8.., 0..60)) {
            let path = Path::new("/").join(OsString::from_vec(bytes));
            prop_assert_eq!(path_of(&file_uri(&path)), Some(lexical(&path)));
        }

        #[test]
        fn no_text_is_too_odd(text in ".{0,80}", path in "file:.{0,80}") {
            prop_assert!(!keys(&text).is_empty() && !keys(&path).is_empty());
        }
    }
}
