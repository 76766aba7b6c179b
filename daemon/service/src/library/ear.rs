//! `moodlark-listen` as a child: what it is asked, and what it answers.
//!
//! It decodes other people's files, so it is believed in nothing: every line has a length and a deadline, every number
//! its bounds, and an answer about another file than the one that was asked about is none.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use moodlark_catalogue::tr;
use moodlark_core::{
    heard::{Answer, EXIT_NO_FFMPEG, FailedWhy, FilePath, MAX_LINE, PATIENCE, Request, Versions},
    reading::SandboxLevel,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use super::store::File;

/// Loading the network takes a tenth of a second; a disk that sleeps takes longer to read the program from.
const HELLO_WITHIN: Duration = Duration::from_secs(20);
/// What a file may take of the processor's time; the worker ends itself when one takes more.
const DEADLINE: Duration = Duration::from_secs(60);
/// By the clock it may take [`PATIENCE`] times as long, and ends itself then; so much later it is ended.
const GRACE: Duration = Duration::from_secs(20);
/// Between two lines of a walk, which says every few seconds that it goes on: a network drive may take its time.
const WALK_WITHIN: Duration = Duration::from_secs(120);

/// A worker that hears.
#[derive(Debug)]
pub(super) struct Ear {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// How much of the time it may compute.
    pub(super) share: f64,
    /// What it computes with.
    pub(super) versions: Versions,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Files that may be tracks.
    pub(super) files: Vec<File>,
    /// Folders that could not be read, and why.
    pub(super) unread: Vec<(PathBuf, String)>,
}

/// Why a worker is of no use any more.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// It could not be started.
    #[error("{}", tr!("{program} could not be started: {error}", program = program.display(), error))]
    NotStarted {
        /// Which program.
        program: PathBuf,
        /// The system's reason.
        error: std::io::Error,
    },
    /// It ended.
    #[error("{}", tr!("the worker that hears ended: {how}", how = .0))]
    Ended(String),
    /// It did not answer.
    #[error("{}", tr!("the worker that hears did not answer within {seconds} s", seconds = .0.as_secs()))]
    Late(Duration),
    /// It said what makes no sense.
    #[error("{}", tr!("the worker that hears said something else than an answer: {what}", what = .0))]
    Nonsense(String),
}

impl Lost {
    /// What that means for the file it was asked about.
    pub(super) fn of_file(&self) -> FailedWhy {
        match self {
            Self::Late(within) => FailedWhy::Deadline {
                seconds: within.as_secs_f64(),
            },
            other => FailedWhy::Crashed {
                detail: other.to_string(),
            },
        }
    }
}

