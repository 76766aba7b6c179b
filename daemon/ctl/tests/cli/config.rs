//! The configuration file, which needs no service.

use std::fs;

use serde_json::json;

use crate::rig::{Run, program, run};

async fn config(home: &tempfile::TempDir, words: &[&str]) -> Run {
    run(program(&[&["config"], words].concat(), home.path())).await
}

fn write(home: &tempfile::TempDir, text: &str) -> String {
    let file = home.path().join("config/moodlark/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[tokio::test]
async fn the_path_is_told() {
    let home = tempfile::tempdir().unwrap();
    let expected = home
        .path()
        .join("config/moodlark/config.toml")
        .display()
        .to_string();
    assert_eq!(
        config(&home, &["path"]).await.stdout,
        format!("{expected}\n")
    );
    assert_eq!(
        config(&home, &["path", "--json"]).await.json(),
        json!({ "path": expected })
    );
}

#[tokio::test]
async fn the_shipped_file_is_right() {
    let home = tempfile::tempdir().unwrap();
    let shipped = config(&home, &["default"]).await;
    assert_eq!(shipped.stdout, moodlark_config::DEFAULT);
    let file = write(&home, &shipped.stdout);
    let run = config(&home, &["check"]).await;
    assert_eq!(
        (run.code, run.stdout, run.stderr),
        (0, format!("{file} is right.\n"), String::new())
    );
}

#[tokio::test]
async fn a_missing_file_is_all_defaults_unless_it_was_named() {
    let home = tempfile::tempdir().unwrap();
    let run = config(&home, &["check"]).await;
    assert!(
        run.code == 0 && run.stdout.contains("every option has its default"),
        "{run:?}"
    );
    let run = config(&home, &["check", "none.toml"]).await;
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (1, "", "moodlark: none.toml is not there.\n")
    );
}

#[tokio::test]
async fn every_problem_is_told_with_its_line() {
    let home = tempfile::tempdir().unwrap();
    let file = write(&home, "[camera]\nintervall = \"5m\"\n\n[mood]\nshows = 7\n");
    let run = config(&home, &["check"]).await;
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert_eq!(
        run.stderr,
        format!(
            "moodlark: {file} is not right:\n  line 2, column 1: camera.intervall: there is no such option; did you mean `interval`?\n  line 5, column 9: mood.shows: 7 is no probability; it is a number from 0 to 1\n"
        )
    );
    let error = config(&home, &["check", "--json"]).await.error();
    assert_eq!(error["name"], "org.moodlark.Error.BadConfig");
    assert_eq!(error["problems"][1]["key"], "mood.shows");
    assert_eq!(error["problems"][0]["line"], 2);
}

#[tokio::test]
async fn warnings_go_to_stderr_and_the_file_is_right_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    write(&home, "[camera]\ninterval = \"5s\"\n");
    let run = config(&home, &["check"]).await;
    assert!(
        run.code == 0
            && run.stdout.ends_with("is right.\n")
            && run.stderr.contains("line 2, column 12: camera.interval: "),
        "{run:?}"
    );
    assert_eq!(
        config(&home, &["check", "--json"]).await.json()["warnings"][0]["key"],
        "camera.interval"
    );
}
