//! The user's own music, whole: a folder is heard, a face goes in, and a real player plays a list that was made of it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use moodlark_api::{Dict, error::Error};
use moodlark_core::heard::Answer;
use moodlark_tests::{
    dict::{flag, number, text},
    eventually::{SOON, eventually},
    listening::{self, Fate, late, short, track},
    mpv::Mpv,
    rig,
    service::Service,
    session::{GREY, Session},
    songs::{self, CALM, LIVELY},
};

/// What a service needs that has no playlist but a folder of songs.
async fn listening(session: &Session, more: &[(&str, &str)]) -> Result<Service> {
    let songs = session.folder.path().join("songs");
    songs::make(&songs)?;
    std::fs::write(songs.join("broken.mp3"), "this is no music")?;
    std::fs::write(songs.join("cover.jpg"), "nor is this")?;
    let setup = session.service()?;
    let library = format!("[library]\nfolders = [\"{}\"]", songs.display());
    let mut changes = vec![("more", library.as_str())];
    changes.extend(more);
    let config = session.config(&changes);
    // No playlist: what is played is the user's own music, or nothing.
    let (before, _) = config.split_once("[[playlist]]").context("a playlist")?;
    setup.configure(&format!("{before}\n{library}\n"))?;
    setup.start().await
}

/// A service whose music is what a stand-in for its worker says, and no player.
async fn told(session: &Session, files: &[(&str, Fate)]) -> Result<Service> {
    let mut setup = session.service()?;
    setup.configure("[camera]\nenabled = false\n[library]\nfolders = [\"/m\"]\n")?;
    setup.listen = Some(listening::worker(&setup.folder.join("listen"), files)?);
    setup.start().await
}

async fn scanned(session: &Session, service: &Service) -> Result<Dict> {
    let library = service.library().await?;
    library.scan().await?;
    // A minute of music takes a moment, in a program that was built for finding faults.
    eventually(
        &session.connection,
        20 * SOON,
        "the end of the scan",
        async || {
            let status = library.status().await?;
            Ok((!flag(&status, "scanning")?).then_some(status))
        },
    )
    .await
}

