//! `doctor`, with and without a service.

use std::fs;

use serde_json::Value;

use crate::{
    fake::Fake,
    rig::{Rig, Run},
};

fn findings(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

#[tokio::test]
async fn a_problem_is_told_with_advice_and_the_code_1() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    let run = rig.run(&["doctor"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{run:?}");
    assert!(
        run.stdout.contains("problem  player  none is running"),
        "{run:?}"
    );
    assert!(run.stdout.contains("Start one."), "{run:?}");
    assert_eq!(fake.calls(), ["Doctor()"]);
    let run = rig.run(&["doctor", "--json"]).await;
    assert_eq!(run.code, 1);
    assert_eq!(findings(&run)[0]["advice"], "Start one.");
}

#[tokio::test]
async fn without_a_service_that_is_a_problem_and_the_rest_is_checked() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    fs::create_dir_all(rig.config_file().parent().unwrap()).unwrap();
    fs::write(rig.config_file(), "[camera]\nintervall = \"5m\"\n").unwrap();
    let run = rig.run(&["doctor"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{run:?}");
    assert!(run.stdout.contains("not running"), "{run:?}");
    assert!(run.stdout.contains("`interval`"), "{run:?}");
    let findings = findings(&rig.run(&["doctor", "--json"]).await);
    let service = findings
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["check"] == "service")
        .unwrap();
    assert_eq!(service["level"], "problem", "{findings}");
    assert!(service["advice"].is_string(), "{findings}");
    assert!(!rig.was_activated());
}
