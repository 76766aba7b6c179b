//! The login service as systemd's user instance knows it, asked on the session bus.

use std::time::Duration;

use moodlark_api::BUS_NAME;
use moodlark_catalogue::tr;
use zbus::{Connection, fdo, proxy};

use crate::failure::Failure;

/// The unit's name.
const UNIT: &str = "moodlarkd.service";
/// The tray's, which is started along where it is installed.
const TRAY: &str = "moodlark-tray.service";
/// How long the service may take to start.
const STARTS: Duration = Duration::from_secs(10);

/// systemd's user manager.
#[proxy(
    interface = "org.freedesktop.systemd1.Manager",
    default_service = "org.freedesktop.systemd1",
    default_path = "/org/freedesktop/systemd1"
)]
trait Manager {
    /// `enabled`, `disabled`, `static`, …; an error if there is no such unit.
    fn get_unit_file_state(&self, file: &str) -> zbus::Result<String>;
    /// Makes them start with their targets.
    #[allow(clippy::type_complexity)] // systemd's own shape: changes as (type, link, target)
    fn enable_unit_files(
        &self,
        files: &[&str],
        runtime: bool,
        force: bool,
    ) -> zbus::Result<(bool, Vec<(String, String, String)>)>;
    /// Starts a unit.
    fn start_unit(&self, name: &str, mode: &str) -> zbus::Result<zbus::wire::OwnedObjectPath>;
}

/// Whether the service starts at login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It does.
    Enabled,
    /// It could.
    Disabled,
    /// There is no unit, or no systemd.
    Missing,
}

impl State {
    /// The name in JSON.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Missing => "missing",
        }
    }
}

/// How things stand.
pub(super) async fn state(connection: &Connection) -> State {
    let Ok(manager) = ManagerProxy::new(connection).await else {
        return State::Missing;
    };
    match manager.get_unit_file_state(UNIT).await.as_deref() {
        Ok("enabled" | "enabled-runtime" | "static" | "linked") => State::Enabled,
        Ok("disabled") => State::Disabled,
        Ok(_) | Err(_) => State::Missing,
    }
}

/// Starts it now and at each login, and the tray too where there is one.
pub(super) async fn enable(connection: &Connection) -> Result<(), Failure> {
    let failed = |error: zbus::Error| {
        Failure::new(
            "org.freedesktop.DBus.Error.Failed",
            tr!(
                "systemd could not start {unit}: {error}. `systemctl --user status moodlarkd` tells more.",
                unit = UNIT,
                error
            ),
        )
    };
    let manager = ManagerProxy::new(connection).await.map_err(failed)?;
    manager
        .enable_unit_files(&[UNIT], false, false)
        .await
        .map_err(failed)?;
    manager.start_unit(UNIT, "replace").await.map_err(failed)?;
    if manager.get_unit_file_state(TRAY).await.is_ok() {
        manager
            .enable_unit_files(&[TRAY], false, false)
            .await
            .map_err(failed)?;
        // Outside of a graphical session it cannot start now; it will at the next login.
        let _ = manager.start_unit(TRAY, "replace").await;
    }
    appears(connection).await
}

/// Waits until the service owns its name.
async fn appears(connection: &Connection) -> Result<(), Failure> {
    use futures_util::StreamExt;
    let bus = fdo::DBusProxy::new(connection).await?;
    let mut owners = bus
        .receive_name_owner_changed_with_args(&[(0, BUS_NAME)])
        .await?;
    let there = async {
        if bus.name_has_owner(BUS_NAME.try_into()?).await? {
            return Ok::<_, Failure>(());
        }
        while let Some(change) = owners.next().await {
            if change.args().is_ok_and(|args| args.new_owner().is_some()) {
                break;
            }
        }
        Ok(())
    };
    match tokio::time::timeout(STARTS, there).await {
        Ok(done) => done,
        Err(_) => Err(Failure::new(
            "org.freedesktop.DBus.Error.Timeout",
            tr!(
                "The service was started but did not appear within 10 s; `journalctl --user -u moodlarkd` tells why."
            ),
        )),
    }
}
