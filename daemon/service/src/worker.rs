//! Runs `moodlark-sense` for one look: a deadline, at most one line of 4 KiB, and no trust.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use moodlark_catalogue::tr;
use moodlark_core::{
    Reading,
    reading::{FORMAT, Line, MAX_LINE, SandboxLevel},
    settings::{CameraSettings, SeveralFaces, Source},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    sync::oneshot,
};

/// The most lines of a worker's standard error that reach the log.
const MOST_LOG_LINES: usize = 20;

/// A look under way. Dropping it kills the worker.
#[derive(Debug)]
pub struct Look {
    /// Ends the look at once; the camera is closed when the worker is gone.
    stop: Option<oneshot::Sender<()>>,
}

impl Look {
    /// Starts the worker, and sends what it found to `done`; `None` if it was stopped.
    pub fn start(
        program: PathBuf,
        settings: CameraSettings,
        index: u64,
        done: impl FnOnce(Option<Reading>) + Send + 'static,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(async move {
            done(look(&program, &settings, index, stopped).await);
        });
        Self { stop: Some(stop) }
    }

    /// Kills the worker.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(()); // it may have ended just now
        }
    }
}

async fn look(
    program: &Path,
    settings: &CameraSettings,
    index: u64,
    stopped: oneshot::Receiver<()>,
) -> Option<Reading> {
    let mut child = match command(program, settings, index).spawn() {
        Ok(child) => child,
        Err(error) => {
            return Some(failed(tr!(
                "{program} could not be started: {error}",
                program = program.display(),
                error
            )));
        }
    };
    let outcome = tokio::select! {
        reading = answer(&mut child) => Some(reading),
        () = tokio::time::sleep(settings.deadline) => Some(failed(tr!("no answer within {span}", span = humantime_seconds(settings.deadline)))),
        // A dropped sender is a service that ends: the same.
        _ = stopped => None,
    };
    // Whatever it said, it must be gone before the look counts as over: then the camera is closed.
    if let Err(error) = child.kill().await {
        tracing::warn!("the worker could not be killed: {error}");
    }
    outcome
}

/// Has glibc give back at once what was freed in large blocks. Loading a network takes many that live for a
/// moment, and once glibc has seen a few it keeps them all: 7 MiB more at the peak. Smaller blocks stay: to
/// give each back costs page faults, an eighth of a look's time. The budgets example prints both under other values
/// put here; see mallopt(3).
pub const LEAN: [(&str, &str); 2] = [
    ("MALLOC_MMAP_THRESHOLD_", "524288"),
    ("MALLOC_TRIM_THRESHOLD_", "8388608"),
];

fn command(program: &Path, settings: &CameraSettings, index: u64) -> Command {
    let mut command = Command::new(program);
    command.arg("--once");
    match (settings.source, &settings.pictures) {
        (Source::Pictures, Some(path)) => {
            command
                .arg("--pictures")
                .arg(crate::paths::expand_home(path));
            command.arg("--index").arg(index.to_string());
        }
        (Source::Pictures, None) | (Source::Camera, _) => {
            command.arg("--device").arg(&settings.device);
        }
    }
    command
        .arg("--several-faces")
        .arg(match settings.several_faces {
            SeveralFaces::Largest => "largest",
            SeveralFaces::None => "none",
        });
    // Nothing of the session is its business: not the bus's address, not a token in a variable.
    command.env_clear().envs(LEAN);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn answer(child: &mut Child) -> Reading {
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return failed(tr!("the worker has no output"));
    };
    let log = tokio::spawn(async move {
        let mut lines = BufReader::new(stderr.take(MAX_LINE as u64 * 4)).lines();
        for _ in 0..MOST_LOG_LINES {
            match lines.next_line().await {
                Ok(Some(line)) => tracing::debug!(target: "moodlark_sense", "{line}"),
                Ok(None) | Err(_) => break,
            }
        }
    });
    let mut text = Vec::new();
    let read = stdout
        .take(MAX_LINE as u64 + 1)
        .read_to_end(&mut text)
        .await;
    let reading = match read {
        Err(error) => failed(tr!("the worker's answer could not be read: {error}", error)),
        Ok(_) if text.len() > MAX_LINE => failed(tr!(
            "the worker said more than {most} bytes",
            most = MAX_LINE
        )),
        Ok(_) => match child.wait().await {
            Ok(status) if !status.success() => {
                failed(tr!("the worker ended with {status}", status))
            }
            Err(error) => failed(tr!("the worker is lost: {error}", error)),
            Ok(_) => parse(&text),
        },
    };
    log.abort();
    reading
}

