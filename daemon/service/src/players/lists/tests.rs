//! What is written, what reads it, and whose files are left alone.

use std::{
    ffi::OsString,
    os::unix::{ffi::OsStringExt, fs::PermissionsExt},
};

use proptest::prelude::*;

use super::*;
use crate::players::entries::{Found, found};

fn entry(path: &str, title: &str) -> ListEntry {
    ListEntry {
        path: path.into(),
        title: title.into(),
        artist: "A".into(),
        duration: Some(Duration::from_millis(61_500)),
    }
}

#[test]
fn a_list_is_written_as_every_player_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let lists = folder.path().join("Playlists/Moodlark");
    let entries = [
        entry("/m/a b ü.ogg", "T\nT"),
        entry("/m/100% #1?.ogg", ""),
        ListEntry {
            path: OsString::from_vec(b"/m/\xff \n.ogg".to_vec()).into(),
            ..ListEntry::default()
        },
    ];
    let own = write_list(&lists, "Rain/y", &entries).unwrap();
    assert_eq!(own.path, lists.join("Rain y.m3u8"));
    assert_eq!(own.uri, file_uri(&own.path));
    let text = std::fs::read_to_string(&own.path).unwrap();
    let (head, body) = text.split_at(text.find("#PLAYLIST").unwrap());
    assert!(head.starts_with("#EXTM3U\n# Moodlark "), "{head}");
    assert_eq!(
        body,
        "#PLAYLIST:Rain/y\n#EXTINF:61,A - T T\n/m/a b ü.ogg\n#EXTINF:61,\n/m/100% #1?.ogg\nfile:///m/%FF%20%0A.ogg\n"
    );
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&own.path), mode(&lists)), (0o600, 0o700));
    assert_eq!(
        std::fs::read_dir(&lists).unwrap().count(),
        1,
        "no part is left"
    );
    // For VLC; once more; and another under the same name.
    let item = Item {
        source: Source::File("/m/100% #1?.ogg".into()),
        title: String::new(),
        length: None,
    };
    assert_eq!(write(&lists, "Rain/y", &[item], Form::Uris).unwrap(), own);
    let text = std::fs::read_to_string(&own.path).unwrap();
    assert!(
        text.ends_with("\nfile:///m/100%25%20%231%3F.ogg\n"),
        "{text}"
    );
    assert_eq!(write_list(&lists, "Rain/y", &entries).unwrap(), own);
    assert_eq!(write_list(&lists, "Rain/y", &entries[..1]).unwrap(), own);
    assert!(
        !std::fs::read_to_string(&own.path)
            .unwrap()
            .contains("file:")
    );
}

#[test]
fn what_cannot_be_a_list_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |entries: &[ListEntry]| write_list(folder.path(), "x", entries);
    assert!(matches!(write(&[]), Err(ListError::Empty)));
    let relative = write(&[entry("a.ogg", "")]);
    assert!(matches!(relative, Err(ListError::Relative(_))));
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let within = write_list(&file, "x", &[entry("/a", "")]);
    assert!(matches!(within, Err(ListError::Write { .. })));
}

#[test]
fn names_are_what_a_file_can_be_called() {
    for (name, file) in [
        ("Bright Morning", "Bright Morning"),
        ("../x", " x"),
        ("", "Moodlark"),
        ("...", "Moodlark"),
        (".hidden\u{7}", "hidden"),
    ] {
        assert_eq!(file_name(name), file.trim(), "{name}");
    }
    assert!(file_name(&"🎵".repeat(300)).len() + ".m3u8".len() + 4 <= 255);
}

