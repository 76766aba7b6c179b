//! Days × methods: the main table, the frontier, and users other than the one tuned for.

use std::time::Duration;

use moodlark_core::{
    Distribution, Emotion,
    filter::Baseline,
    settings::{DecideSettings, MoodSettings},
};

use crate::{
    Fault,
    chance::Chance,
    classifier::Classifier,
    methods::{Method, Oracle, OracleKnobs, Ours, Seen},
    person::{N, Person, Truth},
    score::{DayScore, Summary, ratio, summarise},
};

/// The seed of the days on which options are chosen. Figures are reported on others.
pub(crate) const TUNING_SEED: u64 = 1;
/// How many days a point of the sweep is measured on.
const TUNING_DAYS: usize = 250;
/// What is asked of our wrong switches, as a share of argmax's.
pub(crate) const TARGET_WRONG: f64 = 0.1;
/// The row of ours.
pub(crate) const OURS: &str = "**ours**";

/// What is asked of the median delay, in minutes.
pub(crate) const TARGET_DELAY: f64 = 20.0;

/// One simulated day: the truth, and what the methods get to see of it.
#[derive(Debug, Clone)]
pub(crate) struct Day {
    truth: Truth,
    looks: Vec<Seen>,
}

/// The options that are swept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Knobs {
    /// Minutes.
    pub(crate) half_life: f64,
    pub(crate) min_confidence: f64,
    pub(crate) hysteresis: f64,
    /// Minutes.
    pub(crate) dwell: f64,
    /// Minutes.
    pub(crate) cooldown: f64,
}

/// What this bench chooses, by the tables of the frontier. Half-life, min-confidence and hysteresis
/// are those of the filter's defaults. Fewer wrong switches go before the last minutes of
/// delay: a wrong switch is heard, a late one is hardly noticed.
pub(crate) const CHOSEN: Knobs = Knobs {
    half_life: 20.0,
    min_confidence: 0.5,
    hysteresis: 0.2,
    dwell: 0.0,
    cooldown: 20.0,
};

/// A row of the main table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) summary: Summary,
    /// Wrong switches as a share of argmax's, and the 95 % interval.
    pub(crate) share: (f64, (f64, f64)),
}

/// A point of the sweep, on the tuning days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point<K> {
    pub(crate) knobs: K,
    pub(crate) share: f64,
    pub(crate) delay: f64,
    pub(crate) caught: f64,
    pub(crate) right: f64,
}

/// How one mood fares under our defaults.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PerMood {
    pub(crate) mood: Emotion,
    /// How often it begins in a day.
    pub(crate) begins: f64,
    pub(crate) lasts: f64,
    /// The least that any observer must make up for: prior odds against it, to neutral, in nats.
    pub(crate) prior: f64,
    /// What one face says for it against neutral in the mean, in nats.
    pub(crate) nats: f64,
    /// Kaplan–Meier quartiles of our delay.
    pub(crate) delay: [f64; 3],
    pub(crate) missed: f64,
}

/// A user other than the one tuned for.
#[derive(Debug, Clone)]
pub(crate) struct Other {
    pub(crate) name: &'static str,
    pub(crate) argmax: Summary,
    pub(crate) ours: Row,
    /// The oracle that knows this user's rates, at the same threshold.
    pub(crate) oracle: Option<Row>,
}

/// How telling the simulated classifier is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling {
    /// Over faces as common as in the model's class prior.
    pub(crate) accuracy: f64,
    /// Of the surest 70, 50 and 30 %.
    pub(crate) coverage: [f64; 3],
    pub(crate) real: bool,
}

/// All that is reported.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) days: usize,
    pub(crate) seed: u64,
    pub(crate) person: Person,
    pub(crate) telling: Telling,
    pub(crate) rows: Vec<Row>,
    pub(crate) moods: Vec<PerMood>,
    pub(crate) ours: Vec<Point<Knobs>>,
    pub(crate) oracle: Vec<Point<OracleKnobs>>,
    pub(crate) others: Vec<Other>,
}

