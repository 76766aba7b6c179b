//! Exit codes, and what goes to stderr.

use moodlark_api::error::Error;

use crate::{
    fake::{Fake, Mode},
    rig::{Rig, program, run},
};

/// Every command that asks the service.
const ASKING: [&[&str]; 18] = [
    &["status"],
    &["why"],
    &["mood"],
    &["mood", "set", "sad"],
    &["mood", "note", "x"],
    &["camera"],
    &["camera", "on"],
    &["camera", "pause"],
    &["camera", "sample"],
    &["policy"],
    &["policy", "calm"],
    &["players"],
    &["playlists"],
    &["play", "happy"],
    &["undo"],
    &["history"],
    &["reload"],
    &["watch"],
];

#[tokio::test]
async fn without_the_service_nothing_is_started_and_the_code_is_3() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    for words in ASKING {
        let run = rig.run(words).await;
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (3, ""),
            "{words:?}: {run:?}"
        );
        assert!(
            run.stderr.contains("systemctl --user start moodlarkd"),
            "{words:?}: {run:?}"
        );
        assert!(!run.stderr.contains("org."), "{run:?}");
        let error = rig.run(&[words, &["--json"]].concat()).await.error();
        assert_eq!(
            error["name"], "org.freedesktop.DBus.Error.ServiceUnknown",
            "{words:?}"
        );
    }
    assert!(!rig.was_activated());
}

#[tokio::test]
async fn without_a_bus_the_code_is_3() {
    let home = tempfile::tempdir().unwrap();
    let address = format!("unix:path={}", home.path().join("none").display());
    for words in [&["status"][..], &["watch"]] {
        let mut command = program(words, home.path());
        command.env("DBUS_SESSION_BUS_ADDRESS", &address);
        let run = run(command).await;
        assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{run:?}");
        assert!(
            run.stderr.starts_with("moodlark: There is no session bus"),
            "{run:?}"
        );
    }
}

#[tokio::test]
async fn refusals_are_the_services_sentence_and_the_code_is_1() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    let errors: [fn(String) -> Error; 15] = [
        Error::InvalidArgument,
        Error::CameraOff,
        Error::CameraBlocked,
        Error::Looking,
        Error::NoPlayer,
        Error::AmbiguousPlayer,
        Error::NoRoute,
        Error::NotVerified,
        Error::PlayerGone,
        Error::NoPlaylist,
        Error::PlaylistUnreadable,
        Error::NothingToUndo,
        Error::Switching,
        Error::TakenOver,
        Error::BadConfig,
    ];
    for error in errors {
        fake.mode(Mode::Fail(error("It can't be done.".into())));
        let run = rig.run(&["play", "happy"]).await;
        assert_eq!(
            (run.code, run.stdout.as_str(), run.stderr.as_str()),
            (1, "", "moodlark: It can't be done.\n")
        );
        fake.mode(Mode::Fail(error(String::new())));
        let run = rig.run(&["undo"]).await;
        assert_eq!((run.code, run.stdout.as_str()), (1, ""));
        assert!(
            run.stderr.len() > 25
                && !run.stderr.contains("org.moodlark")
                && !run.stderr.contains('"'),
            "{run:?}"
        );
    }
    fake.mode(Mode::Fail(Error::NoPlayer("No player is running.".into())));
    let run = rig.run(&["--json", "play", "happy"]).await;
    assert_eq!(run.code, 1);
    assert_eq!(run.error()["name"], "org.moodlark.Error.NoPlayer");
    assert_eq!(run.error()["message"], "No player is running.");
    fake.mode(Mode::Fail(Error::BadConfig("Line 3 is wrong.".into())));
    let run = rig.run(&["camera", "on"]).await;
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (1, "moodlark: Line 3 is wrong.\n")
    );
}

#[tokio::test]
async fn a_service_that_ends_meanwhile_is_told_as_that() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    fake.mode(Mode::Vanish);
    let run = rig.run(&["undo"]).await;
    assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{run:?}");
    assert!(
        run.stderr
            .starts_with("moodlark: The service ended before it answered."),
        "{run:?}"
    );
}

#[tokio::test]
async fn a_service_that_never_answers_is_not_waited_for() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    fake.mode(Mode::Hang);
    let run = rig.run(&["why"]).await;
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(run.stderr.contains("did not answer in time"), "{run:?}");
}

#[tokio::test]
async fn an_older_service_is_told_as_that() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    // The name and the object are there, and none of the interfaces.
    let _bare = zbus::connection::Builder::address(rig.address.as_str())
        .serve_at(moodlark_api::OBJECT_PATH, Mood0)
        .name(moodlark_api::BUS_NAME)
        .build()
        .await
        .unwrap();
    for words in [&["status"][..], &["undo"], &["camera", "on"]] {
        let run = rig.run(words).await;
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains("another version"), "{run:?}");
    }
}

#[tokio::test]
async fn wrong_usage_is_told_before_anybody_is_asked_and_the_code_is_2() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    let wrong: [&[&str]; 16] = [
        &[],
        &["sing"],
        &["mood", "set"],
        &["mood", "set", "gloomy"],
        &["mood", "set", "--valence", "3", "--arousal", "0"],
        &["camera", "pause", "soon"],
        &["camera", "pause", "until", "teatime"],
        &["camera", "pause", "0s"],
        &["policy", "cheer"],
        &["policy", "rule", "x"],
        &["play"],
        &["history", "--since", "soon"],
        &["history", "--since", "1h", "--until", "2h"],
        &["config"],
        &["completions", "csh"],
        &["status", "--yaml"],
    ];
    for words in wrong {
        let run = rig.run(words).await;
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (2, ""),
            "{words:?}: {run:?}"
        );
        assert!(run.stderr.len() > 20, "{words:?}");
    }
    assert!(fake.calls().is_empty());
}

#[tokio::test]
async fn a_look_that_fails_is_a_failure() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    fake.state.lock().unwrap().reading = r#"{"kind":"busy"}"#.into();
    let run = rig.run(&["camera", "sample"]).await;
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert_eq!(
        run.stderr,
        "moodlark: Nothing was seen: another program is using the camera.\n"
    );
    let run = rig.run(&["camera", "sample", "--json"]).await;
    assert_eq!(run.error()["reading"]["kind"], "busy");
}

#[tokio::test]
async fn a_title_cannot_command_the_terminal() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let _fake = Fake::start(&rig).await;
    let run = rig.run(&["history"]).await;
    assert!(run.stdout.contains("evil"), "{run:?}");
    assert!(
        run.stdout.chars().all(|c| c == '\n' || !c.is_control()),
        "{run:?}"
    );
}

#[tokio::test]
async fn help_and_version_go_to_stdout() {
    let home = tempfile::tempdir().unwrap();
    for words in [
        &["--help"][..],
        &["help"],
        &["--version"],
        &["camera", "--help"],
    ] {
        let run = run(program(words, home.path())).await;
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
        assert!(run.stdout.contains("moodlark"), "{run:?}");
    }
}

/// What no version of the program asks for.
struct Mood0;

#[zbus::interface(name = "org.moodlark.Mood0")]
impl Mood0 {
    #[zbus(property)]
    fn label(&self) -> &str {
        "sad"
    }
}