#[test]
fn what_we_did_not_write_is_never_touched() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let entries = [entry("/a.ogg", "")];
    // Theirs from the beginning.
    std::fs::write(at("Rain.m3u8"), "#EXTM3U\n/theirs.ogg\n").unwrap();
    std::os::unix::fs::symlink(at("nowhere"), at("Rain (2).m3u8")).unwrap();
    let own = write_list(folder.path(), "Rain", &entries).unwrap();
    assert_eq!(own.path, at("Rain (3).m3u8"));
    // Ours, until they changed it.
    let mut changed = std::fs::read_to_string(&own.path).unwrap();
    changed.push_str("/more.ogg\n");
    std::fs::write(&own.path, &changed).unwrap();
    let next = write_list(folder.path(), "Rain", &entries).unwrap();
    assert_eq!(next.path, at("Rain (4).m3u8"));
    // And of ours only the newest stay.
    for n in 0..KEPT * 2 {
        write_list(folder.path(), &format!("List {n}"), &entries).unwrap();
    }
    let ours = std::fs::read_dir(folder.path()).unwrap();
    let ours = ours.filter(|entry| is_ours(&entry.as_ref().unwrap().path()));
    assert_eq!(ours.count(), KEPT);
    let last = at(&format!("List {}.m3u8", KEPT * 2 - 1));
    assert!(is_ours(&last));
    assert_eq!(std::fs::read_to_string(&own.path).unwrap(), changed);
    assert_eq!(
        std::fs::read_to_string(at("Rain.m3u8")).unwrap(),
        "#EXTM3U\n/theirs.ogg\n"
    );
    assert!(at("Rain (2).m3u8").symlink_metadata().is_ok());
    for n in 5..=MOST_NAMESAKES {
        std::fs::write(at(&format!("Rain ({n}).m3u8")), "theirs").unwrap();
    }
    std::fs::write(at("Rain (4).m3u8"), "theirs").unwrap();
    let taken = write_list(folder.path(), "Rain", &entries);
    assert!(matches!(taken, Err(ListError::Taken(_))), "{taken:?}");
}

#[test]
fn a_file_that_appears_at_the_last_moment_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (part, path) = (folder.path().join("part"), folder.path().join("x.m3u8"));
    std::fs::write(&part, "ours").unwrap();
    std::fs::write(&path, "theirs").unwrap();
    assert!(put(&part, &path).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
}

#[test]
fn the_next_folder_is_taken_where_one_cannot_be_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let folders = [file.join("no"), folder.path().join("yes")];
    let own = in_first(&folders, |folder| {
        write_list(folder, "x", &[entry("/a", "")])
    });
    assert!(own.unwrap().path.starts_with(folder.path().join("yes")));
    let nowhere = in_first(&[], |folder| write_list(folder, "x", &[entry("/a", "")]));
    assert!(matches!(nowhere, Err(ListError::NoFolder)));
}

/// What was read from a list, written and read again.
fn there_and_back(folder: &Path, names: &[Vec<u8>], form: Form) -> (List, List) {
    let items = names.iter().map(|name| {
        let path = folder.join(OsString::from_vec(name.clone()));
        std::fs::write(&path, "x").unwrap();
        Item {
            source: Source::File(path),
            title: "A - T".into(),
            length: Some(Duration::from_secs(7)),
        }
    });
    let written = List {
        name: "own".into(),
        items: items.collect(),
        left_out: moodlark_core::player::LeftOut {
            listed: names.len() as u64,
            ..Default::default()
        },
    };
    let own = write(&folder.join("lists"), &written.name, &written.items, form).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let read: Found = runtime.block_on(found(&own.uri)).unwrap();
    (written, List::clone(read.list().unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_list_that_was_written_is_read_back_as_it_was(
        names in proptest::collection::vec(
            proptest::collection::vec(any::<u8>().prop_filter("no name", |b| !matches!(b, 0 | b'/')), 1..40)
                // So that no ending makes a playlist of it.
                .prop_map(|mut name| { name.extend_from_slice(b"x"); name }),
            1..6,
        ),
    ) {
        let folder = tempfile::tempdir().unwrap();
        for form in [Form::Paths, Form::Uris] {
            let (written, read) = there_and_back(folder.path(), &names, form);
            prop_assert_eq!(written, read);
        }
    }

    #[test]
    fn no_bytes_pass_for_ours(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(!bears_our_mark(&bytes));
    }
}
