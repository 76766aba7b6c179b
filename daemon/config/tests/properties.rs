//! Whatever the bytes: no panic, no lost file, and an edit changes one option alone.

use std::fs;

use moodlark_config::{DEFAULT, load, parse, set_camera_enabled};
use proptest::prelude::*;

/// Pieces of real configurations, so that random files get past the first line.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "[camera]",
        "[mood]",
        "[[rule]]",
        "[[playlist]]",
        "camera",
        "enabled",
        "interval",
        "name",
        "do",
        "when",
        "=",
        "\"5m\"",
        "true",
        "false",
        "0.5",
        "{",
        "}",
        "[",
        "]",
        "\n",
        " ",
        "#",
        ".",
        ",",
        "\"",
        "'''",
        "uri",
        "\"a:b\"",
        "\"keep\"",
        "nan",
        "1e400",
        "18:00",
        "-",
        "\r\n",
        "é",
        "\u{feff}",
    ];
    prop_oneof![8 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => ".{0,5}"]
}

/// Configurations that are right, written in many ways.
fn sound() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("# a word about it".to_owned()),
        Just(String::new()),
        Just("  # enabled = maybe".to_owned()),
        Just("#enabled = false".to_owned()),
    ];
    let words = proptest::collection::vec(line, 0..3).prop_map(|lines| {
        lines
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    });
    let camera = prop_oneof![
        Just(String::new()),
        Just("[camera]\n".to_owned()),
        Just("[camera] # mine\ninterval = \"7m\"\n".to_owned()),
        Just("[ camera ]\nenabled = true # yes\n".to_owned()),
        Just("[camera]\n#enabled = false\nenabled=false\ndevice = 'x'\n".to_owned()),
    ];
    let other = prop_oneof![
        Just("[mood]\nshows = 0.4 # often\n".to_owned()),
        Just("[history]\nretention = \"30days\"\n".to_owned()),
        Just("[player]\nignore = [\n  'vlc', # no\n]\n".to_owned()),
    ];
    (
        words.clone(),
        camera,
        words.clone(),
        proptest::option::of(other),
        words,
        any::<bool>(),
    )
        .prop_map(|(a, camera, b, other, c, crlf)| {
            let text = format!("{a}{}{b}{camera}{c}", other.unwrap_or_default());
            if crlf {
                text.replace('\n', "\r\n")
            } else {
                text
            }
        })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_places(pieces in proptest::collection::vec(piece(), 0..60)) {
        let text = pieces.concat();
        if let Err(errors) = parse(&text) {
            prop_assert!(!errors.problems().is_empty() && errors.problems().len() <= 20);
            for problem in errors.problems() {
                prop_assert!(problem.line >= 1 && problem.column >= 1);
                prop_assert!(problem.line <= text.matches('\n').count() + 1, "{}", problem);
                prop_assert!(!problem.reason.is_empty());
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_and_never_lost(bytes in proptest::collection::vec(any::<u8>(), 0..200), on in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        fs::write(&file, &bytes).unwrap();
        let sound = load(&file).is_ok();
        let edit = set_camera_enabled(&file, on);
        prop_assert_eq!(sound, edit.is_ok());
        if !sound {
            prop_assert_eq!(fs::read(&file).unwrap(), bytes);
        }
    }

    #[test]
    fn an_edit_changes_one_option_and_no_other_byte(text in sound(), on in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        fs::write(&file, &text).unwrap();
        let mut before = parse(&text).unwrap();
        set_camera_enabled(&file, on).unwrap();
        let edited = fs::read_to_string(&file).unwrap();
        before.camera.enabled = on;
        prop_assert_eq!(parse(&edited).unwrap(), before);
        // Every line but the option's own is there still, byte for byte and in its order.
        let own = |line: &&str| line.starts_with("enabled") || line.trim() == "[camera]" || line.trim().is_empty();
        let kept: Vec<_> = text.split('\n').filter(|line| !own(line)).collect();
        let now: Vec<_> = edited.split('\n').filter(|line| !own(line)).collect();
        prop_assert_eq!(kept, now);
        let (bytes, more) = (text.len(), edited.len());
        prop_assert!(more <= bytes + "\r\n[camera]\r\nenabled = false\r\n".len() && bytes <= more + 1);
        // A second time there is nothing to do.
        set_camera_enabled(&file, on).unwrap();
        prop_assert_eq!(fs::read_to_string(&file).unwrap(), edited);
    }

    #[test]
    fn the_shipped_file_survives_being_switched(turns in proptest::collection::vec(any::<bool>(), 1..5)) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        for on in &turns {
            set_camera_enabled(&file, *on).unwrap();
            prop_assert_eq!(load(&file).unwrap().settings.camera.enabled, *on);
        }
        let edited = fs::read_to_string(&file).unwrap();
        let line = format!("enabled = {}\n", turns[turns.len() - 1]);
        prop_assert_eq!(edited.replacen(&format!("\n{line}"), "\n", 1), DEFAULT);
    }
}
