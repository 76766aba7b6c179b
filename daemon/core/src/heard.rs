//! What `moodlark-listen` is asked, and what it answers: one JSON object a line, both ways.
//!
//! The worker first says [`Answer::Hello`]. Then the service writes one [`Request`] a line to its standard
//! input, and reads answers from its standard output until the request is done: for a walk any number of
//! [`Answer::Found`] and [`Answer::Unreadable`] and one [`Answer::Walked`], with [`Answer::Walking`] in between; for a file exactly one of
//! [`Answer::Heard`], [`Answer::LeftOut`] and [`Answer::Failed`]. So found = heard + left out + failed. Where the
//! worker ends without its line, the file that was asked about has failed, too: see [`FailedWhy::Crashed`].
//!
//! | module | noun |
//! |---|---|
//! | [`path`] | a path of a file, whatever its bytes |
//! | [`text`] | the one place where text from files is cleaned and bounded |
//! | [`track`] | what is heard of a track: its tags and its mood |
//! | [`why`] | why a file was left out, or failed |

pub mod path;
pub mod text;
pub mod track;
pub mod why;

use serde::{Deserialize, Serialize};

pub use path::FilePath;
pub use track::{Track, TrackMood, TrackTags};
pub use why::{FailedWhy, LeftOutWhy};

use crate::reading::SandboxLevel;

/// The version of these lines' format.
pub const FORMAT: u32 = 1;

/// The longest line in either direction, in bytes, its end included.
pub const MAX_LINE: usize = 64 * 1024;

/// How much longer than it may compute a file may take by the clock. The worker is idle on purpose: on a busy machine it waits
/// for minutes through no fault of a file's; a network drive that hangs computes nothing at all.
pub const PATIENCE: u32 = 20;

/// The worker's exit code where it was to become ffmpeg, and there is none.
pub const EXIT_NO_FFMPEG: u8 = 5;

/// What a feature's way of computing is: a track is heard anew when one of them has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Reading of tags: [`TrackTags`].
    pub tags: u16,
    /// Decoding, resampling, windows and the mel front end: everything of [`TrackMood`] hangs on it.
    pub decode: u16,
    /// The network: [`TrackMood::tags`] and [`TrackMood::embedding`].
    pub musicnn: u16,
    /// [`TrackMood::flux`].
    pub flux: u16,
    /// [`TrackMood::mode`].
    pub mode: u16,
    /// [`TrackMood::speech`], and what is left out because of it.
    pub speech: u16,
}

impl Versions {
    /// The versions of this program.
    pub const CURRENT: Self = Self {
        tags: 1,
        decode: 1,
        musicnn: 1,
        flux: 1,
        mode: 1,
        speech: 1,
    };
}

/// One line to the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// List the audio files under `folders`. Each must be among, or below, the folders that the worker was started with.
    Walk {
        /// Absolute paths of folders.
        folders: Vec<FilePath>,
        /// Files and folders that are passed over: an absolute path means itself and all below it, a bare name means
        /// every file or folder of that name, in any case of its letters.
        leave_out: Vec<FilePath>,
    },
    /// Hear one file.
    Hear {
        /// Its absolute path.
        path: FilePath,
    },
    /// Read a file's tags and its content's hash alone: its mood is known and of the present version.
    Tags {
        /// Its absolute path.
        path: FilePath,
    },
}

/// One line from the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// The first line.
    Hello {
        /// [`FORMAT`].
        format: u32,
        /// What the worker computes with.
        versions: Versions,
        /// The sandbox that holds from here on.
        sandbox: SandboxLevel,
    },
    /// A walk found a file that may be a track.
    Found {
        /// Where.
        path: FilePath,
        /// In bytes.
        size: u64,
        /// Its last change, in milliseconds since 1970.
        mtime_ms: i64,
    },
    /// A walk could not read a folder, or learn what a file is.
    Unreadable {
        /// Which.
        path: FilePath,
        /// The system's reason.
        reason: String,
    },
    /// A walk goes on, and has found nothing for a while: so that silence means that a drive hangs.
    Walking,
    /// A walk is done.
    Walked {
        /// How many [`Answer::Found`] there were.
        found: u64,
        /// How many [`Answer::Unreadable`] there were.
        unreadable: u64,
        /// What else there was.
        passed: Passed,
    },
    /// A track and its mood.
    Heard {
        /// Which file.
        path: FilePath,
        /// What was heard.
        track: Box<Track>,
        /// Its mood; none in answer to [`Request::Tags`].
        mood: Option<Box<TrackMood>>,
    },
    /// A file that was read, and is no music to choose from.
    LeftOut {
        /// Which file.
        path: FilePath,
        /// Why.
        why: LeftOutWhy,
        /// What is known of it.
        track: Box<Track>,
    },
    /// A file that could not be heard.
    Failed {
        /// Which file.
        path: FilePath,
        /// Why.
        why: FailedWhy,
    },
    /// A line to the worker made no sense to it.
    Refused {
        /// Why.
        reason: String,
    },
}

