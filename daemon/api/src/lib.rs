//! Moodlark on the session bus: the names, and a proxy for each interface.
//!
//! # Talking to the service
//! The service owns [`BUS_NAME`] and serves one object, [`OBJECT_PATH`], with an interface a
//! concern: [`Mood1Proxy`], [`Camera1Proxy`], [`Policy1Proxy`], [`Music1Proxy`], [`Library1Proxy`], [`Spotify1Proxy`], [`Service1Proxy`].
//! Every property that changes is announced by `org.freedesktop.DBus.Properties.PropertiesChanged`.
//! Failures are named errors (see [`error`]) with a sentence that a person can act on.
//!
//! Times are `x`: milliseconds since the Unix epoch, UTC. `0` stands for "none".
//! Dictionaries (`a{sv}`) may gain keys within a version; readers pass over what they don't know.
//!
//! # Compatibility
//! Within a version (the digit at the end of an interface's name) changes are additive only.
#![forbid(unsafe_code)]

pub mod error;
mod proxies;

pub use proxies::{
    Camera1Proxy, Library1Proxy, Mood1Proxy, Music1Proxy, Policy1Proxy, Progress, Service1Proxy,
    SignInEnded, Spotify1Proxy,
};
pub use zbus::wire::{OwnedVariant, Variant};

/// A dictionary of named values, `a{sv}`.
pub type Dict = std::collections::HashMap<String, OwnedVariant>;

/// The well-known name of the service.
pub const BUS_NAME: &str = "org.moodlark.Moodlark";
/// The one object.
pub const OBJECT_PATH: &str = "/org/moodlark/Moodlark";
