//! Whether anybody is at the keyboard: Mutter's monitor, else the desktop's screen saver, else logind.
//!
//! Mutter alone goes by `idle-after`; the others tell when the desktop itself, by its own settings, calls
//! the session idle. A time could be asked of some of them, but only by asking again and again.

use futures_util::{StreamExt, stream};
use moodlark_catalogue::tr;
use moodlark_core::gates::Gate;
use zbus::wire::OwnedVariant;

use super::{
    Backend, Bus, Desk, Group, Watching,
    flag::{Flag, Read},
    logind::{self, SERVICE, SESSION},
    peer::{Peer, Trouble},
};

/// The group.
pub(super) fn group() -> Group {
    let saver = |name, service, path| {
        Box::new(Flag {
            gate: Gate::Idle,
            name,
            bus: Bus::Session,
            service,
            path,
            read: Read::Method(service, "GetActive"),
            signals: match service {
                "org.xfce.ScreenSaver" => &[("org.xfce.ScreenSaver", "ActiveChanged")],
                "org.cinnamon.ScreenSaver" => &[("org.cinnamon.ScreenSaver", "ActiveChanged")],
                "org.mate.ScreenSaver" => &[("org.mate.ScreenSaver", "ActiveChanged")],
                _ => &[("org.freedesktop.ScreenSaver", "ActiveChanged")],
            },
        })
    };
    Group {
        gates: &[Gate::Idle],
        backends: vec![
            Box::new(Mutter),
            // KDE's, and that of whoever follows the specification; others have their own names.
            saver(
                "org.freedesktop.ScreenSaver",
                "org.freedesktop.ScreenSaver",
                "/org/freedesktop/ScreenSaver",
            ),
            saver(
                "Xfce's screen saver",
                "org.xfce.ScreenSaver",
                "/org/xfce/ScreenSaver",
            ),
            saver(
                "Cinnamon's screen saver",
                "org.cinnamon.ScreenSaver",
                "/org/cinnamon/ScreenSaver",
            ),
            saver(
                "MATE's screen saver",
                "org.mate.ScreenSaver",
                "/org/mate/ScreenSaver",
            ),
            Box::new(Hint),
        ],
    }
}

const MONITOR: &str = "org.gnome.Mutter.IdleMonitor";
const CORE: &str = "/org/gnome/Mutter/IdleMonitor/Core";

/// GNOME's and Budgie's compositor.
struct Mutter;

impl Mutter {
    async fn follow(peer: &Peer, desk: &Desk) -> Result<(), Trouble> {
        let mut settings = desk.settings.clone();
        loop {
            let after = settings.borrow_and_update().gates.idle_after;
            let after = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
            let mut fired = peer.signals(CORE, MONITOR, "WatchFired").await?;
            let idle_watch: u32 = number(peer, "AddIdleWatch", &after).await?;
            // A watch tells of the moment at which it is crossed: how it is now must be asked.
            let mut idle = {
                let answer = peer.call(CORE, MONITOR, "GetIdletime", &()).await?;
                let already: u64 = answer
                    .body()
                    .deserialize()
                    .map_err(|error| peer.odd(&error))?;
                already >= after
            };
            let mut back_watch = None;
            let outcome = loop {
                desk.tell(Gate::Idle, idle);
                if idle && back_watch.is_none() {
                    back_watch = Some(number(peer, "AddUserActiveWatch", &()).await?);
                }
                let id: u32 = tokio::select! {
                    signal = fired.next() => match signal {
                        Some(Ok(signal)) => signal.body().deserialize().map_err(|e| peer.odd(&e))?,
                        Some(Err(error)) => return Err(peer.odd(&error)),
                        None => break Ok(()),
                    },
                    changed = settings.changed() => {
                        // Another time to go by; a sender that is gone is a service that ends.
                        let same = settings.borrow().gates.idle_after.as_millis() == u128::from(after);
                        match changed {
                            Ok(()) if same => continue,
                            Ok(()) => break Err(()),
                            Err(_) => break Ok(()),
                        }
                    }
                };
                if id == idle_watch {
                    idle = true;
                } else if Some(id) == back_watch {
                    // It fires once.
                    back_watch = None;
                    idle = false;
                }
            };
            let Err(()) = outcome else { return Ok(()) };
            for watch in [Some(idle_watch), back_watch].into_iter().flatten() {
                peer.call(CORE, MONITOR, "RemoveWatch", &watch).await?;
            }
        }
    }
}

async fn number<B>(peer: &Peer, method: &str, body: &B) -> Result<u32, Trouble>
where
    B: serde::Serialize + zbus::wire::DynamicType,
{
    let answer = peer.call(CORE, MONITOR, method, body).await?;
    answer
        .body()
        .deserialize()
        .map_err(|error| peer.odd(&error))
}

impl Backend for Mutter {
    fn name(&self) -> &'static str {
        "Mutter's idle monitor"
    }

    fn bus(&self) -> Bus {
        Bus::Session
    }

    fn service(&self) -> &'static str {
        MONITOR
    }

    fn watch<'a>(&'a self, peer: &'a Peer, desk: &'a Desk) -> Watching<'a> {
        Box::pin(Self::follow(peer, desk))
    }
}

/// logind's `IdleHint`, which desktops set by their own measure, and some never.
struct Hint;

impl Hint {
    async fn follow(peer: &Peer, desk: &Desk) -> Result<(), Trouble> {
        let mut sessions = stream::select(
            peer.signals(logind::PATH, logind::MANAGER, "SessionNew")
                .await?,
            peer.signals(logind::PATH, logind::MANAGER, "SessionRemoved")
                .await?,
        );
        loop {
            let Some(path) = logind::session(peer).await? else {
                return Err(Trouble::Absent(tr!("you have no session at this machine")));
            };
            let mut changes = peer.changes(path.as_str(), SESSION).await?;
            loop {
                let idle = peer.flag(path.as_str(), SESSION, "IdleHint").await?;
                desk.tell(Gate::Idle, idle);
                tokio::select! {
                    change = changes.next() => if change.is_none() { return Ok(()) },
                    session = sessions.next() => match session {
                        Some(_) => break,
                        None => return Ok(()),
                    },
                }
            }
        }
    }
}

impl Backend for Hint {
    fn name(&self) -> &'static str {
        "logind's idle hint"
    }

    fn bus(&self) -> Bus {
        Bus::System
    }

    fn service(&self) -> &'static str {
        SERVICE
    }

    fn watch<'a>(&'a self, peer: &'a Peer, desk: &'a Desk) -> Watching<'a> {
        Box::pin(Self::follow(peer, desk))
    }
}

/// Whether a list of logind's, such as `sleep:idle`, has idling in it.
pub(super) fn names_idle(value: OwnedVariant) -> Option<bool> {
    let list = String::try_from(value).ok()?;
    Some(list.split(':').any(|what| what == "idle"))
}
