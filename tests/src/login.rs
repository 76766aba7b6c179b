//! A user who logs in: a home, a real `systemd --user` with a session bus, and a desktop that it starts.

use std::{
    collections::BTreeMap,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use zbus::Connection;

use crate::{bus, eventually::SOON, rig};

/// The user `nobody` of every Linux: dbus-daemon turns away a uid that has no name.
const NOBODY: u32 = 65534;
/// What runs the manager, from the workspace's root.
const SCRIPT: &str = "tests/src/login.sh";
/// A name of a home that everything must cope with.
const HOME: &str = "home";

/// The programs that this rig needs.
pub const NEEDS: [&str; 7] = [
    "systemctl",
    "busctl",
    "dbus-daemon",
    "unshare",
    "nsenter",
    "setpriv",
    "mount",
];

/// The session's bus as systemd starts it; any user may talk on it, as the tests may be root.
const BUS_SOCKET: &str = "[Socket]\nListenStream=%t/bus\n";
/// What stands for a desktop: it takes the session's target along, and comes up at login.
const DESKTOP: &str = "[Unit]\nBindsTo=graphical-session.target\nBefore=graphical-session.target\n";

/// Why there can be no such login here; `None` if there can.
#[must_use]
pub fn impossible() -> Option<String> {
    if std::fs::metadata("/proc/self").map_or(1, |own| own.uid()) != 0 {
        return Some("needs root, to make a systemd --user of its own".into());
    }
    let tried = std::process::Command::new("unshare")
        .args(["--mount", "--pid", "--fork", "sh", "-c"])
        // A name of its own: tests that run at the same time share the control groups.
        .arg("mount -t tmpfs tmpfs /run && mkdir /run/c && mount -t cgroup2 cgroup2 /run/c && try=$(mktemp -d /run/c/moodlark-try.XXXXXX) && rmdir \"$try\"")
        .output();
    match tried {
        Ok(tried) if tried.status.success() => None,
        Ok(tried) => Some(format!(
            "no systemd --user can run here: {}",
            String::from_utf8_lossy(&tried.stderr).trim()
        )),
        Err(error) => Some(format!("no systemd --user can run here: unshare: {error}")),
    }
}

/// A user with a home.
#[derive(Debug)]
pub struct User {
    folder: TempDir,
}

/// A session of a user's: a manager, a bus, and what they started. Ends when dropped.
#[derive(Debug)]
pub struct Login {
    process: Child,
    /// The first process of the namespaces, as the test sees it.
    inside: u32,
    /// The manager, as it sees itself.
    manager: u32,
    folder: PathBuf,
    home: PathBuf,
}

/// What a program did.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it wrote.
    pub stdout: String,
    /// What it wrote to its standard error.
    pub stderr: String,
}

