//! The user's rules: the first that matches gives an intent, and an intent gives a target.

mod name;

use std::collections::BTreeMap;

use moodlark_catalogue::{feeling, tr};
use serde::{Deserialize, Serialize};

use crate::{
    affect::Affect,
    mood::{Mood, MoodSource},
    player::PlayerView,
    settings::{Criteria, Intent, Power, Rule},
    time::{Now, TimeOfDay},
};

pub use name::UnknownIntent;

/// What the rules may ask about besides the mood. Filled in at the rim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// Where the electricity comes from, if that is known.
    pub power: Option<Power>,
    /// The names of the running programs that some rule asks about.
    pub programs: Vec<String>,
}

/// Where an intent comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The user set it over all rules.
    Override,
    /// The rule of that name.
    Rule(String),
    /// The user asked for this very music.
    Request,
}

impl Origin {
    /// Whether the user asked for this very music.
    #[must_use]
    pub fn is_request(&self) -> bool {
        *self == Self::Request
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Override => f.write_str(&tr!("your wish")),
            Self::Rule(name) => f.write_str(&tr!("your rule \u{201c}{name}\u{201d}", name)),
            Self::Request => f.write_str(&tr!("you asked for it")),
        }
    }
}

/// What an intent aims at.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Leave the music alone.
    Leave,
    /// Music near this point.
    Affect(Affect),
    /// This playlist.
    Playlist(String),
}

/// Everything a criterion may be held against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The clock.
    pub now: Now,
    /// The mood at that time.
    pub mood: &'a Mood,
    /// Power and programs.
    pub surroundings: &'a Surroundings,
    /// The active player.
    pub player: Option<&'a PlayerView>,
}

/// The first rule that is on and matches. `toggles` are the user's changes of `enabled` since the
/// configuration was read, by rule name.
#[must_use]
pub fn first_match<'a>(
    rules: &'a [Rule],
    toggles: &BTreeMap<String, bool>,
    context: Context<'_>,
) -> Option<&'a Rule> {
    rules
        .iter()
        .find(|rule| is_on(rule, toggles) && matches(&rule.when, context))
}

/// Whether a rule is on, with the user's changes.
#[must_use]
pub fn is_on(rule: &Rule, toggles: &BTreeMap<String, bool>) -> bool {
    toggles.get(&rule.name).copied().unwrap_or(rule.enabled)
}

/// Whether every criterion holds. An unknown mood matches no rule: no guess is a mood.
#[must_use]
pub fn matches(when: &Criteria, context: Context<'_>) -> bool {
    let Context {
        now,
        mood,
        surroundings,
        player,
    } = context;
    let Some(label) = mood.label else {
        return false;
    };
    let in_span = match (when.from, when.to) {
        (None, None) => true,
        (from, to) => TimeOfDay::span_contains(
            from.unwrap_or(TimeOfDay(0)),
            to.unwrap_or(TimeOfDay(24 * 60)),
            now.local.minute,
        ),
    };
    (when.mood.is_empty() || when.mood.contains(&label))
        && when
            .lasting
            .is_none_or(|span| now.at.since(mood.since) >= span)
        && when.confidence.is_none_or(|least| mood.confidence >= least)
        && in_span
        && (when.weekdays.is_empty() || when.weekdays.contains(&now.local.weekday))
        && when
            .power
            .is_none_or(|power| surroundings.power == Some(power))
        && when
            .player
            .as_ref()
            .is_none_or(|name| player.is_some_and(|view| view.is_called(name)))
        && when
            .program
            .as_ref()
            .is_none_or(|name| surroundings.programs.contains(name))
}

/// Where the mood lies for the choice of music: at its label, not at the expectation, which doubt
/// draws towards the middle; a reported point stays where the user put it.
#[must_use]
pub fn anchor(mood: &Mood) -> Affect {
    match (mood.source, mood.label) {
        (MoodSource::Report, _) | (_, None) => mood.affect,
        (_, Some(label)) => Affect::of(label),
    }
}

/// What an intent aims at in a mood.
///
/// The coordinates are editorial: uplift goes to pleasant and moderately lively, calm to pleasant
/// and quiet, energise to pleasant and lively; none of them ever aims at less pleasant music than
/// the mood itself.
#[must_use]
pub fn target(intent: &Intent, mood: &Mood) -> Target {
    let Affect { valence, arousal } = anchor(mood);
    match intent {
        Intent::Keep => Target::Leave,
        Intent::Playlist(name) => Target::Playlist(name.clone()),
        Intent::Match => Target::Affect(Affect { valence, arousal }),
        Intent::Uplift => Target::Affect(Affect::new(
            (valence + 0.5).max(0.6),
            arousal.clamp(0.2, 0.6),
        )),
        Intent::Calm => Target::Affect(Affect::new(valence.max(0.3), -0.6)),
        Intent::Energise => Target::Affect(Affect::new(valence.max(0.4), 0.7)),
    }
}

