//! Players against players that misbehave, each in a way that a real one was seen to.

mod players_support;

use std::time::{Duration, Instant};

use anyhow::Result;
use moodlark_core::player::{Content, Playback, Route, Usable};
use moodlark_service::players::{PlayerError, UserAction};
use moodlark_tests::{rig, session::Session};
use players_support::{
    NO_LONGER_OURS, Watched,
    fake::{Fake, OnOpen, State},
    has, uri,
};

const NEEDS: [&str; 2] = ["dbus-daemon", "sox"];

/// A playlist of one track that [`Fake`] plays when it opens the list.
fn playlist(session: &Session) -> Result<String> {
    let folder = session.folder.path();
    std::fs::write(folder.join("New.m3u8"), "#EXTM3U\nNew.flac\n")?;
    std::fs::write(folder.join("New.flac"), "")?;
    Ok(uri(&folder.join("New.m3u8")))
}

/// A player of that kind, which plays, and players that have met it.
async fn met(session: &Session, state: State) -> Result<(Fake, Watched)> {
    let fake = Fake::start(session, "fake", state).await?;
    let mut watched = Watched::start(session).await?;
    watched.sees_it_play(fake.bus_name(), "Old").await?;
    Ok((fake, watched))
}

#[tokio::test]
async fn a_player_that_hangs_on_every_call_costs_a_deadline_and_no_more() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    let fake = Fake::start(
        &session,
        "stone",
        State {
            hangs: true,
            ..State::default()
        },
    )
    .await?;
    let other = Fake::start(&session, "fine", State::default()).await?;
    let mut watched = Watched::start(&session).await?;
    let started = Instant::now();
    watched.sees_it_play(other.bus_name(), "Old").await?;
    assert!(
        started.elapsed() < Duration::from_millis(900),
        "the others are not held up: {:?}",
        started.elapsed()
    );
    let view = watched
        .players
        .views()
        .into_iter()
        .find(|view| view.bus_name == fake.bus_name())
        .unwrap();
    assert!(matches!(view.usable, Usable::No { why } if why.contains("does not answer")));
    for _ in 0..2 {
        let started = Instant::now();
        let gone = watched.players.save(fake.bus_name(), None).await;
        assert!(matches!(gone, Err(PlayerError::PlayerGone(_))), "{gone:?}");
        assert!(
            started.elapsed() < Duration::from_millis(2500),
            "{:?}",
            started.elapsed()
        );
    }
    let saved = watched.players.save(other.bus_name(), None).await?;
    let gone = watched.players.open(fake.bus_name(), &list, &saved).await;
    assert!(matches!(gone, Err(PlayerError::PlayerGone(_))), "{gone:?}");
    Ok(())
}

#[tokio::test]
async fn a_player_that_hangs_once_it_is_asked_is_given_up() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    let (fake, watched) = met(
        &session,
        State {
            on_open: OnOpen::Hangs,
            ..State::default()
        },
    )
    .await?;
    let saved = watched.players.save(fake.bus_name(), None).await?;
    let started = Instant::now();
    let gone = watched.players.open(fake.bus_name(), &list, &saved).await;
    assert!(matches!(gone, Err(PlayerError::PlayerGone(_))), "{gone:?}");
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
    Ok(())
}

#[tokio::test]
async fn an_ok_that_nothing_follows_is_not_verified() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    let (fake, watched) = met(
        &session,
        State {
            on_open: OnOpen::Nothing,
            ..State::default()
        },
    )
    .await?;
    let saved = watched.players.save(fake.bus_name(), None).await?;
    let started = Instant::now();
    let refused = watched.players.open(fake.bus_name(), &list, &saved).await;
    let took = started.elapsed();
    assert!(
        matches!(&refused, Err(PlayerError::NotVerified(why)) if why.contains("it plays “Old”")),
        "{refused:?}"
    );
    assert!(
        (Duration::from_secs(5)..Duration::from_secs(6)).contains(&took),
        "{took:?}"
    );
    assert_eq!(
        fake.state().opened.len(),
        1,
        "what it plays was not lost, so nothing was brought back"
    );
    Ok(())
}

