//! Why a file was left out, or failed: each reason with a name for machines and a sentence for people.

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use super::text;

/// Why a file is no music to choose from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum LeftOutWhy {
    /// Its genre says so: an audiobook, a podcast, a lecture.
    SpokenGenre,
    /// It sounds like somebody who talks.
    SpokenSound,
    /// Shorter than a piece of music: a jingle, a sound of a game.
    TooShort,
}

impl LeftOutWhy {
    /// The name on the bus and in the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SpokenGenre => "spoken_genre",
            Self::SpokenSound => "spoken_sound",
            Self::TooShort => "too_short",
        }
    }

    /// The reason as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::SpokenGenre => tr!("its genre says that it is spoken"),
            Self::SpokenSound => tr!("it sounds like somebody who talks"),
            Self::TooShort => tr!("it is too short for a piece of music"),
        }
    }
}

/// Why a file could not be heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum FailedWhy {
    /// The container is readable, its codec is not. Another way of decoding is worth a try.
    Unsupported {
        /// The codec's name: `he-aac`, `wma`, `ape`, `musepack`, …
        codec: String,
    },
    /// The sound is encrypted.
    Protected,
    /// The content is no audio at all, whatever its name says.
    NotAudio,
    /// It begins as audio, and too little of it can be decoded.
    Broken {
        /// The decoder's reason.
        detail: String,
    },
    /// A file of no bytes, or audio of no length.
    Empty,
    /// There is silence where there should be sound: a damaged file, or a piece that nobody can hear.
    Silent,
    /// It computed for longer than a file may, or took much longer than that by the clock.
    Deadline {
        /// What that is, in seconds.
        seconds: f64,
    },
    /// It needs more memory than a file may have.
    Memory,
    /// The file is not there any more.
    Gone,
    /// The file may not be read.
    Denied,
    /// A FIFO, a device, a folder: no regular file.
    NotAFile,
    /// The disk or the network drive fails.
    Unreadable {
        /// The system's reason.
        detail: String,
    },
    /// The worker ended in the middle of it; the service says so, never the worker.
    Crashed {
        /// How.
        detail: String,
    },
}

impl FailedWhy {
    /// The names of those that cost nothing to try again at each scan.
    pub const MAY_PASS: [&str; 3] = ["memory", "denied", "unreadable"];

    /// The name on the bus and in the database.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unsupported { .. } => "unsupported",
            Self::Protected => "protected",
            Self::NotAudio => "not_audio",
            Self::Broken { .. } => "broken",
            Self::Empty => "empty",
            Self::Silent => "silent",
            Self::Deadline { .. } => "deadline",
            Self::Memory => "memory",
            Self::Gone => "gone",
            Self::Denied => "denied",
            Self::NotAFile => "not_a_file",
            Self::Unreadable { .. } => "unreadable",
            Self::Crashed { .. } => "crashed",
        }
    }

    /// The reason as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Unsupported { codec } => tr!("Moodlark cannot decode {codec}", codec),
            Self::Protected => tr!("its sound is encrypted (DRM)"),
            Self::NotAudio => tr!("there is no audio in it, whatever its name says"),
            Self::Broken { detail } => tr!("it is broken: {detail}", detail),
            Self::Empty => tr!("it is empty"),
            Self::Silent => tr!("it is silent where there should be sound"),
            Self::Deadline { seconds } => tr!(
                "it took longer than {seconds} s",
                seconds = format!("{seconds:.0}")
            ),
            Self::Memory => tr!("it needs too much memory"),
            Self::Gone => tr!("it is not there any more"),
            Self::Denied => tr!("it may not be read"),
            Self::NotAFile => tr!("it is no regular file"),
            Self::Unreadable { detail } => tr!("it cannot be read: {detail}", detail),
            Self::Crashed { detail } => {
                tr!("the worker ended in the middle of it: {detail}", detail)
            }
        }
    }

    /// Whether all is within its bounds.
    ///
    /// # Errors
    /// A sentence.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Unsupported { codec: text }
            | Self::Broken { detail: text }
            | Self::Unreadable { detail: text }
            | Self::Crashed { detail: text } => text::check(text),
            Self::Deadline { seconds } if !(0.0..=1e6).contains(seconds) => {
                Err("a deadline out of its range".into())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_one_in_the_line() {
        let detail = String::from("x");
        let all = [
            FailedWhy::Unsupported {
                codec: detail.clone(),
            },
            FailedWhy::Protected,
            FailedWhy::NotAudio,
            FailedWhy::Broken {
                detail: detail.clone(),
            },
            FailedWhy::Empty,
            FailedWhy::Silent,
            FailedWhy::Deadline { seconds: 60.0 },
            FailedWhy::Memory,
            FailedWhy::Gone,
            FailedWhy::Denied,
            FailedWhy::NotAFile,
            FailedWhy::Unreadable {
                detail: detail.clone(),
            },
            FailedWhy::Crashed { detail },
        ];
        for why in all {
            let text = serde_json::to_string(&why).unwrap();
            assert!(
                text.contains(&format!("\"why\":\"{}\"", why.name())),
                "{text}"
            );
            assert!(!why.sentence().is_empty());
        }
        for why in [
            LeftOutWhy::SpokenGenre,
            LeftOutWhy::SpokenSound,
            LeftOutWhy::TooShort,
        ] {
            let text = serde_json::to_string(&why).unwrap();
            assert!(
                text.contains(&format!("\"why\":\"{}\"", why.name())),
                "{text}"
            );
        }
    }
}
