//! The Secret Service (`org.freedesktop.secrets`): gnome-keyring, KWallet, KeePassXC.
//!
//! Spoken by the bus connection that the service has anyway, over a plain session: the ready-made crates bring a
//! second D-Bus stack with them, and what they add, a cipher on the user's own bus, hides nothing from anybody who
//! could not simply ask for the secret. Nothing here ever prompts: a service that opens a dialog out of the
//! blue teaches its user to type passwords into dialogs.

use std::{collections::HashMap, time::Duration};

use futures_util::StreamExt;
use moodlark_catalogue::tr;
use tokio::time::timeout;
use zbus::{
    Connection, MatchRule, MessageStream,
    fdo::DBusProxy,
    message::Type,
    wire::{OwnedObjectPath, OwnedVariant, Variant},
};

const NAME: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// For one call; the first may have to start the keyring.
const ANSWERS_WITHIN: Duration = Duration::from_secs(4);
/// What the item is found by.
const ATTRIBUTES: [(&str, &str); 2] = [
    ("xdg:schema", "org.moodlark.Moodlark"),
    ("purpose", "spotify-sign-in"),
];
const LABEL: &str = "Moodlark: sign-in to Spotify";

/// The session, its parameters, the secret, its type: `(oayays)`.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// Why there is nothing to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// There is no keyring, or none to put anything into.
    None,
    /// It is locked.
    Locked,
    /// It does not do what it should.
    Failed(String),
}

