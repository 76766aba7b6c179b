//! Playlist files as people have them.

use super::*;

fn texts(kind: Kind, bytes: &[u8]) -> Vec<String> {
    kind.entries(bytes)
        .iter()
        .map(|e| String::from_utf8_lossy(&e.text).into_owned())
        .collect()
}

#[test]
fn each_form_of_playlist_tells_its_entries() {
    let m3u = "\u{feff}#EXTM3U\r\n#EXTINF:40,One\r\nOne more.ogg\r\n\r\n/abs/two.ogg\r\nfile:///three%20x.ogg";
    assert_eq!(
        texts(Kind::M3u, m3u.as_bytes()),
        ["One more.ogg", "/abs/two.ogg", "file:///three%20x.ogg"]
    );
    let pls = b"[playlist]\nNumberOfEntries=2\nFile1=a.ogg\nTitle1=File\nfile2 = http://x/y\n";
    assert_eq!(texts(Kind::Pls, pls), ["a.ogg", "http://x/y"]);
    let xspf =
        b"<trackList><track><location>a%20b&amp;c.ogg</location></track><track/></trackList>";
    assert_eq!(texts(Kind::Xspf, xspf), ["a%20b&c.ogg"]);
}

#[test]
fn entries_are_found_beside_the_list() {
    let base = Path::new("/music/lists");
    let resolve = |text: &str, encoded| {
        Entry {
            text: text.into(),
            encoded,
        }
        .resolve(base)
    };
    assert_eq!(
        resolve("../50% off.ogg", false),
        Some("/music/50% off.ogg".into())
    );
    assert_eq!(
        resolve("a%20b.ogg", false),
        Some("/music/lists/a%20b.ogg".into())
    );
    assert_eq!(
        resolve("a%20b.ogg", true),
        Some("/music/lists/a b.ogg".into())
    );
    assert_eq!(
        resolve("file:///x/%C3%BC.ogg", false),
        Some("/x/ü.ogg".into())
    );
    assert_eq!(resolve("https://radio/x", false), None);
}

#[test]
fn a_path_becomes_a_uri_and_comes_back() {
    let path = Path::new("/home/zoë/100 % music/#1?.m3u8");
    let uri = file_uri(path);
    assert_eq!(uri, "file:///home/zo%C3%AB/100%20%25%20music/%231%3F.m3u8");
    assert_eq!(path_of(&uri).as_deref(), Some(path));
    assert_eq!(key(&uri), key("/home/zoë/./100 % music/#1?.m3u8"));
    assert_eq!(path_of("file://elsewhere/x"), None);
    assert_eq!(path_of("FILE:/x"), Some("/x".into()));
    assert_eq!(path_of("é"), None);
}

#[tokio::test]
async fn a_missing_an_empty_and_a_hollow_list_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        file_uri(&path)
    };
    let why = async |uri: String| match expected(&uri).await {
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
    let good = expected(&list).await.unwrap();
    assert!(good.fits(&file_uri(&folder.path().join("here.ogg"))));
    assert!(
        !good.fits(&list),
        "mpv shows the list itself as a track for a moment"
    );
    let lists = [file_uri(&folder.path().join("no.m3u8")), list.clone()];
    let here = file_uri(&folder.path().join("here.ogg"));
    assert_eq!(list_with(&here, &lists).await, Some(list));
    assert_eq!(list_with("file:///elsewhere.ogg", &lists).await, None);
    let mixed = expected(&write("mixed.m3u8", "here.ogg\nhttp://radio/x\n"))
        .await
        .unwrap();
    assert_eq!(mixed, Expected::Change);
    assert_eq!(
        expected("spotify:playlist:1").await.unwrap(),
        Expected::Change
    );
}
