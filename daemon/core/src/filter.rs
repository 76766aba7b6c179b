//! Readings over time → mood: a Bayesian filter with continuous forgetting.
//!
//! # The model
//! A mood `m` is one of the seven emotions. It lasts a while and then gives way to another; between
//! looks nothing is known of that but the clock. Forgetting is the exact prediction step of the
//! simplest such chain, the one that draws a fresh mood from the prior `π` at rate `ln 2 / h`:
//!
//! ```text
//! b(m, t+Δ) = λ·b(m, t) + (1−λ)·π(m),   λ = 2^(−Δ/h)
//! ```
//!
//! with `h` the half-life. Being exact it doesn't care for the spacing of looks: two steps are as
//! good as one (a test holds it to that). This is the forward recursion of a hidden Markov model in
//! continuous time (Rabiner 1989, "A tutorial on hidden Markov models", Proc. IEEE 77, §III.A).
//!
//! A look at the face is the correction step, `b(m) ← b(m)·L(m)^w / Σ`. A mood shows on the face
//! only some of the time (`shows`, `s`); the rest of the time the face is at rest. So with `ℓ(e)`
//! the likelihood of what the camera saw where a person would see *expression* `e`, and `ℓ(rest)`
//! that on a face at rest (see [`ExpressionModel::likelihood`]):
//!
//! ```text
//! L(m) = s·ℓ(m) + (1−s)·ℓ(rest)        for every mood but neutral
//! L(neutral) = ℓ(rest)
//! ```
//!
//! A face at rest can at most divide the odds of a mood by `1/(1−s)`: weak evidence. A sad face,
//! well read, multiplies the odds of sad by up to `s·ℓ(sad)/ℓ(rest)`: strong evidence.
//!
//! The exponent `w`, 0..=1, says how much of a look counts. It is the product of a saturating
//! function of the picture's quality and of `1 − 2^(−δ/τ)`, with `δ` the time since the last face
//! and `τ` [`SAME_FACE`]: two looks in the same minute see the same face with the same errors, and
//! are not two pieces of evidence (tempered likelihood; Grünwald & van Ommen 2017, "Inconsistency
//! of Bayesian inference for misspecified linear models", Bayesian Analysis 12).
//!
//! # Unknown is not neutral
//! *Neutral* is a mood: somebody was looked at, repeatedly, and wore no expression. *Unknown* is the
//! lack of looks, or looks that contradict each other. So besides `b` the filter keeps `n`, the
//! number of looks that still count (each adds its `w`; `n` fades with the same half-life). The
//! label is `None` while `n <` [`ENOUGH_LOOKS`], or while no mood reaches `min-confidence`.
//! When nobody is in the picture, forgetting runs [`AWAY`] times as fast until a face is back:
//! an empty chair is unknown within minutes, and what it felt before is not lost at once.
//! A look that failed (dark, busy, …) says nothing; only the time passes.
//!
//! # What the user says
//! A report is kept beside the belief, not inside it: the mood is `(1−r)·b + r·report`, `r` halving
//! every `report-half-life`. A fresh report so outranks any camera, the camera takes over as the
//! report ages, and "as you think" ([`MoodFilter::forget_report`]) leaves no trace.
//!
//! # The label
//! Another mood replaces the label when it reaches `min-confidence` and is likelier by
//! `hysteresis`; a label that nothing replaces is given up below `min-confidence − hysteresis`.
//!
//! How often all this is wrong, how late it is right, and how near that is to what can be known at
//! all is measured by `examples/day` and stands in `DAY.md`.

mod baseline;
mod corrections;
mod evidence;
mod options;
mod report;
mod state;

use std::time::Duration;

use crate::{
    affect::Affect,
    emotion::{Distribution, Emotion},
    mood::{Mood, MoodSource},
    reading::Reading,
    settings::MoodSettings,
    time::Timestamp,
};

use options::Options;

pub use baseline::Baseline;
pub use corrections::{AGREE, Correction, Corrections, FARTHEST};
pub use evidence::{BadModel, ExpressionModel, FER_PLUS_PRIOR, FER_PLUS_RESTING, Likelihood};
pub use report::Report;
pub use state::{BadState, FilterState, StandingReport};

/// How common the moods are when nothing is known, in label order.
///
/// An editorial figure between two sources. Trampe, Quoidbach & Taquet 2015, "Emotions in everyday
/// life", PLoS ONE 10 (11,000 people, sampled through the day): joy leads, positive emotions are
/// 2.5 times as frequent as negative ones, and strong ones rare. Oatley & Duncan 1994, "The
/// experience of emotions in everyday life", Cognition & Emotion 8 (diaries): of the basic
/// emotions disgust is the least frequent. At a desk most of the time is none of the six.
pub const PRIOR: [f64; Emotion::COUNT] = [0.09, 0.03, 0.06, 0.25, 0.12, 0.05, 0.40];

