use proptest::prelude::*;

use super::*;
use crate::library::{Axis, Reference, Scale, Sound, TrackTaste, sound::LENGTH};

fn track(id: i64, valence: f32, arousal: f32, sound: f32) -> Track {
    let mut numbers = [0.1; LENGTH];
    numbers[0] = sound;
    Track {
        id,
        artist: None,
        album: None,
        valence,
        arousal,
        sound: Sound::from_numbers(&numbers).unwrap(),
        plays: 0,
        last_played: None,
        taste: TrackTaste::default(),
        liked: false,
    }
}

/// A grid of 30 by 30 tracks, of two sounds in turns.
fn grid() -> (Vec<Track>, Standing) {
    let at = |i: i64| i as f32 / 10.0 - 1.45;
    let tracks: Vec<Track> = (0..900)
        .map(|id| {
            let sound = if (id / 30 + id) % 2 == 0 { 1.0 } else { -1.0 };
            track(id, at(id / 30), at(id % 30), sound)
        })
        .collect();
    let mut raw: Vec<f32> = tracks.iter().map(|track| track.valence).collect();
    raw.sort_unstable_by(f32::total_cmp);
    let axis = Axis::of_sorted(&raw, Reference::default()).unwrap();
    let standing = Standing {
        valence: axis.clone(),
        arousal: axis,
        sound: Scale::default(),
    };
    (tracks, standing)
}

fn points(tracks: &[Track], standing: &Standing) -> Vec<Point> {
    let point = |track: &Track| Point {
        place: standing.place(track.valence, track.arousal),
        sound: standing.sound.scaled(&track.sound),
        artist: track.artist,
        pleases: 0.5,
    };
    tracks.iter().map(point).collect()
}

#[test]
fn a_longer_way_has_more_steps() {
    let steps = |to: f64| waypoints(Affect::default(), Affect::new(to, 0.0)).len();
    assert_eq!((steps(0.0), steps(0.3), steps(1.0)), (3, 3, 4));
    let far = waypoints(Affect::new(-1.0, -1.0), Affect::new(1.0, 1.0));
    assert_eq!(far.len(), 6);
    assert_eq!(far.last(), Some(&Affect::new(1.0, 1.0)));
}

#[test]
fn a_way_keeps_its_sound() {
    let (tracks, standing) = grid();
    let (from, to) = (&tracks[3 * 30 + 3], &tracks[25 * 30 + 25]);
    let way = between(from, to, &tracks, &standing);
    assert_eq!((way[0], *way.last().unwrap()), (from.id, to.id));
    assert_eq!(way.len(), 8);
    let numbers = way.iter().map(|id| tracks[*id as usize].sound.numbers()[0]);
    assert!(
        numbers.clone().all(|number| number == 1.0),
        "{:?}",
        numbers.collect::<Vec<_>>()
    );
}

#[test]
fn two_tracks_and_nothing_else_are_a_way() {
    let (from, to) = (track(1, 0.0, 0.0, 0.0), track(2, 1.0, 1.0, 0.0));
    let standing = Standing::default();
    assert_eq!(between(&from, &to, &[], &standing), [1, 2]);
    assert_eq!(
        between(&from, &to, &[from.clone(), to.clone()], &standing),
        [1, 2]
    );
    assert_eq!(between(&from, &from, &[], &standing), [1]);
    let broken = track(3, f32::NAN, f32::INFINITY, 0.0);
    assert_eq!(between(&from, &to, &[broken], &standing).len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn steps_are_small_where_there_is_music_on_the_way(
        from in (-0.9..0.9, -0.9..0.9),
        to in (-0.9..0.9, -0.9..0.9),
        seed in any::<u64>(),
    ) {
        let (tracks, standing) = grid();
        let points = points(&tracks, &standing);
        let (from, to) = (Affect::new(from.0, from.1), Affect::new(to.0, to.1));
        let way = waypoints(from, to);
        let search = Search { points: &points, start: from, before: None, after: None };
        let steps = search.draw(&way, &mut Chance::new(seed));
        prop_assert_eq!(steps.len(), way.len());
        let stride = from.distance(to) / way.len() as f64;
        let mut at = from;
        for (step, waypoint) in steps.iter().zip(&way) {
            let place = points[step.index].place;
            prop_assert!(at.distance(place) < 1.25 * stride + 0.2);
            prop_assert!(place.distance(*waypoint) < 0.25);
            prop_assert!(step.propensity > 0.0 && step.propensity <= 1.0);
            at = place;
        }
        let mut indices: Vec<usize> = steps.iter().map(|step| step.index).collect();
        indices.sort_unstable();
        indices.dedup();
        prop_assert_eq!(indices.len(), steps.len());
    }
}
