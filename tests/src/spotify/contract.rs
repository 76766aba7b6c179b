//! Requests and answers held against the published OpenAPI document, where it is there.
//!
//! A reader of the part of the schema language that this document uses: types, null, required fields, choices,
//! ranges. The document is Spotify's and stays where it is; without it the check says so and passes.

use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Exchange;
use crate::rig;

const DOCUMENT: &str = "../shared/data/spotify-openapi/spotify-devmode-2026-rspotify.yml";

/// Read once; `None` where it isn't there.
fn document() -> Result<Option<&'static Value>> {
    static READ: OnceLock<Result<Option<Value>, String>> = OnceLock::new();
    let read = READ.get_or_init(|| {
        let Some(path) = rig::optional_data(DOCUMENT) else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        serde_norway::from_str(&text)
            .map(Some)
            .map_err(|error| error.to_string())
    });
    match read {
        Ok(document) => Ok(document.as_ref()),
        Err(why) => bail!("the published document cannot be read: {why}"),
    }
}

/// Whether the document is there.
///
/// # Errors
/// If it is, and cannot be read.
pub fn is_there() -> Result<bool> {
    Ok(document()?.is_some())
}

/// Holds all of them against the document. What was spoilt on purpose is held by its request alone; signing in is
/// not part of the document.
///
/// # Errors
/// Everything that differs.
pub fn check(exchanges: &[Exchange]) -> Result<()> {
    let Some(document) = document()? else {
        return Ok(());
    };
    let mut faults = Vec::new();
    for exchange in exchanges
        .iter()
        .filter(|exchange| exchange.request.path.starts_with("/v1/"))
    {
        if let Err(error) = check_one(document, exchange) {
            let (request, answer) = (&exchange.request, &exchange.answer);
            faults.push(format!(
                "{} {} → {}: {error:#}",
                request.method, request.path, answer.status
            ));
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    bail!("not as the schema has it:\n{}", faults.join("\n"))
}

fn check_one(document: &Value, exchange: &Exchange) -> Result<()> {
    let request = &exchange.request;
    let path = request.path.trim_start_matches("/v1");
    let (item, operation) = operation(document, path, &request.method.to_ascii_lowercase())
        .context("there is no such operation")?;
    let parameters: Vec<&Value> = [item, operation]
        .iter()
        .filter_map(|at| at["parameters"].as_array())
        .flatten()
        .map(|parameter| resolved(document, parameter))
        .collect();
    for (name, value) in &request.query {
        let known = parameters
            .iter()
            .find(|parameter| parameter["in"] == "query" && parameter["name"] == name.as_str());
        let schema = &known.with_context(|| format!("there is no parameter `{name}`"))?["schema"];
        // A query is text; its schema says what the text stands for.
        let typed = match resolved(document, schema)["type"].as_str() {
            Some("integer") => value
                .parse::<i64>()
                .map(Value::from)
                .context("no integer")?,
            Some("boolean") => value
                .parse::<bool>()
                .map(Value::from)
                .context("no boolean")?,
            Some("array") => value.split(',').map(Value::from).collect(),
            _ => Value::from(value.as_str()),
        };
        fits(document, schema, &typed).with_context(|| format!("parameter `{name}`"))?;
    }
    for parameter in parameters
        .iter()
        .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
    {
        let name = parameter["name"].as_str().unwrap_or_default();
        request
            .parameter(name)
            .with_context(|| format!("parameter `{name}` is missing"))?;
    }
    let wanted =
        &resolved(document, &operation["requestBody"])["content"]["application/json"]["schema"];
    if !request.body.is_empty() {
        let body: Value = serde_json::from_str(&request.body).context("the body is no JSON")?;
        if wanted.is_null() {
            bail!("no body is wanted");
        }
        fits(document, wanted, &body).context("the body")?;
    }
    let status = exchange.answer.status.to_string();
    let answer = &operation["responses"][&status];
    if exchange.spoilt {
        return Ok(());
    }
    if answer.is_null() {
        bail!("no such answer is described");
    }
    let schema = &resolved(document, answer)["content"]["application/json"]["schema"];
    if exchange.answer.body.is_empty() {
        if !schema.is_null() && exchange.answer.status < 300 && exchange.answer.status != 204 {
            bail!("the answer has no body");
        }
        return Ok(());
    }
    let body: Value =
        serde_json::from_str(&exchange.answer.body).context("the answer is no JSON")?;
    fits(document, schema, &body).context("the answer")
}

/// The path's item and the operation.
fn operation<'a>(document: &'a Value, path: &str, method: &str) -> Option<(&'a Value, &'a Value)> {
    let paths = document["paths"].as_object()?;
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let matches = |template: &str| {
        let wanted: Vec<&str> = template.trim_matches('/').split('/').collect();
        wanted.len() == parts.len()
            && wanted
                .iter()
                .zip(&parts)
                .all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
    };
    let (_, item) = paths.iter().find(|(template, _)| matches(template))?;
    let operation = item.get(method)?;
    Some((item, operation))
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"]
        .as_str()
        .and_then(|path| path.strip_prefix('#'))
    {
        Some(pointer) => document
            .pointer(pointer)
            .map_or(&Value::Null, |found| resolved(document, found)),
        None => value,
    }
}

/// Whether a value fits a schema.
fn fits(document: &Value, schema: &Value, value: &Value) -> Result<()> {
    let schema = resolved(document, schema);
    if value.is_null() && schema["nullable"] == true {
        return Ok(());
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fits(document, part, value)?;
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let failures: Vec<String> = choices
                .iter()
                .filter_map(|choice| fits(document, choice, value).err())
                .map(|error| format!("{error:#}"))
                .collect();
            if failures.len() == choices.len() {
                bail!("{choice}: {}", failures.join(" / "));
            }
        }
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(value)
    {
        bail!("{value} is none of {values:?}");
    }
    let is = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    if !is {
        bail!("{} is wanted, not {value}", schema["type"]);
    }
    if let Some(number) = value.as_f64()
        && (schema["minimum"]
            .as_f64()
            .is_some_and(|least| number < least)
            || schema["maximum"].as_f64().is_some_and(|most| number > most))
    {
        bail!("{number} is out of range");
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !object.contains_key(name) {
                bail!("`{name}` is missing");
            }
        }
        if schema["maxProperties"]
            .as_u64()
            .is_some_and(|most| object.len() as u64 > most)
        {
            bail!("more fields than are wanted");
        }
        for (name, field) in object {
            if let Some(of_field) = schema["properties"].get(name) {
                fits(document, of_field, field).with_context(|| format!("`{name}`"))?;
            }
        }
    }
    if let Some(items) = value.as_array().filter(|_| !schema["items"].is_null()) {
        for (n, item) in items.iter().enumerate() {
            fits(document, &schema["items"], item).with_context(|| format!("item {n}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_reader_of_schemas_finds_faults() {
        let document = json!({ "components": { "schemas": { "D": {
            "type": "object", "required": ["id"],
            "properties": {
                "id": { "type": "string", "nullable": true },
                "n": { "type": "integer", "minimum": 0, "maximum": 10 },
                "k": { "anyOf": [{ "type": "string", "enum": ["a"] }, { "nullable": true, "enum": [null] }] },
            },
        } } } });
        let schema = json!({ "type": "array", "items": { "$ref": "#/components/schemas/D" } });
        let good = |value: Value| fits(&document, &schema, &value).is_ok();
        assert!(good(
            json!([{ "id": null, "n": 3, "k": null, "more": 1 }, { "id": "x", "k": "a" }])
        ));
        for bad in [
            json!({}),
            json!([{}]),
            json!([{ "id": 1 }]),
            json!([{ "id": "", "n": 11 }]),
            json!([{ "id": "", "k": "b" }]),
            json!([{ "id": "", "n": 1.5 }]),
        ] {
            assert!(!good(bad.clone()), "{bad}");
        }
    }
}
