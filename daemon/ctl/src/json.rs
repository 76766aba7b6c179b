//! What came from the bus as JSON: printed as it is with `--json`, rendered for people without.
//!
//! Names become snake_case (`NextSample` → `next_sample`, `took-ms` → `took_ms`). Text that holds JSON
//! becomes that JSON. What there is none of is `null`: empty text, and a time of 0. Otherwise values stay
//! as the bus documents them.

use moodlark_api::{Dict, Variant};
use serde_json::{Map, Value};

/// Times that are 0 when there is none.
const TIMES: [&str; 7] = [
    "at",
    "last",
    "since",
    "paused_until",
    "next_sample",
    "ends",
    "signing_in_until",
];
/// Text that holds JSON.
const DOCUMENTS: [&str; 3] = ["last_reading", "data", "baseline"];

/// A dictionary.
pub(crate) fn of_dict(dict: &Dict) -> Value {
    Value::Object(dict.iter().map(|(key, value)| entry(key, value)).collect())
}

/// A list of dictionaries.
pub(crate) fn of_dicts(dicts: &[Dict]) -> Value {
    dicts.iter().map(of_dict).collect()
}

/// A named value, with its name.
pub(crate) fn entry(name: &str, value: &Variant<'_>) -> (String, Value) {
    let name = snake(name);
    let value = tidy(&name, of_variant(value));
    (name, value)
}

/// A document that the service wrote; text that is none stays text.
pub(crate) fn of_document(text: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Null;
    }
    serde_json::from_str(text).map_or_else(|_| Value::from(text), tidy_all)
}

/// [`tidy`] at every depth of a document.
fn tidy_all(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .into_iter()
                .map(|(name, value)| {
                    let value = tidy(&name, tidy_all(value));
                    (name, value)
                })
                .collect(),
        ),
        Value::Array(items) => items.into_iter().map(tidy_all).collect(),
        value => value,
    }
}

fn tidy(name: &str, value: Value) -> Value {
    match value {
        Value::String(text) if DOCUMENTS.contains(&name) => of_document(&text),
        Value::String(text) if text.is_empty() => Value::Null,
        Value::Number(number) if TIMES.contains(&name) && number.as_i64() == Some(0) => Value::Null,
        // The last switch before the first.
        Value::Object(object) if object.is_empty() && name == "last_switch" => Value::Null,
        value => value,
    }
}

fn of_variant(value: &Variant<'_>) -> Value {
    match value {
        Variant::Bool(flag) => (*flag).into(),
        Variant::U8(number) => (*number).into(),
        Variant::I16(number) => (*number).into(),
        Variant::U16(number) => (*number).into(),
        Variant::I32(number) => (*number).into(),
        Variant::U32(number) => (*number).into(),
        Variant::I64(number) => (*number).into(),
        Variant::U64(number) => (*number).into(),
        // JSON knows no NaN: null.
        Variant::F64(number) => (*number).into(),
        Variant::Str(text) => text.as_str().into(),
        Variant::ObjectPath(path) => path.as_str().into(),
        Variant::Signature(signature) => signature.to_string().into(),
        Variant::Variant(inner) => of_variant(inner),
        Variant::Array(array) => array.inner().iter().map(of_variant).collect(),
        Variant::Structure(fields) => fields.fields().iter().map(of_variant).collect(),
        Variant::Dict(dict) => Value::Object(
            dict.iter()
                .map(|(key, value)| entry(&key_text(key), value))
                .collect(),
        ),
        Variant::Fd(_) => Value::Null,
    }
}

fn key_text(key: &Variant<'_>) -> String {
    match of_variant(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// `NextSample`, `took-ms` → `next_sample`, `took_ms`.
pub(crate) fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    let mut after_small = false;
    for c in name.chars() {
        match c {
            '-' | ' ' => text.push('_'),
            c if c.is_ascii_uppercase() => {
                if after_small {
                    text.push('_');
                }
                text.push(c.to_ascii_lowercase());
            }
            c => text.push(c),
        }
        after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    text
}

/// An object of the fields given.
pub(crate) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<_, _>>(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use moodlark_api::OwnedVariant;
    use serde_json::json;

    use super::*;

    fn dict<'a>(pairs: impl IntoIterator<Item = (&'a str, Variant<'a>)>) -> Dict {
        pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), OwnedVariant::try_from(value).unwrap()))
            .collect()
    }

    #[test]
    fn names_become_snake_case() {
        for (name, snaked) in [
            ("NextSample", "next_sample"),
            ("took-ms", "took_ms"),
            ("at", "at"),
            ("LastReading", "last_reading"),
            ("not-restored", "not_restored"),
        ] {
            assert_eq!(snake(name), snaked);
        }
    }

    #[test]
    fn what_there_is_none_of_is_null() {
        let none = dict([
            ("PausedUntil", 0_i64.into()),
            ("Blocked", "".into()),
            ("LastReading", "".into()),
            ("took-ms", 0_i64.into()),
        ]);
        assert_eq!(
            of_dict(&none),
            json!({ "paused_until": null, "blocked": null, "last_reading": null, "took_ms": 0 })
        );
        let empty: HashMap<String, OwnedVariant> = HashMap::new();
        assert_eq!(
            entry("LastSwitch", &empty.into()),
            ("last_switch".into(), Value::Null)
        );
    }

    #[test]
    fn documents_and_containers_are_nested() {
        let distribution = HashMap::from([("sad", 0.75), ("happy", 0.25)]);
        let all = dict([
            ("LastReading", r#"{"kind":"no_face"}"#.into()),
            ("Distribution", distribution.into()),
            ("routes", vec!["open-uri"].into()),
        ]);
        assert_eq!(
            of_dict(&all),
            json!({ "last_reading": { "kind": "no_face" }, "distribution": { "sad": 0.75, "happy": 0.25 }, "routes": ["open-uri"] })
        );
        assert_eq!(of_document("not json"), json!("not json"));
    }

    #[test]
    fn a_decision_before_the_first_has_no_time() {
        let explained = r#"{"at":0,"sentence":"","mood":{"since":0,"confidence":0}}"#;
        assert_eq!(
            of_document(explained),
            json!({ "at": null, "sentence": null, "mood": { "since": null, "confidence": 0 } })
        );
    }
}
