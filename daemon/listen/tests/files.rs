//! The worker with real files: good ones of every format, and broken, endless and hostile ones.

#![allow(clippy::unwrap_used)] // the helpers are parts of tests too

mod common;

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use moodlark_core::heard::{Answer, FailedWhy, FilePath, LeftOutWhy, Request};
use moodlark_core::reading::SandboxLevel;

struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    sandbox: SandboxLevel,
}

impl Worker {
    fn start(folder: &Path, options: &[&str]) -> Self {
        let mut child = Command::new(common::worker())
            .arg("--folder")
            .arg(folder)
            .arg("--awaited")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut worker = Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            sandbox: SandboxLevel::None,
            child,
        };
        let Answer::Hello { sandbox, .. } = worker.answer() else {
            panic!("no hello");
        };
        assert_ne!(sandbox, SandboxLevel::None);
        worker.sandbox = sandbox;
        worker
    }

    fn answer(&mut self) -> Answer {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let answer: Answer = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line}: {e}"));
        answer.checked().unwrap()
    }

    fn ask(&mut self, request: &Request) {
        let mut line = serde_json::to_string(request).unwrap();
        line.push('\n');
        self.input.write_all(line.as_bytes()).unwrap();
    }

    fn hear(&mut self, path: &Path) -> Answer {
        self.ask(&Request::Hear { path: path.into() });
        let answer = self.answer();
        assert_eq!(answer.path(), Some(&FilePath::from(path)));
        answer
    }

    fn end(self) -> i32 {
        let Self {
            mut child, input, ..
        } = self;
        drop(input);
        child.wait().unwrap().code().unwrap()
    }
}

/// Name, codec as told, and what ffmpeg is told.
const FORMATS: [(&str, &str, &[&str]); 14] = [
    ("a.mp3", "mp3", &["-c:a", "libmp3lame", "-b:a", "192k"]),
    ("vbr.mp3", "mp3", &["-c:a", "libmp3lame", "-q:a", "4"]),
    (
        "noxing.mp3",
        "mp3",
        &["-c:a", "libmp3lame", "-write_xing", "0", "-q:a", "2"],
    ),
    ("a.flac", "flac", &[]),
    ("24.flac", "flac", &["-sample_fmt", "s32", "-ar", "96000"]),
    ("a.ogg", "vorbis", &["-c:a", "libvorbis"]),
    ("a.opus", "opus", &["-c:a", "libopus"]),
    ("a.wav", "pcm", &[]),
    ("float.wav", "pcm", &["-c:a", "pcm_f32le"]),
    ("a.aiff", "pcm", &[]),
    ("a.m4a", "aac", &["-c:a", "aac"]),
    ("alac.m4a", "alac", &["-c:a", "alac"]),
    ("a.aac", "aac", &["-c:a", "aac"]),
    ("opus.mp4", "opus", &["-c:a", "libopus", "-strict", "-2"]),
];

