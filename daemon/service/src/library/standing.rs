//! Where tracks stand among the others of their library, and how what is kept as JSON is read.

use anyhow::{Context, Result};
use moodlark_core::{
    Affect,
    library::{Axis, Reference, Scale, Sound, Standing},
};
use serde::de::DeserializeOwned;

use super::store::{Row, Store};

/// Where the library's percentiles are kept.
const STANDING: &str = "standing";

/// A track with its place among the others of its library.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The track.
    pub row: Row,
    /// Its place: −1..=1 by rank.
    pub affect: Affect,
}

/// A value that is kept as JSON under a name; one that another version wrote is begun anew.
pub(super) fn kept<T: DeserializeOwned + Default>(store: &Store, key: &str) -> Result<T> {
    let json = store.value(key)?;
    Ok(json.map_or_else(T::default, |json| {
        serde_json::from_str(&json).unwrap_or_else(|error| {
            tracing::warn!("`{key}` of the library cannot be read ({error}); it is begun anew");
            T::default()
        })
    }))
}

/// The library's percentiles as last made.
pub(super) fn standing(store: &Store) -> Result<Standing> {
    kept(store, STANDING)
}

/// Makes the library's percentiles anew.
pub(super) fn stand(store: &Store) -> Result<()> {
    let (valence, arousal) = store.spread_of_affect()?;
    let axis = |sorted: &[f32]| Axis::of_sorted(sorted, Reference::default());
    let mut sounds = Vec::new();
    store.each_sound(|numbers| sounds.extend(Sound::from_numbers(numbers).ok()))?;
    let standing = Standing {
        valence: axis(&valence).context("of valence")?,
        arousal: axis(&arousal).context("of arousal")?,
        sound: Scale::over(&sounds),
    };
    store.save(STANDING, &serde_json::to_string(&standing)?)
}

/// A track with its place.
pub(super) fn placed(standing: &Standing, row: Row) -> Placed {
    Placed {
        affect: standing.place(row.valence, row.arousal),
        row,
    }
}
