//! `moodlark setup`: what it asks of the service and of systemd, and what it writes.

use std::{
    process::Stdio,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
};
use zbus::{Connection, connection, fdo, interface, wire::OwnedObjectPath};

use crate::{fake::Fake, rig::Rig};

/// systemd's user manager, which knows the login service and starts the fake as it.
struct Manager {
    calls: Arc<Mutex<Vec<String>>>,
    started: Arc<Mutex<Option<Fake>>>,
    address: String,
    enabled: bool,
}

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    fn get_unit_file_state(&self, file: &str) -> fdo::Result<&str> {
        match file {
            "moodlarkd.service" if self.enabled => Ok("enabled"),
            "moodlarkd.service" => Ok("disabled"),
            other => Err(fdo::Error::FileNotFound(other.to_owned())),
        }
    }

    #[allow(clippy::type_complexity, clippy::needless_pass_by_value)] // systemd's own shape
    fn enable_unit_files(
        &mut self,
        files: Vec<String>,
        runtime: bool,
        force: bool,
    ) -> (bool, Vec<(String, String, String)>) {
        let call = format!("enable {} {runtime} {force}", files.join(" "));
        self.calls.lock().unwrap().push(call);
        self.enabled = true;
        (true, Vec::new())
    }

    async fn start_unit(&self, name: &str, mode: &str) -> OwnedObjectPath {
        self.calls
            .lock()
            .unwrap()
            .push(format!("start {name} {mode}"));
        let fake = Fake::at(&self.address).await;
        *self.started.lock().unwrap() = Some(fake);
        OwnedObjectPath::try_from("/org/freedesktop/systemd1/job/1").unwrap()
    }
}

/// What was asked of systemd, and its connection.
async fn systemd(
    rig: &Rig,
) -> (
    Arc<Mutex<Vec<String>>>,
    Arc<Mutex<Option<Fake>>>,
    Connection,
) {
    let (calls, started) = (Arc::default(), Arc::default());
    let manager = Manager {
        calls: Arc::clone(&calls),
        started: Arc::clone(&started),
        address: rig.address.clone(),
        enabled: false,
    };
    let connection = connection::Builder::address(rig.address.as_str())
        .serve_at("/org/freedesktop/systemd1", manager)
        .name("org.freedesktop.systemd1")
        .build()
        .await
        .unwrap();
    (calls, started, connection)
}

#[tokio::test]
async fn yes_starts_the_service_at_login_and_says_yes_to_the_camera() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let (calls, started, _systemd) = systemd(&rig).await;
    let run = rig.run(&["setup", "--yes"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert_eq!(
        *calls.lock().unwrap(),
        [
            "enable moodlarkd.service false false",
            "start moodlarkd.service replace"
        ]
    );
    assert!(run.stdout.contains("Camera: Integrated Camera"), "{run:?}");
    assert!(
        run.stdout.contains("Seen: nobody in the picture."),
        "{run:?}"
    );
    let asked = started.lock().unwrap().as_ref().unwrap().calls();
    assert!(asked.contains(&"Sample()".to_owned()), "{asked:?}");
    assert!(
        !asked.iter().any(|call| call.starts_with("Calibrate")),
        "{asked:?}"
    );

    // Again: nothing is asked of systemd, and nothing is written.
    calls.lock().unwrap().clear();
    let run = rig.run(&["setup", "--yes", "--json"]).await;
    assert_eq!(run.json()["login_service"], "enabled");
    assert!(calls.lock().unwrap().is_empty());
    assert!(!rig.config_file().exists());
}

#[tokio::test]
async fn consent_is_written_only_where_it_was_not_given() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    fake.state.lock().unwrap().enabled = false;
    let run = rig.run(&["setup", "--yes"]).await;
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        fake.calls().iter().filter(|c| *c == "Enabled=true").count(),
        1
    );
    assert!(
        run.stdout.contains("not installed as a login service"),
        "{run:?}"
    );
    rig.run(&["setup", "--yes"]).await;
    assert!(!fake.calls().contains(&"Enabled=true".to_owned()));
}

#[tokio::test]
async fn without_a_terminal_nobody_is_asked_and_nothing_is_done() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    let run = rig.run(&["setup"]).await;
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    assert!(run.stderr.contains("--yes"), "{run:?}");
    assert!(fake.calls().is_empty());
}