/// The time within which a second look at a face is only half a look: expressions last a few
/// seconds to a minute, and the light and the pose last longer. A look that follows up another 90 s
/// later so counts for two thirds of one. `examples/day` simulates pictures that stay the same with
/// this very half-life, and, among its other users, with five times as long a one.
pub const SAME_FACE: Duration = Duration::from_secs(60);

/// How many times as fast is forgotten while nobody is there.
pub const AWAY: f64 = 3.0;

/// Below so many looks that still count the mood is unknown. One good look lasts two half-lives.
pub const ENOUGH_LOOKS: f64 = 0.25;

/// More looks than this make no difference.
const MOST_LOOKS: f64 = 1000.0;

/// No mood is ever ruled out: a belief below this is raised to it, so that any mood can come back.
const FLOOR: f64 = 1e-6;

/// A report that counts for less than this is forgotten.
const REPORT_GONE: f64 = 0.01;

/// The filter: all that is remembered of past looks is one distribution and a few numbers.
#[derive(Debug, Clone)]
pub struct MoodFilter {
    options: Options,
    model: ExpressionModel,
    baseline: Option<Baseline>,
    state: FilterState,
}

impl MoodFilter {
    /// A filter that knows nothing yet.
    #[must_use]
    pub fn new(settings: &MoodSettings, model: ExpressionModel) -> Self {
        Self {
            options: Options::of(settings),
            model,
            baseline: None,
            state: FilterState::default(),
        }
    }

    /// Takes other options from now on; what is known stays.
    pub fn set_settings(&mut self, settings: &MoodSettings) {
        self.options = Options::of(settings);
    }

    /// Takes what the model makes of this user's resting face, or forgets it.
    pub fn set_baseline(&mut self, baseline: Option<Baseline>) {
        self.baseline = baseline;
    }

    /// What the model says of a face, with the baseline divided out.
    #[must_use]
    pub fn corrected(&self, answer: &Distribution) -> Distribution {
        self.baseline
            .map_or(*answer, |b| b.divide_out(answer, &self.model))
    }

    /// What must be kept to go on after a restart.
    #[must_use]
    pub fn state(&self) -> FilterState {
        self.state.clone()
    }

    /// Goes on from a kept state. Time that passed meanwhile is forgotten as any other.
    ///
    /// # Errors
    /// [`BadState`] says what is wrong with it (not a distribution, a time in the future, …);
    /// the filter then stays as it was.
    pub fn restore(&mut self, state: FilterState, now: Timestamp) -> Result<(), BadState> {
        state.check(now)?;
        self.state = state;
        Ok(())
    }

    /// Takes one look's reading, made at `at`.
    ///
    /// Returns how far it speaks for a change, 0..=1: 1 if it changed the label to another mood,
    /// else how likely the likeliest mood besides the label is now, if this look raised it; 0 if
    /// it did not. Who looks again soon after such a look spends looks where they matter.
    pub fn observe(&mut self, reading: &Reading, at: Timestamp) -> f64 {
        self.pass_time(at);
        let (before, held) = (self.blend(self.report_share(at)), self.state.label);
        match reading {
            Reading::Face {
                distribution,
                quality,
                ..
            } => {
                let w = trust(quality.overall) * self.freshness(at);
                let seen = self.corrected(distribution);
                self.correct(&self.model.likelihood(&seen), w);
                self.state.looks = (self.state.looks + w).min(MOST_LOOKS);
                self.state.last_face = Some(at);
                self.state.away = false;
            }
            Reading::NoFace => self.state.away = true,
            Reading::Dark { .. }
            | Reading::Blurred { .. }
            | Reading::Busy
            | Reading::Unplugged
            | Reading::Denied
            | Reading::Failed { .. } => {}
        }
        self.settle(at, held);
        let label = self.state.label;
        if label.is_some() && label != held {
            return 1.0;
        }
        let after = self.blend(self.report_share(at));
        let rivals = Emotion::ALL.into_iter().filter(|mood| Some(*mood) != label);
        let (rival, p) =
            rivals
                .map(|mood| (mood, after.get(mood)))
                .fold(
                    (Emotion::Neutral, 0.0),
                    |a, b| if b.1 > a.1 { b } else { a },
                );
        if p > before.get(rival) { p } else { 0.0 }
    }

    /// Takes what the user says of their mood; it replaces what they said before.
    pub fn report(&mut self, report: Report, at: Timestamp) {
        self.pass_time(at);
        self.state.report = Some(StandingReport {
            emotion: report.emotion(),
            affect: report.affect(),
            at,
        });
        // What the user says is not held back by hysteresis.
        self.settle(at, None);
    }

    /// Drops what the user said: "as you think".
    pub fn forget_report(&mut self, at: Timestamp) {
        self.pass_time(at);
        self.state.report = None;
        self.settle(at, self.state.label);
    }

