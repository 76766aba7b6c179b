//! Changes one option of the file in place: comments, order and everything else stay as they are.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::{
    file,
    parse::parse,
    problem::{ConfigError, ConfigErrors, Problem},
};

/// A value that an option can be set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal<'a> {
    /// True or false.
    Flag(bool),
    /// Text.
    Text(&'a str),
}

impl std::fmt::Display for Literal<'_> {
    /// As TOML writes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(value) => write!(f, "{value}"),
            Self::Text(text) => write!(f, "{}", toml::Value::from(*text)),
        }
    }
}

/// Says yes or no to the camera, for good: writes `camera.enabled`.
///
/// The file is made from [`crate::DEFAULT`] if there is none, with mode 0600 in a folder of mode 0700; one that
/// is there keeps its mode, and a link keeps pointing where it points. The file is replaced whole, so
/// that at no moment half of it is there. One that already says so is left alone.
///
/// # Errors
/// [`ConfigError::Invalid`] and the other errors of [`crate::load`] if the file that is there is broken: it is
/// left as it is. [`ConfigError::Write`] and [`ConfigError::Changed`].
pub fn set_camera_enabled(path: &Path, enabled: bool) -> Result<(), ConfigError> {
    set_option(path, "camera", "enabled", Literal::Flag(enabled))
}

/// As [`set_camera_enabled`], for any option: `section.option`.
///
/// # Errors
/// As [`set_camera_enabled`]; [`ConfigError::Invalid`] too if there is no such option, or it takes no such value.
pub fn set_option(
    path: &Path,
    section: &str,
    option: &str,
    value: Literal<'_>,
) -> Result<(), ConfigError> {
    file::change(path, |text| edited(text, section, option, value))
}

