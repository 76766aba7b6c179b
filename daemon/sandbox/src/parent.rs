//! A worker dies with the service that started it: nobody else would kill it at its deadline, and
//! a driver that hangs would hold the camera for ever.

use rustix::process::{Signal, getppid, set_parent_process_death_signal};

/// From now on the kernel kills this process when its parent ends, however it ends.
///
/// # Errors
/// A sentence: the kernel refuses, or the parent ended a moment ago.
pub fn die_with() -> Result<(), String> {
    let parent = getppid();
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| format!("the kernel does not tie this process to its parent: {error}"))?;
    if getppid() == parent {
        Ok(())
    } else {
        Err("the process that started this one is gone".into())
    }
}