impl From<zbus::Error> for Trouble {
    fn from(error: zbus::Error) -> Self {
        match &error {
            zbus::Error::MethodError(name, _, _) => match name.as_str() {
                "org.freedesktop.DBus.Error.ServiceUnknown"
                | "org.freedesktop.DBus.Error.NameHasNoOwner" => Self::None,
                "org.freedesktop.Secret.Error.IsLocked" => Self::Locked,
                _ => Self::Failed(error.to_string()),
            },
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// The user's keyring.
#[derive(Debug, Clone)]
pub(crate) struct Keyring {
    pub(crate) bus: Connection,
}

impl Keyring {
    async fn call<B, T>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<T, Trouble>
    where
        B: serde::Serialize + zbus::wire::DynamicType,
        T: for<'d> zbus::wire::DynamicDeserialize<'d>,
    {
        let asking = self
            .bus
            .call_method(Some(NAME), path, Some(interface), method, body);
        let reply = timeout(ANSWERS_WITHIN, asking)
            .await
            .map_err(|_| Trouble::Failed(tr!("the keyring does not answer")))??;
        reply.body().deserialize().map_err(Trouble::from)
    }

    /// Whether there is one at all, running or to be started.
    async fn is_there(&self) -> Result<bool, Trouble> {
        let asking = async {
            let bus = DBusProxy::new(&self.bus).await?;
            if bus.name_has_owner(NAME.try_into()?).await? {
                return Ok(true);
            }
            let names = bus.list_activatable_names().await?;
            Ok::<bool, zbus::Error>(names.iter().any(|name| name.as_str() == NAME))
        };
        match timeout(ANSWERS_WITHIN, asking).await {
            Ok(answer) => answer.map_err(Trouble::from),
            Err(_) => Err(Trouble::Failed(tr!("the session bus does not answer"))),
        }
    }

    async fn session(&self) -> Result<OwnedObjectPath, Trouble> {
        let input = Variant::from("");
        let (_, session): (OwnedVariant, OwnedObjectPath) = self
            .call(ROOT, SERVICE, "OpenSession", &("plain", input))
            .await?;
        Ok(session)
    }

    async fn close(&self, session: &OwnedObjectPath) {
        let closed: Result<(), _> = self
            .call(
                session.as_str(),
                "org.freedesktop.Secret.Session",
                "Close",
                &(),
            )
            .await;
        if let Err(why) = closed {
            tracing::debug!("the keyring's session could not be closed: {why:?}");
        }
    }

    /// The items that are ours: those that can be read, and those that are locked.
    async fn items(&self) -> Result<(Vec<OwnedObjectPath>, Vec<OwnedObjectPath>), Trouble> {
        let attributes: HashMap<&str, &str> = ATTRIBUTES.into();
        self.call(ROOT, SERVICE, "SearchItems", &(attributes,))
            .await
    }

    /// Whether what was not found is not there. GNOME's keyring names what it has locked away; KeePassXC shows
    /// nothing at all of a locked database.
    async fn shows_all(&self, locked: &[OwnedObjectPath]) -> Result<(), Trouble> {
        if locked.is_empty() {
            let collection = self.collection().await?;
            if !self.is_locked(&collection).await? {
                return Ok(());
            }
        }
        Err(Trouble::Locked)
    }

    /// The secret; `None` where none was put there.
    ///
    /// # Errors
    /// [`Trouble`]
    pub(crate) async fn read(&self) -> Result<Option<String>, Trouble> {
        if !self.is_there().await? {
            return Err(Trouble::None);
        }
        let (open, locked) = self.items().await?;
        let Some(item) = open.first() else {
            self.shows_all(&locked).await?;
            return Ok(None);
        };
        let session = self.session().await?;
        let answer: Result<(Secret,), _> = self
            .call(item.as_str(), ITEM, "GetSecret", &(&session,))
            .await;
        self.close(&session).await;
        let ((_, _, value, _),) = answer?;
        String::from_utf8(value)
            .map(Some)
            .map_err(|_| Trouble::Failed(tr!("what the keyring holds is no text")))
    }

    /// The collection that new secrets go into.
    async fn collection(&self) -> Result<OwnedObjectPath, Trouble> {
        let (path,): (OwnedObjectPath,) =
            self.call(ROOT, SERVICE, "ReadAlias", &("default",)).await?;
        // "No object": there is none, and making one would ask for a password.
        if path.as_str() == "/" {
            Err(Trouble::None)
        } else {
            Ok(path)
        }
    }

    async fn is_locked(&self, collection: &OwnedObjectPath) -> Result<bool, Trouble> {
        let (value,): (OwnedVariant,) = self
            .call(
                collection.as_str(),
                PROPERTIES,
                "Get",
                &(COLLECTION, "Locked"),
            )
            .await?;
        Ok(bool::try_from(value).unwrap_or(true))
    }

    /// Puts the secret there, in place of the last one.
    ///
    /// # Errors
    /// [`Trouble`]
    pub(crate) async fn write(&self, secret: &str) -> Result<(), Trouble> {
        if !self.is_there().await? {
            return Err(Trouble::None);
        }
        let collection = self.collection().await?;
        if self.is_locked(&collection).await? {
            return Err(Trouble::Locked);
        }
        let session = self.session().await?;
        let attributes: HashMap<&str, &str> = ATTRIBUTES.into();
        let label = format!("{ITEM}.Label");
        let described = format!("{ITEM}.Attributes");
        let properties: HashMap<&str, Variant<'_>> = HashMap::from([
            (label.as_str(), Variant::from(LABEL)),
            (described.as_str(), Variant::from(attributes)),
        ]);
        let value = (
            &session,
            Vec::<u8>::new(),
            secret.as_bytes(),
            "text/plain; charset=utf8",
        );
        let answer: Result<(OwnedObjectPath, OwnedObjectPath), _> = self
            .call(
                collection.as_str(),
                COLLECTION,
                "CreateItem",
                &(properties, value, true),
            )
            .await;
        self.close(&session).await;
        let (_, prompt) = answer?;
        // It wants to ask the user something: that is not ours to do.
        if prompt.as_str() == "/" {
            Ok(())
        } else {
            Err(Trouble::Locked)
        }
    }

    /// Takes out whatever is ours.
    ///
    /// # Errors
    /// [`Trouble::Locked`] if some of it cannot be; [`Trouble::None`] where there is no keyring now, and nobody can
    /// tell what it holds.
    pub(crate) async fn clear(&self) -> Result<(), Trouble> {
        if !self.is_there().await? {
            return Err(Trouble::None);
        }
        let (open, locked) = self.items().await?;
        let found = !open.is_empty();
        for item in open {
            let (prompt,): (OwnedObjectPath,) =
                self.call(item.as_str(), ITEM, "Delete", &()).await?;
            if prompt.as_str() != "/" {
                return Err(Trouble::Locked);
            }
        }
        if found && locked.is_empty() {
            return Ok(());
        }
        self.shows_all(&locked).await
    }

    /// Waits until the keyring that new secrets go into is open. Sleeps between the keyring's own signals.
    pub(crate) async fn unlocked(&self) {
        let mut signals = match self.signals().await {
            Ok(signals) => signals,
            Err(error) => {
                tracing::warn!("the keyring cannot be watched: {error}");
                return std::future::pending().await;
            }
        };
        loop {
            if let Ok(collection) = self.collection().await
                && self.is_locked(&collection).await == Ok(false)
            {
                return;
            }
            if signals.next().await.is_none() {
                return std::future::pending().await; // the bus is gone
            }
        }
    }

    async fn signals(&self) -> zbus::Result<MessageStream> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(NAME)
            .build()?;
        MessageStream::for_match_rule(rule, &self.bus, None).await
    }
}
