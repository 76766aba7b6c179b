//! What can go wrong with a player; each a sentence that a person can act on.

use moodlark_api::error::Error as BusError;
use moodlark_catalogue::tr;
use moodlark_core::player::{Choice, PlayerView};

/// A player could not be asked, or did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlayerError {
    /// No player is running, or none may be used.
    #[error("{0}")]
    NoPlayer(String),
    /// Several players play at once and none is pinned.
    #[error("{0}")]
    AmbiguousPlayer(String),
    /// The player has no way to open this.
    #[error("{0}")]
    NoRoute(String),
    /// The player said ok, and did not do it.
    #[error("{0}")]
    NotVerified(String),
    /// The player went away, or did not answer in time.
    #[error("{0}")]
    PlayerGone(String),
    /// The user did something in the player while the volume went down: theirs it is.
    #[error("{0}")]
    TakenOver(String),
    /// The playlist's file is not there, cannot be read, or has nothing in it that could be played.
    #[error("{0}")]
    PlaylistUnreadable(String),
}

impl PlayerError {
    /// The error that stands for a choice of no player; `None` when one was chosen.
    #[must_use]
    pub fn of_choice(choice: &Choice, views: &[PlayerView]) -> Option<Self> {
        match choice {
            Choice::Player(_) => None,
            Choice::None(why) => Some(Self::NoPlayer(why.to_string())),
            Choice::Ambiguous(names) => {
                let names: Vec<&str> = names
                    .iter()
                    .map(|name| {
                        views
                            .iter()
                            .find(|v| v.bus_name == *name)
                            .map_or(name.as_str(), PlayerView::display_name)
                    })
                    .collect();
                Some(Self::AmbiguousPlayer(tr!(
                    "{names} play at once; stop one of them, or set `pinned` under [player]",
                    names = names.join(" and ")
                )))
            }
        }
    }
}

impl From<PlayerError> for BusError {
    fn from(error: PlayerError) -> Self {
        match error {
            PlayerError::NoPlayer(why) => Self::NoPlayer(why),
            PlayerError::AmbiguousPlayer(why) => Self::AmbiguousPlayer(why),
            PlayerError::NoRoute(why) => Self::NoRoute(why),
            PlayerError::NotVerified(why) => Self::NotVerified(why),
            PlayerError::PlayerGone(why) => Self::PlayerGone(why),
            PlayerError::TakenOver(why) => Self::TakenOver(why),
            PlayerError::PlaylistUnreadable(why) => Self::PlaylistUnreadable(why),
        }
    }
}

/// The session bus would not let itself be watched for players.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch the session bus for players: {0}")]
pub struct StartError(#[from] pub(super) zbus::Error);
