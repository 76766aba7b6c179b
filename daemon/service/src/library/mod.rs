//! The user's own music: what there is, what was heard in it, and lists made of it.
//!
//! | module | noun |
//! |---|---|
//! | [`store`] | the database |
//! | `ear` | the worker that hears, as a child |
//! | `scan` | one scan through the folders |
//! | `progress` | how far it is |
//! | `choose` | a target → a list of tracks |
//! | `explain` | what is known of a file |
//! | `standing` | where tracks stand among the others |
//! | `learn` | what was played → what this user plays through |
//!
//! Nothing here runs in the main loop: every question opens the database beside it, asks, and closes it again, so that
//! between two questions the library costs nothing.

mod choose;
mod ear;
mod explain;
mod learn;
mod progress;
mod scan;
mod standing;
pub mod store;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use moodlark_catalogue::tr;
use moodlark_core::{Affect, Timestamp, settings::LibrarySettings};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

pub use choose::{Chosen, Wish};
use explain::explained;
pub use progress::Progress;
pub use standing::Placed;
use standing::{placed, stand, standing};
use store::{Counts, Store, Trouble};

use crate::{clock, paths};

/// The first look for new music after the start: a login has better things to do.
const FIRST_SCAN: Duration = Duration::from_secs(3 * 60);
/// And then every so often.
const SCAN_EVERY: Duration = Duration::from_secs(6 * 3600);

/// The library as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Whether it is on.
    pub enabled: bool,
    /// The folders.
    pub folders: Vec<String>,
    /// How many files there are in each state.
    pub counts: Counts,
    /// How far a scan is.
    pub progress: Progress,
}

/// A handle on the library; clones are the same.
#[derive(Clone)]
pub struct Library {
    inner: Arc<Inner>,
}

struct Inner {
    state_dir: PathBuf,
    program: PathBuf,
    settings: Mutex<LibrarySettings>,
    /// Why an automatic scan should wait.
    rest: watch::Sender<Option<String>>,
    progress: watch::Sender<Progress>,
    running: Mutex<Option<Running>>,
    /// How many tracks can be chosen from, for the main loop.
    tracks: mpsc::UnboundedSender<usize>,
}

struct Running {
    task: JoinHandle<()>,
    by_hand: Arc<AtomicBool>,
}

/// Where the time of the last scan is kept.
const LAST_SCAN: &str = "last-scan";

