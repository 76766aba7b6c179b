//! The session: the bus, the tray's host, and the unit that systemd runs the service by.

use std::time::Duration;

use moodlark_api::{BUS_NAME, Dict};
use moodlark_catalogue::tr;
use zbus::{
    Connection,
    fdo::{DBusProxy, PropertiesProxy},
    proxy::CacheProperties,
    wire::{DynamicType, OwnedObjectPath, OwnedVariant},
};

use super::{Facts, check};

/// Who doesn't answer within this time hangs.
const DEADLINE: Duration = Duration::from_secs(2);
/// systemd's manager on the session bus.
const SYSTEMD: &str = "org.freedesktop.systemd1";
const UNIT: &str = "moodlarkd.service";
const TRAY: &str = "org.kde.StatusNotifierWatcher";
fn install() -> String {
    tr!("`./run.sh install` puts the units and the bus's file in place.")
}

fn log() -> String {
    tr!(
        "`journalctl --user -u moodlarkd` may say why; `systemctl --user restart moodlarkd` tries anew."
    )
}

/// systemd's idea of the unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Unit {
    /// `loaded`, `not-found`, …
    load: String,
    /// `active`, `inactive`, `failed`, …
    active: String,
    /// `enabled`, `disabled`, …
    file: String,
    /// Its process; 0 when there is none.
    process: u32,
    /// How often it was started again after a failure.
    restarts: u32,
}

