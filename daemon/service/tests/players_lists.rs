//! Playlist files that people have and players do not read: what mpv and VLC, both real, make of what they are given.

mod players_support;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use moodlark_core::player::{LeftOut, Route};
use moodlark_service::players::{Appended, ListEntry};
use moodlark_tests::{
    mpv::Mpv,
    rig,
    session::{BRIGHT, GREY, Session},
    tones,
    vlc::Vlc,
};
use players_support::{Watched, has, lists, uri};

const MPV: [&str; 3] = ["dbus-daemon", "mpv", "sox"];
const VLC: [&str; 4] = ["dbus-daemon", "vlc", "setpriv", "sox"];

/// The folder with the tracks of the bright playlist.
fn tracks() -> String {
    format!("{BRIGHT} (für 1 & 100 %)")
}

/// An mpv that plays the grey list.
async fn met(session: &Session) -> Result<(Mpv, Watched)> {
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(session).await?;
    watched
        .sees_it_play(mpv.bus_name(), &format!("{GREY} 1"))
        .await?;
    mpv.plays(GREY).await?; // while it loads it takes no commands
    Ok((mpv, watched))
}

/// Writes a playlist beside the tracks' folders.
fn write(session: &Session, name: &str, text: impl AsRef<[u8]>) -> Result<PathBuf> {
    let path = session.folder.path().join(name);
    std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

fn xspf(locations: &[&str]) -> String {
    let tracks: String = locations
        .iter()
        .map(|location| format!("<track><location>{location}</location></track>"))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\"><trackList>{tracks}</trackList></playlist>\n"
    )
}

#[tokio::test]
async fn mpv_plays_an_xspf_which_it_cannot_read_and_undo_brings_it_back() -> Result<()> {
    if !rig::has(&MPV) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (mpv, watched) = met(&session).await?;
    let folder = "Bright%20Morning%20(f%C3%BCr%201%20&#38;%20100%20%25)";
    let text = xspf(&[
        &format!("{folder}/1.flac"),
        &format!(
            "<![CDATA[{}]]>",
            uri(&session.folder.path().join(tracks()).join("2.flac"))
        ),
        "gone.flac",
    ]);
    let list = write(&session, "Sunny.xspf", &text)?;
    let saved = watched.players.save(mpv.bus_name(), None).await?;
    let verified = watched
        .players
        .open(mpv.bus_name(), uri(&list), &saved)
        .await?;
    assert_eq!(verified.title, format!("{BRIGHT} 1"));
    assert_eq!(verified.route, Route::OpenPlaylistFile);
    assert_eq!(
        verified.left_out.sentence().as_deref(),
        Some("1 of its 3 files is missing (gone.flac)")
    );
    mpv.next().await?;
    mpv.plays(&format!("{BRIGHT} 2")).await?;

    // And as the list that played before.
    let saved = watched
        .players
        .save(mpv.bus_name(), Some(uri(&list)))
        .await?;
    watched
        .players
        .open(mpv.bus_name(), uri(&session.grey), &saved)
        .await?;
    mpv.plays(GREY).await?;
    let restored = watched.players.undo(&saved).await?;
    assert!(
        has(&restored.restored, "list") && has(&restored.restored, "track"),
        "{restored:?}"
    );
    mpv.plays(&format!("{BRIGHT} 2")).await?;
    // The user's file is as it was; ours is called as it is, and lies elsewhere.
    assert_eq!(std::fs::read_to_string(&list)?, text);
    assert!(lists(&session).join("Sunny.m3u8").is_file());
    Ok(())
}

