//! The simulated user: what they feel, what of it shows, and when they are at the desk.

use moodlark_core::Emotion;

use crate::chance::Chance;

/// The seven moods.
pub(crate) const N: usize = Emotion::COUNT;
const NEUTRAL: usize = Emotion::Neutral as usize;

/// The rates of one user's days. Times are in minutes.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Mean length of each mood, in label order.
    pub(crate) lasts: [f64; N],
    /// How often each mood follows another, relative to the others.
    pub(crate) follows: [f64; N],
    /// Share of the time that a mood shows on the face.
    pub(crate) shows: f64,
    /// Mean length of an expression; `None`: each look finds it or not, independently.
    pub(crate) expression_lasts: Option<f64>,
    /// Mean time at the desk in one go.
    pub(crate) stays: f64,
    /// Mean time away in one go.
    pub(crate) leaves: f64,
    /// Length of the day.
    pub(crate) day: f64,
    /// Time between looks.
    pub(crate) looks_every: f64,
    /// The share of this person's neutral faces that get the answers of sad faces.
    pub(crate) looks_sad_at_rest: f64,
    /// The time within which half of the faces that wear the same expression as at the last look
    /// are the same picture, too, with the same answer: light, pose and face go on.
    pub(crate) same_picture: f64,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            // angry disgust fear happy sad surprise neutral
            lasts: [45.0, 30.0, 60.0, 60.0, 90.0, 20.0, 90.0],
            follows: [0.10, 0.04, 0.05, 0.30, 0.08, 0.08, 0.35],
            shows: 0.3,
            expression_lasts: None,
            stays: 60.0,
            leaves: 20.0,
            day: 12.0 * 60.0,
            looks_every: 5.0,
            looks_sad_at_rest: 0.0,
            same_picture: 1.0,
        }
    }
}

/// What an observer cannot see: the mood, and, where expressions last, whether it shows.
pub(crate) type Hidden = (usize, Option<bool>);

/// A mood that lasted from `from` to `to`, in minutes since the day began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Episode {
    pub(crate) mood: Emotion,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// What truly was.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    pub(crate) episodes: Vec<Episode>,
    /// When somebody was at the desk.
    pub(crate) present: Vec<(f64, f64)>,
    /// When an expression is on the face, where expressions last.
    showing: Option<Vec<(f64, f64)>>,
}

impl Truth {
    /// The expression on the face at that minute; `None`: nobody there. Where expressions don't
    /// last, `chance` says whether the mood shows.
    pub(crate) fn worn(&self, person: &Person, at: f64, chance: &mut Chance) -> Option<Emotion> {
        let drawn = chance.unit() < person.shows;
        let shown = self
            .showing
            .as_ref()
            .map_or(drawn, |spells| within(spells, at));
        let felt = self
            .episodes
            .get(self.episodes.partition_point(|e| e.to <= at))
            .map_or(Emotion::Neutral, |e| e.mood);
        within(&self.present, at).then_some(if shown { felt } else { Emotion::Neutral })
    }

    /// A day of which only the moods and the presence are known.
    #[cfg(test)]
    pub(crate) fn of(episodes: Vec<Episode>, present: Vec<(f64, f64)>) -> Self {
        Self {
            episodes,
            present,
            showing: None,
        }
    }
}

/// Whether one of these spells, in order, holds at that minute.
fn within(spells: &[(f64, f64)], at: f64) -> bool {
    let next = spells.partition_point(|(_, to)| *to <= at);
    spells.get(next).is_some_and(|(from, _)| *from <= at)
}

impl Person {
    /// The generator of the mood chain, per minute: `rate[from][to]`.
    pub(crate) fn rates(&self) -> [[f64; N]; N] {
        let mut rate = [[0.0; N]; N];
        for (from, row) in rate.iter_mut().enumerate() {
            let others: f64 = (0..N)
                .filter(|to| *to != from)
                .map(|to| self.follows[to])
                .sum();
            for (to, cell) in row.iter_mut().enumerate() {
                *cell = if to == from {
                    -1.0
                } else {
                    self.follows[to] / others
                } / self.lasts[from];
            }
        }
        rate
    }