/// Level, finding, advice.
type Finding = (&'static str, String, String);

pub(super) async fn bus(facts: &Facts) -> Dict {
    let (level, finding, advice): Finding = match &facts.bus {
        Err(why) => (
            "problem",
            why.clone(),
            tr!(
                "Log in to a desktop, or run it there, where DBUS_SESSION_BUS_ADDRESS or XDG_RUNTIME_DIR says where the bus is."
            ),
        ),
        Ok(bus) => match activatable(bus).await {
            Ok(true) => (
                "ok",
                tr!("{name} is started by a first call", name = BUS_NAME),
                String::new(),
            ),
            Ok(false) => (
                "warning",
                tr!(
                    "it knows no service file for {name}: a first call starts nothing",
                    name = BUS_NAME
                ),
                install(),
            ),
            Err(why) => (
                "problem",
                why,
                tr!("The bus itself is in trouble; log in anew."),
            ),
        },
    };
    check("session-bus", level, &finding, advice)
}

async fn activatable(bus: &Connection) -> Result<bool, String> {
    let names = timely(async { DBusProxy::new(bus).await?.list_activatable_names().await }).await?;
    Ok(names.iter().any(|name| name.as_str() == BUS_NAME))
}

pub(super) async fn tray(facts: &Facts) -> Dict {
    fn advice() -> String {
        tr!(
            "All else works without. For the icon: on GNOME the extension AppIndicator, elsewhere the panel's tray or status notifier plugin."
        )
    }

    let Ok(bus) = &facts.bus else {
        return super::unknown("tray");
    };
    let (level, finding, advice): Finding = if !is_owned(bus, TRAY).await {
        (
            "warning",
            tr!("this desktop has no tray: nobody owns {name}", name = TRAY),
            advice(),
        )
    } else {
        match property(
            bus,
            TRAY,
            "/StatusNotifierWatcher",
            TRAY,
            "IsStatusNotifierHostRegistered",
        )
        .await
        {
            Ok(value) if bool::try_from(value.clone()).is_ok_and(|host| !host) => (
                "warning",
                tr!("there is a tray service, but nothing on the screen shows it"),
                advice(),
            ),
            Ok(_) => ("ok", tr!("the desktop shows icons"), String::new()),
            Err(why) => ("warning", why, advice()),
        }
    };
    check("tray", level, &finding, advice)
}

/// Whether the service runs, and whether systemd looks after it.
pub(super) async fn service(facts: &Facts) -> Dict {
    let (unit, owner) = match &facts.bus {
        Ok(bus) => (unit(bus).await, owner(bus).await),
        Err(_) => (Err(tr!("there is no session bus")), None),
    };
    let (level, finding, advice) = if facts.running {
        looked_after(&unit, std::process::id())
    } else if let Some(process) = owner {
        (
            "problem",
            tr!("it runs (process {process}) and does not answer", process),
            tr!(
                "`systemctl --user restart moodlarkd`; if it was started by hand, end that process."
            ),
        )
    } else {
        missing(&unit)
    };
    check("service", level, &finding, advice)
}

fn looked_after(unit: &Result<Unit, String>, own: u32) -> Finding {
    let version = env!("CARGO_PKG_VERSION");
    match unit {
        Err(why) => (
            "warning",
            tr!(
                "{version} runs; {why}, so nothing starts it again when it fails",
                version,
                why
            ),
            tr!("All else works without systemd."),
        ),
        Ok(unit) if unit.process != own => (
            "warning",
            tr!("{version} runs, but not by systemd's unit", version),
            if unit.load == "not-found" {
                install()
            } else {
                tr!(
                    "End it, and start it with `systemctl --user start moodlarkd`; then it is started again when it fails."
                )
            },
        ),
        Ok(unit) if unit.restarts > 0 => (
            "warning",
            tr!(
                "{version} runs, started again {restarts} times after failures",
                version,
                restarts = unit.restarts
            ),
            log(),
        ),
        Ok(unit) if unit.file.starts_with("disabled") => (
            "warning",
            tr!("{version} runs, and is not started at login", version),
            tr!("`systemctl --user enable moodlarkd` starts it at each login."),
        ),
        Ok(_) => (
            "ok",
            tr!("{version} runs by systemd's unit", version),
            String::new(),
        ),
    }
}

fn missing(unit: &Result<Unit, String>) -> Finding {
    fn by_hand() -> String {
        tr!("Run `moodlarkd` in your desktop session.")
    }

    match unit {
        Err(why) => (
            "problem",
            tr!("it is not running, and {why}", why),
            by_hand(),
        ),
        Ok(unit) => match (unit.load.as_str(), unit.active.as_str()) {
            ("not-found", _) => (
                "problem",
                tr!("it is not running, and systemd has no unit for it"),
                install(),
            ),
            ("masked", _) => (
                "problem",
                tr!("it is not running, and its unit is masked"),
                tr!(
                    "`systemctl --user unmask moodlarkd`, then `systemctl --user start moodlarkd`."
                ),
            ),
            (_, "failed") => ("problem", tr!("it is not running: it failed"), log()),
            (_, "activating") => (
                "problem",
                tr!("it is about to start"),
                tr!("Wait a moment, and try again."),
            ),
            _ => (
                "problem",
                tr!("it is not running"),
                tr!(
                    "Start it with `systemctl --user start moodlarkd`; `systemctl --user enable moodlarkd` does at each login."
                ),
            ),
        },
    }
}

async fn unit(bus: &Connection) -> Result<Unit, String> {
    if !is_owned(bus, SYSTEMD).await {
        return Err(tr!("there is no systemd for this user"));
    }
    // Loads the unit if it is not; one that is not there is told as such.
    let manager = "org.freedesktop.systemd1.Manager";
    let path: OwnedObjectPath =
        call(bus, "/org/freedesktop/systemd1", manager, "LoadUnit", &UNIT).await?;
    let (unit, service) = (
        "org.freedesktop.systemd1.Unit",
        "org.freedesktop.systemd1.Service",
    );
    let text = async |name: &str| {
        let value = property(bus, SYSTEMD, path.as_str(), unit, name).await?;
        String::try_from(value).map_err(|error| error.to_string())
    };
    let number = async |name: &str| {
        let value = property(bus, SYSTEMD, path.as_str(), service, name).await?;
        u32::try_from(value).map_err(|error| error.to_string())
    };
    Ok(Unit {
        load: text("LoadState").await?,
        active: text("ActiveState").await?,
        file: text("UnitFileState").await?,
        process: number("MainPID").await?,
        restarts: number("NRestarts").await?,
    })
}

async fn timely<T>(
    asking: impl Future<Output = Result<T, impl std::fmt::Display>>,
) -> Result<T, String> {
    match tokio::time::timeout(DEADLINE, asking).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(tr!(
            "no answer within {seconds} s",
            seconds = DEADLINE.as_secs()
        )),
    }
}

