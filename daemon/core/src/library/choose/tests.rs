mod rules;

use super::*;
use crate::{
    library::{Axis, Heard, Reference, Scale, Sound, TrackTaste, sound::LENGTH},
    time::Timestamp,
};

/// A library of so many tracks by so many artists, spread over the plane.
fn library(tracks: usize, artists: i64) -> (Vec<Track>, Standing) {
    let mut chance = Chance::new(7);
    let tracks: Vec<Track> = (0..tracks as i64)
        .map(|id| {
            let numbers: [f32; LENGTH] = std::array::from_fn(|_| chance.normal() as f32);
            Track {
                id,
                artist: (artists > 0).then(|| id % artists.max(1)),
                album: None,
                valence: chance.normal() as f32,
                arousal: chance.normal() as f32,
                sound: Sound::from_numbers(&numbers).unwrap(),
                plays: 0,
                last_played: None,
                taste: TrackTaste::default(),
                liked: false,
            }
        })
        .collect();
    let standing = standing(&tracks);
    (tracks, standing)
}

fn standing(tracks: &[Track]) -> Standing {
    let axis = |raw: &dyn Fn(&Track) -> f32| {
        let mut raw: Vec<f32> = tracks.iter().map(raw).filter(|x| x.is_finite()).collect();
        raw.sort_unstable_by(f32::total_cmp);
        Axis::of_sorted(&raw, Reference::default()).unwrap()
    };
    Standing {
        valence: axis(&|track| track.valence),
        arousal: axis(&|track| track.arousal),
        sound: Scale::over(tracks.iter().map(|track| &track.sound)),
    }
}

/// All that is known but the candidates.
#[derive(Default)]
struct World {
    standing: Standing,
    history: History,
    taste: Taste,
    lifts: Lifts,
}

impl World {
    fn choose(&self, request: &Request, tracks: &[Track], seed: u64) -> Vec<Pick> {
        let known = Known {
            standing: &self.standing,
            history: &self.history,
            taste: &self.taste,
            lifts: &self.lifts,
        };
        choose(request, tracks, known, seed)
    }

    /// Plays a list to its end.
    fn hear(&mut self, picks: &[Pick], tracks: &[Track]) {
        for pick in picks {
            let artist = tracks
                .iter()
                .find(|track| track.id == pick.track)
                .unwrap()
                .artist;
            self.history.heard.push(heard(pick.track, artist));
        }
        let id = ListId::of(picks.iter().map(|pick| pick.track));
        self.history.lists.push(id);
    }
}

fn heard(track: i64, artist: Option<i64>) -> Heard {
    Heard {
        track,
        artist,
        kind: Kind::Calm,
        at: Timestamp(0),
        weekday: Now::utc(Timestamp(0)).local.weekday,
        share: None,
    }
}

fn ask(target: Affect, length: usize) -> Request {
    Request {
        target,
        from: None,
        mood: None,
        length,
        now: Now::utc(Timestamp(0)),
    }
}

fn tracks_of(picks: &[Pick]) -> Vec<i64> {
    picks.iter().map(|pick| pick.track).collect()
}

#[test]
fn with_nothing_learnt_the_nearest_are_chosen() {
    let (tracks, standing) = library(1000, 200);
    let world = World {
        standing,
        ..World::default()
    };
    let request = ask(Affect::new(0.4, -0.6), 20);
    let picks = world.choose(&request, &tracks, 1);
    assert_eq!(picks.len(), 20);
    let mean = picks.iter().map(|pick| pick.distance).sum::<f64>() / 20.0;
    // Twenty nearest of a thousand lie within 0.16; jitter takes some from a little further off.
    assert!(mean < 0.25, "{mean}");
    assert!(picks.iter().filter(|pick| pick.kind == Kind::Calm).count() >= 15);
    assert_eq!(picks[0].why.sentence(), "calm, as the mood asks for");
}

#[test]
fn the_order_of_the_candidates_does_not_matter() {
    let (mut tracks, standing) = library(300, 40);
    let world = World {
        standing,
        ..World::default()
    };
    let request = ask(Affect::new(-0.2, 0.1), 15);
    let forwards = world.choose(&request, &tracks, 3);
    tracks.reverse();
    assert_eq!(world.choose(&request, &tracks, 3), forwards);
    assert_ne!(
        tracks_of(&world.choose(&request, &tracks, 4)),
        tracks_of(&forwards)
    );
}

#[test]
fn a_day_of_lists_from_a_small_library_has_no_list_twice() {
    let (tracks, standing) = library(12, 3);
    let mut world = World {
        standing,
        ..World::default()
    };
    for round in 0..30 {
        // The same seed each time is the worst case.
        let picks = world.choose(&ask(Affect::default(), 12), &tracks, 5);
        assert!(!picks.is_empty());
        let id = ListId::of(tracks_of(&picks));
        assert!(!world.history.lists.contains(&id), "round {round}");
        world.hear(&picks, &tracks);
    }
}

