//! Landlock: which files are left. The first layer.

use std::path::Path;

use anyhow::{Context, Result};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
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

/// One path that stays open, and for what.
#[derive(Debug, Clone, Copy)]
pub enum Leave<'a> {
    /// A device node: read, written, asked by ioctl.
    Device(&'a Path),
    /// A folder with all below it: read and listed.
    Folder(&'a Path),
    /// One file: read.
    File(&'a Path),
    /// A folder of programs and libraries: read, listed, run.
    Programs(&'a Path),
}

/// Closes the file system but for what is left, and forbids core dumps: a crash must not write a picture to disk.
///
/// # Errors
/// When a path cannot be named (it is not there), or the kernel refuses in an unforeseen way.
pub fn close_files(left: &[Leave<'_>]) -> Result<Landlock> {
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
    for leave in left {
        let (path, access): (&Path, BitFlags<AccessFs>) = match leave {
            Leave::Device(path) => (
                path,
                AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev,
            ),
            Leave::Folder(path) => (path, AccessFs::ReadFile | AccessFs::ReadDir),
            Leave::File(path) => (path, AccessFs::ReadFile.into()),
            Leave::Programs(path) => (
                path,
                AccessFs::ReadFile | AccessFs::ReadDir | AccessFs::Execute,
            ),
        };
        let opened = PathFd::new(path).with_context(|| format!("{}", path.display()))?;
        rules = rules.add_rule(PathBeneath::new(opened, access))?;
    }
    let status = rules.restrict_self().context("landlock")?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Landlock::Full,
        RulesetStatus::PartiallyEnforced => Landlock::Partial,
        RulesetStatus::NotEnforced => Landlock::Off,
    })
}

/// Whether a crash could write this process's memory to disk. Seccomp refuses the question: to be asked before it.
#[must_use]
pub fn core_dumps() -> bool {
    !matches!(
        rustix::process::dumpable_behavior(),
        Ok(rustix::process::DumpableBehavior::NotDumpable)
    )
}