#[tokio::test]
async fn a_folder_is_heard_and_a_happy_face_gets_a_list_made_of_it() -> Result<()> {
    if !rig::has(&[
        "moodlarkd",
        "moodlark-sense",
        "moodlark-listen",
        "mpv",
        "sox",
    ]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = listening(&session, &[]).await?;
    let (library, music) = (service.library().await?, service.music().await?);

    // Nothing is heard before somebody asks for it, and nothing can be played from nothing.
    assert_eq!(number(&library.status().await?, "found")?, 0);
    let status = scanned(&session, &service).await?;
    assert_eq!(
        number(&status, "heard")?,
        i64::from(2 * songs::EACH),
        "{status:?}"
    );
    assert_eq!(number(&status, "failed")?, 1, "{status:?}");
    assert_eq!(number(&status, "found")?, i64::from(2 * songs::EACH) + 1);
    let troubles = library.troubles(10).await?;
    assert!(text(&troubles[0], "path")?.ends_with("broken.mp3"));

    // Each kind lies where it should.
    let arousal = async |title: &str| -> Result<f64> {
        let tracks = library.tracks("", 100).await?;
        let track = tracks
            .iter()
            .find(|track| text(track, "title").is_ok_and(|t| t == title));
        Ok(f64::try_from(
            track.context("the track")?["arousal"].try_clone()?,
        )?)
    };
    assert!(arousal(&format!("{LIVELY} 1")).await? > 0.2);
    assert!(arousal(&format!("{CALM} 1")).await? < -0.2);

    // A face goes in, and the list comes out.
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    let switch = eventually(&session.connection, SOON, "a verified switch", async || {
        let switch = music.last_switch().await?;
        Ok((!switch.is_empty() && flag(&switch, "verified")?).then_some(switch))
    })
    .await?;
    assert_eq!(text(&switch, "playlist")?, "Bright and lively");
    mpv.plays(LIVELY).await?;
    let list = std::fs::read_to_string(
        text(&switch, "uri")?
            .replace("file://", "")
            .replace("%20", " "),
    )?;
    assert!(
        list.lines().filter(|line| line.starts_with('/')).count() >= 10,
        "{list}"
    );

    // Undo brings back what was before.
    music.undo().await?;
    mpv.plays(GREY).await?;
    Ok(())
}

#[tokio::test]
async fn a_mood_by_hand_a_skip_a_way_and_what_is_liked() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-listen", "mpv", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let calm = ("name = \"always\"", "name = \"always\"\nenabled = false");
    let service = listening(&session, &[("enabled", "enabled = false"), calm]).await?;
    let (library, music) = (service.library().await?, service.music().await?);
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    service.knows(mpv.bus_name()).await?;
    // Without any music of the user's there is no such list.
    let nothing = music.apply("Calm").await;
    assert!(matches!(nothing, Err(Error::NoPlaylist(_))), "{nothing:?}");
    scanned(&session, &service).await?;

    music.apply("Calm").await?;
    mpv.plays(CALM).await?;
    // Who skips it soon did not want it.
    let first = mpv.title().await?;
    let heard = std::time::Duration::from_secs(3);
    eventually(
        &session.connection,
        SOON,
        "a few seconds of it",
        async || Ok((mpv.position().await? > heard).then_some(())),
    )
    .await?;
    mpv.next().await?;
    let path = session
        .folder
        .path()
        .join("songs")
        .join(format!("{first}.flac"));
    let path = path.to_str().context("a path")?;
    let known = eventually(
        &session.connection,
        SOON,
        "a skip that was noticed",
        async || {
            let known: serde_json::Value = serde_json::from_str(&library.explain(path).await?)?;
            // It is written down first, and learnt from then.
            let learnt = known["plays"] == 1 && known["played_through"].is_number();
            Ok(learnt.then_some(known))
        },
    )
    .await?;
    assert!(known["picked"]["why"].is_string(), "{known}");
    assert!(
        known["played_through"].as_f64().context("a share")? < 0.2,
        "{known}"
    );

    // From one to the other, by way of others.
    let to = path.replace(CALM, LIVELY);
    let way = library.path(path, &to).await?;
    assert!(way.len() >= 4, "{way:?}");
    assert_eq!(text(&way[0], "path")?, path);
    assert_eq!(text(way.last().context("an end")?, "path")?, to);
    library.like(&to, true).await?;
    let nowhere = library.like("/nowhere.flac", true).await;
    assert!(matches!(nowhere, Err(Error::Library(_))), "{nowhere:?}");
    Ok(())
}

/// Why each file failed or was left out, by its path.
async fn reasons(service: &Service) -> Result<BTreeMap<String, String>> {
    let troubles = service.library().await?.troubles(100).await?;
    let pair = |trouble: &Dict| Ok((text(trouble, "path")?, text(trouble, "why")?));
    troubles.iter().map(pair).collect()
}

fn answers(answer: Answer) -> Fate {
    Fate::Answers(Box::new(answer))
}

