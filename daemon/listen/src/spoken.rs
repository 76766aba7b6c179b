//! Lines on standard output, and the watch: exactly one answer a file, by the work or by the watch that ends a file which hangs.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    time::{Duration, Instant},
};

use moodlark_core::heard::{Answer, FailedWhy, FilePath, MAX_LINE};

use crate::args::EXIT_DEADLINE;

/// What the watch watches.
#[derive(Debug, Default)]
struct State {
    current: Option<(FilePath, Instant)>,
}

/// The right to answer, shared by the work and the watch.
#[derive(Debug, Clone)]
pub struct Speaker {
    state: Arc<(Mutex<State>, Condvar)>,
    deadline: Duration,
}

impl Speaker {
    /// Starts the watch: a file may take at most `deadline`.
    ///
    /// A decoder that goes round in circles can only be ended together with its process: the watch answers
    /// [`FailedWhy::Deadline`] for the file, and ends the process. The thread is started before seccomp, which then covers
    /// every thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn watched(deadline: Duration) -> io::Result<Self> {
        let speaker = Self {
            state: Arc::default(),
            deadline,
        };
        let watch = speaker.clone();
        let (started, starting) = mpsc::channel();
        std::thread::Builder::new()
            .name("watch".into())
            .stack_size(64 * 1024)
            .spawn(move || {
                // A new thread registers itself with the kernel by calls that seccomp is about to refuse.
                let _ = started.send(());
                watch.watch();
            })?;
        starting.recv().map_err(io::Error::other)?;
        Ok(speaker)
    }

    /// A file begins.
    pub fn begin(&self, path: &FilePath) {
        self.state().current = Some((path.clone(), Instant::now() + self.deadline));
        self.state.1.notify_one();
    }

    /// A file is done: its answer is written, unless the watch has spoken already.
    ///
    /// # Errors
    /// When the line cannot be written.
    pub fn end(&self, answer: &Answer) -> io::Result<()> {
        let mut state = self.state();
        state.current = None;
        // The lock is held: the watch cannot speak in between.
        print_line(answer)
    }

    /// A file is done, and its answer goes another way.
    pub fn done(&self) {
        self.state().current = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self) {
        let mut state = self.state();
        loop {
            let now = Instant::now();
            state = match &state.current {
                None => self
                    .state
                    .1
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some((_, end)) if *end > now => {
                    let left = *end - now;
                    self.state
                        .1
                        .wait_timeout(state, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
                Some((path, _)) => {
                    let answer = Answer::Failed {
                        path: path.clone(),
                        why: FailedWhy::Deadline {
                            seconds: self.deadline.as_secs_f64(),
                        },
                    };
                    let _ = print_line(&answer); // whoever does not read it sees the exit code
                    std::process::exit(EXIT_DEADLINE.into());
                }
            }
        }
    }
}

/// Writes a line.
///
/// # Errors
/// When it cannot be written, or is longer than the service reads.
pub fn print_line(answer: &Answer) -> io::Result<()> {
    let mut text = serde_json::to_string(answer)?;
    text.push('\n');
    if text.len() > MAX_LINE {
        return Err(io::Error::other(
            "the line is longer than the service reads",
        ));
    }
    // One write: a reader never sees half a line.
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
