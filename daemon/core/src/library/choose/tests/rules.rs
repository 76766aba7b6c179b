//! What holds of every list.

use proptest::prelude::*;

use super::*;

/// Tracks as a damaged library may have them.
fn wild() -> impl Strategy<Value = Vec<Track>> {
    let number = || {
        prop_oneof![
            -3.0_f32..3.0,
            Just(f32::NAN),
            Just(f32::INFINITY),
            any::<f32>()
        ]
    };
    let sum = || prop_oneof![Just(0.0), 0.0..10.0, any::<f64>(), Just(f64::NAN)];
    let track = (
        (
            -5..40_i64,
            prop::option::of(0..6_i64),
            prop::option::of(0..9_i64),
        ),
        (
            number(),
            number(),
            -1e3_f32..1e3,
            any::<u32>(),
            any::<bool>(),
        ),
        (sum(), sum(), sum()),
    );
    let track = track.prop_map(
        |((id, artist, album), (valence, arousal, sound, plays, liked), sums)| Track {
            id,
            artist,
            album,
            valence,
            arousal,
            sound: Sound::from_numbers(&[sound; LENGTH]).unwrap(),
            plays,
            last_played: None,
            taste: TrackTaste {
                weight: sums.0,
                reward: sums.1,
                fit: sums.2,
            },
            liked,
        },
    );
    prop::collection::vec(track, 0..80)
}

fn point() -> impl Strategy<Value = Affect> {
    (-1.0..=1.0, -1.0..=1.0).prop_map(|(v, a)| Affect::new(v, a))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_list_keeps_the_rules(
        tracks in wild(),
        past in prop::collection::vec((-5..40_i64, prop::option::of(0..6_i64)), 0..60),
        (target, from) in (point(), prop::option::of(point())),
        (length, seed) in (0..40_usize, any::<u64>()),
    ) {
        let history = History {
            heard: past.into_iter().map(|(track, artist)| heard(track, artist)).collect(),
            lists: Vec::new(),
        };
        let world = World { standing: standing(&tracks), history, ..World::default() };
        let request = Request { from, ..ask(target, length) };
        let picks = world.choose(&request, &tracks, seed);
        prop_assert_eq!(&world.choose(&request, &tracks, seed), &picks);

        let mut usable: Vec<i64> = tracks.iter()
            .filter(|track| track.valence.is_finite() && track.arousal.is_finite())
            .map(|track| track.id).collect();
        usable.sort_unstable();
        usable.dedup();
        let wanted = length.clamp(10, 30);
        prop_assert_eq!(picks.len(), wanted.min(usable.len()));

        let mut ids = tracks_of(&picks);
        // At least two lists' worth is near the target, where there is so much.
        let recent = no_repeat(usable.len().min(2 * wanted), wanted);
        let last = &world.history.heard[world.history.heard.len().saturating_sub(recent)..];
        prop_assert!(last.iter().all(|heard| !ids.contains(&heard.track)));
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), picks.len());

        for pick in &picks {
            prop_assert!(pick.propensity > 0.0 && pick.propensity <= 1.0, "{pick:?}");
            let sum: f64 = pick.kinds.iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-6);
            prop_assert!(pick.kinds[pick.kind.index()] >= pick.propensity - 1e-9);
            prop_assert!(pick.distance.is_finite() && (0.0..=1.0).contains(&pick.expected));
            prop_assert!(!pick.why.sentence().is_empty());
        }
    }

    #[test]
    fn an_artist_comes_again_soon_only_where_nothing_else_is_left(
        artists in prop::collection::vec(prop::option::of(0..5_i64), 10..60),
        seed in any::<u64>(),
    ) {
        let (mut tracks, standing) = library(artists.len(), 0);
        for (track, artist) in tracks.iter_mut().zip(&artists) {
            track.artist = *artist;
        }
        let world = World { standing, ..World::default() };
        let request = ask(Affect::default(), 10);
        let picks = world.choose(&request, &tracks, seed);
        let artist = |pick: &Pick| artists[pick.track as usize];
        for place in 1..picks.len() {
            let here = artist(&picks[place]);
            let before: Vec<_> = picks[place.saturating_sub(ARTIST_SPACING)..place].iter().map(artist).collect();
            if here.is_none() || !before.contains(&here) {
                continue;
            }
            // All that is left near the target is by one of these artists.
            let free = tracks.iter().filter(|track| !picks[..place].iter().any(|pick| pick.track == track.id));
            let near = free.filter(|track| {
                world.standing.place(track.valence, track.arousal).distance(request.target) < picks[place].distance
            });
            for track in near {
                prop_assert!(track.artist.is_some() && before.contains(&track.artist));
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    /// Over many seeds a track comes about as often as its propensity says.
    #[test]
    fn propensities_are_how_often_a_track_is_drawn(target in point()) {
        let (tracks, standing) = library(12, 0);
        let world = World { standing, ..World::default() };
        let request = ask(target, 10);
        let first: Vec<Pick> = (0..400).map(|seed| world.choose(&request, &tracks, seed)[0].clone()).collect();
        for track in 0..12 {
            let mut drawn = first.iter().filter(|pick| pick.track == track).peekable();
            let Some(propensity) = drawn.peek().map(|pick| pick.propensity) else { continue };
            let share = drawn.count() as f64 / 400.0;
            // Four standard errors, for all tracks and cases.
            let error = (propensity * (1.0 - propensity) / 400.0).sqrt();
            prop_assert!((share - propensity).abs() < 4.5 * error + 0.005, "{share} {propensity}");
        }
    }
}
