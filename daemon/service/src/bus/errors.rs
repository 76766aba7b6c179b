//! From what can go wrong to the named errors of the bus.

use moodlark_api::error::Error;
use moodlark_core::engine::{Outcome, Refusal};
use zbus::DBusError as _;

use crate::players::PlayerError;

/// A refusal of the engine's as a named error.
#[must_use]
pub fn of_refusal(refusal: &Refusal) -> Error {
    let sentence = refusal.to_string();
    match refusal {
        Refusal::CameraOff => Error::CameraOff(sentence),
        Refusal::CameraBlocked(_) => Error::CameraBlocked(sentence),
        Refusal::Looking => Error::Looking(sentence),
        Refusal::CalibrationSpan { .. } | Refusal::NoSuchRule { .. } => {
            Error::InvalidArgument(sentence)
        }
        Refusal::NoSuchMusic { .. }
        | Refusal::NoSuchPlaylist { .. }
        | Refusal::NoPlaylist { .. } => Error::NoPlaylist(sentence),
        Refusal::NoPlayer { .. } => Error::NoPlayer(sentence),
        Refusal::SeveralPlayers { .. } => Error::AmbiguousPlayer(sentence),
        Refusal::PlayerUnusable { .. } => Error::NoRoute(sentence),
        Refusal::Switching => Error::Switching(sentence),
        Refusal::NothingToUndo => Error::NothingToUndo(sentence),
    }
}

/// A failure of a player's as a named error.
#[must_use]
pub fn of_player(error: &PlayerError) -> Error {
    let sentence = error.to_string();
    match error {
        PlayerError::NoPlayer { .. } => Error::NoPlayer(sentence),
        PlayerError::AmbiguousPlayer { .. } => Error::AmbiguousPlayer(sentence),
        PlayerError::NoRoute { .. } => Error::NoRoute(sentence),
        PlayerError::NotVerified { .. } => Error::NotVerified(sentence),
        PlayerError::PlayerGone { .. } => Error::PlayerGone(sentence),
        PlayerError::TakenOver { .. } => Error::TakenOver(sentence),
        PlayerError::PlaylistUnreadable { .. } => Error::PlaylistUnreadable(sentence),
    }
}

/// A named error as the engine keeps it.
#[must_use]
pub fn to_outcome(error: &Error) -> Outcome {
    let name = error.name();
    Outcome {
        name: name.rsplit('.').next().unwrap_or_default().to_owned(),
        sentence: sentence(error),
    }
}

/// The sentence without the name.
#[must_use]
pub fn sentence(error: &Error) -> String {
    error
        .description()
        .map_or_else(|| error.to_string(), ToOwned::to_owned)
}
