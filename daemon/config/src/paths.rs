//! Where the configuration and the state are, by the XDG base directory specification.

use std::path::PathBuf;

use directories::ProjectDirs;

/// The user has no home folder: neither `HOME` nor the password database names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no home folder is known; set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME")]
pub struct NoHome;

/// The configuration file: `$XDG_CONFIG_HOME/moodlark/config.toml`, by default in `~/.config`.
///
/// # Errors
/// [`NoHome`].
pub fn config_file() -> Result<PathBuf, NoHome> {
    Ok(folder("XDG_CONFIG_HOME", ProjectDirs::config_dir)?.join("config.toml"))
}

/// The folder of the journal and whatever else outlives the service:
/// `$XDG_STATE_HOME/moodlark`, by default in `~/.local/state`.
///
/// # Errors
/// [`NoHome`].
pub fn state_dir() -> Result<PathBuf, NoHome> {
    folder("XDG_STATE_HOME", |dirs| {
        dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir())
    })
}

/// `directories` wants a home even where the variable alone would do.
fn folder(
    variable: &str,
    pick: impl Fn(&ProjectDirs) -> &std::path::Path,
) -> Result<PathBuf, NoHome> {
    // The specification says to ignore relative paths.
    let set = std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    match set {
        Some(base) => Ok(base.join("moodlark")),
        None => ProjectDirs::from("org", "moodlark", "moodlark")
            .map(|dirs| pick(&dirs).to_owned())
            .ok_or(NoHome),
    }
}
