//! What was chosen and played, and what was learnt of it.

use anyhow::Result;
use moodlark_core::{
    Timestamp,
    library::{Ended, Pick, Play},
    time::Weekday,
};
use rusqlite::{OptionalExtension, params};

use super::Store;

/// A play as it was written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// The track.
    pub track: i64,
    /// Who plays it.
    pub artist: String,
    /// Its raw valence.
    pub valence: f32,
    /// Its raw arousal.
    pub arousal: f32,
    /// When it began.
    pub at: Timestamp,
    /// The day of the week then, on the user's wall.
    pub weekday: Weekday,
    /// How much of it was heard, 0..=1.
    pub share: f64,
    /// How it ended.
    pub ended: Ended,
}

const DAYS: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

impl Store {
    /// Writes down a list that was chosen.
    ///
    /// # Errors
    /// The database's; nothing is written then.
    pub fn picked(&mut self, picks: &[Pick], at: Timestamp) -> Result<()> {
        let transaction = self.db.transaction()?;
        for (place, pick) in picks.iter().enumerate() {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO picks (at, place, track, distance, propensity, data)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    at.0,
                    i64::try_from(place)?,
                    pick.track,
                    pick.distance,
                    pick.propensity,
                    serde_json::to_string(pick)?,
                ])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The last time that a track was chosen.
    ///
    /// # Errors
    /// The database's.
    pub fn last_pick(&self, track: i64) -> Result<Option<(Timestamp, Pick)>> {
        let mut statement = self.db.prepare_cached(
            "SELECT at, data FROM picks WHERE track = ?1 ORDER BY at DESC LIMIT 1",
        )?;
        let found = statement
            .query_row([track], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
            })
            .optional()?;
        // One that another version wrote is none.
        Ok(found.and_then(|(at, data)| Some((Timestamp(at), serde_json::from_str(&data).ok()?))))
    }

    /// Writes down a play, and with it what is now known of the track.
    ///
    /// # Errors
    /// The database's; nothing is written then.
    pub fn played(
        &mut self,
        track: i64,
        play: &Play,
        weekday: Weekday,
        before: Timestamp,
    ) -> Result<()> {
        let transaction = self.db.transaction()?;
        let day = DAYS.iter().position(|day| *day == weekday).unwrap_or(0);
        transaction.execute(
            "INSERT INTO plays (at, track, weekday, share, span, ended) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                play.at.0,
                track,
                i64::try_from(day)?,
                play.share,
                i64::try_from(play.span.as_millis()).unwrap_or(i64::MAX),
                serde_json::to_string(&play.ended)?,
            ],
        )?;
        transaction.execute(
            "INSERT INTO numbers (id, plays, last) VALUES (?1, 1, ?2)
             ON CONFLICT (id) DO UPDATE SET plays = plays + 1, last = excluded.last",
            params![track, play.at.0],
        )?;
        transaction.execute("DELETE FROM plays WHERE at < ?1", [before.0])?;
        transaction.execute("DELETE FROM picks WHERE at < ?1", [before.0])?;
        transaction.commit()?;
        Ok(())
    }

    /// Keeps what was learnt: of a track, and, under `key`, of all together.
    ///
    /// # Errors
    /// The database's; nothing is written then.
    pub fn learnt(&mut self, track: i64, of_track: &str, key: &str, of_all: &str) -> Result<()> {
        let transaction = self.db.transaction()?;
        transaction.execute(
            "INSERT INTO numbers (id, taste) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET taste = excluded.taste",
            params![track, of_track],
        )?;
        transaction.execute(
            "INSERT INTO state (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key, of_all],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Whether the user likes a track.
    ///
    /// # Errors
    /// The database's.
    pub fn like(&self, track: i64, liked: bool) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT INTO numbers (id, liked) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET liked = excluded.liked",
            )?
            .execute(params![track, liked])?;
        Ok(())
    }

    /// The last plays, oldest first, at most so many.
    ///
    /// # Errors
    /// The database's.
    pub fn last_plays(&self, most: usize) -> Result<Vec<Played>> {
        let mut statement = self.db.prepare_cached(
            "SELECT p.track, t.artist, t.valence, t.arousal, p.at, p.weekday, p.share, p.ended
             FROM plays p JOIN tracks t ON t.id = p.track WHERE t.valence IS NOT NULL ORDER BY p.at DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([i64::try_from(most)?], |row| {
            let day: usize = usize::try_from(row.get::<_, i64>(5)?).unwrap_or(0);
            let ended: String = row.get(7)?;
            Ok(Played {
                track: row.get(0)?,
                artist: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                valence: row.get(2)?,
                arousal: row.get(3)?,
                at: Timestamp(row.get(4)?),
                weekday: DAYS.get(day).copied().unwrap_or(Weekday::Mon),
                share: row.get(6)?,
                ended: serde_json::from_str(&ended).unwrap_or(Ended::Failed),
            })
        })?;
        let mut plays = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        plays.reverse();
        Ok(plays)
    }

    /// Forgets what was learnt; what was heard in the files stays.
    ///
    /// # Errors
    /// The database's; nothing is forgotten then.
    pub fn unlearn(&mut self, key: &str) -> Result<()> {
        let transaction = self.db.transaction()?;
        for table in ["numbers", "picks", "plays"] {
            transaction.execute(&format!("DELETE FROM {table}"), [])?;
        }
        transaction.execute("DELETE FROM state WHERE key = ?1", [key])?;
        transaction.commit()?;
        Ok(())
    }
}
