//! Days × methods: the main table, the frontier, and what every mood is worth.

use std::time::Duration;

use moodlark_core::{
    Emotion,
    camera::Pace,
    filter::Baseline,
    settings::{DecideSettings, MoodSettings},
};

use crate::{
    Fault,
    chance::Chance,
    classifier::Classifier,
    looks::{Day, EVEN, World, live},
    methods::{Method, Ours, Way},
    oracle::{Oracle, OracleKnobs},
    others::{Other, others},
    person::{N, Person},
    score::{DayScore, Summary, ratio, summarise},
    sweep::{Knobs, Point, best_delay, best_share, oracle_grid, our_grid, sweep},
};

/// The seed of the days on which options are chosen. Figures are reported on others.
pub(crate) const TUNING_SEED: u64 = 1;
/// How many days a point of the sweep is measured on.
const TUNING_DAYS: usize = 250;
/// What is asked of our wrong switches, as a share of argmax's.
pub(crate) const TARGET_WRONG: f64 = 0.1;
/// The row of ours.
pub(crate) const OURS: &str = "**ours**";
/// The same with evenly spaced looks.
pub(crate) const OURS_EVEN: &str = "ours, looks evenly spaced";

/// What is asked of the share of long moods that is noticed.
pub(crate) const TARGET_NOTICED: f64 = 2.0 / 3.0;
/// What is asked of the median delay, in minutes.
pub(crate) const TARGET_DELAY: f64 = 20.0;

/// What is chosen by the tables of the frontier: the defaults of the settings. Fewer wrong switches
/// go before the last minutes of delay: a wrong switch is heard, a late one is hardly noticed.
pub(crate) const CHOSEN: Knobs = Knobs {
    half_life: 30.0,
    min_confidence: 0.6,
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

/// How telling the classifier is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling {
    /// On faces with a majority; a simulated one on faces as common as in the model's class prior.
    pub(crate) accuracy: f64,
    /// Of the surest 70, 50 and 30 %.
    pub(crate) coverage: [f64; 3],
    /// How many faces the network's own answers are for, if they are drawn from.
    pub(crate) faces: Option<usize>,
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
    pub(crate) ours: Spread<Knobs>,
    pub(crate) oracle: Spread<OracleKnobs>,
    pub(crate) paces: Vec<Held<Point<Pace>>>,
    pub(crate) others: Vec<Other>,
}

/// An option's name, and what it is held at.
type Held<T> = (&'static str, Vec<(String, T)>);

/// A sweep with looks that are evenly spaced, and one with looks where they matter.
#[derive(Debug)]
pub(crate) struct Spread<K> {
    pub(crate) even: Vec<Point<K>>,
    pub(crate) paced: Vec<Point<K>>,
}

impl Bench {
    pub(crate) fn run(classifier: &Classifier, days: usize, seed: u64) -> Result<Self, Fault> {
        let person = Person::default();
        let world = World {
            person: &person,
            classifier,
        };
        let tuning = live(world, TUNING_SEED, TUNING_DAYS);
        let oracle_way = |knobs: OracleKnobs| Way::Oracle(Box::new(Oracle::new(&person, knobs)));
        let our_way = |knobs: Knobs| ours(classifier, knobs, None);
        let (grid, oracles) = (our_grid(), oracle_grid());
        let pace = Pace::CHOSEN;
        let swept = Spread {
            even: sweep(world, &tuning, &grid, |k| our_way(*k).evenly()),
            paced: sweep(world, &tuning, &grid, |k| our_way(*k).at_pace(pace)),
        };
        let oracle = Spread {
            even: sweep(world, &tuning, &oracles, |k| oracle_way(*k).evenly()),
            paced: sweep(world, &tuning, &oracles, |k| oracle_way(*k).at_pace(pace)),
        };
        let paces = paces()
            .into_iter()
            .map(|(name, held)| {
                let (names, grid): (Vec<_>, Vec<_>) = held.into_iter().unzip();
                let points = sweep(world, &tuning, &grid, |k| our_way(CHOSEN).at_pace(*k));
                (name, names.into_iter().zip(points).collect())
            })
            .collect();

        let reported = live(world, seed, days);
        let chosen = our_way(CHOSEN);
        let mut methods = vec![
            ("argmax of each face".to_owned(), Way::ARGMAX.evenly()),
            ("3 in a row".to_owned(), Way::InARow(3).evenly()),
            (OURS_EVEN.to_owned(), chosen.clone().evenly()),
            (OURS.to_owned(), chosen.clone().at_pace(pace)),
        ];
        let shipped = shipped(classifier);
        if !matches!((&shipped, &chosen), (Way::Ours(a), Way::Ours(b)) if a.acts_like(b)) {
            methods.push((
                "ours, with the defaults of the settings".to_owned(),
                shipped.at_pace(pace),
            ));
        }
        for (points, pace, how) in [
            (&oracle.even, EVEN, "looks evenly spaced"),
            (&oracle.paced, Some(pace), "looks where they matter"),
        ] {
            let mut add = |point: Option<Point<OracleKnobs>>, what: String| {
                if let Some(Point { knobs, .. }) = point {
                    let judge = oracle_way(knobs);
                    methods.push((format!("oracle, {how}: {what}"), Method { judge, pace }));
                }
            };
            add(
                best_delay(points, TARGET_WRONG),
                "a tenth of the wrong switches".to_owned(),
            );
            add(
                best_share(points, TARGET_DELAY),
                format!("half caught in {TARGET_DELAY} min"),
            );
        }
        let argmax = score(world, &Way::ARGMAX.evenly(), &reported);
        let rows = methods
            .iter()
            .map(|(name, method)| {
                let scores = score(world, method, &reported);
                row(name.clone(), &scores, &argmax, true)
            })
            .collect();
        let moods = per_mood(world, &score(world, &chosen.at_pace(pace), &reported));
        let tenth = best_delay(&oracle.paced, TARGET_WRONG);
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
            paces,
            others,
        })
    }
}

