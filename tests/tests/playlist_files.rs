//! Playlist files as people have them, through the whole service: what plays, and what the user hears of the rest.

use std::process::Output;

use anyhow::Result;
use moodlark_tests::{
    dict::text,
    mpv::Mpv,
    rig,
    session::{BRIGHT, GREY, Session},
};

const LIST: &str = "From Windows";

#[tokio::test]
async fn a_list_with_backslashes_plays_and_what_is_missing_is_told() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark", "mpv", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let list = session.folder.path().join("windows.m3u8");
    let tracks = format!("{BRIGHT} (für 1 & 100 %)");
    std::fs::write(&list, format!("gone.flac\r\n{tracks}\\1.flac\r\n"))?;
    let more = format!(
        "[[playlist]]\nname = \"{LIST}\"\nfile = \"{}\"",
        list.display()
    );
    let setup = session.service()?;
    setup.configure(&session.config(&[("enabled", "enabled = false"), ("more", &more)]))?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let service = setup.start().await?;
    service.knows(mpv.bus_name()).await?;

    let said = setup.moodlark(&["play", LIST])?.output().await?;
    mpv.plays(BRIGHT).await?;
    assert!(
        stdout(&said).contains("1 of its 2 files is missing (gone.flac)"),
        "{said:?}"
    );
    let music = service.music().await?;
    let last = music.last_switch().await?;
    assert_eq!(
        text(&last, "left-out")?,
        "1 of its 2 files is missing (gone.flac)"
    );
    assert_eq!(i64::try_from(&last["missing"])?, 1);
    assert_eq!(i64::try_from(&last["listed"])?, 2);
    // The journal names the user's file, and an undo finds its way back to what played before.
    assert!(text(&last, "uri")?.ends_with("/windows.m3u8"), "{last:?}");
    music.undo().await?;
    mpv.plays(GREY).await?;
    // A home without a music folder: the list is with the service's own files.
    let own = setup.state().join("lists/windows.m3u8");
    let written = std::fs::read_to_string(own)?;
    assert!(written.starts_with("#EXTM3U\n# Moodlark"), "{written}");
    Ok(())
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
