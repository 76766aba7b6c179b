//! How long a choice takes: to standard error, as it is another figure on every machine.

use std::time::Instant;

use moodlark_core::{
    Affect, Now, Timestamp,
    library::{History, Known, Lifts, Request, Reward, Taste, choose, choose::MOST},
};

use crate::{chance::Chance, collection::Collection};

/// Choices that are timed.
const ROUNDS: u32 = 50;

pub(crate) fn tell() {
    let mut collection = Collection::new(&mut Chance::new(1, 1), MOST);
    let (history, mut taste, lifts) = (History::default(), Taste::default(), Lifts::default());
    for track in collection.tracks.iter_mut().step_by(4) {
        let reward = Reward {
            value: (track.id % 3) as f64 / 2.0,
            weight: 1.0,
        };
        track.taste = taste.learn(track, &collection.standing, Some(0.1), reward);
    }
    let known = Known {
        standing: &collection.standing,
        history: &history,
        taste: &taste,
        lifts: &lifts,
    };
    for (name, from) in [
        ("direct", None),
        ("gradual", Some(Affect::new(-0.65, -0.25))),
    ] {
        let request = Request {
            target: Affect::new(0.6, 0.2),
            from,
            mood: None,
            length: 20,
            now: Now::utc(Timestamp(0)),
        };
        let start = Instant::now();
        let mut tracks = 0;
        for seed in 0..ROUNDS {
            tracks += choose(&request, &collection.tracks, known, u64::from(seed)).len();
        }
        let each = start.elapsed().as_secs_f64() * 1e3 / f64::from(ROUNDS);
        eprintln!("a {name} list of 20 from {MOST} candidates: {each:.2} ms ({tracks} tracks)");
    }
}
