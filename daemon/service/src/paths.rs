//! Paths as the user writes them, and the URIs that players want.

use std::path::{Path, PathBuf};

use moodlark_core::playlist::Location;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// What stays as it is in the path of a `file:` URI (RFC 3986, unreserved and `/`).
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Puts the home folder in for a leading `~/`.
#[must_use]
pub fn expand_home(path: &str) -> PathBuf {
    match path.strip_prefix("~/") {
        Some(rest) => directories::BaseDirs::new()
            .map_or_else(|| PathBuf::from(path), |dirs| dirs.home_dir().join(rest)),
        None => PathBuf::from(path),
    }
}

/// The URI that a player is given, or why there is none: a relative path means nothing to a service.
///
/// # Errors
/// A sentence.
pub fn uri_of(location: &Location) -> Result<String, String> {
    match location {
        Location::Uri(uri) => Ok(uri.clone()),
        Location::File(file) => {
            let path = expand_home(file);
            if !path.is_absolute() {
                return Err(format!(
                    "`{file}` is not an absolute path; begin it with / or ~/"
                ));
            }
            Ok(file_uri(&path))
        }
    }
}

/// A path as a `file:` URI.
#[must_use]
pub fn file_uri(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let bytes = path.as_os_str().as_bytes();
    format!("file://{}", percent_encoding::percent_encode(bytes, PATH))
}

/// What is wrong with a playlist's place, empty if nothing is.
#[must_use]
pub fn problem(location: &Location) -> String {
    match location {
        Location::Uri(_) => String::new(),
        Location::File(file) => {
            let path = expand_home(file);
            if !path.is_absolute() {
                format!("`{file}` is not an absolute path")
            } else if let Err(error) = std::fs::File::open(&path) {
                format!("{}: {error}", path.display())
            } else {
                String::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_special_in_a_uri_is_encoded() {
        assert_eq!(
            file_uri(Path::new("/m/a b#c?é.m3u8")),
            "file:///m/a%20b%23c%3F%C3%A9.m3u8"
        );
    }

    #[test]
    fn a_relative_file_is_refused() {
        assert!(uri_of(&Location::File("songs.m3u8".into())).is_err());
        assert_eq!(
            uri_of(&Location::Uri("spotify:playlist:1".into())).unwrap(),
            "spotify:playlist:1"
        );
    }
}
