//! The tables, and their migrations: append-only, one step a version.

use crate::sqlite::Kind;

/// The journal.
pub(super) const JOURNAL: Kind = Kind {
    name: "the journal",
    file: "history.db",
    steps: STEPS,
    // A switch must be on disk before the player is touched.
    synchronous: "FULL",
    // Some hundred pages are plenty for rows this small.
    cache_kib: 256,
};

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
