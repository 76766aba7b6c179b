//! Real panels that show icons, on a screen that nobody sees; and a watcher that has none.

use std::{path::Path, process::Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use zbus::{Connection, interface, names::BusName};

use crate::{
    bus::Bus,
    eventually::{SOON, eventually},
    screen::Screen,
};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Where distributions put xfconfd, which no shell finds.
const XFCONFD: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/xfce4/xfconf/xfconfd",
    "/usr/lib/aarch64-linux-gnu/xfce4/xfconf/xfconfd",
    "/usr/lib/xfce4/xfconf/xfconfd",
];

/// How a panel looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// A panel; ends when dropped.
#[derive(Debug)]
pub struct Panel {
    bus: Connection,
    panel: Child,
    _others: Vec<Child>,
    folder: TempDir,
}

impl Panel {
    /// The programs that [`Panel::xfce`] takes.
    pub const XFCE: [&'static str; 2] = ["xfce4-panel", "Xvfb"];
    /// The programs that [`Panel::lxqt`] takes.
    pub const LXQT: [&'static str; 2] = ["lxqt-panel", "Xvfb"];

    /// Starts xfce4-panel, with its tray alone, along the top of the screen, and waits until it shows icons.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn xfce(bus: &Bus, screen: &Screen, look: Look, height: u32) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let channels = folder.path().join("xfce4/xfconf/xfce-perchannel-xml");
        std::fs::create_dir_all(&channels)?;
        let (r, g, b) = match look {
            Look::Dark => (0.14, 0.14, 0.16),
            Look::Light => (0.95, 0.95, 0.95),
        };
        std::fs::write(
            channels.join("xfce4-panel.xml"),
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
 <property name="configver" type="int" value="2"/>
 <property name="panels" type="array"><value type="int" value="1"/>
  <property name="panel-1" type="empty">
   <property name="position" type="string" value="p=6;x=0;y=0"/>
   <property name="position-locked" type="bool" value="true"/>
   <property name="length" type="uint" value="100"/>
   <property name="size" type="uint" value="{height}"/>
   <property name="background-style" type="uint" value="1"/>
   <property name="background-rgba" type="array"><value type="double" value="{r}"/><value type="double" value="{g}"/><value type="double" value="{b}"/><value type="double" value="1"/></property>
   <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
  </property>
 </property>
 <property name="plugins" type="empty"><property name="plugin-1" type="string" value="systray"><property name="square-icons" type="bool" value="true"/></property></property>
</channel>
"#
            ),
        )?;
        let xfconfd = XFCONFD
            .iter()
            .find(|path| Path::new(path).exists())
            .context("xfconfd is not installed")?;
        let connection = bus.connect().await?;
        let settings = spawn(Command::new(xfconfd), bus, screen, folder.path())?;
        owned(&connection, "org.xfce.Xfconf").await?;
        let mut panel = Command::new("xfce4-panel");
        panel.arg("--disable-wm-check");
        let panel = spawn(panel, bus, screen, folder.path())?;
        owned(&connection, WATCHER).await?;
        Ok(Self {
            bus: connection,
            panel,
            _others: vec![settings],
            folder,
        })
    }

    /// Starts lxqt-panel, with its tray alone, along the top of the screen, and waits until it shows icons.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn lxqt(bus: &Bus, screen: &Screen) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let config = folder.path().join("lxqt");
        std::fs::create_dir_all(&config)?;
        std::fs::write(
            config.join("panel.conf"),
            "[General]\n__userfile__=true\npanels=panel1\n[panel1]\nplugins=statusnotifier\nposition=Top\npanelSize=36\niconSize=24\n[statusnotifier]\ntype=statusnotifier\nalignment=Left\n",
        )?;
        let connection = bus.connect().await?;
        let panel = spawn(Command::new("lxqt-panel"), bus, screen, folder.path())?;
        owned(&connection, WATCHER).await?;
        Ok(Self {
            bus: connection,
            panel,
            _others: Vec::new(),
            folder,
        })
    }

    /// Ends it, and waits until it is gone from the bus.
    ///
    /// # Errors
    /// If it does not go.
    pub async fn stop(mut self) -> Result<()> {
        self.panel.kill().await?;
        gone(&self.bus, WATCHER).await
    }

    /// What it complained of.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Waits until it has taken in the icon of that name.
    ///
    /// # Errors
    /// If it does not in time.
    pub async fn has(&self, item: &str) -> Result<()> {
        has(&self.bus, item).await.with_context(|| self.log())
    }
}

/// Waits until the watcher has taken in the icon of that name.
///
/// # Errors
/// If it does not in time.
pub async fn has(bus: &Connection, item: &str) -> Result<()> {
    eventually(bus, SOON, &format!("{item} in the panel"), async || {
        let proxy = zbus::fdo::PropertiesProxy::builder(bus)
            .destination(WATCHER)
            .path("/StatusNotifierWatcher")
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await?;
        let items = proxy
            .get(WATCHER.try_into()?, "RegisteredStatusNotifierItems")
            .await?;
        let items: Vec<String> = zbus::wire::Variant::from(items).downcast()?;
        Ok(items.iter().any(|known| known.contains(item)).then_some(()))
    })
    .await
}

fn spawn(mut command: Command, bus: &Bus, screen: &Screen, folder: &Path) -> Result<Child> {
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"))?;
    command
        .env("DISPLAY", screen.display())
        .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .env("HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("XDG_RUNTIME_DIR", folder)
        // Accessibility starts a bus of its own.
        .env("NO_AT_BRIDGE", "1")
        .env("GTK_A11Y", "none")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("starting {:?}", command.as_std().get_program()))
}

async fn owned(bus: &Connection, name: &'static str) -> Result<()> {
    let names = zbus::fdo::DBusProxy::new(bus).await?;
    eventually(bus, SOON, &format!("{name} on the bus"), async || {
        let owned = names.name_has_owner(BusName::try_from(name)?).await?;
        Ok(owned.then_some(()))
    })
    .await
}

async fn gone(bus: &Connection, name: &'static str) -> Result<()> {
    let names = zbus::fdo::DBusProxy::new(bus).await?;
    eventually(bus, SOON, &format!("{name} to leave the bus"), async || {
        let owned = names.name_has_owner(BusName::try_from(name)?).await?;
        Ok((!owned).then_some(()))
    })
    .await
}

/// A watcher of the test's own; takes icons in, and shows none. Gone when dropped.
#[derive(Debug)]
pub struct Watcher {
    /// Its connection.
    pub connection: Connection,
}

struct WatcherInterface {
    items: Vec<String>,
    host: bool,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl WatcherInterface {
    fn register_status_notifier_item(&mut self, service: String) {
        self.items.push(service);
    }
    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items.clone()
    }
    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        self.host
    }
    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

impl Watcher {
    /// Starts one that says of itself whether it has a panel.
    ///
    /// # Errors
    /// If the name is taken.
    pub async fn start(bus: &Bus, host: bool) -> Result<Self> {
        let connection = bus.connect().await?;
        let watcher = WatcherInterface {
            items: Vec::new(),
            host,
        };
        connection
            .object_server()
            .at("/StatusNotifierWatcher", watcher)
            .await?;
        connection.request_name(WATCHER).await?;
        Ok(Self { connection })
    }

    /// Leaves the bus.
    ///
    /// # Errors
    /// The bus's.
    pub async fn stop(self) -> Result<()> {
        self.connection.release_name(WATCHER).await?;
        Ok(())
    }
}
