//! The real `moodlarkd`, run by a test on a bus of the test's.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use moodlark_api::{
    BUS_NAME, Camera1Proxy, Library1Proxy, Mood1Proxy, Music1Proxy, OBJECT_PATH, Policy1Proxy,
    Service1Proxy, Spotify1Proxy,
};
use tokio::process::{Child, Command};
use zbus::{Connection, proxy::CacheProperties};

use crate::{
    eventually::{SOON, eventually},
    rig,
};

/// Where no bus is.
const NO_SYSTEM_BUS: &str = "unix:path=/nonexistent/moodlark-test";

/// How to run the service: a folder for its files, a configuration, and what stands for its worker.
#[derive(Debug)]
pub struct Setup {
    /// The bus that it is to use.
    pub address: String,
    /// A connection of the test's to the same bus.
    pub bus: Connection,
    /// Where its configuration and state are.
    pub folder: PathBuf,
    /// What to run in place of `moodlark-sense`.
    pub sense: Option<PathBuf>,
    /// What to run in place of `moodlark-listen`.
    pub listen: Option<PathBuf>,
    /// More for its environment.
    pub environment: Vec<(String, String)>,
    /// What it logs.
    pub filter: String,
}

impl Setup {
    /// On this bus, with files in this folder, with the real worker.
    #[must_use]
    pub fn new(address: &str, bus: &Connection, folder: &Path) -> Self {
        Self {
            address: address.to_owned(),
            bus: bus.clone(),
            folder: folder.to_owned(),
            sense: None,
            listen: None,
            environment: Vec::new(),
            filter: "moodlark=debug,moodlarkd=debug,info".to_owned(),
        }
    }

    /// With this program in place of the worker.
    #[must_use]
    pub fn with_sense(mut self, program: PathBuf) -> Self {
        self.sense = Some(program);
        self
    }

    /// With this system bus.
    #[must_use]
    pub fn with_system(mut self, address: &str) -> Self {
        let variable = "DBUS_SYSTEM_BUS_ADDRESS".to_owned();
        self.environment.push((variable, address.to_owned()));
        self
    }

    /// With the played Spotify in place of the real one.
    #[must_use]
    pub fn with_spotify(mut self, fake: &crate::spotify::Fake) -> Self {
        let variables = [
            ("MOODLARK_SPOTIFY_STAND_IN", fake.url()),
            // Whatever the machine's own way out is: not for a port of its own.
            ("NO_PROXY", "127.0.0.1".to_owned()),
        ];
        self.environment
            .extend(variables.map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// The configuration file.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.folder.join("config.toml")
    }

    /// The folder of its journal.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// Its journal.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.state().join("history.db")
    }

    /// What it logs, over all its runs.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Writes the configuration, all at once, as an editor does.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn configure(&self, text: &str) -> Result<()> {
        let part = self.folder.join("config.part");
        std::fs::write(&part, text)?;
        std::fs::rename(part, self.config())?;
        Ok(())
    }

    /// The command that runs the service with this set-up.
    ///
    /// # Errors
    /// If it was not built.
    pub fn command(&self) -> Result<Command> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"))?;
        let mut command = Command::new(rig::built("moodlarkd")?);
        command
            .arg("--config")
            .arg(self.config())
            .arg("--state-dir")
            .arg(self.state());
        if let Some(sense) = &self.sense {
            command.arg("--sense").arg(sense);
        }
        if let Some(listen) = &self.listen {
            command.arg("--listen").arg(listen);
        }
        command
            // Nothing of the machine's own session may reach the service under test.
            .env_remove("NOTIFY_SOCKET")
            .env_remove("JOURNAL_STREAM")
            .env("HOME", &self.folder)
            .env("XDG_CONFIG_HOME", self.folder.join("xdg-config"))
            .env("XDG_STATE_HOME", self.folder.join("xdg-state"))
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            // Nor may its locks and batteries, unless a test puts others in their place.
            .env("DBUS_SYSTEM_BUS_ADDRESS", NO_SYSTEM_BUS)
            // The tests read English, whatever whoever runs them speaks.
            .env_remove("LANGUAGE")
            .env("LC_ALL", "C.UTF-8")
            .env("MPD_HOST", crate::mpd::NOWHERE)
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .args(["--log", &self.filter])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        Ok(command)
    }

    /// The real `moodlark` beside this service.
    ///
    /// # Errors
    /// If it was not built.
    pub fn moodlark(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(rig::built("moodlark")?);
        command
            .args(arguments)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", &self.folder)
            // The service of the tests is told where its files are; one that runs without finds them here.
            .env("XDG_CONFIG_HOME", self.folder.join("xdg-config"))
            .env("XDG_STATE_HOME", self.folder.join("xdg-state"))
            .env_remove("CLICOLOR_FORCE")
            .env_remove("LANGUAGE")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    /// Starts the service and waits until it owns its name.
    ///
    /// # Errors
    /// If it ends before, or takes too long; with its log.
    pub async fn start(&self) -> Result<Service> {
        let mut child = self.command()?.spawn().context("starting moodlarkd")?;
        let owned = eventually(&self.bus, SOON, "moodlarkd on the bus", async || {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(Err(status)));
            }
            // Not merely owned, perhaps by another instance: owned by this very process.
            let names = zbus::fdo::DBusProxy::new(&self.bus).await?;
            let owner = names
                .get_connection_unix_process_id(zbus::names::BusName::try_from(BUS_NAME)?)
                .await;
            Ok((owner.ok() == child.id()).then_some(Ok(())))
        })
        .await;
        match owned {
            Ok(Ok(())) => Ok(Service {
                child,
                bus: self.bus.clone(),
                log: self.folder.join("log"),
                ended: false,
            }),
            Ok(Err(status)) => bail!("moodlarkd ended: {status}\n{}", self.log()),
            Err(error) => Err(error.context(self.log())),
        }
    }
}

