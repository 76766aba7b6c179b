//! Services of the system and of desktops, as python-dbusmock plays them.

use std::{collections::HashMap, process::Stdio};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use tokio::process::{Child, Command};
use zbus::{
    Connection,
    wire::{DynamicType, Variant},
};

use crate::{
    bus::Bus,
    eventually::{SOON, eventually},
    rig,
};

const MOCK: &str = "org.freedesktop.DBus.Mock";
/// The distribution's own: python-dbusmock is a package of it.
const PYTHON: &str = "/usr/bin/python3";

/// A played service; ends when dropped.
#[derive(Debug)]
pub struct Mock {
    process: Child,
    bus: Connection,
    name: String,
}

/// Whether python-dbusmock is there. If not, says `skipped: …` and answers no.
///
/// # Panics
/// As [`rig::has`].
#[must_use]
pub fn available() -> bool {
    let found = std::process::Command::new(PYTHON)
        .args(["-c", "import dbusmock"])
        .stderr(Stdio::null())
        .status();
    rig::has_all(if found.is_ok_and(|status| status.success()) {
        &[]
    } else {
        &["python3-dbusmock"]
    })
}

impl Mock {
    /// Plays one of dbusmock's templates, which takes `name`, on a bus that stands for both.
    ///
    /// # Errors
    /// If it does not come to the bus.
    pub async fn template(bus: &Bus, template: &str, name: &str, parameters: &str) -> Result<Self> {
        let arguments = ["--template", template, "--parameters", parameters];
        Self::start(bus, name, &arguments).await
    }

    /// Plays a service of our own making: `name`, with an object at `path` whose `interface` has these methods: name, types
    /// in, types out, and the Python that it runs.
    ///
    /// It takes its name when it can answer, as real ones do; dbusmock itself takes the name that it is given at once, and
    /// learns its methods later. So it is given another.
    ///
    /// # Errors
    /// If it does not come to the bus, or refuses.
    pub async fn object(
        bus: &Bus,
        name: &str,
        path: &str,
        interface: &str,
        methods: &[(&str, &str, &str, &str)],
    ) -> Result<Self> {
        let backstage = format!("{name}.Backstage");
        let mut mock =
            Self::start(bus, &backstage, &["--session", &backstage, path, interface]).await?;
        let enter =
            format!("self.entered = dbus.service.BusName({name:?}, self.bus_name.get_bus())");
        let enter = [("Enter", "", "", enter.as_str())];
        mock.methods(path, interface, &[methods, &enter].concat())
            .await?;
        mock.call(path, interface, "Enter", &()).await?;
        name.clone_into(&mut mock.name);
        Ok(mock)
    }

    async fn start(bus: &Bus, name: &str, arguments: &[&str]) -> Result<Self> {
        let connection = bus.connect().await?;
        let process = Command::new(PYTHON)
            .args(["-m", "dbusmock"])
            .args(arguments)
            .env("DBUS_SYSTEM_BUS_ADDRESS", bus.address())
            .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting python-dbusmock")?;
        let names = zbus::fdo::DBusProxy::new(&connection).await?;
        let wanted = zbus::names::BusName::try_from(name.to_owned())?;
        eventually(&connection, SOON, name, async || {
            Ok(names.name_has_owner(wanted.clone()).await?.then_some(()))
        })
        .await?;
        Ok(Self {
            process,
            bus: connection,
            name: name.to_owned(),
        })
    }

    /// Calls a method of the played service.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn call<B>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<zbus::Message>
    where
        B: Serialize + DynamicType,
    {
        let name = self.name.as_str();
        self.bus
            .call_method(Some(name), path, Some(interface), method, body)
            .await
            .with_context(|| format!("{method} of the played {name}"))
    }

    /// Calls a method that dbusmock adds to `path`.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn control<B>(&self, path: &str, method: &str, body: &B) -> Result<zbus::Message>
    where
        B: Serialize + DynamicType,
    {
        self.call(path, MOCK, method, body).await
    }

    /// Gives an object methods: name, types in, types out, and the Python that it runs.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn methods(
        &self,
        path: &str,
        interface: &str,
        methods: &[(&str, &str, &str, &str)],
    ) -> Result<()> {
        self.control(path, "AddMethods", &(interface, methods))
            .await
            .map(drop)
    }

    /// Sets properties, and tells of the change.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn set(
        &self,
        path: &str,
        interface: &str,
        values: &[(&str, Variant<'_>)],
    ) -> Result<()> {
        let values: HashMap<&str, &Variant<'_>> =
            values.iter().map(|(name, value)| (*name, value)).collect();
        self.control(path, "UpdateProperties", &(interface, values))
            .await
            .map(drop)
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn emit(
        &self,
        path: &str,
        interface: &str,
        signal: &str,
        types: &str,
        values: &[Variant<'_>],
    ) -> Result<()> {
        self.control(path, "EmitSignal", &(interface, signal, types, values))
            .await
            .map(drop)
    }

    /// Stops it in its tracks (SIGSTOP): it stays on the bus and answers nothing.
    ///
    /// # Errors
    /// If it is gone.
    pub async fn freeze(&self) -> Result<()> {
        self.signal("-STOP").await
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// If it is gone.
    pub async fn thaw(&self) -> Result<()> {
        self.signal("-CONT").await
    }

    async fn signal(&self, signal: &str) -> Result<()> {
        let Some(id) = self.process.id() else {
            bail!("the played {} is gone", self.name)
        };
        rig::run("kill", &[signal, &id.to_string()]).await.map(drop)
    }

    /// Kills it and waits until it is gone.
    ///
    /// # Errors
    /// The system's.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }
}
