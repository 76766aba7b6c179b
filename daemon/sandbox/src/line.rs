//! One line of JSON on standard output: how a worker answers.

use std::io::{self, Write};

use serde::Serialize;

/// Writes a value as one line of at most `most` bytes, its end included, in one write: a reader never sees half a line.
///
/// # Errors
/// When it cannot be written, or would be longer than the reader reads.
pub fn print(value: &impl Serialize, most: usize) -> io::Result<()> {
    let mut text = serde_json::to_string(value)?;
    text.push('\n');
    if text.len() > most {
        return Err(io::Error::other(
            "the line is longer than the service reads",
        ));
    }
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
