//! Asking the library.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Result;
use half::f16;
use moodlark_core::library::Window;
use rusqlite::{OptionalExtension, Row as Found, params};

use super::{FAILED, HEARD, LEFT_OUT, Store};

/// How many files there are in each state. What was found is the sum of the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Heard, and to be chosen from.
    pub heard: usize,
    /// Waiting to be heard.
    pub waiting: usize,
    /// Left out, by reason.
    pub left_out: BTreeMap<String, usize>,
    /// Failed, by reason.
    pub failed: BTreeMap<String, usize>,
}

impl Counts {
    /// All that were found.
    #[must_use]
    pub fn found(&self) -> usize {
        let sum = |of: &BTreeMap<String, usize>| of.values().sum::<usize>();
        self.heard + self.waiting + sum(&self.left_out) + sum(&self.failed)
    }
}

/// A track that was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its number.
    pub id: i64,
    /// Where it is.
    pub path: String,
    /// What it is called, its file's name where nobody says.
    pub title: String,
    /// The artist; may be empty.
    pub artist: String,
    /// The album; may be empty.
    pub album: String,
    /// How long it is.
    pub duration: Duration,
    /// Raw valence.
    pub valence: f32,
    /// Raw arousal.
    pub arousal: f32,
    /// Between the windows.
    pub spread: f64,
}

/// A track near a target, with what a choice is made by.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// The track.
    pub row: Row,
    /// What the choice goes by.
    pub sound: Vec<f32>,
    /// How often it was played.
    pub plays: u32,
    /// When it was last played: ms since 1970.
    pub last: Option<i64>,
    /// Whether the user said that they like it.
    pub liked: bool,
    /// What was learnt of it alone, as JSON.
    pub taste: Option<String>,
}

/// A file that was left out or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Where it is.
    pub path: String,
    /// Whether it failed; else it was left out.
    pub failed: bool,
    /// The reason's name.
    pub why: String,
    /// And for people.
    pub sentence: String,
}

/// The columns of a [`Row`].
const ROW: &str =
    "t.id, t.path, t.title, t.artist, t.album, t.duration, t.valence, t.arousal, t.spread";
/// Those of a [`Near`] behind them, and where all of them are.
const NEAR: &str = "s.sound, n.plays, n.last, n.liked, n.taste
     FROM tracks t JOIN sounds s ON s.id = t.id LEFT JOIN numbers n ON n.id = t.id";

