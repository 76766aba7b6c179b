//! Playlist files as people have them.

use super::*;

const LONG: Duration = Duration::from_secs(600);

fn list(found: &Found) -> &List {
    found.list().unwrap()
}

fn names(found: &Found) -> Vec<String> {
    let name = |item: &Item| match &item.source {
        Source::File(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
        Source::Other(path) => format!("other {}", path.file_name().unwrap().display()),
        Source::Url(url) => url.clone(),
    };
    list(found).items.iter().map(name).collect()
}

#[tokio::test]
async fn a_missing_an_empty_and_a_hollow_list_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        file_uri(&path)
    };
    let why = async |uri: String| match found(&uri).await {
        Err(PlayerError::PlaylistUnreadable(why)) => why,
        other => panic!("{uri}: {other:?}"),
    };
    assert!(
        why(file_uri(&folder.path().join("no.m3u8")))
            .await
            .contains("is not there")
    );
    assert!(
        why(write("empty.m3u8", "#EXTM3U\n\n"))
            .await
            .contains("lists nothing")
    );
    assert!(
        why(write("hollow.m3u8", "#EXTM3U\ngone.ogg\n"))
            .await
            .contains("nothing that")
    );
    assert!(why(file_uri(folder.path())).await.contains("is no file"));
    write("here.ogg", "x");
    let list = write("good.m3u8", "gone.ogg\nhere.ogg\n");
    let good = found(&list).await.unwrap();
    assert!(
        good.expected
            .fits(&file_uri(&folder.path().join("here.ogg")))
    );
    assert!(
        !good.expected.fits(&list),
        "mpv shows the list itself as a track for a moment"
    );
    assert_eq!(
        good.left_out().sentence().unwrap(),
        "1 of its 2 files is missing (gone.ogg)"
    );
    let lists = [file_uri(&folder.path().join("no.m3u8")), list.clone()];
    let here = file_uri(&folder.path().join("here.ogg"));
    assert_eq!(list_with(&here, &lists).await, Some(list));
    assert_eq!(list_with("file:///elsewhere.ogg", &lists).await, None);
    let mixed = found(&write("mixed.m3u8", "here.ogg\nhttp://radio/x\n"))
        .await
        .unwrap();
    assert_eq!(mixed.expected, Expected::Change);
    let spotify = found("spotify:playlist:1").await.unwrap();
    assert_eq!(
        (spotify.expected, spotify.what),
        (Expected::Change, What::Elsewhere)
    );
}

/// To open one waits for whoever writes to it, and a share that hangs is like that.
#[tokio::test]
async fn a_playlist_that_is_a_fifo_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.m3u8");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let error = found(&file_uri(&path)).await.unwrap_err();
    assert!(error.to_string().contains("is no file"), "{error}");
}

#[tokio::test]
async fn a_list_is_what_is_there_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("folder")).unwrap();
    for name in ["b.flac", "a b.flac", "other.m3u"] {
        std::fs::write(at(name), "x").unwrap();
    }
    std::fs::write(
        at("list.m3u8"),
        "#EXTM3U\nb.flac\nmissing.flac\nhttp://radio/x\nfolder\nother.m3u\nA%20B.flac\nb.flac\n",
    )
    .unwrap();
    let read = found(&file_uri(&at("list.m3u8"))).await.unwrap();
    assert_eq!(
        names(&read),
        [
            "b.flac",
            "http://radio/x",
            "other folder",
            "other other.m3u",
            "a b.flac",
            "b.flac"
        ]
    );
    assert_eq!((read.left_out().missing, read.left_out().listed), (1, 7));
    assert_eq!(list(&read).name, "list");
    assert_eq!(
        read.tracks("", 3),
        [
            file_uri(&at("b.flac")),
            "http://radio/x".into(),
            file_uri(&at("a b.flac"))
        ]
    );
    let song = found(&file_uri(&at("b.flac"))).await.unwrap();
    assert_eq!(song.what, What::Song(at("b.flac")));
    assert!(song.expected.fits(&file_uri(&at("b.flac"))));
    assert!(found("file:///nowhere/x.m3u8").await.is_err());
}

/// A player that tells its URLs without percent-encoding, and one that resolves links.
#[tokio::test]
async fn what_plays_is_known_however_the_player_spells_it() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    std::fs::create_dir(base.join("real")).unwrap();
    std::fs::write(base.join("real/100%41 a#1.ogg"), "x").unwrap();
    std::os::unix::fs::symlink(base.join("real"), base.join("link")).unwrap();
    std::fs::write(base.join("l.m3u8"), "link/100%41 a#1.ogg\n").unwrap();
    let read = found(&file_uri(&base.join("l.m3u8"))).await.unwrap();
    for folder in ["link", "real"] {
        let path = base.join(folder).join("100%41 a#1.ogg");
        let raw = format!("file://{}", path.display());
        for url in [file_uri(&path), raw.clone(), path.display().to_string()] {
            assert_eq!(read.expected.index_of(&url), Some(0), "{url}");
        }
        assert_eq!(opens_again(&raw).await, file_uri(&path));
    }
    assert_eq!(opens_again("http://x/%41").await, "http://x/%41");
}

#[test]
fn of_a_list_of_200000_entries_the_first_20000_have_their_places() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("17.ogg"), "x").unwrap();
    let mut text = String::from("#EXTM3U\n");
    for n in 0..200_000 {
        text.push_str(&format!("{n}.ogg\n"));
    }
    let path = folder.path().join("long.m3u8");
    std::fs::write(&path, text).unwrap();
    // No time at all: nothing is looked for, and all of it is handed over.
    let unseen = read(&path, Duration::ZERO).unwrap();
    assert_eq!(list(&unseen).items.len(), MOST_ENTRIES);
    let place = |n: usize| {
        let url = file_uri(&folder.path().join(format!("{n}.ogg")));
        unseen.expected.index_of(&url)
    };
    assert_eq!(place(MOST_ENTRIES - 1), Some(MOST_ENTRIES - 1));
    assert_eq!(place(MOST_ENTRIES), None);
    assert_eq!(unseen.left_out().listed, 200_000);
    assert_eq!(unseen.left_out().beyond, 180_000);
    assert_eq!(unseen.left_out().missing, 0);
    // Time enough: one of them is there.
    let seen = read(&path, LONG).unwrap();
    assert_eq!(names(&seen), ["17.ogg"]);
    assert_eq!(seen.left_out().missing, MOST_ENTRIES as u64 - 1);
}
