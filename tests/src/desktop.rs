//! Desktops' services as python-dbusmock plays them, each in a few lines of its own.

use anyhow::Result;
use zbus::wire::Variant;

use crate::{bus::Bus, mock::Mock};

const MUTTER: &str = "org.gnome.Mutter.IdleMonitor";
const CORE: &str = "/org/gnome/Mutter/IdleMonitor/Core";
const GNOME: &str = "org.gnome.SessionManager";
const GNOME_PATH: &str = "/org/gnome/SessionManager";
const SAVER: &str = "org.freedesktop.ScreenSaver";
const SAVER_PATH: &str = "/org/freedesktop/ScreenSaver";

/// Mutter's idle monitor.
#[derive(Debug)]
pub struct Mutter {
    mock: Mock,
}

impl Mutter {
    /// Plays it, with nobody having touched the machine for so long, in ms.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn start(session: &Bus, idle: u64) -> Result<Self> {
        let idle = format!("ret = {idle}");
        let watch =
            "self.after = args[0]; self.idle = getattr(self, 'idle', 10) + 1; ret = self.idle";
        let back = "self.back = getattr(self, 'back', 100) + 1; ret = self.back";
        let mock = Mock::object(
            session,
            MUTTER,
            CORE,
            MUTTER,
            &[
                ("AddIdleWatch", "t", "u", watch),
                ("AddUserActiveWatch", "", "u", back),
                ("GetIdletime", "", "t", &idle),
                ("RemoveWatch", "u", "", ""),
                ("After", "", "t", "ret = getattr(self, 'after', 0)"),
                ("Idle", "", "u", "ret = getattr(self, 'idle', 0)"),
                ("Back", "", "u", "ret = getattr(self, 'back', 0)"),
            ],
        )
        .await?;
        Ok(Self { mock })
    }

    /// After how many ms somebody wants to hear that nobody is there; 0 before anybody asked.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn after(&self) -> Result<u64> {
        let answer = self.mock.call(CORE, MUTTER, "After", &()).await?;
        Ok(answer.body().deserialize()?)
    }

    async fn fire(&self, which: &str) -> Result<()> {
        let answer = self.mock.call(CORE, MUTTER, which, &()).await?;
        let id: u32 = answer.body().deserialize()?;
        let id = [Variant::from(id)];
        self.mock.emit(CORE, MUTTER, "WatchFired", "u", &id).await
    }

    /// That time has passed.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn goes_idle(&self) -> Result<()> {
        self.fire("Idle").await
    }

    /// Somebody touches the machine.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn comes_back(&self) -> Result<()> {
        self.fire("Back").await
    }

    /// The played service itself.
    #[must_use]
    pub fn into_mock(self) -> Mock {
        self.mock
    }
}

/// GNOME's session manager, as far as it knows who keeps the screen awake.
#[derive(Debug)]
pub struct SessionManager {
    mock: Mock,
}

impl SessionManager {
    /// Plays it.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn start(session: &Bus) -> Result<Self> {
        let inhibited = "ret = bool(getattr(self, 'flags', 0) & args[0])";
        let set = "self.flags = args[0]";
        let mock = Mock::object(
            session,
            GNOME,
            GNOME_PATH,
            GNOME,
            &[
                ("IsInhibited", "u", "b", inhibited),
                ("Flags", "u", "", set),
            ],
        )
        .await?;
        Ok(Self { mock })
    }

    /// A program inhibits these things (4 sleep, 8 idling), or none any more.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn inhibits(&self, flags: u32) -> Result<()> {
        self.mock.call(GNOME_PATH, GNOME, "Flags", &flags).await?;
        let signal = if flags == 0 {
            "InhibitorRemoved"
        } else {
            "InhibitorAdded"
        };
        let who = [Variant::from("/org/gnome/SessionManager/Inhibitor1")];
        self.mock.emit(GNOME_PATH, GNOME, signal, "o", &who).await
    }
}

/// A screen saver after the specification, as KDE's.
#[derive(Debug)]
pub struct ScreenSaver {
    mock: Mock,
}

impl ScreenSaver {
    /// Plays it, not active.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn start(session: &Bus) -> Result<Self> {
        let active = "ret = getattr(self, 'active', False)";
        let set = "self.active = args[0]; self.EmitSignal('', 'ActiveChanged', 'b', [args[0]])";
        let mock = Mock::object(
            session,
            SAVER,
            SAVER_PATH,
            SAVER,
            &[("GetActive", "", "b", active), ("SetActive", "b", "", set)],
        )
        .await?;
        Ok(Self { mock })
    }

    /// It covers the screen, or uncovers it.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn active(&self, active: bool) -> Result<()> {
        self.mock
            .call(SAVER_PATH, SAVER, "SetActive", &active)
            .await
            .map(drop)
    }
}
