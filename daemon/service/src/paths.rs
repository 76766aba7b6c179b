//! Paths as the user writes them, and the URIs that players want.

use std::path::PathBuf;

use moodlark_catalogue::tr;
use moodlark_core::playlist::Location;

use crate::players::file_uri;

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
        Location::InPlayer(name) => Err(tr!(
            "\u{201c}{name}\u{201d} is a playlist within the player, and has no URI",
            name
        )),
        Location::Spotify(name) => Err(tr!(
            "\u{201c}{name}\u{201d} is a name that only Spotify knows",
            name
        )),
        Location::Library { .. } => {
            Err(tr!("a list of your own music is written when it is played"))
        }
        Location::File(file) => {
            let path = expand_home(file);
            if !path.is_absolute() {
                return Err(tr!(
                    "`{file}` is not an absolute path; begin it with / or ~/",
                    file
                ));
            }
            Ok(file_uri(&path))
        }
    }
}

/// What is wrong with a playlist's place, empty if nothing is.
#[must_use]
pub fn problem(location: &Location) -> String {
    match location {
        Location::Uri(_)
        | Location::InPlayer(_)
        | Location::Spotify(_)
        | Location::Library { .. } => String::new(),
        Location::File(file) => {
            let path = expand_home(file);
            if !path.is_absolute() {
                tr!("`{file}` is not an absolute path", file)
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
    fn a_relative_file_is_refused() {
        assert!(uri_of(&Location::File("songs.m3u8".into())).is_err());
        assert_eq!(
            uri_of(&Location::Uri("spotify:playlist:1".into())).unwrap(),
            "spotify:playlist:1"
        );
    }
}
