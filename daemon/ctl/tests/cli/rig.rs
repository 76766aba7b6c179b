//! A private bus, a home of its own, and the program run in it.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// A `dbus-daemon` of this test's own, which ends with it.
pub(crate) struct Rig {
    // Ends before its folder goes.
    _daemon: Child,
    pub(crate) home: TempDir,
    pub(crate) address: String,
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The JSON on stdout of a run that went well.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error on stderr of a run with `--json` that went wrong.
    pub(crate) fn error(&self) -> serde_json::Value {
        assert_eq!(self.stdout, "", "{self:?}");
        let error: serde_json::Value =
            serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        error["error"].clone()
    }
}

impl Rig {
    /// Starts the bus; `None`, having said so, where there is no `dbus-daemon`.
    pub(crate) async fn start() -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let services = home.path().join("services");
        std::fs::create_dir(&services).unwrap();
        // Calls to the name would start this, and leave a trace.
        let trap = format!(
            "[D-BUS Service]\nName=org.moodlark.Moodlark\nExec=/usr/bin/touch {}\n",
            home.path().join("activated").display()
        );
        std::fs::write(services.join("org.moodlark.Moodlark.service"), trap).unwrap();
        let config = home.path().join("bus.conf");
        std::fs::write(&config, bus_config(home.path(), &services)).unwrap();
        let daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // It warns of limits that it may not raise.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let mut daemon = match daemon {
            Ok(daemon) => daemon,
            Err(error) => {
                assert!(
                    std::env::var_os("MOODLARK_REQUIRE_RIG").is_none(),
                    "dbus-daemon: {error}"
                );
                eprintln!("skipped: dbus-daemon could not be started: {error}");
                return None;
            }
        };
        let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
        let address = lines
            .next_line()
            .await
            .unwrap()
            .expect("dbus-daemon ended before it gave its address");
        Some(Self {
            home,
            address,
            _daemon: daemon,
        })
    }

    /// Whether a call to the service's name made the bus start it.
    pub(crate) fn was_activated(&self) -> bool {
        self.home.path().join("activated").exists()
    }

    /// Where the program looks for its configuration.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.home.path().join("config/moodlark/config.toml")
    }

    /// The program with its arguments, in this home and on this bus.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments, self.home.path());
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command
    }

    /// Runs the program to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments)).await
    }
}

/// The program in a home, without a bus.
pub(crate) fn program(arguments: &[&str], home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodlark"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("TZ", "UTC")
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs it to its end.
pub(crate) async fn run(mut command: Command) -> Run {
    let output = command.output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn bus_config(folder: &Path, services: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        folder.display(),
        services.display()
    )
}
