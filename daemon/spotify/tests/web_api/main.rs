//! The Spotify Web API against a played Spotify: first our own client alone, then the whole service.

mod client;
mod refusals;
mod signing_in;
mod stage;
