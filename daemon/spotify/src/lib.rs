//! The Spotify Web API, as far as Moodlark needs it: sign-in, tokens, playlists, and switching with an
//! undo to the second. Optional: without a client ID nothing here is built, and MPRIS does everything.
//!
//! | module | noun |
//! |---|---|
//! | `answer` | what an answer means, and when the next call may be made: pure |
//! | `budget` | how often Spotify may be asked for one switch |
//! | `calls` | a call from its beginning: grant, token, answer |
//! | `device` | which device to play on: pure |
//! | `error` | what can go wrong, each with a sentence |
//! | `file` | one private file: mode 0600, whole or not at all |
//! | `grant` | what the user granted, and when it ends: pure |
//! | `keeping` | looking for a grant, changing it and forgetting it, one at a time |
//! | `keyring` | the Secret Service |
//! | `listener` | the port that the browser comes back to |
//! | `memory` | what outlives a run and is no secret |
//! | `model` | what Spotify answers with, read tolerantly |
//! | `playback` | what plays now, and playing something else |
//! | `playlists` | playlists by name |
//! | `server` | where Spotify is |
//! | `sign_in` | from the user's yes to a grant |
//! | `spotify` | the handle |
//! | `store` | where the grant is kept |
//! | `undo` | bringing back what played before |
//! | `wire` | rspotify: transport, one call at a time |
//!
//! # Ways round rspotify
//! rspotify 0.16 is used for PKCE, ids and transport alone. Its models fail on what the service really answers,
//! its errors lose the reason, its refresh drops the refresh token, its token cache is readable by everybody, and
//! it logs the access token at INFO: so the answers are read as text and parsed here, the token is refreshed
//! and kept here, and [`SECRETIVE_TARGETS`] must be off in every log.
#![forbid(unsafe_code)]

mod answer;
mod budget;
mod calls;
mod device;
mod error;
mod file;
mod grant;
mod keeping;
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
mod undo;
mod wire;

moodlark_catalogue::domain!();

pub use answer::Limits;
pub use device::pick as pick_device;
pub use error::Error;
pub use grant::{Grant, Standing};
pub use model::{Device, Playback};
pub use playback::{Saved, is_playable};
pub use playlists::Found;
pub use server::Server;
pub use sign_in::SIGN_IN_WITHIN;
pub use spotify::{Ended, Settings, SignIn, Spotify, Status};
pub use store::Place;
pub use undo::Restored;

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
