//! What can be wrong with a configuration, as data and as sentences.

use std::{fmt, io, ops::Range, path::PathBuf};

use serde::Serialize;

/// One thing that is wrong, or doubtful, in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The option: `camera.interval`; entries of a list counted from 1: `rule[2].do`. Empty for a
    /// mistake of syntax.
    pub key: String,
    /// What is wrong, as a sentence without its full stop.
    pub reason: String,
    /// What to write instead, where that can be guessed.
    pub suggestion: Option<String>,
}

impl Problem {
    /// A problem at `span` (in bytes) of `text`.
    pub(crate) fn at(
        text: &str,
        span: &Range<usize>,
        key: String,
        reason: String,
        suggestion: Option<String>,
    ) -> Self {
        let (line, column) = position(text, span.start);
        Self {
            line,
            column,
            key,
            reason,
            suggestion,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.reason)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; {suggestion}"),
            None => Ok(()),
        }
    }
}

/// Line and column, from 1, of a byte offset; an offset past the end is the end.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        before.matches('\n').count() + 1,
        before[start..].chars().count() + 1,
    )
}

/// Everything that is wrong with a configuration, in the order of the file; never empty.
///
/// Displays as one problem a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(transparent)]
pub struct ConfigErrors {
    problems: Vec<Problem>,
}

impl ConfigErrors {
    /// `problems` must not be empty.
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        debug_assert!(!problems.is_empty());
        Self { problems }
    }

    /// The problems, in the order of the file.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The first problem, and how many more there are: for a notification or a status line.
    #[must_use]
    pub fn summary(&self) -> String {
        match self.problems.as_slice() {
            [] => String::new(),
            [only] => only.to_string(),
            [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
        }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

/// A configuration file could not be used, or not be changed. What was on disk is untouched.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("{} could not be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is there is a folder, a pipe or a device.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// The thing.
        path: PathBuf,
    },
    /// The file is larger than [`crate::MAX_BYTES`].
    #[error("{} is larger than {} KiB: that is no configuration of Moodlark", path.display(), crate::MAX_BYTES / 1024)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is not text.
    #[error("{}: line {line}, column {column}: this is not UTF-8 text", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line of the first bad byte, from 1.
        line: usize,
        /// Its column, from 1.
        column: usize,
    },
    /// Something in it is wrong.
    #[error("{} is not right:\n{errors}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What.
        errors: ConfigErrors,
    },
    /// The file could not be written.
    #[error("{} could not be written: {source}", path.display())]
    Write {
        /// The file, or its folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another program kept changing the file while it was edited.
    #[error("{} was changed by another program meanwhile; try again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

impl ConfigError {
    /// The error on one line: for a notification or a status line.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Invalid { path, errors } => format!("{}: {}", path.display(), errors.summary()),
            other => other.to_string(),
        }
    }
}

/// The place of the first byte that is not UTF-8.
pub(crate) fn not_utf8(path: PathBuf, bytes: &[u8], error: std::str::Utf8Error) -> ConfigError {
    let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
    let (line, column) = position(&good, good.len());
    ConfigError::NotUtf8 { path, line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let text = "a\nöb\r\nc";
        assert_eq!(position(text, 0), (1, 1));
        assert_eq!(position(text, text.find('b').unwrap()), (2, 2));
        assert_eq!(position(text, text.find('c').unwrap()), (3, 1));
        assert_eq!(position(text, 999), (3, 2));
        assert_eq!(position("ö", 1), (1, 1));
    }

    #[test]
    fn a_summary_is_one_line() {
        let problem = |line| Problem {
            line,
            column: 1,
            key: "k".into(),
            reason: "no".into(),
            suggestion: None,
        };
        let errors = ConfigErrors::new(vec![problem(1), problem(2), problem(3)]);
        assert_eq!(errors.summary(), "line 1, column 1: k: no (and 2 more)");
        assert_eq!(errors.to_string().lines().count(), 3);
    }
}
