//! A menu on the bus (`com.canonical.dbusmenu`), read and clicked as a panel does.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use zbus::{
    Connection, proxy,
    proxy::CacheProperties,
    wire::{OwnedVariant, Variant},
};

/// A node: id, properties, children.
type Node = (i32, HashMap<String, OwnedVariant>, Vec<OwnedVariant>);

#[proxy(interface = "com.canonical.dbusmenu", default_path = "/MenuBar")]
trait DbusMenu {
    fn get_layout(&self, parent: i32, depth: i32, properties: &[&str])
    -> zbus::Result<(u32, Node)>;
    fn event(&self, id: i32, event: &str, data: Variant<'_>, timestamp: u32) -> zbus::Result<()>;
}

/// An entry as a user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, for now.
    pub id: i32,
    /// The way to it: `I feel …/Sad`.
    pub path: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// Whether it has a tick.
    pub ticked: bool,
}

/// The menu of an icon.
#[derive(Debug)]
pub struct Menu {
    proxy: DbusMenuProxy<'static>,
}

impl Menu {
    /// The menu that this bus name serves at this path.
    ///
    /// # Errors
    /// The bus's.
    pub async fn of(bus: &Connection, name: String, path: String) -> Result<Self> {
        let proxy = DbusMenuProxy::builder(bus)
            .destination(name)
            .path(path)
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        Ok(Self { proxy })
    }

    /// All entries at every depth, separators aside.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn entries(&self) -> Result<Vec<Entry>> {
        let (_, (_, _, children)) = self.proxy.get_layout(0, -1, &[]).await?;
        let mut entries = Vec::new();
        for child in &children {
            collect(child, "", &mut entries)?;
        }
        Ok(entries)
    }

    /// The entry of that path.
    ///
    /// # Errors
    /// If there is none.
    pub async fn entry(&self, path: &str) -> Result<Entry> {
        let entries = self.entries().await?;
        match entries.iter().find(|entry| entry.path == path) {
            Some(entry) => Ok(entry.clone()),
            None => bail!("no {path:?} in {entries:#?}"),
        }
    }

    /// Chooses the entry of that path, as a click does.
    ///
    /// # Errors
    /// If there is none, or it cannot be chosen.
    pub async fn choose(&self, path: &str) -> Result<()> {
        let entry = self.entry(path).await?;
        anyhow::ensure!(entry.enabled, "{path:?} cannot be chosen now");
        let data = Variant::from("");
        Ok(self.proxy.event(entry.id, "clicked", data, 0).await?)
    }
}

fn collect(node: &Variant<'_>, above: &str, entries: &mut Vec<Entry>) -> Result<()> {
    let (id, properties, children) = match node {
        Variant::Variant(inner) => return collect(inner, above, entries),
        Variant::Structure(fields) => match fields.fields() {
            [
                Variant::I32(id),
                Variant::Dict(properties),
                Variant::Array(children),
            ] => (*id, properties, children),
            other => bail!("no node of a menu: {other:?}"),
        },
        other => bail!("no node of a menu: {other:?}"),
    };
    let property = |name: &str| {
        properties
            .iter()
            .find(|(key, _)| matches!(key, Variant::Str(key) if key.as_str() == name))
            .map(|(_, value)| match value {
                Variant::Variant(inner) => inner,
                value => value,
            })
    };
    if let Some(Variant::Str(kind)) = property("type")
        && kind.as_str() == "separator"
    {
        return Ok(());
    }
    let Some(Variant::Str(label)) = property("label") else {
        return Err(anyhow::anyhow!("an entry without words")).context(format!("{properties:?}"));
    };
    // A single underscore marks the letter to press, two are one.
    let label = label.as_str().replace("__", "\0").replace('_', "");
    let path = format!("{above}{}", label.replace('\0', "_"));
    for child in children.inner() {
        collect(child, &format!("{path}/"), entries)?;
    }
    entries.push(Entry {
        id,
        path,
        enabled: !matches!(property("enabled"), Some(Variant::Bool(false))),
        ticked: matches!(property("toggle-state"), Some(Variant::I32(1))),
    });
    Ok(())
}