pub(crate) fn score(world: World<'_>, method: &Method, days: &[Day]) -> Vec<DayScore> {
    days.iter()
        .map(|day| DayScore::of_day(&day.truth, &day.run(world, method)))
        .collect()
}

pub(crate) fn row(name: String, scores: &[DayScore], argmax: &[DayScore], intervals: bool) -> Row {
    Row {
        name,
        summary: summarise(scores, intervals),
        share: ratio(scores, argmax),
    }
}

fn minutes(minutes: f64) -> Duration {
    Duration::from_secs_f64(minutes * 60.0)
}

pub(crate) fn ours(classifier: &Classifier, knobs: Knobs, baseline: Option<Baseline>) -> Way {
    Way::Ours(Box::new(Ours {
        mood: MoodSettings {
            half_life: minutes(knobs.half_life),
            min_confidence: knobs.min_confidence,
            hysteresis: knobs.hysteresis,
            ..MoodSettings::default()
        },
        decide: DecideSettings {
            dwell: minutes(knobs.dwell),
            cooldown: minutes(knobs.cooldown),
            min_confidence: knobs.min_confidence,
            ..DecideSettings::default()
        },
        model: classifier.model().clone(),
        baseline,
    }))
}

/// The defaults of the settings.
fn shipped(classifier: &Classifier) -> Way {
    Way::Ours(Box::new(Ours {
        mood: MoodSettings::default(),
        decide: DecideSettings::default(),
        model: classifier.model().clone(),
        baseline: None,
    }))
}

fn per_mood(world: World<'_>, scores: &[DayScore]) -> Vec<PerMood> {
    let World { person, classifier } = world;
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
    let mut answers = classifier.record(&mut Chance::new(TUNING_SEED, 1 << 41));
    answers.sort_by(|a, b| b.0.total_cmp(&a.0));
    let right = |share: f64| {
        let n = (answers.len() as f64 * share) as usize;
        answers[..n].iter().filter(|a| a.1).count() as f64 / n.max(1) as f64
    };
    Telling {
        accuracy: right(1.0),
        coverage: [0.7, 0.5, 0.3].map(right),
        faces: classifier.is_real().then_some(answers.len()),
    }
}

/// The pace of the looks with one option held at each of some values.
fn paces() -> Vec<Held<Pace>> {
    let chosen = Pace::CHOSEN;
    let of = |pace: &dyn Fn(f64) -> Pace, values: &[f64]| {
        values
            .iter()
            .map(|value| (value.to_string(), pace(*value)))
            .collect()
    };
    vec![
        (
            "look again after, s",
            of(
                &|s| Pace {
                    follow_up: Duration::from_secs_f64(s),
                    ..chosen
                },
                &[60.0, 75.0, 90.0, 105.0, 120.0],
            ),
        ),
        (
            "in a row",
            of(
                &|n| Pace {
                    in_a_row: n as u8,
                    ..chosen
                },
                &[1.0, 2.0, 3.0, 4.0, 6.0],
            ),
        ),
        (
            "speaks for a change from",
            of(
                &|speaks| Pace { speaks, ..chosen },
                &[0.1, 0.15, 0.2, 0.25, 0.3, 0.4],
            ),
        ),
        (
            "else wait so many intervals",
            of(
                &|stretch| Pace { stretch, ..chosen },
                &[1.2, 1.35, 1.5, 1.75, 2.0],
            ),
        ),
        (
            "looks saved at most",
            of(
                &|most_spare| Pace {
                    most_spare,
                    ..chosen
                },
                &[1.0, 2.0, 3.0, 4.0, 6.0],
            ),
        ),
    ]
}
