//! Examples and properties of the choice.

use proptest::prelude::*;

use super::*;
use crate::player::{BUS_PREFIX, routes_for};

const NOW: Timestamp = Timestamp(10_000_000);

fn view(short: &str, playback: Playback) -> PlayerView {
    let mut view = PlayerView {
        bus_name: format!("{BUS_PREFIX}{short}"),
        identity: short.to_uppercase(),
        playback,
        can_control: true,
        schemes: vec!["file".into()],
        ..PlayerView::default()
    };
    view.derive(&PlayerSettings::default());
    view
}

fn settings(pinned: Option<&str>, preferred: Option<&str>) -> PlayerSettings {
    PlayerSettings {
        pinned: pinned.map(Into::into),
        preferred: preferred.map(Into::into),
        ..PlayerSettings::default()
    }
}

fn chosen(views: &[PlayerView], settings: &PlayerSettings) -> Option<String> {
    choose(views, settings, NOW)
        .player()
        .map(|name| crate::player::short_name(name).to_owned())
}

use Playback::{Paused, Playing, Stopped};

#[test]
fn nothing_runs() {
    assert_eq!(
        choose(&[], &settings(None, None), NOW),
        Choice::None(NoChoice::NothingRuns)
    );
}

#[test]
fn the_one_that_plays_beats_the_one_that_played_later() {
    let mut paused = view("vlc", Paused);
    paused.last_playing = Some(NOW);
    assert_eq!(
        chosen(&[paused, view("mpv", Playing)], &settings(None, None)),
        Some("mpv".into())
    );
}

#[test]
fn two_at_once_are_ambiguous_unless_one_is_pinned() {
    let views = [view("vlc", Playing), view("mpv", Playing)];
    assert_eq!(
        choose(&views, &settings(None, Some("mpv")), NOW),
        Choice::Ambiguous(vec![format!("{BUS_PREFIX}mpv"), format!("{BUS_PREFIX}vlc")])
    );
    assert_eq!(
        chosen(&views, &settings(Some("VLC"), None)),
        Some("vlc".into())
    );
}

#[test]
fn the_pinned_one_or_none() {
    let views = [view("mpv", Playing)];
    assert_eq!(
        choose(&views, &settings(Some("vlc"), None), NOW),
        Choice::None(NoChoice::PinnedAbsent("vlc".into()))
    );
    let views = [view("mpv", Playing), view("vlc", Stopped)];
    assert_eq!(
        chosen(&views, &settings(Some("vlc"), None)),
        Some("vlc".into())
    );
}

#[test]
fn a_browser_is_neither_chosen_nor_a_second_player() {
    let views = [view("firefox.instance1", Playing), view("mpv", Playing)];
    assert_eq!(chosen(&views, &settings(None, None)), Some("mpv".into()));
    assert!(matches!(
        choose(&views[..1], &settings(None, None), NOW),
        Choice::None(NoChoice::Unusable(why)) if why.contains("browser")
    ));
    assert!(matches!(
        choose(&views, &settings(Some("firefox"), None), NOW),
        Choice::None(NoChoice::Unusable(_))
    ));
}

#[test]
fn nothing_is_started_beside_a_player_that_cannot_be_switched() {
    let views = [view("audacious", Playing), view("mpv", Paused)];
    assert!(matches!(
        choose(&views, &settings(None, None), NOW),
        Choice::None(NoChoice::PlayingUnusable(_))
    ));
    assert_eq!(
        chosen(&views, &settings(Some("mpv"), None)),
        Some("mpv".into())
    );
}

#[test]
fn what_played_last_then_what_moved_lately_then_the_preferred_then_the_only() {
    let (mut a, mut b) = (view("a", Paused), view("b", Stopped));
    let preferring_a = settings(None, Some("a"));
    assert!(matches!(
        choose(&[a.clone(), b.clone()], &settings(None, None), NOW),
        Choice::None(NoChoice::Undecided(_))
    ));
    assert_eq!(
        chosen(&[a.clone(), b.clone()], &preferring_a),
        Some("a".into())
    );
    assert_eq!(
        chosen(&[b.clone()], &settings(None, None)),
        Some("b".into())
    );
    b.last_activity = Some(Timestamp(NOW.0 - 11 * 60_000));
    assert_eq!(
        chosen(&[a.clone(), b.clone()], &preferring_a),
        Some("a".into()),
        "too long ago"
    );
    b.last_activity = Some(Timestamp(NOW.0 - 9 * 60_000));
    assert_eq!(
        chosen(&[a.clone(), b.clone()], &preferring_a),
        Some("b".into())
    );
    a.last_playing = Some(Timestamp(1));
    assert_eq!(
        chosen(&[a, b], &preferring_a),
        Some("a".into()),
        "having played beats having moved"
    );
}

