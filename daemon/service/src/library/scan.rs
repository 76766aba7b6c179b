//! One scan: walk through the folders, hear what is new, and write down what became of each file.
//!
//! Each file is written down before the next is asked for, so a scan that is killed goes on where it was. A worker that
//! ends in the middle of a file has failed at that file; another goes on with the next.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use moodlark_catalogue::tr;
use moodlark_core::{
    heard::{Answer, FailedWhy, FilePath, Track, TrackMood, Versions},
    library::{Sound as Heard, season::is_christmas},
};
use tokio::sync::watch;

use super::{
    Progress,
    ear::{Ear, Lost, Walk, by_ffmpeg},
    store::{Sound, Store, Walked},
};
use crate::clock;

/// So many files are asked of the database at a time.
const BATCH: usize = 64;
/// A machine on which every worker fails at once, for want of memory say, is left alone after so many in a row.
const MOST_LOST: usize = 5;
/// How often those who wait are told of an unfinished file's neighbour.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// What a scan is begun with.
pub(super) struct Scan {
    pub(super) state_dir: PathBuf,
    pub(super) program: PathBuf,
    pub(super) folders: Vec<PathBuf>,
    pub(super) leave_out: Vec<String>,
    /// How much of the time the worker may compute, 0..=1.
    pub(super) share: f64,
    pub(super) progress: watch::Sender<Progress>,
    /// Why an automatic scan should wait; a scan by hand does not go by it.
    pub(super) rest: watch::Receiver<Option<String>>,
    pub(super) by_hand: Arc<std::sync::atomic::AtomicBool>,
}

impl Scan {
    /// Scans to the end.
    ///
    /// # Errors
    /// If no worker can be had, or the database cannot be written.
    pub(super) async fn run(mut self) -> Result<Walked> {
        let mut ear = self.ear().await?;
        let walk = ear.walk(&self.folders, &self.leave_out).await?;
        for (folder, why) in &walk.unread {
            tracing::warn!("{folder} could not be read: {why}");
        }
        if walk.odd > 0 {
            tracing::warn!(
                "{} files have names that are no UTF-8; no playlist can name them, so they are left out",
                walk.odd
            );
        }
        let mut store = self.store().await?;
        let versions = versions_of(&ear.versions);
        let walked = self.take_in(&mut store, walk).await?;
        // What failed through no fault of its own is worth another try.
        with(&mut store, |store| store.retry(&FailedWhy::MAY_PASS)).await?;
        let (waiting, outdated) = with(&mut store, {
            let versions = versions.clone();
            move |store| Ok((store.counts()?.waiting, store.outdated(&versions)?))
        })
        .await?;
        if outdated > 0 {
            tracing::info!("{outdated} tracks were heard by another version, and are heard again");
        }
        self.progress.send_modify(|progress| {
            progress.todo = waiting + outdated;
        });
        let mut ear = Some(ear);
        let mut lost = 0;
        for outdated in [false, true] {
            loop {
                let next = with(&mut store, {
                    let versions = versions.clone();
                    move |store| {
                        if outdated {
                            store.next_outdated(&versions, BATCH)
                        } else {
                            store.waiting(BATCH)
                        }
                    }
                })
                .await?;
                if next.is_empty() {
                    break;
                }
                for (id, path) in next {
                    self.rest_if_need_be().await;
                    let mut worker = match ear.take() {
                        Some(ear) => ear,
                        None => self.ear().await?,
                    };
                    let began = Instant::now();
                    let known = with(&mut store, move |store| store.known_sound(id)).await?;
                    let answer = self
                        .hear(&mut worker, &path, known.as_ref(), &versions)
                        .await;
                    match answer {
                        Ok(answer) => {
                            lost = 0;
                            self.write(&mut store, id, answer, &versions).await?;
                            ear = Some(worker);
                        }
                        Err(error) => {
                            lost += 1;
                            tracing::warn!("{path}: {error}");
                            let why = error.of_file();
                            drop(worker);
                            with(&mut store, move |store| {
                                store.failed(id, why.name(), &why.sentence(), clock::now().at)
                            })
                            .await?;
                            if lost >= MOST_LOST {
                                bail!(
                                    "{}",
                                    tr!(
                                        "the worker that hears failed {lost} times in a row; the last time: {error}",
                                        lost,
                                        error
                                    )
                                );
                            }
                        }
                    }
                    let took = began.elapsed();
                    self.progress.send_if_modified(|progress| {
                        progress.step(took);
                        let tell = progress
                            .since
                            .is_none_or(|since| since.elapsed() >= TELL_EVERY);
                        if tell {
                            progress.since = Some(Instant::now());
                        }
                        tell
                    });
                }
            }
        }
        Ok(walked)
    }

    async fn ear(&self) -> Result<Ear> {
        let folders: Vec<PathBuf> = self.folders.clone();
        Ok(Ear::start(&self.program, &folders, self.share).await?)
    }

    async fn store(&self) -> Result<Option<Store>> {
        let folder = self.state_dir.clone();
        let open = tokio::task::spawn_blocking(move || Store::open(&folder));
        Ok(Some(open.await.context("opening the library")??))
    }