/// Whether somebody has the name. Never starts anybody.
async fn is_owned(bus: &Connection, name: &'static str) -> bool {
    timely(async {
        DBusProxy::new(bus)
            .await?
            .name_has_owner(zbus::names::BusName::from_static_str(name)?)
            .await
    })
    .await
    .unwrap_or(false)
}

/// The process of the service that is on the bus.
async fn owner(bus: &Connection) -> Option<u32> {
    timely(async {
        let name = zbus::names::BusName::from_static_str(BUS_NAME)?;
        DBusProxy::new(bus)
            .await?
            .get_connection_unix_process_id(name)
            .await
    })
    .await
    .ok()
}

async fn call<B, T>(
    bus: &Connection,
    path: &str,
    interface: &str,
    method: &str,
    body: &B,
) -> Result<T, String>
where
    B: serde::Serialize + DynamicType,
    T: for<'d> zbus::wire::DynamicDeserialize<'d>,
{
    let reply = timely(bus.call_method(Some(SYSTEMD), path, Some(interface), method, body)).await?;
    reply
        .body()
        .deserialize()
        .map_err(|error| error.to_string())
}

async fn property(
    bus: &Connection,
    name: &'static str,
    path: &str,
    interface: &'static str,
    property: &str,
) -> Result<OwnedVariant, String> {
    timely(async {
        PropertiesProxy::builder(bus)
            .destination(name)
            .path(path)
            .cache_properties(CacheProperties::No)
            .build()
            .await?
            .get(
                zbus::names::InterfaceName::from_static_str(interface)?,
                property,
            )
            .await
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(
        load: &str,
        active: &str,
        file: &str,
        process: u32,
        restarts: u32,
    ) -> Result<Unit, String> {
        Ok(Unit {
            load: load.into(),
            active: active.into(),
            file: file.into(),
            process,
            restarts,
        })
    }

    #[test]
    fn a_service_that_is_not_there_is_told_with_what_to_do() {
        for (unit, word) in [
            (
                Err("there is no systemd for this user".into()),
                "Run `moodlarkd`",
            ),
            (unit("not-found", "inactive", "", 0, 0), "./run.sh install"),
            (unit("masked", "inactive", "masked", 0, 0), "unmask"),
            (unit("loaded", "failed", "enabled", 0, 5), "journalctl"),
            (
                unit("loaded", "inactive", "disabled", 0, 0),
                "systemctl --user start",
            ),
        ] {
            let (level, finding, advice) = missing(&unit);
            assert_eq!(level, "problem", "{finding}");
            assert!(advice.contains(word), "{finding}: {advice}");
        }
    }

    #[test]
    fn a_service_that_runs_is_looked_after_or_not() {
        for (unit, level) in [
            (unit("loaded", "active", "enabled", 7, 0), "ok"),
            (unit("loaded", "active", "disabled", 7, 0), "warning"),
            (unit("loaded", "active", "enabled", 7, 2), "warning"),
            (unit("loaded", "active", "enabled", 8, 0), "warning"),
            (unit("not-found", "inactive", "", 0, 0), "warning"),
            (Err("there is none".into()), "warning"),
        ] {
            let (found, finding, advice) = looked_after(&unit, 7);
            assert_eq!(found, level, "{finding}");
            assert_eq!(advice.is_empty(), level == "ok", "{finding}");
        }
    }
}
