//! Where to look for an MPD: where the configuration says, where the environment says, or the usual places.

use std::path::PathBuf;

use moodlark_catalogue::tr;
use moodlark_core::{
    player::mpd::{Address, PORT, Place},
    settings::MpdSettings,
};

/// The variables that MPD's clients go by, as they were at the start.
#[derive(Clone, Default)]
pub struct Environment {
    /// `MPD_HOST`, which may hold a password.
    pub host: Option<String>,
    /// `MPD_PORT`
    pub port: Option<String>,
    /// `XDG_RUNTIME_DIR`
    pub runtime: Option<PathBuf>,
}

impl Environment {
    /// This process's.
    #[must_use]
    pub fn read() -> Self {
        let text = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        Self {
            host: text("MPD_HOST"),
            port: text("MPD_PORT"),
            runtime: std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from),
        }
    }
}

/// The places to try, in their order, and who named them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Each at most once.
    pub addresses: Vec<Address>,
    /// The configuration or the environment names them: then it is worth trying for ever.
    pub named: bool,
    /// The configuration does: then it is worth telling when nothing answers.
    pub configured: bool,
}

/// Where to look.
///
/// # Errors
/// A sentence: `MPD_HOST` or the configuration can't be understood.
pub fn places(settings: &MpdSettings, environment: &Environment) -> Result<Places, String> {
    let named = |address, configured| {
        Ok(Places {
            addresses: vec![address],
            named: true,
            configured,
        })
    };
    if !settings.enabled {
        return Ok(Places::default());
    }
    if settings.address != "auto" {
        return named(Address::parse(&settings.address)?, true);
    }
    let port = environment.port.as_deref();
    if let Some(host) = &environment.host {
        let address = Address::of_environment(host, port);
        return named(address.map_err(|why| tr!("MPD_HOST: {why}", why))?, false);
    }
    let runtime = environment.runtime.iter().map(|dir| dir.join("mpd/socket"));
    let mut addresses: Vec<Address> = runtime
        .chain([PathBuf::from("/run/mpd/socket")])
        .map(|path| Address::at(Place::Socket(path)))
        .collect();
    let port = port.and_then(|port| port.parse().ok()).unwrap_or(PORT);
    addresses.push(Address::at(Place::Tcp("localhost".into(), port)));
    Ok(Places {
        addresses,
        ..Places::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(settings: &MpdSettings, environment: &Environment) -> Vec<String> {
        let places = places(settings, environment).unwrap();
        places.addresses.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_configuration_goes_before_the_environment_and_that_before_the_usual_places() {
        let mut environment = Environment {
            runtime: Some("/run/user/7".into()),
            ..Environment::default()
        };
        let mut settings = MpdSettings::default();
        assert_eq!(
            told(&settings, &environment),
            [
                "/run/user/7/mpd/socket",
                "/run/mpd/socket",
                "localhost:6600"
            ]
        );
        environment.host = Some("secret@nas".into());
        environment.port = Some("6601".into());
        assert_eq!(told(&settings, &environment), ["nas:6601"]);
        settings.address = "/mpd".into();
        assert_eq!(told(&settings, &environment), ["/mpd"]);
        settings.enabled = false;
        assert!(told(&settings, &environment).is_empty());
    }

    #[test]
    fn a_host_that_is_none_is_told_without_its_password() {
        let environment = Environment {
            host: Some("secret@a b".into()),
            ..Environment::default()
        };
        let why = places(&MpdSettings::default(), &environment).unwrap_err();
        assert!(why.contains("MPD_HOST") && !why.contains("secret"), "{why}");
    }
}
