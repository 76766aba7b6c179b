//! What a worker that decodes other people's files may not do any more: no_new_privs, landlock, seccomp, and no core dump.
//!
//! Both layers only ever take away. Landlock closes the file system (but for what is named in [`Leave`]), TCP, and signals and
//! abstract sockets beyond the process. Seccomp then allows a short list of system calls and answers EPERM to
//! every other: no socket of any kind, no exec, no new process or thread, no executable memory.
//!
//! | module | noun |
//! |---|---|
//! | [`files`] | landlock: which files are left |
//! | [`calls`] | seccomp: which system calls are left |
//! | [`watch`] | the thread that watches over the work |
//! | [`line`] | one line of JSON, the worker's answer |
//! | [`parent`] | ending together with the service |
//! | [`tries`], [`proof`] | the proof from inside: what must be refused is tried, and the report of it |
#![forbid(unsafe_code)]

pub mod calls;
pub mod files;
pub mod line;
pub mod parent;
pub mod proof;
pub mod tries;
pub mod watch;

pub use calls::{Calls, close_calls};
pub use files::{Landlock, Leave, close_files};

use moodlark_core::reading::SandboxLevel;

/// What the two layers amount to.
#[must_use]
pub const fn level(landlock: Landlock, seccomp: bool) -> SandboxLevel {
    match (landlock, seccomp) {
        (Landlock::Full, true) => SandboxLevel::Full,
        (_, true) => SandboxLevel::Partial,
        // Landlock alone leaves sockets: not enough to be called a sandbox.
        (_, false) => SandboxLevel::None,
    }
}

/// Closes the second layer behind the first, and says what both amount to. `worker` is the program, for its warnings on standard
/// error: an older kernel enforces less.
#[must_use]
pub fn seal(landlock: Landlock, calls: Calls, worker: &str) -> SandboxLevel {
    let seccomp = calls_closed(calls, worker);
    if landlock != Landlock::Full {
        let name = landlock.name();
        eprintln!(
            "{worker}: warning: landlock is {name}: this kernel enforces less than Linux 6.12 can"
        );
    }
    level(landlock, seccomp)
}

/// Closes the second layer; says whether it holds, and on standard error why not.
#[must_use]
pub fn calls_closed(calls: Calls, worker: &str) -> bool {
    let closed = close_calls(calls);
    if let Err(error) = &closed {
        eprintln!("{worker}: warning: {error:#}");
    }
    closed.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_without_seccomp_is_none() {
        assert_eq!(level(Landlock::Full, true), SandboxLevel::Full);
        assert_eq!(level(Landlock::Partial, true), SandboxLevel::Partial);
        assert_eq!(level(Landlock::Off, true), SandboxLevel::Partial);
        assert_eq!(level(Landlock::Full, false), SandboxLevel::None);
    }
}
