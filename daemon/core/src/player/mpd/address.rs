//! Where MPD is: a socket's path, an abstract socket, or a host and a port, with a password or without.
//!
//! Written as MPD's own clients write it: `/run/mpd/socket`, `@mpd`, `localhost:6600`, `[::1]:6600`,
//! `password@host`.

use std::{fmt, path::PathBuf};

/// MPD's port where none is given.
pub const PORT: u16 = 6600;

/// A place, and what to say there to be let in.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Where.
    pub place: Place,
    /// The password, where one is given. Never shown.
    pub password: Option<String>,
}

/// Where an MPD listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A Unix socket by its path; `~/` is the home folder still.
    Socket(PathBuf),
    /// An abstract Unix socket by its name, without the `@`.
    Abstract(String),
    /// A host and a port.
    Tcp(String, u16),
}

impl Address {
    /// A place without a password.
    #[must_use]
    pub const fn at(place: Place) -> Self {
        Self {
            place,
            password: None,
        }
    }

    /// Reads an address as the configuration has it.
    ///
    /// # Errors
    /// Why it is none: a sentence without the password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (password, host) = split(text);
        Ok(Self {
            place: place(host, None)?,
            password,
        })
    }

    /// Reads what `MPD_HOST` and `MPD_PORT` say.
    ///
    /// # Errors
    /// As [`Address::parse`].
    pub fn of_environment(host: &str, port: Option<&str>) -> Result<Self, String> {
        let (password, host) = split(host);
        let port = match port.map(str::trim).filter(|port| !port.is_empty()) {
            None => None,
            Some(port) => Some(
                port.parse()
                    .map_err(|_| format!("MPD_PORT is `{}`, no port", port.escape_debug()))?,
            ),
        };
        let host = if host.is_empty() { "localhost" } else { host };
        Ok(Self {
            place: place(host, port)?,
            password,
        })
    }

    /// Whether MPD sees that who connects is on its own machine: then it tells where its music is, and plays
    /// files that are elsewhere.
    #[must_use]
    pub const fn is_socket(&self) -> bool {
        matches!(self.place, Place::Socket(_) | Place::Abstract(_))
    }
}

/// The password before the first `@`; an `@` at the very beginning is an abstract socket.
fn split(text: &str) -> (Option<String>, &str) {
    let text = text.trim();
    match text.find('@') {
        None | Some(0) => (None, text),
        Some(at) if text.starts_with('/') || text.starts_with("~/") => {
            let _ = at; // a path with an @ in it
            (None, text)
        }
        Some(at) => (Some(text[..at].to_owned()), &text[at + 1..]),
    }
}

fn place(host: &str, port: Option<u16>) -> Result<Place, String> {
    if host.contains(|c: char| c.is_control()) {
        return Err("an address is one line without control characters".into());
    }
    if host.starts_with('/') || host.starts_with("~/") {
        return Ok(Place::Socket(host.into()));
    }
    if let Some(name) = host.strip_prefix('@') {
        return match name.is_empty() {
            true => Err("`@` names no abstract socket".into()),
            false => Ok(Place::Abstract(name.into())),
        };
    }
    let number = |text: &str| {
        text.parse::<u16>()
            .ok()
            .filter(|port| *port != 0)
            .ok_or_else(|| format!("`{}` is no port from 1 to 65535", text.escape_debug()))
    };
    let (host, given) = if let Some(rest) = host.strip_prefix('[') {
        let (host, rest) = rest
            .split_once(']')
            .ok_or("an address in brackets wants a `]`")?;
        match rest.strip_prefix(':') {
            Some(port) => (host, Some(number(port)?)),
            None if rest.is_empty() => (host, None),
            None => return Err("after the `]` there can be `:` and a port only".into()),
        }
    } else {
        match host.split_once(':') {
            // An address of IPv6 has several.
            Some((_, rest)) if rest.contains(':') => (host, None),
            Some((host, port)) => (host, Some(number(port)?)),
            None => (host, None),
        }
    };
    if host.is_empty() || host.contains(char::is_whitespace) || host.contains(['/', '@']) {
        return Err(
            "this is no address; write a host and port (`localhost:6600`), the path of a socket, or `@name`".into(),
        );
    }
    Ok(Place::Tcp(host.into(), given.or(port).unwrap_or(PORT)))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => path.display().fmt(f),
            Self::Abstract(name) => write!(f, "@{name}"),
            Self::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
        }
    }
}

/// Without the password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

/// Without the password: this may be logged.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16) -> Place {
        Place::Tcp(host.into(), port)
    }

    #[test]
    fn addresses_are_written_as_other_clients_write_them() {
        for (text, place, password) in [
            ("localhost:6600", tcp("localhost", 6600), None),
            ("nas", tcp("nas", PORT), None),
            ("nas:7", tcp("nas", 7), None),
            ("[::1]:6601", tcp("::1", 6601), None),
            ("fe80::1", tcp("fe80::1", PORT), None),
            (
                " /run/mpd/socket ",
                Place::Socket("/run/mpd/socket".into()),
                None,
            ),
            ("/a@b/socket", Place::Socket("/a@b/socket".into()), None),
            ("~/.mpd/socket", Place::Socket("~/.mpd/socket".into()), None),
            ("@mpd", Place::Abstract("mpd".into()), None),
            ("secret@nas:7", tcp("nas", 7), Some("secret")),
            (
                "secret@/run/mpd/socket",
                Place::Socket("/run/mpd/socket".into()),
                Some("secret"),
            ),
            ("secret@@mpd", Place::Abstract("mpd".into()), Some("secret")),
        ] {
            let address = Address::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(address.place, place, "{text}");
            assert_eq!(address.password.as_deref(), password, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_telling_the_password() {
        for text in [
            "",
            "@",
            "secret@",
            "secret@nas:x",
            "secret@a b",
            "[::1",
            "[::1]x",
            "nas:0",
            "nas:70000",
            "secret@a\nb",
        ] {
            let why = Address::parse(text).unwrap_err();
            assert!(!why.contains("secret"), "{text}: {why}");
        }
    }

    #[test]
    fn the_environment_says_host_and_port_apart() {
        let address = Address::of_environment("secret@nas", Some("6601")).unwrap();
        assert_eq!(address.place, tcp("nas", 6601));
        assert_eq!(address.password.as_deref(), Some("secret"));
        assert_eq!(
            Address::of_environment("", None).unwrap().place,
            tcp("localhost", PORT)
        );
        assert!(Address::of_environment("nas", Some("x")).is_err());
    }

    #[test]
    fn a_password_is_in_no_text_of_an_address() {
        let address = Address::parse("secret@nas").unwrap();
        assert!(!format!("{address} {address:?}").contains("secret"));
        assert_eq!(Address::parse("x@[::1]:1").unwrap().to_string(), "[::1]:1");
    }
}
