//! The real program against a fake service on a private bus: every command, its JSON, its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod commands;
mod config;
mod doctor;
mod errors;
mod fake;
mod rig;
mod setup;
mod watch;
