//! The user's own music: which tracks to play, in which order, and what is learnt from it.
//!
//! Nothing here opens a file or a database. Who keeps the library asks [`Standing`] for a
//! [`Window`], reads the tracks that lie in it, and gives them to [`choose()`] with what was heard,
//! the learnt [`Taste`] and a seed; the answer is a list of [`Pick`]s. The same arguments always
//! give the same list.
//!
//! | module | noun |
//! |---|---|
//! | [`sound`] | a track's sound in 22 numbers, and how alike two tracks sound |
//! | [`kind`] | the four kinds of music: lively, tense, sombre, calm |
//! | [`axis`] | how raw values lie on one axis: percentiles |
//! | [`standing`] | where a track stands in this library: its place, windows, a playlist's affect |
//! | [`track`] | what the choice needs to know of a track |
//! | [`history`] | what was heard, and the lists of today |
//! | [`mod@choose`] | candidates → a list of 10 to 30 picks with their propensities |
//! | [`why`] | why a track was picked, as data and as a sentence |
//! | [`path`] | from one affect or track to another, in small and smooth steps |
//! | [`season`] | Christmas songs, as people name them |
//! | [`listener`] | from what a player shows to plays |
//! | [`outcome`] | how a track ended → what that says of it |
//! | [`taste`] | what this user plays through: hybrid Thompson sampling |
//! | [`lift`] | how the mood goes on after own lists, against times without one |
//! | `chance` | random numbers from a seed |
//! | `student` | the quantiles of Student's t |

pub mod axis;
mod chance;
pub mod choose;
pub mod history;
pub mod kind;
pub mod lift;
pub mod listener;
pub mod outcome;
pub mod path;
pub mod season;
pub mod sound;
pub mod standing;
mod student;
pub mod taste;
pub mod track;
pub mod why;

pub use axis::{Axis, BadAxis, Reference};
pub use choose::{Known, Pick, Request, choose};
pub use history::{Heard, History, ListId};
pub use kind::Kind;
pub use lift::{Episode, Estimate, Lifts, Treatment};
pub use listener::{Listener, Play};
pub use outcome::{Ended, Feedback, Reward};
pub use sound::{BadSound, Scale, Sound};
pub use standing::{Standing, Window};
pub use taste::{BadTaste, Taste, TrackTaste};
pub use track::Track;
pub use why::Why;
