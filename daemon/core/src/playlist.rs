//! What may be played, and which of it is nearest to a target.

pub mod own;

use serde::{Deserialize, Serialize};

use crate::{affect::Affect, emotion::Emotion, settings::PlaylistSettings};

/// Where a playlist is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// A list of the user's own music; the rim chooses its tracks and writes it.
    Library {
        /// Where the music is to be.
        target: Affect,
        /// Where it begins, for a gradual change.
        #[serde(default)]
        from: Option<Affect>,
    },
}

impl Location {
    /// The text as configured; empty for a list that is yet to be written.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Uri(text) | Self::File(text) | Self::InPlayer(text) | Self::Spotify(text) => text,
            Self::Library { .. } => "",
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

/// The playlist given to that mood, else what lies nearest to where the mood lies: see [`for_target`].
#[must_use]
pub fn for_mood(playlists: &[Playlist], library: bool, mood: Emotion) -> Option<Playlist> {
    given(playlists, mood)
        .cloned()
        .or_else(|| for_target(playlists, library, Affect::of(mood)))
}

/// The playlist given to that mood.
#[must_use]
pub fn given(playlists: &[Playlist], mood: Emotion) -> Option<&Playlist> {
    playlists
        .iter()
        .find(|playlist| playlist.mood == Some(mood))
}

/// The playlist that lies nearest to `target`; with a `library` of the user's own music a list of that, unless a playlist of
/// theirs lies within [`own::NEAR_ENOUGH`]: what they sorted themselves comes first.
#[must_use]
pub fn for_target(playlists: &[Playlist], library: bool, target: Affect) -> Option<Playlist> {
    let nearest = nearest(playlists, target);
    if library && nearest.is_none_or(|(_, distance)| distance > own::NEAR_ENOUGH) {
        return Some(own::list(target));
    }
    nearest.map(|(playlist, _)| playlist.clone())
}

/// Where the playlist of that name lies, be it one of the user's or one of Moodlark's own.
#[must_use]
pub fn affect_of(playlists: &[Playlist], name: &str) -> Option<Affect> {
    match by_name(playlists, name) {
        Some(playlist) => playlist.affect,
        None => own::affect_of(name),
    }
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
        let named = |mood| for_mood(&lists, false, mood).unwrap().name;
        assert_eq!(named(Emotion::Sad), "rain");
        assert_eq!(named(Emotion::Surprise), "sun");
        assert_eq!(named(Emotion::Disgust), "rain");
        assert!(for_mood(&lists[2..], false, Emotion::Sad).is_none());
    }

    #[test]
    fn the_users_own_playlists_come_before_their_library_where_they_fit() {
        let lists = [list("rain", Some(Emotion::Sad), None)];
        let found = |mood| for_mood(&lists, true, mood).unwrap();
        assert_eq!(found(Emotion::Sad).name, "rain");
        let happy = found(Emotion::Happy);
        assert_eq!(
            happy.location,
            Location::Library {
                target: Affect::of(Emotion::Happy),
                from: None
            }
        );
        assert!(for_mood(&[], true, Emotion::Sad).is_some());
    }

    #[test]
    fn names_are_found_whatever_their_case_but_the_exact_one_first() {
        let lists = [list("Sun", None, None), list("sun", None, None)];
        assert_eq!(by_name(&lists, "sun").unwrap().name, "sun");
        assert_eq!(by_name(&lists, "SUN").unwrap().name, "Sun");
        assert!(by_name(&lists, "moon").is_none());
    }
}