#[tokio::test]
async fn mpv_plays_every_entry_of_a_list_that_was_written_with_backslashes() -> Result<()> {
    if !rig::has(&MPV) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (mpv, watched) = met(&session).await?;
    let tracks = tracks();
    let text = format!(
        "\u{feff}#EXTM3U\r\n.\\{}\\1.FLAC\r\nC:\\Users\\me\\Music\\{tracks}\\2.flac\r\n{}/3.flac\r\n",
        tracks.to_uppercase(),
        tracks.replace('%', "%25").replace(' ', "%20")
    );
    let list = write(&session, "Windows.m3u8", text)?;
    let saved = watched.players.save(mpv.bus_name(), None).await?;
    let verified = watched
        .players
        .open(mpv.bus_name(), uri(&list), &saved)
        .await?;
    assert_eq!(verified.title, format!("{BRIGHT} 1"));
    assert_eq!(
        (verified.left_out.listed, verified.left_out.missing),
        (3, 0)
    );
    for n in 2..=3 {
        mpv.next().await?;
        mpv.plays(&format!("{BRIGHT} {n}")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn mpv_plays_a_list_of_200000_entries() -> Result<()> {
    if !rig::has(&MPV) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (mpv, watched) = met(&session).await?;
    let text: String = (0..200_000)
        .map(|n| format!("{}/{}.flac\n", tracks(), n % 3 + 1))
        .collect();
    let list = write(&session, "Everything.m3u8", text)?;
    let saved = watched.players.save(mpv.bus_name(), None).await?;
    let verified = watched
        .players
        .open(mpv.bus_name(), uri(&list), &saved)
        .await?;
    println!("opened and verified in {:?}", verified.took);
    assert_eq!(verified.title, format!("{BRIGHT} 1"));
    let left_out = verified.left_out;
    assert_eq!(
        (left_out.listed, left_out.beyond, left_out.missing),
        (200_000, 180_000, 0)
    );
    Ok(())
}

#[tokio::test]
async fn mpv_plays_a_list_of_our_own_and_takes_no_more_behind_it() -> Result<()> {
    if !rig::has(&MPV) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (mpv, watched) = met(&session).await?;
    let entry = |n: u32| ListEntry {
        path: session
            .folder
            .path()
            .join(tracks())
            .join(format!("{n}.flac")),
        title: format!("Three of {n}"),
        artist: "Somebody".into(),
        duration: None,
    };
    let own = watched
        .players
        .write_list("Calm evening", vec![entry(3), entry(2)])
        .await?;
    assert_eq!(own.path, lists(&session).join("Calm evening.m3u8"));
    let before = std::fs::read(&own.path)?;
    let saved = watched.players.save(mpv.bus_name(), None).await?;
    let verified = watched
        .players
        .open(mpv.bus_name(), &own.uri, &saved)
        .await?;
    assert_eq!(verified.title, format!("{BRIGHT} 3"));
    assert_eq!(
        verified.left_out,
        LeftOut {
            listed: 2,
            ..LeftOut::default()
        }
    );
    assert_eq!(std::fs::read(&own.path)?, before, "it is ours already");
    let more = [entry(1).path];
    assert_eq!(
        watched.players.append(mpv.bus_name(), &more).await?,
        Appended::NotPossible
    );
    Ok(())
}

/// VLC takes what stands behind a `#` for a part of the track, and `%41` for an A.
#[tokio::test]
async fn vlc_plays_names_in_which_it_would_see_an_escape_or_a_part() -> Result<()> {
    if !rig::has(&VLC) {
        return Ok(());
    }
    let session = Session::start().await?;
    let odd: Vec<PathBuf> = ["a#1 ü.flac", "100%41?.flac", "b\\c & d.flac"]
        .iter()
        .zip(1..)
        .map(|(name, n)| {
            let from = session
                .folder
                .path()
                .join(tracks())
                .join(format!("{n}.flac"));
            let to = session.folder.path().join(name);
            std::fs::copy(from, &to).map(|_| to)
        })
        .collect::<std::io::Result<_>>()?;
    let names: Vec<_> = odd
        .iter()
        .filter_map(|path| path.file_name()?.to_str())
        .collect();
    let list = write(&session, "Odd.m3u8", names.join("\n"))?;
    let vlc = Vlc::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(vlc.bus_name(), GREY).await?;
    let saved = watched.players.save(vlc.bus_name(), None).await?;
    let verified = watched
        .players
        .open(vlc.bus_name(), uri(&list), &saved)
        .await?;
    assert_eq!(verified.title, format!("{BRIGHT} 1"));
    assert_eq!(verified.left_out.missing, 0);
    for n in 2..=3 {
        vlc.next().await?;
        vlc.plays(&format!("{BRIGHT} {n}")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn vlc_gets_more_behind_what_it_plays_and_undo_takes_that_out_too() -> Result<()> {
    if !rig::has(&VLC) {
        return Ok(());
    }
    let session = Session::start().await?;
    tones::playlist(session.folder.path(), "More", 440.0)?;
    let more: Vec<PathBuf> = (1..=2)
        .map(|n| {
            let folder = session.folder.path();
            folder
                .join("More (für 1 & 100 %)")
                .join(format!("{n}.flac"))
        })
        .collect();
    let vlc = Vlc::start(&session.bus, &session.grey).await?;
    let mut watched = Watched::start(&session).await?;
    watched.sees_it_play(vlc.bus_name(), GREY).await?;
    let saved = watched.players.save(vlc.bus_name(), None).await?;
    watched
        .players
        .open(vlc.bus_name(), uri(&session.bright), &saved)
        .await?;
    assert_eq!(
        watched.players.append(vlc.bus_name(), &more).await?,
        Appended::Added(2)
    );
    vlc.plays(&format!("{BRIGHT} 1")).await?;
    for title in [
        &format!("{BRIGHT} 2"),
        &format!("{BRIGHT} 3"),
        "More 1",
        "More 2",
    ] {
        vlc.next().await?;
        vlc.plays(title).await?;
    }
    let restored = watched.players.undo(&saved).await?;
    assert!(has(&restored.restored, "list"), "{restored:?}");
    vlc.plays(GREY).await?;
    let again = watched.players.save(vlc.bus_name(), None).await?;
    assert_eq!(again.track_list, saved.track_list);
    Ok(())
}

/// Where no folder takes it, the player gets the user's own file.
#[tokio::test]
async fn without_a_folder_for_lists_mpv_gets_the_users_file() -> Result<()> {
    if !rig::has(&MPV) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (mpv, watched) = met(&session).await?;
    watched
        .players
        .keep_lists_in(vec![Path::new("/proc/nowhere").to_owned()]);
    let saved = watched.players.save(mpv.bus_name(), None).await?;
    let verified = watched
        .players
        .open(mpv.bus_name(), uri(&session.bright), &saved)
        .await?;
    assert_eq!(verified.title, format!("{BRIGHT} 1"));
    Ok(())
}
