//! What one look costs: the worker from its start to its line, with a picture in place of a camera.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use moodlark_service::worker::LEAN;
use moodlark_tests::rig;

use crate::figures::Figures;

/// The argument with which this program is its own helper.
pub(crate) const COMMAND: &str = "sample-worker";
const RUNS: usize = 20;

pub(crate) fn measure(figures: &mut Figures) -> Result<()> {
    let (worker, picture) = (
        rig::built("moodlark-sense")?,
        rig::root().join("tests/data/astronaut.jpg"),
    );
    let (mut cpu, mut wall, mut peak) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let output = Command::new(std::env::current_exe()?)
            .arg(COMMAND)
            .arg(&worker)
            .arg(&picture)
            .output()?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr));
        }
        let text = String::from_utf8(output.stdout)?;
        let numbers: Vec<f64> = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let [ms, elapsed, mib] = numbers[..] else {
            bail!("the helper said {text:?}")
        };
        cpu.push(ms);
        wall.push(elapsed);
        peak.push(mib);
    }
    figures.add(
        "one look at a picture, worker start to line: CPU",
        "ms",
        Some(60.0),
        cpu,
    );
    figures.add("the same: time", "ms", None, wall);
    figures.add(
        "the same: peak memory (maximum RSS)",
        "MiB",
        Some(32.0),
        peak,
    );
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (cold, warm) = one_face(&worker, &picture)?;
        first.push(cold);
        second.push(warm);
    }
    figures.add(
        "one face, find + straighten + classify, by the worker's own clock",
        "ms",
        Some(10.0),
        second,
    );
    figures.add(
        "the first face of a process, which finds nothing in the caches",
        "ms",
        None,
        first,
    );
    Ok(())
}

/// What the worker says itself of the time for one face, in ms: the first in its process, and the same again.
fn one_face(worker: &Path, picture: &Path) -> Result<(f64, f64)> {
    let output = Command::new(worker)
        .args(["--once", "--explain", "--pictures"])
        .arg(picture)
        .stdin(Stdio::null())
        .output()?;
    let account = String::from_utf8_lossy(&output.stdout);
    let time = |of: &str| -> Result<f64> {
        let line = account
            .lines()
            .find(|line| line.contains(of))
            .with_context(|| format!("no time in {account:?}"))?;
        let number = line.split_whitespace().next().unwrap_or_default();
        number
            .parse()
            .with_context(|| format!("no time in {line:?}"))
    };
    let first = time("find the face")? + time("straighten and classify")?;
    Ok((first, time("the same again")?))
}

/// Runs the worker once and says what it took: CPU ms, elapsed ms, peak MiB.
pub(crate) fn child(worker: &Path, picture: &Path) -> Result<()> {
    let started = Instant::now();
    let output = Command::new(worker)
        .args(["--once", "--pictures"])
        .arg(picture)
        // As the service starts it.
        .env_clear()
        .envs(LEAN)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("running {}", worker.display()))?;
    let elapsed = started.elapsed();
    if !String::from_utf8_lossy(&output.stdout).contains("\"kind\":\"face\"") {
        bail!("the worker found no face: {output:?}");
    }
    let (cpu, peak) = of_children()?;
    println!("{} {} {peak}", cpu * 1e3, elapsed.as_secs_f64() * 1e3);
    Ok(())
}

/// CPU seconds, and the peak in MiB, of the children that were waited for.
#[allow(unsafe_code)] // getrusage is a C interface, and no safe wrapper of it is among our packages
fn of_children() -> Result<(f64, f64)> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: `usage` is valid for a write of one `rusage`, which is read only if the call filled it.
    let usage = unsafe {
        if libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) != 0 {
            return Err(std::io::Error::last_os_error()).context("getrusage");
        }
        usage.assume_init()
    };
    #[allow(clippy::cast_precision_loss)]
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    #[allow(clippy::cast_precision_loss)]
    let peak = usage.ru_maxrss as f64 / 1024.0;
    Ok((seconds(usage.ru_utime) + seconds(usage.ru_stime), peak))
}
