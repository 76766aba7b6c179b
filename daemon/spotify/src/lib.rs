//! The Spotify Web API, as far as Moodlark needs it: sign-in, tokens, playlists, and switching with an
//! undo to the second. Optional: without a client ID nothing here is built, and MPRIS does everything.
//!
//! | module | noun |
//! |---|---|
//! | `answer` | what an answer means, and when the next call may be made: pure |
//! | `calls` | a call from its beginning: grant, token, answer |
//! | `device` | which device to play on: pure |
//! | `error` | what can go wrong, each with a sentence |
//! | `file` | one private file: mode 0600, whole or not at all |
//! | `grant` | what the user granted, and when it ends: pure |
//! | `keyring` | the Secret Service |
//! | `listener` | the port that the browser comes back to |
//! | `memory` | what outlives a run and is no secret |
//! | `model` | what Spotify answers with, read tolerantly |
//! | `playback` | what plays now, playing something else, and bringing it back |
//! | `playlists` | playlists by name |
//! | `server` | where Spotify is |
//! | `sign_in` | from the user's yes to a grant |
//! | `spotify` | the handle |
//! | `store` | where the grant is kept |
//! | `wire` | rspotify: transport, one call at a time |
//!
//! # Ways round rspotify
//! rspotify 0.16 is used for PKCE, ids and transport alone. Its models fail on what the service really answers,
//! its errors lose the reason, its refresh drops the refresh token, its token cache is readable by everybody, and
//! it logs the access token at INFO: so the answers are read as text and parsed here, the token is refreshed
//! and kept here, and [`SECRETIVE_TARGETS`] must be off in every log.
#![forbid(unsafe_code)]

mod answer;
mod calls;
mod device;
mod error;
mod file;
mod grant;
mod keyring;
mod listener;
mod memory;
mod model;
mod playback;
mod playlists;
mod server;
mod sign_in;
mod spotify;
mod store;
mod wire;

moodlark_catalogue::domain!();

pub use answer::Limits;
pub use device::pick as pick_device;
pub use error::Error;
pub use grant::{Grant, Standing};
pub use model::{Device, Playback};
pub use playback::{Restored, Saved, is_playable};
pub use playlists::Found;
pub use server::Server;
pub use sign_in::SIGN_IN_WITHIN;
pub use spotify::{Ended, Settings, SignIn, Spotify, Status};
pub use store::Place;

/// Log targets that must be off at every level: they print tokens.
pub const SECRETIVE_TARGETS: [&str; 9] = [
    "rspotify",
    "rspotify_http",
    "rspotify_model",
    "reqwest",
    "hyper",
    "hyper_util",
    "h2",
    "rustls",
    "tokio_rustls",
];
