//! Weeks of moods, with and without lists: does the estimate find what is there?
//!
//! The true valence is an Ornstein–Uhlenbeck process about 0 with a standard deviation of 0.3 that
//! forgets half in two hours, and each day has a luck of its own with one of 0.1. It is read every
//! hour of twelve with an error of 0.15 that forgets half in 20 minutes; what is read below −0.2 is
//! called sad, above 0.2 happy, and neutral in between. So a mood that is called sad rises by itself:
//! it goes back to the middle, and so does the error. After every other reading, by chance, a list is
//! played: calm or lively in shares that change from week to week, as they do while a taste is learnt.
//! 20 to 40 minutes later the valence is read again. Where there is an effect, calm music raises the
//! true valence of who is called sad by that much within 20 minutes, and it fades as the mood does;
//! nothing else does anything.

use moodlark_core::{
    Affect, Emotion, Timestamp,
    library::{Episode, Estimate, Kind, Lifts, Treatment},
};

use crate::chance::Chance;

/// Days in a diary.
pub(crate) const DAYS: i64 = 60;
const HOURS: i64 = 12;
const SPREAD: f64 = 0.3;
const HALF: f64 = 120.0;
const LUCK: f64 = 0.1;
const ERROR: f64 = 0.15;
const ERROR_HALF: f64 = 20.0;
const SAD: f64 = -0.2;
const HAPPY: f64 = 0.2;

/// A process that forgets.
struct Drift {
    at: f64,
    spread: f64,
    half: f64,
}

impl Drift {
    fn new(spread: f64, half: f64, chance: &mut Chance) -> Self {
        let at = spread * chance.normal();
        Self { at, spread, half }
    }

    fn pass(&mut self, minutes: f64, chance: &mut Chance) {
        let kept = (-minutes / self.half).exp2();
        let fresh = self.spread * (1.0 - kept * kept).sqrt();
        self.at = kept * self.at + fresh * chance.normal();
    }
}

/// A diary in which calm music raises a sad valence by `lift`.
fn write(lift: f64, chance: &mut Chance) -> Vec<Episode> {
    let mut episodes = Vec::new();
    let mut calm = 0.5;
    for day in 0..DAYS {
        if day % 7 == 0 {
            calm = 0.2 + 0.6 * chance.unit();
        }
        let luck = LUCK * chance.normal();
        let mut valence = Drift::new(SPREAD, HALF, chance);
        let mut error = Drift::new(ERROR, ERROR_HALF, chance);
        for hour in 0..HOURS {
            let before = valence.at + luck + error.at;
            let mood = if before < SAD {
                Emotion::Sad
            } else if before > HAPPY {
                Emotion::Happy
            } else {
                Emotion::Neutral
            };
            let list = (chance.unit() < 0.5).then(|| {
                if chance.unit() < calm {
                    (Kind::Calm, calm)
                } else {
                    (Kind::Lively, 1.0 - calm)
                }
            });
            valence.pass(20.0, chance);
            error.pass(20.0, chance);
            if mood == Emotion::Sad && list.is_some_and(|(kind, _)| kind == Kind::Calm) {
                valence.at += lift;
            }
            // Three readings from 20 to 40 minutes later.
            let mut after = 0.0;
            for _ in 0..3 {
                after += (valence.at + luck + error.at) / 3.0;
                valence.pass(10.0, chance);
                error.pass(10.0, chance);
            }
            valence.pass(10.0, chance);
            error.pass(10.0, chance);
            episodes.push(Episode {
                at: Timestamp((day * 24 + hour) * 3_600_000),
                mood,
                before: Affect::new(before, 0.0),
                after: Affect::new(after, 0.0),
                treatment: list.map_or(Treatment::None, |(kind, propensity)| Treatment::List {
                    kind,
                    propensity,
                }),
            });
        }
    }
    episodes
}

/// What came of many diaries, for one effect.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Diaries with an estimate for calm music when sad.
    pub(crate) users: f64,
    /// Their mean lists, their mean estimate, and the mean rise without a comparison.
    pub(crate) lists: f64,
    pub(crate) estimate: f64,
    pub(crate) plain: f64,
    /// The share of intervals that hold the truth, of those that exclude 0, and of the certain ones.
    pub(crate) covered: f64,
    pub(crate) excluded: f64,
    pub(crate) certain: f64,
    /// The mean width of an interval.
    pub(crate) width: f64,
    /// The same over all other moods and kinds, where the truth is 0.
    pub(crate) others: f64,
    pub(crate) others_covered: f64,
    /// The share of diaries in which any of those is called certain.
    pub(crate) others_certain: f64,
}

/// The mean rise after calm music when sad: what somebody would say who compares with before.
fn plain(episodes: &[Episode]) -> f64 {
    let of = |episode: &&Episode| {
        let calm = matches!(
            episode.treatment,
            Treatment::List {
                kind: Kind::Calm,
                ..
            }
        );
        calm && episode.mood == Emotion::Sad
    };
    let rises: Vec<f64> = episodes
        .iter()
        .filter(of)
        .map(|episode| episode.after.valence - episode.before.valence)
        .collect();
    rises.iter().sum::<f64>() / rises.len().max(1) as f64
}

pub(crate) fn run(lift: f64, users: u64, seed: u64) -> Outcome {
    let mut all = Outcome::default();
    for user in 0..users {
        let episodes = write(lift, &mut Chance::new(seed, user));
        let Lifts(estimates) = Lifts::of(&episodes);
        let aimed =
            |estimate: &&Estimate| estimate.mood == Emotion::Sad && estimate.kind == Kind::Calm;
        let holds = |estimate: &Estimate, truth: f64| {
            f64::from(estimate.interval.0 <= truth && truth <= estimate.interval.1)
        };
        if let Some(estimate) = estimates.iter().find(aimed) {
            let (low, high) = estimate.interval;
            all.users += 1.0;
            all.lists += f64::from(estimate.lists);
            all.estimate += estimate.valence;
            all.plain += plain(&episodes);
            all.covered += holds(estimate, lift);
            all.excluded += f64::from(low > 0.0 || high < 0.0);
            all.certain += f64::from(estimate.certain);
            all.width += high - low;
        }
        let others = || estimates.iter().filter(|estimate| !aimed(estimate));
        for estimate in others() {
            all.others += 1.0;
            all.others_covered += holds(estimate, 0.0);
        }
        all.others_certain += f64::from(others().any(|estimate| estimate.certain));
    }
    let n = all.users.max(1.0);
    for sum in [
        &mut all.lists,
        &mut all.estimate,
        &mut all.plain,
        &mut all.covered,
        &mut all.excluded,
        &mut all.certain,
        &mut all.width,
    ] {
        *sum /= n;
    }
    all.others_covered /= all.others.max(1.0);
    all.others_certain /= users.max(1) as f64;
    all
}
