//! What went wrong, as a sentence and an exit code.

use moodlark_api::error::Error as ApiError;
use moodlark_catalogue::tr;
use serde_json::{Value, json};
use zbus::{DBusError as _, fdo};

/// Refused or failed; a problem was found.
pub(crate) const FAILED: u8 = 1;
/// Wrong usage; the argument parser's own code too.
const USAGE: u8 = 2;
/// The service is not running.
const NOT_RUNNING: u8 = 3;

/// Why a command was not carried out.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) code: u8,
    /// A D-Bus error name, for programs.
    pub(crate) name: String,
    /// A sentence, for people.
    pub(crate) message: String,
    /// More for programs, beside name and message.
    pub(crate) detail: Option<(&'static str, Value)>,
}

impl Failure {
    pub(crate) fn new(name: &str, message: impl Into<String>) -> Self {
        Self {
            code: FAILED,
            name: name.to_owned(),
            message: message.into(),
            detail: None,
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            code: USAGE,
            ..Self::new("org.freedesktop.DBus.Error.InvalidArgs", message)
        }
    }

    pub(crate) fn not_running() -> Self {
        let message = tr!(
            "The service is not running.\nStart it with `systemctl --user start moodlarkd`, or run `moodlarkd` in a terminal."
        );
        Self {
            code: NOT_RUNNING,
            ..Self::new("org.freedesktop.DBus.Error.ServiceUnknown", message)
        }
    }

    /// The service went away while it was asked.
    fn vanished() -> Self {
        let message = tr!(
            "The service ended before it answered.\nStart it with `systemctl --user start moodlarkd`, or run `moodlarkd` in a terminal."
        );
        Self {
            code: NOT_RUNNING,
            ..Self::new("org.freedesktop.DBus.Error.NoReply", message)
        }
    }

    pub(crate) fn no_bus(why: &str) -> Self {
        let message = tr!(
            "There is no session bus to find the service on ({why}).\nRun moodlark in your desktop session, where DBUS_SESSION_BUS_ADDRESS or XDG_RUNTIME_DIR says where the bus is.",
            why
        );
        Self {
            code: NOT_RUNNING,
            ..Self::new("org.freedesktop.DBus.Error.NoServer", message)
        }
    }

    pub(crate) fn bus_lost() -> Self {
        let message = tr!("The session bus has gone, and the service with it.");
        Self {
            code: NOT_RUNNING,
            ..Self::new("org.freedesktop.DBus.Error.Disconnected", message)
        }
    }

    /// The camera could not be looked through; the reading says how.
    pub(crate) fn look(sentence: &str, reading: Value) -> Self {
        let message = tr!("Nothing was seen: {reading}.", reading = sentence);
        Self {
            detail: Some(("reading", reading)),
            ..Self::new("org.freedesktop.DBus.Error.Failed", message)
        }
    }

    fn late() -> Self {
        let message = tr!(
            "The service did not answer in time. If it stays like this, restart it: `systemctl --user restart moodlarkd`."
        );
        Self::new("org.freedesktop.DBus.Error.Timeout", message)
    }

    fn other_version() -> Self {
        let message = tr!(
            "The service that is running is of another version than this program. Restart it: `systemctl --user restart moodlarkd`."
        );
        Self::new("org.freedesktop.DBus.Error.UnknownMethod", message)
    }

    /// As it goes to stderr.
    pub(crate) fn render(&self, as_json: bool) -> String {
        if as_json {
            let mut error =
                json!({ "name": self.name, "message": self.message.replace('\n', " ") });
            if let (Some((key, detail)), Some(object)) = (&self.detail, error.as_object_mut()) {
                object.insert((*key).to_owned(), detail.clone());
            }
            format!("{}\n", json!({ "error": error }))
        } else {
            format!("moodlark: {}\n", self.message)
        }
    }

    /// An error reply: a name, and a sentence if the service gave one.
    fn replied(name: &str, sentence: Option<&str>) -> Self {
        match name.strip_prefix("org.freedesktop.DBus.Error.") {
            Some("ServiceUnknown" | "NameHasNoOwner") => Self::not_running(),
            Some("NoReply" | "Disconnected") => Self::vanished(),
            Some("Timeout" | "TimedOut") => Self::late(),
            Some(
                "UnknownMethod" | "UnknownObject" | "UnknownInterface" | "UnknownProperty"
                | "PropertyReadOnly",
            ) => Self::other_version(),
            _ => {
                let kind = name.rsplit('.').next().unwrap_or(name);
                let sentence = sentence
                    .map(str::trim)
                    .filter(|sentence| !sentence.is_empty());
                let message = sentence.map_or_else(|| fallback(kind), ToOwned::to_owned);
                Self::new(name, message)
            }
        }
    }
}

