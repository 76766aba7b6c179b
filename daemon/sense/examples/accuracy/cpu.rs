//! Processor time.

/// Milliseconds of processor time that this process has used: other programs do not change it much.
pub(crate) fn cpu_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
