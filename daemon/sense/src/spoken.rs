//! One line on standard output, exactly once: by the look, or by the watch that ends a look which hangs.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use moodlark_core::{
    Reading,
    reading::{FORMAT, Line, MAX_LINE, SandboxLevel},
};

/// The right to speak, shared by the look and the watch; the first to take it speaks.
#[derive(Debug, Clone)]
pub struct Speaker {
    taken: Arc<AtomicBool>,
    level: Arc<Mutex<SandboxLevel>>,
}

impl Default for Speaker {
    fn default() -> Self {
        Self {
            taken: Arc::default(),
            level: Arc::new(Mutex::new(SandboxLevel::None)),
        }
    }
}

impl Speaker {
    /// Whether the caller is the first, and so the only one, to speak.
    #[must_use]
    pub fn take(&self) -> bool {
        !self.taken.swap(true, Ordering::SeqCst)
    }

    /// Says what sandbox holds, for the line of the watch.
    pub fn set_level(&self, level: SandboxLevel) {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner) = level;
    }

    /// What sandbox holds.
    #[must_use]
    pub fn level(&self) -> SandboxLevel {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the process with a `Failed` line if nobody has spoken within `deadline`.
    ///
    /// A camera whose producer stalls never answers: nokhwa has no timeout, and a blocked call can only be
    /// ended together with its process. To be called inside landlock and before seccomp.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn watch(&self, deadline: Duration) -> std::io::Result<()> {
        let speaker = self.clone();
        moodlark_sandbox::watch::start(move || {
            std::thread::sleep(deadline);
            if speaker.take() {
                let reason = format!("the look took longer than {} s", deadline.as_secs_f32());
                let written = print_line(&line(Reading::Failed { reason }, speaker.level()));
                std::process::exit(
                    i32::from(written.is_err()) * i32::from(crate::args::EXIT_INTERNAL),
                );
            }
        })
    }
}

/// The line for a reading. What would be longer than the service reads is cut short.
#[must_use]
pub fn line(reading: Reading, sandbox: SandboxLevel) -> Line {
    let reading = match reading {
        Reading::Failed { reason } => Reading::Failed {
            reason: short(&reason),
        },
        other => other,
    };
    Line {
        format: FORMAT,
        reading,
        sandbox,
    }
}

/// Writes the line.
///
/// # Errors
/// When it cannot be written, or is longer than the service reads.
pub fn print_line(line: &Line) -> std::io::Result<()> {
    moodlark_sandbox::line::print(line, MAX_LINE)
}

/// At most 300 characters, no control characters.
fn short(reason: &str) -> String {
    reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(300)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_speaks() {
        let speaker = Speaker::default();
        assert!(speaker.take());
        assert!(!speaker.clone().take());
    }

    #[test]
    fn no_reason_is_too_long_for_the_line() {
        for reason in ["\u{0}\n\"\\".repeat(5000), "🦀".repeat(5000)] {
            let text = serde_json::to_string(&line(Reading::Failed { reason }, SandboxLevel::Full))
                .unwrap();
            assert!(
                text.len() < MAX_LINE && !text.contains('\n'),
                "{}",
                text.len()
            );
        }
    }
}
