//! logind: whether the session is locked or in the background, and when the machine sleeps.

use std::{
    os::{fd::OwnedFd, unix::fs::MetadataExt},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use moodlark_catalogue::tr;
use moodlark_core::gates::Gate;
use zbus::wire::OwnedObjectPath;

use super::{
    Backend, Bus, Desk, Group, Watching,
    peer::{Peer, Trouble, changed},
};

pub(super) const SERVICE: &str = "org.freedesktop.login1";
pub(super) const PATH: &str = "/org/freedesktop/login1";
pub(super) const MANAGER: &str = "org.freedesktop.login1.Manager";
pub(super) const SESSION: &str = "org.freedesktop.login1.Session";
const USER: &str = "org.freedesktop.login1.User";

/// logind's order to lock comes before the desktop says that it has; desktops that never say so would
/// else stay locked for ever.
const LOCKS_WITHIN: Duration = Duration::from_secs(10);

/// A session's object, with its number.
type SessionRow = (String, OwnedObjectPath);

/// The group of what logind tells.
pub(super) fn group() -> Group {
    Group {
        gates: &[Gate::Asleep, Gate::Locked, Gate::Inactive],
        backends: vec![Box::new(Logind)],
    }
}

struct Logind;

impl Backend for Logind {
    fn name(&self) -> &'static str {
        "logind"
    }

    fn bus(&self) -> Bus {
        Bus::System
    }

    fn service(&self) -> &'static str {
        SERVICE
    }

    fn watch<'a>(&'a self, peer: &'a Peer, desk: &'a Desk) -> Watching<'a> {
        Box::pin(watch(peer, desk))
    }
}

async fn watch(peer: &Peer, desk: &Desk) -> Result<(), Trouble> {
    let mut sleeps = peer.signals(PATH, MANAGER, "PrepareForSleep").await?;
    let mut sessions = stream::select(
        peer.signals(PATH, MANAGER, "SessionNew").await?,
        peer.signals(PATH, MANAGER, "SessionRemoved").await?,
    );
    let mut hold = inhibit(peer).await?;
    let sleeping = peer.flag(PATH, MANAGER, "PreparingForSleep").await?;
    desk.tell_with(
        Gate::Asleep,
        sleeping,
        if sleeping { hold.take() } else { None },
    );
    loop {
        let session = session(peer).await?;
        let following = async {
            match &session {
                Some(path) => follow(peer, path, desk).await,
                None => {
                    // Nobody of ours sits at this machine: whoever is before the camera is another.
                    desk.tell(Gate::Locked, false);
                    desk.tell(Gate::Inactive, true);
                    std::future::pending().await
                }
            }
        };
        let sleeping = async {
            while let Some(Ok(signal)) = sleeps.next().await {
                match signal.body().deserialize::<bool>() {
                    // The machine goes to sleep when the last who holds it lets go: the main loop does
                    // when the camera is closed.
                    Ok(true) => desk.tell_with(Gate::Asleep, true, hold.take()),
                    Ok(false) => {
                        desk.tell(Gate::Asleep, false);
                        match inhibit(peer).await {
                            Ok(taken) => hold = taken,
                            Err(silent) => return silent,
                        }
                    }
                    Err(error) => return peer.odd(&error),
                }
            }
            peer.gone()
        };
        tokio::select! {
            result = following => return result,
            trouble = sleeping => return Err(trouble),
            signal = sessions.next() => {
                if signal.is_none() {
                    return Ok(());
                }
            }
        }
    }
}

/// What lets us close the camera before the machine sleeps. Without it the camera is closed all the
/// same, but perhaps not in time.
async fn inhibit(peer: &Peer) -> Result<Option<OwnedFd>, Trouble> {
    let body = (
        "sleep",
        "Moodlark",
        "The camera is closed before the computer sleeps",
        "delay",
    );
    let refused = match peer.call(PATH, MANAGER, "Inhibit", &body).await {
        Ok(answer) => match answer.body().deserialize::<zbus::wire::OwnedFd>() {
            Ok(fd) => return Ok(Some(fd.into())),
            Err(error) => peer.odd(&error),
        },
        Err(silent @ Trouble::Silent(_)) => return Err(silent),
        Err(refused) => refused,
    };
    tracing::warn!("sleep cannot be held up until the camera is closed: {refused}");
    Ok(None)
}

