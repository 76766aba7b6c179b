//! The journal: readings, moods, decisions, switches and notes in SQLite, and the engine's state.
//!
//! One file, `history.db`, WAL with full synchronisation: it survives SIGKILL at any point, and a
//! switch is on disk before a player is touched. A year at a look every five minutes fits in
//! 20 MB because readings are rows of numbers, not text.

mod read;
mod schema;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use moodlark_core::{
    Quality, Reading, Timestamp,
    decide::{Decision, Plan},
    engine::{Entry, Explained, State, SwitchRecord},
};
use rusqlite::{Connection, OptionalExtension, params};

pub use read::HistoryRow;

use crate::sqlite;

/// The open journal.
#[derive(Debug)]
pub struct Journal {
    db: Connection,
    path: PathBuf,
}

/// What was saved of a player is kept as long as the switch where it is no longer than this, in bytes.
const BULKY: i64 = 4096;

/// A switch that was begun and neither ended nor failed: the service died in between.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The switch as far as it is known.
    pub record: SwitchRecord,
    /// The player's state before, as JSON.
    pub saved: String,
}

impl Journal {
    /// Opens or creates `history.db` in `folder`. A file that is no database, or a broken one, is
    /// moved aside (`history.db.broken-…`) with a warning, and a new one begun.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn open(folder: &Path) -> Result<Self> {
        let (db, path) = sqlite::open(folder, schema::JOURNAL)?;
        Ok(Self { db, path })
    }

    /// Where the journal in `folder` is and what [`Journal::check`] finds, without making or changing
    /// one; `ok` where there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn examine(folder: &Path) -> Result<(PathBuf, String)> {
        let path = folder.join(schema::JOURNAL.file);
        if !path.exists() {
            return Ok((path, "ok".into()));
        }
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let finding = Connection::open_with_flags(&path, flags)
            .and_then(|db| db.query_row("PRAGMA quick_check", [], |row| row.get(0)))
            .with_context(|| format!("reading the journal {}", path.display()))?;
        Ok((path, finding))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The engine's state as last saved; the default where there is none, or one that cannot be
    /// read any more.
    ///
    /// # Errors
    /// The database's.
    pub fn state(&self) -> Result<State> {
        let text: Option<String> = self
            .db
            .query_row("SELECT value FROM state WHERE key = 'engine'", [], |row| {
                row.get(0)
            })
            .optional()?;
        Ok(text.map_or_else(State::default, |text| {
            serde_json::from_str(&text).unwrap_or_else(|error| {
                tracing::warn!("the saved state cannot be read ({error}); starting afresh");
                State::default()
            })
        }))
    }

    /// A small value of the service's own, by name.
    ///
    /// # Errors
    /// The database's.
    pub fn value(&self, key: &str) -> Result<Option<String>> {
        Ok(self
            .db
            .prepare_cached("SELECT value FROM state WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?)
    }

    /// Saves a small value of the service's own.
    ///
    /// # Errors
    /// The database's.
    pub fn save(&self, key: &str, value: &str) -> Result<()> {
        put(&self.db, key, value)
    }

    /// Writes several entries and the state in one transaction.
    ///
    /// # Errors
    /// The database's; nothing is written then.
    pub fn write(&mut self, at: Timestamp, entries: &[Entry], state: Option<&State>) -> Result<()> {
        let transaction = self.db.transaction()?;
        for entry in entries {
            write_entry(&transaction, at, entry)?;
        }
        if let Some(state) = state {
            put(&transaction, "engine", &serde_json::to_string(state)?)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Writes a note of the user's.
    ///
    /// # Errors
    /// The database's.
    pub fn note(&self, at: Timestamp, text: &str) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT INTO events (at, kind, summary, data) VALUES (?1, 'note', ?2, '{}')",
            )?
            .execute(params![at.0, text])?;
        Ok(())
    }

    /// Writes that a switch begins, with what is needed to bring back what played before.
    ///
    /// # Errors
    /// The database's; then the player must not be touched.
    pub fn begin_switch(&self, at: Timestamp, plan: &Plan, uri: &str, saved: &str) -> Result<i64> {
        self.db
            .prepare_cached(
                "INSERT INTO switches (at, player, playlist, uri, why, mood, saved, status)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'pending')",
            )?
            .execute(params![
                at.0,
                plan.player,
                plan.playlist,
                uri,
                plan.why,
                plan.mood.map(moodlark_core::Emotion::name),
                saved
            ])?;
        Ok(self.db.last_insert_rowid())
    }

    /// Writes that a switch was made and seen.
    ///
    /// # Errors
    /// The database's.
    pub fn end_switch(&self, record: &SwitchRecord) -> Result<()> {
        self.db
            .prepare_cached(
                "UPDATE switches SET status = 'done', route = ?2, title = ?3, took_ms = ?4, verified = ?5 WHERE id = ?1",
            )?
            .execute(params![
                record.id,
                record.route,
                record.title,
                i64::try_from(record.took_ms).unwrap_or(i64::MAX),
                record.verified
            ])?;
        // Only the last switch can be undone, and MPD's queue in what was saved before may have a megabyte.
        self.db
            .prepare_cached(
                "UPDATE switches SET saved = '' WHERE id < ?1 AND length(saved) > ?2 AND status <> 'pending'",
            )?
            .execute(params![record.id, BULKY])?;
        Ok(())
    }

    /// Writes that a switch failed, and why.
    ///
    /// # Errors
    /// The database's.
    pub fn fail_switch(&self, id: i64, why: &str) -> Result<()> {
        self.db
            .prepare_cached("UPDATE switches SET status = 'failed', failure = ?2 WHERE id = ?1")?
            .execute(params![id, why])?;
        Ok(())
    }

    /// Writes that a switch was undone, and when.
    ///
    /// # Errors
    /// The database's.
    pub fn undo_switch(&self, id: i64, at: Timestamp, restored: &str) -> Result<()> {
        self.db
            .prepare_cached("UPDATE switches SET undone_at = ?2, restored = ?3 WHERE id = ?1")?
            .execute(params![id, at.0, restored])?;
        Ok(())
    }

    /// What was saved of the player before a switch, as JSON.
    ///
    /// # Errors
    /// The database's.
    pub fn saved_before(&self, id: i64) -> Result<Option<String>> {
        Ok(self
            .db
            .prepare_cached("SELECT saved FROM switches WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?)
    }

    /// The URI that was last opened in a player and not undone since.
    ///
    /// # Errors
    /// The database's.
    pub fn last_opened(&self, player: &str) -> Result<Option<String>> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT uri FROM switches WHERE player = ?1 AND status = 'done' AND undone_at IS NULL
                 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([player], |row| row.get(0))
            .optional()?)
    }

    /// Deletes what is older than `before`. A switch under way stays.
    ///
    /// # Errors
    /// The database's.
    pub fn forget_before(&mut self, before: Timestamp) -> Result<usize> {
        let transaction = self.db.transaction()?;
        let mut gone = 0;
        for sql in [
            "DELETE FROM readings WHERE at < ?1",
            "DELETE FROM decisions WHERE at < ?1",
            "DELETE FROM events WHERE at < ?1",
            "DELETE FROM switches WHERE at < ?1 AND status != 'pending'",
        ] {
            gone += transaction.execute(sql, [before.0])?;
        }
        transaction.commit()?;
        Ok(gone)
    }

    /// Runs SQLite's own check; the finding, `ok` when all is well.
    ///
    /// # Errors
    /// The database's.
    pub fn check(&self) -> Result<String> {
        Ok(self
            .db
            .query_row("PRAGMA quick_check", [], |row| row.get(0))?)
    }
}

fn put(db: &Connection, key: &str, value: &str) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO state (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![key, value])?;
    Ok(())
}

