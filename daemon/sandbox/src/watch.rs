//! A second thread, which watches over the work and ends it.

use std::{io, sync::mpsc};

/// Starts a thread for `watch`, and comes back when it runs.
///
/// A new thread registers itself with the kernel by calls that seccomp refuses. So it is started before seccomp, which then covers
/// every thread: there is no moment at which a part of the process is outside.
///
/// # Errors
/// When the system gives no thread.
pub fn start(watch: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let (started, starting) = mpsc::channel();
    std::thread::Builder::new()
        .name("watch".into())
        .stack_size(64 * 1024)
        .spawn(move || {
            let _ = started.send(()); // who waits for it is below
            watch();
        })?;
    starting.recv().map_err(io::Error::other)
}
