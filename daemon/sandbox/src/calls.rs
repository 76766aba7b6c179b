//! Seccomp: which system calls are left. The second layer.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule,
};

/// What a process goes on to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Compute, and write to standard output and standard error.
    Compute,
    /// The same, and read an open camera.
    Camera,
    /// The same as [`Calls::Compute`], and open, list and read files, as far as landlock leaves any.
    ReadFiles,
    /// The same as [`Calls::Compute`], and read standard input.
    ReadInput,
    /// Run another program that we do not know call by call: everything but sockets and ways into other processes and the
    /// kernel.
    Program,
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Leaves only the system calls that this takes, for every thread.
///
/// # Errors
/// When the kernel has no seccomp, or this processor is none that the filter knows.
pub fn close_calls(calls: Calls) -> Result<()> {
    let program = filter(calls)?;
    seccompiler::apply_filter_all_threads(&program).context("seccomp")
}

fn filter(calls: Calls) -> Result<BpfProgram> {
    let arch = std::env::consts::ARCH
        .try_into()
        .context("seccomp does not know this processor")?;
    // Not listed is refused, not killed: a C library that tries something new falls back or fails with
    // a message, where a kill would leave no line at all.
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let filter = match calls {
        Calls::Program => SeccompFilter::new(refused()?, SeccompAction::Allow, refuse, arch)?,
        _ => SeccompFilter::new(rules(calls)?, refuse, SeccompAction::Allow, arch)?,
    };
    filter.try_into().context("seccomp")
}

fn when(conditions: Vec<SeccompCondition>) -> Result<SeccompRule> {
    SeccompRule::new(conditions).context("seccomp")
}

fn arg(index: u8, op: Op, value: u64) -> Result<SeccompCondition> {
    SeccompCondition::new(index, Len::Dword, op, value).context("seccomp")
}

fn rules(calls: Calls) -> Result<Rules> {
    let mut rules = Rules::new();
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
    match calls {
        Calls::Compute | Calls::Program => {}
        Calls::Camera => {
            // Requests of the video interface ('V') and of no other.
            let video = arg(1, Op::MaskedEq(0xff00), u64::from(b'V') << 8)?;
            rules.insert(libc::SYS_ioctl, vec![when(vec![video])?]);
        }
        Calls::ReadFiles => read_files(&mut rules)?,
        Calls::ReadInput => {
            rules.insert(libc::SYS_read, vec![when(vec![arg(0, Op::Eq, 0)?])?]);
        }
    }
    Ok(rules)
}

fn read_files(rules: &mut Rules) -> Result<()> {
    let plain = [
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_pread64,
        libc::SYS_lseek,
        libc::SYS_fstat,
        libc::SYS_statx,
        libc::SYS_newfstatat,
        libc::SYS_getdents64,
        libc::SYS_fadvise64,
    ];
    for call in plain {
        rules.insert(call, Vec::new());
    }
    // Opened to be read: nothing is written, created, truncated or named anew.
    let write =
        (libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC | libc::O_APPEND) as u64;
    rules.insert(
        libc::SYS_openat,
        vec![when(vec![arg(2, Op::MaskedEq(write), 0)?])?],
    );
    // A descriptor's flags, and its twin.
    let fcntl = [
        libc::F_GETFD,
        libc::F_SETFD,
        libc::F_GETFL,
        libc::F_SETFL,
        libc::F_DUPFD_CLOEXEC,
    ];
    let fcntl: Result<Vec<_>> = fcntl
        .into_iter()
        .map(|command| when(vec![arg(1, Op::Eq, command as u64)?]))
        .collect();
    rules.insert(libc::SYS_fcntl, fcntl?);
    Ok(())
}

/// What a program that we run must not do, whoever wrote it. Landlock has taken its files already.
fn refused() -> Result<Rules> {
    let calls = [
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_getfd,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_rt_tgsigqueueinfo,
        libc::SYS_pidfd_send_signal,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_io_uring_setup,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_mount,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
    ];
    let mut rules: Rules = calls.into_iter().map(|call| (call, Vec::new())).collect();
    // Signals to this process alone; running another program, it keeps its number.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![when(vec![arg(0, Op::Ne, own)?])?]);
    #[cfg(target_arch = "x86_64")]
    {
        // The same calls under the numbers of x32, which a kernel may know as well and which no filter tells apart by
        // the processor; three of them have numbers of their own there.
        let others = [521, 539, 540].map(|call| (X32 | call, Vec::new()));
        let same: Vec<_> = rules
            .iter()
            .map(|(call, conditions)| (X32 | call, conditions.clone()))
            .collect();
        rules.extend(same.into_iter().chain(others));
    }
    Ok(rules)
}

/// The bit of x32's numbers: `__X32_SYSCALL_BIT` of asm/unistd.h; `ptrace`, `process_vm_readv` and `process_vm_writev` are 521, 539
/// and 540 there.
#[cfg(target_arch = "x86_64")]
const X32: i64 = 0x4000_0000;

#[cfg(test)]
mod tests {
    use super::*;

    /// What none of the workers ever needs.
    const OUT: [i64; 17] = [
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
    ];

    #[test]
    fn the_filter_names_no_way_out() {
        for calls in [Calls::Compute, Calls::Camera] {
            let rules = rules(calls).unwrap();
            for call in OUT.into_iter().chain([libc::SYS_openat, libc::SYS_read]) {
                assert!(!rules.contains_key(&call), "{call}");
            }
            assert_eq!(rules.contains_key(&libc::SYS_ioctl), calls == Calls::Camera);
            assert!(filter(calls).is_ok());
        }
    }

    #[test]
    fn reading_files_is_all_that_is_added_for_it() {
        for calls in [Calls::ReadFiles, Calls::ReadInput] {
            let rules = rules(calls).unwrap();
            for call in OUT.into_iter().chain([
                libc::SYS_ioctl,
                libc::SYS_pwrite64,
                libc::SYS_renameat2,
                libc::SYS_mkdirat,
                libc::SYS_ftruncate,
                libc::SYS_linkat,
            ]) {
                assert!(!rules.contains_key(&call), "{call}");
            }
            // Opening is bound to a condition.
            let opening = rules.get(&libc::SYS_openat);
            assert_eq!(opening.is_some(), calls == Calls::ReadFiles);
            assert!(opening.is_none_or(|conditions| !conditions.is_empty()));
            assert!(filter(calls).is_ok());
        }
    }

    #[test]
    fn a_program_has_no_sockets() {
        let refused = refused().unwrap();
        for call in [
            libc::SYS_socket,
            libc::SYS_kill,
            libc::SYS_tkill,
            libc::SYS_tgkill,
        ] {
            assert!(refused.contains_key(&call), "{call}");
            #[cfg(target_arch = "x86_64")]
            assert!(refused.contains_key(&(X32 | call)), "{call} of x32");
        }
        // To itself it may: that is how it aborts.
        assert!(!refused[&libc::SYS_tgkill].is_empty());
        assert!(!refused.contains_key(&libc::SYS_execve));
        assert!(filter(Calls::Program).is_ok());
    }
}