impl Bench {
    pub(crate) fn run(classifier: &Classifier, days: usize, seed: u64) -> Result<Self, Fault> {
        let person = Person::default();
        let tuning = live(&person, classifier, TUNING_SEED, TUNING_DAYS);
        let oracle = sweep(&tuning, &person, &oracle_grid(), |knobs| {
            Method::Oracle(Box::new(Oracle::new(&person, *knobs)))
        });
        let swept = sweep(&tuning, &person, &our_grid(), |knobs| {
            ours(classifier, *knobs, None)
        });
        let (tenth, prompt) = (
            best_delay(&oracle, TARGET_WRONG),
            best_share(&oracle, TARGET_DELAY),
        );

        let reported = live(&person, classifier, seed, days);
        let chosen = ours(classifier, CHOSEN, None);
        let oracle_at =
            |p: Point<OracleKnobs>| Method::Oracle(Box::new(Oracle::new(&person, p.knobs)));
        let mut methods = vec![
            ("argmax of each face".to_owned(), Method::Argmax),
            ("3 in a row".to_owned(), Method::InARow(3)),
            (OURS.to_owned(), chosen.clone()),
        ];
        let shipped = shipped(classifier);
        if !matches!((&shipped, &chosen), (Method::Ours(a), Method::Ours(b)) if a.acts_like(b)) {
            methods.push((
                "ours, with the defaults of the settings".to_owned(),
                shipped,
            ));
        }
        if let Some(point) = tenth {
            methods.push((
                "oracle, a tenth of the wrong switches".to_owned(),
                oracle_at(point),
            ));
        }
        if let Some(point) = prompt {
            methods.push((
                format!("oracle, half caught in {TARGET_DELAY} min"),
                oracle_at(point),
            ));
        }
        let argmax = score(&person, &Method::Argmax, &reported);
        let rows = methods
            .iter()
            .map(|(name, method)| {
                row(
                    name.clone(),
                    &score(&person, method, &reported),
                    &argmax,
                    true,
                )
            })
            .collect();
        let moods = per_mood(&person, classifier, &score(&person, &chosen, &reported));
        let others = others(classifier, tenth, seed, days.div_ceil(2))?;
        Ok(Self {
            days,
            seed,
            telling: telling(classifier),
            person,
            rows,
            moods,
            ours: swept,
            oracle,
            others,
        })
    }
}

/// The least delay among points with at most this share of argmax's wrong switches.
pub(crate) fn best_delay<K: Copy>(points: &[Point<K>], share: f64) -> Option<Point<K>> {
    points
        .iter()
        .filter(|p| p.share <= share)
        .min_by(|a, b| a.delay.total_cmp(&b.delay))
        .copied()
}

/// The fewest wrong switches among points with at most this delay.
fn best_share<K: Copy>(points: &[Point<K>], delay: f64) -> Option<Point<K>> {
    points
        .iter()
        .filter(|p| p.delay <= delay)
        .min_by(|a, b| a.share.total_cmp(&b.share))
        .copied()
}

fn live(person: &Person, classifier: &Classifier, seed: u64, days: usize) -> Vec<Day> {
    (0..days)
        .map(|day| {
            let mut chance = Chance::new(seed, day as u64);
            let truth = person.live(&mut chance);
            let looks = truth
                .looks
                .iter()
                .map(|look| {
                    let answer = look.expression.map(|worn| {
                        let fooled =
                            worn == Emotion::Neutral && chance.unit() < person.looks_sad_at_rest;
                        classifier.answer(if fooled { Emotion::Sad } else { worn }, &mut chance)
                    });
                    Seen {
                        at: look.at,
                        answer,
                    }
                })
                .collect();
            Day { truth, looks }
        })
        .collect()
}

fn score(person: &Person, method: &Method, days: &[Day]) -> Vec<DayScore> {
    days.iter()
        .map(|day| DayScore::of(&day.truth, &method.run(person.day, &day.looks)))
        .collect()
}

fn row(name: String, scores: &[DayScore], argmax: &[DayScore], intervals: bool) -> Row {
    Row {
        name,
        summary: summarise(scores, intervals),
        share: ratio(scores, argmax),
    }
}

fn minutes(minutes: f64) -> Duration {
    Duration::from_secs_f64(minutes * 60.0)
}

fn ours(classifier: &Classifier, knobs: Knobs, baseline: Option<Baseline>) -> Method {
    Method::Ours(Box::new(Ours {
        mood: MoodSettings {
            half_life: minutes(knobs.half_life),
            min_confidence: knobs.min_confidence,
            hysteresis: knobs.hysteresis,
            ..MoodSettings::default()
        },
        decide: DecideSettings {
            dwell: minutes(knobs.dwell),
            cooldown: minutes(knobs.cooldown),
            // The filter's own threshold is the one that is swept.
            min_confidence: 0.0,
            ..DecideSettings::default()
        },
        model: classifier.model().clone(),
        baseline,
    }))
}

