//! Hears music files: tags, and the mood of a track, inside a sandbox that leaves nothing but reading them.
//!
//! The service starts it with the folders of the music and talks to it in lines, whose form is [`moodlark_core::heard`].
//! The order of things is the promise: the network is loaded, landlock leaves those folders to be read and nothing else,
//! seccomp takes away every socket, exec and write, and only then is the first request read.
//!
//! | module | noun |
//! |---|---|
//! | [`args`] | the command line and the exit codes |
//! | [`serve`] | the conversation with the service |
//! | [`walk`] | folders → files that may be tracks |
//! | [`hear`] | one file → its answer |
//! | [`tags`] | what a file says of itself: the one file that knows lofty |
//! | [`source`] | an open file: regular, not empty |
//! | [`decode`] | a file → packets → sound: the one file that knows symphonia |
//! | [`opus`] | Opus packets → sound |
//! | [`foreign`] | the name of what we cannot decode |
//! | [`resample`] | any rate → 16 kHz |
//! | [`window`] | which parts of a track are heard |
//! | [`sound`] | one pass over a file: its hash, its windows |
//! | [`spectrum`] | the short-time Fourier transform |
//! | [`mel`] | the network's front end, and the flux |
//! | [`key`] | major or minor |
//! | [`musicnn`] | the network: the one file that knows tract |
//! | [`speech`] | somebody who talks |
//! | [`mood`] | windows → [`moodlark_core::heard::TrackMood`] |
//! | [`ffmpeg`], [`pcm`] | a second way to decode, and what hears its sound |
//! | [`throttle`], [`idle`] | out of everybody's way |
//! | [`spoken`] | lines on standard output, and the deadline of a file |
//! | [`closed`], [`selftest`] | the sandbox around all this, and its proof |
//! | [`explain`] | the account for people |
#![deny(unsafe_code)]

pub mod args;
pub mod closed;
pub mod decode;
pub mod explain;
pub mod ffmpeg;
pub mod foreign;
pub mod hear;
pub mod idle;
pub mod key;
pub mod mel;
pub mod mood;
pub mod musicnn;
pub mod opus;
pub mod pcm;
pub mod resample;
pub mod selftest;
pub mod serve;
pub mod sound;
pub mod source;
pub mod spectrum;
pub mod speech;
pub mod spoken;
pub mod tags;
pub mod throttle;
pub mod walk;
pub mod window;
