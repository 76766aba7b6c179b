//! The real `moodlark-tray`, run by a test on a bus of the test's.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};
use zbus::{Connection, proxy, proxy::CacheProperties, wire::OwnedVariant};

use crate::{
    eventually::{SOON, eventually},
    menu::{Entry, Menu},
    rig,
};

/// A picture in a tooltip or an icon: width, height, ARGB in network order.
type Pixmap = (i32, i32, Vec<u8>);

#[proxy(
    interface = "org.kde.StatusNotifierItem",
    default_path = "/StatusNotifierItem"
)]
trait StatusNotifierItem {
    fn activate(&self, x: i32, y: i32) -> zbus::Result<()>;
    #[zbus(property)]
    fn id(&self) -> zbus::Result<String>;
    #[zbus(property)]
    fn icon_pixmap(&self) -> zbus::Result<Vec<Pixmap>>;
    #[zbus(property)]
    fn tool_tip(&self) -> zbus::Result<OwnedVariant>;
    #[zbus(property)]
    fn menu(&self) -> zbus::Result<zbus::wire::OwnedObjectPath>;
}

/// How to run the tray.
#[derive(Debug)]
pub struct Setup {
    address: String,
    bus: Connection,
    folder: PathBuf,
    /// More for its environment.
    pub environment: Vec<(String, String)>,
    /// More for its command line.
    pub arguments: Vec<String>,
}

impl Setup {
    /// On this bus, with files in this folder.
    #[must_use]
    pub fn new(address: &str, bus: &Connection, folder: &Path) -> Self {
        Self {
            address: address.to_owned(),
            bus: bus.clone(),
            folder: folder.to_owned(),
            environment: Vec::new(),
            arguments: Vec::new(),
        }
    }

    /// The command that runs it.
    ///
    /// # Errors
    /// If it was not built.
    pub fn command(&self) -> Result<Command> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_file())?;
        let mut command = Command::new(rig::built("moodlark-tray")?);
        command
            .args(["--log", "moodlark_tray=debug,info"])
            .args(&self.arguments)
            // Nothing of the machine's own session may reach the tray under test.
            .env_remove("NOTIFY_SOCKET")
            .env_remove("INVOCATION_ID")
            .env_remove("XDG_CURRENT_DESKTOP")
            .env("TZ", "UTC")
            .env_remove("LANGUAGE")
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", &self.folder)
            .env("XDG_CONFIG_HOME", self.folder.join("xdg-config"))
            .env("XDG_STATE_HOME", self.folder.join("xdg-state"))
            .env("XDG_RUNTIME_DIR", self.folder.join("xdg-runtime"))
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        Ok(command)
    }

    /// Starts it, and waits for nothing.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(&self) -> Result<Tray> {
        let child = self.command()?.spawn().context("starting moodlark-tray")?;
        let id = child.id().context("moodlark-tray ended at once")?;
        Ok(Tray {
            child,
            id,
            bus: self.bus.clone(),
            log: self.log_file(),
        })
    }

    /// What it logs, over all its runs.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("tray.log")
    }
}

/// A running tray; killed when dropped.
#[derive(Debug)]
pub struct Tray {
    child: Child,
    id: u32,
    bus: Connection,
    log: PathBuf,
}

impl Tray {
    /// The process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The name that its icon has on the bus.
    #[must_use]
    pub fn item_name(&self) -> String {
        format!("org.kde.StatusNotifierItem-{}-1", self.id)
    }

    async fn item(&self) -> Result<StatusNotifierItemProxy<'static>> {
        Ok(StatusNotifierItemProxy::builder(&self.bus)
            .destination(self.item_name())
            .cache_properties(CacheProperties::No)
            .build()
            .await?)
    }

    /// The tooltip: its title, and its text.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn tooltip(&self) -> Result<String> {
        let value = self.item().await?.tool_tip().await?;
        let (_, _, title, text): (String, Vec<Pixmap>, String, String) =
            zbus::wire::Variant::from(value).downcast()?;
        Ok(format!("{title}\n{text}"))
    }

    /// Waits until the tooltip holds this.
    ///
    /// # Errors
    /// If it does not in time; with its log.
    pub async fn tells(&self, text: &str) -> Result<()> {
        let what = format!("a tooltip with {text:?}");
        eventually(&self.bus, SOON, &what, async || {
            let tooltip = self.tooltip().await?;
            if tooltip.contains(text) {
                Ok(Some(()))
            } else {
                bail!("it is {tooltip:?}")
            }
        })
        .await
        .with_context(|| std::fs::read_to_string(&self.log).unwrap_or_default())
    }

    /// The icon's pixels: width, height, ARGB.
    ///
    /// # Errors
    /// If it does not answer, or has none.
    pub async fn icon(&self) -> Result<Pixmap> {
        let icons = self.item().await?.icon_pixmap().await?;
        icons.into_iter().next().context("no icon")
    }

    /// A left click on the icon, as the panel passes it on.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn left_click(&self) -> Result<()> {
        Ok(self.item().await?.activate(5, 6).await?)
    }

    /// The menu.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn menu(&self) -> Result<Menu> {
        let path = self.item().await?.menu().await?.to_string();
        Menu::of(&self.bus, self.item_name(), path).await
    }

    /// Waits until an entry is as wanted.
    ///
    /// # Errors
    /// If it is not in time.
    pub async fn offers(&self, path: &str, wanted: impl Fn(&Entry) -> bool) -> Result<Entry> {
        eventually(
            &self.bus,
            SOON,
            &format!("the entry {path:?}"),
            async || {
                let entry = self.menu().await?.entry(path).await?;
                if wanted(&entry) {
                    Ok(Some(entry))
                } else {
                    bail!("it is {entry:?}")
                }
            },
        )
        .await
    }

    /// Chooses an entry, as a click does.
    ///
    /// # Errors
    /// If there is none, or it cannot be chosen in time.
    pub async fn choose(&self, path: &str) -> Result<()> {
        self.offers(path, |entry| entry.enabled).await?;
        self.menu().await?.choose(path).await
    }

    /// Asks it to end (SIGTERM) and waits for at most `limit`.
    ///
    /// # Errors
    /// If it does not end in time.
    pub async fn stop(mut self, limit: Duration) -> Result<ExitStatus> {
        rig::run("kill", &["-TERM", &self.id.to_string()]).await?;
        self.ends(limit).await
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// If it does not in time.
    pub async fn ends(&mut self, limit: Duration) -> Result<ExitStatus> {
        tokio::time::timeout(limit, self.child.wait())
            .await
            .with_context(|| format!("moodlark-tray did not end within {limit:?}"))?
            .context("waiting for moodlark-tray")
    }
}
