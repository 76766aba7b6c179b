//! MPD, which is reached by its own protocol and stands among the players as one more.
//!
//! MPRIS bridges (mpDris2, mpd-mpris) show MPD on the bus, and can make it open nothing. So the service speaks
//! to MPD itself; such a bridge is then the same player a second time, and left out.

mod address;

use super::{PlayerView, Route, base_name, is_spotify, routes, scheme_of};

pub use address::{Address, PORT, Place};

/// What stands for a bus name: MPD is on no bus. The configuration calls it so, too (`pinned = "mpd"`).
pub const NAME: &str = "mpd";
/// What it is called towards people.
pub const IDENTITY: &str = "MPD";
/// The scheme of MPD's stored playlists: `mpd:Evening`, `mpd:Rainy%20Window`.
pub const SCHEME: &str = "mpd";

/// Whether this is MPD by its own protocol.
#[must_use]
pub fn is_mpd(bus_name: &str) -> bool {
    bus_name == NAME
}

/// The URI of a playlist that is stored in MPD under this name.
#[must_use]
pub fn uri_of(name: &str) -> String {
    let mut uri = format!("{SCHEME}:");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// Whether this is a bridge that shows MPD on the bus.
///
/// Nothing on the bus says which MPD it shows; who runs two, and a bridge to the one that Moodlark isn't
/// connected to, sees that one not.
#[must_use]
pub fn is_bridge(bus_name: &str) -> bool {
    !is_mpd(bus_name) && base_name(bus_name).eq_ignore_ascii_case("mpd")
}

/// Everything that MPD can be asked to play, from the schemes that it handles.
pub(super) fn routes_of(view: &PlayerView) -> Vec<Route> {
    let mut found = vec![Route::MpdPlaylist];
    for scheme in &view.schemes {
        match scheme.as_str() {
            SCHEME => {}
            "file" => found.push(Route::MpdFiles),
            other => found.push(Route::MpdStream(other.into())),
        }
    }
    found
}

/// The way by which MPD plays `uri`; empty when there is none.
pub(super) fn routes_for(view: &PlayerView, uri: &str) -> Vec<Route> {
    let wanted = match scheme_of(uri).as_deref() {
        _ if is_spotify(uri) => return Vec::new(),
        None => return Vec::new(),
        Some(SCHEME) => Route::MpdPlaylist,
        Some("file") => Route::MpdFiles,
        Some(scheme) => Route::MpdStream(scheme.into()),
    };
    routes::routes_of(view)
        .into_iter()
        .filter(|route| *route == wanted)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        player::{Usable, routes_for},
        settings::PlayerSettings,
    };

    fn mpd() -> PlayerView {
        let mut view = PlayerView {
            bus_name: NAME.into(),
            identity: IDENTITY.into(),
            schemes: vec!["file".into(), "http".into()],
            can_control: true,
            ..PlayerView::default()
        };
        view.derive(&PlayerSettings::default());
        view
    }

    #[test]
    fn mpd_opens_its_own_playlists_files_and_streams_and_nothing_else() {
        let view = mpd();
        assert_eq!(view.usable, Usable::Yes);
        assert_eq!(routes_for(&view, "mpd:Evening"), [Route::MpdPlaylist]);
        assert_eq!(routes_for(&view, "MPD:Evening"), [Route::MpdPlaylist]);
        assert_eq!(routes_for(&view, "file:///a/b.m3u8"), [Route::MpdFiles]);
        assert_eq!(
            routes_for(&view, "http://radio/x"),
            [Route::MpdStream("http".into())]
        );
        for uri in [
            "spotify:playlist:1",
            "https://open.spotify.com/playlist/1",
            "gopher://x",
            "Evening",
        ] {
            assert!(routes_for(&view, uri).is_empty(), "{uri}");
        }
    }

    #[test]
    fn a_stored_playlist_has_a_uri_whatever_its_name() {
        assert_eq!(uri_of("Rainy Window"), "mpd:Rainy%20Window");
        assert_eq!(
            uri_of("50 % für/dich?"),
            "mpd:50%20%25%20f%C3%BCr%2Fdich%3F"
        );
    }

    #[test]
    fn only_mpd_gets_mpds_playlists() {
        let boastful = PlayerView {
            bus_name: "org.mpris.MediaPlayer2.vlc".into(),
            schemes: vec!["file".into(), "mpd".into()],
            can_control: true,
            ..PlayerView::default()
        };
        assert!(routes_for(&boastful, "mpd:Evening").is_empty());
    }

    #[test]
    fn a_bridge_is_told_from_mpd_itself() {
        assert!(is_bridge("org.mpris.MediaPlayer2.mpd"));
        assert!(is_bridge("org.mpris.MediaPlayer2.mpd.instance7"));
        assert!(!is_bridge(NAME));
        assert!(!is_bridge("org.mpris.MediaPlayer2.mpv"));
    }
}