/// Bug: a switch at the track's end was taken for done when the old list went on by itself.
#[tokio::test]
async fn the_next_track_of_the_old_list_is_not_what_was_opened() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let state = State {
        on_open: OnOpen::Nothing,
        position: 199_700_000,
        ..State::default()
    };
    let (fake, watched) = met(&session, state).await?;
    let saved = watched.players.save(fake.bus_name(), None).await?;
    // What the radio plays nobody knows: whatever plays anew is taken for it.
    let opening = watched
        .players
        .open(fake.bus_name(), "http://radio/stream", &saved);
    let ending = async {
        tokio::time::sleep(Duration::from_millis(600)).await;
        if fake.state().status == "Playing" {
            let next = |state: &mut State| {
                (state.id, state.title) = ("/track/next".into(), "Next".into());
                (state.url, state.position) = ("file:///next.flac".into(), 0);
            };
            fake.set(next).await?;
        }
        Ok::<(), anyhow::Error>(())
    };
    let (refused, ended) = tokio::join!(opening, ending);
    ended?;
    assert!(
        matches!(&refused, Err(PlayerError::NotVerified(why)) if why.contains("is back")),
        "{refused:?}"
    );
    let now = fake.state();
    assert_eq!((now.title.as_str(), now.status), ("Old", "Playing"));
    Ok(())
}

#[tokio::test]
async fn a_player_that_refuses_has_no_route() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    let (fake, watched) = met(
        &session,
        State {
            on_open: OnOpen::Refuses,
            ..State::default()
        },
    )
    .await?;
    let saved = watched.players.save(fake.bus_name(), None).await?;
    let refused = watched.players.open(fake.bus_name(), &list, &saved).await;
    assert!(
        matches!(&refused, Err(PlayerError::NoRoute(why)) if why.contains("not today")),
        "{refused:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_track_id_may_be_text() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    let fake = Fake::start(
        &session,
        "fake",
        State {
            id_is_text: true,
            ..State::default()
        },
    )
    .await?;
    let mut watched = Watched::start(&session).await?;
    let view = watched.sees_it_play(fake.bus_name(), "Old").await?;
    let track = view.track.unwrap();
    assert_eq!(
        (track.id.as_str(), track.artist.as_str()),
        ("track/old", "Somebody, Somebody else")
    );
    assert_eq!(track.length, Some(Duration::from_secs(200)));
    let saved = watched.players.save(fake.bus_name(), None).await?;
    watched.players.open(fake.bus_name(), &list, &saved).await?;
    // SetPosition takes only object paths, and this player has none: Seek must do.
    let restored = watched.players.undo(&saved).await?;
    assert!(
        has(&restored.restored, "track") && has(&restored.restored, "position"),
        "{restored:?}"
    );
    assert!(fake.state().position >= 20_000_000, "{:?}", fake.state());
    Ok(())
}

#[tokio::test]
async fn metadata_that_is_empty_for_half_a_second_is_waited_for() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    let state = State {
        on_open: OnOpen::PlaysAfterEmptiness,
        ..State::default()
    };
    let (fake, mut watched) = met(&session, state).await?;
    let saved = watched.players.save(fake.bus_name(), None).await?;
    let verified = watched.players.open(fake.bus_name(), &list, &saved).await?;
    assert_eq!(verified.title, "New");
    assert!(
        verified.took > Duration::from_millis(490) && verified.took < Duration::from_secs(2),
        "{:?}",
        verified.took
    );
    watched.no_user_action(NO_LONGER_OURS).await
}

#[tokio::test]
async fn an_ad_is_an_ad_and_its_end_nobodys_doing() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let fake = Fake::start(&session, "spotify", State::default()).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(fake.bus_name(), "Old").await?;
    fake.set(|state| {
        state.id = "/com/spotify/ad/7".into();
        state.url = "https://open.spotify.com/ad/7".into();
        state.title = "Advertisement".into();
    })
    .await?;
    let view = watched
        .sees(fake.bus_name(), "an ad", |view| view.content == Content::Ad)
        .await?;
    assert_eq!(view.playback, Playback::Playing);
    fake.set(|state| {
        state.id = "/com/spotify/track/1".into();
        state.url = "https://open.spotify.com/track/1".into();
    })
    .await?;
    watched
        .sees(fake.bus_name(), "music", |view| {
            view.content == Content::Music
        })
        .await?;
    watched.no_user_action(Duration::from_millis(900)).await?;
    fake.set(|state| {
        state.id = "/com/spotify/track/2".into();
        state.url = "https://open.spotify.com/track/2".into();
    })
    .await?;
    assert_eq!(watched.user_action().await?, UserAction::Skipped);
    Ok(())
}

#[tokio::test]
async fn a_property_that_fails_costs_only_itself() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    let fake = Fake::start(
        &session,
        "fake",
        State {
            volume_fails: true,
            ..State::default()
        },
    )
    .await?;
    let mut watched = Watched::start(&session).await?;
    let view = watched.sees_it_play(fake.bus_name(), "Old").await?;
    assert_eq!((view.volume, view.usable), (None, Usable::Yes));
    let saved = watched.players.save(fake.bus_name(), None).await?;
    watched.players.open(fake.bus_name(), &list, &saved).await?;
    Ok(())
}

