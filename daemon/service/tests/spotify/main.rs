//! The service with Spotify's Web API: a played Spotify, its client on the bus, the real moodlarkd.

mod fallback;
mod secrets;
mod stage;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use moodlark_api::error::Error;
use moodlark_tests::{
    dict::{text, words},
    eventually::{SOON, eventually},
    keyring::{self, Keyring},
    notifyd::NotificationDaemon,
    rig,
    session::Session,
    spotify::{
        Client, Device, Misbehaves,
        world::{CALM, FOCUS, host, track},
    },
};

use stage::{NEEDS, Stage, config, spotify_status};

#[tokio::test]
async fn a_playlist_by_name_is_switched_by_the_web_api_and_undone_to_the_second() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    let switch = stage.apply("Concentrate").await?;
    assert_eq!(text(&switch, "route")?, "spotify-web-api");
    assert_eq!(text(&switch, "uri")?, format!("spotify:playlist:{FOCUS}"));
    assert!(stage.plays(FOCUS) && stage.client.opened().is_empty());
    let calls = stage.fake.calls();
    assert!(stage.fake.forget()? <= 6, "{calls:?}");

    let undone = stage.service.music().await?.undo().await?;
    assert_eq!(
        words(&undone, "restored")?,
        ["playlist", "track", "position"]
    );
    assert!(words(&undone, "not-restored")?.is_empty());
    assert!(stage.plays(CALM));
    {
        let world = stage.fake.world();
        assert_eq!(world.playing.track(), track(1));
        let off = world
            .playing
            .position()
            .abs_diff(Duration::from_millis(61_250));
        assert!(off < Duration::from_secs(2), "{off:?} off");
    }
    let calls = stage.fake.calls();
    assert!(stage.fake.forget()? <= 6, "{calls:?}");
    Ok(())
}

#[tokio::test]
async fn without_a_sign_in_mpris_does_everything_and_nobody_is_asked() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start().await?;
    let switch = stage.apply("Rest").await?;
    assert_eq!(text(&switch, "route")?, "open-uri:spotify");
    assert_eq!(stage.client.opened().len(), 1);
    // A name is something that only Spotify knows.
    let why = stage.service.music().await?.apply("Concentrate").await;
    assert!(
        matches!(&why, Err(Error::Spotify(why)) if why.contains("moodlark spotify login")),
        "{why:?}"
    );
    assert!(stage.fake.calls().is_empty());
    Ok(())
}

#[tokio::test]
async fn every_refusal_falls_back_to_mpris_at_once_and_is_told_once() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    stage.apply("Concentrate").await?;
    for (misbehaves, told) in [
        (Misbehaves::Free, "Premium"),
        (Misbehaves::Forbidden, "refuses this"),
        (Misbehaves::Broken(502), "in trouble"),
        (Misbehaves::Garbage, "cannot be read"),
        (Misbehaves::RateLimited(Some(3600)), "left alone"),
        // Never asked: the limit still holds.
        (Misbehaves::Quota, "left alone"),
    ] {
        let asked = stage.client.opened().len();
        stage.fake.world().misbehaves = misbehaves;
        for name in ["Rest", "Concentrate"] {
            let began = Instant::now();
            let switch = stage.apply(name).await?;
            assert_eq!(
                text(&switch, "route")?,
                "open-uri:spotify",
                "{misbehaves:?}"
            );
            assert!(
                began.elapsed() < Duration::from_secs(5),
                "{misbehaves:?}: {:?}",
                began.elapsed()
            );
        }
        assert_eq!(stage.client.opened().len(), asked + 2, "{misbehaves:?}");
        assert!(stage.log_has(told) >= 1, "{misbehaves:?}");
    }
    let warned = stage.log_has("does not help, MPRIS does it");
    assert_eq!(warned, 5, "each was told once");
    let status = stage.service.spotify().await?.status().await?;
    assert_eq!(text(&status, "trouble")?, "rate-limited");
    Ok(())
}

#[tokio::test]
async fn an_undo_that_spotify_refuses_is_done_over_mpris() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    stage.apply("Concentrate").await?;
    stage.fake.world().misbehaves = Misbehaves::Free;
    let undone = stage.service.music().await?.undo().await;
    // The client on the bus tells no playlist: what it can bring back, it does.
    assert!(
        undone.is_ok() || matches!(undone, Err(Error::NoRoute(_) | Error::NotVerified(_))),
        "{undone:?}"
    );
    assert!(!stage.client.opened().is_empty() || undone.is_err());
    Ok(())
}

