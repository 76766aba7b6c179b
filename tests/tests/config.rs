//! The configuration, broken and mended while the service runs.

use std::time::Duration;

use anyhow::Result;
use moodlark_api::error::Error;
use moodlark_core::Reading;
use moodlark_tests::{
    eventually::{SOON, eventually},
    rig,
    session::{BRIGHT, Session},
};

const NEEDS: [&str; 2] = ["moodlarkd", "sox"];
/// No looks: the configuration is all that this is about.
const QUIET: (&str, &str) = ("enabled", "enabled = false");

#[tokio::test]
async fn the_last_good_configuration_goes_on_while_the_file_is_broken() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    setup.configure(&session.config(&[QUIET]))?;
    let service = setup.start().await?;
    let (music, bus) = (service.music().await?, service.service().await?);
    let names = async || -> Result<Vec<String>> {
        let lists = music.playlists().await?;
        Ok(lists
            .iter()
            .filter_map(|list| list.get("name")?.try_clone().ok()?.try_into().ok())
            .collect())
    };
    assert_eq!(names().await?.len(), 2);

    for (broken, word) in [
        (
            session.config(&[QUIET, ("interval", "intervall = \"1s\"")]),
            "interval",
        ),
        (
            session.config(&[QUIET, ("source", "source = \"pitcures\"")]),
            "pictures",
        ),
        (
            session.config(&[QUIET, ("interval", "interval = \"soon\"")]),
            "interval",
        ),
        (session.config(&[QUIET, ("shows", "shows = 7.0")]), "shows"),
        ("[camera\n".to_owned(), "line 1"),
    ] {
        setup.configure(&broken)?;
        // By hand, so that the answer tells; the file's watcher sees it as well.
        let refused = bus.reload().await;
        let Err(Error::BadConfig(sentence)) = &refused else {
            panic!("{word}: {refused:?}")
        };
        assert!(sentence.contains(word), "{word}: {sentence}");
        assert!(sentence.contains("line"), "the place: {sentence}");
        assert_eq!(names().await?.len(), 2, "the last good one goes on");
    }

    // Mended, without a word to the service: it sees the file change.
    let third = format!(
        "[[playlist]]\nname = \"Third\"\nfile = \"{}\"\n",
        session.bright.display()
    );
    setup.configure(&(session.config(&[QUIET]) + &third))?;
    eventually(
        &session.connection,
        SOON,
        "the third playlist",
        async || Ok(names().await?.contains(&"Third".to_owned()).then_some(())),
    )
    .await?;
    assert!(names().await?.contains(&BRIGHT.to_owned()));

    // Broken without a word: it is told where people look, and nothing changes.
    setup.configure("[camera\n")?;
    eventually(
        &session.connection,
        SOON,
        "the service to say what is wrong",
        async || {
            let status = bus.status().await?;
            Ok(status.to_lowercase().contains("config").then_some(()))
        },
    )
    .await?;
    assert_eq!(names().await?.len(), 3);
    assert!(setup.log().contains("config"), "and in the log");
    Ok(())
}

#[tokio::test]
async fn a_symlinked_configuration_is_seen_to_change() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    let real = session.folder.path().join("dotfiles");
    std::fs::create_dir(&real)?;
    let file = real.join("moodlark.toml");
    std::fs::write(&file, session.config(&[QUIET]))?;
    std::fs::remove_file(setup.config())?;
    std::os::unix::fs::symlink(&file, setup.config())?;
    let service = setup.start().await?;
    let policy = service.policy().await?;
    assert_eq!(policy.rules().await?.len(), 1);
    std::fs::write(
        &file,
        session.config(&[QUIET]) + "[[rule]]\nname = \"second\"\ndo = \"keep\"\n",
    )?;
    eventually(&session.connection, SOON, "the second rule", async || {
        Ok((policy.rules().await?.len() == 2).then_some(()))
    })
    .await?;
    // A change by the service itself keeps the link.
    service.camera().await?.set_enabled(true).await?;
    assert!(std::fs::symlink_metadata(setup.config())?.is_symlink());
    assert!(std::fs::read_to_string(&file)?.contains("enabled = true"));
    Ok(())
}

#[tokio::test]
async fn a_service_that_starts_on_a_broken_configuration_says_so() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    setup.configure("[camera]\nenbaled = true\n")?;
    // Either it refuses to start with the reason, or it runs on the defaults and says so: the
    // camera stays off, whatever the broken file may have meant.
    match setup.start().await {
        Ok(service) => {
            assert_eq!(service.camera().await?.blocked().await?, "off");
            assert!(setup.log().contains("enabled"), "{}", setup.log());
        }
        Err(error) => {
            let text = format!("{error:#}");
            assert!(
                text.contains("enbaled") && text.contains("enabled"),
                "{text}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_broken_configuration_at_the_start_leaves_the_last_good_one_with_the_camera_off()
-> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (setup, worker) = session.service_with_worker(
        &[
            ("only-while-playing", "only-while-playing = false"),
            ("interval", "interval = \"1h\""),
        ],
        |worker| worker.sees(Reading::NoFace),
    )?;
    let service = setup.start().await?;
    service.reads("no_face").await?;
    service.stop(Duration::from_secs(1)).await?;

    let runs = worker.runs();
    setup.configure("[camera]\nenbaled = false\n")?;
    let service = setup.start().await?;
    assert_eq!(
        service.music().await?.playlists().await?.len(),
        2,
        "those of the last good one"
    );
    // Nobody knows what the broken file means to say of the camera: no is the safe reading.
    let camera = service.camera().await?;
    assert_eq!(camera.blocked().await?, "off");
    assert!(matches!(camera.sample().await, Err(Error::CameraOff(_))));
    assert_eq!(worker.runs(), runs);
    assert!(
        setup.log().contains("enabled"),
        "the suggestion: {}",
        setup.log()
    );
    Ok(())
}

#[tokio::test]
async fn a_no_to_the_camera_counts_at_once_in_a_file_that_is_broken_elsewhere() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (setup, worker) = session.service_with_worker(
        &[("only-while-playing", "only-while-playing = false")],
        |worker| worker.sees(Reading::NoFace),
    )?;
    let service = setup.start().await?;
    service.reads("no_face").await?;
    setup
        .configure(&session.config(&[("enabled", "enabled = false"), ("shows", "shows = 7.0")]))?;
    let camera = service.camera().await?;
    eventually(
        &session.connection,
        SOON,
        "the camera to be off",
        async || Ok((camera.blocked().await? == "off").then_some(())),
    )
    .await?;
    let runs = worker.runs();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(worker.runs(), runs, "somebody looked after the no");
    Ok(())
}

#[tokio::test]
async fn no_configuration_at_all_is_fine() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    std::fs::remove_file(setup.config())?;
    let service = setup.start().await?;
    let camera = service.camera().await?;
    assert_eq!(camera.blocked().await?, "off");
    // The yes is kept in a file that is made for it, private to the user.
    camera.set_enabled(true).await?;
    assert!(std::fs::read_to_string(setup.config())?.contains("enabled = true"));
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(setup.config())?.permissions());
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    Ok(())
}