impl User {
    /// Makes a user with an empty home.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("moodlark-login.")
            .tempdir()?;
        bus::open_to_all(folder.path())?;
        let user = Self { folder };
        std::fs::create_dir(user.home())?;
        std::os::unix::fs::chown(user.home(), Some(NOBODY), Some(NOBODY))?;
        Ok(user)
    }

    /// The home.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.folder.path().join(HOME)
    }

    /// What stood in the way of a login.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Everything in the home: path → kind, mode and content.
    ///
    /// # Errors
    /// If something cannot be read.
    pub fn listing(&self) -> Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        list(&self.home(), &self.home(), &mut found)?;
        Ok(found)
    }

    /// Writes a file of the user's.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.home().join(path);
        let mut folder = self.home();
        for part in path
            .parent()
            .context("a folder")?
            .strip_prefix(&folder)?
            .components()
        {
            folder.push(part);
            if !folder.exists() {
                std::fs::create_dir(&folder)?;
                std::os::unix::fs::chown(&folder, Some(NOBODY), Some(NOBODY))?;
            }
        }
        std::fs::write(&path, text)?;
        std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY))?;
        Ok(())
    }

    /// Logs in to a desktop: when this is done the manager has started what starts at login.
    ///
    /// # Errors
    /// If systemd does not come up; with its log.
    pub async fn log_in(&self) -> Result<Login> {
        self.runtime()?;
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))?;
        let programs = rig::built("moodlarkd")?;
        let mut process = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh"])
            .arg(rig::root().join(SCRIPT))
            .arg(rig::root())
            .arg(programs.parent().context("the programs' folder")?)
            .arg(NOBODY.to_string())
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(false) // the end of its standard input ends it, and all that it started
            .spawn()
            .context("starting systemd --user")?;
        let mut lines = BufReader::new(process.stdout.take().context("its output")?).lines();
        let (mut namespace, mut manager) = (None, None);
        let said = async {
            while namespace.is_none() || manager.is_none() {
                let Some(line) = lines.next_line().await? else {
                    break;
                };
                match line.split_once(' ') {
                    Some(("namespace", id)) => namespace = Some(id.parse::<u32>()?),
                    Some(("manager", id)) => manager = Some(id.parse()?),
                    _ => {}
                }
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(SOON, said)
            .await
            .context("systemd --user does not begin")??;
        let (Some(namespace), Some(manager)) = (namespace, manager) else {
            bail!("systemd --user did not begin: {}", self.log());
        };
        let children =
            std::fs::read_to_string(format!("/proc/{namespace}/task/{namespace}/children"))?;
        let login = Login {
            process,
            inside: children
                .trim()
                .parse()
                .with_context(|| format!("the child of {namespace}"))?,
            manager,
            folder: self.folder.path().to_owned(),
            home: self.home(),
        };
        let deadline = std::time::Instant::now() + SOON;
        loop {
            // "degraded" is up, too: a unit of the machine's may have failed.
            let state = login
                .run("systemctl", &["--user", "--wait", "is-system-running"])
                .await?;
            match state.stdout.trim() {
                "running" | "degraded" => break,
                _ if std::time::Instant::now() > deadline => {
                    bail!("systemd --user is not up: {state:?}\n{}", self.log())
                }
                // Its socket is not there yet.
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        Ok(login)
    }

    /// An empty runtime folder with the units of the machine's: a bus and a desktop.
    fn runtime(&self) -> Result<()> {
        let folder = self.folder.path().join("run");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let units = folder.join("systemd/user");
        std::fs::create_dir_all(units.join("default.target.wants"))?;
        std::fs::create_dir_all(units.join("sockets.target.wants"))?;
        let config = folder.join("bus.conf");
        std::fs::write(
            &config,
            bus::configuration(&folder.join("bus"), "<standard_session_servicedirs/>"),
        )?;
        let service = format!(
            "[Unit]\nRequires=dbus.socket\n[Service]\nType=notify\n\
             # dbus-daemon goes by the user database's home, and nobody has none.\n\
             Environment=XDG_DATA_HOME=%h/.local/share\n\
             ExecStart=dbus-daemon --config-file={} --address=systemd: --nofork --nopidfile --systemd-activation\n",
            config.display()
        );
        std::fs::write(units.join("dbus.service"), service)?;
        std::fs::write(units.join("dbus.socket"), BUS_SOCKET)?;
        std::fs::write(units.join("desktop.target"), DESKTOP)?;
        let link = |from: &str, to: &str| std::os::unix::fs::symlink(to, units.join(from));
        link("sockets.target.wants/dbus.socket", "../dbus.socket")?;
        link("default.target.wants/desktop.target", "../desktop.target")?;
        own(&folder)
    }
}

impl Login {
    /// Runs a program of the user's, in the session, to its end.
    ///
    /// # Errors
    /// If it cannot be run, or takes longer than half a minute.
    pub async fn run(&self, program: &str, arguments: &[&str]) -> Result<Ran> {
        self.run_with(&[], program, arguments).await
    }

    /// The same with more in its environment; an empty value takes the variable away.
    ///
    /// # Errors
    /// As [`Login::run`].
    pub async fn run_with(
        &self,
        environment: &[(&str, &str)],
        program: &str,
        arguments: &[&str],
    ) -> Result<Ran> {
        let (home, folder) = (self.home.display(), self.folder.display());
        let mut variables = BTreeMap::from([
            (
                "PATH",
                format!("{home}/.local/bin:/usr/local/bin:/usr/bin:/bin"),
            ),
            ("HOME", home.to_string()),
            ("XDG_RUNTIME_DIR", format!("{folder}/run")),
            (
                "DBUS_SESSION_BUS_ADDRESS",
                format!("unix:path={folder}/run/bus"),
            ),
            ("LANG", "C.UTF-8".to_owned()),
        ]);
        for (key, value) in environment {
            variables.insert(key, (*value).to_owned());
        }
        let output = Command::new("nsenter")
            .args([
                "--target",
                &self.inside.to_string(),
                "--mount",
                "--pid",
                "--wd=/",
            ])
            .args(["--", "setpriv", "--clear-groups"])
            .args([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")])
            .args(["env", "-i"])
            .args(
                variables
                    .iter()
                    .filter(|(_, value)| !value.is_empty())
                    .map(|(key, value)| format!("{key}={value}")),
            )
            .arg(program)
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(Duration::from_secs(30), output)
            .await
            .with_context(|| format!("{program} {arguments:?} does not end"))??;
        Ok(Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// The same; it must succeed, and gives what it wrote.
    ///
    /// # Errors
    /// If it fails, too; with what it wrote.
    pub async fn must(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let ran = self.run(program, arguments).await?;
        if ran.code != Some(0) {
            bail!("{program} {arguments:?}: {ran:?}");
        }
        Ok(ran.stdout)
    }

    /// `packaging/install.sh`, which must succeed; gives what it said.
    ///
    /// # Errors
    /// If it fails.
    pub async fn installer(&self, arguments: &[&str]) -> Result<String> {
        let all = [&["/run/repository/packaging/install.sh"], arguments].concat();
        let ran = self.run("bash", &all).await?;
        if ran.code != Some(0) {
            bail!("install.sh {arguments:?}: {ran:?}");
        }
        Ok(ran.stderr)
    }

    /// Installs what is built.
    ///
    /// # Errors
    /// If it fails.
    pub async fn install(&self) -> Result<String> {
        self.installer(&["install", "/run/programs"]).await
    }

    /// A property of a unit, as text.
    ///
    /// # Errors
    /// If systemd does not answer.
    pub async fn unit(&self, unit: &str, property: &str) -> Result<String> {
        let text = self
            .must(
                "systemctl",
                &["--user", "show", "--value", "-p", property, unit],
            )
            .await?;
        Ok(text.trim().to_owned())
    }

    /// A connection of the test's to the session's bus.
    ///
    /// # Errors
    /// If the bus refuses.
    pub async fn connect(&self) -> Result<Connection> {
        let address = format!("unix:path={}/run/bus", self.folder.display());
        Ok(zbus::connection::Builder::address(address.as_str())
            .build()
            .await?)
    }

    /// Logs out: the manager stops everything and ends.
    ///
    /// # Errors
    /// If it takes longer than `limit`.
    pub async fn log_out(mut self, limit: Duration) -> Result<()> {
        self.must("kill", &["-TERM", &self.manager.to_string()])
            .await?;
        // Its standard input stays open: its end would be the end of the session, at once.
        let input = self.process.stdin.take();
        tokio::time::timeout(limit, self.process.wait())
            .await
            .with_context(|| format!("systemd --user did not end within {limit:?}"))??;
        drop(input);
        Ok(())
    }
}

impl Drop for Login {
    /// Waits: the folder goes next, and nothing may live in it.
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        for _ in 0..200 {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Gives a folder and all in it to the user.
fn own(path: &Path) -> Result<()> {
    std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY))?;
    if path.symlink_metadata()?.is_dir() {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        for entry in std::fs::read_dir(path)? {
            own(&entry?.path())?;
        }
    }
    Ok(())
}

fn list(base: &Path, folder: &Path, found: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let about = path.symlink_metadata()?;
        let content = if about.is_symlink() {
            format!("link to {}", std::fs::read_link(&path)?.display())
        } else if about.is_dir() {
            list(base, &path, found)?;
            "folder".to_owned()
        } else {
            String::from_utf8_lossy(&std::fs::read(&path)?).into_owned()
        };
        let name = path.strip_prefix(base)?.display().to_string();
        found.insert(name, format!("{:o} {content}", about.mode() & 0o7777));
    }
    Ok(())
}
