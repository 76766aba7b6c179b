//! `org.moodlark.Library1`: the user's own music.

use moodlark_api::{Dict, OwnedVariant, error::Error};
use moodlark_catalogue::tr;
use moodlark_core::{Affect, library::Feedback};
use zbus::{interface, object_server::SignalEmitter};

use super::dict;
use crate::library::{Library, Placed, Status};

/// More tracks than this in one answer would be a message that a bus refuses.
const MOST: u32 = 5000;

/// The interface; asks the library by itself, so that the main loop never waits for a disk.
pub struct Library1(pub Library);

#[interface(name = "org.moodlark.Library1")]
impl Library1 {
    /// How far it is. Keys: enabled (b), folders (as), found (x), heard (x), waiting (x), left-out (x), failed (x),
    /// left-out-by (a{sx}), failed-by (a{sx}), scanning (b), resting (s), done (x), todo (x), left (x), trouble (s), last (x).
    async fn status(&self) -> Result<Dict, Error> {
        self.0
            .status()
            .await
            .map(|status| of_status(&status))
            .map_err(unreadable)
    }

    /// Begins a scan by hand.
    async fn scan(&self) -> Result<(), Error> {
        self.0.scan_by_hand().map_err(Error::Library)
    }

    /// Stops a scan.
    async fn stop(&self) -> Result<(), Error> {
        self.0.stop().await;
        Ok(())
    }

    /// The tracks nearest to a mood. Keys: path (s), title (s), artist (s), album (s), seconds (x), valence (d), arousal (d),
    /// distance (d).
    async fn top(&self, mood: String, most: u32) -> Result<Vec<Dict>, Error> {
        let emotion = mood.parse().map_err(|_| {
            Error::InvalidArgument(tr!("\u{201c}{mood}\u{201d} is not a mood.", mood))
        })?;
        let target = Affect::of(emotion);
        let found = self
            .0
            .top(target, most.min(MOST))
            .await
            .map_err(unreadable)?;
        let with_distance = found.iter().map(|track| {
            let mut told = of_track(track);
            told.extend(dict::of([(
                "distance",
                track.affect.distance(target).into(),
            )]));
            told
        });
        Ok(with_distance.collect())
    }

    /// What is known of a file, as JSON.
    async fn explain(&self, path: String) -> Result<String, Error> {
        self.0
            .explain(path)
            .await
            .map_err(unreadable)?
            .map_err(Error::Library)
    }

    /// A path from one track to another in small steps, both ends included; the keys of Top without distance.
    async fn path(&self, from: String, to: String) -> Result<Vec<Dict>, Error> {
        let way = self.0.path(from, to).await.map_err(unreadable)?;
        let way = way.ok_or_else(|| {
            Error::Library(tr!("Both must be tracks of the library that were heard; `moodlark library explain` says what is known of a file."))
        })?;
        Ok(way.iter().map(of_track).collect())
    }

    /// The user likes a track, or takes that back.
    async fn like(&self, path: String, liked: bool) -> Result<(), Error> {
        let feedback = if liked {
            Feedback::Liked
        } else {
            Feedback::Unliked
        };
        let told = self.0.told(path, feedback, crate::clock::now().at).await;
        if told.map_err(unreadable)? {
            Ok(())
        } else {
            Err(Error::Library(tr!(
                "This is no track of the library that was heard; `moodlark library explain` says what is known of it."
            )))
        }
    }

    /// Files that were left out or failed. Keys: path (s), failed (b), why (s), sentence (s).
    async fn troubles(&self, most: u32) -> Result<Vec<Dict>, Error> {
        let troubles = self.0.troubles(most.min(MOST)).await.map_err(unreadable)?;
        let dicts = troubles.iter().map(|trouble| {
            dict::of([
                ("path", trouble.path.as_str().into()),
                ("failed", trouble.failed.into()),
                ("why", trouble.why.as_str().into()),
                ("sentence", trouble.sentence.as_str().into()),
            ])
        });
        Ok(dicts.collect())
    }

    /// The tracks that were heard, by path, of those that come after a path.
    async fn tracks(&self, after: String, most: u32) -> Result<Vec<Dict>, Error> {
        let page = self
            .0
            .page(after, most.min(MOST))
            .await
            .map_err(unreadable)?;
        Ok(page.iter().map(of_track).collect())
    }

    /// A scan went on, or ended.
    #[zbus(signal)]
    pub async fn progress(emitter: &SignalEmitter<'_>, status: Dict) -> zbus::Result<()>;
}

#[allow(clippy::needless_pass_by_value)] // for map_err
fn unreadable(error: anyhow::Error) -> Error {
    Error::Storage(tr!(
        "The library could not be read: {error}.",
        error = format!("{error:#}")
    ))
}

/// A track with its place among the others.
fn of_track(track: &Placed) -> Dict {
    let seconds = i64::try_from(track.row.duration.as_secs()).unwrap_or(i64::MAX);
    dict::of([
        ("path", track.row.path.as_str().into()),
        ("title", track.row.title.as_str().into()),
        ("artist", track.row.artist.as_str().into()),
        ("album", track.row.album.as_str().into()),
        ("seconds", seconds.into()),
        ("valence", track.affect.valence.into()),
        ("arousal", track.affect.arousal.into()),
    ])
}

/// The library as the bus shows it.
pub(crate) fn of_status(status: &Status) -> Dict {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let sum = |by: &std::collections::BTreeMap<String, usize>| count(by.values().sum());
    let by = |by: &std::collections::BTreeMap<String, usize>| {
        let counts: std::collections::HashMap<String, i64> =
            by.iter().map(|(why, n)| (why.clone(), count(*n))).collect();
        OwnedVariant::from(counts)
    };
    let (counts, progress) = (&status.counts, &status.progress);
    let mut told = dict::of([
        ("enabled", status.enabled.into()),
        ("folders", status.folders.clone().into()),
        ("found", count(counts.found()).into()),
        ("heard", count(counts.heard).into()),
        ("waiting", count(counts.waiting).into()),
        ("left-out", sum(&counts.left_out).into()),
        ("failed", sum(&counts.failed).into()),
        ("scanning", progress.scanning.into()),
        (
            "resting",
            progress.resting.clone().unwrap_or_default().into(),
        ),
        ("done", count(progress.done).into()),
        ("todo", count(progress.todo).into()),
        ("left", progress.left().map_or(0, count).into()),
        (
            "trouble",
            progress.trouble.clone().unwrap_or_default().into(),
        ),
        ("last", progress.last.map_or(0, |at| at.0).into()),
    ]);
    told.insert("left-out-by".into(), by(&counts.left_out));
    told.insert("failed-by".into(), by(&counts.failed));
    told
}
