//! Whether another program uses the camera: the kernel tells when a node is opened or closed, and /proc
//! who has it.
//!
//! Nothing tells of what happens in between, so /proc is asked once more before each look. And a camera
//! that is in use all the same answers the worker that it is busy: this gate spares others our trying.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use futures_util::StreamExt;
use inotify::{EventMask, Inotify, WatchMask};
use moodlark_catalogue::tr;
use moodlark_core::{
    gates::{Finding, Gate},
    settings::{CameraSettings, Settings, Source},
};
use tokio::sync::watch;

use super::Shared;

/// Who holds a camera open without looking: they stream only where they have mapped its buffers.
const BROKERS: [&str; 3] = ["pipewire", "wireplumber", "pipewire-media-"];
/// A broker maps the buffers a while after it has opened the camera.
const MAPS_WITHIN: [Duration; 2] = [Duration::from_millis(400), Duration::from_millis(1600)];
const SYSFS: &str = "/sys/class/video4linux";

/// The nodes that could be meant: the one that is named by its path, else every real camera, as only
/// the worker finds out which of them it is. Loopbacks show other programs' pictures, and nodes beyond a
/// camera's first carry no pictures.
pub(super) fn nodes(settings: &CameraSettings) -> Vec<PathBuf> {
    if settings.source != Source::Camera {
        return Vec::new();
    }
    if settings.device.starts_with('/') {
        return fs::canonicalize(&settings.device).into_iter().collect();
    }
    let mut found: Vec<PathBuf> = fs::read_dir(SYSFS)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            let real = fs::canonicalize(entry.path()).unwrap_or_default();
            let index = fs::read_to_string(entry.path().join("index")).unwrap_or_default();
            !real.starts_with("/sys/devices/virtual") && index.trim() == "0"
        })
        .map(|entry| Path::new("/dev").join(entry.file_name()))
        .collect();
    found.sort();
    found
}

/// Who else uses one of the nodes, as far as this user may know.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Users {
    /// The name of one who does.
    pub(super) uses: Option<String>,
    /// Whether a broker has one open and may begin.
    pub(super) brokers: bool,
}

/// Looks through /proc for who has one of `nodes` open, this process and its children aside.
pub(super) fn users(proc: &Path, nodes: &[PathBuf]) -> Users {
    let mut found = Users::default();
    let (Ok(own), false) = (fs::metadata(proc.join("self")), nodes.is_empty()) else {
        return found;
    };
    let me = std::process::id();
    for entry in fs::read_dir(proc).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let process = entry.path();
        // Of others' processes nothing can be read; they don't share our seat's camera either.
        let ours = fs::metadata(&process).is_ok_and(|data| data.uid() == own.uid());
        if !ours || id == me || !opens(&process, nodes) || parent(&process) == Some(me) {
            continue;
        }
        let command = fs::read_to_string(process.join("comm")).unwrap_or_default();
        let command = command.trim_end();
        if BROKERS.contains(&command) && !maps(&process, nodes) {
            found.brokers = true;
        } else {
            found.uses = Some(command.to_owned());
            return found;
        }
    }
    found
}

fn opens(process: &Path, nodes: &[PathBuf]) -> bool {
    fs::read_dir(process.join("fd"))
        .into_iter()
        .flatten()
        .flatten()
        .any(|fd| fs::read_link(fd.path()).is_ok_and(|target| nodes.contains(&target)))
}

fn maps(process: &Path, nodes: &[PathBuf]) -> bool {
    let maps = fs::read_to_string(process.join("maps")).unwrap_or_default();
    maps.lines().any(|line| {
        nodes
            .iter()
            .any(|node| node.to_str().is_some_and(|node| line.ends_with(node)))
    })
}

fn parent(process: &Path) -> Option<u32> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // The name in brackets may hold anything, brackets too.
    let rest = stat.rsplit_once(')')?.1;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// Looks now, and tells.
pub(super) fn look(shared: &Shared, settings: &Settings) -> (Finding, bool) {
    let nodes = nodes(&settings.camera);
    let found = users(Path::new("/proc"), &nodes);
    let (finding, source) = match found.uses {
        Some(name) => (Finding::Holds, tr!("/proc: {name} has it open", name)),
        None if nodes.is_empty() => (Finding::Clear, tr!("there is no camera")),
        None => (Finding::Clear, tr!("the kernel's file events, /proc")),
    };
    shared.set(Gate::CameraInUse, finding, source, None);
    (finding, found.brokers)
}

/// Watches the nodes for as long as the service runs.
pub(super) async fn attend(shared: Arc<Shared>, mut settings: watch::Receiver<Settings>) {
    loop {
        let now = settings.borrow_and_update().clone();
        // Before the user's yes nobody's camera is anybody's business.
        if !now.camera.enabled || !Gate::CameraInUse.counts(&now) {
            if settings.changed().await.is_err() {
                return; // the service ends
            }
            continue;
        }
        let (finding, _) = look(&shared, &now);
        tracing::debug!(?finding, "the camera");
        tokio::select! {
            result = follow(&shared, &now) => {
                if let Err(error) = result {
                    tracing::warn!("who uses the camera is only asked for before looks: {error:#}");
                    let _ = settings.changed().await; // the service ends, if that is an error
                }
            }
            changed = settings.changed() => if changed.is_err() { return },
        }
    }
}