/// A running service; killed when dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    bus: Connection,
    log: PathBuf,
    /// Ended as the test wanted: its log is of no interest.
    ended: bool,
}

macro_rules! proxies {
    ($($(#[$doc:meta])* $name:ident: $proxy:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// If the bus is gone.
        pub async fn $name(&self) -> Result<$proxy<'static>> {
            Ok($proxy::builder(&self.bus).cache_properties(CacheProperties::No).build().await?)
        }
    )*};
}

impl Service {
    proxies! {
        /// Its mood.
        mood: Mood1Proxy;
        /// Its camera.
        camera: Camera1Proxy;
        /// Its rules.
        policy: Policy1Proxy;
        /// Its music.
        music: Music1Proxy;
        /// The user's own music.
        library: Library1Proxy;
        /// Spotify's Web API.
        spotify: Spotify1Proxy;
        /// The service itself.
        service: Service1Proxy;
    }

    /// The process.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills it on the spot, as a crash does, and waits until it is gone.
    ///
    /// # Errors
    /// If it cannot be killed.
    pub async fn crash(mut self) -> Result<()> {
        self.ended = true;
        self.child.kill().await.context("killing moodlarkd")
    }

    /// Asks it to end (SIGTERM) and waits for at most `limit`.
    ///
    /// # Errors
    /// If it does not end in time.
    pub async fn stop(mut self, limit: Duration) -> Result<ExitStatus> {
        let id = self.child.id().context("moodlarkd has ended by itself")?;
        rig::run("kill", &["-TERM", &id.to_string()]).await?;
        let status = tokio::time::timeout(limit, self.child.wait())
            .await
            .with_context(|| format!("moodlarkd did not end within {limit:?}"))?
            .context("waiting for moodlarkd")?;
        self.ended = true;
        Ok(status)
    }

    /// Waits until the label of the mood is this.
    ///
    /// # Errors
    /// If it does not become so in time.
    pub async fn feels(&self, label: &str) -> Result<()> {
        let mood = self.mood().await?;
        eventually(&self.bus, SOON, &format!("a mood of {label}"), async || {
            let is = mood.label().await?;
            if is == label {
                Ok(Some(()))
            } else {
                bail!("it is {is}")
            }
        })
        .await
    }

    /// Waits until the player of that bus name is the active one.
    ///
    /// # Errors
    /// If it does not become so in time.
    pub async fn knows(&self, player: &str) -> Result<()> {
        let music = self.music().await?;
        let what = format!("{player} as the active player");
        eventually(&self.bus, SOON, &what, async || {
            Ok((music.player().await? == player).then_some(()))
        })
        .await
    }

    /// Waits until the last reading is of this kind, and gives it.
    ///
    /// # Errors
    /// If it does not become so in time.
    pub async fn reads(&self, kind: &str) -> Result<serde_json::Value> {
        let camera = self.camera().await?;
        eventually(
            &self.bus,
            SOON,
            &format!("a reading of kind {kind}"),
            async || {
                let text = camera.last_reading().await?;
                if text.is_empty() {
                    return Ok(None);
                }
                let reading: serde_json::Value = serde_json::from_str(&text)?;
                if reading["kind"] == kind {
                    Ok(Some(reading))
                } else {
                    bail!("it is {text}")
                }
            },
        )
        .await
    }

    /// Its introspection data.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn introspect(&self) -> Result<String> {
        let proxy = zbus::fdo::IntrospectableProxy::builder(&self.bus)
            .destination(BUS_NAME)
            .path(OBJECT_PATH)
            .build()
            .await?;
        Ok(proxy.introspect().await?)
    }
}

impl Drop for Service {
    /// Shows the last of the log: cargo keeps it to itself unless the test fails.
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        println!("--- the last of moodlarkd's log:");
        for line in &lines[lines.len().saturating_sub(40)..] {
            println!("{line}");
        }
    }
}
