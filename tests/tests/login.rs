//! Installed in a home, with a real `systemd --user`: login, activation, watchdog, and out again.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result};
use moodlark_tests::{
    eventually::{SOON, eventually},
    login::{self, Login, User},
    rig,
};

const UNIT: &str = "moodlarkd.service";
/// Properties and methods of the service, as busctl takes them.
const SERVICE: [&str; 3] = [
    "org.moodlark.Moodlark",
    "/org/moodlark/Moodlark",
    "org.moodlark.Service1",
];

/// Whether such a login is possible here; says so if not.
fn possible() -> bool {
    if !rig::has(
        &[
            &["moodlark", "moodlarkd", "moodlark-sense", "moodlark-listen"],
            &login::NEEDS[..],
        ]
        .concat(),
    ) {
        return false;
    }
    if let Some(why) = login::impossible() {
        println!("skipped: {why}");
        return false;
    }
    true
}

/// Waits until a property of the unit is this.
async fn becomes(login: &Login, property: &str, value: &str) -> Result<()> {
    let bus = login.connect().await?;
    eventually(&bus, SOON, &format!("{property} = {value}"), async || {
        let is = login.unit(UNIT, property).await?;
        if is == value {
            Ok(Some(()))
        } else {
            anyhow::bail!("it is {is}")
        }
    })
    .await
}

/// The service's version, asked for on the bus; starts it if need be.
async fn version(login: &Login) -> Result<String> {
    login
        .must(
            "busctl",
            &[&["--user", "get-property"][..], &SERVICE, &["Version"]].concat(),
        )
        .await
}

