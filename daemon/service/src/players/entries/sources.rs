//! What a playlist file lists, in its order: for a player that takes songs and reads no such files.

use std::path::{Path, PathBuf};

use super::{Kind, MOST_BYTES, beside, expected, path_of};
use crate::players::PlayerError;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::players) enum Source {
    /// A file on this machine.
    File(PathBuf),
    /// Something elsewhere.
    Url(String),
}

/// What `uri`, a `file:` URI, means: the file itself, or what the playlist lists of what is there.
///
/// # Errors
/// As [`expected`]'s; and if nothing in it is a song: lists within lists and folders are none.
pub(in crate::players) async fn sources(uri: &str) -> Result<Vec<Source>, PlayerError> {
    expected(uri).await?; // all that can be wrong with it
    let unreadable = |why: &str| PlayerError::PlaylistUnreadable(format!("{uri} {why}"));
    let path = path_of(uri).ok_or_else(|| unreadable("names no file on this machine"))?;
    match beside(uri.to_owned(), move || read(&path)).await? {
        Ok(sources) if sources.is_empty() => Err(unreadable("lists no song that is there")),
        Ok(sources) => Ok(sources),
        Err(error) => Err(unreadable(&format!("cannot be read: {error}"))),
    }
}

fn read(path: &Path) -> std::io::Result<Vec<Source>> {
    let Some(kind) = Kind::of(path) else {
        return Ok(vec![Source::File(path.to_owned())]);
    };
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(
        &mut std::io::Read::take(std::fs::File::open(path)?, MOST_BYTES),
        &mut bytes,
    )?;
    let base = path.parent().unwrap_or(Path::new("/"));
    let sources = kind.entries(&bytes).into_iter().filter_map(|entry| {
        match entry.resolve(base) {
            Some(file) => {
                (file.is_file() && Kind::of(&file).is_none()).then_some(Source::File(file))
            }
            // A URI is ASCII.
            None => String::from_utf8(entry.text).ok().map(Source::Url),
        }
    });
    Ok(sources.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::players::file_uri;

    #[tokio::test]
    async fn a_list_is_its_songs_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("folder")).unwrap();
        for name in ["b.flac", "a b.flac", "other.m3u"] {
            std::fs::write(at(name), "x").unwrap();
        }
        std::fs::write(
            at("list.m3u8"),
            "#EXTM3U\nb.flac\nmissing.flac\nhttp://radio/x\nfolder\nother.m3u\na b.flac\n",
        )
        .unwrap();
        let listed = sources(&file_uri(&at("list.m3u8"))).await.unwrap();
        assert_eq!(
            listed,
            [
                Source::File(at("b.flac")),
                Source::Url("http://radio/x".into()),
                Source::File(at("a b.flac"))
            ]
        );
        let song = sources(&file_uri(&at("b.flac"))).await.unwrap();
        assert_eq!(song, [Source::File(at("b.flac"))]);
        std::fs::write(at("nested.m3u8"), "other.m3u\n").unwrap();
        let none = sources(&file_uri(&at("nested.m3u8"))).await;
        assert!(matches!(none, Err(PlayerError::PlaylistUnreadable(_))));
        assert!(sources("file:///nowhere/x.m3u8").await.is_err());
    }
}
