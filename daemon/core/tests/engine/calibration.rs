//! Learning the resting face: what it takes, what it changes, and that it says nothing of the mood.

use std::time::Duration;

use moodlark_core::{
    Distribution, Emotion, Now, Reading, Timestamp,
    engine::{Calibrated, Effect, Engine, Event, NotCalibrated, Refusal, Request, State},
    filter::ExpressionModel,
    gates::{Finding, Gate},
    settings::{CameraSettings, Settings},
};

use crate::stage::seen;

const SPAN: Duration = Duration::from_secs(20);

fn at(seconds: i64) -> Now {
    Now::utc(Timestamp(1_760_000_000_000 + seconds * 1000))
}

fn settings() -> Settings {
    Settings {
        camera: CameraSettings {
            enabled: true,
            only_while_playing: false,
            ..CameraSettings::default()
        },
        ..Settings::default()
    }
}

fn engine() -> Engine {
    Engine::new(
        settings(),
        ExpressionModel::default(),
        State::default(),
        at(0),
    )
}

/// A face that looks sad although it rests.
fn drooping() -> Reading {
    let mut weights = [0.02; 7];
    weights[Emotion::Sad.index()] = 0.6;
    weights[Emotion::Neutral.index()] = 0.3;
    seen(Distribution::from_weights(weights).unwrap())
}

/// Answers what the engine asks about the gates: nothing keeps the camera closed.
fn open_gates(engine: &mut Engine, effects: Vec<Effect>, now: Now) -> Vec<Effect> {
    if !effects.contains(&Effect::Ask) {
        return effects;
    }
    let clear = Gate::ALL.into_iter().filter(|gate| gate.is_asked());
    engine.handle(
        Event::Asked(clear.map(|gate| (gate, Finding::Clear)).collect()),
        now,
    )
}

fn outcome(effects: &[Effect]) -> Option<Result<Calibrated, NotCalibrated>> {
    effects.iter().find_map(|effect| match effect {
        Effect::Calibrated(outcome) => Some(outcome.clone()),
        _ => None,
    })
}

/// Calibrates with one reading a second; what it answers, and how many looks it took.
fn calibrated(
    engine: &mut Engine,
    reading: impl Fn(i64) -> Option<Reading>,
) -> (Result<Calibrated, NotCalibrated>, u32) {
    let mut effects = engine.request(Request::Calibrate(SPAN), at(10)).unwrap();
    for second in 1.. {
        effects = open_gates(engine, effects, at(9 + second));
        assert!(
            effects.contains(&Effect::Look),
            "it must look on: {effects:?}"
        );
        effects = engine.handle(Event::Looked(reading(second)), at(10 + second));
        if let Some(outcome) = outcome(&effects) {
            return (outcome, second as u32);
        }
    }
    unreachable!()
}

#[test]
fn a_drooping_face_at_rest_is_learnt_and_reads_neutral_from_then_on() {
    let mut engine = engine();
    let (outcome, looks) = calibrated(&mut engine, |_| Some(drooping()));
    let learnt = outcome.unwrap();
    assert_eq!((learnt.faces, looks), (20, 20));
    assert_eq!(learnt.resting.top().0, Emotion::Sad);
    assert_eq!(
        learnt.corrected.top().0,
        Emotion::Neutral,
        "{}",
        learnt.sentence()
    );
    assert!(learnt.sentence().contains("looked sad"));

    // It is kept over a restart, and can be forgotten.
    let state: State =
        serde_json::from_str(&serde_json::to_string(engine.state()).unwrap()).unwrap();
    let mut next = Engine::new(settings(), ExpressionModel::default(), state, at(60));
    // (It is written with four digits.)
    assert_eq!(next.baseline().map(|b| b.looks), Some(20.0));
    next.request(Request::ForgetBaseline, at(61)).unwrap();
    assert_eq!(next.state().baseline, None);
}

#[test]
fn a_calibration_says_nothing_of_the_mood() {
    let mut engine = engine();
    let before = engine.view(at(10)).mood;
    let mut asked = engine.request(Request::Calibrate(SPAN), at(10)).unwrap();
    for second in 1..=20 {
        open_gates(&mut engine, asked, at(9 + second));
        let effects = engine.handle(Event::Looked(Some(drooping())), at(10 + second));
        let kept_out = |e: &Effect| {
            !matches!(
                e,
                Effect::Journal(_) | Effect::MoodChanged(_) | Effect::Perform(..)
            )
        };
        assert!(effects.iter().all(kept_out), "{effects:?}");
        asked = effects;
    }
    let after = engine.view(at(31)).mood;
    assert_eq!(before.label, after.label);
    assert_eq!(before.distribution.top().0, after.distribution.top().0);
}

#[test]
fn too_few_faces_are_no_baseline() {
    let mut engine = engine();
    let (outcome, _) = calibrated(&mut engine, |second| {
        Some(if second <= 2 {
            drooping()
        } else {
            Reading::NoFace
        })
    });
    assert!(
        matches!(outcome, Err(NotCalibrated::TooFewFaces { faces: 2, .. })),
        "{outcome:?}"
    );
    assert_eq!(engine.baseline(), None);
}

#[test]
fn a_pause_ends_a_calibration_and_trouble_does_too() {
    let mut engine = engine();
    let asked = engine.request(Request::Calibrate(SPAN), at(10)).unwrap();
    open_gates(&mut engine, asked, at(10));
    let effects = engine.request(Request::Pause(None), at(11)).unwrap();
    assert!(effects.contains(&Effect::StopLook));
    let effects = engine.handle(Event::Looked(None), at(12));
    assert_eq!(outcome(&effects), Some(Err(NotCalibrated::Stopped)));
    assert!(!effects.contains(&Effect::Look), "{effects:?}");

    engine.request(Request::Resume, at(13)).unwrap();
    let (outcome, looks) = calibrated(&mut engine, |_| Some(Reading::Unplugged));
    assert_eq!(
        (outcome, looks),
        (
            Err(NotCalibrated::Trouble {
                reading: Reading::Unplugged
            }),
            1
        )
    );
}

#[test]
fn no_calibration_without_consent_or_during_a_look() {
    let mut off = Engine::new(
        Settings::default(),
        ExpressionModel::default(),
        State::default(),
        at(0),
    );
    let long = Duration::from_secs(121);
    let asked = off.request(Request::Calibrate(long), at(1));
    assert_eq!(asked, Err(Refusal::CalibrationSpan { span: long }));
    let asked = off.request(Request::Calibrate(SPAN), at(1));
    assert_eq!(asked, Err(Refusal::CameraOff));
    let mut engine = engine();
    engine.request(Request::Look, at(1)).unwrap();
    let asked = engine.request(Request::Calibrate(SPAN), at(2));
    assert_eq!(asked, Err(Refusal::Looking));
}

#[test]
fn a_gate_that_closes_ends_a_calibration() {
    // Before the look, by what the gates answer …
    let mut engine = engine();
    engine.request(Request::Calibrate(SPAN), at(10)).unwrap();
    let in_a_call = Event::Asked(vec![(Gate::Call, Finding::Holds)]);
    let effects = engine.handle(in_a_call, at(10));
    assert_eq!(outcome(&effects), Some(Err(NotCalibrated::Stopped)));

    // … and while it is asked, by a signal.
    let mut engine = self::engine();
    engine.request(Request::Calibrate(SPAN), at(10)).unwrap();
    let effects = engine.handle(Event::Gate(Gate::Locked, Finding::Holds), at(10));
    assert_eq!(outcome(&effects), Some(Err(NotCalibrated::Stopped)));
    assert!(!effects.contains(&Effect::Look));
}