fn write_entry(db: &Connection, at: Timestamp, entry: &Entry) -> Result<()> {
    match entry {
        Entry::Reading(reading) => {
            let (distribution, quality, faces, detail) = columns(reading);
            db.prepare_cached(
                "INSERT INTO readings (at, kind, distribution, quality, faces, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![at.0, read::kind_code(reading), distribution, quality, faces, detail])?;
        }
        Entry::Decision(explained) => {
            let Explained {
                decision, sentence, ..
            } = &**explained;
            let (reason, data) = match decision {
                // A keep is told whole by its sentence; its JSON would be most of the file.
                Decision::Keep(keep) => (keep.name(), None),
                Decision::Ask(_) => ("ask", Some(serde_json::to_string(entry)?)),
                Decision::Switch(_) => ("switch", Some(serde_json::to_string(entry)?)),
            };
            db.prepare_cached(
                "INSERT INTO decisions (at, reason, sentence, data) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![at.0, reason, sentence, data])?;
        }
        Entry::Mood(mood) => {
            db.prepare_cached(
                "INSERT INTO events (at, kind, summary, data) VALUES (?1, 'mood', ?2, ?3)",
            )?
            .execute(params![
                at.0,
                mood.label_name(),
                serde_json::to_string(mood)?
            ])?;
        }
        Entry::Report(report) => {
            db.prepare_cached(
                "INSERT INTO events (at, kind, summary, data) VALUES (?1, 'report', ?2, ?3)",
            )?
            .execute(params![
                at.0,
                "what you said of your mood",
                serde_json::to_string(report)?
            ])?;
        }
    }
    Ok(())
}

type Columns = (
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<u32>,
    Option<String>,
);

/// A reading as columns: probabilities as seven 16-bit numbers, quality as five bytes.
fn columns(reading: &Reading) -> Columns {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let byte = |x: f64| (x.clamp(0.0, 1.0) * 255.0).round() as u8;
    let quality_bytes = |q: &Quality| {
        [q.overall, q.size, q.sharpness, q.brightness, q.inside]
            .map(byte)
            .to_vec()
    };
    match reading {
        Reading::Face {
            distribution,
            quality,
            faces,
            ..
        } => {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let words = distribution
                .as_array()
                .map(|p| (p.clamp(0.0, 1.0) * 65535.0).round() as u16);
            let bytes = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            (
                Some(bytes),
                Some(quality_bytes(quality)),
                Some(*faces),
                None,
            )
        }
        Reading::Blurred { quality } => (None, Some(quality_bytes(quality)), None, None),
        Reading::Dark { brightness } => (None, None, None, Some(format!("{brightness:.3}"))),
        Reading::Failed { reason } => (None, None, None, Some(reason.clone())),
        Reading::NoFace | Reading::Busy | Reading::Unplugged | Reading::Denied => {
            (None, None, None, None)
        }
    }
}

#[cfg(test)]
mod tests;
