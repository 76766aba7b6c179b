//! `[library]`: the user's own music.

use serde::{Deserialize, Serialize};

/// `[library]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LibrarySettings {
    /// Whether to listen to the user's music and to choose from it. Nothing is heard before the first scan that they
    /// ask for.
    pub enabled: bool,
    /// The folders with it, those within included; `~/` is the home folder. Empty: the XDG music
    /// folder.
    pub folders: Vec<String>,
    /// What is left out: a path from `/` or `~/` means itself and all below it, a bare name every file or folder of
    /// that name.
    pub leave_out: Vec<String>,
    /// What to do with music for a season.
    pub seasonal: Seasonal,
}

impl Default for LibrarySettings {
    fn default() -> Self {
        Self {
            enabled: true,
            folders: Vec::new(),
            leave_out: Vec::new(),
            seasonal: Seasonal::InSeason,
        }
    }
}

/// What to do with music for a season: Christmas songs, as folders, titles or genres name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seasonal {
    /// Play it all year.
    Always,
    /// Play it in its season: in December.
    InSeason,
    /// Leave it out.
    Never,
}

impl Seasonal {
    /// Whether seasonal music may be played in that month, 1..=12.
    #[must_use]
    pub const fn plays_in(self, month: u8) -> bool {
        match self {
            Self::Always => true,
            Self::InSeason => month == 12,
            Self::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_section_listens_to_the_music_folder() {
        let settings: LibrarySettings = serde_json::from_str("{}").unwrap();
        assert_eq!(settings, LibrarySettings::default());
        let text = r#"{"folders": ["~/Music"], "leave-out": ["Audiobooks"], "seasonal": "never"}"#;
        let settings: LibrarySettings = serde_json::from_str(text).unwrap();
        assert_eq!(settings.leave_out, ["Audiobooks"]);
        assert!(!settings.seasonal.plays_in(12));
        assert!(serde_json::from_str::<LibrarySettings>(r#"{"folder": "x"}"#).is_err());
    }

    #[test]
    fn christmas_is_in_december() {
        assert!(Seasonal::InSeason.plays_in(12) && !Seasonal::InSeason.plays_in(7));
        assert!(Seasonal::Always.plays_in(7));
    }
}