fn row_of(found: &Found<'_>) -> rusqlite::Result<Row> {
    let path: String = found.get(1)?;
    let title: Option<String> = found.get(2)?;
    let stem = || {
        let name = std::path::Path::new(&path).file_stem().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    Ok(Row {
        id: found.get(0)?,
        title: title.filter(|title| !title.is_empty()).unwrap_or_else(stem),
        artist: found.get::<_, Option<String>>(3)?.unwrap_or_default(),
        album: found.get::<_, Option<String>>(4)?.unwrap_or_default(),
        duration: Duration::from_millis(
            found.get::<_, Option<i64>>(5)?.map_or(0, i64::unsigned_abs),
        ),
        valence: found.get(6)?,
        arousal: found.get(7)?,
        spread: found.get::<_, Option<f64>>(8)?.unwrap_or_default(),
        path,
    })
}

fn near_of(found: &Found<'_>) -> rusqlite::Result<Near> {
    Ok(Near {
        row: row_of(found)?,
        sound: unpacked(found.get_ref(9)?.as_blob().unwrap_or_default()),
        plays: found.get::<_, Option<u32>>(10)?.unwrap_or_default(),
        last: found.get(11)?,
        liked: found.get::<_, Option<bool>>(12)?.unwrap_or_default(),
        taste: found.get(13)?,
    })
}

fn trouble_of(found: &Found<'_>) -> rusqlite::Result<Trouble> {
    Ok(Trouble {
        path: found.get(0)?,
        failed: found.get::<_, i64>(1)? == FAILED,
        why: found.get::<_, Option<String>>(2)?.unwrap_or_default(),
        sentence: found.get::<_, Option<String>>(3)?.unwrap_or_default(),
    })
}

impl Store {
    /// How many files there are in each state.
    ///
    /// # Errors
    /// The database's.
    pub fn counts(&self) -> Result<Counts> {
        let mut statement = self.db.prepare_cached(
            "SELECT state, coalesce(why, ''), count(*) FROM tracks WHERE gone IS NULL GROUP BY 1, 2",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?,
            ))
        })?;
        let mut counts = Counts::default();
        for row in rows {
            let (state, why, count) = row?;
            let count = usize::try_from(count)?;
            match state {
                HEARD => counts.heard += count,
                LEFT_OUT => *counts.left_out.entry(why).or_default() += count,
                FAILED => *counts.failed.entry(why).or_default() += count,
                // They wait to be heard.
                _ => counts.waiting += count,
            }
        }
        Ok(counts)
    }

    /// Files that were left out or failed, those that failed first, at most so many.
    ///
    /// # Errors
    /// The database's.
    pub fn troubles(&self, most: usize) -> Result<Vec<Trouble>> {
        let mut statement = self.db.prepare_cached(
            "SELECT path, state, why, sentence FROM tracks WHERE state IN (2, 3) AND gone IS NULL
             ORDER BY state DESC, why, path LIMIT ?1",
        )?;
        let rows = statement.query_map([i64::try_from(most)?], trouble_of)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Raw valence and arousal of every track that was heard, each sorted from low to high: what percentiles are
    /// made of.
    ///
    /// # Errors
    /// The database's.
    pub fn spread_of_affect(&self) -> Result<(Vec<f32>, Vec<f32>)> {
        let mut statement = self.db.prepare_cached(
            "SELECT valence, arousal FROM tracks WHERE state = 1 AND gone IS NULL",
        )?;
        let rows =
            statement.query_map([], |row| Ok((row.get::<_, f32>(0)?, row.get::<_, f32>(1)?)))?;
        let (mut valence, mut arousal) = (Vec::new(), Vec::new());
        for row in rows {
            let (v, a) = row?;
            valence.push(v);
            arousal.push(a);
        }
        valence.sort_unstable_by(f32::total_cmp);
        arousal.sort_unstable_by(f32::total_cmp);
        Ok((valence, arousal))
    }

    /// Tracks within a window, at most so many, any of them; Christmas songs where they are wanted.
    ///
    /// # Errors
    /// The database's.
    pub fn near(&self, window: &Window, christmas: bool, most: usize) -> Result<Vec<Near>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {ROW}, {NEAR} WHERE t.id IN (
                 SELECT id FROM tracks WHERE state = 1 AND gone IS NULL
                     AND valence BETWEEN ?1 AND ?2 AND arousal BETWEEN ?3 AND ?4 AND christmas <= ?6
                 ORDER BY random() LIMIT ?5)"
        ))?;
        let rows = statement.query_map(
            params![
                window.valence.start(),
                window.valence.end(),
                window.arousal.start(),
                window.arousal.end(),
                i64::try_from(most)?,
                christmas
            ],
            near_of,
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The track of that path with what a choice is made by, if it was heard.
    ///
    /// # Errors
    /// The database's.
    pub fn known(&self, path: &str) -> Result<Option<Near>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {ROW}, {NEAR} WHERE t.path = ?1 AND t.state = 1 AND t.gone IS NULL"
        ))?;
        Ok(statement.query_row([path], near_of).optional()?)
    }

    /// What became of the file of that path, if it was left out or failed.
    ///
    /// # Errors
    /// The database's.
    pub fn trouble(&self, path: &str) -> Result<Option<Trouble>> {
        let mut statement = self.db.prepare_cached(
            "SELECT path, state, why, sentence FROM tracks WHERE path = ?1 AND state IN (2, 3) AND gone IS NULL",
        )?;
        Ok(statement.query_row([path], trouble_of).optional()?)
    }

    /// musicnn's logits of a track.
    ///
    /// # Errors
    /// The database's.
    pub fn tags(&self, id: i64) -> Result<Vec<f32>> {
        let mut statement = self
            .db
            .prepare_cached("SELECT tags FROM sounds WHERE id = ?1")?;
        let tags = statement
            .query_row([id], |row| {
                Ok(doubled(row.get_ref(0)?.as_blob().unwrap_or_default()))
            })
            .optional()?;
        Ok(tags.unwrap_or_default())
    }

    /// The tracks that were heard, by path, at most so many of those that come after a path.
    ///
    /// # Errors
    /// The database's.
    pub fn page(&self, after: &str, most: usize) -> Result<Vec<Row>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT {ROW} FROM tracks t WHERE t.path > ?1 AND t.state = 1 AND t.gone IS NULL ORDER BY t.path LIMIT ?2"
        ))?;
        let rows = statement.query_map(params![after, i64::try_from(most)?], row_of)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What the choice goes by, of every track that was heard.
    ///
    /// # Errors
    /// The database's.
    pub fn each_sound(&self, mut each: impl FnMut(&[f32])) -> Result<()> {
        let mut statement = self.db.prepare(
            "SELECT s.sound FROM sounds s JOIN tracks t ON t.id = s.id WHERE t.state = 1 AND t.gone IS NULL",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(&unpacked(row.get_ref(0)?.as_blob().unwrap_or_default()));
        }
        Ok(())
    }
}

/// Numbers as half floats: their fourth digit means nothing here, and they are most of the file.
pub(super) fn halved(numbers: &[f32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| f16::from_f32(*number).to_le_bytes())
        .collect()
}

fn doubled(bytes: &[u8]) -> Vec<f32> {
    let (pairs, _) = bytes.as_chunks::<2>();
    pairs
        .iter()
        .map(|pair| f16::from_le_bytes(*pair).to_f32())
        .collect()
}

/// Numbers as they are.
pub(super) fn whole(numbers: &[f32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

fn unpacked(bytes: &[u8]) -> Vec<f32> {
    let (fours, _) = bytes.as_chunks::<4>();
    fours.iter().map(|four| f32::from_le_bytes(*four)).collect()
}
