//! Where Spotify is. Elsewhere only for tests, and then on this very machine: a token must not be led away.

use std::net::SocketAddr;

/// The servers that are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Ends in `/v1/`.
    pub(crate) api: String,
    /// Where one signs in.
    pub(crate) accounts: String,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            api: rspotify::DEFAULT_API_BASE_URL.into(),
            accounts: rspotify::DEFAULT_AUTH_BASE_URL.into(),
        }
    }
}

impl Server {
    /// A stand-in at `http://127.0.0.1:PORT` or `http://[::1]:PORT`, for both.
    ///
    /// # Errors
    /// A sentence, for any other address.
    pub fn stand_in(url: &str) -> Result<Self, String> {
        let address = url
            .strip_prefix("http://")
            .map(|rest| rest.trim_end_matches('/'));
        match address.and_then(|address| address.parse::<SocketAddr>().ok()) {
            Some(address) if address.ip().is_loopback() => Ok(Self {
                api: format!("http://{address}/v1/"),
                accounts: format!("http://{address}/"),
            }),
            _ => Err(
                "a stand-in for Spotify must be at http://127.0.0.1:PORT or http://[::1]:PORT"
                    .into(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_led_nowhere_else() {
        for good in ["http://127.0.0.1:80", "http://[::1]:8080/"] {
            assert!(Server::stand_in(good).is_ok(), "{good}");
        }
        for bad in [
            "https://127.0.0.1:80",
            "http://localhost:80",
            "http://10.0.0.1:80",
            "http://127.0.0.1",
            "http://127.0.0.1:80@evil.example",
            "http://127.0.0.1:80/v1",
            "",
        ] {
            assert!(Server::stand_in(bad).is_err(), "{bad}");
        }
    }
}
