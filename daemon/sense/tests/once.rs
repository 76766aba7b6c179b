//! The real program on real pictures, good and bad.
#![allow(clippy::unwrap_used)] // the helpers are parts of tests too

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use moodlark_core::{
    Emotion, Reading,
    reading::{FORMAT, Line, MAX_LINE, SandboxLevel},
};

fn sense(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_moodlark-sense"))
        .args(args)
        .output()
        .unwrap()
}

/// The line that a look at a file prints; checks that it is one line and nothing else.
fn look_with(path: &Path, more: &[&str]) -> Line {
    let mut args = vec!["--once", "--pictures", path.to_str().unwrap()];
    args.extend(more);
    let output = sense(&args);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        text.ends_with('\n') && text.lines().count() == 1 && text.len() <= MAX_LINE,
        "{text}"
    );
    let line: Line = serde_json::from_str(&text).unwrap();
    assert_eq!(line.format, FORMAT);
    assert_ne!(
        line.sandbox,
        SandboxLevel::None,
        "the kernel has no seccomp"
    );
    line
}

fn look(path: &Path) -> Reading {
    look_with(path, &[]).reading
}

fn reason(reading: Reading) -> String {
    match reading {
        Reading::Failed { reason } => reason,
        other => panic!("not a failure: {other:?}"),
    }
}

fn astronaut() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/astronaut.jpg")
}

/// A grey PNG of this size with a pixel for each place.
fn png(
    folder: &Path,
    name: &str,
    width: u32,
    height: u32,
    pixel: impl Fn(u32, u32) -> u8,
) -> PathBuf {
    let path = folder.join(name);
    let mut encoder = png::Encoder::new(std::fs::File::create(&path).unwrap(), width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let data: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| pixel(x, y))
        .collect();
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&data)
        .unwrap();
    path
}

fn noise(x: u32, y: u32) -> u8 {
    let mut n = x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77);
    n ^= n >> 15;
    n = n.wrapping_mul(0x2c1b_3c6d);
    ((n ^ (n >> 12)) % 200 + 28) as u8
}

#[test]
fn a_smiling_portrait_is_a_happy_face() {
    let Reading::Face {
        distribution,
        affect,
        quality,
        faces,
    } = look(&astronaut())
    else {
        panic!()
    };
    assert_eq!(distribution.top().0, Emotion::Happy);
    assert!(
        affect.valence > 0.4 && quality.overall > 0.5,
        "{affect:?} {quality:?}"
    );
    assert_eq!(faces, 1);
}

#[test]
fn no_picture_with_nobody_in_it_is_a_face() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("noise", png(folder.path(), "noise.png", 640, 480, noise)),
        ("flat", png(folder.path(), "flat.png", 640, 480, |_, _| 128)),
        (
            "stripes",
            png(folder.path(), "stripes.png", 640, 480, |x, _| {
                if x / 20 % 2 == 0 { 40 } else { 210 }
            }),
        ),
        ("strip", png(folder.path(), "strip.png", 5000, 33, noise)),
        ("tiny", png(folder.path(), "tiny.png", 32, 32, noise)),
    ];
    for (name, path) in cases {
        assert_eq!(look(&path), Reading::NoFace, "{name}");
    }
}

#[test]
fn a_dark_picture_is_dark() {
    let folder = tempfile::tempdir().unwrap();
    for brightness in [0, 2, 12] {
        let path = png(folder.path(), "dark.png", 640, 480, |x, y| {
            brightness + noise(x, y) / 128
        });
        assert!(
            matches!(look(&path), Reading::Dark { brightness } if brightness < 0.07),
            "{brightness}"
        );
    }
}

#[test]
fn what_cannot_be_decoded_fails_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let jpeg = std::fs::read(astronaut()).unwrap();
    let whole_png = std::fs::read(png(folder.path(), "whole.png", 320, 240, noise)).unwrap();
    let mut garbled = jpeg.clone();
    // The Huffman tables.
    let tables = garbled.windows(2).position(|w| w == [0xff, 0xc4]).unwrap();
    garbled[tables + 4..tables + 80].fill(0xff);
    let cases = [
        (file("cut.jpg", &jpeg[..jpeg.len() / 2]), "JPEG"),
        (file("garbled.jpg", &garbled), "JPEG"),
        (file("cut.png", &whole_png[..whole_png.len() / 2]), "PNG"),
        (
            file("text.jpg", b"this is no picture"),
            "neither JPEG nor PNG",
        ),
        (file("empty.png", b""), "neither JPEG nor PNG"),
        (png(folder.path(), "small.png", 20, 20, noise), "too small"),
        (folder.path().join("missing.jpg"), "missing.jpg"),
        ("/dev/zero".into(), "no ordinary file"),
    ];
    for (path, expected) in cases {
        let reason = reason(look(&path));
        assert!(reason.contains(expected), "{}: {reason}", path.display());
    }
}

