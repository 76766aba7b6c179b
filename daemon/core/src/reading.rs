//! What one look through the camera found: the only thing that ever leaves the worker.

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use crate::{affect::Affect, emotion::Distribution};

/// The version of [`Line`]'s format.
pub const FORMAT: u32 = 1;

/// The most that the service reads from a worker, in bytes.
pub const MAX_LINE: usize = 4096;

/// The one line of JSON that `moodlark-sense` writes to its standard output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// [`FORMAT`] when it was written.
    pub format: u32,
    /// What was found.
    #[serde(flatten)]
    pub reading: Reading,
    /// The sandbox that held while pictures were decoded.
    pub sandbox: SandboxLevel,
}

/// How much of the sandbox the kernel enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SandboxLevel {
    /// no_new_privs, landlock and seccomp, all as asked for.
    Full,
    /// seccomp held, but the kernel is too old for all that landlock was asked for.
    Partial,
    /// The kernel enforces neither: the worker refuses a camera in this state.
    None,
}

/// One look: each way in which it can end is its own state, and only `Face` says anything of a mood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reading {
    /// A face that could be read.
    Face {
        /// Calibrated probabilities of the expressions, averaged over the burst by quality.
        distribution: Distribution,
        /// The expected valence and arousal under `distribution`.
        affect: Affect,
        /// How good the picture of the face was.
        quality: Quality,
        /// How many faces there were; the largest is the one that was read.
        faces: u32,
    },
    /// The picture was fine, and nobody was in it.
    NoFace,
    /// Too dark to see; a closed shutter looks like this.
    Dark {
        /// Mean brightness of the picture, 0..=1.
        brightness: f64,
    },
    /// A face, but too blurred, too small or too cut off to be read.
    Blurred {
        /// How good the picture of the face was.
        quality: Quality,
    },
    /// Another program holds the camera (EBUSY).
    Busy,
    /// There is no such camera, or it went away (ENODEV, ENOENT).
    Unplugged,
    /// The camera may not be opened (EACCES, EPERM).
    Denied,
    /// Anything else; the sentence says what.
    Failed {
        /// What went wrong, for people.
        reason: String,
    },
}

impl Reading {
    /// The name of the state, as on the bus and in the journal.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Face { .. } => "face",
            Self::NoFace => "no_face",
            Self::Dark { .. } => "dark",
            Self::Blurred { .. } => "blurred",
            Self::Busy => "busy",
            Self::Unplugged => "unplugged",
            Self::Denied => "denied",
            Self::Failed { .. } => "failed",
        }
    }

    /// Whether a face was read.
    #[must_use]
    pub const fn is_face(&self) -> bool {
        matches!(self, Self::Face { .. })
    }

    /// Whether the look itself failed, so that the next one is worth putting off.
    #[must_use]
    pub const fn is_trouble(&self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Unplugged | Self::Denied | Self::Failed { .. }
        )
    }

    /// The reading as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Face {
                distribution,
                quality,
                ..
            } => {
                let (emotion, p) = distribution.top();
                tr!(
                    "a face that looks {emotion} ({p} %), quality {overall} %",
                    emotion,
                    p = format!("{:.0}", p * 100.0),
                    overall = format!("{:.0}", quality.overall * 100.0)
                )
            }
            Self::NoFace => tr!("nobody in the picture"),
            Self::Dark { brightness } => {
                tr!(
                    "too dark to see (brightness {brightness} %)",
                    brightness = format!("{:.0}", brightness * 100.0)
                )
            }
            Self::Blurred { quality } => {
                tr!(
                    "a face too blurred, small or cut off to read (quality {overall} %)",
                    overall = format!("{:.0}", quality.overall * 100.0)
                )
            }
            Self::Busy => tr!("another program is using the camera"),
            Self::Unplugged => tr!("the camera is not there"),
            Self::Denied => tr!("the camera may not be opened"),
            Self::Failed { reason } => tr!("the look failed: {reason}", reason),
        }
    }
}

/// How good the picture of the face was; each part 0..=1, 1 best.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Quality {
    /// All of it together: the product of the parts.
    pub overall: f64,
    /// From the width of the face in pixels.
    pub size: f64,
    /// From the variance of the Laplacian over the face.
    pub sharpness: f64,
    /// From the mean brightness of the face region.
    pub brightness: f64,
    /// How much of the face lies inside the picture.
    pub inside: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_line() {
        let quality = Quality {
            overall: 0.5,
            ..Quality::default()
        };
        let all = [
            Reading::Face {
                distribution: Distribution::UNIFORM,
                affect: Affect::default(),
                quality,
                faces: 2,
            },
            Reading::NoFace,
            Reading::Dark { brightness: 0.01 },
            Reading::Blurred { quality },
            Reading::Busy,
            Reading::Unplugged,
            Reading::Denied,
            Reading::Failed {
                reason: "no".into(),
            },
        ];
        for reading in all {
            let line = Line {
                format: FORMAT,
                reading,
                sandbox: SandboxLevel::Full,
            };
            let text = serde_json::to_string(&line).unwrap();
            assert!(text.len() < MAX_LINE);
            let back: Line = serde_json::from_str(&text).unwrap();
            assert_eq!(back.reading.kind(), line.reading.kind());
            assert!(
                text.contains(&format!("\"kind\":\"{}\"", line.reading.kind())),
                "{text}"
            );
        }
    }
}
