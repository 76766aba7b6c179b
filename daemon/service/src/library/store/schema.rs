//! The library's tables, and their migrations: append-only, one step a version.

use crate::sqlite::Kind;

/// The library.
pub(super) const LIBRARY: Kind = Kind {
    name: "the library",
    file: "library.db",
    steps: STEPS,
    // What was heard last before a power cut can be heard again.
    synchronous: "NORMAL",
    cache_kib: 2048,
};

/// Each step brings the file from the version of its index to the next. Never edit one that was
/// released: add another.
const STEPS: &[&str] = &["
    CREATE TABLE tracks (
        id           INTEGER PRIMARY KEY,
        path         TEXT NOT NULL UNIQUE,
        size         INTEGER NOT NULL,  -- bytes
        mtime        INTEGER NOT NULL,  -- ms since 1970, UTC
        state        INTEGER NOT NULL,  -- 0 waits to be heard, 1 heard, 2 left out, 3 failed
        why          TEXT,              -- left out or failed: the reason's name
        sentence     TEXT,              -- and for people
        gone         INTEGER,           -- ms since 1970: no longer there since
        heard_at     INTEGER,
        heard_by     TEXT,              -- the versions of the features
        hash         BLOB,              -- of the audio, not of the tags
        duration     INTEGER,           -- ms
        title        TEXT,
        artist       TEXT,
        album        TEXT,
        album_artist TEXT,
        genre        TEXT,
        year         INTEGER,
        mbid         TEXT,              -- MusicBrainz' recording
        artist_mbid  TEXT,
        gain         REAL,              -- dB, ReplayGain
        valence      REAL,              -- raw: only their order within a library means something
        arousal      REAL,
        spread       REAL,              -- between the windows that were heard
        christmas    INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX tracks_affect ON tracks (valence, arousal) WHERE state = 1 AND gone IS NULL;
    CREATE INDEX tracks_waiting ON tracks (id) WHERE state = 0 AND gone IS NULL;
    CREATE INDEX tracks_gone ON tracks (size, mtime) WHERE gone IS NOT NULL;
    CREATE TABLE sounds (
        id        INTEGER PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE,
        sound     BLOB NOT NULL,        -- f32 little-endian, what the choice goes by
        tags      BLOB NOT NULL,        -- f16 little-endian, musicnn's logits
        embedding BLOB NOT NULL         -- f16 little-endian
    );
    CREATE TABLE numbers (              -- what was learnt of a track
        id        INTEGER PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE,
        plays     INTEGER NOT NULL DEFAULT 0,
        last      INTEGER,              -- ms since 1970
        liked     INTEGER NOT NULL DEFAULT 0,
        posterior TEXT                  -- JSON, the core's own
    ) WITHOUT ROWID;
    CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"];
