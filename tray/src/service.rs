//! The service: what it says of itself, and what the user asks of it.

use std::{
    num::NonZero,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use futures_util::StreamExt;
use jiff::Zoned;
use moodlark_api::{
    BUS_NAME, Camera1Proxy, Dict, Mood1Proxy, Music1Proxy, OBJECT_PATH, Policy1Proxy,
    Service1Proxy, error::Error,
};
use tokio::sync::watch;
use zbus::{
    Connection, DBusError as _, MatchRule, Message, MessageStream, fdo,
    message::Type,
    names::{InterfaceName, OwnedUniqueName},
    proxy::CacheProperties,
};

use crate::{
    bus::{self, BRIEF},
    history,
    menu::{Action, Span},
    open, reading,
    state::{Facts, Known},
    when,
    words::{failures, notices},
};

/// What the icon, the tooltip and the menu are made of.
const INTERFACES: [&str; 5] = [
    "org.moodlark.Mood1",
    "org.moodlark.Camera1",
    "org.moodlark.Policy1",
    "org.moodlark.Music1",
    "org.moodlark.Service1",
];

/// How late a look may be, or how long it may take, before the service is asked whether it lives.
const GRACE: Duration = Duration::from_secs(60);

/// How far back the history goes.
const HISTORY: Duration = Duration::from_secs(7 * 24 * 3600);

/// Keeps `known` up to date, through the service's ends and beginnings. Never starts it by asking.
///
/// # Errors
/// Only when the bus is gone.
pub(crate) async fn watch(bus: Connection, known: watch::Sender<Option<Known>>) -> Result<()> {
    // First listen, then look, so that nothing falls in between.
    let mut owners = bus::Owners::of(&bus, BUS_NAME).await?;
    let mut signals = signals(&bus).await?;
    let mut owner = bus::owner(&bus, BUS_NAME).await?;
    loop {
        let mut now = match &owner {
            Some(owner) => read(&bus, owner).await,
            None => Known::Absent,
        };
        publish(&known, &now);
        loop {
            let check = async {
                match check_in(&now, millis()) {
                    Some(span) => tokio::time::sleep(span).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                next = owners.next() => {
                    owner = next?;
                    break;
                }
                signal = signals.next() => {
                    let signal = signal.context("the session bus is gone")??;
                    let Some(from) = &owner else { continue };
                    // What its last instance said is of no interest any more.
                    if signal.header().sender() != Some(&from.inner().as_ref()) {
                        continue;
                    }
                    let Known::Present(facts) = &mut now else { break };
                    if !learn(facts, &signal) {
                        break;
                    }
                    publish(&known, &now);
                }
                () = check => break,
            }
        }
    }
}

fn publish(known: &watch::Sender<Option<Known>>, now: &Known) {
    known.send_if_modified(|known| {
        let new = known.as_ref() != Some(now);
        if new {
            *known = Some(now.clone());
        }
        new
    });
}

/// After how long the service is asked whether what is shown still holds, if nothing comes by itself.
fn check_in(known: &Known, now: i64) -> Option<Duration> {
    match known {
        Known::Absent => None,
        Known::Silent => Some(GRACE / 2),
        Known::Present(facts) if facts.active => Some(GRACE),
        Known::Present(facts) if facts.next_sample > 0 => {
            let left = facts.next_sample.saturating_sub(now);
            Some(GRACE + Duration::from_millis(u64::try_from(left).unwrap_or(0)))
        }
        Known::Present(_) => None,
    }
}

fn millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

async fn signals(bus: &Connection) -> Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(BUS_NAME)
        .path(OBJECT_PATH)
        .interface("org.freedesktop.DBus.Properties")
        .member("PropertiesChanged")
        .build()?;
    // Each property is announced on its own: room for what comes while all are read.
    Ok(MessageStream::for_match_rule(rule, bus, NonZero::new(256)).await?)
}

/// Takes in changed properties; says whether that is all there is to know.
fn learn(facts: &mut Facts, signal: &Message) -> bool {
    let body = signal.body();
    let Ok((interface, changed, invalidated)) = body.deserialize::<(String, Dict, Vec<String>)>()
    else {
        return false;
    };
    facts.learn(&interface, &changed);
    invalidated.is_empty()
}

/// All properties. They are asked of this very owner: by its name, a service that ends at this moment
/// would be started again.
async fn read(bus: &Connection, owner: &OwnedUniqueName) -> Known {
    let mut facts = Facts::default();
    for interface in INTERFACES {
        let asking = async {
            let proxy = fdo::PropertiesProxy::builder(bus)
                .destination(owner.clone())
                .path(OBJECT_PATH)
                .cache_properties(CacheProperties::No)
                .build()
                .await?;
            proxy
                .get_all(InterfaceName::from_static_str_unchecked(interface))
                .await
        };
        match tokio::time::timeout(BRIEF, asking).await {
            Ok(Ok(properties)) => facts.learn(interface, &properties),
            // Older than this tray: what it has is shown.
            Ok(Err(fdo::Error::UnknownInterface(_))) => {}
            Ok(Err(fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_))) => {
                return Known::Absent;
            }
            Ok(Err(error)) => {
                tracing::warn!("the service could not be asked: {error}");
                return Known::Silent;
            }
            Err(_) => {
                tracing::warn!("the service does not answer");
                return Known::Silent;
            }
        }
    }
    Known::Present(Box::new(facts))
}

