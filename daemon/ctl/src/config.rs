//! The configuration file, without the service.

use std::path::PathBuf;

use moodlark_catalogue::tr;
use moodlark_config::{ConfigError, Problem};
use serde_json::{Value, json};

use crate::{args::ConfigCommand, failure::Failure, show::clean};

/// What a command has to say: to programs, and to people.
pub(crate) struct Told {
    pub(crate) json: Value,
    pub(crate) text: String,
    /// For stderr: what was done and deserves a word.
    pub(crate) warning: String,
}

/// Carries the command out.
pub(crate) fn run(command: &ConfigCommand) -> Result<Told, Failure> {
    match command {
        ConfigCommand::Path => {
            let path = path()?;
            Ok(Told {
                json: json!({ "path": path.to_string_lossy() }),
                text: format!("{}\n", path.display()),
                warning: String::new(),
            })
        }
        ConfigCommand::Default => {
            let text = moodlark_config::DEFAULT;
            Ok(Told {
                json: json!({ "default": text }),
                text: text.to_owned(),
                warning: String::new(),
            })
        }
        ConfigCommand::Check { file } => check(file.clone()),
    }
}

fn check(file: Option<PathBuf>) -> Result<Told, Failure> {
    let named = file.is_some();
    let path = file.map_or_else(path, Ok)?;
    // A file that was named must be there; without one the defaults are in force.
    let there = path.try_exists().unwrap_or(true);
    if named && !there {
        let message = tr!("{path} is not there.", path = path.display());
        return Err(Failure::new(
            "org.freedesktop.DBus.Error.FileNotFound",
            message,
        ));
    }
    let checked = moodlark_config::load(&path).map_err(failure)?;
    let json =
        json!({ "path": path.to_string_lossy(), "exists": there, "warnings": checked.warnings });
    let text = if there {
        tr!("{path} is right.\n", path = path.display())
    } else {
        tr!(
            "{path} is not there: every option has its default.\n",
            path = path.display()
        )
    };
    let warning = checked
        .warnings
        .iter()
        .map(|problem| format!("moodlark: {}: {}\n", path.display(), told(problem)))
        .collect();
    Ok(Told {
        json,
        text,
        warning,
    })
}

fn told(problem: &Problem) -> String {
    clean(&problem.to_string())
}

/// What is wrong with the user's file, if it is: for a doctor without a service.
pub(crate) fn trouble() -> Option<String> {
    let error = moodlark_config::load(&path().ok()?).err()?;
    Some(failure(error).message)
}

pub(crate) fn path() -> Result<PathBuf, Failure> {
    moodlark_config::paths::config_file().map_err(|error| {
        Failure::new(
            "org.freedesktop.DBus.Error.Failed",
            sentence(&error.to_string()),
        )
    })
}

pub(crate) fn failure(error: ConfigError) -> Failure {
    match error {
        ConfigError::Invalid { path, errors } => {
            let lines: Vec<String> = errors
                .problems()
                .iter()
                .map(|problem| format!("  {}", told(problem)))
                .collect();
            let message = tr!(
                "{path} is not right:\n{lines}",
                path = path.display(),
                lines = lines.join("\n")
            );
            let problems = json!(errors.problems());
            Failure {
                detail: Some(("problems", problems)),
                ..Failure::new("org.moodlark.Error.BadConfig", message)
            }
        }
        other => Failure::new("org.moodlark.Error.BadConfig", sentence(&other.to_string())),
    }
}

/// With its full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    format!(
        "{}{}.",
        if text.starts_with('/') {
            text[..1].to_owned()
        } else {
            first
        },
        letters.as_str()
    )
}