/// What is in one listing and not, or otherwise, in the other.
fn differences(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> Vec<String> {
    let mut names: Vec<_> = a
        .iter()
        .filter(|(name, what)| b.get(*name) != Some(what))
        .chain(b.iter().filter(|(name, _)| !a.contains_key(*name)))
        .map(|(name, _)| name.clone())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_is_installed_runs_and_is_taken_out_without_a_trace() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let user = User::new()?;
    // A home that is lived in: some of the folders are there, one of them empty.
    user.write(".config/user-dirs.dirs", "XDG_MUSIC_DIR=\"$HOME/Music\"\n")?;
    user.write(".local/share/man/man1/own.1", ".TH OWN 1\n")?;
    user.write(".local/share/icons/.keep", "")?;
    std::fs::remove_file(user.home().join(".local/share/icons/.keep"))?;
    let login = user.log_in().await?;
    let before = user.listing()?;

    let said = login.install().await?;
    for step in [
        "Programs: ",
        "Units: ",
        "started, and starts at each login",
        "Done.",
    ] {
        assert!(said.contains(step), "{step}: {said}");
    }
    assert_eq!(login.unit(UNIT, "ActiveState").await?, "active");
    let first = login.unit(UNIT, "MainPID").await?;
    let installed = user.listing()?;
    // The manual page sends its readers there.
    assert!(installed.contains_key(".local/share/doc/moodlark/SIGN-IN.md"));

    // A second time it updates: the new program runs, and nothing else is there than before.
    login.install().await?;
    assert_eq!(login.unit(UNIT, "ActiveState").await?, "active");
    assert_ne!(login.unit(UNIT, "MainPID").await?, first);
    let again = differences(&installed, &user.listing()?);
    assert!(
        again
            .iter()
            .all(|name| name.starts_with(".local/state/moodlark/")),
        "{again:?}"
    );

    // What the user has made stays, and what came of its own accord.
    user.write(".config/moodlark/config.toml", "# mine\n")?;
    let said = login.installer(&["uninstall"]).await?;
    assert!(
        said.contains("Stopped, and no longer started at login: moodlarkd.service"),
        "{said}"
    );
    assert_eq!(login.unit(UNIT, "LoadState").await?, "not-found");
    let left = differences(&before, &user.listing()?);
    let own = [".config/moodlark", ".local/state"];
    assert!(
        left.iter()
            .all(|name| own.iter().any(|own| name.starts_with(own))),
        "{left:?}"
    );
    assert!(
        left.contains(&".config/moodlark/config.toml".to_owned()),
        "{left:?}"
    );
    let asked = login
        .run(
            "busctl",
            &[&["--user", "get-property"][..], &SERVICE, &["Version"]].concat(),
        )
        .await?;
    assert_ne!(asked.code, Some(0), "the bus still knows it: {asked:?}");

    // Once more is no harm, and a whole round with --purge leaves nothing.
    let said = login.installer(&["uninstall"]).await?;
    assert!(said.contains("not installed here"), "{said}");
    login.installer(&["uninstall", "--purge"]).await?;
    std::fs::remove_dir(user.home().join(".local/state"))?;
    login.install().await?;
    login.installer(&["uninstall", "--purge"]).await?;
    assert_eq!(differences(&before, &user.listing()?), Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn what_is_not_ours_is_not_overwritten() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let user = User::new()?;
    user.write(".local/bin/moodlark", "#!/bin/sh\n")?;
    let login = user.log_in().await?;
    let before = user.listing()?;
    let ran = login
        .run(
            "bash",
            &[
                "/run/repository/packaging/install.sh",
                "install",
                "/run/programs",
            ],
        )
        .await?;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("/.local/bin/moodlark\n"), "{ran:?}");
    assert_eq!(differences(&before, &user.listing()?), Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn without_a_systemd_for_the_user_it_is_installed_and_says_so() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let user = User::new()?;
    let login = user.log_in().await?;
    let before = user.listing()?;
    let nowhere = [("XDG_RUNTIME_DIR", ""), ("DBUS_SESSION_BUS_ADDRESS", "")];
    let script = "/run/repository/packaging/install.sh";
    let ran = login
        .run_with(&nowhere, "bash", &[script, "install", "/run/programs"])
        .await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stderr.contains("There is no systemd user instance"),
        "{ran:?}"
    );
    assert!(user.home().join(".local/bin/moodlarkd").exists());
    let ran = login
        .run_with(&nowhere, "bash", &[script, "uninstall"])
        .await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(differences(&before, &user.listing()?), Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn it_starts_at_login_and_ends_with_the_session() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let user = User::new()?;
    let login = user.log_in().await?;
    login.install().await?;
    login.log_out(Duration::from_secs(10)).await?;

    let login = user.log_in().await?;
    becomes(&login, "ActiveState", "active").await?;
    version(&login).await?;
    // The desktop ends while the manager lives on, as where the user is logged in elsewhere too.
    login
        .must("systemctl", &["--user", "stop", "desktop.target"])
        .await?;
    becomes(&login, "ActiveState", "inactive").await?;
    assert_eq!(login.unit(UNIT, "Result").await?, "success");
    assert_eq!(login.unit(UNIT, "ExecMainStatus").await?, "0");
    login
        .must("systemctl", &["--user", "start", "desktop.target"])
        .await?;
    becomes(&login, "ActiveState", "active").await?;
    login.log_out(Duration::from_secs(10)).await?;
    Ok(())
}

#[tokio::test]
async fn a_first_call_on_the_bus_starts_it() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let user = User::new()?;
    let login = user.log_in().await?;
    login.install().await?;
    login
        .must("systemctl", &["--user", "disable", "--now", UNIT])
        .await?;
    assert_eq!(login.unit(UNIT, "ActiveState").await?, "inactive");
    assert!(version(&login).await?.contains(env!("CARGO_PKG_VERSION")));
    // By systemd, with its watchdog and its limits, and not by the bus.
    becomes(&login, "ActiveState", "active").await?;

    // As desktops do at login that start no units: the line of the autostart entry.
    login.must("systemctl", &["--user", "stop", UNIT]).await?;
    let entry = std::fs::read_to_string(user.home().join(".config/autostart/moodlarkd.desktop"))?;
    let line = entry
        .lines()
        .find_map(|line| line.strip_prefix("Exec="))
        .context("Exec")?;
    login.must("sh", &["-c", line]).await?;
    becomes(&login, "ActiveState", "active").await?;
    login.must("sh", &["-c", line]).await?;
    Ok(())
}

#[tokio::test]
async fn one_that_hangs_is_started_again_and_one_that_is_stopped_is_not() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let user = User::new()?;
    let login = user.log_in().await?;
    login.install().await?;
    // A minute, as shipped, is long for a test.
    assert_eq!(login.unit(UNIT, "WatchdogUSec").await?, "1min");
    user.write(
        ".config/systemd/user/moodlarkd.service.d/soon.conf",
        "[Service]\nWatchdogSec=2\nRestartSec=0\n",
    )?;
    login
        .must("systemctl", &["--user", "daemon-reload"])
        .await?;
    login
        .must("systemctl", &["--user", "restart", UNIT])
        .await?;
    let process = login.unit(UNIT, "MainPID").await?;
    login.must("kill", &["-STOP", &process]).await?;
    becomes(&login, "NRestarts", "1").await?;
    becomes(&login, "ActiveState", "active").await?;
    assert_ne!(login.unit(UNIT, "MainPID").await?, process);
    version(&login).await?;

    login.must("systemctl", &["--user", "stop", UNIT]).await?;
    assert_eq!(login.unit(UNIT, "Result").await?, "success");
    assert_eq!(login.unit(UNIT, "ActiveState").await?, "inactive");
    Ok(())
}

