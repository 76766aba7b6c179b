//! Days as lists of events: what must and must not follow, whatever happens.
//!
//! | module | what |
//! |---|---|
//! | [`stage`] | one person's settings, player and faces |
//! | [`scenes`] | one thing that happens, and what follows |
//! | [`days`] | days made at random, and the promises that hold in all of them |
//! | [`moments`] | when a switch is made, of a track that plays on by the clock |
//! | [`calibration`] | learning the face at rest |
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on says so

mod calibration;
mod days;
mod moments;
mod scenes;
mod stage;