/// Follows what happens to the nodes; comes back when a camera came or went.
async fn follow(shared: &Shared, settings: &Settings) -> Result<()> {
    let inotify = Inotify::init().context("asking the kernel to watch files")?;
    let nodes = nodes(&settings.camera);
    let mut watches = inotify.watches();
    for node in &nodes {
        let mask = WatchMask::OPEN | WatchMask::CLOSE | WatchMask::DELETE_SELF;
        if let Err(error) = watches.add(node, mask) {
            tracing::debug!("{} cannot be watched: {error}", node.display());
        }
    }
    // The folders that they are in, for cameras that come and go; never what is opened there.
    let mut names: Vec<OsString> = Vec::new();
    let named = Path::new(&settings.camera.device);
    let mut folders: Vec<&Path> = nodes.iter().filter_map(|node| node.parent()).collect();
    folders.extend(named.parent().filter(|folder| folder.is_dir()));
    if !named.is_absolute() {
        folders.push(Path::new("/dev"));
    }
    names.extend(named.file_name().map(ToOwned::to_owned));
    folders.sort();
    folders.dedup();
    for folder in folders {
        watches
            .add(folder, WatchMask::CREATE | WatchMask::DELETE)
            .with_context(|| format!("watching {}", folder.display()))?;
    }
    let mut events = inotify
        .into_event_stream(vec![0; 4096])
        .context("reading the kernel's file events")?;
    let mut later: Vec<Duration> = Vec::new();
    loop {
        let event = match later.first() {
            None => events.next().await,
            Some(wait) => match tokio::time::timeout(*wait, events.next()).await {
                Ok(event) => event,
                Err(_) => {
                    later.remove(0);
                    look(shared, settings);
                    continue;
                }
            },
        };
        let event = event
            .context("the kernel's file events have ended")?
            .context("reading the kernel's file events")?;
        if let Some(name) = &event.name {
            let video = name.to_str().is_some_and(|name| name.starts_with("video"));
            if video || names.contains(name) {
                return Ok(());
            }
            continue;
        }
        if event.mask.contains(EventMask::DELETE_SELF) {
            return Ok(());
        }
        let (_, brokers) = look(shared, settings);
        later = if brokers {
            MAPS_WITHIN.to_vec()
        } else {
            Vec::new()
        };
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A process in a folder that stands for /proc.
    fn process(proc: &Path, id: u32, command: &str, open: Option<&Path>, maps: &str) {
        let folder = proc.join(id.to_string());
        fs::create_dir_all(folder.join("fd")).unwrap();
        fs::write(folder.join("comm"), format!("{command}\n")).unwrap();
        fs::write(folder.join("maps"), maps).unwrap();
        fs::write(folder.join("stat"), format!("{id} (a) b) S 1 2 3")).unwrap();
        if let Some(open) = open {
            symlink(open, folder.join("fd/3")).unwrap();
        }
    }

    #[test]
    fn a_broker_uses_the_camera_only_when_it_has_mapped_it() {
        let proc = tempfile::tempdir().unwrap();
        let (proc, node) = (proc.path(), PathBuf::from("/dev/video0"));
        let nodes = std::slice::from_ref(&node);
        fs::create_dir(proc.join("self")).unwrap();
        process(proc, 9_000_001, "bash", None, "");
        assert_eq!(users(proc, nodes), Users::default());
        process(
            proc,
            9_000_002,
            "wireplumber",
            Some(&node),
            "7f-8f r--s /dev/video1\n",
        );
        let holds = Users {
            uses: None,
            brokers: true,
        };
        assert_eq!(users(proc, nodes), holds);
        process(
            proc,
            9_000_003,
            "pipewire",
            Some(&node),
            "7f-8f rw-s 0 0:6 9 /dev/video0\n",
        );
        assert_eq!(users(proc, nodes).uses.as_deref(), Some("pipewire"));
        assert_eq!(users(proc, &[]), Users::default());
    }

    #[test]
    fn any_other_program_that_has_it_open_uses_it() {
        let proc = tempfile::tempdir().unwrap();
        let (proc, node) = (proc.path(), PathBuf::from("/dev/video0"));
        fs::create_dir(proc.join("self")).unwrap();
        process(proc, 9_000_004, "zoom", Some(&node), "");
        assert_eq!(users(proc, &[node]).uses.as_deref(), Some("zoom"));
        assert_eq!(users(proc, &["/dev/video2".into()]), Users::default());
    }

    #[test]
    fn our_own_worker_is_nobody_else() {
        let proc = tempfile::tempdir().unwrap();
        let (proc, node) = (proc.path(), PathBuf::from("/dev/video0"));
        fs::create_dir(proc.join("self")).unwrap();
        process(proc, 9_000_005, "moodlark-sense", Some(&node), "");
        let stat = format!("9000005 (moodlark-sense) S {} 2 3", std::process::id());
        fs::write(proc.join("9000005/stat"), stat).unwrap();
        assert_eq!(users(proc, &[node]), Users::default());
    }
}
