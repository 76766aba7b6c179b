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
    CREATE INDEX tracks_states ON tracks (state, why) WHERE gone IS NULL;
    CREATE INDEX tracks_gone ON tracks (size, mtime) WHERE gone IS NOT NULL;
    CREATE TABLE sounds (
        id        INTEGER PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE,
        sound     BLOB NOT NULL,        -- f32 little-endian, what the choice goes by
        tags      BLOB NOT NULL,        -- f16 little-endian, musicnn's logits
        embedding BLOB NOT NULL         -- f16 little-endian
    );
    CREATE TABLE numbers (              -- what was learnt of a track
        id     INTEGER PRIMARY KEY REFERENCES tracks (id) ON DELETE CASCADE,
        plays  INTEGER NOT NULL DEFAULT 0,
        last   INTEGER,                 -- ms since 1970: when it was last begun
        liked  INTEGER NOT NULL DEFAULT 0,
        taste  TEXT                     -- JSON, the core's own
    ) WITHOUT ROWID;
    CREATE TABLE picks (                -- what was chosen, and how likely that was
        at         INTEGER NOT NULL,    -- ms since 1970
        place      INTEGER NOT NULL,    -- in its list, from 0
        track      INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
        distance   REAL NOT NULL,
        propensity REAL NOT NULL,
        data       TEXT NOT NULL,       -- JSON, the core's own
        PRIMARY KEY (at, place)
    ) WITHOUT ROWID;
    CREATE INDEX picks_track ON picks (track, at);
    CREATE TABLE plays (
        at      INTEGER NOT NULL,       -- ms since 1970: when it was begun
        track   INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
        weekday INTEGER NOT NULL,       -- on the user's wall, Monday is 0
        share   REAL NOT NULL,          -- how much of it was heard, 0..=1
        span    INTEGER NOT NULL,       -- ms
        ended   TEXT NOT NULL           -- JSON, the core's own
    );
    CREATE INDEX plays_at ON plays (at);
    CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"];
