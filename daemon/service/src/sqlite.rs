//! What Moodlark's databases have in common: private files, migrations, and what becomes of a broken one.

use std::{
    fs::OpenOptions,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use rusqlite::Connection;

/// One of the databases.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// What it is called in sentences: `the journal`.
    pub(crate) name: &'static str,
    /// The file's name.
    pub(crate) file: &'static str,
    /// Each step brings the file from the version of its index to the next. Never edit one that was released: add another.
    pub(crate) steps: &'static [&'static str],
    /// SQLite's `synchronous`.
    pub(crate) synchronous: &'static str,
    /// SQLite's `cache_size` in KiB.
    pub(crate) cache_kib: i64,
}

/// Opens or creates a database in `folder`. A file that is no database, or a broken one, is moved aside
/// (`….db.broken-…`) with a warning, and a new one begun.
///
/// # Errors
/// If the folder cannot be written, or a newer Moodlark wrote the file.
pub(crate) fn open(folder: &Path, kind: Kind) -> Result<(Connection, PathBuf)> {
    let path = folder.join(kind.file);
    let opened = match open_file(&path, kind) {
        Err(error) if path.exists() && is_corrupt(&error) => {
            let aside = set_aside(&path)?;
            tracing::warn!(
                "{} was broken ({error:#}); it is kept as {} and a new one is begun",
                kind.name,
                aside.display()
            );
            open_file(&path, kind)
        }
        opened => opened,
    };
    let db = opened.with_context(|| format!("opening {} {}", kind.name, path.display()))?;
    Ok((db, path))
}

fn open_file(path: &Path, kind: Kind) -> Result<Connection> {
    create_private(path)?;
    let db = Connection::open(path)?;
    prepare(&db, kind)?;
    Ok(db)
}

/// Sets the connection up and brings the tables to the newest version.
fn prepare(db: &Connection, kind: Kind) -> Result<()> {
    db.busy_timeout(Duration::from_secs(2))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", kind.synchronous)?;
    db.pragma_update(None, "foreign_keys", true)?;
    // SQLite's own default is 2 MB.
    db.pragma_update(None, "cache_size", -kind.cache_kib)?;
    // What the user deletes is gone from the file, too.
    db.pragma_update(None, "secure_delete", true)?;
    let version: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let version = version as usize;
    if version > kind.steps.len() {
        bail!(
            "{} was written by a newer Moodlark (version {version}); update Moodlark or move the file away",
            kind.name
        );
    }
    for (step, sql) in kind.steps.iter().enumerate().skip(version) {
        db.execute_batch(&format!(
            "BEGIN; {sql} PRAGMA user_version = {}; COMMIT;",
            step + 1
        ))
        .with_context(|| format!("bringing {} to version {}", kind.name, step + 1))?;
    }
    Ok(())
}

/// Makes the folder 0700 and the file 0600 before SQLite opens it (it would use the umask).
fn create_private(path: &Path) -> Result<()> {
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
fn set_aside(path: &Path) -> Result<PathBuf> {
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

fn is_corrupt(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<rusqlite::Error>()
        .and_then(rusqlite::Error::sqlite_error_code)
        .is_some_and(|code| {
            matches!(
                code,
                rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt
            )
        })
}
