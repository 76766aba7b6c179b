use proptest::prelude::*;

use super::*;
use crate::library::chance::Chance;

const NONE: Treatment = Treatment::None;
const CALM: Treatment = Treatment::List {
    kind: Kind::Calm,
    propensity: 0.6,
};

/// Two episodes a day in turns, one with a list and one without; the true valence is the same all
/// along, and each reading of it errs. Only low readings are called sad, so all seem to rise.
fn regressing(episodes: i64, lift: f64, seed: u64) -> Vec<Episode> {
    let mut chance = Chance::new(seed);
    let mut all = Vec::new();
    while (all.len() as i64) < episodes {
        let before = -0.2 + 0.2 * chance.normal();
        if before > -0.4 {
            continue;
        }
        let n = all.len() as i64;
        let list = n % 2 == 0;
        let gain = if list { lift } else { 0.0 };
        all.push(Episode {
            at: Timestamp(n * DAY / 2),
            mood: Emotion::Sad,
            before: Affect::new(before, 0.0),
            after: Affect::new(-0.2 + gain + 0.2 * chance.normal(), 0.0),
            treatment: if list { CALM } else { NONE },
        });
    }
    all
}

fn only(episodes: &[Episode]) -> Estimate {
    let lifts = Lifts::of(episodes);
    assert_eq!(lifts.0.len(), 1);
    lifts.0[0]
}

#[test]
fn going_back_to_the_middle_is_no_effect() {
    let episodes = regressing(120, 0.0, 1);
    let lists = episodes.iter().filter(|episode| episode.treatment == CALM);
    let rise = lists.map(|episode| episode.after.valence - episode.before.valence);
    assert!(rise.sum::<f64>() / 60.0 > 0.25);
    let estimate = only(&episodes);
    assert!(
        estimate.valence.abs() < 0.1 && !estimate.certain,
        "{estimate:?}"
    );
    assert_eq!(Lifts(vec![estimate]).bonus(Emotion::Sad, Kind::Calm), 0.0);
    assert!(estimate.sentence().ends_with("n = 60, uncertain"));
    assert!(!estimate.sentence().contains("lifts"));
}

#[test]
fn a_lift_is_found_and_told() {
    let estimate = only(&regressing(120, 0.2, 1));
    assert!(
        (estimate.valence - 0.2).abs() < 0.1 && estimate.certain,
        "{estimate:?}"
    );
    assert_eq!(
        estimate.sentence(),
        "calm music lifts you when you are sad: +0.2 valence, n = 60"
    );
    let lifts = Lifts(vec![estimate]);
    assert!(lifts.bonus(Emotion::Sad, Kind::Calm) > 0.05);
    assert_eq!(lifts.bonus(Emotion::Sad, Kind::Tense), 0.0);
    assert_eq!(lifts.bonus(Emotion::Happy, Kind::Calm), 0.0);
}

#[test]
fn the_mood_afterwards_is_that_of_20_to_40_minutes_later() {
    let at = Timestamp(7);
    let later =
        |minutes: i64, valence: f64| (Timestamp(7 + minutes * 60_000), Affect::new(valence, 0.1));
    let moods = [
        later(19, 1.0),
        later(20, 0.2),
        later(40, 0.4),
        later(41, -1.0),
    ];
    let after = afterwards(at, moods).unwrap();
    assert!((after.valence - 0.3).abs() < 1e-12);
    assert_eq!(afterwards(at, [later(5, 0.0)]), None);
}

#[test]
fn too_little_is_no_estimate() {
    assert_eq!(Lifts::of(&regressing(8, 0.2, 1)), Lifts::default());
    // Enough lists, but nothing to compare them with.
    let mut lists = regressing(60, 0.2, 1);
    lists.retain(|episode| episode.treatment == CALM);
    assert_eq!(Lifts::of(&lists), Lifts::default());
}

#[test]
fn one_good_day_is_not_thirty_good_hours() {
    let spread = regressing(60, 0.2, 3);
    let mut crowded = spread.clone();
    for (i, episode) in (0..).zip(&mut crowded) {
        // The same numbers on four days, and a day has its own luck.
        episode.at = Timestamp((i % 4) * DAY + i);
        let luck = if i % 4 == 0 { 0.2 } else { -0.1 };
        episode.after = Affect::new(episode.after.valence + luck, 0.0);
    }
    let width = |episodes: &[Episode]| {
        let (low, high) = only(episodes).interval;
        high - low
    };
    // With lists on two of the four days only there is none; with both on all four it is wide.
    for (i, episode) in (0..).zip(&mut crowded) {
        episode.treatment = if i / 4 % 2 == 0 { CALM } else { NONE };
    }
    assert!(width(&crowded) > 1.5 * width(&spread));
}

proptest! {
    #[test]
    fn wild_episodes_give_finite_estimates(
        episodes in prop::collection::vec(
            (any::<i64>(), 0..7_usize, any::<f64>(), -1.0..1.0, prop::option::of((0..4_usize, any::<f64>()))),
            0..200,
        ),
    ) {
        let episodes: Vec<Episode> = episodes.into_iter().map(|(at, mood, before, after, list)| Episode {
            at: Timestamp(at),
            mood: Emotion::ALL[mood % 2],
            before: Affect { valence: before, arousal: f64::NAN },
            after: Affect::new(after, 0.0),
            treatment: list.map_or(NONE, |(kind, propensity)| Treatment::List { kind: Kind::ALL[kind], propensity }),
        }).collect();
        for estimate in Lifts::of(&episodes).0 {
            prop_assert!(estimate.interval.0 <= estimate.valence && estimate.valence <= estimate.interval.1);
            prop_assert!(!estimate.sentence().is_empty());
        }
    }
}
