//! Wrong switches and delays: what they are, and how they spread.

use moodlark_core::Emotion;

use crate::{chance::Chance, looks::Done, methods::Switch, person::Truth};

/// A mood that lasts so many minutes is to be noticed.
pub(crate) const LONG: f64 = 40.0;

/// A mood that began while another label was acted upon.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delay {
    pub(crate) mood: Emotion,
    /// Minutes at the desk until it was caught, or until it ended.
    pub(crate) minutes: f64,
    pub(crate) caught: bool,
    /// Minutes that the mood lasted, and those of them at the desk.
    pub(crate) lasted: f64,
    pub(crate) at_desk: f64,
}

/// One day of one method.
#[derive(Debug, Clone, Default)]
pub(crate) struct DayScore {
    pub(crate) looks: usize,
    pub(crate) switches: usize,
    pub(crate) wrong: usize,
    /// Minutes at the desk, and those of them with the right label acted upon.
    pub(crate) desk: f64,
    pub(crate) right: f64,
    pub(crate) delays: Vec<Delay>,
}

impl DayScore {
    /// Compares what was done on a day with what truly was.
    pub(crate) fn of_day(truth: &Truth, done: &Done) -> Self {
        Self {
            looks: done.looks,
            ..Self::of(truth, &done.switches)
        }
    }

    fn of(truth: &Truth, switches: &[Switch]) -> Self {
        let mut score = Self {
            switches: switches.len(),
            ..Self::default()
        };
        for switch in switches {
            let felt = truth
                .episodes
                .iter()
                .find(|e| switch.at < e.to)
                .or(truth.episodes.last());
            score.wrong += usize::from(felt.is_some_and(|e| e.mood != switch.to));
        }
        let at_desk = |from: f64, to: f64| -> f64 {
            truth
                .present
                .iter()
                .map(|(a, b)| (to.min(*b) - from.max(*a)).max(0.0))
                .sum()
        };
        score.desk = at_desk(0.0, f64::INFINITY);
        for episode in &truth.episodes {
            let before = switches
                .iter()
                .rev()
                .find(|s| s.at <= episode.from)
                .map(|s| s.to);
            let mut acted = before;
            let mut from = episode.from;
            let mut caught = None;
            for switch in switches
                .iter()
                .filter(|s| s.at > episode.from && s.at < episode.to)
            {
                if acted == Some(episode.mood) {
                    score.right += at_desk(from, switch.at);
                }
                if switch.to == episode.mood && caught.is_none() {
                    caught = Some(switch.at);
                }
                (acted, from) = (Some(switch.to), switch.at);
            }
            if acted == Some(episode.mood) {
                score.right += at_desk(from, episode.to);
            }
            // A mood whose label was never left counts nowhere: its delay is not 0, it was missed
            // that another had come between.
            if before != Some(episode.mood) {
                let until = caught.unwrap_or(episode.to);
                let minutes = at_desk(episode.from, until);
                // Nobody can see a mood that came and went in an empty chair.
                if minutes > 0.0 || caught.is_some() {
                    score.delays.push(Delay {
                        mood: episode.mood,
                        minutes,
                        caught: caught.is_some(),
                        lasted: episode.to - episode.from,
                        at_desk: at_desk(episode.from, episode.to),
                    });
                }
            }
        }
        score
    }
}

/// Many days of one method.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    /// Looks a day.
    pub(crate) looks: f64,
    pub(crate) switches: f64,
    /// Mean wrong switches a day, and the 95 % interval of that mean.
    pub(crate) wrong: f64,
    pub(crate) wrong_interval: (f64, f64),
    /// Quartiles over days.
    pub(crate) wrong_quartiles: [f64; 3],
    /// Kaplan–Meier quartiles of the delay; infinite where so many were never caught.
    pub(crate) delay_quartiles: [f64; 3],
    pub(crate) delay_interval: (f64, f64),
    /// The median of those that were caught.
    pub(crate) caught_median: f64,
    /// Share of the moods that ended before they were caught.
    pub(crate) missed: f64,
    /// Share of the moods of [`LONG`] minutes or more that were caught: by the clock, and of those
    /// that had so many minutes at the desk.
    pub(crate) noticed: f64,
    pub(crate) noticed_at_desk: f64,
    /// Share of the time at the desk with the right label acted upon.
    pub(crate) right: f64,
}

const RESAMPLES: usize = 400;

/// Sums days up. With `intervals` the bootstrap over days is done; it costs time.
pub(crate) fn summarise(days: &[DayScore], intervals: bool) -> Summary {
    let n = days.len() as f64;
    let mean = |of: &dyn Fn(&DayScore) -> f64| days.iter().map(of).sum::<f64>() / n;
    let mut wrong: Vec<f64> = days.iter().map(|d| d.wrong as f64).collect();
    wrong.sort_by(f64::total_cmp);
    let delays: Vec<Delay> = days.iter().flat_map(|d| d.delays.iter().copied()).collect();
    let mut caught: Vec<f64> = delays
        .iter()
        .filter(|d| d.caught)
        .map(|d| d.minutes)
        .collect();
    caught.sort_by(f64::total_cmp);
    let (mut wrong_interval, mut delay_interval) = ((0.0, 0.0), (0.0, 0.0));
    if intervals {
        let mut chance = Chance::new(99, 99);
        let (mut means, mut medians) = (Vec::new(), Vec::new());
        for _ in 0..RESAMPLES {
            let sample: Vec<&DayScore> = (0..days.len())
                .map(|_| &days[chance.below(days.len())])
                .collect();
            means.push(sample.iter().map(|d| d.wrong as f64).sum::<f64>() / n);
            let delays = sample
                .iter()
                .flat_map(|d| d.delays.iter().copied())
                .collect();
            medians.push(kaplan_meier(delays)[1]);
        }
        wrong_interval = interval(means);
        delay_interval = interval(medians);
    }
    let noticed = |length: fn(&Delay) -> f64| {
        let long: Vec<_> = delays.iter().filter(|d| length(d) >= LONG).collect();
        long.iter().filter(|d| d.caught).count() as f64 / long.len().max(1) as f64
    };
    Summary {
        noticed: noticed(|d| d.lasted),
        noticed_at_desk: noticed(|d| d.at_desk),
        looks: mean(&|d| d.looks as f64),
        switches: mean(&|d| d.switches as f64),
        wrong: mean(&|d| d.wrong as f64),
        wrong_interval,
        wrong_quartiles: [0.25, 0.5, 0.75].map(|q| quantile(&wrong, q)),
        missed: delays.iter().filter(|d| !d.caught).count() as f64 / delays.len().max(1) as f64,
        delay_quartiles: kaplan_meier(delays),
        delay_interval,
        caught_median: quantile(&caught, 0.5),
        right: days.iter().map(|d| d.right).sum::<f64>() / days.iter().map(|d| d.desk).sum::<f64>(),
    }
}