/// The defaults of the settings.
fn shipped(classifier: &Classifier) -> Method {
    Method::Ours(Box::new(Ours {
        mood: MoodSettings::default(),
        decide: DecideSettings::default(),
        model: classifier.model().clone(),
        baseline: None,
    }))
}

fn our_grid() -> Vec<Knobs> {
    let mut grid = Vec::new();
    for half_life in [10.0, 20.0, 30.0, 45.0, 70.0] {
        for min_confidence in [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6] {
            for hysteresis in [0.0, 0.1, 0.2, 0.3] {
                for dwell in [0.0, 2.0, 5.0, 10.0] {
                    for cooldown in [0.0, 10.0, 20.0] {
                        grid.push(Knobs {
                            half_life,
                            min_confidence,
                            hysteresis,
                            dwell,
                            cooldown,
                        });
                    }
                }
            }
        }
    }
    grid
}

fn oracle_grid() -> Vec<OracleKnobs> {
    let mut grid = Vec::new();
    for threshold in (0..22).map(|i| 0.2 + 0.025 * f64::from(i)) {
        for margin in [0.0, 0.1, 0.2, 0.3] {
            for haste in [1.0, 1.5, 2.5] {
                grid.push(OracleKnobs {
                    threshold,
                    margin,
                    haste,
                });
            }
        }
    }
    grid
}

/// Measures each point of a grid on the tuning days, on all cores.
fn sweep<K: Copy + Send + Sync>(
    days: &[Day],
    person: &Person,
    grid: &[K],
    method: impl Fn(&K) -> Method + Sync,
) -> Vec<Point<K>> {
    let argmax = summarise(&score(person, &Method::Argmax, days), false).wrong;
    let measure = |knobs: &K| {
        let summary = summarise(&score(person, &method(knobs), days), false);
        Point {
            knobs: *knobs,
            share: summary.wrong / argmax,
            delay: summary.delay_quartiles[1],
            caught: summary.caught_median,
            right: summary.right,
        }
    };
    let cores = std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .max(2);
    let measure = &measure;
    std::thread::scope(|scope| {
        let parts: Vec<_> = grid
            .chunks(grid.len().div_ceil(cores))
            .map(|part| scope.spawn(move || part.iter().map(measure).collect::<Vec<_>>()))
            .collect();
        parts
            .into_iter()
            .filter_map(|part| part.join().ok())
            .flatten()
            .collect()
    })
}

fn per_mood(person: &Person, classifier: &Classifier, scores: &[DayScore]) -> Vec<PerMood> {
    let (mix, neutral) = (person.mix(), Emotion::Neutral.index());
    let mut chance = Chance::new(TUNING_SEED, 1 << 40);
    Emotion::ALL
        .into_iter()
        .map(|mood| {
            let delays: Vec<_> = scores
                .iter()
                .flat_map(|s| s.delays.iter().copied())
                .filter(|d| d.mood == mood)
                .collect();
            let draws = 20_000;
            let nats = (0..draws)
                .map(|_| {
                    let worn = if chance.unit() < person.shows {
                        mood
                    } else {
                        Emotion::Neutral
                    };
                    let likelihood = classifier.answer(worn, &mut chance).likelihood;
                    let under = |m: usize| -> f64 {
                        (0..N)
                            .map(|e| person.wears((m, None), e) * likelihood[e])
                            .sum()
                    };
                    (under(mood.index()) / under(neutral)).ln()
                })
                .sum::<f64>()
                / f64::from(draws);
            PerMood {
                mood,
                begins: delays.len() as f64 / scores.len() as f64,
                lasts: person.lasts[mood.index()],
                prior: (mix[neutral] / mix[mood.index()]).ln(),
                nats,
                missed: delays.iter().filter(|d| !d.caught).count() as f64
                    / delays.len().max(1) as f64,
                delay: crate::score::kaplan_meier(delays),
            }
        })
        .collect()
}

fn telling(classifier: &Classifier) -> Telling {
    let mut chance = Chance::new(TUNING_SEED, 1 << 41);
    let mut answers: Vec<(f64, bool)> = (0..20_000)
        .map(|_| {
            let worn = Emotion::ALL[chance.pick(&classifier.model().class_prior)];
            let (said, sure) = classifier.answer(worn, &mut chance).distribution.top();
            (sure, said == worn)
        })
        .collect();
    answers.sort_by(|a, b| b.0.total_cmp(&a.0));
    let right = |share: f64| {
        let n = (answers.len() as f64 * share) as usize;
        answers[..n].iter().filter(|a| a.1).count() as f64 / n as f64
    };
    Telling {
        accuracy: right(1.0),
        coverage: [0.7, 0.5, 0.3].map(right),
        real: classifier.is_real(),
    }
}

