//! The user's own music: what there is, what was heard in it, and lists made of it.
//!
//! | module | noun |
//! |---|---|
//! | [`store`] | the database |
//! | `ear` | the worker that hears, as a child |
//! | `scan` | one scan through the folders |
//! | `progress` | how far it is |
//! | `choose` | a target → a list of tracks |
//! | `learn` | what was played → what this user plays through |
//!
//! Nothing here runs in the main loop: every question opens the database beside it, asks, and closes it again, so that
//! between two questions the library costs nothing.

mod choose;
mod ear;
mod learn;
mod progress;
mod scan;
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
use moodlark_core::{
    Affect,
    library::{Standing, TrackTaste},
    settings::LibrarySettings,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

pub use choose::{Chosen, Wish};
pub use progress::Progress;
use store::{Counts, Row, Store, Trouble};

use crate::{clock, paths};

/// The first look for new music after the start: a login has better things to do.
const FIRST_SCAN: Duration = Duration::from_secs(3 * 60);
/// And then every so often.
const SCAN_EVERY: Duration = Duration::from_secs(6 * 3600);
/// How much of the time an automatic scan may compute.
const SHARE: f64 = 0.25;
/// The tags that stand out most, of one track, are told up to so many.
const TAGS_TOLD: usize = 8;

/// What the library tells the main loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// So many tracks can be chosen from.
    Tracks(usize),
    /// A scan went on, or ended.
    Progress,
}

/// A track with its place among the others of its library.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The track.
    pub row: Row,
    /// Its place: −1..=1 by rank.
    pub affect: Affect,
}

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
    news: mpsc::UnboundedSender<News>,
}

struct Running {
    task: JoinHandle<()>,
    by_hand: Arc<AtomicBool>,
}

/// Where the library's percentiles are kept.
const STANDING: &str = "standing";
/// Where the time of the last scan is kept.
const LAST_SCAN: &str = "last-scan";