#[test]
fn a_decompression_bomb_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    // 144 megapixels of zeroes are a small file.
    let bomb = png(folder.path(), "bomb.png", 12_000, 12_000, |_, _| 0);
    let reason = reason(look(&bomb));
    assert!(reason.contains("too large"), "{reason}");
    // The same in a JPEG's header.
    let mut jpeg = std::fs::read(astronaut()).unwrap();
    let frame = jpeg
        .windows(2)
        .position(|w| w == [0xff, 0xc0] || w == [0xff, 0xc2])
        .unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x3f, 0xff, 0x3f, 0xff]);
    let path = folder.path().join("bomb.jpg");
    std::fs::write(&path, jpeg).unwrap();
    let reason = self::reason(look(&path));
    assert!(reason.contains("too large"), "{reason}");
}

#[test]
fn a_folder_is_shown_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    assert!(reason(look(folder.path())).contains("has no picture"));
    std::fs::copy(astronaut(), folder.path().join("a.jpg")).unwrap();
    png(folder.path(), "b.png", 640, 480, |_, _| 128);
    std::fs::write(folder.path().join("notes.txt"), "not a picture").unwrap();
    let kinds: Vec<_> = (0..3)
        .map(|i| {
            look_with(folder.path(), &["--index", &i.to_string()])
                .reading
                .kind()
        })
        .collect();
    assert_eq!(kinds, ["face", "no_face", "face"]);
}

#[test]
fn two_faces_are_none_if_so_asked() {
    let folder = tempfile::tempdir().unwrap();
    let portrait = moodlark_sense::decode::picture(&std::fs::read(astronaut()).unwrap()).unwrap();
    let twins = png(folder.path(), "twins.png", 640, 480, |x, y| {
        // The face lies at 266..420 × 108..262: two halves of the picture that both show it.
        portrait.at((190 + (x % 320) as isize).clamp(0, 639), y as isize) as u8
    });
    assert!(
        matches!(look(&twins), Reading::Face { faces: 2, .. }),
        "{:?}",
        look(&twins)
    );
    assert_eq!(
        look_with(&twins, &["--several-faces", "none"]).reading,
        Reading::NoFace
    );
}

#[test]
fn a_face_that_is_too_blurred_or_too_small_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let portrait = moodlark_sense::decode::picture(&std::fs::read(astronaut()).unwrap()).unwrap();
    // A Gaussian of 9 pixels, where the face is 154 wide.
    let small = portrait.shrunk_to(160);
    let blurred = png(folder.path(), "blurred.png", 640, 480, |x, y| {
        let (x, y) = ((x as f32 + 0.5) / 4.0, (y as f32 + 0.5) / 4.0);
        let (mut sum, mut all) = (0.0, 0.0);
        for dy in -6..=6 {
            for dx in -6..=6 {
                let (dx, dy) = (dx as f32, dy as f32);
                let share = (-(dx * dx + dy * dy) / (2.0 * 2.25 * 2.25)).exp();
                sum += share * small.between(x + dx, y + dy);
                all += share;
            }
        }
        (sum / all) as u8
    });
    let reading = look(&blurred);
    assert!(
        matches!(reading, Reading::Blurred { .. } | Reading::NoFace),
        "{reading:?}"
    );
}

#[test]
fn a_turned_portrait_is_straightened() {
    let folder = tempfile::tempdir().unwrap();
    let portrait = moodlark_sense::decode::picture(&std::fs::read(astronaut()).unwrap()).unwrap();
    let (sin, cos) = 35f32.to_radians().sin_cos();
    let tilted = png(folder.path(), "tilted.png", 640, 480, |x, y| {
        let (dx, dy) = (x as f32 - 343.0, y as f32 - 185.0);
        portrait.between(343.0 + dx * cos + dy * sin, 185.0 - dx * sin + dy * cos) as u8
    });
    let output = sense(&[
        "--once",
        "--explain",
        "--pictures",
        tilted.to_str().unwrap(),
    ]);
    let account = String::from_utf8(output.stdout).unwrap();
    assert!(account.contains("looks happy"), "{account}");
    let (_, tilt) = account.split_once("tilted ").unwrap();
    let tilt: f32 = tilt.split_once('°').unwrap().0.parse().unwrap();
    assert!((tilt - 35.0).abs() < 8.0, "{account}");
}

#[test]
fn the_explanation_is_for_people() {
    let output = sense(&[
        "--once",
        "--explain",
        "--pictures",
        astronaut().to_str().unwrap(),
    ]);
    let account = String::from_utf8(output.stdout).unwrap();
    for part in [
        "BlazeFace at",
        "quality",
        "happy",
        "valence",
        "load the expression network",
    ] {
        assert!(account.contains(part), "{part}: {account}");
    }
}

