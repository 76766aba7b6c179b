use proptest::prelude::*;

use super::*;
use crate::reading::Quality;

const MINUTE: i64 = 60_000;

fn face(emotion: Emotion, p: f64) -> Reading {
    let distribution = Distribution::certain(emotion).mix(&Distribution::UNIFORM, 1.0 - p);
    let quality = Quality {
        overall: 0.8,
        ..Quality::default()
    };
    Reading::Face {
        distribution,
        affect: Affect::expected(&distribution),
        quality,
        faces: 1,
    }
}

fn fresh() -> MoodFilter {
    MoodFilter::new(&MoodSettings::default(), ExpressionModel::default())
}

fn at(minutes: i64) -> Timestamp {
    Timestamp(1_700_000_000_000 + minutes * MINUTE)
}

#[test]
fn without_a_look_the_mood_is_unknown() {
    let mood = fresh().mood(at(0));
    assert_eq!((mood.label, mood.source), (None, MoodSource::None));
}

#[test]
fn looks_that_failed_say_nothing() {
    let mut filter = fresh();
    let failed = [
        Reading::Dark { brightness: 0.0 },
        Reading::Busy,
        Reading::Unplugged,
        Reading::Denied,
    ];
    for (i, reading) in failed.iter().enumerate() {
        filter.observe(reading, at(5 * i as i64));
    }
    assert_eq!(filter.mood(at(20)).source, MoodSource::None);
    assert_eq!(
        filter.state.belief.map(|p| (p * 1e9).round()),
        PRIOR.map(|p| (p * 1e9).round())
    );
}

#[test]
fn each_expression_seen_again_and_again_becomes_the_mood() {
    for emotion in Emotion::ALL {
        let mut filter = fresh();
        for i in 0..8 {
            filter.observe(&face(emotion, 0.8), at(5 * i));
        }
        let mood = filter.mood(at(36));
        assert_eq!(
            (mood.label, mood.source),
            (Some(emotion), MoodSource::Camera),
            "{mood:?}"
        );
    }
}

#[test]
fn a_neutral_face_is_weak_evidence_against_a_mood() {
    let mut filter = fresh();
    for i in 0..4 {
        filter.observe(&face(Emotion::Sad, 0.9), at(5 * i));
    }
    let before = filter.mood(at(15));
    assert_eq!(before.label, Some(Emotion::Sad));
    filter.observe(&face(Emotion::Neutral, 0.9), at(20));
    assert_eq!(
        filter.mood(at(20)).label,
        Some(Emotion::Sad),
        "one neutral face ends no sadness"
    );
    for i in 5..16 {
        filter.observe(&face(Emotion::Neutral, 0.9), at(5 * i));
    }
    assert_eq!(
        filter.mood(at(76)).label,
        Some(Emotion::Neutral),
        "an hour of them does"
    );
}

#[test]
fn looks_in_the_same_second_are_one_look() {
    let (mut often, mut once) = (fresh(), fresh());
    once.observe(&face(Emotion::Sad, 0.6), at(0));
    for ms in 0..50 {
        often.observe(&face(Emotion::Sad, 0.6), Timestamp(at(0).0 + ms));
    }
    let (often, once) = (often.mood(at(0)), once.mood(at(0)));
    assert!(
        (often.confidence - once.confidence).abs() < 0.02,
        "{often:?} {once:?}"
    );
}

#[test]
fn a_worse_picture_counts_for_less() {
    let belief_after = |overall: f64| {
        let mut filter = fresh();
        let mut reading = face(Emotion::Sad, 0.9);
        if let Reading::Face { quality, .. } = &mut reading {
            quality.overall = overall;
        }
        filter.observe(&reading, at(0));
        filter.mood(at(0)).distribution.get(Emotion::Sad)
    };
    assert!(belief_after(0.8) > belief_after(0.3) && belief_after(0.3) > belief_after(0.05));
    assert!((belief_after(f64::NAN) - belief_after(0.0)).abs() < 1e-9);
}

