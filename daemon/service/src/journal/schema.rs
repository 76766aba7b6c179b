//! The tables, and their migrations: append-only, one step a version.

use std::{
    fs::OpenOptions,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use rusqlite::Connection;

/// Each step brings the file from the version of its index to the next. Never edit one that was
/// released: add another.
const STEPS: &[&str] = &["
    CREATE TABLE readings (
        at           INTEGER NOT NULL,  -- ms since 1970, UTC
        kind         INTEGER NOT NULL,  -- see read::KINDS
        distribution BLOB,              -- 7 x u16 little-endian, 65535 = 1, label order
        quality      BLOB,              -- 5 x u8, 255 = 1: overall, size, sharpness, brightness, inside
        faces        INTEGER,
        detail       TEXT
    );
    CREATE INDEX readings_at ON readings (at);
    CREATE TABLE decisions (
        at       INTEGER NOT NULL,
        reason   TEXT NOT NULL,
        sentence TEXT NOT NULL,
        data     TEXT
    );
    CREATE INDEX decisions_at ON decisions (at);
    CREATE TABLE events (
        at      INTEGER NOT NULL,
        kind    TEXT NOT NULL,          -- mood, report, note
        summary TEXT NOT NULL,
        data    TEXT NOT NULL
    );
    CREATE INDEX events_at ON events (at);
    CREATE TABLE switches (
        id        INTEGER PRIMARY KEY AUTOINCREMENT,
        at        INTEGER NOT NULL,
        player    TEXT NOT NULL,
        playlist  TEXT NOT NULL,
        uri       TEXT NOT NULL,
        why       TEXT NOT NULL,
        mood      TEXT,
        saved     TEXT NOT NULL,        -- the player's state before, JSON
        status    TEXT NOT NULL CHECK (status IN ('pending', 'done', 'failed')),
        route     TEXT NOT NULL DEFAULT '',
        title     TEXT NOT NULL DEFAULT '',
        took_ms   INTEGER NOT NULL DEFAULT 0,
        verified  INTEGER NOT NULL DEFAULT 0,
        failure   TEXT,
        undone_at INTEGER,
        restored  TEXT
    );
    CREATE INDEX switches_at ON switches (at);
    CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"];

/// Sets the connection up and brings the tables to the newest version.
pub(super) fn prepare(db: &Connection) -> Result<()> {
    db.busy_timeout(Duration::from_secs(2))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    // A switch must be on disk before the player is touched.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    // Some hundred pages are plenty for rows this small; SQLite's own default is 2 MB.
    db.pragma_update(None, "cache_size", -256)?;
    // What the user deletes is gone from the file, too.
    db.pragma_update(None, "secure_delete", true)?;
    let version: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let version = version as usize;
    if version > STEPS.len() {
        bail!(
            "the journal was written by a newer Moodlark (version {version}); update Moodlark or move the file away"
        );
    }
    for (step, sql) in STEPS.iter().enumerate().skip(version) {
        db.execute_batch(&format!(
            "BEGIN; {sql} PRAGMA user_version = {}; COMMIT;",
            step + 1
        ))
        .with_context(|| format!("bringing the journal to version {}", step + 1))?;
    }
    Ok(())
}

/// Makes the folder 0700 and the file 0600 before SQLite opens it (it would use the umask).
pub(super) fn create_private(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
    }
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("creating {}", path.display()))?;
    Ok(())
}

/// Renames a broken file, its WAL with it, and answers with the new name.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf> {
    let stamp = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let aside = path.with_extension(format!("db.broken-{stamp}"));
    std::fs::rename(path, &aside).with_context(|| format!("moving {} aside", path.display()))?;
    for extension in ["db-wal", "db-shm"] {
        let side = path.with_extension(extension);
        if side.exists() {
            let _ = std::fs::remove_file(side); // without its database it means nothing
        }
    }
    Ok(aside)
}
