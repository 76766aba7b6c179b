//! The conversation with the service: a request a line in, its answers out.

use std::io::{self, BufRead, Read};

use anyhow::{Context, Result};
use moodlark_core::heard::{Answer, FORMAT, MAX_LINE, Request, Versions};
use moodlark_core::reading::SandboxLevel;

use crate::{
    hear,
    mood::Ear,
    source::detail,
    spoken::{Speaker, print_line},
    throttle::Throttle,
    walk,
};

/// The first line.
#[must_use]
pub fn hello(sandbox: SandboxLevel) -> Answer {
    Answer::Hello {
        format: FORMAT,
        versions: Versions::CURRENT,
        sandbox,
    }
}

/// Answers until standard input ends.
///
/// # Errors
/// When a line cannot be read or written: the service is gone.
pub fn serve(
    ear: &mut Ear,
    input: impl Read,
    speaker: &Speaker,
    throttle: &mut Throttle,
) -> Result<()> {
    let mut input = io::BufReader::new(input);
    loop {
        let mut line = Vec::new();
        let n = (&mut input)
            .take(MAX_LINE as u64)
            .read_until(b'\n', &mut line)
            .context("cannot read a request")?;
        if n == 0 {
            return Ok(());
        }
        if n == MAX_LINE && line.last() != Some(&b'\n') {
            anyhow::bail!("a request is longer than {MAX_LINE} bytes");
        }
        match serde_json::from_slice(&line) {
            Ok(request) => answer(ear, request, speaker, throttle)?,
            Err(error) => print_line(&Answer::Refused {
                reason: detail(&error.to_string()),
            })?,
        }
    }
}

fn answer(
    ear: &mut Ear,
    request: Request,
    speaker: &Speaker,
    throttle: &mut Throttle,
) -> io::Result<()> {
    match request {
        Request::Walk { folders, leave_out } => walk::walk(
            &folders,
            &leave_out,
            &mut || throttle.rest(),
            &mut |answer| print_line(&answer),
        ),
        Request::Hear { path } => {
            speaker.begin(&path);
            speaker.end(&hear::hear(ear, &path, throttle))
        }
        Request::Tags { path } => {
            speaker.begin(&path);
            speaker.end(&hear::tags_of(&path, throttle))
        }
    }
}