#[tokio::test]
async fn a_speaker_in_another_room_is_left_alone_unless_allowed() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    stage.fake.world().devices = vec![Device {
        active: true,
        ..Device::new("kitchen", "Kitchen", "Speaker")
    }];
    let switch = stage.apply("Rest").await?;
    assert_eq!(text(&switch, "route")?, "open-uri:spotify");
    let puts = stage
        .fake
        .calls()
        .iter()
        .filter(|call| call.starts_with("PUT"))
        .count();
    assert_eq!(puts, 0);
    stage.setup.configure(&config("any-device = true"))?;
    stage.service.service().await?.reload().await?;
    let switch = stage.apply("Concentrate").await?;
    assert_eq!(text(&switch, "route")?, "spotify-web-api");
    Ok(())
}

#[tokio::test]
async fn a_device_that_is_not_on_the_bus_is_played_on_only_where_every_device_may_be() -> Result<()>
{
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let mut stage = Stage::signed_in().await?;
    stage.fake.world().devices = vec![Device {
        active: true,
        ..Device::new("kitchen", "Kitchen", "Speaker")
    }];
    let elsewhere = Session::start().await?;
    stage.client = Client::start(&elsewhere.bus, &stage.fake).await?;
    let music = stage.service.music().await?;
    eventually(&stage.bus, SOON, "no player", async || {
        Ok(music.players().await?.is_empty().then_some(()))
    })
    .await?;
    let why = music.apply("Rest").await;
    assert!(matches!(why, Err(Error::NoPlayer(_))), "{why:?}");
    assert!(stage.fake.calls().is_empty());

    stage.setup.configure(&config("any-device = true"))?;
    stage.service.service().await?.reload().await?;
    eventually(&stage.bus, SOON, "the device", async || {
        Ok((music.players().await?.len() == 1).then_some(()))
    })
    .await?;
    let switch = stage.apply("Concentrate").await?;
    assert_eq!(text(&switch, "route")?, "spotify-web-api");
    assert!(stage.plays(FOCUS));
    assert!(stage.fake.forget()? <= 6);
    let undone = music.undo().await?;
    assert_eq!(
        words(&undone, "restored")?,
        ["playlist", "track", "position"]
    );
    assert!(stage.plays(CALM));
    // Refused: there is no client on the bus to fall back to, and that is said.
    stage.fake.world().misbehaves = Misbehaves::Free;
    let why = music.apply("Concentrate").await;
    assert!(
        matches!(&why, Err(Error::NoRoute(why)) if why.contains("Premium")),
        "{why:?}"
    );
    Ok(())
}

/// The typical day: twenty switches over eight hours, each undone now and then.
#[tokio::test]
async fn a_typical_day_takes_at_most_six_calls_a_switch_and_none_between() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    let mut most = 0;
    for n in 0..20 {
        if n % 3 == 0 {
            // An hour has passed: the access token is over.
            stage.fake.world().end_access();
        }
        stage
            .apply(if n % 2 == 0 { "Concentrate" } else { "Rest" })
            .await?;
        most = most.max(stage.fake.forget()?);
        if n % 5 == 4 {
            stage.service.music().await?.undo().await?;
            most = most.max(stage.fake.forget()?);
        }
        // Between switches: the user plays, pauses and skips in the client, and asks how things are.
        stage.fake.world().playing.index = n % 3;
        stage.fake.announce();
        stage.service.spotify().await?.status().await?;
        stage.service.music().await?.players().await?;
        assert_eq!(
            stage.fake.forget()?,
            0,
            "something was asked between two switches"
        );
    }
    println!("at most {most} calls a switch");
    assert!(most <= 6, "{most}");
    Ok(())
}

