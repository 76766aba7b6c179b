//! How players differ from the MPRIS specification: one table, keyed by bus name and Identity.
//!
//! Each entry was seen on the real program (mpv 0.35 with mpv-mpris 0.7.1, VLC 3.0, Rhythmbox 3.4,
//! Strawberry 1.0, Audacious 4.2, Quod Libet 4.5, MPD with mpDris2, Celluloid 0.20) or read in its source.

use moodlark_catalogue::tr;

use super::{PlayerView, base_name};
use crate::settings::QuirkSettings;

/// Why a player is never a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Never {
    /// What a page plays is not ours to change.
    Browser,
    /// A player on another device, mirrored.
    OtherDevice,
    /// The user's own `[[player.quirk]]`.
    SaidSo,
}

impl Never {
    /// The reason as a sentence without its full stop.
    #[must_use]
    pub fn sentence(self, name: &str) -> String {
        match self {
            Self::Browser => tr!(
                "{name} is a browser, and what a page plays is not ours to change",
                name
            ),
            Self::OtherDevice => tr!("{name} is a player on another device", name),
            Self::SaidSo => tr!(
                "{name} is not to be touched, as [[player.quirk]] says",
                name
            ),
        }
    }
}

/// What is odd about one player. The default is a player as specified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quirks {
    /// Not a player at all: dropped from every list.
    pub hidden: bool,
    /// Never a target; why, as the rest of a sentence that begins with the player's name.
    pub never: Option<Never>,
    /// It plays on behalf of a Spotify account and opens `spotify:` URIs, whatever it says of schemes.
    pub spotify: bool,
    /// It opens files although `SupportedUriSchemes` doesn't name `file`.
    pub opens_files: bool,
    /// OpenUri of a playlist file imports, fails or does nothing.
    pub no_playlist_files: bool,
    /// It takes the paths in a playlist file for URIs: `#` and `%` in a name mean something to it.
    pub paths_are_uris: bool,
    /// It has no OpenUri that does anything.
    pub no_open_uri: bool,
    /// It has playlists, and activating one does nothing.
    pub no_playlists: bool,
    /// It has a track list that says it can be edited, and can't.
    pub no_add_tracks: bool,
    /// ActivatePlaylist while it plays stops the music; it must be paused before.
    pub activating_toggles: bool,
    /// `ActivePlaylist` names the one that is shown, and not the one that plays.
    pub wrong_active_playlist: bool,
    /// What OpenUri opens is put into the list that the user has open, and stays there.
    pub keeps_what_it_opened: bool,
    /// It says `Stopped` while a track plays, and doesn't announce PlaybackStatus when one begins.
    pub says_stopped: bool,
    /// It has a TrackList, and keeps the old list after OpenUri, although `HasTrackList` is false.
    pub keeps_track_list: bool,
    /// Every new track is a new stream, with the volume back at 100 %.
    pub volume_resets: bool,
    /// It dies when `Shuffle` is read: never ask for it, nor for all properties at once.
    pub shuffle_kills: bool,
}

impl Quirks {
    const NONE: Self = Self {
        hidden: false,
        never: None,
        spotify: false,
        opens_files: false,
        no_playlist_files: false,
        paths_are_uris: false,
        no_open_uri: false,
        no_playlists: false,
        no_add_tracks: false,
        activating_toggles: false,
        wrong_active_playlist: false,
        keeps_what_it_opened: false,
        says_stopped: false,
        keeps_track_list: false,
        volume_resets: false,
        shuffle_kills: false,
    };
    const BROWSER: Self = Self {
        never: Some(Never::Browser),
        ..Self::NONE
    };
    const SPOTIFY: Self = Self {
        spotify: true,
        ..Self::NONE
    };
    const NO_OPEN: Self = Self {
        no_open_uri: true,
        ..Self::NONE
    };
}

