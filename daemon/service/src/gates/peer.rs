//! A foreign service on either bus: found by name, called with a deadline, heard by its signals.

use std::{collections::HashMap, time::Duration};

use moodlark_catalogue::tr;
use serde::Serialize;
use zbus::{
    Connection, MatchRule, Message, MessageStream, fdo,
    message::Type,
    wire::{DynamicType, OwnedVariant},
};

/// The interface of properties.
pub(super) const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// A service that doesn't answer within this time doesn't answer.
const WITHIN: Duration = Duration::from_secs(1);

/// Why nothing can be learnt from a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// It is not there, or cannot tell.
    #[error("{0}")]
    Absent(String),
    /// It is there, and does not answer, or does no more.
    #[error("{0}")]
    Silent(String),
}

impl Trouble {
    /// With who is meant in front.
    fn of(error: &zbus::Error, whom: &str) -> Self {
        match error {
            zbus::Error::FDO(fdo) => match &**fdo {
                fdo::Error::NoReply(_) | fdo::Error::Disconnected(_) | fdo::Error::TimedOut(_) => {
                    Self::Silent(tr!("{whom} left the bus", whom))
                }
                _ => Self::Absent(format!("{whom}: {error}")),
            },
            zbus::Error::InputOutput(_) => Self::Silent(tr!("the bus is gone")),
            _ => Self::Absent(format!("{whom}: {error}")),
        }
    }
}

/// A service, by the unique name of its connection: one that quits in between is an error at once,
/// and is never started by our asking.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    bus: Connection,
    name: &'static str,
    owner: String,
}

impl Peer {
    /// Finds it. `start`: lets the bus start it where it knows how to.
    pub(super) async fn find(
        bus: &Connection,
        name: &'static str,
        start: bool,
    ) -> Result<Self, Trouble> {
        let mut peer = Self {
            bus: bus.clone(),
            name: "org.freedesktop.DBus",
            owner: "org.freedesktop.DBus".into(),
        };
        let dbus = ("/org/freedesktop/DBus", "org.freedesktop.DBus");
        if start {
            // Refused where it is unknown, too: whether it is there now is what counts.
            let body = (name, 0_u32);
            let begun = peer.call(dbus.0, dbus.1, "StartServiceByName", &body).await;
            if let Err(Trouble::Silent(_)) = begun {
                return Err(Trouble::Silent(tr!("{name} does not start", name)));
            }
        }
        let owner = peer
            .call(dbus.0, dbus.1, "GetNameOwner", &name)
            .await
            .map_err(|trouble| match trouble {
                Trouble::Absent(_) => Trouble::Absent(tr!("{name} is not there", name)),
                silent @ Trouble::Silent(_) => silent,
            })?;
        peer.owner = owner
            .body()
            .deserialize()
            .map_err(|error| Trouble::Silent(error.to_string()))?;
        peer.name = name;
        Ok(peer)
    }

    /// Calls a method.
    pub(super) async fn call<B>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<Message, Trouble>
    where
        B: Serialize + DynamicType,
    {
        let owner = Some(self.owner.as_str());
        let call = self
            .bus
            .call_method(owner, path, Some(interface), method, body);
        match tokio::time::timeout(WITHIN, call).await {
            Ok(answer) => answer.map_err(|error| Trouble::of(&error, self.name)),
            Err(_) => Err(Trouble::Silent(tr!(
                "{whom} does not answer within {seconds} s",
                whom = self.name,
                seconds = WITHIN.as_secs()
            ))),
        }
    }

    /// Reads a property.
    pub(super) async fn get(
        &self,
        path: &str,
        interface: &str,
        property: &str,
    ) -> Result<OwnedVariant, Trouble> {
        let answer = self
            .call(path, PROPERTIES, "Get", &(interface, property))
            .await?;
        answer
            .body()
            .deserialize()
            .map_err(|error| self.odd(&error))
    }

    /// Reads a property that is a yes or no.
    pub(super) async fn flag(
        &self,
        path: &str,
        interface: &str,
        property: &str,
    ) -> Result<bool, Trouble> {
        let value = self.get(path, interface, property).await?;
        bool::try_from(value).map_err(|error| self.odd(&error))
    }

    /// An answer that is not of the form that it should have.
    pub(super) fn odd(&self, error: &dyn std::error::Error) -> Trouble {
        Trouble::Absent(tr!(
            "{whom} answers with something odd: {error}",
            whom = self.name,
            error
        ))
    }

    /// Its end, when a stream of its signals ends.
    pub(super) fn gone(&self) -> Trouble {
        Trouble::Silent(tr!("{whom} is gone", whom = self.name))
    }

    /// The signals `member` of `interface` at `path`.
    pub(super) async fn signals(
        &self,
        path: &str,
        interface: &str,
        member: &str,
    ) -> Result<MessageStream, Trouble> {
        self.listen(path, interface, member, None).await
    }

    /// Changes of properties of `interface` at `path`.
    pub(super) async fn changes(
        &self,
        path: &str,
        interface: &str,
    ) -> Result<MessageStream, Trouble> {
        self.listen(path, PROPERTIES, "PropertiesChanged", Some(interface))
            .await
    }

    async fn listen(
        &self,
        path: &str,
        interface: &str,
        member: &str,
        first: Option<&str>,
    ) -> Result<MessageStream, Trouble> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(self.owner.as_str())
            .path(path)
            .interface(interface)
            .member(member);
        let rule = match first {
            Some(first) => rule.add_arg(first),
            None => rule,
        };
        let rule = rule.build();
        subscribe(&self.bus, rule.map_err(|error| self.odd(&error))?).await
    }
}

/// A stream of what matches `rule`.
async fn subscribe(bus: &Connection, rule: MatchRule<'_>) -> Result<MessageStream, Trouble> {
    match tokio::time::timeout(WITHIN, MessageStream::for_match_rule(rule, bus, None)).await {
        Ok(stream) => stream.map_err(|error| Trouble::of(&error, "the bus")),
        Err(_) => Err(Trouble::Silent(tr!("the bus does not answer"))),
    }
}

/// The comings and goings of `name` on `bus`.
pub(super) async fn owners(bus: &Connection, name: &str) -> Result<MessageStream, Trouble> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")
        .interface("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .add_arg(name)
        .build();
    subscribe(
        bus,
        rule.map_err(|error| Trouble::Absent(error.to_string()))?,
    )
    .await
}

/// Joins the system bus.
pub(super) async fn system() -> Result<Connection, Trouble> {
    match tokio::time::timeout(WITHIN, Connection::system()).await {
        Ok(Ok(bus)) => Ok(bus),
        Ok(Err(error)) => Err(Trouble::Absent(tr!(
            "there is no system bus: {error}",
            error
        ))),
        Err(_) => Err(Trouble::Silent(tr!("the system bus does not answer"))),
    }
}

/// What a `PropertiesChanged` says of the property `name`: its value, or nothing.
pub(super) fn changed(signal: &Message, name: &str) -> Option<OwnedVariant> {
    type Body = (String, HashMap<String, OwnedVariant>, Vec<String>);
    let (_, mut values, _) = signal.body().deserialize::<Body>().ok()?;
    values.remove(name)
}
