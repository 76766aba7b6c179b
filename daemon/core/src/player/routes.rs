//! The ways in which a player can be made to play something.

use serde::{Deserialize, Serialize};

use super::{PlayerView, mpd};

/// One way to make a player play something, in the order in which they are tried.
///
/// Later kinds (the Spotify Web API) become further variants; each has its own function in the service that
/// carries it out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// `ActivatePlaylist` of one of the player's own playlists, found by its name.
    ActivatePlaylist,
    /// `OpenUri` of an absolute `file://` URI of a playlist file.
    OpenPlaylistFile,
    /// `OpenUri` of a URI with this scheme (lower case, without the colon).
    OpenUri(String),
    /// `AddTrack` of each track of a playlist file, or of a file, to the player's track list.
    AddTracks,
    /// MPD: a stored playlist by its name.
    MpdPlaylist,
    /// MPD: a local file, or all that a playlist file lists.
    MpdFiles,
    /// MPD: a stream with this scheme.
    MpdStream(String),
    /// Spotify's Web API, for a Spotify client that is on the bus; tried before [`Route::OpenUri`] by the
    /// service where the user has signed in, and so not part of [`routes_of`].
    SpotifyWebApi,
}

impl Route {
    /// The name on the bus and in the journal: `open-playlist-file`, `open-uri:http`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::ActivatePlaylist => "activate-playlist".into(),
            Self::AddTracks => "add-tracks".into(),
            Self::OpenPlaylistFile => "open-playlist-file".into(),
            Self::OpenUri(scheme) => format!("open-uri:{scheme}"),
            Self::MpdPlaylist => "mpd-playlist".into(),
            Self::MpdFiles => "mpd-files".into(),
            Self::MpdStream(scheme) => format!("mpd-stream:{scheme}"),
            Self::SpotifyWebApi => "spotify-web-api".into(),
        }
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

/// The scheme of a URI in lower case, or `None` where there is none.
#[must_use]
pub fn scheme_of(uri: &str) -> Option<String> {
    let (scheme, _) = uri.split_once(':')?;
    let mut chars = scheme.chars();
    let fits = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    fits.then(|| scheme.to_ascii_lowercase())
}

/// Whether the URI means something at Spotify: `spotify:…`, or a link to its web player.
#[must_use]
pub fn is_spotify(uri: &str) -> bool {
    scheme_of(uri).is_some_and(|scheme| {
        scheme == "spotify" || {
            let rest = uri[scheme.len()..]
                .trim_start_matches(':')
                .trim_start_matches('/');
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            matches!(scheme.as_str(), "http" | "https")
                && (host.eq_ignore_ascii_case("open.spotify.com")
                    || host.eq_ignore_ascii_case("play.spotify.com"))
        }
    })
}

/// Everything the player can be asked to do, from what it says of itself and its quirks.
#[must_use]
pub fn routes_of(view: &PlayerView) -> Vec<Route> {
    if mpd::is_mpd(&view.bus_name) {
        return mpd::routes_of(view);
    }
    let quirks = view.quirks();
    if quirks.hidden || quirks.never.is_some() {
        return Vec::new();
    }
    let lists = view.playlists && !quirks.no_playlists;
    let adds = view.edits_tracks && !quirks.no_add_tracks && !quirks.spotify;
    lists
        .then_some(Route::ActivatePlaylist)
        .into_iter()
        .chain(opens(view))
        .chain(adds.then_some(Route::AddTracks))
        .collect()
}

/// What its OpenUri can do.
fn opens(view: &PlayerView) -> Vec<Route> {
    let quirks = view.quirks();
    if quirks.no_open_uri {
        return Vec::new();
    }
    if quirks.spotify {
        return vec![Route::OpenUri("spotify".into())];
    }
    let mut schemes: Vec<String> = Vec::new();
    if quirks.opens_files {
        schemes.push("file".into());
    }
    for scheme in &view.schemes {
        let scheme = scheme.trim_end_matches([':', '/']).to_ascii_lowercase();
        // VLC says it can: it answers ok and keeps playing. mpv stops.
        let foreign = ["spotify", mpd::SCHEME].contains(&scheme.as_str());
        if !foreign && !scheme.is_empty() && !schemes.contains(&scheme) {
            schemes.push(scheme);
        }
    }
    let playlists = !quirks.no_playlist_files && schemes.iter().any(|scheme| scheme == "file");
    playlists
        .then_some(Route::OpenPlaylistFile)
        .into_iter()
        .chain(schemes.into_iter().map(Route::OpenUri))
        .collect()
}

/// The routes by which this player may be asked to play what has this URI, and this name among its own
/// playlists; best first, empty when there is none.
#[must_use]
pub fn routes_to(view: &PlayerView, uri: Option<&str>, named: Option<&str>) -> Vec<Route> {
    let by_name = named.map(|_| {
        if mpd::is_mpd(&view.bus_name) {
            Route::MpdPlaylist
        } else {
            Route::ActivatePlaylist
        }
    });
    let by_name = by_name.filter(|route| routes_of(view).contains(route));
    by_name
        .into_iter()
        .chain(uri.map(|uri| routes_for(view, uri)).unwrap_or_default())
        .collect()
}