impl Ear {
    /// Starts a worker that may read these folders. `share`: how much of the time it may compute, 0..=1.
    pub(super) async fn start(
        program: &Path,
        folders: &[PathBuf],
        share: f64,
    ) -> Result<Self, Lost> {
        let mut command = command(program, share);
        for folder in folders {
            command.arg("--folder").arg(folder);
        }
        command.stdin(Stdio::piped());
        let not_started = |error| Lost::NotStarted {
            program: program.to_owned(),
            error,
        };
        let mut child = command.spawn().map_err(not_started)?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(not_started(std::io::Error::other("it has no pipes")));
        };
        let mut ear = Self {
            child,
            requests,
            answers: BufReader::new(answers),
            share,
            versions: Versions::CURRENT,
        };
        match ear.answer(HELLO_WITHIN).await? {
            Answer::Hello {
                versions, sandbox, ..
            } => {
                if sandbox == SandboxLevel::None {
                    tracing::warn!("the kernel enforces no sandbox on the worker that hears");
                }
                ear.versions = versions;
                Ok(ear)
            }
            other => Err(Lost::Nonsense(format!("{other:?}"))),
        }
    }

    /// Lists the files of the folders.
    pub(super) async fn walk(
        &mut self,
        folders: &[PathBuf],
        leave_out: &[PathBuf],
    ) -> Result<Walk, Lost> {
        let request = Request::Walk {
            folders: folders.iter().map(|f| f.as_path().into()).collect(),
            leave_out: leave_out.iter().map(|f| f.as_path().into()).collect(),
        };
        self.ask(&request).await?;
        let mut walk = Walk::default();
        loop {
            match self.answer(WALK_WITHIN).await? {
                Answer::Found {
                    path,
                    size,
                    mtime_ms,
                } => {
                    // It is opened later, by ffmpeg's sandbox too, which leaves what is named: only what lies in the folders.
                    if !lies_in(path.as_path(), folders) {
                        return Err(Lost::Nonsense(format!("{path} was never asked for")));
                    }
                    walk.files.push(File {
                        path: path.as_path().to_string_lossy().into_owned(),
                        named: path.as_str().is_some(),
                        size,
                        mtime: mtime_ms,
                    });
                }
                Answer::Unreadable { path, reason } => {
                    walk.unread.push((path.into_path(), reason));
                }
                Answer::Walking => {}
                Answer::Walked { found, passed, .. } => {
                    tracing::debug!(?passed, "{found} files were found");
                    return Ok(walk);
                }
                other => return Err(Lost::Nonsense(format!("{other:?}"))),
            }
        }
    }

    /// Hears one file: answers with [`Answer::Heard`] and its mood, [`Answer::LeftOut`] or [`Answer::Failed`].
    pub(super) async fn hear(&mut self, path: &str) -> Result<Answer, Lost> {
        self.ask(&Request::Hear { path: path.into() }).await?;
        let answer = self.answer(file_within()).await?;
        about(answer, path, true)
    }

    /// Reads a file's tags and hash alone: the same answers, without a mood.
    pub(super) async fn tags(&mut self, path: &str) -> Result<Answer, Lost> {
        self.ask(&Request::Tags { path: path.into() }).await?;
        let answer = self.answer(file_within()).await?;
        about(answer, path, false)
    }

    async fn ask(&mut self, request: &Request) -> Result<(), Lost> {
        let mut line =
            serde_json::to_string(request).map_err(|error| Lost::Nonsense(error.to_string()))?;
        line.push('\n');
        let written = self.requests.write_all(line.as_bytes());
        match tokio::time::timeout(HELLO_WITHIN, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.ended(&error.to_string()).await),
            Err(_) => Err(Lost::Late(HELLO_WITHIN)),
        }
    }

    async fn answer(&mut self, within: Duration) -> Result<Answer, Lost> {
        match read_answer(&mut self.answers, within).await {
            Err(Lost::Ended(why)) => Err(self.ended(&why).await),
            other => other,
        }
    }

    /// The worker is at its end, or is brought to it.
    async fn ended(&mut self, why: &str) -> Lost {
        match tokio::time::timeout(Duration::from_secs(1), self.child.wait()).await {
            Ok(Ok(status)) => Lost::Ended(status.to_string()),
            Ok(Err(_)) | Err(_) => Lost::Ended(why.to_owned()),
        }
    }
}

/// Whether a path lies in one of the folders, to the letter.
fn lies_in(path: &Path, folders: &[PathBuf]) -> bool {
    let plain = path
        .components()
        .all(|part| part != std::path::Component::ParentDir);
    plain && folders.iter().any(|folder| path.starts_with(folder))
}

/// The answer, if it is one about this file, and with a mood where there must be one.
fn about(answer: Answer, path: &str, mood: bool) -> Result<Answer, Lost> {
    let of_it = answer.path() == Some(&FilePath::from(path));
    let whole = match &answer {
        Answer::Heard { mood: heard, .. } => heard.is_some() == mood,
        Answer::LeftOut { .. } | Answer::Failed { .. } => true,
        _ => false,
    };
    if of_it && whole {
        Ok(answer)
    } else {
        Err(Lost::Nonsense(format!("{answer:?}")))
    }
}