fn others(
    classifier: &Classifier,
    oracle: Option<Point<OracleKnobs>>,
    seed: u64,
    days: usize,
) -> Result<Vec<Other>, Fault> {
    let user = Person::default();
    let scaled = |times: f64| Person {
        lasts: user.lasts.map(|m| m * times),
        ..user.clone()
    };
    let sad_at_rest = Person {
        looks_sad_at_rest: 0.5,
        ..user.clone()
    };
    let better = classifier.with_errors(0.8)?;
    let people: Vec<(&'static str, Person, &Classifier)> = vec![
        (
            "an expression lasts 10 min, not one look",
            Person {
                expression_lasts: Some(10.0),
                ..user.clone()
            },
            classifier,
        ),
        ("moods last twice as long", scaled(2.0), classifier),
        ("moods last half as long", scaled(0.5), classifier),
        (
            "shows moods 60 % of the time",
            Person {
                shows: 0.6,
                ..user.clone()
            },
            classifier,
        ),
        (
            "shows moods 15 % of the time",
            Person {
                shows: 0.15,
                ..user.clone()
            },
            classifier,
        ),
        (
            "gloomy: mostly sad, angry, afraid",
            Person {
                follows: [0.2, 0.04, 0.2, 0.08, 0.3, 0.03, 0.15],
                ..user.clone()
            },
            classifier,
        ),
        (
            "looks every 2 min",
            Person {
                looks_every: 2.0,
                ..user.clone()
            },
            classifier,
        ),
        (
            "looks every 2 min, an expression lasts 10",
            Person {
                looks_every: 2.0,
                expression_lasts: Some(10.0),
                ..user.clone()
            },
            classifier,
        ),
        (
            "looks every 10 min",
            Person {
                looks_every: 10.0,
                ..user.clone()
            },
            classifier,
        ),
        (
            "a classifier with a fifth fewer errors",
            user.clone(),
            &better,
        ),
        (
            "half of the neutral faces read as sad",
            sad_at_rest.clone(),
            classifier,
        ),
    ];
    let mut others = Vec::new();
    for (name, person, classifier) in people {
        let lived = live(&person, classifier, seed, days);
        let argmax = score(&person, &Method::Argmax, &lived);
        let of = |method: &Method| {
            row(
                String::new(),
                &score(&person, method, &lived),
                &argmax,
                false,
            )
        };
        let informed = (person.looks_sad_at_rest == 0.0)
            .then_some(oracle)
            .flatten();
        others.push(Other {
            name,
            argmax: summarise(&argmax, false),
            ours: of(&ours(classifier, CHOSEN, None)),
            oracle: informed.map(|p| of(&Method::Oracle(Box::new(Oracle::new(&person, p.knobs))))),
        });
    }
    let lived = live(&sad_at_rest, classifier, seed, days);
    let argmax = score(&sad_at_rest, &Method::Argmax, &lived);
    let method = ours(classifier, CHOSEN, Some(baseline(&sad_at_rest, classifier)));
    others.push(Other {
        name: "the same, with the baseline divided out",
        argmax: summarise(&argmax, false),
        ours: row(
            String::new(),
            &score(&sad_at_rest, &method, &lived),
            &argmax,
            false,
        ),
        oracle: None,
    });
    Ok(others)
}

/// What would have been learnt from fifty looks at the resting face.
fn baseline(person: &Person, classifier: &Classifier) -> Baseline {
    let mut chance = Chance::new(TUNING_SEED, 1 << 42);
    let looks = 50;
    let mut sum = [0.0; N];
    for _ in 0..looks {
        let fooled = chance.unit() < person.looks_sad_at_rest;
        let answer = classifier.answer(
            if fooled {
                Emotion::Sad
            } else {
                Emotion::Neutral
            },
            &mut chance,
        );
        for (s, p) in sum.iter_mut().zip(answer.distribution.as_array()) {
            *s += p;
        }
    }
    Baseline {
        resting: Distribution::from_weights(sum).unwrap_or(Distribution::UNIFORM),
        looks: f64::from(looks),
    }
}
