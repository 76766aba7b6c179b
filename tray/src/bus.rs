//! The session bus: joined with a deadline, and one tray on it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use zbus::{
    Connection, MatchRule, MessageStream, connection,
    fdo::{self, RequestNameFlags},
    message::Type,
    names::{BusName, OwnedUniqueName},
    proxy::CacheProperties,
};

/// For what is answered from memory.
pub(crate) const BRIEF: Duration = Duration::from_secs(5);
/// For what takes a player or a camera: a look's default deadline and some more.
pub(crate) const LONG: Duration = Duration::from_secs(15);

/// Who owns it is the session's one tray.
const OWN_NAME: &str = "org.moodlark.Tray";

/// How long a name that is taken is asked for again: the bus needs a moment to notice that the last
/// instance has gone.
const NAME_TRIES: u32 = 5;

/// Joins the session bus. No call on it waits longer than [`LONG`].
pub(crate) async fn join() -> Result<Connection> {
    let joining = connection::Builder::session().method_timeout(LONG).build();
    match tokio::time::timeout(BRIEF, joining).await {
        Ok(joined) => joined.context("joining the session bus"),
        Err(_) => bail!("the session bus does not answer"),
    }
}

/// Makes this the session's one tray.
pub(crate) async fn be_the_only_one(bus: &Connection) -> Result<()> {
    for _ in 0..NAME_TRIES {
        match bus
            .request_name_with_flags(OWN_NAME, RequestNameFlags::DO_NOT_QUEUE)
            .await
        {
            Ok(_) => return Ok(()),
            Err(zbus::Error::NameTaken) => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => return Err(error).context("taking the name on the session bus"),
        }
    }
    bail!("another moodlark-tray runs in this session")
}

/// Who owns a name now, without starting anybody.
pub(crate) async fn owner(bus: &Connection, name: &str) -> Result<Option<OwnedUniqueName>> {
    let proxy = fdo::DBusProxy::builder(bus)
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    let asking = proxy.get_name_owner(BusName::try_from(name)?);
    match tokio::time::timeout(BRIEF, asking).await {
        Ok(Ok(owner)) => Ok(Some(owner)),
        Ok(Err(fdo::Error::NameHasNoOwner(_))) => Ok(None),
        Ok(Err(error)) => Err(error).with_context(|| format!("asking who owns {name}")),
        Err(_) => bail!("the session bus does not answer"),
    }
}

/// The comings and goings of a name's owners; the stream ends with the connection.
pub(crate) struct Owners(MessageStream);

impl Owners {
    pub(crate) async fn of(bus: &Connection, name: &'static str) -> Result<Self> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender("org.freedesktop.DBus")
            .interface("org.freedesktop.DBus")
            .member("NameOwnerChanged")
            .add_arg(name)
            .build()?;
        Ok(Self(MessageStream::for_match_rule(rule, bus, None).await?))
    }

    /// The next owner, or that there is none now.
    pub(crate) async fn next(&mut self) -> Result<Option<OwnedUniqueName>> {
        let message = self.0.next().await.context("the session bus is gone")??;
        let (_, _, new): (String, String, String) = message.body().deserialize()?;
        Ok(OwnedUniqueName::try_from(new).ok())
    }
}
