//! The shipped file is complete and current, and says what the defaults are.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use moodlark_config::{DEFAULT, check, parse};
use moodlark_core::settings::{Intent, Settings};

/// The shipped file with every option in force.
fn uncommented() -> String {
    // Words are `# text`, options are `#option = …` or `#[[list]]`.
    DEFAULT
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(option) if option.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => {
                option
            }
            _ => line,
        })
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn as_shipped_it_changes_nothing() {
    let checked = check(DEFAULT).unwrap();
    assert_eq!(checked.settings, Settings::default());
    assert!(checked.warnings.is_empty());
}

#[test]
fn with_every_option_in_force_it_says_the_defaults_and_the_examples() {
    let text = uncommented();
    let checked = check(&text).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(checked.warnings.is_empty(), "{:?}", checked.warnings);
    let mut settings = checked.settings;
    // Options whose default is "none" have an example; nothing else may differ from its default.
    assert!(settings.camera.pictures.take().is_some());
    assert!(settings.camera.interval_at_night.take().is_some());
    assert!(settings.gates.quiet_from.take().is_some());
    assert!(settings.gates.quiet_to.take().is_some());
    assert!(settings.player.pinned.take().is_some());
    assert!(settings.player.preferred.take().is_some());
    assert!(settings.mpd.music_directory.take().is_some());
    assert_eq!(std::mem::take(&mut settings.player.quirks).len(), 1);
    assert!(settings.spotify.client_id.take().is_some());
    assert_eq!(std::mem::take(&mut settings.library.folders).len(), 2);
    assert_eq!(std::mem::take(&mut settings.library.leave_out).len(), 2);
    let (playlists, rules) = (
        std::mem::take(&mut settings.playlists),
        std::mem::take(&mut settings.rules),
    );
    assert_eq!(settings, Settings::default());
    assert!(
        playlists
            .iter()
            .any(|playlist| playlist.uri.is_some() && playlist.affect.is_some())
    );
    assert!(
        playlists
            .iter()
            .any(|playlist| playlist.file.is_some() && playlist.mood.is_some())
    );
    assert!(
        rules
            .iter()
            .any(|rule| matches!(rule.intent, Intent::Playlist(_)))
    );
}

/// What an unknown key in `place` is told the known ones are, which comes from the settings themselves.
fn known(place: &str) -> Vec<String> {
    let key = "an-option-that-nobody-will-ever-have";
    let errors = parse(&place.replace("KEY", key)).unwrap_err();
    let told = errors
        .problems()
        .iter()
        .find(|problem| problem.key.ends_with(key))
        .unwrap();
    let suggestion = told.suggestion.clone().unwrap();
    let names: Vec<_> = suggestion
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert!(!names.is_empty(), "{suggestion}");
    names
}

#[test]
fn every_option_is_there_in_its_section() {
    let text = uncommented();
    let tree: toml::Table = text.parse().unwrap();
    let sections = known("KEY = 1");
    assert_eq!(sections.len(), tree.len(), "{sections:?}");
    for section in sections {
        let (options, found) = match &tree[&section] {
            toml::Value::Table(found) => (known(&format!("[{section}]\nKEY = 1")), vec![found]),
            list => {
                let entries = list
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|entry| entry.as_table().unwrap())
                    .collect();
                (
                    known(
                        &format!(
                            "[[{section}]]\nname = \"x\"\ndo = \"keep\"\nuri = \"a:b\"\nKEY = 1"
                        )
                        .replace(
                            if section == "rule" {
                                "uri = \"a:b\""
                            } else {
                                "do = \"keep\""
                            },
                            "",
                        ),
                    ),
                    entries,
                )
            }
        };
        for option in options {
            assert!(
                found.iter().any(|table| table.contains_key(&option)),
                "{section}.{option} is missing"
            );
        }
    }
    let rules = tree["rule"].as_array().unwrap();
    for criterion in known("[[rule]]\nname = \"x\"\ndo = \"keep\"\nwhen = { KEY = 1 }") {
        let shown = rules.iter().any(|rule| {
            rule.get("when")
                .is_some_and(|when| when.get(&criterion).is_some())
        });
        assert!(shown, "rule.when.{criterion} is missing");
    }
}

#[test]
fn every_option_has_its_words_and_its_default() {
    let mut words = String::new();
    for line in DEFAULT.lines() {
        match line.strip_prefix('#') {
            Some(option) if option.starts_with(|c: char| c.is_ascii_lowercase()) => {
                // Entries of lists are explained above the first of them.
                if !words.is_empty() {
                    assert!(
                        words.contains("Default: "),
                        "no default above `{option}`: {words}"
                    );
                }
                words.clear();
            }
            Some(text) if text.starts_with("[[") => words.clear(),
            Some(text) => words.push_str(text),
            None if line.starts_with('[') => words.clear(),
            None => {}
        }
    }
}

#[test]
fn no_line_is_wider_than_a_terminal_half() {
    for line in DEFAULT.lines() {
        assert!(line.chars().count() <= 110, "{line}");
    }
}
