//! One scan: walk through the folders, hear what is new, and write down what became of each file.
//!
//! Each file is written down before the next is asked for, so a scan that is killed goes on where it was. A worker that
//! ends in the middle of a file has failed at that file; another goes on with the next.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
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
    ear::{Ear, Lost, by_ffmpeg},
    store::{Sound, Store},
};
use crate::clock;

/// So many files are asked of the database at a time.
const BATCH: usize = 64;
/// A machine on which every worker fails at once, for want of memory say, is left alone after so many in a row.
const MOST_LOST: usize = 5;
/// How much of the time a worker may compute where nobody waits for it.
const SHARE: f64 = 0.25;

/// What a scan is begun with.
pub(super) struct Scan {
    pub(super) state_dir: PathBuf,
    pub(super) program: PathBuf,
    pub(super) folders: Vec<PathBuf>,
    pub(super) leave_out: Vec<PathBuf>,
    pub(super) progress: watch::Sender<Progress>,
    /// Why an automatic scan should wait.
    pub(super) rest: watch::Receiver<Option<String>>,
    /// Somebody waits for it: it goes at full speed, and never rests. May become so while it goes on.
    pub(super) by_hand: Arc<AtomicBool>,
}

/// The scan under way.
struct Work {
    store: Option<Store>,
    ear: Option<Ear>,
    versions: String,
    /// Workers that were lost, one after the other.
    lost: usize,
}

impl Scan {
    /// Scans to the end. Answers with what could not be read, as a sentence, where there was something.
    ///
    /// # Errors
    /// If no worker can be had, or the database cannot be written.
    pub(super) async fn run(mut self) -> Result<Option<String>> {
        let mut ear = self.ear().await?;
        let walk = ear.walk(&self.folders, &self.leave_out).await?;
        for (folder, why) in &walk.unread {
            tracing::warn!("{} could not be read: {why}", folder.display());
        }
        let unread = walk.unread.first().map(|(folder, why)| {
            tr!(
                "{folder} could not be read: {why}",
                folder = folder.display(),
                why
            )
        });
        let mut work = Work {
            store: self.store().await?,
            versions: versions_of(&ear.versions),
            ear: Some(ear),
            lost: 0,
        };
        let versions = work.versions.clone();
        let todo = work
            .with(move |store| {
                let folders: Vec<PathBuf> =
                    walk.unread.into_iter().map(|(folder, _)| folder).collect();
                store.walked(&walk.files, &folders, clock::now().at)?;
                // What failed through no fault of its own is worth another try.
                store.retry(&FailedWhy::MAY_PASS)?;
                store.todo(&versions)
            })
            .await?;
        self.progress.send_modify(|progress| progress.todo = todo);
        loop {
            let versions = work.versions.clone();
            let next = work.with(move |store| store.next(&versions, BATCH)).await?;
            if next.is_empty() {
                return Ok(unread);
            }
            for (id, path) in next {
                self.rest_if_need_be().await;
                let began = Instant::now();
                self.hear_one(&mut work, id, &path).await?;
                let took = began.elapsed();
                self.progress.send_modify(|progress| progress.step(took));
            }
        }
    }

    /// How much of the time a worker may compute now.
    fn share(&self) -> f64 {
        if self.by_hand.load(Ordering::Relaxed) {
            1.0
        } else {
            SHARE
        }
    }

    async fn ear(&self) -> Result<Ear> {
        Ok(Ear::start(&self.program, &self.folders, self.share()).await?)
    }

    async fn store(&self) -> Result<Option<Store>> {
        let folder = self.state_dir.clone();
        let open = tokio::task::spawn_blocking(move || Store::open(&folder));
        Ok(Some(open.await.context("opening the library")??))
    }

    /// Waits while something speaks against it, unless somebody waits for it.
    async fn rest_if_need_be(&mut self) {
        loop {
            let why = self.rest.borrow_and_update().clone();
            let why = why.filter(|_| !self.by_hand.load(Ordering::Relaxed));
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

    /// Hears a file, and writes down what became of it.
    async fn hear_one(&self, work: &mut Work, id: i64, path: &str) -> Result<()> {
        let mut ear = match work.ear.take() {
            Some(ear) if ear.share >= self.share() => ear,
            _ => self.ear().await?,
        };
        let known = work.with(move |store| store.known_sound(id)).await?;
        let answer = self
            .hear(&mut ear, path, known.as_ref(), &work.versions)
            .await;
        match answer {
            Ok(answer) => {
                work.lost = 0;
                // A worker that says that a file took too long ends with that.
                let ends = matches!(
                    &answer,
                    Answer::Failed {
                        why: FailedWhy::Deadline { .. },
                        ..
                    }
                );
                work.ear = (!ends).then_some(ear);
                work.write(id, answer).await
            }
            Err(error) => {
                tracing::warn!("{path}: {error}");
                let why = error.of_file();
                work.with(move |store| {
                    store.failed(id, why.name(), &why.sentence(), clock::now().at)
                })
                .await?;
                work.lost += 1;
                if work.lost >= MOST_LOST {
                    bail!(tr!(
                        "the worker that hears failed {lost} times in a row; the last time: {error}",
                        lost = work.lost,
                        error
                    ));
                }
                Ok(())
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
                // What was heard by another way is read by it again.
                Answer::Failed {
                    why: FailedWhy::Unsupported { .. },
                    ..
                } => {}
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
        if unsupported && let Some(other) = by_ffmpeg(&self.program, path, self.share()).await? {
            return Ok(other);
        }
        Ok(answer)
    }
}

impl Work {
    /// Does something with the database beside the main loop.
    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut store = self.store.take().context("the library is in use")?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&mut store);
            (store, result)
        });
        let (store, result) = done.await.context("working on the library")?;
        self.store = Some(store);
        result
    }

    async fn write(&mut self, id: i64, answer: Answer) -> Result<()> {
        let versions = self.versions.clone();
        self.with(move |store| {
            let at = clock::now().at;
            match answer {
                Answer::Heard { path, track, mood } => {
                    match sound_of(&path, &track, mood.as_deref(), versions) {
                        Ok(sound) if mood.is_some() => store.heard(id, &sound, at),
                        Ok(sound) => store.retagged(id, &sound),
                        Err(why) => store.failed(id, why.name(), &why.sentence(), at),
                    }
                }
                Answer::LeftOut { why, .. } => store.left_out(id, why.name(), &why.sentence(), at),
                Answer::Failed { why, .. } => store.failed(id, why.name(), &why.sentence(), at),
                // The ear answers with nothing else; and a file that stays as it was would be asked for for ever.
                other => bail!("no answer about a file: {other:?}"),
            }
        })
        .await
    }
}

/// The versions as they are kept beside a track.
fn versions_of(versions: &Versions) -> String {
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
