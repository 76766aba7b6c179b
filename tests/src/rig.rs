//! What the machine has: our own programs, and the real ones that the tests drive.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// Set by `test.sh`: what is missing is then a failure and no reason to skip.
const REQUIRE: &str = "MOODLARK_REQUIRE_RIG";

/// A program of this workspace, as built beside the running test or bench.
///
/// # Errors
/// If it was not built yet; the sentence says how to.
pub fn built(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe().context("where this program is")?;
    here.ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .with_context(|| {
            format!("{name} is not built; run `cargo build --workspace` in the same profile first")
        })
}

/// The path of an installed program.
#[must_use]
pub fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Whether the programs named are there: ours by their names, others by theirs. If not, says
/// `skipped: …` and answers no; `test.sh` counts these lines.
///
/// # Panics
/// If something is missing and `MOODLARK_REQUIRE_RIG` is set: where the rig is a must, a test that
/// did not run has not passed.
#[must_use]
pub fn has(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs
        .iter()
        .filter(|name| {
            if name.starts_with("moodlark") {
                built(name).is_err()
            } else {
                installed(name).is_none()
            }
        })
        .copied()
        .collect();
    has_all(&missing)
}

/// Whether nothing is missing; if something is, says so as [`has`] does.
///
/// # Panics
/// As [`has`].
#[must_use]
pub fn has_all(missing: &[&str]) -> bool {
    if missing.is_empty() {
        return true;
    }
    let missing = missing.join(", ");
    assert!(std::env::var_os(REQUIRE).is_none(), "missing: {missing}");
    println!("skipped: missing {missing}");
    false
}

/// A file or folder of test data that may or may not be there, from the workspace's root; `None`,
/// having said so, when it isn't.
#[must_use]
pub fn optional_data(path: &str) -> Option<PathBuf> {
    let path = root().join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {}", path.display());
    None
}

/// The workspace's root.
#[must_use]
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// Runs a program to its end.
///
/// # Errors
/// If it cannot be run or fails; with what it wrote to its standard error.
pub async fn run(program: &str, arguments: &[&str]) -> Result<String> {
    let output = tokio::process::Command::new(program)
        .args(arguments)
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("running {program}"))?;
    if !output.status.success() {
        bail!(
            "{program} {arguments:?}: {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
