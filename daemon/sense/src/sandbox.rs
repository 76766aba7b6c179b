//! What the process may not do any more: no_new_privs, landlock, seccomp, and no core dump.
//!
//! Both layers only ever take away. Landlock closes the file system (but for one camera node), TCP, and signals and abstract
//! sockets beyond the process. Seccomp then allows a short list of system calls and answers EPERM to
//! every other: no open, no socket of any kind, no exec, no new process or thread, no executable memory.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};
use moodlark_core::reading::SandboxLevel;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule,
};

/// How far the kernel enforces what landlock was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landlock {
    /// All of it: Linux 6.12 or newer.
    Full,
    /// Part of it: an older kernel.
    Partial,
    /// None of it: landlock is not in the kernel, or switched off at boot.
    Off,
}

impl Landlock {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::Off => "off",
        }
    }
}

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

/// Closes the file system but for one device node, or altogether. The first layer.
///
/// Also forbids core dumps: a crash must not write a picture to disk.
///
/// # Errors
/// When the node cannot be named (it is not there), or the kernel refuses in an unforeseen way.
pub fn close_files(node: Option<&Path>) -> Result<Landlock> {
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .context("cannot forbid core dumps")?;
    // IoctlDev came with version 5, scopes with version 6; older kernels enforce what they know.
    let abi = ABI::V6;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()
        .context("landlock")?;
    if let Some(node) = node {
        let access = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
        rules = rules.add_rule(PathBeneath::new(PathFd::new(node)?, access))?;
    }
    let status = rules.restrict_self().context("landlock")?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Landlock::Full,
        RulesetStatus::PartiallyEnforced => Landlock::Partial,
        RulesetStatus::NotEnforced => Landlock::Off,
    })
}

/// Leaves only the system calls that computing needs, and with `camera` those that reading an open camera needs.
/// The second layer, for every thread.
///
/// # Errors
/// When the kernel has no seccomp, or this processor is none that the filter knows.
pub fn close_calls(camera: bool) -> Result<()> {
    let program = filter(camera)?;
    seccompiler::apply_filter_all_threads(&program).context("seccomp")
}

fn filter(camera: bool) -> Result<BpfProgram> {
    let arch = std::env::consts::ARCH
        .try_into()
        .context("seccomp does not know this processor")?;
    // Not listed is refused, not killed: a C library that tries something new falls back or fails with
    // a message, where a kill would leave no line at all.
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules(camera)?, refuse, SeccompAction::Allow, arch)?;
    filter.try_into().context("seccomp")
}

fn rules(camera: bool) -> Result<BTreeMap<i64, Vec<SeccompRule>>> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    let plain = [
        // Memory.
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        // Time and waiting.
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_futex,
        libc::SYS_restart_syscall,
        libc::SYS_sched_yield,
        libc::SYS_ppoll,
        // Randomness for hash maps.
        libc::SYS_getrandom,
        // Letting go.
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
        // Signals within the process: a crash must be able to end it.
        libc::SYS_rt_sigreturn,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigaction,
        libc::SYS_sigaltstack,
        libc::SYS_getpid,
        libc::SYS_gettid,
    ];
    for call in plain {
        rules.insert(call, Vec::new());
    }
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_poll, Vec::new());

    let when = |conditions: Vec<SeccompCondition>| SeccompRule::new(conditions).context("seccomp");
    let arg =
        |index, op, value| SeccompCondition::new(index, Len::Dword, op, value).context("seccomp");
    // Standard output and standard error, and nothing else.
    for call in [libc::SYS_write, libc::SYS_writev] {
        rules.insert(
            call,
            vec![
                when(vec![arg(0, Op::Eq, 1)?])?,
                when(vec![arg(0, Op::Eq, 2)?])?,
            ],
        );
    }
    // No memory that is executable.
    let exec = libc::PROT_EXEC as u64;
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![when(vec![arg(2, Op::MaskedEq(exec), 0)?])?]);
    }
    // Abort signals to this process alone.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![when(vec![arg(0, Op::Eq, own)?])?]);
    // Asking for no_new_privs, for the self-test.
    rules.insert(
        libc::SYS_prctl,
        vec![when(vec![arg(
            0,
            Op::Eq,
            libc::PR_GET_NO_NEW_PRIVS as u64,
        )?])?],
    );
    if camera {
        // Requests of the video interface ('V') and of no other.
        let video = arg(1, Op::MaskedEq(0xff00), u64::from(b'V') << 8)?;
        rules.insert(libc::SYS_ioctl, vec![when(vec![video])?]);
    }
    Ok(rules)
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

    #[test]
    fn the_filter_names_no_way_out() {
        for camera in [false, true] {
            let rules = rules(camera).unwrap();
            let out = [
                libc::SYS_openat,
                libc::SYS_openat2,
                libc::SYS_socket,
                libc::SYS_socketpair,
                libc::SYS_connect,
                libc::SYS_sendto,
                libc::SYS_execve,
                libc::SYS_execveat,
                libc::SYS_clone,
                libc::SYS_clone3,
                libc::SYS_ptrace,
                libc::SYS_process_vm_writev,
                libc::SYS_io_uring_setup,
                libc::SYS_memfd_create,
                libc::SYS_kill,
                libc::SYS_unlinkat,
                libc::SYS_bpf,
                libc::SYS_pidfd_getfd,
                libc::SYS_read,
            ];
            for call in out {
                assert!(!rules.contains_key(&call), "{call}");
            }
            assert_eq!(rules.contains_key(&libc::SYS_ioctl), camera);
            assert!(filter(camera).is_ok());
        }
    }
}