    /// The share of time spent in each mood in the long run.
    pub(crate) fn mix(&self) -> [f64; N] {
        // The embedded chain draws by `follows` without repeating, so it visits `m` in proportion
        // to f(1−f); each visit lasts `lasts`.
        let total: f64 = self.follows.iter().sum();
        let time: [f64; N] = std::array::from_fn(|m| {
            let f = self.follows[m] / total;
            f * (1.0 - f) * self.lasts[m]
        });
        let sum: f64 = time.iter().sum();
        time.map(|t| t / sum)
    }

    /// Lives through a day.
    pub(crate) fn live(&self, chance: &mut Chance) -> Truth {
        let rates = self.rates();
        let mut episodes = Vec::new();
        let (mut mood, mut from) = (chance.pick(&self.mix()), 0.0);
        while from < self.day {
            let to = (from + chance.wait(self.lasts[mood])).min(self.day);
            episodes.push(Episode {
                mood: Emotion::ALL[mood],
                from,
                to,
            });
            from = to;
            mood = chance.pick(&rates[mood].map(|r| r.max(0.0)));
        }
        let present = spells(chance, self.stays, self.leaves, self.day);
        let showing = self.expression_lasts.map(|lasts| {
            spells(
                chance,
                lasts,
                lasts * (1.0 - self.shows) / self.shows,
                self.day,
            )
        });
        Truth {
            episodes,
            present,
            showing,
        }
    }

    /// The hidden states of an observer who knows all of the above: moods, and with expressions
    /// that last also whether one shows. `(mood, shows)`, and the generator over them.
    pub(crate) fn hidden(&self) -> (Vec<Hidden>, Vec<Vec<f64>>) {
        let rates = self.rates();
        let Some(lasts) = self.expression_lasts else {
            return (
                (0..N).map(|m| (m, None)).collect(),
                rates.map(|row| row.to_vec()).to_vec(),
            );
        };
        let states: Vec<_> = (0..2 * N).map(|i| (i % N, Some(i >= N))).collect();
        let (ends, begins) = (1.0 / lasts, self.shows / (lasts * (1.0 - self.shows)));
        let rate = |a: usize, b: usize| match (states[a], states[b]) {
            ((m, x), (n, y)) if m == n && x == y => {
                rates[m][m] - if x == Some(true) { ends } else { begins }
            }
            ((m, x), (n, y)) if m == n && x != y => {
                if x == Some(true) {
                    ends
                } else {
                    begins
                }
            }
            ((m, x), (n, y)) if x == y => rates[m][n],
            _ => 0.0,
        };
        let generator = (0..states.len())
            .map(|a| (0..states.len()).map(|b| rate(a, b)).collect())
            .collect();
        (states, generator)
    }

    /// The probability of an expression on the face, given a hidden state.
    pub(crate) fn wears(&self, (mood, showing): Hidden, expression: usize) -> f64 {
        let shows = match showing {
            None => self.shows,
            Some(true) => 1.0,
            Some(false) => 0.0,
        };
        f64::from(u8::from(mood == expression)) * shows
            + f64::from(u8::from(expression == NEUTRAL)) * (1.0 - shows)
    }
}

/// The spells of an on-off process that lasts `on` and `off` minutes in the mean, until `end`.
fn spells(chance: &mut Chance, on: f64, off: f64, end: f64) -> Vec<(f64, f64)> {
    let mut spells = Vec::new();
    let mut at = if chance.unit() < on / (on + off) {
        0.0
    } else {
        chance.wait(off)
    };
    while at < end {
        let to = (at + chance.wait(on)).min(end);
        spells.push((at, to));
        at = to + chance.wait(off);
    }
    spells
}