/// The data behind it is valid after any panic: every change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Library {
    /// A handle; scans by itself now and then while the library is on. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(
        state_dir: PathBuf,
        program: PathBuf,
        settings: LibrarySettings,
    ) -> (Self, mpsc::UnboundedReceiver<News>) {
        let (news, receiver) = mpsc::unbounded_channel();
        let library = Self {
            inner: Arc::new(Inner {
                state_dir,
                program,
                settings: Mutex::new(settings),
                rest: watch::Sender::new(None),
                progress: watch::Sender::default(),
                running: Mutex::default(),
                news,
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
                // Never before the user has had it scan once: a folder full of music is an hour of computing.
                if library.settings().enabled && library.was_scanned().await {
                    library.scan(false);
                }
                drop(library);
                tokio::time::sleep(SCAN_EVERY).await;
            }
        });
        let telling = library.inner.progress.subscribe();
        tokio::spawn(tell(telling, library.inner.news.clone()));
        (library, receiver)
    }

    fn settings(&self) -> LibrarySettings {
        lock(&self.inner.settings).clone()
    }

    /// Uses these settings from now on; a scan under way goes by the old ones.
    pub fn configure(&self, settings: &LibrarySettings) {
        let was = std::mem::replace(&mut *lock(&self.inner.settings), settings.clone());
        if was != *settings {
            let library = self.clone();
            tokio::spawn(async move { library.tell_tracks().await });
        }
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
                self.inner.rest.send_modify(|_| {}); // whoever rests asks again
            }
            return;
        }
        let folders = self.folders();
        if folders.is_empty() {
            return;
        }
        let settings = self.settings();
        let by_hand = Arc::new(AtomicBool::new(by_hand));
        let scan = scan::Scan {
            state_dir: self.inner.state_dir.clone(),
            program: self.inner.program.clone(),
            folders: folders
                .into_iter()
                .filter(|folder| folder.is_absolute())
                .collect(),
            leave_out: settings.leave_out.clone(),
            share: if by_hand.load(Ordering::Relaxed) {
                1.0
            } else {
                SHARE
            },
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
            library.ended(outcome.err()).await;
        });
        *running = Some(Running { task, by_hand });
    }

    /// A scan came to its end, or could not go on.
    async fn ended(&self, error: Option<anyhow::Error>) {
        let at = clock::now().at;
        if let Some(error) = &error {
            tracing::warn!("the scan of the music could not go on: {error:#}");
        }
        let came_to_its_end = error.is_none();
        let learnt = self
            .with_store(move |store| {
                stand(store)?;
                if came_to_its_end {
                    store.save(LAST_SCAN, &at.0.to_string())?;
                }
                Ok(())
            })
            .await;
        if let Err(error) = learnt {
            tracing::warn!("the library's percentiles could not be made: {error:#}");
        }
        self.tell_tracks().await;
        self.inner.progress.send_modify(|progress| {
            progress.scanning = false;
            progress.resting = None;
            progress.trouble = error.map(|error| format!("{error:#}"));
            if came_to_its_end {
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
            self.ended(Some(anyhow::anyhow!(tr!(
                "it was stopped; `moodlark library scan` goes on"
            ))))
            .await;
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
        self.inner.progress.send_modify(|progress| {
            progress.last = last.map(moodlark_core::Timestamp);
        });
    }

    /// Whether there was a scan ever.
    async fn was_scanned(&self) -> bool {
        let last = self.with_store(|store| store.value(LAST_SCAN)).await;
        matches!(last, Ok(Some(_)))
    }

    async fn tell_tracks(&self) {
        let tracks = if self.settings().enabled {
            self.with_store(|store| Ok(store.counts()?.heard)).await
        } else {
            Ok(0)
        };
        match tracks {
            Ok(tracks) => {
                let _ = self.inner.news.send(News::Tracks(tracks)); // the service ends
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
        let folders = self.folders();
        Ok(Status {
            enabled: self.settings().enabled,
            folders: folders
                .iter()
                .map(|folder| folder.display().to_string())
                .collect(),
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
            let mut window = standing.window(target);
            loop {
                let near = store.near(&window, true, usize::MAX >> 1)?;
                let mut placed: Vec<Placed> = near
                    .into_iter()
                    .map(|near| placed(&standing, near.row))
                    .filter(|track| track.affect.distance(target) <= window.reach)
                    .collect();
                let wider = standing.wider(&window);
                if placed.len() >= most || wider.is_none() {
                    let by = |track: &Placed| track.affect.distance(target);
                    placed
                        .sort_by(|a, b| by(a).total_cmp(&by(b)).then(a.row.path.cmp(&b.row.path)));
                    placed.truncate(most);
                    return Ok(placed);
                }
                if let Some(wider) = wider {
                    window = wider;
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
            folders = self
                .folders()
                .iter()
                .map(|folder| folder.display().to_string())
                .collect::<Vec<_>>()
                .join(", ")
        );
        let known = self
            .with_store(move |store| explained(store, &path))
            .await?;
        Ok(known.ok_or(unknown))
    }
}

/// Tells the main loop of a scan's progress, the last state of several at once.
async fn tell(mut progress: watch::Receiver<Progress>, news: mpsc::UnboundedSender<News>) {
    while progress.changed().await.is_ok() && news.send(News::Progress).is_ok() {}
}

/// The library's percentiles as last made.
fn standing(store: &Store) -> Result<Standing> {
    let kept = store.value(STANDING)?;
    Ok(kept
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default())
}

/// Makes the library's percentiles anew.
fn stand(store: &Store) -> Result<()> {
    let (valence, arousal) = store.spread_of_affect()?;
    let axis = |sorted: &[f32]| {
        moodlark_core::library::Axis::of_sorted(
            sorted,
            moodlark_core::library::Reference::default(),
        )
    };
    let mut sounds = Vec::new();
    store.each_sound(|numbers| {
        sounds.extend(moodlark_core::library::Sound::from_numbers(numbers).ok());
    })?;
    let standing = Standing {
        valence: axis(&valence).context("of valence")?,
        arousal: axis(&arousal).context("of arousal")?,
        sound: moodlark_core::library::Scale::over(&sounds),
    };
    store.save(STANDING, &serde_json::to_string(&standing)?)
}

fn placed(standing: &Standing, row: Row) -> Placed {
    Placed {
        affect: standing.place(row.valence, row.arousal),
        row,
    }
}

fn explained(store: &Store, path: &str) -> Result<Option<String>> {
    if let Some(row) = store.track(path)? {
        let standing = standing(store)?;
        let music =
            moodlark_models::music::music().context("reading the music model's description")?;
        let logits = store.tags(row.id)?;
        let mut stand_out: Vec<(&str, f32)> = music
            .tags
            .iter()
            .zip(&logits)
            .map(|(tag, logit)| (tag.name.as_str(), tag.logit.z(*logit)))
            .collect();
        stand_out.sort_by(|a, b| b.1.total_cmp(&a.1));
        stand_out.truncate(TAGS_TOLD);
        let track = placed(&standing, row);
        let picked = store.last_pick(track.row.id)?;
        let known = store.known(&track.row.path)?;
        let taste = known.as_ref().and_then(|near| {
            let json = near.taste.as_deref()?;
            serde_json::from_str::<TrackTaste>(json).ok()?.mean()
        });
        let json = serde_json::json!({
            "path": track.row.path,
            "state": "heard",
            "plays": known.as_ref().map_or(0, |near| near.plays),
            "liked": known.as_ref().is_some_and(|near| near.liked),
            "played_through": taste,
            "picked": picked.map(|(at, pick)| serde_json::json!({ "at": at, "why": pick.why.sentence() })),
            "title": track.row.title,
            "artist": track.row.artist,
            "album": track.row.album,
            "valence": track.affect.valence,
            "arousal": track.affect.arousal,
            "spread": track.row.spread,
            "sentence": sentence(&track),
            "tags": stand_out.iter().map(|(tag, z)| serde_json::json!({ "tag": tag, "stands_out": z })).collect::<Vec<_>>(),
        });
        return Ok(Some(json.to_string()));
    }
    Ok(store.trouble(path)?.map(|trouble| {
        serde_json::json!({
            "path": trouble.path,
            "state": if trouble.failed { "failed" } else { "left-out" },
            "why": trouble.why,
            "sentence": if trouble.failed {
                tr!("It could not be heard: {why}.", why = trouble.sentence)
            } else {
                tr!("It is left out: {why}.", why = trouble.sentence)
            },
        })
        .to_string()
    }))
}

/// Where a track lies, for people.
fn sentence(track: &Placed) -> String {
    // A share of −1..=1 as per cent of the others.
    let share = |coordinate: f64| format!("{:.0}", (coordinate + 1.0) * 50.0);
    tr!(
        "{where}: brighter than {bright} % of your music, and livelier than {lively} %.",
        where = moodlark_core::playlist::own::name(track.affect),
        bright = share(track.affect.valence),
        lively = share(track.affect.arousal)
    )
}
