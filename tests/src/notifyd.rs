//! A real notification daemon: dunst, on a screen that nobody sees.

use std::{collections::HashMap, os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use zbus::{Connection, proxy, wire::OwnedVariant};

use crate::{
    eventually::{SOON, eventually},
    rig,
    screen::Screen,
};

/// What dunst offers for control, beside the freedesktop interface.
#[proxy(
    interface = "org.dunstproject.cmd0",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Dunst {
    fn context_menu_call(&self) -> zbus::Result<()>;
    fn notification_show(&self) -> zbus::Result<()>;
    fn notification_close_all(&self) -> zbus::Result<()>;
    fn notification_list_history(&self) -> zbus::Result<Vec<HashMap<String, OwnedVariant>>>;
    #[zbus(property(emits_changed_signal = "false"), name = "displayedLength")]
    fn displayed_length(&self) -> zbus::Result<u32>;
}

/// A notification as dunst keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its id.
    pub id: i32,
    /// Its title.
    pub summary: String,
    /// Its text.
    pub body: String,
}

/// dunst and its screen; both end with it.
#[derive(Debug)]
pub struct NotificationDaemon {
    proxy: DunstProxy<'static>,
    bus: Connection,
    folder: TempDir,
    _dunst: Child,
    screen: Screen,
}

impl NotificationDaemon {
    /// The programs that it takes.
    pub const NEEDS: [&'static str; 2] = ["dunst", "Xvfb"];

    /// Starts a screen and dunst on it, and waits until it owns its name on the bus.
    ///
    /// # Errors
    /// If either does not come up.
    pub async fn start(address: &str, bus: &Connection) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let screen = Screen::start().await?;
        let picker = folder.path().join("pick.sh");
        // Stands in for dmenu: keeps what dunst offers, and picks the line that holds the wanted text.
        let script = format!(
            "#!/bin/sh\ncd '{}'\ncat >offered.part\nmv offered.part offered\ngrep -F -m 1 \"$(cat wanted)\" offered\n",
            folder.path().display()
        );
        std::fs::write(&picker, script)?;
        std::fs::set_permissions(&picker, std::fs::Permissions::from_mode(0o755))?;
        let config = folder.path().join("dunstrc");
        std::fs::write(
            &config,
            format!(
                "[global]\nfollow=none\ndmenu={}\nnotification_limit=0\n",
                picker.display()
            ),
        )?;
        let dunst = Command::new("dunst")
            .arg("-conf")
            .arg(&config)
            .env("DISPLAY", screen.display())
            .env("DBUS_SESSION_BUS_ADDRESS", address)
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("dunst.log"))?)
            .kill_on_drop(true)
            .spawn()
            .context("starting dunst")?;
        let proxy = DunstProxy::builder(bus)
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await?;
        let names = zbus::fdo::DBusProxy::new(bus).await?;
        let name = zbus::names::BusName::try_from("org.freedesktop.Notifications")?;
        eventually(bus, SOON, "dunst on the bus", async || {
            Ok(names.name_has_owner(name.clone()).await?.then_some(()))
        })
        .await?;
        Ok(Self {
            proxy,
            bus: bus.clone(),
            folder,
            _dunst: dunst,
            screen,
        })
    }

    /// Takes them off the screen, into the history.
    ///
    /// # Errors
    /// If dunst does not answer.
    pub async fn close_all(&self) -> Result<()> {
        Ok(self.proxy.notification_close_all().await?)
    }

    /// Shows the last one that was taken off the screen again.
    ///
    /// # Errors
    /// If dunst does not answer.
    pub async fn bring_back(&self) -> Result<()> {
        Ok(self.proxy.notification_show().await?)
    }

    /// A picture of what is on the screen, cut to the notification.
    ///
    /// # Errors
    /// If it cannot be taken.
    pub async fn picture(&self, path: &Path) -> Result<()> {
        self.screen.picture("1280x800+0+0", path).await?;
        let path = path.to_str().context("path")?;
        rig::run("mogrify", &["-trim", "+repage", path]).await?;
        Ok(())
    }

    /// How many are on the screen now.
    ///
    /// # Errors
    /// If dunst does not answer.
    pub async fn displayed(&self) -> Result<u32> {
        Ok(self.proxy.displayed_length().await?)
    }

    /// What dunst offers to press now, one line an action: `#Undo (Moodlark: …) [id,action]` in
    /// dunst's own form; presses the one whose line holds `wanted`, if there is one.
    ///
    /// # Errors
    /// If dunst does not open its menu in time, which it does not when no notification has actions.
    pub async fn press(&self, wanted: &str) -> Result<String> {
        let offered = self.folder.path().join("offered");
        let _ = std::fs::remove_file(&offered);
        std::fs::write(self.folder.path().join("wanted"), wanted)?;
        self.proxy.context_menu_call().await?;
        // dunst opens no menu, now or later, where it shows nothing with a button yet: ask again.
        let soon = std::time::Duration::from_secs(1);
        let lines = eventually(&self.bus, soon, "dunst's menu", async || {
            Ok(std::fs::read_to_string(&offered).ok())
        })
        .await?;
        if !lines.contains(wanted) {
            bail!("dunst offers no {wanted:?}: {lines:?}");
        }
        Ok(lines)
    }

    /// Closes what is on the screen and gives everything that was shown so far, newest first.
    ///
    /// # Errors
    /// If dunst does not answer, or answers in another form than 1.9 does.
    pub async fn shown(&self) -> Result<Vec<Shown>> {
        self.proxy.notification_close_all().await?;
        let history = self.proxy.notification_list_history().await?;
        history
            .iter()
            .map(|entry| {
                let text = |key: &str| -> Result<String> {
                    let value = entry.get(key).with_context(|| format!("no {key}"))?;
                    Ok(String::try_from(value.try_clone()?)?)
                };
                let id = entry.get("id").context("no id")?;
                Ok(Shown {
                    id: i32::try_from(id.try_clone()?)?,
                    summary: text("summary")?,
                    body: text("body")?,
                })
            })
            .collect()
    }

    /// What dunst itself complained of.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("dunst.log")).unwrap_or_default()
    }
}
