//! The named errors of the bus.

/// An error that the service answers with: a name under `org.moodlark.Error` and a sentence.
#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.moodlark.Error")]
pub enum Error {
    /// What is not ours: the bus itself.
    #[zbus(error)]
    ZBus(zbus::Error),
    /// An argument is out of range or names nothing.
    InvalidArgument(String),
    /// The user has not said yes to the camera.
    CameraOff(String),
    /// The camera is paused or a gate is closed.
    CameraBlocked(String),
    /// A look is under way.
    Looking(String),
    /// No player is running, or none may be used.
    NoPlayer(String),
    /// Several players play at once and none is pinned.
    AmbiguousPlayer(String),
    /// The player has no way to open the playlist.
    NoRoute(String),
    /// The player said ok, and did not do it.
    NotVerified(String),
    /// The player went away or did not answer in time.
    PlayerGone(String),
    /// No playlist of that name, or none that fits.
    NoPlaylist(String),
    /// The playlist's file is not there or is empty.
    PlaylistUnreadable(String),
    /// There is no switch to undo.
    NothingToUndo(String),
    /// A switch is under way.
    Switching(String),
    /// The user took over in the middle of a switch, which was given up.
    TakenOver(String),
    /// The configuration is wrong; the last good one goes on.
    BadConfig(String),
    /// The journal or the configuration could not be written.
    Storage(String),
    /// The user's own music cannot be chosen from, or the file is none of it.
    Library(String),
    /// The resting face could not be learnt.
    NotCalibrated(String),
    /// Spotify's Web API was not asked, or did not do it.
    Spotify(String),
    /// The service is about to end.
    Stopping(String),
}