    async fn take_in(&self, store: &mut Option<Store>, walk: Walk) -> Result<Walked> {
        let unread: Vec<String> = walk.unread.into_iter().map(|(folder, _)| folder).collect();
        let files = walk.files;
        with(store, move |store| {
            store.walked(&files, &unread, clock::now().at)
        })
        .await
    }

    /// Waits while something speaks against it, unless somebody waits for it.
    async fn rest_if_need_be(&mut self) {
        loop {
            let why = self.rest.borrow_and_update().clone();
            let by_hand = self.by_hand.load(std::sync::atomic::Ordering::Relaxed);
            let why = why.filter(|_| !by_hand);
            self.progress.send_if_modified(|progress| {
                let changed = progress.resting != why;
                progress.resting.clone_from(&why);
                changed
            });
            if why.is_none() || self.rest.changed().await.is_err() {
                return;
            }
        }
    }

    /// Hears a file; where only its tags may have changed, these alone; where the worker cannot decode it, by another way.
    async fn hear(
        &self,
        ear: &mut Ear,
        path: &str,
        known: Option<&(Vec<u8>, String)>,
        versions: &str,
    ) -> Result<Answer, Lost> {
        if let Some((hash, heard_by)) = known
            && heard_by == versions
        {
            let answer = ear.tags(path).await?;
            match &answer {
                Answer::Heard { track, .. } if track.content.as_bytes() == hash => {
                    return Ok(answer);
                }
                Answer::Failed { .. } => return Ok(answer),
                _ => {} // it sounds otherwise now
            }
        }
        let answer = ear.hear(path).await?;
        let unsupported = matches!(
            &answer,
            Answer::Failed {
                why: FailedWhy::Unsupported { .. },
                ..
            }
        );
        if unsupported && let Some(other) = by_ffmpeg(&self.program, path, self.share).await? {
            return Ok(other);
        }
        Ok(answer)
    }

    async fn write(
        &self,
        store: &mut Option<Store>,
        id: i64,
        answer: Answer,
        versions: &str,
    ) -> Result<()> {
        let versions = versions.to_owned();
        with(store, move |store| {
            let at = clock::now().at;
            match answer {
                Answer::Heard {
                    path,
                    track,
                    mood: Some(mood),
                } => match sound_of(&path, &track, Some(&mood), versions) {
                    Ok(sound) => store.heard(id, &sound, at),
                    Err(why) => store.failed(id, why.name(), &why.sentence(), at),
                },
                Answer::Heard {
                    path,
                    track,
                    mood: None,
                } => match sound_of(&path, &track, None, versions) {
                    Ok(sound) => store.retagged(id, &sound),
                    Err(why) => store.failed(id, why.name(), &why.sentence(), at),
                },
                Answer::LeftOut { why, .. } => store.left_out(id, why.name(), &why.sentence(), at),
                Answer::Failed { why, .. } => store.failed(id, why.name(), &why.sentence(), at),
                _ => Ok(()), // the ear answers with nothing else
            }
        })
        .await
    }
}

/// Does something with the database beside the main loop.
async fn with<T: Send + 'static>(
    store: &mut Option<Store>,
    work: impl FnOnce(&mut Store) -> Result<T> + Send + 'static,
) -> Result<T> {
    let mut taken = store.take().context("the library is in use")?;
    let done = tokio::task::spawn_blocking(move || {
        let result = work(&mut taken);
        (taken, result)
    });
    let (back, result) = done.await.context("working on the library")?;
    *store = Some(back);
    result
}

/// The versions as they are kept beside a track.
pub(super) fn versions_of(versions: &Versions) -> String {
    let Versions {
        tags,
        decode,
        musicnn,
        flux,
        mode,
        speech,
    } = versions;
    format!("{tags}.{decode}.{musicnn}.{flux}.{mode}.{speech}")
}

fn sound_of(
    path: &FilePath,
    track: &Track,
    mood: Option<&TrackMood>,
    heard_by: String,
) -> Result<Sound, FailedWhy> {
    let tags = &track.tags;
    let named = [&tags.title, &tags.album].into_iter().flatten();
    let named = named.chain(&tags.genres).map(String::as_str);
    let mut sound = Sound {
        heard_by,
        hash: track.content.clone().into_bytes(),
        duration: Duration::try_from_secs_f64(track.duration).unwrap_or_default(),
        title: tags.title.clone(),
        artist: tags.artist.clone(),
        album: tags.album.clone(),
        album_artist: tags.album_artist.clone(),
        genre: (!tags.genres.is_empty()).then(|| tags.genres.join("; ")),
        year: tags.year.map(u32::from),
        mbid: tags.recording_id.clone(),
        artist_mbid: tags.artist_id.clone(),
        gain: tags.gain,
        christmas: is_christmas(named.chain(path.as_str())),
        ..Sound::default()
    };
    if let Some(mood) = mood {
        let numbers =
            Heard::of(&mood.embedding, &mood.tags).map_err(|error| FailedWhy::Broken {
                detail: error.to_string(),
            })?;
        sound.sound = numbers.numbers().to_vec();
        sound.valence = mood.valence;
        sound.arousal = mood.arousal;
        sound.spread = mood.spread;
        sound.tags.clone_from(&mood.tags);
        sound.embedding.clone_from(&mood.embedding);
    }
    Ok(sound)
}