/// The routes by which this player may be asked to play `uri`, best first; empty when there is none.
///
/// A URI of Spotify never goes to a player that is no Spotify client: mpv would stop.
#[must_use]
pub fn routes_for(view: &PlayerView, uri: &str) -> Vec<Route> {
    if mpd::is_mpd(&view.bus_name) {
        return mpd::routes_for(view, uri);
    }
    let Some(scheme) = scheme_of(uri) else {
        return Vec::new();
    };
    let quirks = view.quirks();
    let wanted = if is_spotify(uri) {
        if !quirks.spotify {
            return Vec::new();
        }
        Route::OpenUri("spotify".into())
    } else if quirks.spotify {
        return Vec::new();
    } else if scheme == "file" && is_playlist_file(uri) {
        Route::OpenPlaylistFile
    } else {
        Route::OpenUri(scheme)
    };
    let local = scheme_of(uri).is_some_and(|scheme| scheme == "file");
    routes_of(view)
        .into_iter()
        .filter(|route| *route == wanted || local && *route == Route::AddTracks)
        .collect()
}

/// Whether the path of the URI ends like a playlist.
pub(super) fn is_playlist_file(uri: &str) -> bool {
    let path = uri.split(['?', '#']).next().unwrap_or(uri);
    path.rsplit_once('.').is_some_and(|(_, ext)| {
        ["m3u8", "m3u", "pls", "xspf"]
            .iter()
            .any(|known| ext.eq_ignore_ascii_case(known))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player(short: &str, schemes: &[&str]) -> PlayerView {
        PlayerView {
            bus_name: format!("{}{short}", super::super::BUS_PREFIX),
            schemes: schemes.iter().map(|&s| s.into()).collect(),
            can_control: true,
            ..PlayerView::default()
        }
    }

    #[test]
    fn mpv_opens_files_although_it_does_not_say_so() {
        let mpv = player("mpv", &["ftp", "http", "https"]);
        assert_eq!(
            routes_for(&mpv, "file:///a/b.m3u8"),
            [Route::OpenPlaylistFile]
        );
        assert_eq!(
            routes_for(&mpv, "file:///a/b.ogg"),
            [Route::OpenUri("file".into())]
        );
        assert_eq!(
            routes_for(&mpv, "HTTP://radio/x"),
            [Route::OpenUri("http".into())]
        );
        assert!(routes_for(&mpv, "gopher://x").is_empty());
        assert!(routes_for(&mpv, "/no/uri").is_empty());
    }

    #[test]
    fn spotify_uris_go_to_spotify_clients_alone() {
        let boastful = ["file", "http", "https", "spotify"];
        for uri in [
            "spotify:playlist:1",
            "SPOTIFY:track:1",
            "https://open.spotify.com/playlist/1?si=2",
            "https://open.spotify.com",
        ] {
            assert!(
                routes_for(&player("mpv", &boastful), uri).is_empty(),
                "{uri}"
            );
            assert!(
                routes_for(&player("vlc", &boastful), uri).is_empty(),
                "{uri}"
            );
            assert_eq!(
                routes_for(&player("spotify", &[]), uri),
                [Route::OpenUri("spotify".into())],
                "{uri}"
            );
        }
        assert!(routes_for(&player("spotify", &["file"]), "file:///a.m3u8").is_empty());
        assert!(!is_spotify("https://example.com/open.spotify.com/"));
    }

    #[test]
    fn rhythmbox_imports_playlist_files_and_plays_them_not() {
        let rhythmbox = player("rhythmbox", &["file", "http"]);
        assert!(routes_for(&rhythmbox, "file:///a.m3u8").is_empty());
        assert_eq!(
            routes_for(&rhythmbox, "file:///a.ogg"),
            [Route::OpenUri("file".into())]
        );
    }

    #[test]
    fn who_has_no_open_uri_has_no_route() {
        for name in ["audacious", "quodlibet", "mpd", "firefox.instance1"] {
            assert!(
                routes_of(&player(name, &["file", "http"])).is_empty(),
                "{name}"
            );
        }
    }

    #[test]
    fn a_players_own_playlist_comes_first_and_its_track_list_last() {
        let mut view = player("gapless", &["file", "http"]);
        assert_eq!(routes_to(&view, None, Some("Rain")), []);
        view.playlists = true;
        view.edits_tracks = true;
        assert_eq!(
            routes_to(&view, Some("file:///a.m3u8"), Some("Rain")),
            [
                Route::ActivatePlaylist,
                Route::OpenPlaylistFile,
                Route::AddTracks
            ]
        );
        assert_eq!(
            routes_to(&view, Some("http://radio/x"), None),
            [Route::OpenUri("http".into())]
        );
        view.bus_name = format!("{}rhythmbox", super::super::BUS_PREFIX);
        view.edits_tracks = false;
        assert_eq!(
            routes_to(&view, Some("file:///a.m3u8"), Some("Rain")),
            [Route::ActivatePlaylist]
        );
    }
}