/// Puts an entry, for example a `[[playlist]]`, at the end of the file.
///
/// # Errors
/// As [`set_camera_enabled`]; [`ConfigError::Invalid`] too if the file would be wrong with it, for example because
/// there is a playlist of that name.
pub fn append(path: &Path, entry: &str) -> Result<(), ConfigError> {
    file::change(path, |text| {
        parse(text)?;
        let gap = match text {
            "" => "",
            text if text.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let result = format!("{text}{gap}{}\n", entry.trim_end());
        parse(&result)?;
        Ok(result)
    })
}

/// The text with `section.option` set to `value`.
fn edited(
    text: &str,
    section: &str,
    option: &str,
    value: Literal<'_>,
) -> Result<String, ConfigErrors> {
    parse(text)?;
    let result = match place(text, section, option) {
        Place::Value(span) => format!("{}{value}{}", &text[..span.start], &text[span.end..]),
        Place::NewLine(at) => {
            let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
            // The last line of a file may lack its end.
            let before = if at == 0 || text[..at].ends_with('\n') {
                ""
            } else {
                ending
            };
            format!(
                "{}{before}{option} = {value}{ending}{}",
                &text[..at],
                &text[at..]
            )
        }
        Place::NewSection => {
            let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
            let before = match text {
                "" | "\u{feff}" => "",
                text if text.ends_with('\n') => ending,
                _ => &ending.repeat(2),
            };
            format!("{text}{before}[{section}]{ending}{option} = {value}{ending}")
        }
        Place::Elsewhere => through_toml_edit(text, section, option, value),
    };
    // Whatever the way, what is written must be right and say what was asked.
    parse(&result)?;
    if says(&result, section, option, value) {
        Ok(result)
    } else {
        let reason =
            format!("{section}.{option} could not be changed here; please edit the file by hand");
        Err(ConfigErrors::new(vec![Problem {
            line: 1,
            column: 1,
            key: format!("{section}.{option}"),
            reason,
            suggestion: None,
        }]))
    }
}

/// Where an option is, or should go.
enum Place {
    /// Its value is here.
    Value(std::ops::Range<usize>),
    /// Its section is there: a new line goes here.
    NewLine(usize),
    /// There is no such section.
    NewSection,
    /// The section is written in a way that has no line of its own for an option.
    Elsewhere,
}

fn place(text: &str, section: &str, option: &str) -> Place {
    let (root, _) = DeTable::parse_recoverable(text);
    let Some(table) = root.get_ref().get(section) else {
        return Place::NewSection;
    };
    if let Some(value) = table.get_ref().get(option) {
        return Place::Value(value.span());
    }
    let header = table.span();
    let is_header = text
        .get(header.clone())
        .is_some_and(|header| header.starts_with('[') && header.ends_with(']'));
    if !is_header {
        return Place::Elsewhere;
    }
    let after_line = |offset: usize| {
        text[offset..]
            .find('\n')
            .map_or(text.len(), |newline| offset + newline + 1)
    };
    let body = after_line(header.end);
    // Best right below the commented line that the shipped file has for it.
    let mut at = body;
    while at < text.len() {
        let end = after_line(at);
        let line = text[at..end].trim();
        let commented = line
            .strip_prefix('#')
            .and_then(|line| line.strip_prefix(option))
            .map(str::trim_start);
        if commented.is_some_and(|rest| rest.starts_with('=')) {
            return Place::NewLine(end);
        }
        if !(line.is_empty() || line.starts_with('#')) {
            break;
        }
        at = end;
    }
    Place::NewLine(body)
}

/// For dotted keys and inline tables.
fn through_toml_edit(text: &str, section: &str, option: &str, value: Literal<'_>) -> String {
    let value = match value {
        Literal::Flag(value) => toml_edit::value(value),
        Literal::Text(text) => toml_edit::value(text),
    };
    match text.parse::<toml_edit::DocumentMut>() {
        Ok(mut document) => {
            if let Some(table) = document
                .get_mut(section)
                .and_then(toml_edit::Item::as_table_like_mut)
            {
                table.insert(option, value);
            }
            document.to_string()
        }
        Err(_) => text.to_owned(),
    }
}

/// Whether the text gives the option this value.
fn says(text: &str, section: &str, option: &str, value: Literal<'_>) -> bool {
    let (root, _) = DeTable::parse_recoverable(text);
    let found = root
        .get_ref()
        .get(section)
        .and_then(|table| table.get_ref().get(option));
    match (found.map(toml::Spanned::get_ref), value) {
        (Some(DeValue::Boolean(found)), Literal::Flag(value)) => *found == value,
        (Some(DeValue::String(found)), Literal::Text(text)) => found == text,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;
    use crate::{DEFAULT, make_file};

    fn set(text: &str, value: bool) -> String {
        edited(text, "camera", "enabled", Literal::Flag(value)).unwrap()
    }

    #[test]
    fn text_is_written_as_toml_writes_it() {
        let text = "[camera]\ndevice = \"auto\" # mine\n";
        let set = |value| edited(text, "camera", "device", Literal::Text(value)).unwrap();
        assert_eq!(set("1bcf:2c99"), text.replace("auto", "1bcf:2c99"));
        for odd in ["a \"quoted\" \\ name", "Kamera für alle", "it's"] {
            assert_eq!(parse(&set(odd)).unwrap().camera.device, odd);
        }
        assert!(edited(text, "camera", "enabled", Literal::Text("yes")).is_err());
    }

    #[test]
    fn an_entry_goes_to_the_end_unless_it_makes_the_file_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let sunny =
            "[[playlist]]\nname = \"Sunny\"\nuri = \"spotify:playlist:abc\"\nmood = \"happy\"\n";
        append(&path, sunny).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, format!("{DEFAULT}\n{sunny}"));
        assert!(
            matches!(append(&path, sunny), Err(ConfigError::Invalid { .. })),
            "twice"
        );
        assert!(append(&path, "[[playlist]]\nnmae = 1").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn the_value_alone_changes() {
        let text = "# mine\r\n[camera] # here\r\nenabled   =  false # not yet\r\n\tinterval='5m'\r\n[mood]\r\n";
        assert_eq!(set(text, true), text.replace("false", "true"));
        assert_eq!(set("camera.enabled = false", true), "camera.enabled = true");
        assert_eq!(
            set("camera = { enabled = false }", true),
            "camera = { enabled = true }"
        );
    }

    #[test]
    fn a_new_line_goes_below_the_commented_one() {
        let after = set(DEFAULT, true);
        assert_eq!(
            after,
            DEFAULT.replacen(
                "#enabled = false\n",
                "#enabled = false\nenabled = true\n",
                1
            )
        );
        assert_eq!(
            set("[camera]\n# words\n\n#enabled = false", true),
            "[camera]\n# words\n\n#enabled = false\nenabled = true\n"
        );
    }

    #[test]
    fn a_new_line_goes_below_the_header_without_one() {
        assert_eq!(
            set("[camera]\ninterval = \"5m\"\n#enabled = x\n", true),
            "[camera]\nenabled = true\ninterval = \"5m\"\n#enabled = x\n"
        );
        assert_eq!(set("[camera]", true), "[camera]\nenabled = true\n");
    }

    #[test]
    fn a_new_section_goes_to_the_end() {
        assert_eq!(set("", true), "[camera]\nenabled = true\n");
        assert_eq!(
            set("[mood]\r\nshows = 0.5\r\n", true),
            "[mood]\r\nshows = 0.5\r\n\r\n[camera]\r\nenabled = true\r\n"
        );
        assert_eq!(set("[mood]", true), "[mood]\n\n[camera]\nenabled = true\n");
        let multi = "[[playlist]]\nname = '[camera]'\nuri = \"\"\"a:\\\n[camera]\"\"\"\n";
        assert!(parse(multi).is_ok());
        assert_eq!(
            set(multi, true),
            format!("{multi}\n[camera]\nenabled = true\n")
        );
    }

    #[test]
    fn other_ways_of_writing_the_section_work_too() {
        for text in [
            "camera.interval = \"5m\"\n[mood]\n",
            "camera = { interval = \"5m\" } # mine\n",
            "[ camera ]\n",
            "[\"camera\"]\n",
        ] {
            let after = set(text, true);
            assert!(parse(&after).unwrap().camera.enabled, "{after}");
            assert!(after.contains("# mine") == text.contains("# mine"));
        }
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert!(edited("", "camera", "enabeld", Literal::Flag(true)).is_err());
        assert!(edited("", "camera", "device", Literal::Flag(true)).is_err());
    }

    #[test]
    fn a_missing_file_is_made_from_the_shipped_one_for_the_user_alone() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a/moodlark/config.toml");
        set_camera_enabled(&file, true).unwrap();
        assert!(crate::load(&file).unwrap().settings.camera.enabled);
        assert!(
            fs::read_to_string(&file)
                .unwrap()
                .starts_with("# Moodlark's configuration")
        );
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        let listed: Vec<_> = fs::read_dir(file.parent().unwrap()).unwrap().collect();
        assert_eq!(
            listed.len(),
            1,
            "a temporary file stayed behind: {listed:?}"
        );
    }

    #[test]
    fn a_file_to_edit_is_made_once_and_what_is_there_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("moodlark/config.toml");
        make_file(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), DEFAULT);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::write(&path, "[broken").unwrap();
        make_file(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "[broken");
    }

    #[test]
    fn a_link_stays_a_link_and_the_mode_stays() {
        let root = tempfile::tempdir().unwrap();
        let real = root.path().join("dotfiles/moodlark.toml");
        fs::create_dir(real.parent().unwrap()).unwrap();
        fs::write(&real, "[camera]\nenabled = false\n").unwrap();
        fs::set_permissions(&real, Permissions::from_mode(0o640)).unwrap();
        let link = root.path().join("config.toml");
        symlink("dotfiles/moodlark.toml", &link).unwrap();
        set_camera_enabled(&link, true).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            fs::read_to_string(&real).unwrap(),
            "[camera]\nenabled = true\n"
        );
        assert_eq!(
            fs::metadata(&real).unwrap().permissions().mode() & 0o777,
            0o640
        );
    }

    #[test]
    fn a_link_to_nothing_gets_its_target() {
        let root = tempfile::tempdir().unwrap();
        let link = root.path().join("config.toml");
        symlink("later.toml", &link).unwrap();
        set_camera_enabled(&link, true).unwrap();
        assert!(root.path().join("later.toml").is_file());
        symlink("b", root.path().join("a")).unwrap();
        symlink("a", root.path().join("b")).unwrap();
        assert!(set_camera_enabled(&root.path().join("a"), true).is_err());
    }

    #[test]
    fn a_broken_file_is_left_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("config.toml");
        for broken in [
            &b"[camera\nenabled = false"[..],
            b"[camera]\nenabeld = false\n",
            b"\xff\xfe",
        ] {
            fs::write(&file, broken).unwrap();
            set_camera_enabled(&file, true).unwrap_err();
            assert_eq!(fs::read(&file).unwrap(), broken);
        }
    }

    #[test]
    fn a_file_that_says_so_already_is_not_written() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("config.toml");
        fs::write(&file, "[camera]\nenabled = true\n").unwrap();
        let written = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        let before = written(&file);
        set_camera_enabled(&file, true).unwrap();
        assert_eq!(before, written(&file));
    }
}
