//! A private session bus that lets every user in: VLC refuses to run as root, and tests may be root.

use std::{
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use zbus::Connection;

/// A bus of our own; ends when dropped.
#[derive(Debug)]
pub struct Bus {
    daemon: Child,
    address: String,
    folder: TempDir,
}

impl Bus {
    /// Starts `dbus-daemon` and waits until it listens.
    ///
    /// # Errors
    /// If it cannot be started or says no address.
    pub fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("moodlark-bus.").tempdir()?;
        open_to_all(folder.path())?;
        let config = folder.path().join("bus.conf");
        std::fs::write(&config, configuration(&folder.path().join("bus"), ""))?;
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--nopidfile", "--nosyslog", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting dbus-daemon")?;
        let mut address = String::new();
        let stdout = daemon.stdout.take().context("dbus-daemon's output")?;
        BufReader::new(stdout).read_line(&mut address)?;
        let address = address.trim().to_owned();
        let bus = Self {
            daemon,
            address,
            folder,
        };
        if bus.address.is_empty() {
            bail!("dbus-daemon ended without saying its address");
        }
        Ok(bus)
    }

    /// The bus's address, for `DBUS_SESSION_BUS_ADDRESS`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A folder that every user can look into; it goes with the bus.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new connection.
    ///
    /// # Errors
    /// If the bus refuses.
    pub async fn connect(&self) -> Result<Connection> {
        let address = self.address.as_str();
        zbus::connection::Builder::address(address)
            .build()
            .await
            .with_context(|| format!("connecting to {address}"))
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// Lets every user look into a folder.
pub(crate) fn open_to_all(folder: &Path) -> Result<()> {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
        .with_context(|| format!("opening {} to all", folder.display()))
}

/// A configuration that lets every user in; `more` is XML of its own, such as where services are found.
pub(crate) fn configuration(socket: &Path, more: &str) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  {more}
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket = socket.display()
    )
}