#[tokio::test]
async fn the_doctor_knows_what_systemd_makes_of_it() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let user = User::new()?;
    let login = user.log_in().await?;
    login.install().await?;
    for name in ["service", "session-bus", "models", "sandbox", "disk"] {
        assert_eq!(examined(&login, name).await?["level"], "ok", "{name}");
    }
    login
        .must("systemctl", &["--user", "disable", UNIT])
        .await?;
    let service = examined(&login, "service").await?;
    assert_eq!(service["level"], "warning", "{service}");
    assert!(
        service["advice"]
            .as_str()
            .is_some_and(|advice| advice.contains("enable")),
        "{service}"
    );

    // It is asked without being started, and says how it is.
    login.must("systemctl", &["--user", "stop", UNIT]).await?;
    let service = examined(&login, "service").await?;
    assert_eq!(service["level"], "problem", "{service}");
    assert_eq!(login.unit(UNIT, "ActiveState").await?, "inactive");
    user.write(
        ".config/systemd/user/moodlarkd.service.d/broken.conf",
        "[Service]\nExecStart=\nExecStart=false\nRestartSec=0\n",
    )?;
    login
        .must("systemctl", &["--user", "daemon-reload"])
        .await?;
    login.run("systemctl", &["--user", "start", UNIT]).await?;
    becomes(&login, "ActiveState", "failed").await?;
    let service = examined(&login, "service").await?;
    assert!(
        service["advice"]
            .as_str()
            .is_some_and(|advice| advice.contains("journalctl")),
        "{service}"
    );
    Ok(())
}

/// What the doctor says of one thing.
async fn examined(login: &Login, name: &str) -> Result<serde_json::Value> {
    let ran = login.run("moodlark", &["--json", "doctor"]).await?;
    let findings: Vec<serde_json::Value> =
        serde_json::from_str(&ran.stdout).with_context(|| format!("{ran:?}"))?;
    let found = findings.iter().find(|finding| finding["check"] == name);
    Ok(found
        .with_context(|| format!("no {name} in {ran:?}"))?
        .clone())
}

#[tokio::test]
async fn the_units_are_right_and_what_they_forbid_is_forbidden() -> Result<()> {
    // systemd looks whether the manual pages are there that the units name.
    if !possible() || !rig::has(&["man"]) {
        return Ok(());
    }
    let user = User::new()?;
    let login = user.log_in().await?;
    login.install().await?;
    let units = user.home().join(".local/share/systemd/user");
    for unit in std::fs::read_dir(&units)? {
        let unit = unit?.path();
        let path = unit.to_str().context("path")?;
        // It answers 0 to what it does not know, and says so.
        let ran = login
            .run("systemd-analyze", &["--user", "verify", path])
            .await?;
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{path}");
    }
    let process = login.unit(UNIT, "MainPID").await?;
    let status = login
        .must("cat", &[&format!("/proc/{process}/status")])
        .await?;
    for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "Umask:\t0077"] {
        assert!(status.contains(line), "{line}: {status}");
    }
    Ok(())
}

#[tokio::test]
async fn under_the_unit_the_worker_gets_at_its_camera_and_makes_its_sandbox() -> Result<()> {
    if !possible() {
        return Ok(());
    }
    let user = User::new()?;
    let portrait = "/run/repository/tests/data/astronaut.jpg";
    let config = format!(
        "[camera]\nenabled = true\nonly-while-playing = false\nsource = \"pictures\"\npictures = \"{portrait}\"\n"
    );
    user.write(".config/moodlark/config.toml", &config)?;
    let login = user.log_in().await?;
    login.install().await?;
    let bus = login.connect().await?;
    eventually(&bus, SOON, "a look at the portrait", async || {
        let camera = login.must("moodlark", &["--json", "camera"]).await?;
        let camera: serde_json::Value = serde_json::from_str(&camera)?;
        if camera["last_reading"]["kind"] == "face" {
            Ok(Some(()))
        } else {
            anyhow::bail!("{camera}")
        }
    })
    .await?;
    let sandbox = examined(&login, "sandbox").await?;
    assert_eq!(sandbox["level"], "ok", "{sandbox}");

    // It is no camera, and says so: it was opened and asked.
    let config = config.replace("pictures\"\n", "camera\"\ndevice = \"/dev/video7\"\n");
    user.write(".config/moodlark/config.toml", &config)?;
    login.must("moodlark", &["reload"]).await?;
    let ran = login
        .run("moodlark", &["--json", "camera", "sample"])
        .await?;
    assert!(
        ran.stderr.contains("/dev/video7 offers no format"),
        "{ran:?}"
    );
    Ok(())
}
