//! A fault of the tree as a sentence, with what was probably meant.

use std::collections::HashSet;

use moodlark_core::settings::Settings;
use toml::de::DeTable;

use crate::{
    problem::Problem,
    suggest::{list, nearest},
    tree::{self, Fault, FaultKind, Path, Step},
};

/// A fault as a sentence, with what was probably meant.
pub(crate) fn describe(text: &str, fault: &Fault) -> Problem {
    let mut key = tree::display(&fault.path);
    let last = match fault.path.last() {
        Some(Step::Key(key)) => key.as_str(),
        _ => "",
    };
    let (reason, suggestion) = match &fault.kind {
        FaultKind::UnknownKey { known } => {
            let what = if fault.path.len() == 1 {
                "section"
            } else {
                "option"
            };
            (
                format!("there is no such {what}"),
                Some(suggest_key(last, fault.path.len(), known)),
            )
        }
        FaultKind::UnknownVariant { found, known } => describe_variant(last, found, known),
        FaultKind::MissingKey(missing) => {
            key = format!("{key}.{missing}");
            (format!("`{missing}` is missing"), None)
        }
        FaultKind::WrongType { found, .. } if found == "unit variant" => (
            "this needs a value".into(),
            Some(format!("write {last} = {{ playlist = \"NAME\" }}")),
        ),
        FaultKind::WrongType { found, wanted } => {
            let reason = format!(
                "{} is wanted here, not {}",
                wanted_in_words(wanted),
                found_in_words(found)
            );
            let suggestion = example(&fault.path).or_else(|| {
                found
                    .contains("date or time")
                    .then(|| format!("put it in quotes, for example {last} = \"18:00\""))
            });
            (reason, suggestion)
        }
        FaultKind::Refused(reason) => (reason.clone(), None),
    };
    Problem::at(text, &fault.span, key, reason, suggestion)
}

fn suggest_key(written: &str, depth: usize, known: &[&'static str]) -> String {
    if let Some(near) = nearest(written, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    let elsewhere = sections()
        .into_iter()
        .find(|section| known_options(section).contains(&written));
    match elsewhere {
        Some(section) => format!("it belongs in [{section}]"),
        None if depth == 1 => format!("the sections are {}", list(known.iter().copied())),
        None => format!("the options here are {}", list(known.iter().copied())),
    }
}

fn describe_variant(option: &str, found: &str, known: &[&'static str]) -> (String, Option<String>) {
    // The bus and the command line write it like this.
    if let (true, Some(name)) = (known.contains(&"playlist"), found.strip_prefix("playlist:")) {
        let suggestion = format!(
            "write {option} = {{ playlist = {} }}",
            toml::Value::from(name.trim())
        );
        return (
            format!("`{found}` is not how a playlist is named here"),
            Some(suggestion),
        );
    }
    let names = known.iter().copied();
    let suggestion = nearest(found, names.clone()).map(|near| format!("did you mean `{near}`?"));
    (format!("`{found}` is none of {}", list(names)), suggestion)
}

fn wanted_in_words(wanted: &str) -> &str {
    match wanted {
        "a string" | "string or map" => "text in quotes",
        "a boolean" => "true or false",
        "f64" => "a number",
        "a sequence" => "a list",
        "an array of length 2" => "a list of two numbers",
        other if other.starts_with("struct ") || other == "a map" => "a table",
        other => other,
    }
}

fn found_in_words(found: &str) -> String {
    let plain = found.replace('`', "");
    match plain.split_once(' ') {
        Some(("integer", number)) => format!("the number {number}"),
        Some(("floating", rest)) => format!("the number {}", rest.trim_start_matches("point ")),
        Some(("boolean", flag)) => flag.to_owned(),
        Some(("string", text)) => format!("the text {text}"),
        _ if plain == "map" => "a table".into(),
        _ if plain == "sequence" => "a list".into(),
        _ => plain,
    }
}

/// How the option is written, from its default.
fn example(path: &Path) -> Option<String> {
    let defaults = toml::Value::try_from(Settings::default()).ok()?;
    let mut node = &defaults;
    for step in path {
        let Step::Key(key) = step else { return None };
        node = node.get(key)?;
    }
    let Some(Step::Key(key)) = path.last() else {
        return None;
    };
    (!node.is_table() && !node.is_array()).then(|| format!("write it like {key} = {node}"))
}

/// The names of the sections, from the settings themselves.
fn sections() -> Vec<&'static str> {
    known_at("\"\" = 0")
}

/// The options of a section, from the settings themselves.
fn known_options(section: &str) -> Vec<&'static str> {
    let single = known_at(&format!("[{section}]\n\"\" = 0"));
    if single.is_empty() {
        known_at(&format!("[[{section}]]\n\"\" = 0"))
    } else {
        single
    }
}

/// What serde would have accepted in place of the one unknown key in `text`.
fn known_at(text: &str) -> Vec<&'static str> {
    let (root, _) = DeTable::parse_recoverable(text);
    match tree::read::<Settings>(&root, &HashSet::new()) {
        Err(Fault {
            kind: FaultKind::UnknownKey { known },
            ..
        }) => known.to_vec(),
        _ => Vec::new(),
    }
}
