//! Paths as the user writes them, and the URIs that players want.

use std::path::{Path, PathBuf};

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

/// Where the lists that players are given can lie, the best place first; see [`crate::players::write_list`]. Within
/// the user's music, where there is a folder for that: players in a sandbox see nothing else of a home, or nothing
/// that is hidden in it. Else with our own state.
#[must_use]
pub fn list_folders(state_dir: &Path) -> Vec<PathBuf> {
    let user = directories::UserDirs::new();
    let music = user.as_ref().and_then(|dirs| {
        // xdg-user-dirs puts the home itself for a folder that the user does not want.
        let music = dirs.audio_dir()?;
        (music != dirs.home_dir() && music.is_dir()).then(|| music.join("Playlists/Moodlark"))
    });
    music.into_iter().chain([state_dir.join("lists")]).collect()
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
