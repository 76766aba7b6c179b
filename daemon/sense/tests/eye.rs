//! Finding and straightening, on the portrait: tilted, small, off to a side, followed through a burst.
#![allow(clippy::unwrap_used)] // the helpers are parts of tests too

use std::path::Path;

use moodlark_core::Emotion;
use moodlark_sense::{
    burst::{Observation, SeveralFaces},
    decode,
    eye::Eye,
    face::FaceBox,
    luma::Luma,
    search::Search,
};

/// Where the portrait's face is, and how large, in its own pixels.
const FACE: (f32, f32, f32) = (343.0, 185.0, 154.0);

fn portrait() -> Luma {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/astronaut.jpg");
    decode::picture(&std::fs::read(path).unwrap()).unwrap()
}

/// A frame of 640×480 with the portrait's face at a place, so many pixels wide, tilted; its surround grows and turns with it.
fn frame(portrait: &Luma, (x, y): (f32, f32), pixels: f32, tilt: f32) -> Luma {
    let (sin, cos) = tilt.to_radians().sin_cos();
    let scale = FACE.2 / pixels;
    let at = |column: usize, row: usize| {
        let (dx, dy) = (
            (column as f32 + 0.5 - x) * scale,
            (row as f32 + 0.5 - y) * scale,
        );
        let (u, v) = (FACE.0 + dx * cos + dy * sin, FACE.1 + dy * cos - dx * sin);
        portrait.between(u, v) as u8
    };
    let data = (0..480)
        .flat_map(|row| (0..640).map(move |column| (column, row)))
        .map(|(column, row)| at(column, row))
        .collect();
    Luma::new(640, 480, data).unwrap()
}

fn seen(eye: &mut Eye, frame: &Luma) -> Observation {
    eye.observe(frame, &mut Search::new(SeveralFaces::Largest))
        .unwrap()
}

fn face(observation: &Observation) -> FaceBox {
    observation.read.unwrap().face
}

fn near(face: &FaceBox, (x, y): (f32, f32), pixels: f32) -> bool {
    let (cx, cy) = face.centre();
    (cx - x).abs() < pixels * 0.25 && (cy - y).abs() < pixels * 0.25
}

#[test]
fn a_tilted_face_is_read_as_an_upright_one() {
    let (portrait, mut eye) = (portrait(), Eye::load().unwrap());
    let upright = frame(&portrait, (320.0, 240.0), 154.0, 0.0);
    let face_upright = face(&seen(&mut eye, &upright));
    // Coarse, so that a degree or a pixel more or less does not count.
    let crop = upright.crop(&face_upright, 1.1, 16);
    for tilt in [-30.0f32, -15.0, 15.0, 30.0] {
        let tilted = frame(&portrait, (320.0, 240.0), 154.0, tilt);
        let observation = seen(&mut eye, &tilted);
        let found = face(&observation);
        let off = found.roll - face_upright.roll - tilt.to_radians();
        assert!(off.to_degrees().abs() < 8.0, "{tilt}: {found:?}");
        let turned = tilted.crop(&found, 1.1, 16);
        let likeness = correlation(crop.values(), turned.values());
        let as_it_lies = FaceBox { roll: 0.0, ..found };
        let unturned = tilted.crop(&as_it_lies, 1.1, 16);
        let gain = likeness - correlation(crop.values(), unturned.values());
        let least = if tilt.abs() < 20.0 { 0.0 } else { 0.1 };
        assert!(
            likeness > 0.75 && gain > least,
            "{tilt}: {likeness}, {gain}"
        );
        let raw = observation.read.unwrap().raw;
        assert_eq!(eye.calibrated(&raw).top().0, Emotion::Happy);
    }
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let mean = |v: &[f32]| v.iter().sum::<f32>() / v.len() as f32;
    let (of_a, of_b) = (mean(a), mean(b));
    let product = |x: &[f32], y: &[f32], mx: f32, my: f32| -> f32 {
        x.iter().zip(y).map(|(p, q)| (p - mx) * (q - my)).sum()
    };
    product(a, b, of_a, of_b) / (product(a, a, of_a, of_a) * product(b, b, of_b, of_b)).sqrt()
}

#[test]
fn small_and_distant_faces_are_found_and_straightened() {
    let (portrait, mut eye) = (portrait(), Eye::load().unwrap());
    for (pixels, tilt) in [(110.0, 0.0f32), (110.0, 25.0), (80.0, 0.0)] {
        for place in [(320.0, 240.0), (150.0, 150.0), (500.0, 330.0)] {
            let observation = seen(&mut eye, &frame(&portrait, place, pixels, tilt));
            let found = face(&observation);
            assert!(
                near(&found, place, pixels),
                "{pixels} {tilt} {place:?}: {found:?}"
            );
            let off = found.roll.to_degrees() - tilt;
            assert!(off.abs() < 15.0, "{pixels} {tilt} {place:?}: {found:?}");
        }
    }
}

#[test]
fn a_face_is_followed_through_a_burst_and_found_again_elsewhere() {
    let (portrait, mut eye) = (portrait(), Eye::load().unwrap());
    let mut search = Search::new(SeveralFaces::Largest);
    let flat = Luma::new(640, 480, vec![128; 640 * 480]).unwrap();
    for (x, y) in [
        (200.0, 200.0),
        (220.0, 210.0),
        (240.0, 200.0),
        (480.0, 300.0),
    ] {
        let shown = frame(&portrait, (x, y), 130.0, 0.0);
        let observation = eye.observe(&shown, &mut search).unwrap();
        assert!(near(&face(&observation), (x, y), 130.0), "{x},{y}");
        assert_eq!(observation.people, 1);
    }
    let nobody = eye.observe(&flat, &mut search).unwrap();
    assert_eq!((nobody.people, nobody.read), (0, None));
}
