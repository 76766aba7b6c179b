//! The Spotify Web API against a played Spotify: first our own client alone, then the whole service.

mod calls;
mod client;
mod keeping;
mod keyring;
mod refusals;
mod signing_in;
mod stage;
mod undo;
