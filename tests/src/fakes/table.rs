//! The players that are played: one row each.

/// What `OpenUri` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnOpen {
    /// Plays URIs of Spotify, after Metadata was empty for a while; ignores all others.
    Spotify,
    /// The same, and throws away what was queued.
    SpotifyClearsQueue,
    /// Plays single tracks of Spotify only.
    SpotifyTracks,
    /// Plays files and lists of files.
    Files,
    /// Answers ok and does nothing.
    Nothing,
    /// Answers with an error.
    Refuses,
}

/// What becomes of the volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volume {
    /// It can be read and set, and stays.
    Stays,
    /// It can be read and set, and is back at 100 % with each new track.
    Resets,
    /// It is always 100 %.
    Constant,
    /// There is none.
    None,
}

/// One player.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What people call it.
    pub name: &'static str,
    /// The bus name after `org.mpris.MediaPlayer2.`.
    pub bus: &'static str,
    /// `Identity`
    pub identity: &'static str,
    /// `SupportedUriSchemes`
    pub schemes: &'static [&'static str],
    /// What `OpenUri` does.
    pub on_open: OnOpen,
    /// What becomes of the volume.
    pub volume: Volume,
    /// Whether it has `Shuffle`.
    pub shuffle: bool,
    /// `mpris:trackid` is a text and no object path.
    pub id_is_text: bool,
}

/// Every player that is played.
pub const TABLE: &[Row] = &[
    Row {
        name: "Spotify",
        bus: "spotify",
        identity: "Spotify",
        schemes: &["spotify"],
        on_open: OnOpen::Spotify,
        volume: Volume::Stays,
        shuffle: true,
        id_is_text: false,
    },
    Row {
        name: "spotifyd",
        bus: "spotifyd.instance4711",
        identity: "Spotifyd",
        schemes: &["spotify"],
        on_open: OnOpen::Spotify,
        volume: Volume::Stays,
        shuffle: true,
        id_is_text: false,
    },
    Row {
        name: "ncspot",
        bus: "ncspot.instance4712",
        identity: "ncspot",
        schemes: &["spotify"],
        on_open: OnOpen::SpotifyClearsQueue,
        volume: Volume::Stays,
        shuffle: true,
        id_is_text: false,
    },
    Row {
        name: "spotify-player",
        bus: "spotify_player",
        identity: "Spotify Player",
        schemes: &["spotify"],
        on_open: OnOpen::Spotify,
        volume: Volume::Stays,
        shuffle: false,
        id_is_text: false,
    },
    Row {
        name: "spotify-qt",
        bus: "spotify-qt",
        identity: "spotify-qt",
        schemes: &["spotify"],
        on_open: OnOpen::SpotifyTracks,
        volume: Volume::Stays,
        shuffle: true,
        id_is_text: true,
    },
    Row {
        name: "psst",
        bus: "psst",
        identity: "Psst",
        schemes: &[],
        on_open: OnOpen::Nothing,
        volume: Volume::None,
        shuffle: false,
        id_is_text: false,
    },
    Row {
        name: "Elisa",
        bus: "elisa",
        identity: "Elisa",
        schemes: &["file"],
        on_open: OnOpen::Nothing,
        volume: Volume::Stays,
        shuffle: true,
        id_is_text: false,
    },
    Row {
        name: "Firefox",
        bus: "firefox.instance_1_23",
        identity: "Mozilla Firefox",
        schemes: &[],
        on_open: OnOpen::Nothing,
        volume: Volume::None,
        shuffle: false,
        id_is_text: false,
    },
    Row {
        name: "Chromium",
        bus: "chromium.instance4713",
        identity: "Chromium",
        schemes: &[],
        on_open: OnOpen::Nothing,
        volume: Volume::Constant,
        shuffle: false,
        id_is_text: false,
    },
    Row {
        name: "Plasma Browser Integration",
        bus: "plasma-browser-integration",
        identity: "Plasma Browser Integration",
        schemes: &[],
        on_open: OnOpen::Refuses,
        volume: Volume::Constant,
        shuffle: false,
        id_is_text: false,
    },
    // As VLC is with a sound card, of which there is none here.
    Row {
        name: "VLC with a sound card",
        bus: "vlc",
        identity: "VLC media player",
        schemes: &["file", "http", "spotify"],
        on_open: OnOpen::Files,
        volume: Volume::Resets,
        shuffle: true,
        id_is_text: false,
    },
];