/// What the user sees of an action that was carried out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The icon, the menu or the service itself show it.
    Shown,
    /// A title, and a text.
    Tell(String, String),
    /// A file, in the program that the user has for it.
    Open(PathBuf),
}

/// Carries an action out. The error is a sentence for the user.
///
/// # Errors
/// The service's own, or that it is not there or too slow.
pub(crate) async fn carry_out(bus: &Connection, action: Action) -> Result<Outcome, String> {
    let desk = Desk { bus };
    match action {
        Action::Feel(mood) => {
            let label = mood.map_or("auto", crate::mood::Mood::name);
            brief(async { desk.mood().await?.report(label).await }).await?;
        }
        Action::Play(mood) => {
            desk.music()
                .await
                .map_err(said)?
                .apply(mood.name())
                .await
                .map_err(said)?;
        }
        Action::Undo => {
            desk.music()
                .await
                .map_err(said)?
                .undo()
                .await
                .map_err(said)?;
        }
        Action::Why => {
            let json = brief(async { desk.mood().await?.explain().await }).await?;
            return Ok(Outcome::Tell(notices::why(), reading::why(&json)));
        }
        Action::Camera(enabled) => {
            brief(async { Ok(desk.camera().await?.set_enabled(enabled).await?) }).await?;
        }
        Action::Look => {
            let camera = desk.camera().await.map_err(said)?;
            let json = camera.sample().await.map_err(said)?;
            return Ok(Outcome::Tell(notices::looked(), reading::sentence(&json)));
        }
        Action::Pause(span) => {
            let seconds = match span {
                Span::HalfHour => 30 * 60,
                Span::Hour => 60 * 60,
                Span::Tomorrow => when::seconds_until_tomorrow(&Zoned::now()),
                Span::Resumed => 0,
            };
            brief(async { desk.camera().await?.pause(seconds).await }).await?;
        }
        Action::Resume => brief(async { desk.camera().await?.resume().await }).await?,
        Action::Policy(policy) => {
            brief(async { Ok(desk.policy().await?.set_intent(policy.name()).await?) }).await?;
        }
        Action::History => {
            let to = millis();
            let from = to.saturating_sub(i64::try_from(HISTORY.as_millis()).unwrap_or(0));
            let entries = brief(async { desk.mood().await?.history(from, to + 1).await }).await?;
            let page = history::page(&entries, &Zoned::now());
            return open::page("history.txt", &page).map(Outcome::Open);
        }
        Action::Settings => {
            let running = bus::owner(bus, BUS_NAME).await.ok().flatten().is_some();
            let path = if running {
                brief(async { desk.service().await?.config_file().await })
                    .await
                    .map(PathBuf::from)
            } else {
                open::config_file().ok_or_else(failures::no_config)
            };
            return path.map(Outcome::Open);
        }
        Action::Start => desk.start().await?,
        // The main loop's own.
        Action::Quit => {}
    }
    Ok(Outcome::Shown)
}

struct Desk<'a> {
    bus: &'a Connection,
}

