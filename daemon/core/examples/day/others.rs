//! Users and classifiers other than those that the options were chosen for.

use moodlark_core::{Distribution, Emotion, camera::Pace, filter::Baseline};

use crate::{
    Fault,
    bench::{CHOSEN, Row, TUNING_SEED, ours, row, score},
    chance::Chance,
    classifier::Classifier,
    looks::{World, live},
    methods::{Method, Way},
    oracle::{Oracle, OracleKnobs},
    person::{N, Person},
    score::{Summary, summarise},
    sweep::Point,
};

/// A user other than the one tuned for.
#[derive(Debug, Clone)]
pub(crate) struct Other {
    pub(crate) name: &'static str,
    pub(crate) argmax: Summary,
    /// Ours with evenly spaced looks.
    pub(crate) even: Row,
    pub(crate) ours: Row,
    /// The oracle that knows this user's rates, at the same threshold and pace.
    pub(crate) oracle: Option<Row>,
}

pub(crate) fn others(
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
    let (simulated, better) = (classifier.simulated(1.0)?, classifier.simulated(0.8)?);
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
            "a simulated classifier, as sure of itself on faces at rest",
            user.clone(),
            &simulated,
        ),
        ("the same with a fifth fewer errors", user.clone(), &better),
        (
            "a picture stays the same for 5 min, not 1",
            Person {
                same_picture: 5.0,
                ..user.clone()
            },
            classifier,
        ),
        (
            "half of the neutral faces read as sad",
            sad_at_rest.clone(),
            classifier,
        ),
    ];
    let mut others = Vec::new();
    for (name, person, classifier) in people {
        let world = World {
            person: &person,
            classifier,
        };
        let informed = (person.looks_sad_at_rest == 0.0)
            .then_some(oracle)
            .flatten();
        let oracle = informed
            .map(|p| Way::Oracle(Box::new(Oracle::new(&person, p.knobs))).at_pace(Pace::CHOSEN));
        others.push(other(name, world, None, oracle.as_ref(), seed, days));
    }
    let world = World {
        person: &sad_at_rest,
        classifier,
    };
    let name = "the same, with the baseline divided out";
    let learnt = Some(baseline(&sad_at_rest, classifier));
    others.push(other(name, world, learnt, None, seed, days));
    Ok(others)
}

fn other(
    name: &'static str,
    world: World<'_>,
    baseline: Option<Baseline>,
    oracle: Option<&Method>,
    seed: u64,
    days: usize,
) -> Other {
    let lived = live(world, seed, days);
    let argmax = score(world, &Way::ARGMAX.evenly(), &lived);
    let of = |method: &Method| row(String::new(), &score(world, method, &lived), &argmax, false);
    Other {
        name,
        argmax: summarise(&argmax, false),
        even: of(&ours(world.classifier, CHOSEN, baseline).evenly()),
        ours: of(&ours(world.classifier, CHOSEN, baseline).at_pace(Pace::CHOSEN)),
        oracle: oracle.map(of),
    }
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