/// Parses the one line.
fn parse(text: &[u8]) -> Reading {
    let line: Line = match serde_json::from_slice(text) {
        Ok(line) => line,
        Err(error) => return failed(tr!("the worker's answer is no reading: {error}", error)),
    };
    if line.format != FORMAT {
        return failed(tr!(
            "the worker speaks format {format}, not {own}: moodlarkd and moodlark-sense are from different versions",
            format = line.format,
            own = FORMAT
        ));
    }
    match line.sandbox {
        SandboxLevel::Full => {}
        SandboxLevel::Partial => {
            static TOLD: std::sync::Once = std::sync::Once::new();
            TOLD.call_once(|| {
                tracing::warn!(
                    "the kernel is too old for all of the worker's sandbox; seccomp holds"
                );
            });
        }
        SandboxLevel::None => tracing::warn!("the kernel enforces no sandbox on the worker"),
    }
    // A sentence from a worker goes to logs and notices: no control characters in it.
    if let Reading::Failed { reason } = line.reading {
        let reason = reason
            .chars()
            .filter(|c| !c.is_control())
            .take(300)
            .collect();
        return Reading::Failed { reason };
    }
    line.reading
}

fn failed(reason: String) -> Reading {
    Reading::Failed { reason }
}

fn humantime_seconds(span: Duration) -> String {
    moodlark_core::time::span::format(span)
}

/// Runs the worker for one of its own checks (`--self-test`, `--list-devices`) to its end.
///
/// # Errors
/// A sentence: it could not be started, or took longer than five seconds.
pub async fn run(program: &Path, arguments: &[&str]) -> Result<std::process::Output, String> {
    let run = Command::new(program)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    match tokio::time::timeout(Duration::from_secs(5), run).await {
        Err(_) => Err(tr!(
            "{program} did not answer within 5 s",
            program = program.display()
        )),
        Ok(Err(error)) => Err(tr!(
            "{program} could not be started: {error}",
            program = program.display(),
            error
        )),
        Ok(Ok(output)) => Ok(output),
    }
}

/// The same; answers with what it printed.
///
/// # Errors
/// As [`run`], or it failed.
pub async fn ask(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = run(program, arguments).await?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said
        .lines()
        .last()
        .unwrap_or("it failed without a word")
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_format_is_refused_and_so_is_nonsense() {
        assert!(matches!(parse(b"hello"), Reading::Failed { .. }));
        assert!(matches!(parse(b""), Reading::Failed { .. }));
        let other = br#"{"format":2,"kind":"no_face","sandbox":"full"}"#;
        let Reading::Failed { reason } = parse(other) else {
            panic!("refused")
        };
        assert!(reason.contains("different versions"));
        assert_eq!(
            parse(br#"{"format":1,"kind":"no_face","sandbox":"full"}"#),
            Reading::NoFace
        );
    }

    #[test]
    fn a_reason_brings_no_control_characters_along() {
        let line = br#"{"format":1,"kind":"failed","reason":"a\u001b[31mb\nc","sandbox":"full"}"#;
        assert_eq!(
            parse(line),
            Reading::Failed {
                reason: "a[31mbc".into()
            }
        );
    }
}