/// What one row goes by.
enum Key {
    /// The bus name's last part without the instance.
    Bus(&'static str),
    /// The bus name's last part starts so.
    BusPrefix(&'static str),
    /// The Identity, or the start of it.
    Identity(&'static str),
}
use Key::{Bus, BusPrefix, Identity};

const TABLE: &[(Key, Quirks)] = &[
    // Stands for whichever player was touched last; the same player is on the bus by its own name.
    (
        Bus("playerctld"),
        Quirks {
            hidden: true,
            ..Quirks::NONE
        },
    ),
    // A phone's players, mirrored; its commands go over the network and come back seconds later.
    (
        BusPrefix("kdeconnect"),
        Quirks {
            never: Some(Never::OtherDevice),
            ..Quirks::NONE
        },
    ),
    (BusPrefix("firefox"), Quirks::BROWSER),
    (BusPrefix("librewolf"), Quirks::BROWSER),
    (BusPrefix("waterfox"), Quirks::BROWSER),
    (BusPrefix("floorp"), Quirks::BROWSER),
    (BusPrefix("zen"), Quirks::BROWSER),
    (BusPrefix("chromium"), Quirks::BROWSER),
    (BusPrefix("chrome"), Quirks::BROWSER),
    (BusPrefix("google-chrome"), Quirks::BROWSER),
    (BusPrefix("brave"), Quirks::BROWSER),
    (BusPrefix("vivaldi"), Quirks::BROWSER),
    (BusPrefix("microsoft-edge"), Quirks::BROWSER),
    (BusPrefix("edge"), Quirks::BROWSER),
    (BusPrefix("opera"), Quirks::BROWSER),
    (BusPrefix("epiphany"), Quirks::BROWSER),
    (BusPrefix("org.gnome.Epiphany"), Quirks::BROWSER),
    (BusPrefix("falkon"), Quirks::BROWSER),
    (BusPrefix("QtWebEngine"), Quirks::BROWSER),
    (BusPrefix("plasma-browser-integration"), Quirks::BROWSER),
    (Identity("Mozilla "), Quirks::BROWSER),
    (Identity("Firefox"), Quirks::BROWSER),
    (Identity("Chrom"), Quirks::BROWSER),
    (Identity("Google Chrome"), Quirks::BROWSER),
    (Bus("spotify"), Quirks::SPOTIFY),
    (Bus("spotifyd"), Quirks::SPOTIFY),
    (Bus("ncspot"), Quirks::SPOTIFY),
    (Bus("spotify_player"), Quirks::SPOTIFY),
    // Opens single tracks only.
    (
        Bus("spotify-qt"),
        Quirks {
            no_playlist_files: true,
            ..Quirks::SPOTIFY
        },
    ),
    (Bus("psst"), Quirks::NO_OPEN),
    // SupportedUriSchemes lists what the network layer knows, and so not `file`.
    (
        Bus("mpv"),
        Quirks {
            opens_files: true,
            says_stopped: true,
            ..Quirks::NONE
        },
    ),
    (
        Identity("mpv"),
        Quirks {
            opens_files: true,
            says_stopped: true,
            ..Quirks::NONE
        },
    ),
    (
        Bus("vlc"),
        Quirks {
            paths_are_uris: true,
            keeps_track_list: true,
            volume_resets: true,
            ..Quirks::NONE
        },
    ),
    (
        Identity("VLC media player"),
        Quirks {
            paths_are_uris: true,
            keeps_track_list: true,
            volume_resets: true,
            ..Quirks::NONE
        },
    ),
    // Imports playlist files into its library and goes on with what it played.
    (
        Bus("rhythmbox"),
        Quirks {
            no_playlist_files: true,
            activating_toggles: true,
            volume_resets: true,
            ..Quirks::NONE
        },
    ),
    (
        Bus("strawberry"),
        Quirks {
            wrong_active_playlist: true,
            keeps_what_it_opened: true,
            // `Tracks` tells nothing.
            no_add_tracks: true,
            ..Quirks::NONE
        },
    ),
    (Bus("audacious"), Quirks::NO_OPEN),
    (Bus("quodlibet"), Quirks::NO_OPEN),
    (Bus("mpd"), Quirks::NO_OPEN),
    (Bus("elisa"), Quirks::NO_OPEN),
    (Bus("org.kde.elisa"), Quirks::NO_OPEN),
    (Bus("Lollypop"), Quirks::NO_OPEN),
    (Bus("io.bassi.Amberol"), Quirks::NO_OPEN),
    (Bus("tauon"), Quirks::NO_OPEN),
    (
        BusPrefix("io.github.celluloid_player.Celluloid"),
        Quirks {
            shuffle_kills: true,
            ..Quirks::NONE
        },
    ),
];

/// The quirks of the player with this bus name (whole or short) and Identity; the first row counts.
#[must_use]
pub fn quirks(bus_name: &str, identity: &str) -> Quirks {
    let base = base_name(bus_name);
    TABLE
        .iter()
        .find(|(key, _)| match key {
            Bus(name) => base.eq_ignore_ascii_case(name),
            BusPrefix(prefix) => starts_with(base, prefix),
            Identity(prefix) => starts_with(identity, prefix),
        })
        .map_or_else(Quirks::default, |(_, quirks)| *quirks)
}

impl Quirks {
    /// What is known of this player, corrected by what the user says of it; a later entry beats an earlier one.
    #[must_use]
    pub fn of(view: &PlayerView, said: &[QuirkSettings]) -> Self {
        let known = quirks(&view.bus_name, &view.identity);
        said.iter()
            .filter(|said| view.is_called(&said.name))
            .fold(known, Self::corrected)
    }

    fn corrected(mut self, said: &QuirkSettings) -> Self {
        if let Some(never) = said.never {
            self.never = never.then_some(Never::SaidSo);
        }
        for (quirk, said) in [
            (&mut self.hidden, said.hidden),
            (&mut self.spotify, said.spotify),
            (&mut self.opens_files, said.opens_files),
            (&mut self.no_playlist_files, said.no_playlist_files),
            (&mut self.no_open_uri, said.no_open_uri),
            (&mut self.no_playlists, said.no_playlists),
            (&mut self.no_add_tracks, said.no_add_tracks),
            (&mut self.activating_toggles, said.activating_toggles),
            (&mut self.wrong_active_playlist, said.wrong_active_playlist),
            (&mut self.keeps_what_it_opened, said.keeps_what_it_opened),
            (&mut self.says_stopped, said.says_stopped),
            (&mut self.keeps_track_list, said.keeps_track_list),
            (&mut self.volume_resets, said.volume_resets),
            (&mut self.shuffle_kills, said.shuffle_kills),
        ] {
            *quirk = said.unwrap_or(*quirk);
        }
        self
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players_are_found_by_name_with_or_without_instance() {
        assert!(quirks("org.mpris.MediaPlayer2.vlc.instance77", "").keeps_track_list);
        assert!(quirks("org.mpris.MediaPlayer2.mpv", "mpv").says_stopped);
        assert!(
            quirks(
                "org.mpris.MediaPlayer2.firefox.instance_1_2",
                "Mozilla Firefox"
            )
            .never
            .is_some()
        );
        assert!(
            quirks("org.mpris.MediaPlayer2.something", "Mozilla Firefox")
                .never
                .is_some()
        );
        assert!(
            quirks(
                "org.mpris.MediaPlayer2.kdeconnect.mpris_000001",
                "Phone - VLC"
            )
            .never
            .is_some()
        );
        assert!(quirks("org.mpris.MediaPlayer2.playerctld", "playerctld").hidden);
        assert!(
            quirks(
                "org.mpris.MediaPlayer2.io.github.celluloid_player.Celluloid.instance-1",
                "Celluloid"
            )
            .shuffle_kills
        );
    }

    #[test]
    fn who_is_not_in_the_table_is_as_specified() {
        assert_eq!(
            quirks("org.mpris.MediaPlayer2.gapless", "G4Music"),
            Quirks::default()
        );
        assert_eq!(quirks("org.mpris.MediaPlayer2.é", "é"), Quirks::default());
        assert_eq!(quirks("", ""), Quirks::default());
    }

    #[test]
    fn what_the_user_says_of_a_player_beats_what_is_known_of_it() {
        let view = |short: &str| PlayerView {
            bus_name: format!("org.mpris.MediaPlayer2.{short}"),
            ..PlayerView::default()
        };
        let said = [
            QuirkSettings {
                name: "VLC".into(),
                volume_resets: Some(false),
                no_open_uri: Some(true),
                ..QuirkSettings::default()
            },
            QuirkSettings {
                name: "vlc".into(),
                no_open_uri: Some(false),
                never: Some(true),
                ..QuirkSettings::default()
            },
        ];
        let vlc = Quirks::of(&view("vlc.instance7"), &said);
        assert!(!vlc.volume_resets && !vlc.no_open_uri && vlc.keeps_track_list);
        assert!(vlc.never.is_some());
        assert_eq!(
            Quirks::of(&view("mpv"), &said),
            quirks("org.mpris.MediaPlayer2.mpv", "")
        );
        let friendly = [QuirkSettings {
            name: "firefox".into(),
            never: Some(false),
            ..QuirkSettings::default()
        }];
        assert_eq!(Quirks::of(&view("firefox"), &friendly).never, None);
    }
}