#[test]
fn one_track_is_a_list_and_none_is_none() {
    let (tracks, standing) = library(1, 1);
    let mut world = World {
        standing,
        ..World::default()
    };
    let request = ask(Affect::new(0.9, 0.9), 20);
    for _ in 0..3 {
        let picks = world.choose(&request, &tracks, 1);
        assert_eq!(tracks_of(&picks), [0]);
        assert!((picks[0].propensity - 1.0).abs() < 1e-9);
        world.hear(&picks, &tracks);
    }
    assert!(world.choose(&request, &[], 1).is_empty());
}

#[test]
fn a_hundred_thousand_candidates_are_as_good_as_the_nearest() {
    let (tracks, standing) = library(100_000, 5000);
    let world = World {
        standing,
        ..World::default()
    };
    let request = ask(Affect::new(-0.5, 0.5), 30);
    let picks = world.choose(&request, &tracks, 1);
    assert_eq!(picks.len(), 30);
    assert!(picks.iter().all(|pick| pick.distance < 0.3));
}

#[test]
fn a_gradual_list_begins_at_the_mood_and_goes_on_at_the_target() {
    let (tracks, standing) = library(10_000, 1500);
    let world = World {
        standing,
        ..World::default()
    };
    let request = Request {
        from: Some(Affect::new(-0.65, -0.25)),
        ..ask(Affect::new(0.6, 0.4), 15)
    };
    let windows = request.windows(&world.standing);
    let asked: Vec<Track> = tracks
        .iter()
        .filter(|track| {
            windows.iter().any(|window| {
                window.valence.contains(&track.valence) && window.arousal.contains(&track.arousal)
            })
        })
        .cloned()
        .collect();
    assert!(asked.len() >= request.enough() && asked.len() <= MOST);
    let picks = world.choose(&request, &asked, 1);
    let steps = picks
        .iter()
        .take_while(|pick| matches!(pick.why, Why::Step { .. }))
        .count();
    assert_eq!(steps, 5);
    let valences: Vec<f64> = picks.iter().map(|pick| pick.place.valence).collect();
    assert!(valences[..steps].is_sorted(), "{valences:?}");
    // Whoever gives everything gets as good a way.
    let all = world.choose(&request, &tracks, 1);
    let off = |picks: &[Pick]| picks[..steps].iter().map(|pick| pick.distance).sum::<f64>();
    assert!(
        off(&picks) < 0.8 && off(&all) < 0.8,
        "{} {}",
        off(&picks),
        off(&all)
    );
    assert!(
        picks[steps..]
            .iter()
            .all(|pick| pick.place.distance(request.target) < 0.6)
    );
}

#[test]
fn what_is_played_through_comes_more_often() {
    let (mut tracks, standing) = library(2000, 300);
    let mut world = World {
        standing,
        ..World::default()
    };
    let likes = |track: &Track| track.sound.numbers()[5] > 0.0;
    let request = ask(Affect::new(0.2, 0.2), 20);
    for round in 0..20 {
        let picks = world.choose(&request, &tracks, round);
        world.hear(&picks, &tracks);
        for pick in &picks {
            let track = &mut tracks[pick.track as usize];
            let value = if likes(track) { 1.0 } else { 0.1 };
            let reward = crate::library::Reward { value, weight: 1.0 };
            track.taste = world
                .taste
                .learn(track, &world.standing, Some(pick.distance), reward);
            track.plays += 1;
        }
    }
    let picks = world.choose(&request, &tracks, 99);
    let liked = picks
        .iter()
        .filter(|pick| likes(&tracks[pick.track as usize]));
    assert!(liked.count() >= 16);
    let through = |pick: &&Pick| matches!(pick.why, Why::PlayedThrough { .. });
    assert!(picks.iter().any(|pick| through(&pick)));
}

#[test]
fn what_was_played_lately_waits_for_its_peers() {
    let (mut tracks, standing) = library(60, 0);
    for track in &mut tracks {
        (track.valence, track.arousal) = (0.0, 0.0);
        let minutes = if track.id < 30 { 10 } else { 100_000 };
        track.last_played = Some(Timestamp(minutes * 60_000));
    }
    let world = World {
        standing,
        ..World::default()
    };
    let request = Request {
        now: Now::utc(Timestamp(101_000 * 60_000)),
        ..ask(Affect::default(), 20)
    };
    let picks = world.choose(&request, &tracks, 1);
    assert!(picks.iter().filter(|pick| pick.track < 30).count() >= 18);
}