#[test]
fn an_empty_chair_is_unknown_within_half_an_hour() {
    let (mut left, mut stayed) = (fresh(), fresh());
    for i in 0..4 {
        left.observe(&face(Emotion::Happy, 0.9), at(5 * i));
        stayed.observe(&face(Emotion::Happy, 0.9), at(5 * i));
    }
    left.observe(&Reading::NoFace, at(20));
    stayed.observe(&Reading::Busy, at(20));
    assert_eq!(
        left.mood(at(20)).label,
        Some(Emotion::Happy),
        "bending down for a pen changes nothing"
    );
    assert_eq!(left.mood(at(50)).label, None);
    let happy = |filter: &mut MoodFilter| filter.mood(at(50)).distribution.get(Emotion::Happy);
    assert!(happy(&mut left) < happy(&mut stayed));
}

#[test]
fn what_the_user_says_outranks_the_camera_and_fades() {
    let mut filter = fresh();
    filter.report(Report::Label(Emotion::Sad), at(0));
    for i in 0..9 {
        filter.observe(&face(Emotion::Happy, 0.95), at(5 * i));
    }
    let mood = filter.mood(at(40));
    assert_eq!(
        (mood.label, mood.source),
        (Some(Emotion::Sad), MoodSource::Report)
    );
    assert!(mood.affect.valence < 0.0);
    for i in 9..40 {
        filter.observe(&face(Emotion::Happy, 0.95), at(5 * i));
    }
    let mood = filter.mood(at(196));
    assert_eq!(
        (mood.label, mood.source),
        (Some(Emotion::Happy), MoodSource::Camera)
    );
}

#[test]
fn a_forgotten_report_leaves_no_trace() {
    let (mut with, mut without) = (fresh(), fresh());
    for filter in [&mut with, &mut without] {
        for i in 0..5 {
            filter.observe(&face(Emotion::Happy, 0.9), at(5 * i));
        }
    }
    with.report(Report::Label(Emotion::Angry), at(21));
    assert_eq!(with.mood(at(21)).label, Some(Emotion::Angry));
    with.forget_report(at(22));
    let (with, without) = (with.mood(at(22)), without.mood(at(22)));
    assert_eq!((with.label, with.source), (without.label, without.source));
    assert!((with.confidence - without.confidence).abs() < 1e-9);
}

#[test]
fn a_reported_point_is_the_affect() {
    let mut filter = fresh();
    filter.report(Report::Affect(Affect::new(-0.6, -0.3)), at(0));
    let mood = filter.mood(at(0));
    assert_eq!(mood.label, Some(Emotion::Sad));
    assert!(mood.affect.distance(Affect::new(-0.6, -0.3)) < 1e-9);
}

#[test]
fn a_resting_face_that_looks_sad_is_no_sadness() {
    let model = ExpressionModel::default();
    let resting = Distribution::from_weights([0.05, 0.01, 0.05, 0.02, 0.55, 0.02, 0.3]).unwrap();
    let reading = Reading::Face {
        distribution: resting,
        affect: Affect::default(),
        quality: Quality {
            overall: 0.8,
            ..Quality::default()
        },
        faces: 1,
    };
    let sadness = |baseline| {
        let mut filter = MoodFilter::new(&MoodSettings::default(), model.clone());
        filter.set_baseline(baseline);
        for i in 0..10 {
            filter.observe(&reading, at(5 * i));
        }
        filter.mood(at(45))
    };
    assert_eq!(sadness(None).label, Some(Emotion::Sad));
    assert_ne!(
        sadness(Some(Baseline {
            resting,
            looks: 100.0
        }))
        .label,
        Some(Emotion::Sad)
    );
}

#[test]
fn since_is_when_the_label_came() {
    let mut filter = fresh();
    for i in 0..12 {
        filter.observe(&face(Emotion::Happy, 0.9), at(5 * i));
    }
    let since = filter.mood(at(56)).since;
    assert!(since >= at(0) && since <= at(10), "{since:?}");
    filter.report(Report::Label(Emotion::Happy), at(60));
    assert_eq!(filter.mood(at(61)).since, since, "the same label goes on");
}

