//! Reads a configuration file, guarded against what else may lie under its name.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use crate::{
    parse::{Checked, check},
    problem::{ConfigError, not_utf8},
};

/// The largest file that is read: a thousand times a long configuration.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// Reads and checks the file; a missing one is all defaults.
///
/// # Errors
/// [`ConfigError`], with the path in its sentence.
pub fn load(path: &Path) -> Result<Checked, ConfigError> {
    let text = read(path)?.unwrap_or_default();
    check(&text).map_err(|errors| ConfigError::Invalid {
        path: path.to_owned(),
        errors,
    })
}

/// The text of the file, or `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let failed = |source| ConfigError::Read {
        path: path.to_owned(),
        source,
    };
    // Looked at before it is opened: opening a pipe would wait for its writer.
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            return Err(ConfigError::NotAFile {
                path: path.to_owned(),
            });
        }
        Ok(found) if found.len() > MAX_BYTES => {
            return Err(ConfigError::TooLarge {
                path: path.to_owned(),
            });
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?,
        // An editor may take the file away for a moment while it saves.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ConfigError::TooLarge {
            path: path.to_owned(),
        });
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|error| not_utf8(path.to_owned(), error.as_bytes(), error.utf8_error()))
}

#[cfg(test)]
mod tests {
    use moodlark_core::settings::Settings;

    use super::*;

    #[test]
    fn a_missing_file_is_all_defaults() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            load(&folder.path().join("none.toml")).unwrap().settings,
            Settings::default()
        );
    }

    #[test]
    fn what_is_no_file_of_text_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            load(folder.path()),
            Err(ConfigError::NotAFile { .. })
        ));
        assert!(matches!(
            load(Path::new("/dev/zero")),
            Err(ConfigError::NotAFile { .. })
        ));
        let file = folder.path().join("config.toml");
        fs::write(&file, b"[camera]\n# caf\xe9\n").unwrap();
        let error = load(&file).unwrap_err();
        assert!(
            matches!(
                error,
                ConfigError::NotUtf8 {
                    line: 2,
                    column: 6,
                    ..
                }
            ),
            "{error}"
        );
        File::create(&file).unwrap().set_len(MAX_BYTES + 1).unwrap();
        assert!(matches!(load(&file), Err(ConfigError::TooLarge { .. })));
    }

    #[test]
    fn a_broken_file_is_told_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        fs::write(&file, "[camera]\nintervall = \"5m\"\n").unwrap();
        let error = load(&file).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&format!("{} is not right:\nline 2, ", file.display())),
            "{error}"
        );
        assert_eq!(error.summary().lines().count(), 1);
    }
}