#[test]
fn every_format_is_heard_alike() {
    if !common::ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let sound = common::music(40.0);
    let mut worker = Worker::start(folder.path(), &[]);
    let mut moods = Vec::new();
    for (name, codec, options) in FORMATS {
        let path = folder.path().join(name);
        if !common::encode(&sound, options, &path) {
            println!("skipped: this ffmpeg does not make {name}");
            continue;
        }
        match worker.hear(&path) {
            Answer::Heard { track, mood, .. } => {
                let mood = mood.unwrap();
                println!(
                    "{name}: {} {:.2} s, valence {:.3}, arousal {:.3}",
                    track.codec, track.duration, mood.valence, mood.arousal
                );
                assert_eq!(track.codec, codec, "{name}");
                assert!(
                    (track.duration - 40.0).abs() < 0.2,
                    "{name}: {} s",
                    track.duration
                );
                assert_eq!(mood.windows, 3, "{name}");
                moods.push((name, mood));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let (_, first) = &moods[0];
    for (name, mood) in &moods {
        // Encoders that cut off above 16 kHz or add noise move a tag or two.
        let near = |a: f32, b: f32| (a - b).abs() < 0.35;
        assert!(
            near(mood.valence, first.valence) && near(mood.arousal, first.arousal),
            "{name}"
        );
    }
    assert_eq!(worker.end(), 0);
}

#[test]
fn tags_are_read_and_do_not_change_the_hash() {
    if !common::ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let sound = common::music(20.0);
    let mut worker = Worker::start(folder.path(), &[]);
    for ending in ["mp3", "flac", "ogg", "opus", "m4a", "wav", "aiff"] {
        let (plain, tagged) = (
            folder.path().join(format!("plain.{ending}")),
            folder.path().join(format!("tagged.{ending}")),
        );
        if !common::encode(&sound, &[], &plain) {
            println!("skipped: this ffmpeg does not make .{ending}");
            continue;
        }
        let tag = |more: &[&str]| {
            Command::new("ffmpeg")
                .args(["-nostdin", "-v", "error", "-y", "-i"])
                .arg(&plain)
                .args(["-c", "copy"])
                .args(["-metadata", "title=A \u{202e}song"])
                .args(["-metadata", "artist=Somebody"])
                .args(["-metadata", "genre=Folk", "-metadata", "track=3/9"])
                .args(more)
                .arg(&tagged)
                .status()
                .unwrap()
                .success()
        };
        // Only some of ffmpeg's writers know the option.
        assert!(tag(&["-write_id3v2", "1"]) || tag(&[]));
        let mut content = |path: &Path| match worker.hear(path) {
            Answer::Heard { track, .. } => *track,
            other => panic!("{path:?}: {other:?}"),
        };
        let (plain, tagged) = (content(&plain), content(&tagged));
        assert_eq!(plain.content, tagged.content, "{ending}");
        assert_eq!(tagged.tags.title.as_deref(), Some("A song"), "{ending}");
        assert_eq!(tagged.tags.artist.as_deref(), Some("Somebody"), "{ending}");
        assert_eq!(tagged.tags.genres, ["Folk"], "{ending}");
    }
    // The tags alone, without hearing it again.
    let path = folder.path().join("tagged.mp3");
    worker.ask(&Request::Tags {
        path: path.as_path().into(),
    });
    let Answer::Heard { track, mood, .. } = worker.answer() else {
        panic!("no tags");
    };
    assert!(mood.is_none());
    assert_eq!(track.tags.number, Some(3));
    assert_eq!(worker.end(), 0);
}

#[test]
fn what_cannot_be_decoded_is_told_by_name() {
    if !common::ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let sound = common::music(20.0);
    let mut worker = Worker::start(folder.path(), &[]);
    let cases: [(&str, &[&str], &str); 4] = [
        ("a.wma", &["-c:a", "wmav2"], "wma"),
        ("a.wv", &["-c:a", "wavpack"], "wavpack"),
        ("a.tta", &["-c:a", "tta"], "tta"),
        ("six.m4a", &["-c:a", "aac", "-ac", "6"], "aac of 6 channels"),
    ];
    for (name, options, codec) in cases {
        let path = folder.path().join(name);
        if !common::encode(&sound, options, &path) {
            println!("skipped: this ffmpeg does not make {name}");
            continue;
        }
        let Answer::Failed { why, .. } = worker.hear(&path) else {
            panic!("{name} was heard");
        };
        assert_eq!(
            why,
            FailedWhy::Unsupported {
                codec: codec.into()
            },
            "{name}"
        );
    }
    assert_eq!(worker.end(), 0);
}

#[test]
fn ffmpeg_closed_in_decodes_what_we_cannot() {
    if !common::ffmpeg() || moodlark_listen::ffmpeg::program().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("-odd name: a.wma");
    if !common::encode(&common::music(95.0), &["-c:a", "wmav2"], &path) {
        println!("skipped: this ffmpeg makes no WMA");
        return;
    }
    let mut decoder = Command::new(common::worker())
        .args(["--awaited", "--decode"])
        .arg(&path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = Command::new(common::worker())
        .args(["--awaited", "--pcm"])
        .arg(&path)
        .stdin(decoder.stdout.take().unwrap())
        .output()
        .unwrap();
    assert!(decoder.wait().unwrap().success());
    assert!(out.status.success());
    let answer: Answer = serde_json::from_slice(&out.stdout).unwrap();
    let Answer::Heard { track, mood, .. } = answer.checked().unwrap() else {
        panic!("not heard");
    };
    assert!((track.duration - 95.0).abs() < 0.5, "{}", track.duration);
    assert_eq!(mood.unwrap().windows, 3);
}

#[test]
fn a_list_given_to_ffmpeg_opens_no_other_file() {
    if !common::ffmpeg() || moodlark_listen::ffmpeg::program().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("a.flac");
    assert!(common::encode(&common::music(2.0), &[], &sound));
    let list = folder.path().join("list.ffconcat");
    std::fs::write(&list, "ffconcat version 1.0\nfile a.flac\n").unwrap();
    let decode = |path: &Path| {
        let out = Command::new(common::worker())
            .args(["--awaited", "--decode"])
            .arg(path)
            .output()
            .unwrap();
        out.stdout.len()
    };
    assert!(decode(&sound) > 0);
    assert_eq!(decode(&list), 0);
}

/// A WAV header that promises four gigabytes, with two seconds behind it.
fn lying_wav() -> Vec<u8> {
    let mut bytes = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    bytes.extend(44_100u32.to_le_bytes());
    bytes.extend(88_200u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data\xf0\xff\xff\xff");
    bytes.extend((0..88_200u32).flat_map(|i| ((i * 977 % 20_000) as i16 - 10_000).to_le_bytes()));
    bytes
}

fn noise(n: usize) -> Vec<u8> {
    let mut state = 7u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(n)
    .collect()
}

#[test]
fn broken_and_hostile_files_cost_themselves_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut worker = Worker::start(folder.path(), &["--deadline", "30"]);
    for ending in [
        "mp3", "flac", "ogg", "opus", "wav", "aiff", "m4a", "aac", "wma", "mp4",
    ] {
        let path = at(&format!("noise.{ending}"));
        std::fs::write(&path, noise(300_000)).unwrap();
        let answer = worker.hear(&path);
        assert!(
            matches!(answer, Answer::Failed { .. } | Answer::LeftOut { .. }),
            "{ending}: {answer:?}"
        );
        std::fs::write(&path, b"").unwrap();
        assert!(matches!(
            worker.hear(&path),
            Answer::Failed {
                why: FailedWhy::Empty,
                ..
            }
        ));
    }
    std::fs::write(at("lying.wav"), lying_wav()).unwrap();
    let answer = worker.hear(&at("lying.wav"));
    let Answer::LeftOut {
        why: LeftOutWhy::TooShort,
        track,
        ..
    } = answer
    else {
        panic!("{answer:?}");
    };
    assert!((track.duration - 2.0).abs() < 0.1, "{}", track.duration);
    assert!(matches!(
        worker.hear(&at("gone.mp3")),
        Answer::Failed {
            why: FailedWhy::Gone,
            ..
        }
    ));
    // Outside of the folders the sandbox says no; where landlock is off, the file is read, and is no music.
    let Answer::Failed { why, .. } = worker.hear(Path::new("/etc/passwd")) else {
        panic!("it was heard");
    };
    if worker.sandbox == SandboxLevel::Full {
        assert_eq!(why, FailedWhy::Denied);
    } else {
        assert!(
            matches!(why, FailedWhy::Denied | FailedWhy::NotAudio),
            "{why:?}"
        );
    }
    let fifo = at("fifo.mp3");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    assert!(matches!(
        worker.hear(&fifo),
        Answer::Failed {
            why: FailedWhy::NotAFile,
            ..
        }
    ));
    // Nonsense on the line is refused, and the next request answered.
    worker.input.write_all(b"{\"ask\":\"dance\"}\n").unwrap();
    assert!(matches!(worker.answer(), Answer::Refused { .. }));
    assert!(matches!(worker.hear(&fifo), Answer::Failed { .. }));
    assert_eq!(worker.end(), 0);
}

#[test]
fn damaged_files_are_heard_or_told() {
    if !common::ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let sound = common::music(60.0);
    let mut worker = Worker::start(folder.path(), &["--deadline", "30"]);
    for (name, _, options) in FORMATS {
        let path = folder.path().join(name);
        if !common::encode(&sound, options, &path) {
            continue;
        }
        let whole = std::fs::read(&path).unwrap();
        // Cut off at half, at a handful of bytes, and with garbage in between.
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let half = worker.hear(&path);
        std::fs::write(&path, &whole[..whole.len().min(40)]).unwrap();
        let stub = worker.hear(&path);
        assert!(!matches!(stub, Answer::Heard { .. }), "{name}: {stub:?}");
        let mut spoilt = whole.clone();
        let middle = spoilt.len() / 2;
        let garbage = noise(2_000);
        spoilt[middle..middle + garbage.len()].copy_from_slice(&garbage);
        std::fs::write(&path, &spoilt).unwrap();
        let spoilt = worker.hear(&path);
        // A float of forty digits once made the mood no number.
        assert!(matches!(spoilt, Answer::Heard { .. }), "{name}: {spoilt:?}");
        let told = |answer: &Answer| match answer {
            Answer::Heard { track, .. } => format!("heard, {:.0} s", track.duration),
            Answer::LeftOut { why, .. } => format!("left out: {}", why.name()),
            Answer::Failed { why, .. } => format!("failed: {}", why.name()),
            other => panic!("{other:?}"),
        };
        println!(
            "{name}: half {}, stub {}, garbage {}",
            told(&half),
            told(&stub),
            told(&spoilt)
        );
    }
    assert_eq!(worker.end(), 0);
}

#[test]
fn silence_is_no_mood_and_seconds_are_no_track() {
    if !common::ffmpeg() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut worker = Worker::start(folder.path(), &[]);
    let silent = folder.path().join("silent.flac");
    assert!(common::encode(&vec![0.0; 2 * 48_000 * 40], &[], &silent));
    assert!(matches!(
        worker.hear(&silent),
        Answer::Failed {
            why: FailedWhy::Silent,
            ..
        }
    ));
    let short = folder.path().join("short.flac");
    assert!(common::encode(&common::music(5.0), &[], &short));
    assert!(matches!(
        worker.hear(&short),
        Answer::LeftOut {
            why: LeftOutWhy::TooShort,
            ..
        }
    ));
    let spoken = folder.path().join("spoken.mp3");
    assert!(common::encode(
        &common::music(20.0),
        &["-metadata", "genre=Audiobook"],
        &spoken
    ));
    assert!(matches!(
        worker.hear(&spoken),
        Answer::LeftOut {
            why: LeftOutWhy::SpokenGenre,
            ..
        }
    ));
    assert_eq!(worker.end(), 0);
}

#[test]
fn an_endless_file_ends_at_its_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("endless.wav");
    std::fs::write(&path, lying_wav()).unwrap();
    // Sparse: three gigabytes that take no room.
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(3 << 30)
        .unwrap();
    let mut worker = Worker::start(folder.path(), &["--deadline", "0.3"]);
    let answer = worker.hear(&path);
    assert!(
        matches!(
            answer,
            Answer::Failed {
                why: FailedWhy::Deadline { .. },
                ..
            }
        ),
        "{answer:?}"
    );
    assert_eq!(
        worker.end(),
        i32::from(moodlark_listen::args::EXIT_DEADLINE)
    );
}

#[test]
fn found_is_heard_and_left_out_and_failed() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("a.mp3", noise(5_000)),
        ("b.wav", lying_wav()),
        ("c/d.flac", vec![]),
        ("x.cue", vec![]),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let mut worker = Worker::start(folder.path(), &[]);
    worker.ask(&Request::Walk {
        folders: vec![folder.path().into()],
        leave_out: vec![],
    });
    let mut paths = Vec::new();
    let (found, passed) = loop {
        match worker.answer() {
            Answer::Found { path, .. } => paths.push(path),
            Answer::Walked { found, passed, .. } => break (found, passed),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((found, paths.len(), passed.cue_sheets), (3, 3, 1));
    let (mut heard, mut left_out, mut failed) = (0, 0, 0);
    for path in paths {
        match worker.hear(path.as_path()) {
            Answer::Heard { .. } => heard += 1,
            Answer::LeftOut { .. } => left_out += 1,
            Answer::Failed { .. } => failed += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(found, heard + left_out + failed);
    assert_eq!(worker.end(), 0);
}

#[test]
fn the_sandbox_holds() {
    let out = Command::new(common::worker())
        .args(["--self-test", "--json"])
        .output()
        .unwrap();
    let report = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success(), "{report}");
    assert!(report.contains("\"passed\":true"), "{report}");
}