/// What a walk passed over, by kind: no tracks, but nothing that is lost without a word either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Passed {
    /// Cue sheets.
    pub cue_sheets: u64,
    /// Playlists: `.m3u`, `.pls`, `.xspf` and others.
    pub lists: u64,
    /// Pictures.
    pub artwork: u64,
    /// Lyrics and other texts.
    pub texts: u64,
    /// Everything else that is no audio file by its name.
    pub other: u64,
    /// Files and folders that the user leaves out; what lies in such a folder is not counted.
    pub left_out: u64,
    /// Hidden files and folders, whose names begin with a dot; what lies in such a folder is not counted.
    pub hidden: u64,
    /// What has the name of an audio file, but is no regular file: FIFOs, devices, dangling links.
    pub not_files: u64,
    /// Folders and files that were reached twice, by links or mounts.
    pub twice: u64,
    /// Folders nested deeper than a walk goes.
    pub too_deep: u64,
}

impl Answer {
    /// The answer, if its numbers and texts are within their bounds: a worker that decodes other people's files is not
    /// believed further than that.
    ///
    /// # Errors
    /// A sentence that names what is out of bounds.
    pub fn checked(self) -> Result<Self, String> {
        match &self {
            Self::Hello { format, .. } if *format != FORMAT => {
                return Err(format!("the worker speaks format {format}, not {FORMAT}"));
            }
            Self::Unreadable { reason, .. } | Self::Refused { reason } => text::check(reason)?,
            Self::Heard { track, mood, .. } => {
                track.check()?;
                mood.as_deref().map_or(Ok(()), TrackMood::check)?;
            }
            Self::LeftOut { track, .. } => track.check()?,
            Self::Failed { why, .. } => why.check()?,
            _ => {}
        }
        Ok(self)
    }

    /// The file that the answer is about.
    #[must_use]
    pub const fn path(&self) -> Option<&FilePath> {
        match self {
            Self::Found { path, .. }
            | Self::Unreadable { path, .. }
            | Self::Heard { path, .. }
            | Self::LeftOut { path, .. }
            | Self::Failed { path, .. } => Some(path),
            Self::Hello { .. } | Self::Walking | Self::Walked { .. } | Self::Refused { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long_track() -> Track {
        let long = "\"\\\n🦀".repeat(10_000);
        let tags = TrackTags {
            title: text::line(&long),
            artist: text::line(&long),
            album_artist: text::line(&long),
            album: text::line(&long),
            genres: vec![text::line(&long).unwrap(); track::MAX_GENRES],
            lyrics: text::lines(&long, track::MAX_LYRICS),
            ..TrackTags::default()
        };
        Track {
            tags,
            duration: 3.0,
            codec: "flac".into(),
            content: "0".repeat(track::CONTENT_LENGTH),
        }
    }

    fn mood() -> TrackMood {
        TrackMood {
            tags: vec![-1.234_567_8; track::TAGS],
            embedding: vec![0.123_456_78; track::EMBEDDING],
            flux: -1.4,
            mode: 0.1,
            spread: 0.2,
            valence: 0.3,
            arousal: -0.4,
            windows: 3,
            speech: 0.0,
        }
    }

    #[test]
    fn the_longest_answer_fits_a_line() {
        let path = FilePath::from_bytes(vec![0xff; 4096]);
        let answer = Answer::Heard {
            path,
            track: Box::new(long_track()),
            mood: Some(Box::new(mood())),
        };
        let text = serde_json::to_string(&answer).unwrap();
        assert!(text.len() < MAX_LINE, "{}", text.len());
        let back: Answer = serde_json::from_str(&text).unwrap();
        assert_eq!(back.checked().unwrap(), answer);
    }

    #[test]
    fn numbers_out_of_bounds_are_refused() {
        let spoilt: [fn(&mut TrackMood); 5] = [
            |m| m.valence = f32::NAN,
            |m| m.flux = 1e30,
            |m| m.tags.truncate(49),
            |m| m.embedding.push(0.0),
            |m| m.embedding[3] = f32::INFINITY,
        ];
        for spoil in spoilt {
            let mut mood = mood();
            spoil(&mut mood);
            let answer = Answer::Heard {
                path: FilePath::from_bytes(b"/a.ogg".to_vec()),
                track: Box::new(long_track()),
                mood: Some(Box::new(mood)),
            };
            assert!(answer.checked().is_err());
        }
    }

    #[test]
    fn requests_survive_their_line() {
        let path = FilePath::from_bytes(b"/m/\xfc.mp3".to_vec());
        for request in [
            Request::Walk {
                folders: vec![path.clone()],
                leave_out: vec!["Christmas".into()],
            },
            Request::Hear { path: path.clone() },
            Request::Tags { path },
        ] {
            let text = serde_json::to_string(&request).unwrap();
            assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
        }
    }
}
