//! MPD: told where there is one, or where somebody said that there is.

use moodlark_api::Dict;
use moodlark_catalogue::tr;
use moodlark_core::{
    player::{mpd::SCHEME, scheme_of},
    playlist::{Location, Playlist},
};
use percent_encoding::percent_decode_str;

use super::{Facts, check};
use crate::players::{MpdLink, MpdState};

/// So many stored playlists are named.
const SHOWN: usize = 12;

pub(super) fn mpd(facts: &Facts) -> Option<Dict> {
    let wanted: Vec<String> = facts.playlists.iter().filter_map(stored).collect();
    match &facts.mpd {
        MpdState::Linked(link) => Some(linked(link, &wanted)),
        MpdState::Absent { why, worth_telling } if *worth_telling || !wanted.is_empty() => {
            Some(check(
                "mpd",
                "warning",
                tr!("MPD is not there: {why}", why),
                tr!("Start it, or mend `address` under [mpd] or MPD_HOST; all else works without."),
            ))
        }
        MpdState::Off if !wanted.is_empty() => Some(check(
            "mpd",
            "warning",
            tr!(
                "MPD is not looked for, and playlists are stored there: {lists}",
                lists = wanted.join(", ")
            ),
            tr!("Set enabled = true under [mpd], or give these playlists as files."),
        )),
        MpdState::Absent { .. } | MpdState::Off => None,
    }
}

/// The name of the stored playlist that a playlist of the configuration means.
fn stored(list: &Playlist) -> Option<String> {
    let Location::Uri(uri) = &list.location else {
        return None;
    };
    let (_, name) = uri
        .split_once(':')
        .filter(|_| scheme_of(uri).as_deref() == Some(SCHEME))?;
    Some(percent_decode_str(name).decode_utf8_lossy().into_owned())
}

fn linked(link: &MpdLink, wanted: &[String]) -> Dict {
    let missing: Vec<&str> = wanted
        .iter()
        // By its path within the music a playlist is found, too.
        .filter(|name| !name.contains('/') && !link.playlists.contains(name))
        .map(String::as_str)
        .collect();
    let lists = match link.playlists.as_slice() {
        [] => tr!("no stored playlists"),
        few if few.len() <= SHOWN => tr!("stored playlists: {names}", names = few.join(", ")),
        many => tr!(
            "{number} stored playlists: {names}, …",
            number = many.len(),
            names = many[..SHOWN].join(", ")
        ),
    };
    let finding = tr!(
        "MPD {version} at {address}; {lists}",
        version = link.version,
        address = link.address,
        lists
    );
    if !missing.is_empty() {
        return check(
            "mpd",
            "problem",
            tr!(
                "{finding}; not among them: {missing}",
                finding,
                missing = missing.join(", ")
            ),
            tr!("Store these playlists in MPD, or mend `uri` under [[playlist]]."),
        );
    }
    if link.music.is_none() && !link.address.is_socket() {
        return check(
            "mpd",
            "warning",
            tr!("{finding}; it does not tell where its music is", finding),
            tr!(
                "For playlist files set `music-directory` under [mpd], or `address` to its socket."
            ),
        );
    }
    check("mpd", "ok", finding, "")
}
