use proptest::prelude::*;

use super::*;

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

fn file(path: &str, mtime: i64) -> File {
    File {
        path: path.into(),
        named: true,
        size: 1000 + path.len() as u64,
        mtime,
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp(ms)
}

fn window(
    valence: std::ops::RangeInclusive<f32>,
    arousal: std::ops::RangeInclusive<f32>,
) -> moodlark_core::library::Window {
    moodlark_core::library::Window {
        target: moodlark_core::Affect::default(),
        reach: 1.0,
        valence,
        arousal,
    }
}

fn sound(valence: f32, arousal: f32) -> Sound {
    Sound {
        heard_by: "1".into(),
        valence,
        arousal,
        tags: vec![0.5; 50],
        sound: vec![0.25; 22],
        embedding: vec![-1.25; 200],
        duration: Duration::from_secs(180),
        ..Sound::default()
    }
}

#[test]
fn what_is_heard_is_found_again_and_what_is_not_is_counted() {
    let (_folder, mut store) = store();
    let files = [
        file("/m/a.ogg", 1),
        file("/m/b.ogg", 1),
        file("/m/c.ogg", 1),
        file("/m/d.ogg", 1),
    ];
    assert_eq!(store.walked(&files, &[], at(10)).unwrap().new, 4);
    let waiting = store.next("1", 10).unwrap();
    assert_eq!(waiting.len(), 4);
    store
        .heard(waiting[0].0, &sound(0.5, -0.5), at(11))
        .unwrap();
    store
        .left_out(waiting[1].0, "spoken", "It is spoken.", at(11))
        .unwrap();
    store
        .failed(waiting[2].0, "broken", "It is broken.", at(11))
        .unwrap();
    let counts = store.counts().unwrap();
    assert_eq!((counts.heard, counts.waiting, counts.found()), (1, 1, 4));
    assert_eq!(counts.left_out["spoken"], 1);
    assert_eq!(counts.failed["broken"], 1);
    let near = store
        .near(&window(0.0..=1.0, -1.0..=0.0), false, 50)
        .unwrap();
    assert_eq!(near.len(), 1);
    assert_eq!(near[0].sound[21], 0.25);
    assert_eq!(store.tags(near[0].row.id).unwrap()[49], 0.5);
    assert_eq!(near[0].row.title, "a");
    assert!(
        store
            .near(&window(0.6..=1.0, -1.0..=0.0), false, 50)
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.troubles(10).unwrap()[0].why, "broken");
}

#[test]
fn a_christmas_song_is_there_when_it_is_wanted() {
    let (_folder, mut store) = store();
    store.walked(&[file("/m/a.ogg", 1)], &[], at(0)).unwrap();
    let song = Sound {
        christmas: true,
        ..sound(0.5, 0.5)
    };
    store.heard(1, &song, at(1)).unwrap();
    let all = window(-1.0..=1.0, -1.0..=1.0);
    assert!(store.near(&all, false, 50).unwrap().is_empty());
    assert_eq!(store.near(&all, true, 50).unwrap().len(), 1);
}

#[test]
fn a_moved_file_is_not_heard_again_and_a_written_one_is() {
    let (_folder, mut store) = store();
    store
        .walked(&[file("/m/one.ogg", 1), file("/m/two.ogg", 2)], &[], at(10))
        .unwrap();
    for (id, _) in store.next("1", 10).unwrap() {
        store.heard(id, &sound(0.1, 0.1), at(11)).unwrap();
    }
    let mut moved = file("/m/new/one.ogg", 1);
    moved.size = file("/m/one.ogg", 1).size;
    let walked = store
        .walked(&[moved, file("/m/two.ogg", 3)], &[], at(20))
        .unwrap();
    assert_eq!(
        walked,
        Walked {
            new: 0,
            changed: 1,
            moved: 1,
            gone: 0
        }
    );
    let waiting: Vec<String> = store
        .next("1", 10)
        .unwrap()
        .into_iter()
        .map(|(_, path)| path)
        .collect();
    assert_eq!(waiting, ["/m/two.ogg"]);
    assert!(store.known("/m/new/one.ogg").unwrap().is_some());
}

#[test]
fn a_name_that_no_playlist_can_hold_is_left_out_and_counted() {
    let (_folder, mut store) = store();
    let odd = File {
        named: false,
        ..file("/m/\u{fffd}.ogg", 1)
    };
    store.walked(&[odd], &[], at(1)).unwrap();
    let counts = store.counts().unwrap();
    assert_eq!((counts.found(), counts.left_out["name_not_utf8"]), (1, 1));
    assert!(store.next("1", 10).unwrap().is_empty());
}

#[test]
fn a_disk_that_is_away_loses_nothing() {
    let (_folder, mut store) = store();
    store
        .walked(&[file("/disk/a.ogg", 1), file("/m/b.ogg", 1)], &[], at(10))
        .unwrap();
    let walked = store
        .walked(&[file("/m/b.ogg", 1)], &["/disk".into()], at(20))
        .unwrap();
    assert_eq!(walked, Walked::default());
    // Gone without a word: out of the lists, and back as it was.
    for (id, _) in store.next("1", 10).unwrap() {
        store.heard(id, &sound(0.0, 0.0), at(21)).unwrap();
    }
    assert_eq!(store.walked(&[], &[], at(30)).unwrap().gone, 2);
    assert_eq!(store.counts().unwrap().found(), 0);
    store
        .walked(&[file("/disk/a.ogg", 1)], &[], at(40))
        .unwrap();
    assert_eq!(store.counts().unwrap().heard, 1);
    assert!(store.next("1", 10).unwrap().is_empty());
}

#[test]
fn what_is_long_gone_is_forgotten() {
    let (_folder, mut store) = store();
    store.walked(&[file("/m/a.ogg", 1)], &[], at(0)).unwrap();
    store.walked(&[], &[], at(1)).unwrap();
    let later = i64::try_from(REMEMBERED.as_millis()).unwrap() + 10;
    store.walked(&[], &[], at(later)).unwrap();
    store
        .walked(&[file("/m/a.ogg", 1)], &[], at(later + 1))
        .unwrap();
    assert_eq!(store.next("1", 10).unwrap().len(), 1);
}

#[test]
fn other_versions_of_the_features_are_told_apart() {
    let (_folder, mut store) = store();
    store.walked(&[file("/m/a.ogg", 1)], &[], at(0)).unwrap();
    store.heard(1, &sound(0.0, 0.0), at(1)).unwrap();
    assert_eq!(store.todo("1").unwrap(), 0);
    assert_eq!(store.todo("2").unwrap(), 1);
    assert_eq!(store.next("2", 5).unwrap().len(), 1);
    assert_eq!(store.counts().unwrap().heard, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever comes and goes, what is found is the sum of its states, and every file that is there has one row.
    #[test]
    fn found_is_the_sum_whatever_comes_and_goes(
        walks in prop::collection::vec(prop::collection::btree_map(0u8..12, 0i64..3, 0..12), 1..8),
        fates in prop::collection::vec(0u8..4, 1..40),
    ) {
        let (_folder, mut store) = store();
        let mut fate = fates.iter().cycle();
        for (n, walk) in walks.iter().enumerate() {
            let files: Vec<File> = walk.iter().map(|(name, mtime)| file(&format!("/m/{name}.ogg"), *mtime)).collect();
            let now = at(n as i64);
            store.walked(&files, &[], now).unwrap();
            prop_assert_eq!(store.counts().unwrap().found(), files.len());
            for (id, _) in store.next("1", 3).unwrap() {
                match fate.next().unwrap() {
                    0 => store.heard(id, &sound(0.0, 0.0), now).unwrap(),
                    1 => store.left_out(id, "short", "", now).unwrap(),
                    2 => store.failed(id, "broken", "", now).unwrap(),
                    _ => {}
                }
            }
            prop_assert_eq!(store.counts().unwrap().found(), files.len());
        }
    }
}
