//! What players put into their answers, read leniently: variants in variants, numbers of any width, ids as text.

use std::time::Duration;

use moodlark_core::player::{Playback, Track};
use zbus::wire::{OwnedVariant, Variant};

/// MPRIS's unit of time.
pub(in crate::players) fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

/// From MPRIS's unit of time; what is negative is unknown.
pub(in crate::players) fn from_micros(micros: i64) -> Option<Duration> {
    u64::try_from(micros).ok().map(Duration::from_micros)
}

/// A variant without the variants around it.
pub(super) fn bare<'v>(value: &'v Variant<'v>) -> &'v Variant<'v> {
    match value {
        Variant::Variant(inner) => bare(inner),
        other => other,
    }
}

pub(super) fn variant_text(value: &Variant<'_>) -> String {
    match bare(value) {
        Variant::Str(text) => text.as_str().to_owned(),
        Variant::ObjectPath(path) => path.as_str().to_owned(),
        Variant::Array(items) => items
            .iter()
            .map(variant_text)
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
        _ => String::new(),
    }
}

fn variant_integer(value: &Variant<'_>) -> Option<i64> {
    match bare(value) {
        Variant::I64(n) => Some(*n),
        Variant::U64(n) => i64::try_from(*n).ok(),
        Variant::I32(n) => Some((*n).into()),
        Variant::U32(n) => Some((*n).into()),
        // Some players count in floating point; nothing here is near 2^53.
        #[allow(clippy::cast_possible_truncation)]
        Variant::F64(x) if x.is_finite() => Some(*x as i64),
        _ => None,
    }
}

pub(super) fn with<T>(value: &OwnedVariant, read: impl FnOnce(&Variant<'_>) -> T) -> Option<T> {
    Variant::try_from(value).ok().map(|value| read(&value))
}

/// A text, an object path, or several joined by commas; empty for anything else.
pub(in crate::players) fn text(value: &OwnedVariant) -> String {
    with(value, variant_text).unwrap_or_default()
}

/// The texts of an array.
pub(in crate::players) fn texts(value: &OwnedVariant) -> Vec<String> {
    with(value, |value| match bare(value) {
        Variant::Array(items) => items.iter().map(variant_text).collect(),
        _ => Vec::new(),
    })
    .unwrap_or_default()
}

/// A whole number of any width.
pub(in crate::players) fn integer(value: &OwnedVariant) -> Option<i64> {
    with(value, variant_integer).flatten()
}

/// A finite number.
pub(in crate::players) fn number(value: &OwnedVariant) -> Option<f64> {
    with(value, |value| match bare(value) {
        Variant::F64(x) if x.is_finite() => Some(*x),
        other => variant_integer(other).map(|n| n as f64),
    })
    .flatten()
}

/// A truth value.
pub(in crate::players) fn truth(value: &OwnedVariant) -> Option<bool> {
    with(value, |value| match bare(value) {
        Variant::Bool(yes) => Some(*yes),
        _ => None,
    })
    .flatten()
}

/// The track that `Metadata` tells; empty when it tells none. The id may be `s` or `o`.
pub(in crate::players) fn track(metadata: &OwnedVariant) -> Track {
    with(metadata, |value| {
        let mut track = Track::default();
        let Variant::Dict(entries) = bare(value) else {
            return track;
        };
        for (key, value) in entries.iter() {
            match variant_text(key).as_str() {
                "mpris:trackid" => track.id = variant_text(value),
                "xesam:title" => track.title = variant_text(value),
                "xesam:artist" => track.artist = variant_text(value),
                "xesam:album" => track.album = variant_text(value),
                "xesam:url" => track.url = variant_text(value),
                "mpris:length" => {
                    track.length = variant_integer(value)
                        .and_then(from_micros)
                        .filter(|length| !length.is_zero());
                }
                _ => {}
            }
        }
        track
    })
    .unwrap_or_default()
}

/// `PlaybackStatus`
pub(in crate::players) fn playback(value: &OwnedVariant) -> Playback {
    Playback::from_mpris(&text(value))
}
