//! `[[playlist]]`, `[player]`, `[mpd]` and `[spotify]`: what may be played, by whom and when.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{affect::Affect, emotion::Emotion, player::mpd::Address, time::span};

/// `[[player.quirk]]`: what is odd about one player. What is left out is as Moodlark knows it; see
/// [`crate::player::Quirks`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs)] // each as there
pub struct QuirkSettings {
    /// The player: its bus name's last part or its Identity.
    pub name: String,
    pub hidden: Option<bool>,
    pub never: Option<bool>,
    pub spotify: Option<bool>,
    pub opens_files: Option<bool>,
    pub no_playlist_files: Option<bool>,
    pub no_open_uri: Option<bool>,
    pub no_playlists: Option<bool>,
    pub no_add_tracks: Option<bool>,
    pub activating_toggles: Option<bool>,
    pub wrong_active_playlist: Option<bool>,
    pub keeps_what_it_opened: Option<bool>,
    pub says_stopped: Option<bool>,
    pub keeps_track_list: Option<bool>,
    pub volume_resets: Option<bool>,
    pub shuffle_kills: Option<bool>,
}

/// `[[playlist]]`: one of `uri` and `file`, or a `player-playlist`, or both; and one of `mood` and `affect` (or neither, for a
/// playlist that is only played by name).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlaylistSettings {
    /// What the user calls it.
    pub name: String,
    /// A URI that the player opens, for example `spotify:playlist:…`.
    pub uri: Option<String>,
    /// A file: an `.m3u8`, `.m3u`, `.pls` or `.xspf`; `~/` is the home folder.
    pub file: Option<String>,
    /// The name of a playlist within the player, for players that have such.
    #[serde(default)]
    pub player_playlist: Option<String>,
    /// The name of a playlist in the user's Spotify library; needs `[spotify] client-id`.
    pub spotify: Option<String>,
    /// The mood that it fits.
    pub mood: Option<Emotion>,
    /// Where it lies: valence and arousal, each −1..=1.
    pub affect: Option<AffectPair>,
}

/// `[valence, arousal]`
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 2]", into = "[f64; 2]")]
pub struct AffectPair(pub Affect);

impl TryFrom<[f64; 2]> for AffectPair {
    type Error = String;
    fn try_from([valence, arousal]: [f64; 2]) -> Result<Self, String> {
        let fits = |x: f64| (-1.0..=1.0).contains(&x);
        if fits(valence) && fits(arousal) {
            Ok(Self(Affect { valence, arousal }))
        } else {
            Err(format!(
                "[{valence}, {arousal}]: valence and arousal lie between -1 and 1"
            ))
        }
    }
}

impl From<AffectPair> for [f64; 2] {
    fn from(pair: AffectPair) -> Self {
        [pair.0.valence, pair.0.arousal]
    }
}

/// `[player]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlayerSettings {
    /// Act on this player and no other: its bus name's last part or its Identity.
    pub pinned: Option<String>,
    /// The one to prefer when nothing else tells.
    pub preferred: Option<String>,
    /// Never touch these.
    pub ignore: Vec<String>,
    /// When the music is changed, once that is decided.
    pub when: When,
    /// How long the volume takes to go down and up again.
    #[serde(with = "span")]
    pub fade_for: Duration,
    /// Change the music while a program uses the camera or the microphone, too.
    pub during_calls: bool,
    /// Players that differ from what Moodlark knows of them.
    #[serde(rename = "quirk")]
    pub quirks: Vec<QuirkSettings>,
}

impl Default for PlayerSettings {
    fn default() -> Self {
        Self {
            pinned: None,
            preferred: None,
            ignore: Vec::new(),
            when: When::AtTrackEnd,
            fade_for: Duration::from_secs(2),
            during_calls: false,
            quirks: Vec::new(),
        }
    }
}

/// When the music is changed, once that is decided. What the user asks for by hand is always played at
/// once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// When the track that plays ends.
    AtTrackEnd,
    /// At once, in the middle of a track.
    Now,
    /// At once, with the volume going down before and up after it.
    Fade,
}

/// `[mpd]`
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MpdSettings {
    /// Whether to look for MPD at all.
    pub enabled: bool,
    /// `auto`, or as in [`crate::player::mpd::Address`]; may hold a password, so it is in no `Debug`.
    pub address: String,
    /// Where MPD's music is on this machine, for an MPD that is reached over TCP and so doesn't tell.
    pub music_directory: Option<String>,
}

impl Default for MpdSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            address: "auto".into(),
            music_directory: None,
        }
    }
}

impl MpdSettings {
    /// The same without the password that the address may hold: for what is kept beside the configuration.
    #[must_use]
    pub fn without_password(&self) -> Self {
        let address = match Address::parse(&self.address) {
            Ok(Address {
                place,
                password: Some(_),
            }) => place.to_string(),
            // What is no address may be one with a password and a slip.
            Err(_) if self.address.contains('@') => Self::default().address,
            _ => self.address.clone(),
        };
        Self {
            address,
            ..self.clone()
        }
    }
}

impl std::fmt::Debug for MpdSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MpdSettings")
            .field("enabled", &self.enabled)
            .field("music_directory", &self.music_directory)
            .finish_non_exhaustive()
    }
}

/// `[spotify]`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SpotifySettings {
    /// The client ID of the user's own app; without one the Web API is never asked.
    pub client_id: Option<String>,
    /// Play on any device of the account, and not on this computer alone.
    pub any_device: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_all_but_its_password() {
        for (given, kept) in [
            ("auto", "auto"),
            ("nas:6601", "nas:6601"),
            ("secret@nas", "nas:6600"),
            ("secret@[::1]:6601", "[::1]:6601"),
            ("@mpd", "@mpd"),
            ("/run/a@b/socket", "/run/a@b/socket"),
            ("secret@nas:none", "auto"),
        ] {
            let settings = MpdSettings {
                address: given.into(),
                ..MpdSettings::default()
            };
            assert_eq!(settings.without_password().address, kept, "{given}");
        }
    }
}
