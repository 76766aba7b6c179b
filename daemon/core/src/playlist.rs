//! What may be played, and which of it is nearest to a target.

use serde::{Deserialize, Serialize};

use crate::{affect::Affect, emotion::Emotion, settings::PlaylistSettings};

/// Where a playlist is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Location {
    /// A URI for the player.
    Uri(String),
    /// A path as the user wrote it; the rim makes it absolute and a `file:` URI.
    File(String),
    /// A playlist within the player, by its name; nothing else is known of it.
    InPlayer(String),
    /// The name of a playlist in the user's Spotify library.
    Spotify(String),
}

impl Location {
    /// The text as configured.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Uri(text) | Self::File(text) | Self::InPlayer(text) | Self::Spotify(text) => text,
        }
    }
}

/// A playlist of the configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Playlist {
    /// What the user calls it.
    pub name: String,
    /// Where it is.
    pub location: Location,
    /// The name of the same within the player, for players that have playlists of their own.
    pub in_player: Option<String>,
    /// The mood that it was given.
    pub mood: Option<Emotion>,
    /// Where it lies: as given, else where its mood lies, else nowhere (played by name only).
    pub affect: Option<Affect>,
}

impl Playlist {
    /// From its settings; `None` if they name nothing to play (the configuration's check
    /// refuses that before).
    #[must_use]
    pub fn from_settings(settings: &PlaylistSettings) -> Option<Self> {
        let places = (
            &settings.uri,
            &settings.file,
            &settings.spotify,
            &settings.player_playlist,
        );
        let location = match places {
            (Some(uri), ..) => Location::Uri(uri.clone()),
            (None, Some(file), ..) => Location::File(file.clone()),
            (None, None, Some(name), _) => Location::Spotify(name.clone()),
            (None, None, None, Some(name)) => Location::InPlayer(name.clone()),
            (None, None, None, None) => return None,
        };
        Some(Self {
            name: settings.name.clone(),
            location,
            in_player: settings.player_playlist.clone(),
            mood: settings.mood,
            affect: settings
                .affect
                .map(|pair| pair.0)
                .or(settings.mood.map(Affect::of)),
        })
    }
}

/// The playlist of that name; letter case counts only when two differ by nothing else.
#[must_use]
pub fn by_name<'a>(playlists: &'a [Playlist], name: &str) -> Option<&'a Playlist> {
    playlists
        .iter()
        .find(|playlist| playlist.name == name)
        .or_else(|| {
            playlists
                .iter()
                .find(|playlist| playlist.name.to_lowercase() == name.to_lowercase())
        })
}

/// The playlist that lies nearest to `target`, and how far off it is; the earlier one on a tie.
#[must_use]
pub fn nearest(playlists: &[Playlist], target: Affect) -> Option<(&Playlist, f64)> {
    playlists
        .iter()
        .filter_map(|playlist| {
            playlist
                .affect
                .map(|affect| (playlist, affect.distance(target)))
        })
        .min_by(|a, b| a.1.total_cmp(&b.1))
}

/// The playlist given to that mood, else the one nearest to where the mood lies.
#[must_use]
pub fn for_mood(playlists: &[Playlist], mood: Emotion) -> Option<&Playlist> {
    playlists
        .iter()
        .find(|playlist| playlist.mood == Some(mood))
        .or_else(|| nearest(playlists, Affect::of(mood)).map(|(playlist, _)| playlist))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(name: &str, mood: Option<Emotion>, affect: Option<Affect>) -> Playlist {
        Playlist {
            name: name.into(),
            location: Location::Uri(format!("file:///{name}")),
            in_player: None,
            mood,
            affect: affect.or(mood.map(Affect::of)),
        }
    }

    #[test]
    fn a_mood_without_a_playlist_falls_to_the_nearest() {
        let lists = [
            list("rain", Some(Emotion::Sad), None),
            list("sun", Some(Emotion::Happy), None),
            list("named-only", None, None),
        ];
        assert_eq!(for_mood(&lists, Emotion::Sad).unwrap().name, "rain");
        assert_eq!(for_mood(&lists, Emotion::Surprise).unwrap().name, "sun");
        assert_eq!(for_mood(&lists, Emotion::Disgust).unwrap().name, "rain");
        assert!(for_mood(&lists[2..], Emotion::Sad).is_none());
    }

    #[test]
    fn names_are_found_whatever_their_case_but_the_exact_one_first() {
        let lists = [list("Sun", None, None), list("sun", None, None)];
        assert_eq!(by_name(&lists, "sun").unwrap().name, "sun");
        assert_eq!(by_name(&lists, "SUN").unwrap().name, "Sun");
        assert!(by_name(&lists, "moon").is_none());
    }
}