#[tokio::test]
async fn celluloid_is_never_asked_for_shuffle_because_it_dies_of_it() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    let name = "io.github.celluloid_player.Celluloid.instance-1";
    let fake = Fake::start(&session, name, State::default()).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(fake.bus_name(), "Old").await?;
    let saved = watched.players.save(fake.bus_name(), None).await?;
    watched.players.open(fake.bus_name(), &list, &saved).await?;
    watched.players.refresh(fake.bus_name()).await?;
    assert_eq!(fake.state().shuffle_reads, 0);
    Ok(())
}

#[tokio::test]
async fn the_volume_that_a_new_track_turns_up_is_turned_back() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    let fake = Fake::start(&session, "vlc.instance7", State::default()).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(fake.bus_name(), "Old").await?;
    let saved = watched.players.save(fake.bus_name(), None).await?;
    watched.players.open(fake.bus_name(), &list, &saved).await?;
    assert!(
        (fake.state().volume - 0.4).abs() < 1e-9,
        "{:?}",
        fake.state()
    );
    let restored = watched.players.undo(&saved).await?;
    assert!(has(&restored.restored, "track"), "{restored:?}");
    assert!(
        (fake.state().volume - 0.4).abs() < 1e-9,
        "{:?}",
        fake.state()
    );
    Ok(())
}

#[tokio::test]
async fn playerctld_is_no_player_and_a_browser_no_target() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let proxy = Fake::start(&session, "playerctld", State::default()).await?;
    let browser = Fake::start(&session, "firefox.instance_1_9", State::default()).await?;
    let mut watched = Watched::start(&session).await?;
    let view = watched.sees_it_play(browser.bus_name(), "Old").await?;
    assert!(matches!(view.usable, Usable::No { why } if why.contains("browser")));
    assert!(
        watched
            .players
            .views()
            .iter()
            .all(|view| view.bus_name != proxy.bus_name())
    );
    assert!(matches!(
        watched.players.active(),
        Err(PlayerError::NoPlayer(_))
    ));
    Ok(())
}

/// Bug: between the decision and the act the user could do something, and it was overrun.
#[tokio::test]
async fn what_the_user_does_at_the_last_moment_goes_before() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (fake, watched) = met(&session, State::default()).await?;
    let saved = watched.players.save(fake.bus_name(), None).await?;
    watched.players.untouched_since(&saved).await?;
    let chosen = |state: &mut State| {
        (state.id, state.title) = ("/track/chosen".into(), "Chosen".into());
        (state.url, state.position) = ("file:///chosen.flac".into(), 0);
    };
    let ad = |state: &mut State| state.url = "https://open.spotify.com/ad/1".into();
    let paused = |state: &mut State| state.status = "Paused";
    let before = fake.state();
    for (what, change) in [
        ("another track", &chosen as &dyn Fn(&mut State)),
        ("advertisement", &ad),
        ("paused", &paused),
    ] {
        fake.set(change).await?;
        let touched = watched.players.untouched_since(&saved).await;
        assert!(
            matches!(&touched, Err(PlayerError::TakenOver(why)) if why.contains(what)),
            "{what}: {touched:?}"
        );
        fake.set(|state| *state = before.clone()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_way_that_fails_is_followed_by_the_next_one() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    // One that refuses our list is asked for the user's as well.
    for (on_open, asked) in [(OnOpen::Refuses, 2), (OnOpen::Nothing, 1)] {
        let state = State {
            on_open,
            adds: true,
            ..State::default()
        };
        let fake = Fake::start(&session, "fake", state).await?;
        let mut watched = Watched::start(&session).await?;
        watched
            .sees(fake.bus_name(), "its track list", |view| view.edits_tracks)
            .await?;
        let saved = watched.players.save(fake.bus_name(), None).await?;
        let opened = watched.players.open(fake.bus_name(), &list, &saved).await?;
        assert_eq!(
            (opened.route, opened.title.as_str()),
            (Route::AddTracks, "New"),
            "{on_open:?}"
        );
        assert_eq!(fake.state().opened.len(), asked, "{on_open:?}: asked first");
    }
    Ok(())
}

#[tokio::test]
async fn a_player_that_cannot_read_our_list_gets_the_users_file() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = playlist(&session)?;
    let state = State {
        on_open: OnOpen::RefusesOurs,
        ..State::default()
    };
    let (fake, watched) = met(&session, state).await?;
    let saved = watched.players.save(fake.bus_name(), None).await?;
    let opened = watched.players.open(fake.bus_name(), &list, &saved).await?;
    assert_eq!(
        (opened.route, opened.title.as_str()),
        (Route::OpenPlaylistFile, "New")
    );
    let asked = fake.state().opened.clone();
    assert!(
        asked.len() == 2 && asked[0].contains("/lists/") && asked[1] == list,
        "{asked:?}"
    );
    Ok(())
}
