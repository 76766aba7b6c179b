//! The library on disk: which files there are, what was heard in them, what was learnt of them.
//!
//! One file, `library.db`. Nothing in it is a secret of the listener but which music they have and what they play
//! through; it is private like the journal. A file that is gone keeps its row for [`REMEMBERED`]: who moves a folder
//! or plugs a disk in again has nothing heard anew.

mod learnt;
mod read;
mod schema;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use moodlark_catalogue::tr;
use moodlark_core::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

pub use learnt::Played;
pub use read::{Counts, Near, Row, Trouble};

use crate::sqlite;

/// What is no longer there is forgotten after so long.
pub const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 3600);

/// What is to be heard.
const TODO: &str = "gone IS NULL AND (state = 0 OR state = 1 AND heard_by <> ?1)";

/// The states of a track.
const WAITS: i64 = 0;
pub(super) const HEARD: i64 = 1;
pub(super) const LEFT_OUT: i64 = 2;
pub(super) const FAILED: i64 = 3;

/// A file that was found in the music folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its absolute path.
    pub path: String,
    /// Whether that is its path to the letter: a name of bytes that are no UTF-8 can stand in no playlist.
    pub named: bool,
    /// Bytes.
    pub size: u64,
    /// When it was last changed: ms since 1970, UTC.
    pub mtime: i64,
}

/// What a walk through the folders changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Walked {
    /// Files that were not there before.
    pub new: usize,
    /// Files that were written since.
    pub changed: usize,
    /// Files that lie elsewhere now.
    pub moved: usize,
    /// Files that are no longer there.
    pub gone: usize,
}

/// A track as the worker heard it, ready to be written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sound {
    /// The versions of the features, as text.
    pub heard_by: String,
    /// Of the audio.
    pub hash: Vec<u8>,
    /// How long it is.
    pub duration: Duration,
    /// What it is called; each may be unknown.
    pub title: Option<String>,
    /// The artist.
    pub artist: Option<String>,
    /// The album.
    pub album: Option<String>,
    /// The album's artist.
    pub album_artist: Option<String>,
    /// The genre.
    pub genre: Option<String>,
    /// The year.
    pub year: Option<u32>,
    /// MusicBrainz' recording.
    pub mbid: Option<String>,
    /// MusicBrainz' artist.
    pub artist_mbid: Option<String>,
    /// ReplayGain of the track in dB.
    pub gain: Option<f32>,
    /// Raw valence.
    pub valence: f32,
    /// Raw arousal.
    pub arousal: f32,
    /// Between the windows.
    pub spread: f32,
    /// Whether it is for Christmas.
    pub christmas: bool,
    /// What the choice goes by.
    pub sound: Vec<f32>,
    /// musicnn's logits.
    pub tags: Vec<f32>,
    /// musicnn's embedding.
    pub embedding: Vec<f32>,
}

