//! `moodlark watch`, through the service's end and beginning.

use std::{process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::{fake::Fake, rig::Rig};

/// No event takes this long; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

struct Watch {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watch {
    fn start(rig: &Rig, words: &[&str]) -> Self {
        let mut child = rig
            .command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    async fn line(&mut self) -> String {
        timeout(PATIENCE, self.lines.next_line())
            .await
            .expect("no event came")
            .unwrap()
            .expect("it ended")
    }

    async fn event(&mut self) -> Value {
        let line = self.line().await;
        let event: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(event["at"].is_i64(), "{event}");
        event
    }

    async fn running(&mut self) -> bool {
        let event = self.event().await;
        assert_eq!(event["event"], "service", "{event}");
        event["running"].as_bool().unwrap()
    }

    /// Ends it as Ctrl-C does; its exit code and what it complained of.
    async fn interrupt(mut self) -> (Option<i32>, String) {
        let pid = self.child.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .await
                .unwrap()
                .success()
        );
        self.end().await
    }

    async fn end(&mut self) -> (Option<i32>, String) {
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .expect("it went on")
            .unwrap();
        let mut complaints = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut complaints)
            .await
            .unwrap();
        (status.code(), complaints)
    }
}

#[tokio::test]
async fn events_come_as_json_lines_through_a_restart() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    let mut watch = Watch::start(&rig, &["watch", "--json"]);
    assert!(watch.running().await);

    fake.change_mood().await;
    let event = watch.event().await;
    assert_eq!(
        (&event["event"], &event["interface"], &event["name"]),
        (
            &"signal".into(),
            &"org.moodlark.Mood1".into(),
            &"Changed".into()
        )
    );
    assert_eq!(event["args"]["label"], "sad");
    assert_eq!(event["args"]["confidence"], 0.7);

    fake.switch().await;
    let event = watch.event().await;
    assert_eq!(
        (
            &event["name"],
            &event["args"]["playlist"],
            &event["args"]["took_ms"]
        ),
        (&"Switched".into(), &"Sunny side".into(), &210.into())
    );

    fake.toggle_camera().await;
    let event = watch.event().await;
    assert_eq!(
        (&event["event"], &event["interface"], &event["name"]),
        (
            &"property".into(),
            &"org.moodlark.Camera1".into(),
            &"Enabled".into()
        )
    );
    assert_eq!(event["value"], false);

    drop(fake);
    assert!(!watch.running().await);
    let fake = Fake::start(&rig).await;
    assert!(watch.running().await);
    fake.change_mood().await;
    assert_eq!(watch.event().await["name"], "Changed");

    assert_eq!(watch.interrupt().await, (Some(0), String::new()));
}

#[tokio::test]
async fn a_property_that_is_announced_twice_is_told_once() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    let mut watch = Watch::start(&rig, &["watch", "--json"]);
    assert!(watch.running().await);
    fake.toggle_camera().await;
    assert_eq!(watch.event().await["value"], false);
    fake.announce_camera().await;
    fake.change_mood().await;
    assert_eq!(watch.event().await["name"], "Changed");
    fake.toggle_camera().await;
    assert_eq!(watch.event().await["value"], true);
    assert_eq!(watch.interrupt().await.0, Some(0));
}

#[tokio::test]
async fn people_see_a_line_each() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    let mut watch = Watch::start(&rig, &["watch"]);
    assert!(watch.line().await.ends_with("  service   running"));
    fake.change_mood().await;
    assert!(watch.line().await.ends_with("  mood      sad, 70 % sure"));
    fake.switch().await;
    assert!(
        watch.line().await.ends_with(
            "  music     mpv plays “Sunny side” (verified after 210 ms): you asked for it"
        )
    );
    fake.toggle_camera().await;
    assert!(watch.line().await.ends_with("  camera    off"));
    assert_eq!(watch.interrupt().await, (Some(0), String::new()));
}

#[tokio::test]
async fn a_service_that_is_not_running_yet_is_waited_for_if_wanted() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let mut watch = Watch::start(&rig, &["watch", "--wait", "--json"]);
    assert!(!watch.running().await);
    let _fake = Fake::start(&rig).await;
    assert!(watch.running().await);
    assert!(!rig.was_activated());
    assert_eq!(watch.interrupt().await, (Some(0), String::new()));
}

#[tokio::test]
async fn the_end_of_the_bus_is_the_end_of_watching() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let _fake = Fake::start(&rig).await;
    let mut watch = Watch::start(&rig, &["watch", "--json"]);
    assert!(watch.running().await);
    drop(rig);
    let (code, complaints) = watch.end().await;
    assert_eq!(code, Some(3), "{complaints}");
    assert!(
        complaints.contains("The session bus has gone"),
        "{complaints}"
    );
}
