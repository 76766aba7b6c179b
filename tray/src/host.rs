//! Whether the desktop has somebody who shows icons: `org.kde.StatusNotifierWatcher`.

use anyhow::{Context, Result};
use futures_util::StreamExt;
use tokio::sync::watch;
use zbus::{
    Connection, MatchRule, MessageStream, fdo, message::Type, names::OwnedUniqueName,
    proxy::CacheProperties, wire::Variant,
};

use crate::bus::{self, BRIEF};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const PATH: &str = "/StatusNotifierWatcher";

/// Keeps `there` up to date.
///
/// # Errors
/// Only when the bus is gone.
pub(crate) async fn watch(bus: Connection, there: watch::Sender<Option<bool>>) -> Result<()> {
    let mut owners = bus::Owners::of(&bus, WATCHER).await?;
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(WATCHER)
        .path(PATH)
        .build()?;
    let mut signals = MessageStream::for_match_rule(rule, &bus, None).await?;
    let mut owner = bus::owner(&bus, WATCHER).await?;
    loop {
        let shows = match &owner {
            Some(owner) => has_host(&bus, owner).await,
            None => false,
        };
        there.send_if_modified(|there| there.replace(shows) != Some(shows));
        tokio::select! {
            next = owners.next() => owner = next?,
            // A host came or went; items do too, and cost a question.
            signal = signals.next() => { signal.context("the session bus is gone")??; }
        }
    }
}

/// Whether the watcher has a panel to show icons in: some are a service of their own. One that does not
/// say is believed to.
async fn has_host(bus: &Connection, watcher: &OwnedUniqueName) -> bool {
    let asking = async {
        let proxy = fdo::PropertiesProxy::builder(bus)
            .destination(watcher.clone())
            .path(PATH)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        proxy
            .get(WATCHER.try_into()?, "IsStatusNotifierHostRegistered")
            .await
    };
    match tokio::time::timeout(BRIEF, asking).await {
        Ok(Ok(value)) => !matches!(*value, Variant::Bool(false)),
        Ok(Err(error)) => {
            tracing::debug!("the tray's watcher does not say whether it has a host: {error}");
            true
        }
        Err(_) => true,
    }
}