    /// The mood at `at`.
    pub fn mood(&mut self, at: Timestamp) -> Mood {
        self.pass_time(at);
        self.settle(at, self.state.label);
        let share = self.report_share(at);
        let distribution = self.blend(share);
        let camera = Affect::expected(&self.belief());
        let affect = self.state.report.as_ref().map_or(camera, |report| {
            Affect::new(
                camera.valence + share * (report.affect.valence - camera.valence),
                camera.arousal + share * (report.affect.arousal - camera.arousal),
            )
        });
        let source = if share >= 0.5 || (share > 0.0 && !self.looked_enough()) {
            MoodSource::Report
        } else if self.looked_enough() {
            MoodSource::Camera
        } else {
            MoodSource::None
        };
        Mood {
            distribution,
            affect,
            label: self.state.label,
            confidence: distribution.top().1,
            since: self.state.since,
            source,
        }
    }

    /// Forgets for the time since the last event. A clock that went backwards forgets nothing,
    /// and is followed: else nothing would be forgotten until it had caught up.
    fn pass_time(&mut self, at: Timestamp) {
        let state = &mut self.state;
        let elapsed = at.since(state.last.unwrap_or(at)).as_secs_f64();
        let pace = if state.away { AWAY } else { 1.0 };
        let kept = (-elapsed * pace / self.options.half_life).exp2();
        for (belief, prior) in state.belief.iter_mut().zip(PRIOR) {
            *belief = kept * *belief + (1.0 - kept) * prior;
        }
        state.looks *= kept;
        state.last = Some(at);
        state.since = state.since.min(at);
        state.last_face = state.last_face.map(|then| then.min(at));
        if let Some(report) = &mut state.report {
            report.at = report.at.min(at);
        }
    }

    /// How much of a new look at `at` is not the last one over again, 0..=1.
    fn freshness(&self, at: Timestamp) -> f64 {
        self.state.last_face.map_or(1.0, |then| {
            1.0 - (-at.since(then).as_secs_f64() / SAME_FACE.as_secs_f64()).exp2()
        })
    }

    /// Bayes' rule, tempered.
    fn correct(&mut self, seen: &Likelihood, w: f64) {
        let likelihood = seen.of_moods(self.options.shows);
        let weights: [f64; Emotion::COUNT] =
            std::array::from_fn(|m| self.state.belief[m] * likelihood[m].powf(w));
        if let Ok(belief) = Distribution::from_weights(weights) {
            self.state.belief = belief
                .mix(&Distribution::UNIFORM, FLOOR)
                .as_array()
                .to_owned();
        }
    }

    /// How much the report counts at `at` against the camera, 0..=1.
    fn report_share(&self, at: Timestamp) -> f64 {
        self.state.report.as_ref().map_or(0.0, |report| {
            let share = (-at.since(report.at).as_secs_f64() / self.options.report_half_life).exp2();
            if share < REPORT_GONE { 0.0 } else { share }
        })
    }

    fn belief(&self) -> Distribution {
        // Kept a distribution by every step; the fallback is for rounding that nobody foresaw.
        Distribution::from_weights(self.state.belief).unwrap_or(Distribution::UNIFORM)
    }

    fn blend(&self, share: f64) -> Distribution {
        let belief = self.belief();
        self.state.report.as_ref().map_or(belief, |r| {
            belief.mix(&Distribution::certain(r.emotion), share)
        })
    }

    fn looked_enough(&self) -> bool {
        self.state.looks >= ENOUGH_LOOKS
    }

    /// Sets the label by what is believed at `at`, `held` being the one to keep in doubt.
    fn settle(&mut self, at: Timestamp, held: Option<Emotion>) {
        let share = self.report_share(at);
        if share == 0.0 {
            self.state.report = None;
        }
        let known = share > 0.0 || self.looked_enough();
        let label = if known {
            self.pick(&self.blend(share), held)
        } else {
            None
        };
        if label != self.state.label {
            self.state.label = label;
            self.state.since = at;
        }
    }

    fn pick(&self, belief: &Distribution, held: Option<Emotion>) -> Option<Emotion> {
        let Options {
            min_confidence,
            hysteresis,
            ..
        } = self.options;
        let (top, p) = belief.top();
        let replaces = |held: Emotion| {
            top != held && p >= min_confidence && p >= belief.get(held) + hysteresis
        };
        match held {
            Some(held) if !replaces(held) => {
                (belief.get(held) >= min_confidence - hysteresis).then_some(held)
            }
            _ => (p >= min_confidence).then_some(top),
        }
    }
}

/// How far a picture of this quality is trusted, 0..=1. The quality is a product of four parts, so
/// that a picture good in all of them is seldom above 0.6: half of the trust is reached at 0.2.
fn trust(quality: f64) -> f64 {
    if quality.is_finite() && quality > 0.0 {
        (1.2 * quality / (quality + 0.2)).min(1.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests;