/// The user's session at the screen, if there is one: a service of the user's is in no session itself.
pub(super) async fn session(peer: &Peer) -> Result<Option<OwnedObjectPath>, Trouble> {
    let uid = std::fs::metadata("/proc/self")
        .map_err(|error| Trouble::Absent(tr!("/proc cannot be read: {error}", error)))?
        .uid();
    let user: OwnedObjectPath = match peer.call(PATH, MANAGER, "GetUser", &uid).await {
        Ok(answer) => answer
            .body()
            .deserialize()
            .map_err(|error| peer.odd(&error))?,
        // It knows no such user: they have no session.
        Err(Trouble::Absent(why)) if why.contains("NoSuchUser") => return Ok(None),
        Err(trouble) => return Err(trouble),
    };
    let display = peer.get(user.as_str(), USER, "Display").await?;
    let display = SessionRow::try_from(display).map_err(|error| peer.odd(&error))?;
    if display.1.as_str() != "/" {
        return Ok(Some(display.1));
    }
    // None that logind calls graphical, as with some display managers: the first of the others.
    let all = peer.get(user.as_str(), USER, "Sessions").await?;
    let all = Vec::<SessionRow>::try_from(all).map_err(|error| peer.odd(&error))?;
    for (_, path) in all {
        let class = peer.get(path.as_str(), SESSION, "Class").await;
        let class = class.ok().and_then(|class| String::try_from(class).ok());
        // Since systemd 256 the service manager has a session, too.
        if class.is_none_or(|class| class.starts_with("user")) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Tells of the session at `path` until it is gone.
async fn follow(peer: &Peer, path: &OwnedObjectPath, desk: &Desk) -> Result<(), Trouble> {
    let path = path.as_str();
    let mut signals = stream::select(
        peer.changes(path, SESSION).await?,
        stream::select(
            peer.signals(path, SESSION, "Lock").await?,
            peer.signals(path, SESSION, "Unlock").await?,
        ),
    );
    // Older logind and other implementations have no LockedHint.
    let locked = async || match peer.flag(path, SESSION, "LockedHint").await {
        Ok(locked) => Ok(locked),
        Err(Trouble::Absent(_)) => Ok(false),
        Err(silent) => Err(silent),
    };
    desk.tell(Gate::Locked, locked().await?);
    desk.tell(Gate::Inactive, !peer.flag(path, SESSION, "Active").await?);
    let mut ordered = None;
    loop {
        let doubt = async {
            match ordered {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let signal = tokio::select! {
            () = doubt => {
                ordered = None;
                desk.tell(Gate::Locked, locked().await?);
                continue;
            }
            signal = signals.next() => match signal {
                Some(Ok(signal)) => signal,
                Some(Err(error)) => return Err(peer.odd(&error)),
                None => return Ok(()),
            },
        };
        let member = signal.header().member().map(ToString::to_string);
        match member.as_deref() {
            Some("Lock") => {
                desk.tell(Gate::Locked, true);
                ordered = Some(tokio::time::Instant::now() + LOCKS_WITHIN);
            }
            Some("Unlock") => {
                ordered = None;
                desk.tell(Gate::Locked, locked().await?);
            }
            _ => {
                let flag = |name| changed(&signal, name).and_then(|v| bool::try_from(v).ok());
                if let Some(locked) = flag("LockedHint") {
                    ordered = None;
                    desk.tell(Gate::Locked, locked);
                }
                if let Some(active) = flag("Active") {
                    desk.tell(Gate::Inactive, !active);
                }
            }
        }
    }
}