/// The data behind it is valid after any panic: every change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Library {
    /// A handle; scans by itself now and then while the library is on. What it answers with beside it tells how many tracks
    /// can be chosen from, whenever that may have changed. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(
        state_dir: PathBuf,
        program: PathBuf,
        settings: LibrarySettings,
    ) -> (Self, mpsc::UnboundedReceiver<usize>) {
        let (tracks, receiver) = mpsc::unbounded_channel();
        let library = Self {
            inner: Arc::new(Inner {
                state_dir,
                program,
                settings: Mutex::new(settings),
                rest: watch::Sender::new(None),
                progress: watch::Sender::default(),
                running: Mutex::default(),
                tracks,
            }),
        };
        let tending = Arc::downgrade(&library.inner);
        tokio::spawn(async move {
            if let Some(inner) = tending.upgrade() {
                Self { inner }.recall().await;
            }
            tokio::time::sleep(FIRST_SCAN).await;
            while let Some(inner) = tending.upgrade() {
                let library = Self { inner };
                if library.settings().enabled && library.was_begun().await {
                    library.scan(false);
                }
                drop(library);
                tokio::time::sleep(SCAN_EVERY).await;
            }
        });
        (library, receiver)
    }

    fn settings(&self) -> LibrarySettings {
        lock(&self.inner.settings).clone()
    }

    /// Uses these settings from now on; a scan under way goes by the old ones, but ends where the library is off.
    pub fn configure(&self, settings: &LibrarySettings) {
        let was = std::mem::replace(&mut *lock(&self.inner.settings), settings.clone());
        if was == *settings {
            return;
        }
        let (library, off) = (self.clone(), !settings.enabled);
        tokio::spawn(async move {
            if off {
                library.stop().await;
            }
            library.tell_tracks().await;
        });
    }

    /// How far a scan is, as it goes on.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.inner.progress.subscribe()
    }

    /// Whether Christmas songs may be played in a month, 1..=12.
    #[must_use]
    pub fn plays_christmas(&self, month: u8) -> bool {
        lock(&self.inner.settings).seasonal.plays_in(month)
    }

    /// Why an automatic scan should wait, if it should: the machine runs on its battery.
    pub fn set_rest(&self, why: Option<String>) {
        self.inner.rest.send_if_modified(|rest| {
            let changed = *rest != why;
            *rest = why;
            changed
        });
    }

    /// The music folders: as configured, else the desktop's music folder.
    #[must_use]
    pub fn folders(&self) -> Vec<PathBuf> {
        let given = self.settings().folders;
        if given.is_empty() {
            let dirs = directories::UserDirs::new();
            let music = dirs.and_then(|dirs| dirs.audio_dir().map(ToOwned::to_owned));
            return music.into_iter().collect();
        }
        given
            .iter()
            .map(|folder| paths::expand_home(folder))
            .collect()
    }

    fn shown_folders(&self) -> Vec<String> {
        let folders = self.folders().into_iter();
        folders.map(|folder| folder.display().to_string()).collect()
    }

    /// Begins a scan for somebody who waits for it: at full speed, on battery too. One that is under way goes on so.
    ///
    /// # Errors
    /// A sentence: the library is off, or there is no folder.
    pub fn scan_by_hand(&self) -> Result<(), String> {
        if !self.settings().enabled {
            return Err(tr!(
                "The library is off; `enabled = true` under [library] in the configuration turns it on."
            ));
        }
        if self.folders().is_empty() {
            return Err(tr!(
                "There is no music folder; name one under [library] in the configuration: folders = [\"~/Music\"]."
            ));
        }
        self.scan(true);
        Ok(())
    }

    fn scan(&self, by_hand: bool) {
        let mut running = lock(&self.inner.running);
        if let Some(running) = running
            .as_ref()
            .filter(|running| !running.task.is_finished())
        {
            if by_hand {
                running.by_hand.store(true, Ordering::Relaxed);
                self.inner.rest.send_modify(|_| {}); // who rests asks again
            }
            return;
        }
        let folders = self.folders();
        if folders.is_empty() {
            return;
        }
        let by_hand = Arc::new(AtomicBool::new(by_hand));
        let leave_out = self.settings().leave_out;
        let scan = scan::Scan {
            state_dir: self.inner.state_dir.clone(),
            program: self.inner.program.clone(),
            folders: folders
                .into_iter()
                .filter(|folder| folder.is_absolute())
                .collect(),
            leave_out: leave_out
                .iter()
                .map(|name| paths::expand_home(name))
                .collect(),
            progress: self.inner.progress.clone(),
            rest: self.inner.rest.subscribe(),
            by_hand: by_hand.clone(),
        };
        self.inner.progress.send_modify(|progress| {
            *progress = Progress {
                scanning: true,
                last: progress.last,
                ..Progress::default()
            };
        });
        let library = self.clone();
        let task = tokio::spawn(async move {
            let outcome = scan.run().await;
            library.ended(outcome).await;
        });
        *running = Some(Running { task, by_hand });
    }

    /// A scan came to its end, with what could not be read if there was something; or could not go on.
    async fn ended(&self, outcome: Result<Option<String>>) {
        let at = clock::now().at;
        let (whole, trouble) = match outcome {
            Ok(unread) => (true, unread),
            Err(error) => {
                tracing::warn!("the scan of the music did not come to its end: {error:#}");
                (false, Some(format!("{error:#}")))
            }
        };
        let learnt = self.with_store(move |store| {
            stand(store)?;
            if whole {
                store.save(LAST_SCAN, &at.0.to_string())?;
            }
            Ok(())
        });
        if let Err(error) = learnt.await {
            tracing::warn!("the library's percentiles could not be made: {error:#}");
        }
        self.tell_tracks().await;
        self.inner.progress.send_modify(|progress| {
            progress.scanning = false;
            progress.resting = None;
            progress.trouble = trouble;
            if whole {
                progress.last = Some(at);
            }
        });
    }

    /// Stops a scan.
    pub async fn stop(&self) {
        let running = lock(&self.inner.running).take();
        if let Some(running) = running.filter(|running| !running.task.is_finished()) {
            running.task.abort(); // and kills the worker
            let _ = running.task.await; // cancelled
            let stopped = tr!("it was stopped; `moodlark library scan` goes on");
            self.ended(Err(anyhow::anyhow!(stopped))).await;
        }
    }

    /// Stops a scan without waiting for its end: the service ends.
    pub fn stop_at_once(&self) {
        if let Some(running) = lock(&self.inner.running).take() {
            running.task.abort(); // and kills the worker
        }
    }

    /// What a scan before the start left.
    async fn recall(&self) {
        self.tell_tracks().await;
        let last = self.with_store(|store| store.value(LAST_SCAN)).await;
        let last = last.ok().flatten().and_then(|text| text.parse().ok());
        if let Some(last) = last {
            self.inner
                .progress
                .send_modify(|progress| progress.last = Some(Timestamp(last)));
        }
    }

    /// Whether the user has ever had it scan: never does it begin before, as a folder full of music is an hour of computing. Only
    /// a scan makes the database, so one that was killed in the middle goes on.
    async fn was_begun(&self) -> bool {
        let folder = self.inner.state_dir.clone();
        let begun = tokio::task::spawn_blocking(move || Store::exists(&folder)).await;
        begun.unwrap_or_default()
    }

    async fn tell_tracks(&self) {
        let tracks = if self.settings().enabled {
            self.with_store(|store| Ok(store.counts()?.heard)).await
        } else {
            Ok(0)
        };
        match tracks {
            Ok(tracks) => {
                let _ = self.inner.tracks.send(tracks); // the service ends
            }
            Err(error) => tracing::warn!("the library could not be read: {error:#}"),
        }
    }

    /// Opens the database beside the main loop, does something with it, and closes it. Where there is none yet, none is
    /// made just to be asked: it is as if empty.
    async fn with_store<T: Default + Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let folder = self.inner.state_dir.clone();
        let done = tokio::task::spawn_blocking(move || {
            if !Store::exists(&folder) {
                return Ok(T::default());
            }
            work(&mut Store::open(&folder)?)
        });
        done.await.context("working on the library")?
    }

    /// How it stands.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn status(&self) -> Result<Status> {
        let counts = self.with_store(|store| store.counts()).await?;
        Ok(Status {
            enabled: self.settings().enabled,
            folders: self.shown_folders(),
            counts,
            progress: self.inner.progress.borrow().clone(),
        })
    }

    /// The tracks nearest to a target.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn top(&self, target: Affect, most: u32) -> Result<Vec<Placed>> {
        let most = usize::try_from(most)?;
        self.with_store(move |store| {
            let standing = standing(store)?;
            let by = |track: &Placed| track.affect.distance(target);
            let mut window = standing.window(target);
            loop {
                let near = store.near(&window, true, usize::MAX >> 1)?;
                let near = near.into_iter().map(|near| placed(&standing, near.row));
                // The window's corners are further than what may lie just beyond its sides.
                let mut found: Vec<Placed> =
                    near.filter(|track| by(track) <= window.reach).collect();
                let enough = found.len() >= most;
                match standing.wider(&window).filter(|_| !enough) {
                    Some(wider) => window = wider,
                    None => {
                        found.sort_by(|a, b| {
                            by(a).total_cmp(&by(b)).then(a.row.path.cmp(&b.row.path))
                        });
                        found.truncate(most);
                        return Ok(found);
                    }
                }
            }
        })
        .await
    }

    /// The tracks that were heard, by path, of those that come after a path.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn page(&self, after: String, most: u32) -> Result<Vec<Placed>> {
        let most = usize::try_from(most)?;
        self.with_store(move |store| {
            let standing = standing(store)?;
            let rows = store.page(&after, most)?;
            Ok(rows.into_iter().map(|row| placed(&standing, row)).collect())
        })
        .await
    }

    /// Files that were left out or failed.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn troubles(&self, most: u32) -> Result<Vec<Trouble>> {
        let most = usize::try_from(most)?;
        self.with_store(move |store| store.troubles(most)).await
    }

    /// What is known of a file, as JSON; or a sentence where nothing is.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn explain(&self, path: String) -> Result<Result<String, String>> {
        let unknown = tr!(
            "{path} is not in the library; its folders are {folders}.",
            path,
            folders = self.shown_folders().join(", ")
        );
        let known = self
            .with_store(move |store| explained(store, &path))
            .await?;
        Ok(known.ok_or(unknown))
    }
}