/// Hears a file by way of `ffmpeg`, where that is installed: `None` where it is not. One worker becomes ffmpeg inside a
/// sandbox of its own, and what that decodes goes to another.
pub(super) async fn by_ffmpeg(
    program: &Path,
    path: &str,
    share: f64,
) -> Result<Option<Answer>, Lost> {
    let not_started = |error| Lost::NotStarted {
        program: program.to_owned(),
        error,
    };
    let mut decoding = command(program, share)
        .arg("--decode")
        .arg(path)
        .stdin(Stdio::null())
        .spawn()
        .map_err(not_started)?;
    let samples: Stdio = match decoding.stdout.take() {
        Some(samples) => samples.try_into().map_err(not_started)?,
        None => return Err(not_started(std::io::Error::other("it has no pipes"))),
    };
    let mut hearing = command(program, share)
        .arg("--pcm")
        .arg(path)
        .stdin(samples)
        .spawn()
        .map_err(not_started)?;
    let Some(answers) = hearing.stdout.take() else {
        return Err(not_started(std::io::Error::other("it has no pipes")));
    };
    let mut answers = BufReader::new(answers);
    let heard = async {
        loop {
            match read_answer(&mut answers, file_within()).await? {
                Answer::Hello { .. } => {}
                answer => return about(answer, path, true),
            }
        }
    };
    let answer = tokio::time::timeout(file_within(), heard)
        .await
        .unwrap_or(Err(Lost::Late(file_within())));
    let _ = hearing.kill().await; // it has said what it had to say
    let ended = tokio::time::timeout(Duration::from_secs(1), decoding.wait()).await;
    let _ = decoding.kill().await; // nobody listens to it any more
    match ended {
        Ok(Ok(status)) if status.code() == Some(EXIT_NO_FFMPEG.into()) => Ok(None),
        // Sound that was cut off is not the track; but a file that took too long has been said to.
        Ok(Ok(status)) if !status.success() && !is_late(&answer) => {
            Err(Lost::Ended(tr!("ffmpeg: {status}", status)))
        }
        _ => answer.map(Some),
    }
}

fn is_late(answer: &Result<Answer, Lost>) -> bool {
    matches!(
        answer,
        Ok(Answer::Failed {
            why: FailedWhy::Deadline { .. },
            ..
        })
    )
}

/// How long the service waits for a file.
fn file_within() -> Duration {
    DEADLINE * PATIENCE + GRACE
}

/// A share of 1 means that somebody waits for it: then it takes its turn like any other program.
fn command(program: &Path, share: f64) -> Command {
    let mut command = Command::new(program);
    command
        .arg("--deadline")
        .arg(DEADLINE.as_secs().to_string());
    if share < 1.0 {
        command.arg("--share").arg(share.to_string());
    } else {
        command.arg("--awaited");
    }
    // Nothing of the session is its business: not the bus's address, not a token in a variable.
    command
        .env_clear()
        .envs(crate::worker::LEAN)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn read_answer(
    answers: &mut BufReader<ChildStdout>,
    within: Duration,
) -> Result<Answer, Lost> {
    let mut line = Vec::new();
    let mut answers = answers.take(MAX_LINE as u64 + 1);
    let read = tokio::time::timeout(within, answers.read_until(b'\n', &mut line)).await;
    match read {
        Err(_) => Err(Lost::Late(within)),
        Ok(Err(error)) => Err(Lost::Ended(error.to_string())),
        Ok(Ok(0)) => Err(Lost::Ended(tr!("without a word"))),
        Ok(Ok(_)) if line.len() > MAX_LINE => Err(Lost::Nonsense(tr!("a line that is too long"))),
        Ok(Ok(_)) => serde_json::from_slice::<Answer>(&line)
            .map_err(|error| error.to_string())
            .and_then(Answer::checked)
            .map_err(Lost::Nonsense),
    }
}
