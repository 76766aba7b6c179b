//! A real keyring: gnome-keyring on the test's own bus, with a home of its own.

use std::{collections::HashMap, path::PathBuf, process::Stdio};

use anyhow::{Context, Result};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};
use zbus::{
    Connection,
    wire::{OwnedObjectPath, OwnedVariant, Variant},
};

use crate::{
    bus::Bus,
    eventually::{SOON, eventually},
};

/// The program.
pub const PROGRAM: &str = "gnome-keyring-daemon";
const NAME: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const PASSWORD: &str = "open sesame";

/// A keyring that is unlocked, until the test locks it; ends when dropped.
#[derive(Debug)]
pub struct Keyring {
    _daemon: Child,
    bus: Connection,
    home: PathBuf,
}

impl Keyring {
    /// Starts it, and waits until its collection is there.
    ///
    /// # Errors
    /// If it does not come to the bus.
    pub async fn start(bus: &Bus, folder: &std::path::Path) -> Result<Self> {
        let home = folder.join("keyring-home");
        std::fs::create_dir_all(home.join("run"))?;
        let connection = bus.connect().await?;
        let mut daemon = Command::new(PROGRAM)
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
            .env("HOME", &home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env_remove("GNOME_KEYRING_CONTROL")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting gnome-keyring-daemon")?;
        let mut password = daemon.stdin.take().context("no standard input")?;
        password.write_all(PASSWORD.as_bytes()).await?;
        drop(password);
        let keyring = Self {
            _daemon: daemon,
            bus: connection,
            home,
        };
        eventually(&keyring.bus, SOON, "a keyring", async || {
            let there = keyring.collection().await?;
            Ok((there.as_str() != "/").then_some(()))
        })
        .await?;
        Ok(keyring)
    }

    async fn call<B, T>(&self, path: &str, interface: &str, method: &str, body: &B) -> Result<T>
    where
        B: serde::Serialize + zbus::wire::DynamicType,
        T: for<'d> zbus::wire::DynamicDeserialize<'d>,
    {
        let reply = self
            .bus
            .call_method(Some(NAME), path, Some(interface), method, body)
            .await?;
        Ok(reply.body().deserialize()?)
    }

    async fn collection(&self) -> Result<OwnedObjectPath> {
        let (path,): (OwnedObjectPath,) =
            self.call(ROOT, SERVICE, "ReadAlias", &("default",)).await?;
        Ok(path)
    }

    /// Locks it, as a user does who leaves.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn lock(&self) -> Result<()> {
        let collection = self.collection().await?;
        let _: (Vec<OwnedObjectPath>, OwnedObjectPath) = self
            .call(ROOT, SERVICE, "Lock", &(vec![collection],))
            .await?;
        Ok(())
    }

    /// Unlocks it with its password, as a log-in does.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn unlock(&self) -> Result<()> {
        let collection = self.collection().await?;
        let (_, session): (OwnedVariant, OwnedObjectPath) = self
            .call(ROOT, SERVICE, "OpenSession", &("plain", Variant::from("")))
            .await?;
        let secret = (session, Vec::<u8>::new(), PASSWORD.as_bytes(), "text/plain");
        // What pam_gnome_keyring's dialogs use.
        let guilty = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface";
        self.call::<_, ()>(
            ROOT,
            guilty,
            "UnlockWithMasterPassword",
            &(collection, secret),
        )
        .await
    }

    /// The attributes of everything that is in it.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn items(&self) -> Result<Vec<HashMap<String, String>>> {
        let everything: HashMap<&str, &str> = HashMap::new();
        let (mut open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = self
            .call(ROOT, SERVICE, "SearchItems", &(everything,))
            .await?;
        open.extend(locked);
        let mut items = Vec::new();
        for item in open {
            let arguments = ("org.freedesktop.Secret.Item", "Attributes");
            let (value,): (OwnedVariant,) = self
                .call(
                    item.as_str(),
                    "org.freedesktop.DBus.Properties",
                    "Get",
                    &arguments,
                )
                .await?;
            items.push(HashMap::<String, String>::try_from(value)?);
        }
        Ok(items)
    }

    /// Whether a text stands in a file of the keyring's: a keyring encrypts.
    #[must_use]
    pub fn has_on_disk(&self, text: &str) -> bool {
        let folder = self.home.join("data/keyrings");
        std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .any(|entry| {
                let bytes = std::fs::read(entry.path()).unwrap_or_default();
                bytes
                    .windows(text.len())
                    .any(|window| window == text.as_bytes())
            })
    }
}
