//! The service, asked with deadlines and never started by asking.

use std::time::Duration;

use moodlark_api::{
    BUS_NAME, Camera1Proxy, Dict, Library1Proxy, Mood1Proxy, Music1Proxy, OBJECT_PATH,
    Policy1Proxy, Service1Proxy, Spotify1Proxy,
};
use moodlark_catalogue::tr;
use zbus::{Connection, connection, fdo, names::InterfaceName, proxy::CacheProperties};

use crate::failure::Failure;

/// For what the service answers from memory.
pub(crate) const BRIEF: Duration = Duration::from_secs(5);
/// For what takes a player, a camera or a search: a look's default deadline and some more.
pub(crate) const LONG: Duration = Duration::from_secs(15);

/// A connection to the session bus, with the service on it.
pub(crate) struct Bus {
    pub(crate) connection: Connection,
}

/// Calls of `$proxy` fail after the connection's deadline; nothing is cached.
macro_rules! proxies {
    ($($name:ident: $proxy:ident),+ $(,)?) => {
        $(pub(crate) async fn $name(&self) -> Result<$proxy<'_>, Failure> {
            Ok($proxy::builder(&self.connection).cache_properties(CacheProperties::No).build().await?)
        })+
    };
}

impl Bus {
    /// Joins the session bus, and looks whether the service is there: a call would start it, and who
    /// only asks does not mean to.
    pub(crate) async fn with_service(patience: Duration) -> Result<Self, Failure> {
        let bus = Self::join(patience).await?;
        if bus.has_service().await? {
            Ok(bus)
        } else {
            Err(Failure::not_running())
        }
    }

    /// Joins the session bus.
    pub(crate) async fn join(patience: Duration) -> Result<Self, Failure> {
        let joining = connection::Builder::session()
            .method_timeout(patience)
            .build();
        match tokio::time::timeout(BRIEF, joining).await {
            Ok(Ok(connection)) => Ok(Self { connection }),
            Ok(Err(error)) => Err(Failure::no_bus(&plain(&error))),
            Err(_) => Err(Failure::no_bus(&tr!("it does not answer"))),
        }
    }

    /// Whether the service owns its name.
    pub(crate) async fn has_service(&self) -> Result<bool, Failure> {
        let bus = fdo::DBusProxy::builder(&self.connection)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        let name = BUS_NAME.try_into()?;
        Ok(bus.name_has_owner(name).await?)
    }

    /// All properties of one interface, as of one moment.
    pub(crate) async fn properties(&self, interface: &'static str) -> Result<Dict, Failure> {
        let proxy = fdo::PropertiesProxy::builder(&self.connection)
            .destination(BUS_NAME)
            .path(OBJECT_PATH)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        Ok(proxy
            .get_all(InterfaceName::from_static_str_unchecked(interface))
            .await?)
    }

    proxies! {
        mood: Mood1Proxy,
        camera: Camera1Proxy,
        policy: Policy1Proxy,
        music: Music1Proxy,
        service: Service1Proxy,
        spotify: Spotify1Proxy,
        library: Library1Proxy,
    }
}

/// The error without the address, which is long and says nothing to most people.
fn plain(error: &zbus::Error) -> String {
    match error {
        zbus::Error::InputOutput(error) | zbus::Error::Connection(error, _) => error.to_string(),
        other => other.to_string(),
    }
}
