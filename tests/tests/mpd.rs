//! The main job with a real MPD: a face goes in, MPD plays a playlist that is stored there, and its user can
//! have the old queue back; and what the command line tells of it.

use std::process::Stdio;

use anyhow::Result;
use moodlark_api::Dict;
use moodlark_tests::{
    dict::text,
    eventually::{SOON, eventually},
    mpd::Place,
    rig,
    service::{Service, Setup},
    session::{BRIGHT, GREY, Session},
};
use tokio::process::Command;

const NEEDS: [&str; 5] = ["moodlarkd", "moodlark-sense", "moodlark", "mpd", "sox"];
const PASSWORD: &str = "dreimal-geheim";

/// What one subcommand writes.
async fn moodlark(setup: &Setup, arguments: &[&str]) -> Result<String> {
    let output = Command::new(rig::built("moodlark")?)
        .args(arguments)
        .env("DBUS_SESSION_BUS_ADDRESS", &setup.address)
        .env("HOME", &setup.folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(SOON, output).await??;
    Ok(String::from_utf8(output.stdout)?)
}

/// Waits for a verified switch and gives it.
async fn switched(session: &Session, service: &Service) -> Result<Dict> {
    let music = service.music().await?;
    eventually(&session.connection, SOON, "a verified switch", async || {
        let switch = music.last_switch().await?;
        let verified = switch
            .get("verified")
            .map(moodlark_api::OwnedVariant::try_clone);
        let verified = verified.transpose()?.map(bool::try_from).transpose()?;
        Ok((verified == Some(true)).then_some(switch))
    })
    .await
}

#[tokio::test]
async fn a_happy_face_switches_mpd_and_undo_brings_back_its_queue() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let place = Place::new(session.folder.path())?.with_password(PASSWORD);
    place.playlist(GREY, 220.0)?;
    place.playlist(BRIGHT, 880.0)?;
    let mpd = place.start().await?;
    mpd.ask(&format!("load \"{GREY}\""))?;
    mpd.ask("seek 2 10")?;
    mpd.plays(&format!("{GREY} 3")).await?;

    let mut setup = session.service()?;
    let (grey, bright) = (session.grey.display(), session.bright.display());
    setup.configure(&session.config(&[
        (&format!("file = \"{grey}"), "uri = \"mpd:Grey%20Drizzle\""),
        (
            &format!("file = \"{bright}"),
            "uri = \"mpd:Bright%20Morning\"",
        ),
    ]))?;
    // As other clients are told, before what the rig says to keep the machine's own MPD away.
    setup.environment.push(("MPD_HOST".into(), place.address()));
    let service = setup.start().await?;
    let switch = switched(&session, &service).await?;
    assert_eq!(text(&switch, "player")?, "mpd");
    assert_eq!(text(&switch, "route")?, "mpd-playlist");
    mpd.plays(BRIGHT).await?;
    assert_eq!(mpd.queue()?.len(), 3);

    let players = moodlark(&setup, &["players"]).await?;
    assert!(
        players.contains("mpd") && players.contains("playing") && players.contains(BRIGHT),
        "{players}"
    );
    let doctor = moodlark(&setup, &["doctor"]).await?;
    let line = doctor
        .lines()
        .find(|line| line.contains("stored playlists"));
    assert!(
        line.is_some_and(|line| line.contains("MPD 0.") && line.contains(GREY)),
        "{doctor}"
    );
    service.camera().await?.pause(0).await?;
    let undone = service.music().await?.undo().await?;
    assert_eq!(text(&undone, "player")?, "mpd");
    let queue: Vec<String> = (1..=3).map(|n| format!("{GREY} {n}")).collect();
    assert_eq!(mpd.queue()?, queue);
    mpd.plays(&format!("{GREY} 3")).await?;
    assert!(mpd.elapsed()? >= 9.0);

    let journal = std::fs::read(setup.journal())?;
    for (what, said) in [
        ("log", setup.log()),
        ("journal", String::from_utf8_lossy(&journal).into_owned()),
        ("doctor", doctor),
    ] {
        assert!(!said.contains(PASSWORD), "the password is in the {what}");
    }
    Ok(())
}

#[tokio::test]
async fn the_last_of_two_switches_in_mpd_is_what_undo_undoes() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let place = Place::new(session.folder.path())?;
    place.playlist(GREY, 220.0)?;
    let mpd = place.start().await?;
    mpd.ask(&format!("load \"{GREY}\""))?;
    let setup = session.service()?;
    setup.configure(&session.config(&[
        ("enabled", "enabled = false"),
        (
            "[mpd]",
            &format!("[mpd]\naddress = \"{}\"", place.address()),
        ),
    ]))?;
    let service = setup.start().await?;
    let music = service.music().await?;
    // Files outside of MPD's music, by its socket.
    music.apply(BRIGHT).await?;
    mpd.plays(BRIGHT).await?;
    music.apply(GREY).await?;
    mpd.plays(GREY).await?;
    music.undo().await?;
    mpd.plays(BRIGHT).await?;
    assert_eq!(mpd.queue()?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_password_in_the_configuration_is_in_no_other_file() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let place = Place::new(session.folder.path())?.with_password(PASSWORD);
    place.playlist(GREY, 220.0)?;
    let mpd = place.start().await?;
    mpd.ask(&format!("load \"{GREY}\""))?;
    mpd.ask("play")?;
    let setup = session.service()?;
    let address = format!("[mpd]\naddress = \"{}\"", place.address());
    setup.configure(&session.config(&[("enabled", "enabled = false"), ("[mpd]", &address)]))?;
    let service = setup.start().await?;
    service.knows("mpd").await?;
    service.music().await?.apply(BRIGHT).await?;
    service.stop(SOON).await?;
    // The last good configuration is kept beside the journal, for a start with a broken one.
    for file in std::fs::read_dir(setup.state())? {
        let path = file?.path();
        let text = std::fs::read(&path)?;
        let told = String::from_utf8_lossy(&text);
        assert!(!told.contains(PASSWORD), "it is in {}", path.display());
    }
    assert!(!setup.log().contains(PASSWORD));
    Ok(())
}
