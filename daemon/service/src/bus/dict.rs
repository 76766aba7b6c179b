//! Making dictionaries (`a{sv}`).

use moodlark_api::{Dict, OwnedVariant, Variant};
use moodlark_core::{engine::SwitchRecord, playlist::Playlist};

use crate::players::OwnPlaylist;

/// Makes one from pairs. What cannot be put into a variant (only file descriptors cannot) is left out.
pub fn of<'a>(pairs: impl IntoIterator<Item = (&'static str, Variant<'a>)>) -> Dict {
    pairs
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), OwnedVariant::try_from(value).ok()?)))
        .collect()
}

/// The switch as [`moodlark_api::Music1Proxy::last_switch`] documents it.
#[must_use]
pub fn of_switch(switch: &SwitchRecord) -> Dict {
    of([
        ("id", switch.id.into()),
        ("at", switch.at.0.into()),
        ("player", switch.player.as_str().into()),
        ("playlist", switch.playlist.as_str().into()),
        ("uri", switch.uri.as_str().into()),
        ("route", switch.route.as_str().into()),
        ("title", switch.title.as_str().into()),
        ("why", switch.why.as_str().into()),
        ("mood", switch.mood.map_or("", |mood| mood.name()).into()),
        ("verified", switch.verified.into()),
        ("took-ms", count(switch.took_ms).into()),
        ("undone", switch.undone.into()),
        ("missing", count(switch.left_out.missing).into()),
        ("listed", count(switch.left_out.listed).into()),
        (
            "left-out",
            switch.left_out.sentence().unwrap_or_default().into(),
        ),
    ])
}

/// D-Bus has no unsigned number that every script reads.
fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A player's own playlist as [`moodlark_api::Music1Proxy::players_playlists`] documents it.
#[must_use]
pub fn of_own_playlist(list: &OwnPlaylist) -> Dict {
    of([
        ("player", list.bus_name.as_str().into()),
        ("identity", list.player.as_str().into()),
        ("name", list.name.as_str().into()),
    ])
}

/// The playlist as [`moodlark_api::Music1Proxy::playlists`] documents it.
#[must_use]
pub fn of_playlist(playlist: &Playlist, problem: &str) -> Dict {
    let mut dict = of([
        ("name", playlist.name.as_str().into()),
        ("uri", playlist.location.text().into()),
        ("mood", playlist.mood.map_or("", |mood| mood.name()).into()),
        ("problem", problem.into()),
    ]);
    if let Some(affect) = playlist.affect {
        dict.extend(of([
            ("valence", affect.valence.into()),
            ("arousal", affect.arousal.into()),
        ]));
    }
    dict
}
