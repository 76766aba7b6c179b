//! Signals and changed properties as they come, through the service's ends and beginnings.

use std::collections::HashMap;

use futures_util::{Stream, StreamExt, stream};
use moodlark_api::{BUS_NAME, OBJECT_PATH, Variant};
use serde_json::{Value, json};
use zbus::{MatchRule, Message, MessageStream, message::Type, wire::Structure};

use crate::{bus::Bus, clock::Clock, failure::Failure, json, show::Show, terminal};

/// What the arguments of a signal are called.
const ARGUMENTS: [(&str, &[&str]); 1] =
    [("Changed", &["label", "valence", "arousal", "confidence"])];

/// Prints what happens until Ctrl-C, or until nobody reads it. A service that is not running is waited for only
/// with `wait`; one that ends meanwhile always is.
pub(crate) async fn watch(bus: &Bus, wait: bool, as_json: bool) -> Result<(), Failure> {
    // First listen, then look, so that nothing falls in between.
    let mut events = listen(bus).await?;
    let running = bus.has_service().await?;
    if !running && !wait {
        return Err(Failure::not_running());
    }
    let mut known = Known {
        running,
        properties: HashMap::new(),
    };
    if !print(&service(running), as_json)? {
        return Ok(());
    }
    let mut interrupt = Box::pin(tokio::signal::ctrl_c());
    loop {
        let message = tokio::select! {
            biased;
            _ = &mut interrupt => return Ok(()),
            message = events.next() => message,
        };
        let message = message.ok_or_else(Failure::bus_lost)??;
        for event in of_message(&message) {
            if !known.is_news(&event) {
                continue;
            }
            if !print(&event, as_json)? {
                return Ok(());
            }
        }
    }
}

/// What was told already. A setter on the bus announces its property by itself, and the service does so again;
/// and what the first look found may be told by a signal too.
struct Known {
    running: bool,
    properties: HashMap<(String, String), Value>,
}

impl Known {
    /// Whether the event says something new; it is known from then on.
    fn is_news(&mut self, event: &Value) -> bool {
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        match event["event"].as_str() {
            Some("service") => {
                // Another run of the service, with other values.
                self.properties.clear();
                let running = event["running"] == true;
                std::mem::replace(&mut self.running, running) != running
            }
            Some("property") => {
                let value = event["value"].clone();
                self.properties
                    .insert((text("interface"), text("name")), value.clone())
                    != Some(value)
            }
            _ => true,
        }
    }
}

/// The service's signals, and the coming and going of its name, in their order.
async fn listen(bus: &Bus) -> Result<impl Stream<Item = zbus::Result<Message>> + Unpin, Failure> {
    let own = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(BUS_NAME)
        .path(OBJECT_PATH)
        .build()?;
    let name = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")
        .interface("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .add_arg(BUS_NAME)
        .build()?;
    let own = MessageStream::for_match_rule(own, &bus.connection, None).await?;
    let name = MessageStream::for_match_rule(name, &bus.connection, None).await?;
    // A stream ends with the connection: the end of one is the end of both.
    let end = || stream::once(async { None });
    let both = stream::select(own.map(Some).chain(end()), name.map(Some).chain(end()));
    Ok(Box::pin(
        both.take_while(|item| std::future::ready(item.is_some()))
            .filter_map(std::future::ready),
    ))
}

fn print(event: &Value, as_json: bool) -> Result<bool, Failure> {
    let text = if as_json {
        Some(format!("{event}\n"))
    } else {
        Show::now().event(event)
    };
    let Some(text) = text else { return Ok(true) };
    terminal::print(&text).map_err(|error| {
        Failure::new(
            "org.freedesktop.DBus.Error.IOError",
            format!("stdout: {error}"),
        )
    })
}

fn service(running: bool) -> Value {
    json!({ "at": Clock::now().millis(), "event": "service", "running": running })
}

/// A message as events: a changed property each, or one for a signal.
fn of_message(message: &Message) -> Vec<Value> {
    let header = message.header();
    let (Some(interface), Some(member)) = (header.interface(), header.member()) else {
        return Vec::new();
    };
    // Nobody else may speak for the service, but a broken one may say anything: what can't be read is passed over.
    let body = message.body();
    let fields = body.deserialize::<Structure<'_>>();
    let fields = fields.as_ref().map(Structure::fields).unwrap_or_default();
    match (interface.as_str(), member.as_str()) {
        ("org.freedesktop.DBus", "NameOwnerChanged") => {
            let running = matches!(fields.get(2), Some(Variant::Str(owner)) if !owner.is_empty());
            vec![service(running)]
        }
        ("org.freedesktop.DBus.Properties", "PropertiesChanged") => changed_properties(fields),
        (interface, name) => vec![json!({
            "at": Clock::now().millis(), "event": "signal", "interface": interface, "name": name, "args": arguments(name, fields),
        })],
    }
}

fn changed_properties(fields: &[Variant<'_>]) -> Vec<Value> {
    let [
        Variant::Str(interface),
        Variant::Dict(changed),
        Variant::Array(invalidated),
    ] = fields
    else {
        return Vec::new();
    };
    let event = |name: &str, value: Value| json!({ "at": Clock::now().millis(), "event": "property", "interface": interface.as_str(), "name": name, "value": value });
    let name_of = |name: &Variant<'_>| match name {
        Variant::Str(name) => Some(name.as_str().to_owned()),
        _ => None,
    };
    let changed = changed.iter().filter_map(|(name, value)| {
        let name = name_of(name)?;
        let (_, value) = json::entry(&name, value);
        Some(event(&name, value))
    });
    let invalidated = invalidated
        .inner()
        .iter()
        .filter_map(name_of)
        .map(|name| event(&name, Value::Null));
    changed.chain(invalidated).collect()
}

/// One dictionary is itself; arguments whose names are known are an object; others are a list.
fn arguments(signal: &str, fields: &[Variant<'_>]) -> Value {
    if let [only @ Variant::Dict(_)] = fields {
        return json::entry(signal, only).1;
    }
    let names = ARGUMENTS
        .iter()
        .find(|(name, _)| *name == signal)
        .map(|(_, names)| *names);
    match names {
        Some(names) if names.len() == fields.len() => Value::Object(
            names
                .iter()
                .zip(fields)
                .map(|(name, value)| json::entry(name, value))
                .collect(),
        ),
        _ => fields
            .iter()
            .map(|value| json::entry(signal, value).1)
            .collect(),
    }
}
