use proptest::prelude::*;

use super::*;
use crate::library::{Sound, sound::LENGTH};

fn track(id: i64, number: f32) -> Track {
    let mut numbers = [0.0; LENGTH];
    numbers[0] = number;
    Track {
        id,
        artist: None,
        album: None,
        valence: 0.0,
        arousal: 0.0,
        sound: Sound::from_numbers(&numbers).unwrap(),
        plays: 0,
        last_played: None,
        taste: TrackTaste::default(),
        liked: false,
    }
}

const PLAYED: Reward = Reward {
    value: 1.0,
    weight: 1.0,
};
const SKIPPED: Reward = Reward {
    value: 0.0,
    weight: 1.0,
};

fn reward(draw: &Draw, x: &Features, distance: f64, taste: TrackTaste) -> f64 {
    let subject = Subject {
        x,
        distance,
        taste,
        artist: None,
    };
    draw.rewards(std::iter::once(subject), &mut Chance::new(0))[0]
}

fn expected(taste: &Taste, track: &Track, distance: f64) -> f64 {
    let x = features(track, &Standing::default());
    let means = taste.means().into_iter();
    means
        .map(|(p, draw)| p * reward(&draw, &x, distance, track.taste))
        .sum()
}

#[test]
fn at_first_the_nearest_is_the_best() {
    let (taste, track) = (Taste::default(), track(1, 0.0));
    assert!(expected(&taste, &track, 0.1) > expected(&taste, &track, 0.4));
    assert!(taste.exploring() == 0.0);
}

#[test]
fn the_kind_is_learnt_from_other_tracks() {
    let mut taste = Taste::default();
    for id in 0..30 {
        let (number, reward) = if id % 2 == 0 {
            (1.5, PLAYED)
        } else {
            (-1.5, SKIPPED)
        };
        let _ = taste.learn(&track(id, number), &Standing::default(), Some(0.2), reward);
    }
    let (good, bad) = (track(100, 1.5), track(101, -1.5));
    assert!(expected(&taste, &good, 0.2) > expected(&taste, &bad, 0.2) + 0.3);
}

#[test]
fn a_track_that_is_unlike_its_kind_is_learnt_as_well() {
    let (mut taste, standing) = (Taste::default(), Standing::default());
    let (mut hit, mut miss) = (track(1, 0.5), track(2, 0.5));
    for _ in 0..20 {
        hit.taste = taste.learn(&hit, &standing, None, PLAYED);
        miss.taste = taste.learn(&miss, &standing, None, SKIPPED);
    }
    assert!(expected(&taste, &hit, 0.0) > expected(&taste, &miss, 0.0) + 0.6);
    assert!(taste.beliefs()[2] > 0.99, "{:?}", taste.beliefs());
}

#[test]
fn a_like_that_is_taken_back_leaves_no_trace() {
    let (mut taste, standing) = (Taste::default(), Standing::default());
    let mut liked = track(1, 0.5);
    liked.taste = taste.learn(&liked, &standing, Some(0.1), PLAYED);
    let before = expected(&taste, &liked, 0.1);
    for weight in [3.0, -3.0] {
        let reward = Reward { value: 1.0, weight };
        liked.taste = taste.learn(&liked, &standing, None, reward);
    }
    // All but the evidence for a model, which only grows by what it foretold.
    assert!((expected(&taste, &liked, 0.1) - before).abs() < 0.05);
    let stale = Reward {
        value: 1.0,
        weight: -3.0,
    };
    assert_eq!(taste.learn(&liked, &standing, None, stale), liked.taste);
}

#[test]
fn it_is_kept_and_read_again() {
    let mut taste = Taste::default();
    let _ = taste.learn(&track(1, 0.3), &Standing::default(), Some(0.1), PLAYED);
    let text = serde_json::to_string(&taste).unwrap();
    let again: Taste = serde_json::from_str(&text).unwrap();
    // Numbers are read to the last digit but one.
    let near = expected(&again, &track(2, 0.3), 0.1) - expected(&taste, &track(2, 0.3), 0.1);
    assert!(near.abs() < 1e-9 && again.plays() == 1.0);
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    let error = serde_json::from_str::<Taste>(&newer).unwrap_err();
    assert!(error.to_string().contains("version 2"), "{error}");
    let damaged = text.replacen("\"plays\":1.0", "\"plays\":-1.0", 1);
    assert!(serde_json::from_str::<Taste>(&damaged).is_err());
}

/// The sums per track against the posterior over all weights and tracks' numbers at once.
#[test]
fn the_posterior_is_exact() {
    let (mut taste, standing) = (Taste::default(), Standing::default());
    let mut tracks = [track(1, 0.7), track(2, -0.4)];
    let plays = [(0, 0.3, 0.9), (1, 0.1, 0.2), (0, 0.0, 0.4), (0, 0.5, 1.0)];
    for (which, distance, value) in plays {
        let reward = Reward { value, weight: 1.0 };
        let track = &mut tracks[which];
        track.taste = taste.learn(track, &standing, Some(distance), reward);
    }
    let spread = SPREADS[2];
    // Two of the weights stand in for the numbers of the tracks: features that nothing else uses.
    let mut prior = [(0.0, WEIGHT); DIM];
    (prior[0], prior[DIM - 1]) = (MEAN, DISTANCE);
    (prior[4], prior[5]) = ((0.0, spread), (0.0, spread));
    let mut joint = Gaussian::new(prior);
    for (which, distance, value) in plays {
        let mut x = features(&tracks[which], &standing);
        x[4 + which] = 1.0;
        x[DIM - 1] = -distance;
        joint.add(&x, NOISE.powi(-2), value);
    }
    let joint = joint.solve();
    let (_, mean) = &taste.means()[2];
    for (which, track) in tracks.iter().enumerate() {
        let mut x = features(track, &standing);
        let ours = reward(mean, &x, 0.2, track.taste);
        x[4 + which] = 1.0;
        x[DIM - 1] = -0.2;
        let theirs = dot(&x, &joint.mean);
        assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
    }
}

proptest! {
    #[test]
    fn wild_feedback_breaks_nothing(
        plays in prop::collection::vec(
            (0..4_usize, any::<f64>(), prop_oneof![0.0..1.0, any::<f64>()], prop_oneof![Just(1.0), -3.0..3.0, any::<f64>()]),
            0..40,
        ),
    ) {
        let (mut taste, standing) = (Taste::default(), Standing::default());
        let mut tracks: Vec<Track> = (0..4).map(|i| track(i, i as f32)).collect();
        for (which, distance, value, weight) in plays {
            let track = &mut tracks[which];
            let reward = Reward { value, weight: weight.clamp(-100.0, 100.0) };
            track.taste = taste.learn(track, &standing, Some(distance), reward);
            prop_assert!(taste.beliefs().iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!(expected(&taste, track, 0.3).is_finite());
        }
        let text = serde_json::to_string(&taste).unwrap();
        prop_assert!(serde_json::from_str::<Taste>(&text).is_ok());
    }
}
