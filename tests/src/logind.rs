//! logind as python-dbusmock plays it: one user, one session, a lock, and sleep.

use std::os::unix::fs::MetadataExt;

use anyhow::Result;
use zbus::wire::Variant;

use crate::{bus::Bus, mock::Mock};

const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";

/// A played logind with a session of the user who runs the test.
#[derive(Debug)]
pub struct Logind {
    mock: Mock,
}

impl Logind {
    /// Plays it on a system bus, with the session in front and unlocked.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn start(system: &Bus) -> Result<Self> {
        let logind = Self::without_session(system).await?;
        logind.log_in().await?;
        Ok(logind)
    }

    /// Plays it with nobody logged in.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn without_session(system: &Bus) -> Result<Self> {
        let mock = Mock::template(system, "logind", "org.freedesktop.login1", "{}").await?;
        // The mock's own adds a number to a text.
        let get_user = r#"
ret = "/org/freedesktop/login1/user/%i" % args[0]
if ret not in objects:
    raise dbus.exceptions.DBusException("nobody", name="org.freedesktop.login1.NoSuchUser")"#;
        mock.methods(PATH, MANAGER, &[("GetUser", "u", "o", get_user)])
            .await?;
        let blocked = (MANAGER, "BlockInhibited", Variant::from(""));
        mock.control(PATH, "AddProperty", &blocked).await?;
        Ok(Self { mock })
    }

    /// The user logs in.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn log_in(&self) -> Result<()> {
        let uid = std::fs::metadata("/proc/self")?.uid();
        let session = ("c1", "seat0", uid, "tester", true);
        self.mock.control(PATH, "AddSession", &session).await?;
        // Real ones say so; the mock doesn't.
        self.mock
            .emit(
                PATH,
                MANAGER,
                "SessionNew",
                "so",
                &["c1".into(), "/org/freedesktop/login1/session/c1".into()],
            )
            .await?;
        Ok(())
    }

    async fn session(&self, property: &str, value: bool) -> Result<()> {
        self.mock
            .set(
                "/org/freedesktop/login1/session/c1",
                SESSION,
                &[(property, Variant::from(value))],
            )
            .await
    }

    /// The desktop says whether it is locked.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn locked(&self, locked: bool) -> Result<()> {
        self.session("LockedHint", locked).await
    }

    /// Another session comes to the front, or this one again.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn active(&self, active: bool) -> Result<()> {
        self.session("Active", active).await
    }

    /// The desktop says whether nobody is there.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn idle(&self, idle: bool) -> Result<()> {
        self.session("IdleHint", idle).await
    }

    /// Orders the desktop to lock, as `loginctl lock-session` does.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn order_lock(&self) -> Result<()> {
        let path = "/org/freedesktop/login1/session/c1";
        self.mock.emit(path, SESSION, "Lock", "", &[]).await
    }

    /// The machine is about to sleep, or has woken.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn sleeps(&self, sleeps: bool) -> Result<()> {
        let sleeps = [Variant::from(sleeps)];
        self.mock
            .emit(PATH, MANAGER, "PrepareForSleep", "b", &sleeps)
            .await
    }

    /// How many hold up sleep.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn held_up(&self) -> Result<usize> {
        type Row = (String, String, String, String, u32, u32);
        let answer = self.mock.call(PATH, MANAGER, "ListInhibitors", &()).await?;
        let rows: Vec<Row> = answer.body().deserialize()?;
        Ok(rows
            .iter()
            .filter(|row| row.0 == "sleep" && row.3 == "delay")
            .count())
    }

    /// Something keeps the screen awake by logind, or no longer.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn blocked(&self, what: &str) -> Result<()> {
        let what = [("BlockInhibited", Variant::from(what))];
        self.mock.set(PATH, MANAGER, &what).await
    }

    /// The played service itself: to freeze, thaw and kill.
    #[must_use]
    pub fn mock(&self) -> &Mock {
        &self.mock
    }

    /// The same, to keep.
    #[must_use]
    pub fn into_mock(self) -> Mock {
        self.mock
    }
}