#[tokio::test]
async fn a_worker_that_ends_after_a_late_file_does_not_cost_the_next_one() -> Result<()> {
    if !rig::has(&["moodlarkd"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let files = [
        (
            "/m/late.ogg",
            Fate::AnswersAndEnds(Box::new(late("/m/late.ogg"))),
        ),
        ("/m/next.ogg", answers(short("/m/next.ogg"))),
        ("/m/crash.ogg", Fate::Ends),
        ("/m/last.ogg", answers(short("/m/last.ogg"))),
    ];
    let service = told(&session, &files).await?;
    scanned(&session, &service).await?;
    let reasons = reasons(&service).await?;
    assert_eq!(reasons["/m/late.ogg"], "deadline");
    assert_eq!(reasons["/m/next.ogg"], "too_short");
    assert_eq!(reasons["/m/crash.ogg"], "crashed");
    assert_eq!(reasons["/m/last.ogg"], "too_short");
    Ok(())
}

#[tokio::test]
async fn a_worker_that_answers_something_else_is_not_believed() -> Result<()> {
    if !rig::has(&["moodlarkd"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    // Heard, and no mood; another file; no answer about a file at all.
    let moodless = Answer::Heard {
        path: "/m/moodless.ogg".into(),
        track: Box::new(track()),
        mood: None,
    };
    let files = [
        ("/m/moodless.ogg", answers(moodless)),
        ("/m/other.ogg", answers(short("/m/elsewhere.ogg"))),
        (
            "/m/nonsense.ogg",
            answers(Answer::Refused {
                reason: "no".into(),
            }),
        ),
        ("/m/good.ogg", answers(short("/m/good.ogg"))),
    ];
    let service = told(&session, &files).await?;
    let status = scanned(&session, &service).await?;
    assert_eq!(number(&status, "heard")?, 0);
    assert_eq!(number(&status, "found")?, 4);
    let reasons = reasons(&service).await?;
    for path in ["/m/moodless.ogg", "/m/other.ogg", "/m/nonsense.ogg"] {
        assert_eq!(reasons[path], "crashed", "{path}");
    }
    assert_eq!(reasons["/m/good.ogg"], "too_short");
    // And what is asked afterwards is answered.
    assert!(service.library().await?.top("happy", 5).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_file_outside_of_the_folders_is_not_taken() -> Result<()> {
    if !rig::has(&["moodlarkd"]) {
        return Ok(());
    }
    for path in ["/etc/passwd", "/m/../etc/passwd", "/music/song.ogg"] {
        let session = Session::start().await?;
        let service = told(&session, &[(path, answers(short(path)))]).await?;
        let status = scanned(&session, &service).await?;
        assert_eq!(number(&status, "found")?, 0, "{status:?}");
        assert!(text(&status, "trouble")?.contains(path), "{status:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_scan_ends_when_it_is_stopped_or_the_library_is_switched_off() -> Result<()> {
    if !rig::has(&["moodlarkd"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let service = told(&session, &[("/m/hangs.ogg", Fate::Hangs)]).await?;
    let library = service.library().await?;
    library.scan().await?;
    assert!(flag(&library.status().await?, "scanning")?);
    library.stop().await?;
    let status = library.status().await?;
    assert!(!flag(&status, "scanning")?);
    assert!(text(&status, "trouble")?.contains("stopped"), "{status:?}");
    library.scan().await?;
    let off = "[camera]\nenabled = false\n[library]\nenabled = false\n";
    std::fs::write(session.folder.path().join("service/config.toml"), off)?;
    service.service().await?.reload().await?;
    eventually(
        &session.connection,
        SOON,
        "the end of the scan",
        async || Ok((!flag(&library.status().await?, "scanning")?).then_some(())),
    )
    .await
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-listen"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    setup.configure("[camera]\nenabled = false\n[library]\nfolders = [\"/nowhere/at/all\"]\n")?;
    let service = setup.start().await?;
    let status = scanned(&session, &service).await?;
    assert!(
        text(&status, "trouble")?.contains("/nowhere/at/all"),
        "{status:?}"
    );
    Ok(())
}

#[tokio::test]
async fn what_only_ffmpeg_reads_is_heard_and_stays_so_when_it_is_retagged() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-listen", "sox", "ffmpeg"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let folder = session.folder.path().join("foreign");
    std::fs::create_dir(&folder)?;
    let setup = session.service()?;
    setup.configure(&format!(
        "[camera]\nenabled = false\n[library]\nfolders = [\"{}\"]\n",
        folder.display()
    ))?;
    let song = songs::calm(session.folder.path(), 1)?;
    let foreign = folder.join("song.wma");
    let make = async |title: &str| {
        let (from, to) = (song.display().to_string(), foreign.display().to_string());
        let title = format!("title={title}");
        let made = [
            "-nostdin",
            "-v",
            "error",
            "-y",
            "-i",
            &from,
            "-c:a",
            "wmav2",
            "-metadata",
            &title,
            &to,
        ];
        rig::run("ffmpeg", &made).await
    };
    make("One").await?;
    let service = setup.start().await?;
    for round in ["new", "retagged"] {
        let status = scanned(&session, &service).await?;
        assert_eq!(number(&status, "heard")?, 1, "{round}: {status:?}");
        make("Another").await?;
    }
    Ok(())
}
