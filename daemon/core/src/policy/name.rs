//! What an intent is called in a file and on the bus.

use moodlark_catalogue::tr;

use crate::settings::Intent;

impl std::fmt::Display for Intent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Match => f.write_str("match"),
            Self::Uplift => f.write_str("uplift"),
            Self::Calm => f.write_str("calm"),
            Self::Energise => f.write_str("energise"),
            Self::Keep => f.write_str("keep"),
            Self::Playlist(name) => write!(f, "playlist:{name}"),
        }
    }
}

/// The text names no intent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", tr!("`{name}` is no policy; write match, uplift, calm, energise, keep, auto or playlist:NAME", name))]
pub struct UnknownIntent {
    /// What was written.
    pub name: String,
}

impl std::str::FromStr for Intent {
    type Err = UnknownIntent;
    fn from_str(text: &str) -> Result<Self, UnknownIntent> {
        match text.trim() {
            "match" => Ok(Self::Match),
            "uplift" => Ok(Self::Uplift),
            "calm" => Ok(Self::Calm),
            "energise" => Ok(Self::Energise),
            "keep" => Ok(Self::Keep),
            other => match other.strip_prefix("playlist:") {
                Some(name) if !name.trim().is_empty() => Ok(Self::Playlist(name.trim().to_owned())),
                _ => Err(UnknownIntent {
                    name: text.to_owned(),
                }),
            },
        }
    }
}
