//! What the choice needs to know of a track.

use crate::time::Timestamp;

use super::{Sound, TrackTaste};

/// A track of the library. Artists and albums are told apart by a key of the library's; `None` is
/// one that nobody knows, and is never the same as another.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Its number in the library.
    pub id: i64,
    /// Who plays it.
    pub artist: Option<i64>,
    /// What it was released on.
    pub album: Option<i64>,
    /// How pleasant it was heard to be: raw, without bounds; only its rank counts.
    pub valence: f32,
    /// How excited: the same.
    pub arousal: f32,
    /// How it sounds.
    pub sound: Sound,
    /// How often it was played.
    pub plays: u32,
    /// When it was last played.
    pub last_played: Option<Timestamp>,
    /// What is learnt of this very track.
    pub taste: TrackTaste,
    /// The user said that they like it.
    pub liked: bool,
}