#[test]
fn wrong_usage_is_two() {
    let wrong: [&[&str]; 7] = [
        &[],
        &["--device", "auto"],
        &["--once", "--device", ""],
        &["--once", "--index", "1"],
        &["--once", "--deadline", "0"],
        &["--once", "--self-test"],
        &["--once", "--several-faces", "all"],
    ];
    for args in wrong {
        let output = sense(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{args:?}"
        );
    }
    assert_eq!(sense(&["--help"]).status.code(), Some(0));
}

#[test]
fn a_line_that_cannot_be_written_is_three() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodlark-sense"));
    command
        .args(["--once", "--pictures"])
        .arg(astronaut())
        .stdout(full);
    assert_eq!(command.output().unwrap().status.code(), Some(3));
}

#[test]
fn a_camera_that_is_not_there_is_unplugged() {
    let output = sense(&["--once", "--device", "/dev/video250"]);
    let line: Line = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (line.reading, output.status.code()),
        (Reading::Unplugged, Some(0))
    );
    let output = sense(&["--once", "--device", "/dev/null"]);
    let line: Line = serde_json::from_slice(&output.stdout).unwrap();
    assert!(reason(line.reading).contains("no camera"));
}

#[test]
fn the_sandbox_holds_from_inside() {
    let output = sense(&["--self-test", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(report["passed"], true);
    assert_eq!(report["no_new_privs"], true);
    let tried = |what: &str| {
        let tries = report["tries"].as_array().unwrap().iter();
        tries
            .filter(|t| t["layer"] == "seccomp" && t["what"].as_str().unwrap().contains(what))
            .count()
    };
    for what in ["open a file", "socket", "run a program", "second process"] {
        assert!(tried(what) > 0, "{what}");
    }
}

/// glibc's start of a new thread raced with seccomp: "rseq registration failed", about one time in two.
#[test]
fn the_watch_has_started_before_seccomp() {
    let folder = tempfile::tempdir().unwrap();
    let picture = png(folder.path(), "flat.png", 64, 64, |_, _| 0);
    for _ in 0..30 {
        assert!(matches!(look(&picture), Reading::Dark { .. }));
    }
}

#[test]
fn a_look_that_takes_too_long_ends_itself() {
    let folder = tempfile::tempdir().unwrap();
    // 49 megapixels take longer than a tenth of a second to decode.
    let large = png(folder.path(), "large.png", 7000, 7000, |x, _| x as u8);
    let reason = reason(look_with(&large, &["--deadline", "0.1"]).reading);
    assert!(reason.contains("longer than 0.1 s"), "{reason}");
}

/// Frames made from FER2013's PublicTest; not ours to give away, so they are looked for beside the repository.
#[test]
fn each_emotion_is_recognised_more_often_than_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/faces");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no ../shared/data/faces");
        return;
    }
    let (mut right, mut all, mut valence) = (0, 0, 0);
    for emotion in Emotion::ALL {
        for number in 1..=3 {
            let path = folder.join(format!("{emotion}-{number}.jpg"));
            let Reading::Face {
                distribution,
                affect,
                ..
            } = look(&path)
            else {
                panic!("{}", path.display())
            };
            all += 1;
            right += usize::from(distribution.top().0 == emotion);
            let expected = moodlark_core::Affect::of(emotion).valence;
            valence += usize::from((affect.valence - expected).abs() < 0.35);
        }
    }
    assert!(
        right * 10 >= all * 8 && valence * 10 >= all * 8,
        "{right} and {valence} of {all}"
    );
}

#[test]
fn a_map_is_written_to_the_path_that_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.png");
    let (picture, target) = (astronaut(), map.to_str().unwrap());
    let picture = picture.to_str().unwrap();
    let explained = |target: &str| {
        sense(&[
            "--once",
            "--explain",
            "--pictures",
            picture,
            "--map",
            target,
        ])
    };

    let output = explained(target);
    let account = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(account.contains("where `happy` was seen"), "{account}");
    assert!(std::fs::read(&map).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        1,
        "nothing is left beside it"
    );

    let nowhere = folder.path().join("no/such/folder.png");
    let output = explained(nowhere.to_str().unwrap());
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write"));
}

#[test]
fn no_map_is_made_without_a_face_or_of_a_camera() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.png");
    let text = folder.path().join("text.jpg");
    std::fs::write(&text, "no picture").unwrap();
    let (map_path, text) = (map.to_str().unwrap(), text.to_str().unwrap());
    let output = sense(&["--once", "--explain", "--pictures", text, "--map", map_path]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no map was made"));
    assert!(!map.exists());
    for arguments in [
        &["--once", "--explain", "--map", map_path][..],
        &["--once", "--explain", "--device", "auto", "--map", map_path],
    ] {
        assert_eq!(sense(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
