//! Whether the desktop asks for a dark colour scheme: `org.freedesktop.portal.Settings`.

use std::collections::HashMap;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use tokio::sync::watch;
use zbus::{
    Connection, MatchRule, MessageStream,
    message::Type,
    proxy,
    proxy::CacheProperties,
    wire::{OwnedVariant, Variant},
};

use crate::bus::BRIEF;

const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";

#[proxy(
    interface = "org.freedesktop.portal.Settings",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop"
)]
trait Settings {
    fn read_all(
        &self,
        namespaces: &[&str],
    ) -> zbus::Result<HashMap<String, HashMap<String, OwnedVariant>>>;
}

/// Keeps `dark` up to date; it stays `None` on a desktop without a portal, or without a preference.
///
/// # Errors
/// Only when the bus is gone.
pub(crate) async fn watch(bus: Connection, dark: watch::Sender<Option<bool>>) -> Result<()> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .interface("org.freedesktop.portal.Settings")
        .member("SettingChanged")
        .add_arg(NAMESPACE)
        .build()?;
    let mut changes = MessageStream::for_match_rule(rule, &bus, None).await?;
    dark.send_replace(ask(&bus).await);
    loop {
        let change = changes.next().await.context("the session bus is gone")??;
        let body = change.body();
        if let Ok((_, key, value)) = body.deserialize::<(String, String, OwnedVariant)>()
            && key == KEY
        {
            dark.send_replace(is_dark(&value));
        }
    }
}

async fn ask(bus: &Connection) -> Option<bool> {
    let asking = async {
        let proxy = SettingsProxy::builder(bus)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        proxy.read_all(&[NAMESPACE]).await
    };
    match tokio::time::timeout(BRIEF, asking).await {
        Ok(Ok(all)) => is_dark(all.get(NAMESPACE)?.get(KEY)?),
        Ok(Err(error)) => {
            tracing::debug!("the desktop does not say which colour scheme it wants: {error}");
            None
        }
        Err(_) => None,
    }
}

/// 1 is dark, 2 is light, 0 is whatever pleases.
fn is_dark(value: &Variant<'_>) -> Option<bool> {
    match value {
        Variant::U32(1) => Some(true),
        Variant::U32(2) => Some(false),
        Variant::Variant(inner) => is_dark(inner),
        _ => None,
    }
}
