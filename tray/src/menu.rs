//! State → the menu: what stands in it, what is ticked, and what each line does.

mod action;

use jiff::Zoned;

use crate::{
    mood::Mood,
    state::{Facts, Known, Source},
    words,
};

pub use action::{Action, Policy, Span};

/// An entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Tells something, and does nothing.
    Line(String),
    /// Does something.
    Do {
        /// What.
        action: Action,
        /// What it says.
        text: String,
        /// Whether it can be done now.
        enabled: bool,
    },
    /// Does something, and is ticked or not.
    Tick {
        /// What.
        action: Action,
        /// What it says.
        text: String,
        /// Whether it is ticked.
        ticked: bool,
    },
    /// A menu of its own.
    Sub {
        /// What it says.
        text: String,
        /// What is in it.
        items: Vec<Self>,
    },
    /// A line between groups.
    Separator,
}

/// The menu for what is known.
#[must_use]
pub fn menu(known: &Known, now: &Zoned) -> Vec<Item> {
    let mut items = vec![
        Item::Line(words::mood_line(known, now)),
        Item::Line(words::camera_line(known, now)),
        Item::Separator,
    ];
    match known {
        Known::Present(facts) => items.extend(of_facts(facts)),
        Known::Absent => items.extend([item(Action::Start, words::menu::start()), Item::Separator]),
        Known::Silent => {}
    }
    items.push(item(Action::Settings, words::menu::settings()));
    items.push(item(Action::Quit, words::menu::quit()));
    items
}

/// What only a running service can do. The number and order of entries never change: an open menu
/// must not jump under the pointer.
fn of_facts(facts: &Facts) -> Vec<Item> {
    let undoable = facts.last_switch.as_ref().filter(|switch| !switch.undone);
    vec![
        Item::Sub {
            text: words::menu::feel(),
            items: feel(facts),
        },
        Item::Sub {
            text: words::menu::play(),
            items: Mood::ALL
                .into_iter()
                .map(|mood| item(Action::Play(mood), words::mood(Some(mood))))
                .collect(),
        },
        Item::Sub {
            text: words::menu::policies(),
            items: Policy::ALL
                .into_iter()
                .map(|policy| Item::Tick {
                    action: Action::Policy(policy),
                    text: words::menu::policy(policy),
                    ticked: facts.intent == policy.name(),
                })
                .collect(),
        },
        Item::Do {
            action: Action::Undo,
            text: words::menu::undo(undoable.map(|switch| switch.playlist.as_str())),
            enabled: undoable.is_some(),
        },
        item(Action::Why, words::menu::why()),
        Item::Separator,
        Item::Tick {
            action: Action::Camera(!facts.enabled),
            text: words::menu::camera(),
            ticked: facts.enabled,
        },
        Item::Do {
            action: Action::Look,
            text: words::menu::look(),
            enabled: facts.enabled && facts.paused_until == 0 && !facts.active,
        },
        Item::Sub {
            text: words::menu::pause(),
            items: pause(facts),
        },
        Item::Separator,
        item(Action::History, words::menu::history()),
    ]
}

fn feel(facts: &Facts) -> Vec<Item> {
    let said = facts.source == Source::Report;
    let tick = |mood: Option<Mood>, text: String, ticked| Item::Tick {
        action: Action::Feel(mood),
        text,
        ticked,
    };
    let mut items: Vec<Item> = Mood::ALL
        .into_iter()
        .map(|mood| {
            let ticked = said && facts.mood == Some(mood);
            tick(Some(mood), words::mood(Some(mood)), ticked)
        })
        .collect();
    items.push(Item::Separator);
    items.push(tick(None, words::menu::as_you_think(), !said));
    items
}

fn pause(facts: &Facts) -> Vec<Item> {
    let mut items: Vec<Item> = Span::ALL
        .into_iter()
        .map(|span| Item::Do {
            action: Action::Pause(span),
            text: words::menu::span(span),
            enabled: facts.enabled,
        })
        .collect();
    items.push(Item::Separator);
    items.push(Item::Do {
        action: Action::Resume,
        text: words::menu::resume(),
        enabled: facts.paused_until != 0,
    });
    items
}

fn item(action: Action, text: String) -> Item {
    Item::Do {
        action,
        text,
        enabled: true,
    }
}

#[cfg(test)]
mod tests {
    use jiff::{civil, tz::TimeZone};

    use super::*;
    use crate::state::Switch;

