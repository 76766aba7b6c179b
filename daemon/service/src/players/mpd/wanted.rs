//! What a URI means to MPD: a stored playlist, songs by the names that MPD has for them, or a stream.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use moodlark_catalogue::tr;
use moodlark_core::player::{LeftOut, mpd::SCHEME, scheme_of};
use percent_encoding::percent_decode_str;

use super::{Link, queue::MOST_SONGS};
use crate::players::{
    PlayerError,
    entries::{Found, Source, What, beside},
};

/// What is to be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A stored playlist, by its name.
    Stored(String),
    /// Songs, as MPD calls them.
    Songs(Vec<String>),
    /// A stream, or a playlist of streams.
    Stream(String),
}

/// What `uri` means, which is `found` where it is a file, and what of it MPD does not get; touches nothing.
///
/// # Errors
/// [`PlayerError::PlaylistUnreadable`] and [`PlayerError::NoRoute`].
pub(super) async fn wanted(
    uri: &str,
    found: &Found,
    link: &Arc<Link>,
) -> Result<(Wanted, LeftOut), PlayerError> {
    match scheme_of(uri).as_deref() {
        Some(SCHEME) => Ok((Wanted::Stored(name_of(uri)?), LeftOut::default())),
        Some("file") => {
            let mut left_out = found.left_out();
            let sources = sources(found);
            if sources.is_empty() {
                return Err(PlayerError::PlaylistUnreadable(tr!(
                    "{uri} lists no song that is there",
                    uri
                )));
            }
            let more = sources.len().saturating_sub(MOST_SONGS);
            left_out.beyond += more as u64;
            let kept = sources.len().min(MOST_SONGS);
            let songs = songs_of(uri, sources, link).await?;
            left_out.refused = (kept - songs.len()) as u64;
            Ok((Wanted::Songs(songs), left_out))
        }
        _ => Ok((Wanted::Stream(uri.to_owned()), LeftOut::default())),
    }
}

/// The songs in it: lists within lists and folders are none.
fn sources(found: &Found) -> Vec<Source> {
    match &found.what {
        What::Elsewhere => Vec::new(),
        What::Song(path) => vec![Source::File(path.clone())],
        What::List(list) => {
            let sources = list.items.iter().map(|item| item.source.clone());
            let is_song = |source: &Source| !matches!(source, Source::Other(_));
            sources.filter(is_song).collect()
        }
    }
}

/// What MPD calls them, the first [`MOST_SONGS`] of them; `shown` says what they are.
pub(super) async fn songs_of(
    shown: &str,
    mut sources: Vec<Source>,
    link: &Arc<Link>,
) -> Result<Vec<String>, PlayerError> {
    sources.truncate(MOST_SONGS);
    let link = Arc::clone(link);
    // Links are resolved for it.
    beside(shown.to_owned(), move || songs(&sources, &link)).await?
}

/// The name in `mpd:Rainy%20Window`.
fn name_of(uri: &str) -> Result<String, PlayerError> {
    let name = uri.split_once(':').map_or("", |(_, name)| name);
    let name = percent_decode_str(name)
        .decode_utf8()
        .ok()
        .filter(|name| !name.trim().is_empty() && !name.contains(char::is_control));
    name.map(std::borrow::Cow::into_owned).ok_or_else(|| {
        PlayerError::PlaylistUnreadable(tr!(
            "{uri} names no playlist of MPD's; write mpd:NAME, with %20 for a space",
            uri
        ))
    })
}

fn songs(sources: &[Source], link: &Link) -> Result<Vec<String>, PlayerError> {
    let music = link.music.as_deref().map(spellings).unwrap_or_default();
    let mut names = Vec::with_capacity(sources.len());
    let mut outside = None;
    for source in sources {
        let name = match source {
            Source::Url(url) => Some(url.clone()),
            Source::Other(_) => continue,
            Source::File(file) => inside(file, &music).or_else(|| {
                let path = file.to_str()?;
                link.address.is_socket().then(|| format!("file://{path}"))
            }),
        };
        match (name, source) {
            (Some(name), _) => names.push(name),
            (None, Source::File(file)) => outside = outside.or_else(|| Some(file.clone())),
            (None, Source::Url(_) | Source::Other(_)) => {}
        }
    }
    match outside {
        Some(file) if names.is_empty() => Err(PlayerError::NoRoute(tr!(
            "{file} lies outside of MPD's music ({folder}), and over the network it plays nothing else",
            file = file.display(),
            folder = link.music.as_deref().unwrap_or(Path::new("?")).display()
        ))),
        _ => Ok(names),
    }
}

/// A path as written, and with symbolic links resolved.
fn spellings(path: &Path) -> Vec<PathBuf> {
    let real = std::fs::canonicalize(path).ok();
    std::iter::once(path.to_owned())
        .chain(real.filter(|real| real != path))
        .collect()
}

/// What MPD calls a file within its music: its path from there.
fn inside(file: &Path, music: &[PathBuf]) -> Option<String> {
    spellings(file).iter().find_map(|file| {
        music.iter().find_map(|music| {
            let name = file.strip_prefix(music).ok()?.to_str()?;
            (!name.is_empty()).then(|| name.to_owned())
        })
    })
}

#[cfg(test)]
mod tests {
    use moodlark_core::player::mpd::Address;

    use super::*;

    fn link(address: &str, music: Option<&Path>) -> Link {
        Link {
            address: Address::parse(address).unwrap(),
            version: "0.23.5".into(),
            music: music.map(Path::to_owned),
            playlists: Vec::new(),
            schemes: Vec::new(),
            owner: String::new(),
        }
    }

    #[test]
    fn a_stored_playlist_is_named_after_the_colon() {
        assert_eq!(name_of("mpd:Rainy%20Window").unwrap(), "Rainy Window");
        assert_eq!(name_of("MPD:für").unwrap(), "für");
        for bad in ["mpd:", "mpd:%20", "mpd:%ff", "mpd:a%0Ab"] {
            assert!(name_of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn files_get_the_names_that_mpd_has_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real");
        std::fs::create_dir(&real).unwrap();
        std::fs::write(real.join("a b.flac"), "x").unwrap();
        let music = folder.path().join("music");
        std::os::unix::fs::symlink(&real, &music).unwrap();
        let sources = [
            Source::File(music.join("a b.flac")),
            Source::File(real.join("a b.flac")),
            Source::File("/else/x %.flac".into()),
            Source::Url("http://radio/x".into()),
        ];
        let names = songs(&sources, &link("/socket", Some(&music))).unwrap();
        assert_eq!(
            names,
            [
                "a b.flac",
                "a b.flac",
                "file:///else/x %.flac",
                "http://radio/x"
            ]
        );
        // Over the network, what lies outside can't be played.
        let remote = link("nas", Some(&music));
        assert_eq!(songs(&sources, &remote).unwrap().len(), 3);
        let outside = songs(&sources[2..3], &remote);
        assert!(
            matches!(outside, Err(PlayerError::NoRoute(_))),
            "{outside:?}"
        );
    }
}