/// For the service that only gave a name.
fn fallback(kind: &str) -> String {
    match kind {
        "InvalidArgument" | "InvalidArgs" => tr!("The service does not know this value."),
        "CameraOff" => tr!("The camera is off. Say yes to it with `moodlark camera on`."),
        "CameraBlocked" => tr!("The camera may not look now; `moodlark camera` says why."),
        "Looking" => tr!("A look is under way; wait a second and try again."),
        "NoPlayer" => tr!("No player is running that can be used; `moodlark players` lists them."),
        "AmbiguousPlayer" => {
            tr!("Several players play at once; pause all but one, or set `player.pinned`.")
        }
        "NoRoute" => tr!("The player has no way to open this playlist."),
        "NotVerified" => tr!("The player said that it did it, and did not."),
        "PlayerGone" => tr!("The player went away, or did not answer in time."),
        "NoPlaylist" => {
            tr!("There is no such playlist, and none that fits; `moodlark playlists` lists them.")
        }
        "PlaylistUnreadable" => tr!("The playlist's file is not there, or is empty."),
        "NothingToUndo" => tr!("There is no switch to undo."),
        "Switching" => tr!("A switch is under way; wait a moment and try again."),
        "TakenOver" => tr!("You took over in the middle of it; nothing was changed."),
        "BadConfig" => tr!("The configuration is wrong; `moodlark config check` says where."),
        "Storage" => tr!("The journal or the configuration could not be written."),
        "Spotify" => tr!("Spotify did not do it; `moodlark spotify` says why."),
        "Stopping" => tr!("The service is about to end."),
        "AccessDenied" => tr!("The session bus does not allow this."),
        _ => {
            tr!(
                "The service failed and did not say why; its log may: `journalctl --user -u moodlarkd`."
            )
        }
    }
}

impl From<zbus::Error> for Failure {
    fn from(error: zbus::Error) -> Self {
        match error {
            zbus::Error::MethodError(name, sentence, _) => {
                Self::replied(name.as_str(), sentence.as_deref())
            }
            zbus::Error::FDO(error) => Self::from(*error),
            zbus::Error::DBus(error) => Self::replied(error.name().as_str(), error.description()),
            zbus::Error::InputOutput(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                Self::late()
            }
            zbus::Error::InputOutput(_) => Self::bus_lost(),
            // What came is not what was asked for.
            zbus::Error::IncorrectType
            | zbus::Error::SignatureMismatch(..)
            | zbus::Error::InvalidReply => Self::other_version(),
            other => Self::new(
                "org.freedesktop.DBus.Error.Failed",
                tr!("The service could not be asked: {other}.", other),
            ),
        }
    }
}

impl From<fdo::Error> for Failure {
    fn from(error: fdo::Error) -> Self {
        match error {
            fdo::Error::ZBus(error) => Self::from(error),
            error => Self::replied(error.name().as_str(), error.description()),
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::ZBus(error) => Self::from(error),
            error => Self::replied(error.name().as_str(), error.description()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_errors_are_told_as_the_services_sentence() {
        let failure = Failure::from(ApiError::NoPlayer("No player is running.".into()));
        assert_eq!(
            (failure.code, failure.name.as_str()),
            (1, "org.moodlark.Error.NoPlayer")
        );
        assert_eq!(failure.render(false), "moodlark: No player is running.\n");
        assert_eq!(
            failure.render(true),
            "{\"error\":{\"message\":\"No player is running.\",\"name\":\"org.moodlark.Error.NoPlayer\"}}\n"
        );
    }

    #[test]
    fn an_error_without_a_sentence_gets_one() {
        for error in [
            ApiError::CameraOff(String::new()),
            ApiError::NothingToUndo(" ".into()),
            ApiError::Storage(String::new()),
        ] {
            let text = Failure::from(error).render(false);
            assert!(text.len() > 20 && !text.contains("org."), "{text}");
        }
    }

    #[test]
    fn a_service_that_is_not_there_is_told_with_what_to_do() {
        let failure = Failure::from(fdo::Error::ServiceUnknown(
            "The name is not activatable".into(),
        ));
        assert_eq!(failure.code, 3);
        assert!(failure.message.contains("systemctl --user start moodlarkd"));
        assert_eq!(Failure::from(fdo::Error::NoReply(String::new())).code, 3);
        let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
        assert_eq!(Failure::from(zbus::Error::InputOutput(late.into())).code, 1);
    }
}
