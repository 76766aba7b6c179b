//! The journal on a real file.

use moodlark_core::{
    Affect, Distribution, Emotion, playlist::Location, policy::Origin, settings::Intent,
};

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn plan() -> Plan {
    Plan {
        playlist: "Sunny".into(),
        in_player: None,
        location: Location::Uri("file:///sunny.m3u8".into()),
        player: "org.mpris.MediaPlayer2.mpv".into(),
        intent: Intent::Uplift,
        origin: Origin::Rule("cheer".into()),
        mood: Some(Emotion::Sad),
        target: Some(Affect::of(Emotion::Happy)),
        why: "You seem sad.".into(),
    }
}

#[test]
fn every_kind_of_reading_comes_back() {
    let folder = folder();
    let mut journal = Journal::open(folder.path()).unwrap();
    let distribution = Distribution::from_weights([0.1, 0.0, 0.2, 0.4, 0.1, 0.1, 0.1]).unwrap();
    let quality = Quality {
        overall: 0.5,
        size: 1.0,
        sharpness: 0.8,
        brightness: 0.6,
        inside: 1.0,
    };
    let all = [
        Reading::Face {
            distribution,
            affect: Affect::expected(&distribution),
            quality,
            faces: 2,
        },
        Reading::NoFace,
        Reading::Dark { brightness: 0.01 },
        Reading::Blurred { quality },
        Reading::Busy,
        Reading::Unplugged,
        Reading::Denied,
        Reading::Failed {
            reason: "the lens fell off".into(),
        },
    ];
    for (i, reading) in all.iter().enumerate() {
        let at = Timestamp(i64::try_from(i).unwrap());
        journal
            .write(at, &[Entry::Reading(reading.clone())], None)
            .unwrap();
    }
    let rows = journal.history(Timestamp(0), Timestamp(100)).unwrap();
    assert_eq!(rows.len(), all.len());
    for (row, reading) in rows.iter().zip(&all) {
        let back: Reading = serde_json::from_str(&row.data).unwrap();
        assert_eq!(back.kind(), reading.kind());
        if let (
            Reading::Face {
                distribution: a, ..
            },
            Reading::Face {
                distribution: b, ..
            },
        ) = (&back, reading)
        {
            assert!(
                Emotion::ALL
                    .iter()
                    .all(|e| (a.get(*e) - b.get(*e)).abs() < 1e-3)
            );
        }
    }
}

#[test]
fn a_switch_that_never_ended_is_found_after_a_restart() {
    let folder = folder();
    let id = {
        let journal = Journal::open(folder.path()).unwrap();
        journal
            .begin_switch(
                Timestamp(7),
                &plan(),
                "file:///sunny.m3u8",
                "{\"volume\":0.5}",
            )
            .unwrap()
    };
    let journal = Journal::open(folder.path()).unwrap();
    let pending = journal.pending().unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].record.id, id);
    assert_eq!(pending[0].record.mood, Some(Emotion::Sad));
    assert_eq!(pending[0].saved, "{\"volume\":0.5}");
    journal.fail_switch(id, "interrupted").unwrap();
    assert!(journal.pending().unwrap().is_empty());
}

#[test]
fn a_saved_queue_is_kept_only_as_long_as_it_can_be_brought_back() {
    let folder = folder();
    let journal = Journal::open(folder.path()).unwrap();
    let begin = |at, saved: &str| {
        journal
            .begin_switch(Timestamp(at), &plan(), "u", saved)
            .unwrap()
    };
    let end = |id| {
        let pending = journal.pending().unwrap();
        let found = pending.iter().find(|found| found.record.id == id).unwrap();
        journal.end_switch(&found.record).unwrap();
    };
    let saved = |id| journal.saved_before(id).unwrap().unwrap();
    let bulky = "x".repeat(10_000);
    let (first, second) = (begin(1, &bulky), begin(2, "{}"));
    end(first);
    end(second);
    assert_eq!((saved(first), saved(second)), (String::new(), "{}".into()));
    let third = begin(3, &bulky);
    // It may fail: then the one before can still be undone.
    journal.fail_switch(third, "no").unwrap();
    assert_eq!(saved(second), "{}");
    let fourth = begin(4, &bulky);
    end(fourth);
    assert_eq!((saved(third), saved(fourth)), (String::new(), bulky));
}

#[test]
fn the_state_survives_and_nonsense_in_its_place_is_survived() {
    let folder = folder();
    let mut journal = Journal::open(folder.path()).unwrap();
    let mut state = State::default();
    state.last_try = Some(Timestamp(5));
    journal.write(Timestamp(5), &[], Some(&state)).unwrap();
    assert_eq!(journal.state().unwrap().last_try, Some(Timestamp(5)));
    journal.save("engine", "{not json").unwrap();
    assert_eq!(journal.state().unwrap().last_try, None);
}

#[test]
fn what_is_old_is_deleted_but_not_a_switch_under_way() {
    let folder = folder();
    let mut journal = Journal::open(folder.path()).unwrap();
    journal
        .write(Timestamp(1), &[Entry::Reading(Reading::NoFace)], None)
        .unwrap();
    journal.note(Timestamp(2), "a note").unwrap();
    journal
        .begin_switch(Timestamp(3), &plan(), "u", "{}")
        .unwrap();
    journal
        .write(Timestamp(9), &[Entry::Reading(Reading::NoFace)], None)
        .unwrap();
    assert_eq!(journal.forget_before(Timestamp(5)).unwrap(), 2);
    assert_eq!(
        journal.history(Timestamp(0), Timestamp(100)).unwrap().len(),
        2
    );
    assert_eq!(journal.pending().unwrap().len(), 1);
}

#[test]
fn a_broken_file_is_set_aside_and_a_new_one_begun() {
    let folder = folder();
    std::fs::write(
        folder.path().join("history.db"),
        "this is no database, and never was one".repeat(40),
    )
    .unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    assert_eq!(journal.check().unwrap(), "ok");
    let kept = std::fs::read_dir(folder.path())
        .unwrap()
        .filter_map(Result::ok)
        .any(|entry| entry.file_name().to_string_lossy().contains("broken"));
    assert!(kept);
}

#[test]
fn a_journal_from_a_newer_version_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("history.db");
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    assert!(Journal::open(folder.path()).is_err());
    assert!(path.exists());
}

#[test]
fn only_the_user_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let inner = folder.path().join("state");
    let _journal = Journal::open(&inner).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&inner.join("history.db")), 0o600);
}
