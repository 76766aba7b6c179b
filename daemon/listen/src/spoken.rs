//! Lines on standard output, and the watch: exactly one answer a file, by the work or by the watch that ends a file which hangs.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use moodlark_core::heard::{Answer, FailedWhy, FilePath, MAX_LINE, PATIENCE};

use crate::{args::EXIT_DEADLINE, throttle::process_computed};

/// How often the watch looks while a file is heard.
const GLANCE: Duration = Duration::from_secs(1);

/// What the watch watches.
#[derive(Debug, Default)]
struct State {
    current: Option<Current>,
}

/// The file that is being heard.
#[derive(Debug)]
struct Current {
    path: FilePath,
    since: Instant,
    /// What the process had computed by then.
    computed: Duration,
}

impl Current {
    /// How much of its time is left, by what it has computed and by the clock; none when it is used up.
    fn left(&self, deadline: Duration) -> Option<Duration> {
        let computed = process_computed().saturating_sub(self.computed);
        let own = deadline.checked_sub(computed)?;
        let clock = (deadline * PATIENCE).checked_sub(self.since.elapsed())?;
        Some(own.min(clock)).filter(|left| !left.is_zero())
    }
}

/// The right to answer, shared by the work and the watch.
#[derive(Debug, Clone)]
pub struct Speaker {
    state: Arc<(Mutex<State>, Condvar)>,
    deadline: Duration,
}

impl Speaker {
    /// Starts the watch: a file may compute for at most `deadline`, and take at most twenty times as long.
    ///
    /// A decoder that goes round in circles can only be ended together with its process: the watch answers
    /// [`FailedWhy::Deadline`] for the file, and ends the process. To be called before seccomp.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn watched(deadline: Duration) -> io::Result<Self> {
        let speaker = Self {
            state: Arc::default(),
            deadline,
        };
        let watch = speaker.clone();
        moodlark_sandbox::watch::start(move || watch.watch())?;
        Ok(speaker)
    }

    /// A file begins.
    pub fn begin(&self, path: &FilePath) {
        self.state().current = Some(Current {
            path: path.clone(),
            since: Instant::now(),
            computed: process_computed(),
        });
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
            let Some(current) = &state.current else {
                state = self
                    .state
                    .1
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            if let Some(left) = current.left(self.deadline) {
                state = self
                    .state
                    .1
                    .wait_timeout(state, left.min(GLANCE))
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
                continue;
            }
            let answer = Answer::Failed {
                path: current.path.clone(),
                why: FailedWhy::Deadline {
                    seconds: self.deadline.as_secs_f64(),
                },
            };
            let _ = print_line(&answer); // whoever does not read it sees the exit code
            std::process::exit(EXIT_DEADLINE.into());
        }
    }
}

/// Writes a line.
///
/// # Errors
/// When it cannot be written, or is longer than the service reads.
pub fn print_line(answer: &Answer) -> io::Result<()> {
    moodlark_sandbox::line::print(answer, MAX_LINE)
}