/// The criteria as one line for people: `sad or angry, for 10m, 09:00–18:00`.
#[must_use]
pub fn describe(when: &Criteria) -> String {
    let mut parts = Vec::new();
    if when.mood.is_empty() {
        parts.push(tr!("any known mood"));
    } else {
        parts.push(
            when.mood
                .iter()
                .map(|mood| feeling(mood.name()))
                .collect::<Vec<_>>()
                .join(&tr!(" or ")),
        );
    }
    if let Some(span) = when.lasting {
        parts.push(tr!("for {span}", span = crate::time::span::format(span)));
    }
    if let Some(least) = when.confidence {
        parts.push(tr!(
            "at least {least} % sure",
            least = format!("{:.0}", least * 100.0)
        ));
    }
    match (when.from, when.to) {
        (Some(from), Some(to)) => parts.push(format!("{from}\u{2013}{to}")),
        (Some(from), None) => parts.push(tr!("from {time}", time = from)),
        (None, Some(to)) => parts.push(tr!("until {time}", time = to)),
        (None, None) => {}
    }
    if !when.weekdays.is_empty() {
        let days: Vec<_> = when.weekdays.iter().map(|day| format!("{day:?}")).collect();
        parts.push(days.join(" "));
    }
    match when.power {
        Some(Power::Mains) => parts.push(tr!("on mains power")),
        Some(Power::Battery) => parts.push(tr!("on battery")),
        None => {}
    }
    if let Some(player) = &when.player {
        parts.push(tr!("in {player}", player));
    }
    if let Some(program) = &when.program {
        parts.push(tr!("while {program} runs", program));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        emotion::{Distribution, Emotion},
        time::Timestamp,
    };

    fn mood(label: Option<Emotion>) -> Mood {
        let distribution = label.map_or(Distribution::UNIFORM, Distribution::certain);
        Mood {
            distribution,
            affect: Affect::expected(&distribution),
            label,
            confidence: 0.9,
            since: Timestamp(0),
            source: MoodSource::Camera,
        }
    }

    fn rule(name: &str, when: Criteria, intent: Intent) -> Rule {
        Rule {
            name: name.into(),
            enabled: true,
            when,
            intent,
            gradual: false,
        }
    }

    fn at(minutes: i64) -> Now {
        Now::utc(Timestamp(minutes * 60_000))
    }

    #[test]
    fn the_first_match_wins_and_a_switched_off_rule_is_passed_over() {
        let rules = [
            rule(
                "a",
                Criteria {
                    mood: vec![Emotion::Sad],
                    ..Criteria::default()
                },
                Intent::Uplift,
            ),
            rule("b", Criteria::default(), Intent::Match),
        ];
        let (sad, surroundings) = (mood(Some(Emotion::Sad)), Surroundings::default());
        let context = Context {
            now: at(0),
            mood: &sad,
            surroundings: &surroundings,
            player: None,
        };
        assert_eq!(
            first_match(&rules, &BTreeMap::new(), context).unwrap().name,
            "a"
        );
        let off = BTreeMap::from([("a".to_owned(), false)]);
        assert_eq!(first_match(&rules, &off, context).unwrap().name, "b");
    }

    #[test]
    fn an_unknown_mood_matches_nothing() {
        let unknown = mood(None);
        let surroundings = Surroundings::default();
        let context = Context {
            now: at(0),
            mood: &unknown,
            surroundings: &surroundings,
            player: None,
        };
        assert!(!matches(&Criteria::default(), context));
    }

    #[test]
    fn every_criterion_must_hold() {
        let sad = mood(Some(Emotion::Sad));
        let surroundings = Surroundings {
            power: Some(Power::Battery),
            programs: vec!["steam".into()],
        };
        let mpv = PlayerView {
            bus_name: "org.mpris.MediaPlayer2.mpv".into(),
            ..PlayerView::default()
        };
        let holds = |when: Criteria, minutes: i64| {
            let context = Context {
                now: at(minutes),
                mood: &sad,
                surroundings: &surroundings,
                player: Some(&mpv),
            };
            matches(&when, context)
        };
        let lasting = Criteria {
            lasting: Some(Duration::from_secs(600)),
            ..Criteria::default()
        };
        assert!(!holds(lasting.clone(), 9));
        assert!(holds(lasting, 10));
        let night = Criteria {
            from: "22:00".parse().ok(),
            to: "06:00".parse().ok(),
            ..Criteria::default()
        };
        assert!(holds(night.clone(), 23 * 60));
        assert!(!holds(night, 12 * 60));
        assert!(holds(
            Criteria {
                power: Some(Power::Battery),
                ..Criteria::default()
            },
            0
        ));
        assert!(!holds(
            Criteria {
                power: Some(Power::Mains),
                ..Criteria::default()
            },
            0
        ));
        assert!(holds(
            Criteria {
                player: Some("mpv".into()),
                ..Criteria::default()
            },
            0
        ));
        assert!(!holds(
            Criteria {
                player: Some("vlc".into()),
                ..Criteria::default()
            },
            0
        ));
        assert!(holds(
            Criteria {
                program: Some("steam".into()),
                ..Criteria::default()
            },
            0
        ));
        assert!(!holds(
            Criteria {
                confidence: Some(0.95),
                ..Criteria::default()
            },
            0
        ));
    }

    #[test]
    fn no_intent_but_match_aims_below_the_mood() {
        for emotion in Emotion::ALL {
            let mood = mood(Some(emotion));
            for intent in [Intent::Uplift, Intent::Calm, Intent::Energise] {
                let Target::Affect(aim) = target(&intent, &mood) else {
                    panic!("an affect")
                };
                assert!(
                    aim.valence >= Affect::of(emotion).valence,
                    "{intent} {emotion}"
                );
            }
        }
    }

    #[test]
    fn intents_round_trip_as_text() {
        for text in [
            "match",
            "uplift",
            "calm",
            "energise",
            "keep",
            "playlist:Late Night",
        ] {
            assert_eq!(text.parse::<Intent>().unwrap().to_string(), text);
        }
        assert!("playlist: ".parse::<Intent>().is_err());
        assert!("cheer".parse::<Intent>().is_err());
    }
}
