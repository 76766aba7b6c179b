//! What is known of a file, and why it lies where it does.

use anyhow::{Context, Result};
use moodlark_catalogue::tr;
use moodlark_core::{library::TrackTaste, playlist::own};
use serde_json::json;

use super::{
    standing::{Placed, placed, standing},
    store::{Near, Store, Trouble},
};

/// The tags that stand out most are told up to so many.
const TAGS_TOLD: usize = 8;

/// What is known of the file of that path, as JSON; `None` where nothing is.
pub(super) fn explained(store: &Store, path: &str) -> Result<Option<String>> {
    if let Some(near) = store.known(path)? {
        return heard(store, near).map(Some);
    }
    Ok(store.trouble(path)?.map(|trouble| not_heard(&trouble)))
}

fn heard(store: &Store, near: Near) -> Result<String> {
    let music = moodlark_models::music::music().context("reading the music model's description")?;
    let logits = store.tags(near.row.id)?;
    let tags = music.tags.iter().zip(&logits);
    let mut stand_out: Vec<(&str, f32)> = tags
        .map(|(tag, logit)| (tag.name.as_str(), tag.logit.z(*logit)))
        .collect();
    stand_out.sort_by(|a, b| b.1.total_cmp(&a.1));
    stand_out.truncate(TAGS_TOLD);
    let stand_out = stand_out
        .into_iter()
        .map(|(tag, z)| json!({ "tag": tag, "stands_out": z }));
    let picked = store.last_pick(near.row.id)?;
    let picked = picked.map(|(at, pick)| json!({ "at": at, "why": pick.why.sentence() }));
    let taste = near.taste.as_deref();
    let taste = taste.and_then(|json| serde_json::from_str::<TrackTaste>(json).ok());
    let track = placed(&standing(store)?, near.row);
    let told = json!({
        "path": track.row.path,
        "state": "heard",
        "plays": near.plays,
        "liked": near.liked,
        "played_through": taste.and_then(TrackTaste::mean),
        "picked": picked,
        "title": track.row.title,
        "artist": track.row.artist,
        "album": track.row.album,
        "valence": track.affect.valence,
        "arousal": track.affect.arousal,
        "spread": track.row.spread,
        "sentence": place(&track),
        "tags": stand_out.collect::<Vec<_>>(),
    });
    Ok(told.to_string())
}

fn not_heard(trouble: &Trouble) -> String {
    let why = &trouble.sentence;
    let (state, sentence) = if trouble.failed {
        ("failed", tr!("It could not be heard: {why}.", why))
    } else {
        ("left-out", tr!("It is left out: {why}.", why))
    };
    json!({ "path": trouble.path, "state": state, "why": trouble.why, "sentence": sentence })
        .to_string()
}

/// Where a track lies, for people.
fn place(track: &Placed) -> String {
    // A share of −1..=1 as per cent of the others.
    let share = |coordinate: f64| format!("{:.0}", (coordinate + 1.0) * 50.0);
    tr!(
        "{where}: brighter than {bright} % of your music, and livelier than {lively} %.",
        where = own::name(track.affect),
        bright = share(track.affect.valence),
        lively = share(track.affect.arousal)
    )
}
