//! Names, tracks, and what a view says of itself.

use super::*;

fn track(id: &str, url: &str) -> Track {
    Track {
        id: id.into(),
        url: url.into(),
        title: "T".into(),
        ..Track::default()
    }
}

#[test]
fn ads_and_episodes_are_told_by_id_or_url() {
    for (id, url, content) in [
        ("/com/spotify/ad/1", "", Content::Ad),
        ("spotify:ad:1", "", Content::Ad),
        (
            "/com/spotify/track/1",
            "https://open.spotify.com/ad/1",
            Content::Ad,
        ),
        ("/com/spotify/episode/1", "", Content::Episode),
        ("/x", "https://open.spotify.com/episode/1", Content::Episode),
        (
            "/com/spotify/track/1",
            "https://open.spotify.com/track/1",
            Content::Music,
        ),
        ("/0", "file:///a.ogg", Content::Music),
    ] {
        assert_eq!(Content::of(&track(id, url)), content, "{id} {url}");
    }
    assert_eq!(
        Content::of(&Track {
            id: "/noplaylist".into(),
            ..Track::default()
        }),
        Content::Unknown
    );
}

#[test]
fn a_player_is_called_by_its_bus_name_or_its_identity() {
    let view = PlayerView {
        bus_name: "org.mpris.MediaPlayer2.vlc.instance12".into(),
        identity: "VLC media player".into(),
        ..PlayerView::default()
    };
    for name in [
        "vlc",
        "VLC",
        "vlc.instance12",
        "org.mpris.MediaPlayer2.vlc.instance12",
        " vlc media player ",
    ] {
        assert!(view.is_called(name), "{name}");
    }
    for name in ["", "vl", "vlc.instance1", "mpv"] {
        assert!(!view.is_called(name), "{name}");
    }
}

#[test]
fn a_late_title_makes_no_new_track_and_the_next_list_does() {
    let first = track("/0", "file:///a/1.ogg");
    assert!(first.is_same(&Track {
        title: "From the tags".into(),
        ..first.clone()
    }));
    assert!(
        !first.is_same(&track("/0", "file:///b/1.ogg")),
        "mpv counts from /0 in every list"
    );
    let titles = |title: &str| Track {
        title: title.into(),
        ..Track::default()
    };
    assert!(!titles("A").is_same(&titles("B")));
    assert!(titles("A").is_same(&titles("A")));
}

#[test]
fn a_view_survives_json() {
    let view = PlayerView {
        bus_name: "org.mpris.MediaPlayer2.mpv".into(),
        track: Some(Track {
            length: Some(Duration::from_millis(40_000)),
            ..track("/0", "file:///a")
        }),
        routes: vec![Route::OpenPlaylistFile, Route::OpenUri("http".into())],
        usable: Usable::No {
            why: "because".into(),
        },
        ..PlayerView::default()
    };
    let json = serde_json::to_string(&view).unwrap();
    assert!(json.contains("\"length\":40000"), "{json}");
    assert_eq!(serde_json::from_str::<PlayerView>(&json).unwrap(), view);
}

#[test]
fn a_list_that_is_being_loaded_is_no_track() {
    assert!(track("/0", "file:///a/Calm.m3u8").is_list());
    assert!(!track("/0", "file:///a/Calm.flac").is_list());
    assert!(
        !track("/0", "https://radio/live.m3u8").is_list(),
        "a live stream is one"
    );
}
