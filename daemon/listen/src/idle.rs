//! The lowest priority there is, for processor and disk, and a bound on memory: set by the worker itself, before its sandbox.

use rustix::process::{Resource, Rlimit, setpriority_process, setrlimit};

/// The most memory of its own that the worker may have, in bytes: four times what a file needs. What asks for more ends the
/// worker, and nothing else.
pub const MEMORY: u64 = 256 << 20;

/// Lets everything else go first. What the kernel refuses is no reason not to listen.
pub fn be_idle() {
    let _ = setpriority_process(None, 19); // raising nice is always allowed
    kernel::schedule_idle();
}

/// Bounds memory, and leaves no core dump.
///
/// # Errors
/// A sentence: when the kernel refuses.
pub fn bound() -> Result<(), String> {
    limit(Resource::Core, 0)?;
    limit(Resource::Data, MEMORY)
}

/// Bounds what this process, and what it becomes, may have of something.
///
/// # Errors
/// A sentence: when the kernel refuses.
pub(crate) fn limit(resource: Resource, most: u64) -> Result<(), String> {
    let limit = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    setrlimit(resource, limit).map_err(|error| format!("the kernel sets no limit: {error}"))
}

/// The two calls that no safe crate of ours has.
mod kernel {
    #![expect(
        unsafe_code,
        reason = "sched_setscheduler and ioprio_set have no safe wrapper; both take plain numbers and a struct of ours"
    )]

    /// `IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)` of linux/ioprio.h.
    const IDLE_IO: libc::c_long = 3 << 13;
    /// `IOPRIO_WHO_PROCESS`.
    const PROCESS: libc::c_long = 1;

    pub(super) fn schedule_idle() {
        let param = libc::sched_param { sched_priority: 0 };
        // SAFETY: 0 is this process, and `param` lives through the call. A refusal changes nothing.
        unsafe {
            libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const param);
        }
        // SAFETY: three numbers; no memory is handed over.
        unsafe {
            libc::syscall(libc::SYS_ioprio_set, PROCESS, 0 as libc::c_long, IDLE_IO);
        }
    }
}