#[tokio::test]
async fn a_broken_configuration_is_said_before_anything_is_asked() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    std::fs::create_dir_all(rig.config_file().parent().unwrap()).unwrap();
    std::fs::write(rig.config_file(), "[camera]\nenabeld = true\n").unwrap();
    let run = rig.run(&["setup", "--yes"]).await;
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("enabeld"), "{run:?}");
    assert!(fake.calls().is_empty());
}

#[tokio::test]
async fn without_a_service_and_without_systemd_it_says_what_to_do() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let run = rig.run(&["setup", "--yes"]).await;
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("moodlarkd"), "{run:?}");
    assert!(!rig.was_activated());
}

/// Runs the setup on a terminal of `script`'s, and types each answer when its question is there. What was shown; `None`,
/// having said so, where there is no `script`.
async fn answered(rig: &Rig, answers: &[(&str, &str)]) -> Option<String> {
    let program = rig.command(&["setup"]);
    let program = program.as_std();
    let mut command = Command::new("script");
    command
        .args(["-q", "-e", "-c"])
        .arg(format!("{} setup", program.get_program().to_str().unwrap()))
        .arg("/dev/null")
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut running = match command.spawn() {
        Ok(running) => running,
        Err(error) => {
            assert!(
                std::env::var_os("MOODLARK_REQUIRE_RIG").is_none(),
                "script: {error}"
            );
            eprintln!("skipped: script could not be started: {error}");
            return None;
        }
    };
    let mut typed = running.stdin.take().unwrap();
    let mut shown = running.stdout.take().unwrap();
    let (mut all, mut from) = (String::new(), 0);
    let mut answers = answers.iter();
    let mut next = answers.next();
    let reading = async {
        let mut bytes = [0; 4096];
        loop {
            let count = shown.read(&mut bytes).await.unwrap_or(0);
            if count == 0 {
                break;
            }
            all.push_str(&String::from_utf8_lossy(&bytes[..count]));
            while let Some((question, answer)) = next
                && let Some(at) = all[from..].find(question)
            {
                from += at + question.len();
                typed.write_all(answer.as_bytes()).await.unwrap();
                next = answers.next();
            }
        }
    };
    let ended = tokio::time::timeout(std::time::Duration::from_secs(20), reading).await;
    assert!(ended.is_ok() && next.is_none(), "{next:?} in {all}");
    Some(all)
}

#[tokio::test]
async fn a_name_that_is_not_on_the_list_is_searched_for_at_spotify() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    fake.state.lock().unwrap().spotify = true;
    let Some(shown) = answered(
        &rig,
        &[
            ("Look once now", "n"),
            ("for `neutral`", "hits\r"),
            ("Which one?", "9\r"),
            ("none of them.", ""),
            ("Which one?", "2\r"),
            ("for `sad`", "nothing like it\r"),
            ("finds no playlist", ""),
            ("for `sad`", "calm\r"),
            ("for `angry`", "\r"),
        ],
    )
    .await
    else {
        return;
    };
    assert!(shown.contains("2  Hits of June (bob)"), "{shown}");
    let text = std::fs::read_to_string(rig.config_file()).unwrap_or_default();
    let settings = moodlark_config::parse(&text).unwrap();
    let lists: Vec<_> = settings
        .playlists
        .iter()
        .map(|list| (list.uri.as_deref(), list.spotify.as_deref()))
        .collect();
    assert_eq!(
        lists,
        [(Some("spotify:playlist:june"), None), (None, Some("Calm"))],
        "{text}"
    );
    assert!(fake.calls().contains(&"Playlists(hits)".to_owned()));
}

#[tokio::test]
async fn without_a_client_id_the_setup_says_where_it_is_told_how() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let _fake = Fake::start(&rig).await;
    let answers = [
        ("Look once now", "n"),
        ("for `neutral`", "\r"),
        ("for `sad`", "\r"),
        ("for `angry`", "\r"),
    ];
    let Some(shown) = answered(&rig, &answers).await else {
        return;
    };
    assert_eq!(shown.matches("man moodlark.toml").count(), 1, "{shown}");
}
