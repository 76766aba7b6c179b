//! The ways from readings to a label that is acted upon.

use std::time::Duration;

use moodlark_core::{
    Affect, Emotion, Quality, Reading, Timestamp,
    camera::Pace,
    filter::{Baseline, ExpressionModel, MoodFilter},
    settings::{DecideSettings, MoodSettings},
};

use crate::{
    classifier::Answer,
    looks::{Seen, moment},
    oracle::Oracle,
};

/// A change of the label that is acted upon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Switch {
    /// Minutes since the day began.
    pub(crate) at: f64,
    pub(crate) to: Emotion,
}

/// A way from looks to switches, and how the looks are spread.
#[derive(Debug, Clone)]
pub(crate) struct Method {
    pub(crate) judge: Way,
    /// `None`: evenly.
    pub(crate) pace: Option<Pace>,
}

/// A way from looks to switches.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// An expression that was likeliest in so many faces in a row.
    InARow(usize),
    /// The filter and the decider's rule.
    Ours(Box<Ours>),
    /// A hidden Markov model that knows the simulation's rates and the classifier.
    Oracle(Box<Oracle>),
}

/// One who takes in a day's looks.
pub(crate) trait Judge {
    /// Takes in a look. Returns how far it speaks for a change, as
    /// [`MoodFilter::observe`] does.
    fn see(&mut self, look: &Seen) -> f64;
    /// Takes note of the time.
    fn wait(&mut self, _at: f64) {}
    /// All that was switched.
    fn switches(self: Box<Self>) -> Vec<Switch>;
}

/// The settings that matter here.
#[derive(Debug, Clone)]
pub(crate) struct Ours {
    pub(crate) mood: MoodSettings,
    pub(crate) decide: DecideSettings,
    pub(crate) model: ExpressionModel,
    pub(crate) baseline: Option<Baseline>,
}

impl Way {
    /// Each face's likeliest expression, at once.
    pub(crate) const ARGMAX: Self = Self::InARow(1);

    pub(crate) fn begin(&self) -> Box<dyn Judge + '_> {
        match self {
            Self::InARow(n) => Box::new(InARow {
                n: *n,
                last: None,
                count: 0,
                switches: Vec::new(),
            }),
            Self::Ours(ours) => Box::new(ours.begin()),
            Self::Oracle(oracle) => Box::new(oracle.begin()),
        }
    }

    /// With looks that are evenly spaced.
    pub(crate) const fn evenly(self) -> Method {
        Method {
            judge: self,
            pace: None,
        }
    }

    /// With looks where they matter.
    pub(crate) const fn at_pace(self, pace: Pace) -> Method {
        Method {
            judge: self,
            pace: Some(pace),
        }
    }
}

struct InARow {
    n: usize,
    last: Option<Emotion>,
    count: usize,
    switches: Vec<Switch>,
}

impl Judge for InARow {
    fn see(&mut self, look: &Seen) -> f64 {
        let Some(answer) = look.answer else {
            return 0.0;
        };
        let (said, _) = answer.distribution.top();
        self.count = if self.last == Some(said) {
            self.count + 1
        } else {
            1
        };
        self.last = Some(said);
        if self.count >= self.n && self.switches.last().map(|s| s.to) != Some(said) {
            self.switches.push(Switch {
                at: look.at,
                to: said,
            });
        }
        0.0
    }

    fn switches(self: Box<Self>) -> Vec<Switch> {
        self.switches
    }
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

    fn begin(&self) -> Believing {
        let mut filter = MoodFilter::new(&self.mood, self.model.clone());
        filter.set_baseline(self.baseline);
        Believing {
            filter,
            decide: self.decide.clone(),
            min_confidence: self.mood.min_confidence,
            settled: false,
            switches: Vec::new(),
        }
    }
}

/// The filter and the decider in the middle of a day.
struct Believing {
    filter: MoodFilter,
    decide: DecideSettings,
    min_confidence: f64,
    /// Nothing can fall due before the next look.
    settled: bool,
    switches: Vec<Switch>,
}

impl Judge for Believing {
    fn see(&mut self, look: &Seen) -> f64 {
        let now = moment(look.at);
        let speaks = self.filter.observe(&reading(look.answer.as_ref()), now);
        self.decide(now, look.at);
        speaks
    }

    fn wait(&mut self, at: f64) {
        if !self.settled {
            self.decide(moment(at), at);
        }
    }

    fn switches(self: Box<Self>) -> Vec<Switch> {
        self.switches
    }
}

impl Believing {
    /// The decider's rule: the mood is known, sure enough, not what is acted upon already, has
    /// lasted for `dwell`, and the last switch is `cooldown` ago.
    fn decide(&mut self, now: Timestamp, at: f64) {
        let mood = self.filter.mood(now);
        // Time alone brings no mood above one half: it draws all of them to the prior.
        let (top, p) = mood.distribution.top();
        let stays = self.min_confidence >= 0.5 && (Some(top) == mood.label || p < 0.5);
        let done = mood.label.is_none() || mood.label == self.switches.last().map(|s| s.to);
        self.settled = stays && done;
        let Some(label) = mood.label else { return };
        let long_ago = |span: Duration, then: f64| at - then >= span.as_secs_f64() / 60.0;
        let last = self.switches.last();
        if last.map(|s| s.to) != Some(label)
            && mood.confidence >= self.decide.min_confidence
            && now.since(mood.since) >= self.decide.dwell
            && last.is_none_or(|s| long_ago(self.decide.cooldown, s.at))
        {
            self.switches.push(Switch { at, to: label });
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