/// The open library.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens or creates `library.db` in `folder`; a broken one is moved aside.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn open(folder: &Path) -> Result<Self> {
        let (db, path) = sqlite::open(folder, schema::LIBRARY)?;
        Ok(Self { db, path })
    }

    /// Whether there is a library in `folder`.
    #[must_use]
    pub fn exists(folder: &Path) -> bool {
        folder.join(schema::LIBRARY.file).exists()
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes in what a walk found: all files of the folders, in any order, each once. Of those whose disk or folder
    /// could not be read (`unread`) nothing is said to be gone.
    ///
    /// # Errors
    /// The database's; nothing is changed then.
    pub fn walked(&mut self, files: &[File], unread: &[PathBuf], at: Timestamp) -> Result<Walked> {
        let mut walked = Walked::default();
        let transaction = self.db.transaction()?;
        {
            transaction.execute_batch(
                "CREATE TEMP TABLE IF NOT EXISTS seen (path TEXT PRIMARY KEY) WITHOUT ROWID;
                 DELETE FROM seen;",
            )?;
            let mut see = transaction.prepare("INSERT OR IGNORE INTO seen (path) VALUES (?1)")?;
            for file in files {
                see.execute([&file.path])?;
            }
        }
        // First what is gone, so that what is new can be recognised as moved.
        let mut gone = {
            let mut missing = transaction.prepare(
                "SELECT id, path FROM tracks WHERE gone IS NULL AND path NOT IN (SELECT path FROM seen)",
            )?;
            let rows = missing.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()?
        };
        gone.retain(|(_, path)| {
            let path = Path::new(path);
            !unread.iter().any(|folder| path.starts_with(folder))
        });
        for (id, _) in &gone {
            transaction
                .prepare_cached("UPDATE tracks SET gone = ?2 WHERE id = ?1")?
                .execute(params![id, at.0])?;
        }
        walked.gone = gone.len();
        for file in files {
            match take_in(&transaction, file)? {
                Change::None => {}
                Change::New => walked.new += 1,
                Change::Written => walked.changed += 1,
                Change::Moved => {
                    walked.moved += 1;
                    walked.gone = walked.gone.saturating_sub(1);
                }
            }
        }
        let forgotten = at.0.saturating_sub(i64::try_from(REMEMBERED.as_millis())?);
        transaction.execute("DELETE FROM tracks WHERE gone < ?1", [forgotten])?;
        transaction.execute_batch("DELETE FROM seen;")?;
        transaction.commit()?;
        Ok(walked)
    }

    /// How many files are to be heard: those that wait, and those that were heard by other versions of the features. What
    /// was heard by those stays in use until then.
    ///
    /// # Errors
    /// The database's.
    pub fn todo(&self, heard_by: &str) -> Result<usize> {
        let count = format!("SELECT count(*) FROM tracks WHERE {TODO}");
        let count: i64 = self.db.query_row(&count, [heard_by], |row| row.get(0))?;
        Ok(usize::try_from(count)?)
    }

    /// The next of them, at most so many: new ones first.
    ///
    /// # Errors
    /// The database's.
    pub fn next(&self, heard_by: &str, most: usize) -> Result<Vec<(i64, String)>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT id, path FROM tracks WHERE {TODO} ORDER BY state, id LIMIT ?2"
        ))?;
        let rows = statement.query_map(params![heard_by, i64::try_from(most)?], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Writes down what was heard.
    ///
    /// # Errors
    /// The database's; nothing is written then.
    pub fn heard(&mut self, id: i64, sound: &Sound, at: Timestamp) -> Result<()> {
        let transaction = self.db.transaction()?;
        transaction.execute(
            "UPDATE tracks SET state = 1, why = NULL, sentence = NULL, heard_at = ?2, heard_by = ?3, hash = ?4,
                 duration = ?5, title = ?6, artist = ?7, album = ?8, album_artist = ?9, genre = ?10, year = ?11,
                 mbid = ?12, artist_mbid = ?13, gain = ?14, valence = ?15, arousal = ?16, spread = ?17, christmas = ?18
             WHERE id = ?1",
            params![
                id,
                at.0,
                sound.heard_by,
                sound.hash,
                i64::try_from(sound.duration.as_millis())?,
                sound.title,
                sound.artist,
                sound.album,
                sound.album_artist,
                sound.genre,
                sound.year,
                sound.mbid,
                sound.artist_mbid,
                sound.gain,
                sound.valence,
                sound.arousal,
                sound.spread,
                sound.christmas,
            ],
        )?;
        transaction.execute(
            "INSERT OR REPLACE INTO sounds (id, sound, tags, embedding) VALUES (?1, ?2, ?3, ?4)",
            params![
                id,
                read::whole(&sound.sound),
                read::halved(&sound.tags),
                read::halved(&sound.embedding)
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Writes down what a file says of itself now; its sound is as it was.
    ///
    /// # Errors
    /// The database's.
    pub fn retagged(&self, id: i64, sound: &Sound) -> Result<()> {
        self.db
            .prepare_cached(
                "UPDATE tracks SET state = 1, title = ?2, artist = ?3, album = ?4, album_artist = ?5, genre = ?6, year = ?7,
                     mbid = ?8, artist_mbid = ?9, gain = ?10, christmas = ?11 WHERE id = ?1",
            )?
            .execute(params![
                id,
                sound.title,
                sound.artist,
                sound.album,
                sound.album_artist,
                sound.genre,
                sound.year,
                sound.mbid,
                sound.artist_mbid,
                sound.gain,
                sound.christmas,
            ])?;
        Ok(())
    }

    /// The hash of the audio that was heard last in a file, and by which versions of the features.
    ///
    /// # Errors
    /// The database's.
    pub fn known_sound(&self, id: i64) -> Result<Option<(Vec<u8>, String)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT t.hash, t.heard_by FROM tracks t JOIN sounds s ON s.id = t.id
             WHERE t.id = ?1 AND t.hash IS NOT NULL AND t.heard_by IS NOT NULL",
        )?;
        Ok(statement
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?)
    }

    /// Writes down that a file is no music for lists, and why.
    ///
    /// # Errors
    /// The database's.
    pub fn left_out(&self, id: i64, why: &str, sentence: &str, at: Timestamp) -> Result<()> {
        self.ended(id, LEFT_OUT, why, sentence, at)
    }

    /// Writes down that a file could not be heard, and why.
    ///
    /// # Errors
    /// The database's.
    pub fn failed(&self, id: i64, why: &str, sentence: &str, at: Timestamp) -> Result<()> {
        self.ended(id, FAILED, why, sentence, at)
    }

    fn ended(&self, id: i64, state: i64, why: &str, sentence: &str, at: Timestamp) -> Result<()> {
        self.db
            .prepare_cached(
                "UPDATE tracks SET state = ?2, why = ?3, sentence = ?4, heard_at = ?5 WHERE id = ?1",
            )?
            .execute(params![id, state, why, sentence, at.0])
            .context("writing down what became of a file")?;
        Ok(())
    }

    /// Has files that failed for one of these reasons wait to be heard again.
    ///
    /// # Errors
    /// The database's.
    pub fn retry(&mut self, reasons: &[&str]) -> Result<()> {
        let transaction = self.db.transaction()?;
        for why in reasons {
            transaction.execute(
                "UPDATE tracks SET state = 0 WHERE state = 3 AND why = ?1 AND gone IS NULL",
                [why],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// A small value by name: what was learnt of all tracks together, the library's percentiles.
    ///
    /// # Errors
    /// The database's.
    pub fn value(&self, key: &str) -> Result<Option<String>> {
        let mut statement = self
            .db
            .prepare_cached("SELECT value FROM state WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Saves a small value.
    ///
    /// # Errors
    /// The database's.
    pub fn save(&self, key: &str, value: &str) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT INTO state (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?
            .execute([key, value])?;
        Ok(())
    }
}

/// What a found file is to the table.
enum Change {
    None,
    New,
    Written,
    Moved,
}

fn take_in(db: &Connection, file: &File) -> Result<Change> {
    let size = i64::try_from(file.size).unwrap_or(i64::MAX);
    let (state, why, sentence) = if file.named {
        (WAITS, None, None)
    } else {
        let sentence = tr!("its name is not UTF-8, and no playlist can name it");
        (LEFT_OUT, Some("name_not_utf8"), Some(sentence))
    };
    let known: Option<(i64, i64, i64, Option<i64>)> = db
        .prepare_cached("SELECT id, size, mtime, gone FROM tracks WHERE path = ?1")?
        .query_row([&file.path], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    if let Some((id, old_size, old_mtime, gone)) = known {
        if (old_size, old_mtime) == (size, file.mtime) {
            if gone.is_some() {
                db.prepare_cached("UPDATE tracks SET gone = NULL WHERE id = ?1")?
                    .execute([id])?;
                return Ok(Change::New);
            }
            return Ok(Change::None);
        }
        db.prepare_cached(
            "UPDATE tracks SET size = ?2, mtime = ?3, state = ?4, gone = NULL WHERE id = ?1",
        )?
        .execute(params![id, size, file.mtime, state])?;
        return Ok(Change::Written);
    }
    // A file keeps its size and its time when it is moved. Two of the same size and time are told apart by
    // their names, and where these don't help, either may be it: they are copies.
    let name = Path::new(&file.path)
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let moved: Option<i64> = db
        .prepare_cached(
            "SELECT id FROM tracks WHERE gone IS NOT NULL AND size = ?1 AND mtime = ?2
             ORDER BY substr(path, -length(?3)) = ?3 DESC, gone DESC LIMIT 1",
        )?
        .query_row(params![size, file.mtime, name], |row| row.get(0))
        .optional()?;
    if let Some(id) = moved {
        db.prepare_cached("UPDATE tracks SET path = ?2, gone = NULL WHERE id = ?1")?
            .execute(params![id, file.path])?;
        return Ok(Change::Moved);
    }
    db.prepare_cached(
        "INSERT INTO tracks (path, size, mtime, state, why, sentence) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![file.path, size, file.mtime, state, why, sentence])?;
    Ok(Change::New)
}
