//! Reading the journal back.

use anyhow::Result;
use moodlark_catalogue::tr;
use moodlark_core::{Affect, Distribution, Quality, Reading, Timestamp, engine::SwitchRecord};
use rusqlite::{OptionalExtension, Row, params};

use super::{Journal, Pending};

/// The kinds of readings, in the order of their codes in the file. Append only.
const KINDS: [&str; 8] = [
    "face",
    "no_face",
    "dark",
    "blurred",
    "busy",
    "unplugged",
    "denied",
    "failed",
];

/// The most rows that one call answers with.
pub(super) const MOST_ROWS: u32 = 10_000;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRow {
    /// When.
    pub at: Timestamp,
    /// `reading`, `mood`, `decision`, `switch`, `undo`, `report` or `note`.
    pub kind: String,
    /// For people.
    pub summary: String,
    /// For scripts, JSON.
    pub data: String,
}

pub(super) fn kind_code(reading: &Reading) -> u32 {
    (0..)
        .zip(KINDS)
        .find(|(_, kind)| *kind == reading.kind())
        .map_or(u32::MAX, |(code, _)| code)
}

impl Journal {
    /// What happened from `from` up to but without `to`, oldest first, at most [`MOST_ROWS`].
    ///
    /// # Errors
    /// The database's.
    pub fn history(&self, from: Timestamp, to: Timestamp) -> Result<Vec<HistoryRow>> {
        let mut rows = self.readings(from, to)?;
        let span = params![from.0, to.0, MOST_ROWS];
        let mut collect =
            |sql: &str, make: fn(&Row<'_>) -> rusqlite::Result<HistoryRow>| -> Result<()> {
                let mut statement = self.db.prepare_cached(sql)?;
                for row in statement.query_map(span, make)? {
                    rows.push(row?);
                }
                Ok(())
            };
        collect(
            "SELECT at, reason, sentence, data FROM decisions WHERE at >= ?1 AND at < ?2 ORDER BY at LIMIT ?3",
            |row| {
                let (reason, data): (String, Option<String>) = (row.get(1)?, row.get(3)?);
                Ok(HistoryRow {
                    at: Timestamp(row.get(0)?),
                    kind: "decision".into(),
                    summary: row.get(2)?,
                    data: data.unwrap_or_else(|| serde_json::json!({ "keep": reason }).to_string()),
                })
            },
        )?;
        collect(
            "SELECT at, kind, summary, data FROM events WHERE at >= ?1 AND at < ?2 ORDER BY at LIMIT ?3",
            |row| {
                Ok(HistoryRow {
                    at: Timestamp(row.get(0)?),
                    kind: row.get(1)?,
                    summary: row.get(2)?,
                    data: row.get(3)?,
                })
            },
        )?;
        collect(
            "SELECT at, id, playlist, player, why, status, failure, verified, uri, title FROM switches
             WHERE at >= ?1 AND at < ?2 ORDER BY at LIMIT ?3",
            |row| {
                let (id, playlist, player): (i64, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
                let (why, status, failure): (String, String, Option<String>) = (row.get(4)?, row.get(5)?, row.get(6)?);
                let (verified, uri, title): (bool, String, String) = (row.get(7)?, row.get(8)?, row.get(9)?);
                let summary = match (&*status, &failure) {
                    ("failed", Some(failure)) => tr!("could not play \u{201c}{playlist}\u{201d}: {failure}", playlist, failure),
                    ("pending", _) => tr!("began to play \u{201c}{playlist}\u{201d}", playlist),
                    _ => tr!("played \u{201c}{playlist}\u{201d}: {why}", playlist, why),
                };
                let data = serde_json::json!({
                    "id": id, "playlist": playlist, "player": player, "why": why, "status": status,
                    "failure": failure, "verified": verified, "uri": uri, "title": title,
                });
                Ok(HistoryRow { at: Timestamp(row.get(0)?), kind: "switch".into(), summary, data: data.to_string() })
            },
        )?;
        collect(
            "SELECT undone_at, id, playlist, restored FROM switches
             WHERE undone_at >= ?1 AND undone_at < ?2 ORDER BY undone_at LIMIT ?3",
            |row| {
                let (id, playlist): (i64, String) = (row.get(1)?, row.get(2)?);
                let restored: Option<String> = row.get(3)?;
                let data =
                    serde_json::json!({ "id": id, "playlist": playlist, "restored": restored });
                Ok(HistoryRow {
                    at: Timestamp(row.get(0)?),
                    kind: "undo".into(),
                    summary: tr!(
                        "brought back what played before \u{201c}{playlist}\u{201d}",
                        playlist
                    ),
                    data: data.to_string(),
                })
            },
        )?;
        rows.sort_by_key(|row| (row.at, rank(&row.kind)));
        rows.truncate(MOST_ROWS as usize);
        Ok(rows)
    }

    fn readings(&self, from: Timestamp, to: Timestamp) -> Result<Vec<HistoryRow>> {
        let mut statement = self.db.prepare_cached(
            "SELECT at, kind, distribution, quality, faces, detail FROM readings
             WHERE at >= ?1 AND at < ?2 ORDER BY at LIMIT ?3",
        )?;
        let rows = statement.query_map(params![from.0, to.0, MOST_ROWS], |row| {
            Ok((Timestamp(row.get(0)?), reading(row)?))
        })?;
        rows.map(|row| {
            let (at, reading) = row?;
            Ok(HistoryRow {
                at,
                kind: "reading".into(),
                summary: reading.sentence(),
                data: serde_json::to_string(&reading)?,
            })
        })
        .collect()
    }

    /// The newest switch that was made.
    ///
    /// # Errors
    /// The database's.
    pub fn last_switch(&self) -> Result<Option<SwitchRecord>> {
        Ok(self
            .db
            .prepare_cached(
                "SELECT id, at, player, playlist, uri, why, mood, route, title, took_ms, verified, undone_at IS NOT NULL
                 FROM switches WHERE status = 'done' ORDER BY id DESC LIMIT 1",
            )?
            .query_row([], |row| {
                let took: i64 = row.get(9)?;
                Ok(SwitchRecord {
                    route: row.get(7)?,
                    title: row.get(8)?,
                    took_ms: u64::try_from(took).unwrap_or(0),
                    verified: row.get(10)?,
                    undone: row.get(11)?,
                    ..begun(row)?
                })
            })
            .optional()?)
    }

    /// The switches that were begun and did not end: the service died in between.
    ///
    /// # Errors
    /// The database's.
    pub fn pending(&self) -> Result<Vec<Pending>> {
        let mut statement = self.db.prepare(
            "SELECT id, at, player, playlist, uri, why, mood, saved FROM switches WHERE status = 'pending' ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(Pending {
                record: begun(row)?,
                saved: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// What leads to what, for things that were written down in the same moment.
fn rank(kind: &str) -> usize {
    let order = [
        "reading", "report", "mood", "decision", "switch", "undo", "note",
    ];
    order
        .iter()
        .position(|known| *known == kind)
        .unwrap_or(order.len())
}

/// A switch as it was when it was begun, from the first seven columns.
fn begun(row: &Row<'_>) -> rusqlite::Result<SwitchRecord> {
    let mood: Option<String> = row.get(6)?;
    Ok(SwitchRecord {
        id: row.get(0)?,
        at: Timestamp(row.get(1)?),
        player: row.get(2)?,
        playlist: row.get(3)?,
        uri: row.get(4)?,
        route: String::new(),
        why: row.get(5)?,
        mood: mood.and_then(|mood| mood.parse().ok()),
        title: String::new(),
        verified: false,
        took_ms: 0,
        undone: false,
        left_out: moodlark_core::player::LeftOut::default(),
    })
}

/// A reading from its columns; what cannot be read any more is a `Failed` that says so.
fn reading(row: &Row<'_>) -> rusqlite::Result<Reading> {
    let code: u32 = row.get(1)?;
    let distribution: Option<Vec<u8>> = row.get(2)?;
    let quality: Option<Vec<u8>> = row.get(3)?;
    let faces: Option<u32> = row.get(4)?;
    let detail: Option<String> = row.get(5)?;
    let quality = || {
        let bytes = quality.as_deref().unwrap_or_default();
        let part = |i: usize| bytes.get(i).map_or(0.0, |byte| f64::from(*byte) / 255.0);
        Quality {
            overall: part(0),
            size: part(1),
            sharpness: part(2),
            brightness: part(3),
            inside: part(4),
        }
    };
    Ok(match KINDS.get(code as usize).copied() {
        Some("face") => {
            let bytes = distribution.unwrap_or_default();
            let mut weights = [0.0; 7];
            for (weight, word) in weights.iter_mut().zip(bytes.chunks_exact(2)) {
                *weight = f64::from(u16::from_le_bytes([word[0], word[1]]));
            }
            match Distribution::from_weights(weights) {
                Ok(distribution) => Reading::Face {
                    affect: Affect::expected(&distribution),
                    distribution,
                    quality: quality(),
                    faces: faces.unwrap_or(1),
                },
                Err(error) => Reading::Failed {
                    reason: tr!("a damaged row: {error}", error),
                },
            }
        }
        Some("no_face") => Reading::NoFace,
        Some("dark") => Reading::Dark {
            brightness: detail.and_then(|text| text.parse().ok()).unwrap_or(0.0),
        },
        Some("blurred") => Reading::Blurred { quality: quality() },
        Some("busy") => Reading::Busy,
        Some("unplugged") => Reading::Unplugged,
        Some("denied") => Reading::Denied,
        _ => Reading::Failed {
            reason: detail.unwrap_or_default(),
        },
    })
}