/// The ratio of mean wrong switches to another method's on the same days, with its 95 % interval.
pub(crate) fn ratio(ours: &[DayScore], theirs: &[DayScore]) -> (f64, (f64, f64)) {
    let of = |days: &[usize]| {
        let sum = |scores: &[DayScore]| days.iter().map(|d| scores[*d].wrong as f64).sum::<f64>();
        sum(ours) / sum(theirs)
    };
    let mut chance = Chance::new(98, 98);
    let all: Vec<usize> = (0..ours.len()).collect();
    let ratios = (0..RESAMPLES).map(|_| {
        of(&all
            .iter()
            .map(|_| chance.below(all.len()))
            .collect::<Vec<_>>())
    });
    (of(&all), interval(ratios.collect()))
}

fn interval(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    (quantile(&values, 0.025), quantile(&values, 0.975))
}

fn quantile(sorted: &[f64], q: f64) -> f64 {
    if sorted.is_empty() {
        return f64::INFINITY;
    }
    sorted[((sorted.len() - 1) as f64 * q).round() as usize]
}

/// Quartiles of the delay of a mood that lasts, from moods that may end first (Kaplan & Meier 1958).
pub(crate) fn kaplan_meier(mut delays: Vec<Delay>) -> [f64; 3] {
    delays.sort_by(|a, b| a.minutes.total_cmp(&b.minutes));
    let (mut waiting, mut left) = (1.0, delays.len() as f64);
    let mut quartiles = [f64::INFINITY; 3];
    for Delay {
        minutes, caught, ..
    } in delays
    {
        if caught {
            waiting *= 1.0 - 1.0 / left;
            for (quartile, share) in quartiles.iter_mut().zip([0.75, 0.5, 0.25]) {
                if waiting <= share && quartile.is_infinite() {
                    *quartile = minutes;
                }
            }
        }
        left -= 1.0;
    }
    quartiles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Episode;

    fn truth() -> Truth {
        let episode = |mood, from, to| Episode { mood, from, to };
        Truth::of(
            vec![
                episode(Emotion::Sad, 0.0, 100.0),
                episode(Emotion::Neutral, 100.0, 200.0),
                episode(Emotion::Sad, 200.0, 300.0),
            ],
            vec![(0.0, 110.0), (130.0, 300.0)],
        )
    }

    #[test]
    fn a_day_by_hand() {
        let switch = |at, to| Switch { at, to };
        let switches = [
            switch(10.0, Emotion::Happy),
            switch(30.0, Emotion::Sad),
            switch(150.0, Emotion::Neutral),
        ];
        let score = DayScore::of(&truth(), &switches);
        assert_eq!((score.switches, score.wrong), (3, 1));
        assert_eq!((score.desk, score.right), (280.0, 70.0 + 50.0));
        let delays: Vec<_> = score
            .delays
            .iter()
            .map(|d| (d.mood, d.minutes, d.caught))
            .collect();
        // Neutral: 10 minutes, 20 away that don't count, 20 more. The last sadness was missed.
        let expected = [
            (Emotion::Sad, 30.0, true),
            (Emotion::Neutral, 30.0, true),
            (Emotion::Sad, 100.0, false),
        ];
        assert_eq!(delays, expected);
    }

    #[test]
    fn a_label_never_left_is_no_catch() {
        let switches = [Switch {
            at: 30.0,
            to: Emotion::Sad,
        }];
        let score = DayScore::of(&truth(), &switches);
        let delays: Vec<_> = score.delays.iter().map(|d| (d.mood, d.caught)).collect();
        assert_eq!(delays, [(Emotion::Sad, true), (Emotion::Neutral, false)]);
        assert_eq!(score.right, 70.0 + 100.0);
    }

    #[test]
    fn who_ends_first_was_waited_for_until_then() {
        let delay = |minutes, caught| Delay {
            mood: Emotion::Sad,
            minutes,
            caught,
            lasted: minutes,
            at_desk: minutes,
        };
        // By hand: waiting 1 → 3/4 at 1 → (one leaves) → 3/8 at 3 → 0 at 4.
        let delays = vec![
            delay(1.0, true),
            delay(2.0, false),
            delay(3.0, true),
            delay(4.0, true),
        ];
        assert_eq!(kaplan_meier(delays), [1.0, 3.0, 4.0]);
        assert_eq!(kaplan_meier(vec![delay(1.0, false)])[1], f64::INFINITY);
    }
}
