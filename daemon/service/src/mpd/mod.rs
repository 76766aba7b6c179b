//! MPD by its own protocol: a text protocol of lines, over a Unix socket or TCP.
//!
//! | module | noun |
//! |---|---|
//! | [`client`] | a connection: commands out, answers in, each with a deadline |
//! | [`places`] | where to look for an MPD |
//! | [`protocol`] | commands and lines as text: pure |
//! | [`status`] | what MPD plays, from the pairs that it answers with: pure |
//!
//! What MPD is as a player among the others stands in [`crate::players`].
//!
//! Written here and not taken from `mpd_client` and `mpd_protocol`, the one asynchronous client that is whole:
//! they were last released in February 2024; an answer there may grow without end, and no exchange has a
//! deadline, so that a broken server takes the service's memory or its time; a line that is not UTF-8 ends the
//! connection; and every command goes to the log as it is sent, the password too. What Moodlark needs of the
//! protocol is less than what would have to be put around them.

pub mod client;
pub mod places;
pub mod protocol;
pub mod status;

pub use client::{Client, MpdError};