#[test]
fn a_kept_state_goes_on_as_if_nothing_happened() {
    let mut filter = fresh();
    for i in 0..5 {
        filter.observe(&face(Emotion::Sad, 0.9), at(5 * i));
    }
    filter.report(Report::Affect(Affect::new(0.3, 0.2)), at(22));
    let json = serde_json::to_string(&filter.state()).unwrap();
    let mut back = fresh();
    back.restore(serde_json::from_str(&json).unwrap(), at(23))
        .unwrap();
    let (back, there) = (back.mood(at(30)), filter.mood(at(30)));
    assert_eq!(
        (back.label, back.since, back.source),
        (there.label, there.since, there.source)
    );
    // JSON may round the last digit.
    assert!(
        (back.confidence - there.confidence).abs() < 1e-12
            && back.affect.distance(there.affect) < 1e-12
    );
}

#[test]
fn a_kept_state_that_is_nonsense_is_refused() {
    let mut filter = fresh();
    filter.observe(&face(Emotion::Sad, 0.9), at(0));
    let good = filter.state();
    let refused = |state: &FilterState, now| fresh().restore(state.clone(), now).unwrap_err();
    assert!(fresh().restore(good.clone(), at(0)).is_ok());
    assert_eq!(refused(&good, at(-1)), BadState::Future);
    for belief in [
        [f64::NAN; 7],
        [0.0; 7],
        [0.9; 7],
        [-1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ] {
        assert_eq!(
            refused(
                &FilterState {
                    belief,
                    ..good.clone()
                },
                at(0)
            ),
            BadState::Distribution
        );
    }
    for looks in [f64::NAN, -1.0, f64::INFINITY] {
        assert_eq!(
            refused(
                &FilterState {
                    looks,
                    ..good.clone()
                },
                at(0)
            ),
            BadState::Range
        );
    }
    let json = serde_json::to_string(&good).unwrap();
    assert!(
        serde_json::from_str::<FilterState>(&json.replacen('[', "[0.0,", 1)).is_err(),
        "eight moods"
    );
    assert!(serde_json::from_str::<FilterState>("{}").is_err());
}

#[test]
fn a_matrix_that_is_none_is_refused() {
    assert!(ExpressionModel::new([[0.0; 7]; 7], None, None).is_err());
    assert!(ExpressionModel::new([[f64::NAN; 7]; 7], None, None).is_err());
    assert!(ExpressionModel::new([[1.0; 7]; 7], Some([0.0; 7]), None).is_err());
    assert!(ExpressionModel::new([[1.0; 7]; 7], None, Some([-1.0; 7])).is_err());
    let json = serde_json::json!({ "confusion": vec![[1.0; 7]; 6] }).to_string();
    assert!(
        serde_json::from_str::<ExpressionModel>(&json).is_err(),
        "six rows"
    );
    let json = serde_json::json!({ "confusion": vec![[10; 7]; 7], "name": "x" }).to_string();
    assert!(
        serde_json::from_str::<ExpressionModel>(&json).is_ok(),
        "counts, and other keys of a card"
    );
}

fn any_reading() -> impl Strategy<Value = Reading> {
    let any_face = (prop::array::uniform7(0.0..1.0f64), -0.5..2.0f64).prop_filter_map(
        "all zero",
        |(w, overall)| {
            let distribution = Distribution::from_weights(w.map(|x| x * x * x)).ok()?;
            let quality = Quality {
                overall,
                ..Quality::default()
            };
            Some(Reading::Face {
                distribution,
                affect: Affect::default(),
                quality,
                faces: 1,
            })
        },
    );
    prop_oneof![
        6 => any_face,
        2 => (0usize..7).prop_map(|i| Reading::Face {
            distribution: Distribution::certain(Emotion::ALL[i]),
            affect: Affect::default(),
            quality: Quality { overall: 1.0, ..Quality::default() },
            faces: 1,
        }),
        2 => Just(Reading::NoFace),
        1 => Just(Reading::Busy),
    ]
}

#[derive(Debug, Clone)]
enum Op {
    Look(Reading),
    Say(Report),
    Forget,
    Baseline(Option<Baseline>),
}

fn any_op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => any_reading().prop_map(Op::Look),
        1 => (0usize..7).prop_map(|i| Op::Say(Report::Label(Emotion::ALL[i]))),
        1 => (-2.0..2.0f64, -2.0..2.0f64).prop_map(|(valence, arousal)| Op::Say(Report::Affect(Affect { valence, arousal }))),
        1 => Just(Op::Forget),
        1 => (0usize..7, 0.0..1e9f64).prop_map(|(i, looks)| {
            Op::Baseline(Some(Baseline { resting: Distribution::certain(Emotion::ALL[i]), looks }))
        }),
        1 => Just(Op::Baseline(None)),
    ]
}