#[tokio::test]
async fn a_keyring_keeps_the_sign_in_and_a_locked_one_is_waited_for() -> Result<()> {
    if !rig::has(&["moodlarkd", "sox", keyring::PROGRAM]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let keyring = Keyring::start(&session.bus, session.folder.path()).await?;
    let mut stage = Stage::on(session).await?;
    stage.sign_in().await?;
    let file = stage.setup.state().join("spotify-sign-in.json");
    let items = keyring.items().await?;
    assert!(!file.exists() && items.len() == 1, "{items:?}");
    let secrets = stage.fake.world().secrets.clone();
    assert!(!secrets.iter().any(|secret| keyring.has_on_disk(secret)));

    // Locked before the service comes back: it waits, asks nobody for a password, and uses MPRIS.
    keyring.lock().await?;
    stage.service = {
        stage.service.stop(Duration::from_secs(5)).await?;
        stage.setup.start().await?
    };
    let spotify = stage.service.spotify().await?;
    assert_eq!(text(&spotify.status().await?, "trouble")?, "keyring-locked");
    let switch = stage.apply("Rest").await?;
    assert_eq!(text(&switch, "route")?, "open-uri:spotify");
    let opened = stage.client.opened().len();

    keyring.unlock().await?;
    let switch = stage.apply("Concentrate").await?;
    assert_eq!(
        (text(&switch, "route")?, stage.client.opened().len()),
        ("spotify-web-api".into(), opened)
    );

    // Locked while a sign-in ends: kept in memory until it is open again.
    keyring.lock().await?;
    stage.sign_in().await?;
    let place = text(&spotify_status(&stage).await?, "place")?;
    assert!(place.contains("memory") && !file.exists(), "{place}");
    keyring.unlock().await?;
    eventually(&stage.bus, SOON, "the sign-in in the keyring", async || {
        Ok((text(&spotify_status(&stage).await?, "place")? == "in your keyring").then_some(()))
    })
    .await?;
    assert_eq!(keyring.items().await?.len(), 1);
    stage.service.spotify().await?.logout().await?;
    assert!(keyring.items().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_an_unlocked_keyring_holds_is_known_without_anybody_asking() -> Result<()> {
    if !rig::has(&["moodlarkd", "sox", keyring::PROGRAM]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let keyring = Keyring::start(&session.bus, session.folder.path()).await?;
    let mut stage = Stage::on(session).await?;
    stage.sign_in().await?;
    // Spotify on another device is a player only while somebody is signed in.
    let elsewhere = Session::start().await?;
    stage.client = Client::start(&elsewhere.bus, &stage.fake).await?;
    stage.setup.configure(&config("any-device = true"))?;
    keyring.lock().await?;
    stage.service.stop(Duration::from_secs(5)).await?;
    stage.service = stage.setup.start().await?;
    let music = stage.service.music().await?;
    eventually(&stage.bus, SOON, "the locked keyring", async || {
        Ok((stage.log_has("waits until it is unlocked") > 0).then_some(()))
    })
    .await?;
    assert!(music.players().await?.is_empty());
    keyring.unlock().await?;
    eventually(&stage.bus, SOON, "the device", async || {
        Ok((music.players().await?.len() == 1).then_some(()))
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_new_sign_in_is_asked_for_two_weeks_before_the_end() -> Result<()> {
    if !rig::has(&[&NEEDS[..], &["dunst", "Xvfb"]].concat()) {
        return Ok(());
    }
    let mut stage = Stage::signed_in().await?;
    stage.service.stop(Duration::from_secs(5)).await?;
    let file = stage.setup.state().join("spotify-sign-in.json");
    let mut kept: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
    let given = kept["authorized_at"].as_i64().context("no time")?;
    kept["authorized_at"] = (given - 170 * 86_400_000).into();
    std::fs::write(&file, kept.to_string())?;
    let dunst = NotificationDaemon::start(&stage.address, &stage.bus).await?;
    stage.service = stage.setup.start().await?;
    eventually(&stage.bus, SOON, "a notification", async || {
        let shown = format!("{:?}", dunst.shown().await?);
        Ok(shown.contains("ends in 10 days").then_some(()))
    })
    .await?;
    // Until then it still works, and nobody is asked twice a day.
    assert_eq!(
        text(&stage.apply("Rest").await?, "route")?,
        "spotify-web-api"
    );
    stage.apply("Concentrate").await?;
    assert_eq!(stage.log_has("ends in 10 days"), 1);
    Ok(())
}

#[tokio::test]
async fn playlists_are_listed_and_searched() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    let spotify = stage.service.spotify().await?;
    let all = spotify.playlists("").await?;
    assert_eq!(all.len(), 2, "{all:?}");
    let found = spotify.playlists("hits").await?;
    assert_eq!(text(&found[0], "name")?, "Somebody's hits");
    spotify.logout().await?;
    assert!(matches!(
        spotify.playlists("").await,
        Err(Error::Spotify(_))
    ));
    Ok(())
}

#[tokio::test]
async fn the_doctor_tells_of_the_sign_in() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start().await?;
    let told = async || -> Result<(String, String)> {
        let checks = stage.service.service().await?.doctor().await?;
        let found = checks
            .iter()
            .find(|check| text(check, "check").is_ok_and(|name| name == "spotify"));
        let found = found.context("no check")?;
        Ok((text(found, "level")?, text(found, "finding")?))
    };
    assert_eq!(
        told().await?,
        ("warning".into(), "nobody is signed in".into())
    );
    stage.sign_in().await?;
    let (level, finding) = told().await?;
    assert!(
        level == "ok" && finding.contains("180 days") && finding.contains("spotify-sign-in.json"),
        "{finding}"
    );
    stage
        .setup
        .configure(&config("").replace("client-id", "#client-id"))?;
    stage.service.service().await?.reload().await?;
    let (level, finding) = told().await?;
    assert!(
        level == "ok" && finding.contains("MPRIS alone"),
        "{finding}"
    );
    Ok(())
}

#[tokio::test]
async fn no_switch_of_the_service_makes_more_than_six_calls() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    {
        let mut world = stage.fake.world();
        world.is_elsewhere_and_has(300);
        // The name is not known yet, the token is refused, it plays elsewhere, and the client hears of nothing.
        world.end_access();
        world.misbehaves = Misbehaves::Lies;
    }
    let outcome = stage.apply("Concentrate").await;
    let calls = stage.fake.calls();
    assert_eq!(stage.fake.forget()?, 6, "{outcome:?}: {calls:?}");
    assert_eq!(text(&outcome?, "route")?, "open-uri:spotify");
    Ok(())
}

#[tokio::test]
async fn where_nothing_played_before_an_undo_does_not_complain_of_spotify() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    // No device is in use: Spotify has nothing to tell.
    stage.fake.world().devices = vec![Device::new("here", &host(), "Computer")];
    let switch = stage.apply("Concentrate").await?;
    assert_eq!(text(&switch, "route")?, "spotify-web-api");
    stage.fake.forget()?;
    let undone = stage.service.music().await?.undo().await;
    assert!(
        undone.is_ok() || matches!(undone, Err(Error::NoRoute(_) | Error::NotVerified(_))),
        "{undone:?}"
    );
    assert!(stage.fake.calls().is_empty(), "{:?}", stage.fake.calls());
    assert_eq!(stage.log_has("nothing that Spotify can play"), 0);
    Ok(())
}

#[tokio::test]
async fn a_new_sign_in_is_asked_for_also_where_failures_are_not_told() -> Result<()> {
    if !rig::has(&[&NEEDS[..], &["dunst", "Xvfb"]].concat()) {
        return Ok(());
    }
    let mut stage = Stage::signed_in().await?;
    stage.service.stop(Duration::from_secs(5)).await?;
    stage
        .setup
        .configure(&(config("") + "[notifications]\nfailures = false\n"))?;
    let dunst = NotificationDaemon::start(&stage.address, &stage.bus).await?;
    stage.fake.world().misbehaves = Misbehaves::Free;
    stage.service = stage.setup.start().await?;
    stage.apply("Rest").await?;
    // The user took the grant back: only they can mend that.
    {
        let mut world = stage.fake.world();
        world.misbehaves = Misbehaves::Not;
        world.end_access();
        world.refresh.clear();
    }
    stage.apply("Rest").await?;
    eventually(&stage.bus, SOON, "a notification", async || {
        let shown = format!("{:?}", dunst.shown().await?);
        Ok(shown
            .contains("sign-in to Spotify has expired")
            .then_some(()))
    })
    .await?;
    let shown = format!("{:?}", dunst.shown().await?);
    assert!(!shown.contains("Premium"), "{shown}");
    Ok(())
}

#[tokio::test]
async fn what_is_asked_at_once_goes_through_one_queue() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::signed_in().await?;
    {
        let mut world = stage.fake.world();
        world.most_at_once = 0;
        world.misbehaves = Misbehaves::Slow(Duration::from_millis(80));
        world.slow_tokens = Duration::from_millis(80);
        world.end_access();
    }
    let spotify = stage.service.spotify().await?;
    let (one, other, all, found) = tokio::join!(
        stage.apply("Concentrate"),
        stage.apply("Rest"),
        spotify.playlists(""),
        spotify.playlists("hits"),
    );
    assert!(one.is_ok() || other.is_ok(), "{one:?} {other:?}");
    assert_eq!((all?.len(), found?.len()), (2, 1));
    let calls = stage.fake.calls();
    assert!(calls.len() >= 6, "{calls:?}");
    let refreshes = calls.iter().filter(|call| call.starts_with("POST"));
    assert_eq!(refreshes.count(), 1, "{calls:?}");
    assert_eq!(stage.fake.world().most_at_once, 1);
    Ok(())
}