    fn now() -> Zoned {
        civil::date(2026, 11, 20)
            .at(14, 0, 0, 0)
            .to_zoned(TimeZone::UTC)
            .unwrap()
    }

    fn shown(facts: Facts) -> Vec<Item> {
        menu(&Known::Present(Box::new(facts)), &now())
    }

    /// Every entry at every depth.
    fn flat(items: &[Item]) -> Vec<&Item> {
        items
            .iter()
            .flat_map(|item| match item {
                Item::Sub { items, .. } => {
                    let mut all = vec![item];
                    all.extend(flat(items));
                    all
                }
                other => vec![other],
            })
            .collect()
    }

    fn can(items: &[Item], wanted: Action) -> bool {
        flat(items).into_iter().any(|item| match item {
            Item::Do {
                action, enabled, ..
            } => *action == wanted && *enabled,
            Item::Tick { action, .. } => *action == wanted,
            _ => false,
        })
    }

    fn ticked(items: &[Item]) -> Vec<Action> {
        flat(items)
            .into_iter()
            .filter_map(|item| match item {
                Item::Tick {
                    action,
                    ticked: true,
                    ..
                } => Some(*action),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn every_action_survives_the_way_through_the_menu() {
        let all: Vec<Action> = Action::all().collect();
        for action in &all {
            assert_eq!(Action::of_id(&action.id()), Some(*action));
        }
        assert_eq!(Action::of_id("feel:peckish"), None);
        // Everything that the menu can do is among them.
        for facts in [
            Facts::default(),
            Facts {
                enabled: true,
                ..Facts::default()
            },
        ] {
            for item in flat(&shown(facts)) {
                if let Item::Do { action, .. } | Item::Tick { action, .. } = item {
                    assert!(all.contains(action), "{action:?}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_done_is_not_offered() {
        let off = shown(Facts::default());
        assert!(can(&off, Action::Camera(true)) && !can(&off, Action::Camera(false)));
        assert!(!can(&off, Action::Look) && !can(&off, Action::Pause(Span::Hour)));
        assert!(!can(&off, Action::Undo) && !can(&off, Action::Resume));
        let on = shown(Facts {
            enabled: true,
            last_switch: Some(Switch {
                playlist: "Rain".into(),
                undone: false,
            }),
            ..Facts::default()
        });
        assert!(can(&on, Action::Camera(false)) && can(&on, Action::Look));
        assert!(can(&on, Action::Undo) && can(&on, Action::Pause(Span::Tomorrow)));
        let paused = shown(Facts {
            enabled: true,
            paused_until: -1,
            ..Facts::default()
        });
        assert!(can(&paused, Action::Resume) && !can(&paused, Action::Look));
    }

    #[test]
    fn what_holds_is_ticked() {
        let items = shown(Facts {
            mood: Some(Mood::Sad),
            source: Source::Report,
            intent: "uplift".into(),
            enabled: true,
            ..Facts::default()
        });
        assert_eq!(
            ticked(&items),
            [
                Action::Feel(Some(Mood::Sad)),
                Action::Policy(Policy::Uplift),
                Action::Camera(false)
            ]
        );
        let seen = shown(Facts {
            mood: Some(Mood::Sad),
            source: Source::Camera,
            intent: "auto".into(),
            ..Facts::default()
        });
        assert_eq!(
            ticked(&seen),
            [Action::Feel(None), Action::Policy(Policy::Auto)]
        );
    }

    #[test]
    fn a_service_that_is_gone_can_be_started_and_set_up() {
        let items = menu(&Known::Absent, &now());
        assert!(can(&items, Action::Start) && can(&items, Action::Settings));
        assert!(!can(&items, Action::Look) && !can(&items, Action::Undo));
        assert!(!can(&menu(&Known::Silent, &now()), Action::Start));
    }

    #[test]
    fn the_menu_keeps_its_shape_whatever_happens() {
        let shape = |facts: Facts| -> Vec<std::mem::Discriminant<Item>> {
            let items = shown(facts);
            flat(&items)
                .into_iter()
                .map(std::mem::discriminant)
                .collect()
        };
        let quiet = shape(Facts::default());
        let busy = shape(Facts {
            mood: Some(Mood::Fear),
            enabled: true,
            active: true,
            paused_until: 5,
            blocked: "paused".into(),
            last_switch: Some(Switch {
                playlist: "Rain".into(),
                undone: true,
            }),
            ..Facts::default()
        });
        assert_eq!(quiet, busy);
    }
}
