//! A target → a list of tracks, written for a player.

use std::collections::BTreeMap;

use anyhow::Result;
use moodlark_api::error::Error;
use moodlark_catalogue::tr;
use moodlark_core::{
    Affect, Emotion, Now, Timestamp,
    hash::fnv1a,
    library::{
        Lifts, ListId, Pick, Request, Sound, Standing, Track, TrackTaste,
        choose::{Known, choose},
        path,
    },
};
use serde::{Deserialize, Serialize};

use super::{
    Library, learn,
    standing::{Placed, kept, placed, standing},
    store::{Near, Row, Store},
};
use crate::clock;

/// So many tracks are in a list: an hour and some of music.
const LENGTH: usize = 20;
/// More candidates are not asked for.
const MOST: usize = 2000;
/// Where the lists of today are kept.
const LISTS: &str = "lists";

/// What a list is wanted for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish {
    /// Where the music is to be.
    pub target: Affect,
    /// Where it begins, for a gradual change.
    pub from: Option<Affect>,
    /// What the user feels, as far as that is known.
    pub mood: Option<Emotion>,
    /// Whether Christmas songs may be among it.
    pub christmas: bool,
}

/// A track of a list, with why it was picked.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The track.
    pub row: Row,
    /// Why it stands there, and how likely that was.
    pub pick: Pick,
}

/// The lists that were given on a day.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Lists {
    /// The local day, as days since 1970.
    day: i64,
    ids: Vec<ListId>,
}

impl Library {
    /// Chooses tracks for a target.
    ///
    /// # Errors
    /// Named, with a sentence: nothing was heard yet, or the library could not be read.
    pub async fn choose(&self, wish: Wish) -> Result<Vec<Chosen>, Error> {
        let now = clock::now();
        let chosen = self
            .with_store(move |store| chosen(store, wish, now))
            .await
            .map_err(|error| {
                Error::Storage(tr!(
                    "The library could not be read: {error}.",
                    error = format!("{error:#}")
                ))
            })?;
        if chosen.is_empty() {
            return Err(Error::Library(tr!(
                "Nothing of your own music was heard yet; `moodlark library scan` begins."
            )));
        }
        Ok(chosen)
    }

    /// A path from one track to another, by way of others: both are paths of files. `None`: one of them was not heard.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn path(&self, from: String, to: String) -> Result<Option<Vec<Placed>>> {
        let christmas = self.plays_christmas(clock::month());
        self.with_store(move |store| between(store, &from, &to, christmas))
            .await
    }
}

fn between(store: &Store, from: &str, to: &str, christmas: bool) -> Result<Option<Vec<Placed>>> {
    let standing = standing(store)?;
    let (Some(first), Some(last)) = (store.known(from)?, store.known(to)?) else {
        return Ok(None);
    };
    let at = |near: &Near| standing.place(near.row.valence, near.row.arousal);
    // The windows on the way are those of a gradual list.
    let request = Request {
        target: at(&last),
        from: Some(at(&first)),
        mood: None,
        length: LENGTH,
        now: clock::now(),
    };
    let (Some(start), Some(end)) = (track_of(&first), track_of(&last)) else {
        return Ok(None);
    };
    let mut near = candidates(store, &request, &standing, christmas)?;
    let tracks: Vec<Track> = near.values().filter_map(track_of).collect();
    let ids = path::between(&start, &end, &tracks, &standing);
    near.extend([(first.row.id, first), (last.row.id, last)]);
    let way = ids.into_iter().filter_map(|id| near.get(&id));
    Ok(Some(
        way.map(|near| placed(&standing, near.row.clone()))
            .collect(),
    ))
}

fn chosen(store: &mut Store, wish: Wish, now: Now) -> Result<Vec<Chosen>> {
    let standing = standing(store)?;
    let request = Request {
        target: wish.target,
        from: wish.from,
        mood: wish.mood,
        length: LENGTH,
        now,
    };
    let near = candidates(store, &request, &standing, wish.christmas)?;
    let tracks: Vec<Track> = near.values().filter_map(track_of).collect();
    let mut lists = lists_of_today(store, now)?;
    let history = learn::history(store, &standing, lists.ids.clone())?;
    let (taste, lifts) = (learn::taste(store)?, Lifts::default());
    let known = Known {
        standing: &standing,
        history: &history,
        taste: &taste,
        lifts: &lifts,
    };
    // Whatever the clock says is as good a seed as any, and is written down with the list.
    let picks = choose(&request, &tracks, known, now.at.0.unsigned_abs());
    lists
        .ids
        .push(ListId::of(picks.iter().map(|pick| pick.track)));
    store.save(LISTS, &serde_json::to_string(&lists)?)?;
    store.picked(&picks, now.at)?;
    let chosen = picks.into_iter().filter_map(|pick| {
        let row = near.get(&pick.track)?.row.clone();
        Some(Chosen { row, pick })
    });
    Ok(chosen.collect())
}

/// What may stand in the list: all of its windows, wider until there is a choice.
fn candidates(
    store: &Store,
    request: &Request,
    standing: &Standing,
    christmas: bool,
) -> Result<BTreeMap<i64, Near>> {
    let mut windows = request.windows(standing);
    loop {
        let mut near = BTreeMap::new();
        for window in &windows {
            let found = store.near(window, christmas, MOST / windows.len().max(1))?;
            near.extend(found.into_iter().map(|near| (near.row.id, near)));
        }
        let wider: Vec<_> = windows
            .iter()
            .filter_map(|window| standing.wider(window))
            .collect();
        if near.len() >= request.enough() || wider.is_empty() {
            return Ok(near);
        }
        windows = wider;
    }
}

pub(super) fn track_of(near: &Near) -> Option<Track> {
    let taste = near
        .taste
        .as_deref()
        .and_then(|json| serde_json::from_str::<TrackTaste>(json).ok());
    Some(Track {
        id: near.row.id,
        artist: key(&near.row.artist),
        album: key(&near.row.album),
        valence: near.row.valence,
        arousal: near.row.arousal,
        sound: Sound::from_numbers(&near.sound).ok()?,
        plays: near.plays,
        last_played: near.last.map(Timestamp),
        taste: taste.unwrap_or_default(),
        liked: near.liked,
    })
}

/// A number for a name; spellings in other cases of letters are one name.
pub(super) fn key(name: &str) -> Option<i64> {
    let name = name.trim().to_lowercase();
    (!name.is_empty()).then(|| fnv1a(name.bytes()).cast_signed())
}

/// The lists since the user's midnight; lists of another day don't count any more.
fn lists_of_today(store: &Store, now: Now) -> Result<Lists> {
    let minute = i64::from(now.local.minute);
    let midnight = now.at.0 - minute * 60_000;
    let day = midnight.div_euclid(24 * 3_600_000);
    let lists: Lists = kept(store, LISTS)?;
    Ok(if lists.day == day {
        lists
    } else {
        Lists {
            day,
            ids: Vec::new(),
        }
    })
}
