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
//! | [`parent`] | ending together with the service |
//! | [`tries`] | the proof from inside: what must be refused is tried |
#![forbid(unsafe_code)]

pub mod calls;
pub mod files;
pub mod parent;
pub mod tries;

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