#[test]
fn the_volume_makes_nobody_active() {
    let (mut a, b) = (view("a", Paused), view("b", Paused));
    a.last_playing = Some(Timestamp(5));
    let mut louder = b.clone();
    louder.volume = Some(1.0);
    assert_eq!(
        choose(&[a.clone(), b], &settings(None, None), NOW),
        choose(&[a, louder], &settings(None, None), NOW)
    );
}

#[test]
fn ignored_players_are_as_if_absent() {
    let views = [view("mpv", Playing), view("vlc", Playing)];
    let settings = PlayerSettings {
        ignore: vec!["mpv".into()],
        ..PlayerSettings::default()
    };
    assert_eq!(chosen(&views, &settings), Some("vlc".into()));
}

prop_compose! {
    fn any_view()(
        name in prop::sample::select(vec![
            "mpv", "mpv.instance2", "vlc", "vlc.instance7", "spotify", "firefox.instance1", "audacious",
            "playerctld", "kdeconnect.mpris_1", "strawberry", "unheard-of",
        ]),
        playback in prop::sample::select(vec![Playing, Paused, Stopped]),
        can_control: bool,
        schemes in prop::collection::vec(prop::sample::select(vec!["file", "http", "spotify"]), 0..3),
        last_playing in prop::option::of(0..20_000_000_i64),
        last_activity in prop::option::of(0..20_000_000_i64),
    ) -> PlayerView {
        let mut view = view(name, playback);
        view.can_control = can_control;
        view.schemes = schemes.into_iter().map(Into::into).collect();
        view.last_playing = last_playing.map(Timestamp);
        view.last_activity = last_activity.map(Timestamp);
        view.derive(&PlayerSettings::default());
        view
    }
}

/// At most one player a bus name, as on a real bus.
fn any_views() -> impl Strategy<Value = Vec<PlayerView>> {
    prop::collection::vec(any_view(), 0..6).prop_map(|mut views| {
        views.sort_by(|a, b| a.bus_name.cmp(&b.bus_name));
        views.dedup_by(|a, b| a.bus_name == b.bus_name);
        views
    })
}

fn any_settings() -> impl Strategy<Value = PlayerSettings> {
    let name = || {
        prop::sample::select(vec!["mpv", "vlc", "SPOTIFY", "firefox", "nobody"])
            .prop_map(String::from)
    };
    (
        prop::option::of(name()),
        prop::option::of(name()),
        prop::collection::vec(name(), 0..2),
    )
        .prop_map(|(pinned, preferred, ignore)| PlayerSettings {
            pinned,
            preferred,
            ignore,
            ..PlayerSettings::default()
        })
}

proptest! {
    #[test]
    fn the_chosen_one_is_there_usable_and_not_ignored(views in any_views(), settings in any_settings()) {
        if let Choice::Player(name) = choose(&views, &settings, NOW) {
            let view = views.iter().find(|view| view.bus_name == name);
            prop_assert!(view.is_some());
            let view = view.unwrap();
            prop_assert_eq!(&view.usable, &Usable::Yes);
            prop_assert!(view.quirks().never.is_none() && !view.quirks().hidden);
            prop_assert!(!settings.ignore.iter().any(|name| view.is_called(name)));
            if let Some(pinned) = &settings.pinned {
                prop_assert!(view.is_called(pinned));
            }
        }
    }

    #[test]
    fn the_order_on_the_bus_does_not_matter(views in any_views(), settings in any_settings(), by in 0..6_usize) {
        let mut turned = views.clone();
        if !turned.is_empty() {
            let by = by % turned.len();
            turned.rotate_left(by);
        }
        prop_assert_eq!(choose(&views, &settings, NOW), choose(&turned, &settings, NOW));
    }

    #[test]
    fn never_one_of_two_that_play_unpinned(views in any_views()) {
        let settings = PlayerSettings::default();
        let playing = views
            .iter()
            .filter(|v| v.playback == Playing && v.quirks().never.is_none() && !v.quirks().hidden)
            .count();
        if playing > 1 {
            prop_assert!(matches!(choose(&views, &settings, NOW), Choice::Ambiguous(_)));
        }
    }

    #[test]
    fn spotify_uris_reach_no_other_player(view in any_view(), id in "[a-zA-Z0-9]{1,22}") {
        for uri in [format!("spotify:playlist:{id}"), format!("https://open.spotify.com/playlist/{id}")] {
            prop_assert!(routes_for(&view, &uri).is_empty() || view.quirks().spotify);
        }
    }

    #[test]
    fn routes_never_panic(view in any_view(), uri in ".*") {
        let _ = routes_for(&view, &uri);
    }
}
