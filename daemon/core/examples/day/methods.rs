//! The ways from readings to a label that is acted upon.

use std::time::Duration;

use moodlark_core::{
    Affect, Emotion, Quality, Reading, Timestamp,
    filter::{Baseline, ExpressionModel, MoodFilter},
    settings::{DecideSettings, MoodSettings},
};

use crate::{
    classifier::Answer,
    person::{Hidden, N, Person},
};

/// One look as a method sees it: when, and the answer if a face was there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Minutes since the day began.
    pub(crate) at: f64,
    pub(crate) answer: Option<Answer>,
}

/// A change of the label that is acted upon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Switch {
    /// Minutes since the day began.
    pub(crate) at: f64,
    pub(crate) to: Emotion,
}

/// A way from looks to switches.
#[derive(Debug, Clone)]
pub(crate) enum Method {
    /// Each face's likeliest expression, at once.
    Argmax,
    /// An expression that was likeliest in so many faces in a row.
    InARow(usize),
    /// The filter and the decider's rule.
    Ours(Box<Ours>),
    /// A hidden Markov model that knows the simulation's rates and the classifier exactly.
    Oracle(Box<Oracle>),
}

/// The settings that matter here.
#[derive(Debug, Clone)]
pub(crate) struct Ours {
    pub(crate) mood: MoodSettings,
    pub(crate) decide: DecideSettings,
    pub(crate) model: ExpressionModel,
    pub(crate) baseline: Option<Baseline>,
}

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

/// The observer who knows all that can be known.
#[derive(Debug, Clone)]
pub(crate) struct Oracle {
    person: Person,
    states: Vec<Hidden>,
    start: Vec<f64>,
    /// The transition probabilities from one look to the next.
    step: Vec<Vec<f64>>,
    threshold: f64,
    margin: f64,
}

impl Method {
    /// Goes through a day's looks.
    pub(crate) fn run(&self, day: f64, looks: &[Seen]) -> Vec<Switch> {
        match self {
            Self::Argmax => in_a_row(looks, 1),
            Self::InARow(n) => in_a_row(looks, *n),
            Self::Ours(ours) => ours.run(day, looks),
            Self::Oracle(oracle) => oracle.run(looks),
        }
    }
}

fn in_a_row(looks: &[Seen], n: usize) -> Vec<Switch> {
    let mut switches: Vec<Switch> = Vec::new();
    let (mut last, mut count) = (None, 0);
    for look in looks {
        let Some(answer) = look.answer else { continue };
        let (said, _) = answer.distribution.top();
        count = if last == Some(said) { count + 1 } else { 1 };
        last = Some(said);
        if count >= n && switches.last().map(|s| s.to) != Some(said) {
            switches.push(Switch {
                at: look.at,
                to: said,
            });
        }
    }
    switches
}

impl Ours {
    /// Whether it acts as another does: the decider's threshold means nothing below the filter's.
    pub(crate) fn acts_like(&self, other: &Self) -> bool {
        let threshold = |o: &Self| o.mood.min_confidence.max(o.decide.min_confidence);
        self.mood == other.mood
            && self.decide.dwell == other.decide.dwell
            && self.decide.cooldown == other.decide.cooldown
            && (threshold(self) - threshold(other)).abs() < 1e-9
    }

    fn run(&self, day: f64, looks: &[Seen]) -> Vec<Switch> {
        let moment = |minutes: f64| Timestamp((minutes * 60_000.0) as i64);
        let mut filter = MoodFilter::new(&self.mood, self.model.clone());
        filter.set_baseline(self.baseline);
        let mut switches: Vec<Switch> = Vec::new();
        let mut next = looks.iter().peekable();
        // The decider is asked after each look, and each minute for what falls due in between.
        for minute in 0..day as usize {
            let end = minute as f64 + 1.0;
            while let Some(look) = next.next_if(|look| look.at < end) {
                filter.observe(&reading(look.answer.as_ref()), moment(look.at));
                self.decide(&mut filter, moment(look.at), look.at, &mut switches);
            }
            self.decide(&mut filter, moment(end), end, &mut switches);
        }
        switches
    }

    /// The decider's rule: the mood is known, sure enough, not what is acted upon already, has
    /// lasted for `dwell`, and the last switch is `cooldown` ago.
    fn decide(&self, filter: &mut MoodFilter, now: Timestamp, at: f64, switches: &mut Vec<Switch>) {
        let mood = filter.mood(now);
        let Some(label) = mood.label else { return };
        let long_ago = |span: Duration, then: f64| at - then >= span.as_secs_f64() / 60.0;
        let last = switches.last();
        if last.map(|s| s.to) != Some(label)
            && mood.confidence >= self.decide.min_confidence
            && now.since(mood.since) >= self.decide.dwell
            && last.is_none_or(|s| long_ago(self.decide.cooldown, s.at))
        {
            switches.push(Switch { at, to: label });
        }
    }
}

fn reading(answer: Option<&Answer>) -> Reading {
    answer.map_or(Reading::NoFace, |answer| Reading::Face {
        distribution: answer.distribution,
        affect: Affect::expected(&answer.distribution),
        quality: Quality {
            overall: 0.8,
            size: 1.0,
            sharpness: 0.9,
            brightness: 0.9,
            inside: 1.0,
        },
        faces: 1,
    })
}

impl Oracle {
    pub(crate) fn new(
        person: &Person,
        OracleKnobs {
            threshold,
            margin,
            haste,
        }: OracleKnobs,
    ) -> Self {
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
            step: exponential(&generator, haste * person.looks_every),
            states,
            threshold,
            margin,
        }
    }

    fn run(&self, looks: &[Seen]) -> Vec<Switch> {
        let mut belief = self.start.clone();
        let mut switches: Vec<Switch> = Vec::new();
        for (i, look) in looks.iter().enumerate() {
            if i > 0 {
                belief = (0..belief.len())
                    .map(|to| {
                        belief
                            .iter()
                            .zip(&self.step)
                            .map(|(p, row)| p * row[to])
                            .sum()
                    })
                    .collect();
            }
            let Some(answer) = look.answer else { continue };
            for (p, state) in belief.iter_mut().zip(&self.states) {
                *p *= (0..N)
                    .map(|e| self.person.wears(*state, e) * answer.likelihood[e])
                    .sum::<f64>();
            }
            let sum: f64 = belief.iter().sum();
            belief.iter_mut().for_each(|p| *p /= sum);
            let mut moods = [0.0; N];
            for (p, (m, _)) in belief.iter().zip(&self.states) {
                moods[*m] += p;
            }
            let top = Emotion::ALL
                .into_iter()
                .max_by(|a, b| moods[a.index()].total_cmp(&moods[b.index()]));
            let Some(top) = top else { continue };
            let acted = switches.last().map(|s| s.to);
            let p = moods[top.index()];
            if acted != Some(top)
                && p >= self.threshold
                && acted.is_none_or(|acted| p >= moods[acted.index()] + self.margin)
            {
                switches.push(Switch {
                    at: look.at,
                    to: top,
                });
            }
        }
        switches
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