macro_rules! proxies {
    ($($name:ident: $proxy:ident),+ $(,)?) => {
        $(async fn $name(&self) -> Result<$proxy<'_>, Error> {
            Ok($proxy::builder(self.bus).cache_properties(CacheProperties::No).build().await?)
        })+
    };
}

impl Desk<'_> {
    proxies! {
        mood: Mood1Proxy,
        camera: Camera1Proxy,
        policy: Policy1Proxy,
        music: Music1Proxy,
        service: Service1Proxy,
    }

    /// By D-Bus activation, which asks systemd where the service's file says so.
    async fn start(&self) -> Result<(), String> {
        let starting = async {
            let proxy = fdo::DBusProxy::new(self.bus).await?;
            let name = BUS_NAME.try_into()?;
            proxy.start_service_by_name(name, 0).await?;
            Ok(())
        };
        starting.await.map_err(|error: fdo::Error| match error {
            fdo::Error::ServiceUnknown(_) => failures::absent(),
            error => of_zbus(zbus::Error::FDO(Box::new(error))),
        })
    }
}

/// What is answered from memory is answered soon.
async fn brief<T>(asking: impl Future<Output = Result<T, Error>>) -> Result<T, String> {
    match tokio::time::timeout(BRIEF, asking).await {
        Ok(answer) => answer.map_err(said),
        Err(_) => Err(failures::late()),
    }
}

/// The error as a sentence.
fn said(error: Error) -> String {
    match error {
        Error::ZBus(error) => of_zbus(error),
        error => sentence(error.description()),
    }
}

fn of_zbus(error: zbus::Error) -> String {
    match error {
        zbus::Error::MethodError(name, text, _) => {
            let name = name.as_str().rsplit('.').next().unwrap_or_default();
            match name {
                "ServiceUnknown" | "NameHasNoOwner" | "NoReply" => failures::absent(),
                "UnknownMethod" | "UnknownInterface" | "UnknownProperty" | "UnknownObject" => {
                    failures::version()
                }
                _ => sentence(text.as_deref()),
            }
        }
        zbus::Error::FDO(error) => match *error {
            fdo::Error::ZBus(error) => of_zbus(error),
            fdo::Error::ServiceUnknown(_)
            | fdo::Error::NameHasNoOwner(_)
            | fdo::Error::NoReply(_) => failures::absent(),
            fdo::Error::UnknownMethod(_)
            | fdo::Error::UnknownInterface(_)
            | fdo::Error::UnknownProperty(_)
            | fdo::Error::UnknownObject(_) => failures::version(),
            error => sentence(error.description()),
        },
        zbus::Error::DBus(error) => sentence(error.description()),
        zbus::Error::InputOutput(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            failures::late()
        }
        error => error.to_string(),
    }
}

fn sentence(text: Option<&str>) -> String {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map_or_else(failures::silent, str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_asked_whether_it_lives_only_when_it_should_have_said_something() {
        let minute = 60_000;
        let known = |facts: Facts| Known::Present(Box::new(facts));
        assert_eq!(check_in(&Known::Absent, 0), None);
        assert_eq!(check_in(&known(Facts::default()), 0), None);
        let due = Facts {
            next_sample: 10 * minute,
            ..Facts::default()
        };
        assert_eq!(
            check_in(&known(due.clone()), 5 * minute),
            Some(Duration::from_secs(5 * 60 + 60))
        );
        // Overdue: soon, not at once and for ever.
        assert_eq!(check_in(&known(due), 50 * minute), Some(GRACE));
        let looking = Facts {
            active: true,
            ..Facts::default()
        };
        assert_eq!(check_in(&known(looking), 0), Some(GRACE));
    }

    #[test]
    fn named_errors_are_told_as_the_services_sentence() {
        assert_eq!(
            said(Error::CameraOff("The camera is off.".into())),
            "The camera is off."
        );
        assert_eq!(said(Error::NoPlayer(" ".into())), failures::silent());
        let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
        assert_eq!(
            said(Error::ZBus(zbus::Error::InputOutput(late.into()))),
            failures::late()
        );
        let gone = fdo::Error::ServiceUnknown("x".into());
        assert_eq!(said(Error::ZBus(gone.into())), failures::absent());
    }
}