/// Steps of seconds to weeks, forwards and backwards, and jumps to the ends of time.
fn any_time() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..3_600_000i64, 2 => -3_600_000..0i64, 1 => -1_000_000_000..2_000_000_000i64, 1 => any::<i64>()]
}

proptest! {
    #[test]
    fn whatever_happens_the_mood_is_a_valid_one(
        ops in prop::collection::vec((any_op(), any_time()), 1..60),
        half_life in 0u64..100_000, shows in prop::num::f64::ANY,
        min_confidence in prop::num::f64::ANY, hysteresis in prop::num::f64::ANY,
    ) {
        let settings = MoodSettings {
            half_life: Duration::from_secs(half_life), shows, min_confidence, hysteresis, ..MoodSettings::default()
        };
        let mut filter = MoodFilter::new(&settings, ExpressionModel::default());
        let mut now = at(0);
        for (op, step) in ops {
            now = Timestamp(now.0.saturating_add(step));
            match op {
                Op::Look(reading) => {
                    let speaks = filter.observe(&reading, now);
                    prop_assert!((0.0..=1.0 + 1e-9).contains(&speaks));
                }
                Op::Say(report) => filter.report(report, now),
                Op::Forget => filter.forget_report(now),
                Op::Baseline(baseline) => filter.set_baseline(baseline),
            }
            let mood = filter.mood(now);
            let p = mood.distribution.as_array();
            prop_assert!(p.iter().all(|p| p.is_finite() && *p >= 0.0) && (p.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!((0.0..=1.0 + 1e-9).contains(&mood.confidence));
            prop_assert!(mood.affect.valence.abs() <= 1.0 && mood.affect.arousal.abs() <= 1.0);
            prop_assert!(mood.since <= now);
            let state = filter.state();
            let json = serde_json::to_string(&state).unwrap();
            prop_assert!(fresh().restore(serde_json::from_str(&json).unwrap(), now).is_ok(), "{json}");
        }
    }

    #[test]
    fn asking_more_often_changes_nothing(
        readings in prop::collection::vec((any_reading(), 1i64..3_600_000), 1..20),
        mut asked in prop::collection::vec(0i64..1000, 0..20),
    ) {
        asked.sort_unstable();
        let (mut quiet, mut asking) = (fresh(), fresh());
        let mut now = at(0);
        for (reading, step) in readings {
            for part in &asked {
                // Only the belief: the label may come or go at the moment that it is asked for.
                let _ = asking.mood(Timestamp(now.0 + step * part / 1000));
            }
            now = Timestamp(now.0 + step);
            quiet.observe(&reading, now);
            asking.observe(&reading, now);
        }
        for (a, b) in quiet.mood(now).distribution.as_array().iter().zip(asking.mood(now).distribution.as_array()) {
            prop_assert!((a - b).abs() < 1e-6);
        }
    }
}
