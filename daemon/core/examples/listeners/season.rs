//! 600 plays of a listener.

use moodlark_core::{
    Affect, Now, Timestamp,
    library::{Heard, History, Kind, ListId, choose::no_repeat},
};

use crate::{
    chance::Chance,
    collection::{Collection, TRACKS},
    listener::{Listener, TARGETS, World},
    methods::{Learner, Way},
};

/// Tracks in a list, and lists.
pub(crate) const LENGTH: usize = 15;
const LISTS: usize = 40;

/// The stretches of plays that are told apart.
pub(crate) const STRETCHES: [std::ops::Range<usize>; 3] = [0..50, 50..200, 200..LENGTH * LISTS];

/// A play.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Played {
    pub(crate) track: usize,
    pub(crate) distance: f64,
    pub(crate) share: f64,
}

/// What was played so far.
#[derive(Debug, Default)]
pub(crate) struct Past {
    pub(crate) history: History,
}

impl Past {
    /// A list every two hours.
    pub(crate) fn now(&self) -> Now {
        Now::utc(Timestamp(
            (self.history.heard.len() / LENGTH) as i64 * 7_200_000,
        ))
    }

    pub(crate) fn artists(&self) -> Vec<Option<i64>> {
        self.history
            .heard
            .iter()
            .map(|heard| heard.artist)
            .collect()
    }

    /// What the library answers when it is asked for candidates.
    pub(crate) fn window(&self, collection: &Collection, target: Affect) -> Vec<usize> {
        let standing = &collection.standing;
        let mut window = standing.window(target);
        loop {
            let within: Vec<usize> = (0..collection.tracks.len())
                .filter(|track| {
                    let track = &collection.tracks[*track];
                    window.valence.contains(&track.valence)
                        && window.arousal.contains(&track.arousal)
                })
                .collect();
            match standing.wider(&window) {
                Some(wider) if within.len() < 3 * LENGTH => window = wider,
                _ => return within,
            }
        }
    }

    /// The same (or everything) without what was played just now, with distances from the target.
    pub(crate) fn near(
        &self,
        collection: &Collection,
        target: Affect,
        everything: bool,
    ) -> Vec<(usize, f64)> {
        let within = if everything {
            (0..collection.tracks.len()).collect()
        } else {
            self.window(collection, target)
        };
        let heard = &self.history.heard;
        let last = &heard[heard.len().saturating_sub(no_repeat(within.len(), LENGTH))..];
        let rested = |track: &usize| {
            let id = collection.tracks[*track].id;
            !last.iter().any(|heard| heard.track == id)
        };
        let with_distance = |track: usize| {
            let known = &collection.tracks[track];
            let place = collection.standing.place(known.valence, known.arousal);
            (track, place.distance(target))
        };
        within
            .into_iter()
            .filter(rested)
            .map(with_distance)
            .collect()
    }

    fn take(&mut self, collection: &Collection, plays: &[Played]) {
        let now = self.now();
        for play in plays {
            let track = &collection.tracks[play.track];
            self.history.heard.push(Heard {
                track: track.id,
                artist: track.artist,
                kind: Kind::of(collection.standing.place(track.valence, track.arousal)),
                at: now.at,
                weekday: now.local.weekday,
                share: Some(play.share),
            });
        }
        let ids = plays.iter().map(|play| collection.tracks[play.track].id);
        self.history.lists.push(ListId::of(ids));
    }
}

/// A listener's shares played in each stretch, chosen that way. The same seed is the same listener,
/// library and order of moods for every way.
pub(crate) fn play(world: World, way: Way, seed: u64) -> [f64; 3] {
    let collection = Collection::new(&mut Chance::new(seed, 1), TRACKS);
    let listener = Listener::new(world, &collection, &mut Chance::new(seed, 2));
    let mut moods = Chance::new(seed, 3);
    let (mut chance, mut ears) = (Chance::new(seed, 4), Chance::new(seed, 5));
    let mut learner = Learner::new(way, &collection);
    let mut past = Past::default();
    let mut shares = Vec::new();
    for _ in 0..LISTS {
        let target = TARGETS[moods.below(TARGETS.len())];
        let list = learner.list(&collection, target, &past, &mut chance);
        let plays: Vec<Played> = list
            .into_iter()
            .map(|(track, distance)| Played {
                track,
                distance,
                share: listener.plays(track, distance, &mut ears),
            })
            .collect();
        for play in &plays {
            learner.learn(&collection, *play);
            shares.push(play.share);
        }
        past.take(&collection, &plays);
    }
    STRETCHES.map(|stretch| {
        let part = &shares[stretch.start.min(shares.len())..stretch.end.min(shares.len())];
        part.iter().sum::<f64>() / part.len().max(1) as f64
    })
}
