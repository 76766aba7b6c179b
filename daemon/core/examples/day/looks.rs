//! When is looked, and what is seen.

use moodlark_core::{
    Emotion, Timestamp,
    camera::{Attention, Pace},
};

use crate::{
    chance::Chance,
    classifier::{Answer, Classifier},
    methods::{Method, Switch},
    person::{Person, Truth},
};

/// One look as a method sees it: when, and the answer if a face was there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Minutes since the day began.
    pub(crate) at: f64,
    pub(crate) answer: Option<Answer>,
    /// The picture is that of the last look over again; only the oracle can tell.
    pub(crate) again: bool,
}

/// A user in front of a classifier.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World<'a> {
    pub(crate) person: &'a Person,
    pub(crate) classifier: &'a Classifier,
}

/// One simulated day: the truth, and what evenly spaced looks see of it.
#[derive(Debug, Clone)]
pub(crate) struct Day {
    pub(crate) truth: Truth,
    even: Vec<Seen>,
    chance: Chance,
}

/// What a method did on a day.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) switches: Vec<Switch>,
    pub(crate) looks: usize,
}

/// The moment that many minutes after the day began.
pub(crate) fn moment(minutes: f64) -> Timestamp {
    Timestamp((minutes * 60_000.0).round() as i64)
}

fn minutes(at: Timestamp) -> f64 {
    at.0 as f64 / 60_000.0
}

/// Sees one look after the other.
struct Eyes<'a> {
    world: World<'a>,
    truth: &'a Truth,
    chance: Chance,
    last: Option<(f64, Emotion, Answer)>,
}

impl Eyes<'_> {
    fn look(&mut self, at: f64) -> Seen {
        let World { person, classifier } = self.world;
        let worn = self.truth.worn(person, at, &mut self.chance);
        let Some(worn) = worn else {
            self.last = None;
            return Seen {
                at,
                answer: None,
                again: false,
            };
        };
        let same = self.chance.unit();
        let fooled = worn == Emotion::Neutral && self.chance.unit() < person.looks_sad_at_rest;
        let fresh = classifier.answer(if fooled { Emotion::Sad } else { worn }, &mut self.chance);
        let before = self.last.filter(|(then, was, _)| {
            *was == worn && same < (-(at - then) / person.same_picture).exp2()
        });
        let answer = before.map_or(fresh, |(_, _, answer)| answer);
        self.last = Some((at, worn, answer));
        Seen {
            at,
            answer: Some(answer),
            again: before.is_some(),
        }
    }
}

/// Lives through so many days.
pub(crate) fn live(world: World<'_>, seed: u64, days: usize) -> Vec<Day> {
    (0..days)
        .map(|day| {
            let mut chance = Chance::new(seed, day as u64);
            let truth = world.person.live(&mut chance);
            let first = world.person.looks_every * chance.unit();
            let mut eyes = Eyes {
                world,
                truth: &truth,
                chance: chance.clone(),
                last: None,
            };
            let mut even = Vec::new();
            let mut at = first;
            while at < world.person.day {
                even.push(eyes.look(at));
                at += world.person.looks_every;
            }
            Day {
                truth,
                even,
                chance,
            }
        })
        .collect()
}

impl Day {
    /// Goes through the day by a method.
    pub(crate) fn run(&self, world: World<'_>, method: &Method) -> Done {
        let mut judge = method.judge.begin();
        let mut eyes = Eyes {
            world,
            truth: &self.truth,
            chance: self.chance.clone(),
            last: None,
        };
        let interval = moment(world.person.looks_every).since(Timestamp(0));
        let mut attention = Attention::default();
        let mut last = None;
        let mut next = self.even.first().map_or(f64::INFINITY, |look| look.at);
        let mut looks = 0;
        // What falls due between looks is asked for each minute.
        for minute in 0..world.person.day as usize {
            let end = minute as f64 + 1.0;
            while next < end {
                let Some(pace) = &method.pace else {
                    judge.see(&self.even[looks]);
                    looks += 1;
                    next = self.even.get(looks).map_or(f64::INFINITY, |look| look.at);
                    continue;
                };
                let now = moment(next);
                attention.looked(pace, interval, last, now);
                let speaks = judge.see(&eyes.look(next));
                attention.saw(pace, speaks);
                looks += 1;
                last = Some(now);
                next = minutes(attention.due(pace, interval, now));
            }
            judge.wait(end);
        }
        Done {
            switches: judge.switches(),
            looks,
        }
    }
}

/// The pace that keeps looks even.
pub(crate) const EVEN: Option<Pace> = None;
