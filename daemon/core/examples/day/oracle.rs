//! The observer who is told all that can be known: a hidden Markov model with the simulation's own
//! rates and the answers' true likelihoods.

use std::collections::BTreeMap;

use moodlark_core::Emotion;

use crate::{
    looks::{Seen, moment},
    methods::{Judge, Switch},
    person::{Hidden, N, Person},
};

/// When the oracle acts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OracleKnobs {
    /// A mood must be this likely …
    pub(crate) threshold: f64,
    /// … and likelier than what is acted upon by this.
    pub(crate) margin: f64,
    /// So many times as fast as it is, time is taken to pass: the delay counts each mood alike,
    /// short or long, and who knows the long ones to be the rule is late for the short.
    pub(crate) haste: f64,
}

/// The observer, before the day begins.
#[derive(Debug, Clone)]
pub(crate) struct Oracle {
    person: Person,
    states: Vec<Hidden>,
    generator: Vec<Vec<f64>>,
    start: Vec<f64>,
    knobs: OracleKnobs,
}

impl Oracle {
    pub(crate) fn new(person: &Person, knobs: OracleKnobs) -> Self {
        let (states, generator) = person.hidden();
        let mix = person.mix();
        let start = states
            .iter()
            .map(|(m, showing)| {
                mix[*m]
                    * showing.map_or(1.0, |on| if on { person.shows } else { 1.0 - person.shows })
            })
            .collect();
        Self {
            person: person.clone(),
            start,
            generator,
            states,
            knobs,
        }
    }

    pub(crate) fn begin(&self) -> Watching<'_> {
        Watching {
            oracle: self,
            belief: self.start.clone(),
            last: None,
            steps: BTreeMap::new(),
            switches: Vec::new(),
        }
    }
}

/// The observer in the middle of a day.
pub(crate) struct Watching<'a> {
    oracle: &'a Oracle,
    belief: Vec<f64>,
    last: Option<f64>,
    /// The transition probabilities over so many milliseconds.
    steps: BTreeMap<i64, Vec<Vec<f64>>>,
    switches: Vec<Switch>,
}

impl Watching<'_> {
    fn pass_time(&mut self, minutes: f64) {
        let haste = self.oracle.knobs.haste;
        let step = self
            .steps
            .entry(moment(minutes).0)
            .or_insert_with(|| exponential(&self.oracle.generator, haste * minutes));
        let belief = &self.belief;
        self.belief = (0..belief.len())
            .map(|to| belief.iter().zip(&*step).map(|(p, row)| p * row[to]).sum())
            .collect();
    }

    fn moods(&self) -> [f64; N] {
        let mut moods = [0.0; N];
        for (p, (m, _)) in self.belief.iter().zip(&self.oracle.states) {
            moods[*m] += p;
        }
        moods
    }
}

impl Judge for Watching<'_> {
    fn see(&mut self, look: &Seen) -> f64 {
        if let Some(last) = self.last {
            self.pass_time(look.at - last);
        }
        self.last = Some(look.at);
        // A picture that was seen before says nothing new; that it is the same says a little, which
        // is let go.
        let Some(answer) = look.answer.filter(|_| !look.again) else {
            return 0.0;
        };
        let before = self.moods();
        for (p, state) in self.belief.iter_mut().zip(&self.oracle.states) {
            *p *= (0..N)
                .map(|e| self.oracle.person.wears(*state, e) * answer.likelihood[e])
                .sum::<f64>();
        }
        let sum: f64 = self.belief.iter().sum();
        self.belief.iter_mut().for_each(|p| *p /= sum);
        let moods = self.moods();
        let top = |besides: Option<Emotion>| {
            Emotion::ALL
                .into_iter()
                .filter(|mood| Some(*mood) != besides)
                .max_by(|a, b| moods[a.index()].total_cmp(&moods[b.index()]))
        };
        let acted = self.switches.last().map(|s| s.to);
        let OracleKnobs {
            threshold, margin, ..
        } = self.oracle.knobs;
        if let Some(rival) = top(acted) {
            let p = moods[rival.index()];
            if p >= threshold && acted.is_none_or(|acted| p >= moods[acted.index()] + margin) {
                self.switches.push(Switch {
                    at: look.at,
                    to: rival,
                });
                return 1.0;
            }
            if p > before[rival.index()] {
                return p;
            }
        }
        0.0
    }

    fn switches(self: Box<Self>) -> Vec<Switch> {
        self.switches
    }
}

/// `exp(generator · minutes)` by scaling and squaring.
fn exponential(generator: &[Vec<f64>], minutes: f64) -> Vec<Vec<f64>> {
    const HALVINGS: i32 = 20;
    let n = generator.len();
    let small = minutes / f64::from(1 << HALVINGS);
    let mut power: Vec<Vec<f64>> = (0..n)
        .map(|a| {
            (0..n)
                .map(|b| f64::from(u8::from(a == b)) + small * generator[a][b])
                .collect()
        })
        .collect();
    for _ in 0..HALVINGS {
        power = (0..n)
            .map(|a| {
                (0..n)
                    .map(|b| (0..n).map(|k| power[a][k] * power[k][b]).sum())
                    .collect()
            })
            .collect();
    }
    power
}
