//! What the tray knows of the service: all that icon, tooltip and menu are made of.

use moodlark_api::{Dict, Variant};

use crate::mood::Mood;

/// The service, as far as the tray can tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Known {
    /// Nobody owns the service's name.
    #[default]
    Absent,
    /// It owns its name and does not answer.
    Silent,
    /// It answers, and this is how things are.
    Present(Box<Facts>),
}

impl Known {
    /// How things are, if the service says so.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        match self {
            Self::Present(facts) => Some(facts),
            Self::Absent | Self::Silent => None,
        }
    }
}

/// How things are, as the service says. Times are milliseconds since 1970 UTC; `0` is none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// The mood, if it is known.
    pub mood: Option<Mood>,
    /// How sure, 0..=1.
    pub confidence: f64,
    /// Since when.
    pub since: i64,
    /// What it rests on.
    pub source: Source,
    /// Whether the user has said yes to the camera.
    pub enabled: bool,
    /// Whether a look is under way.
    pub active: bool,
    /// Why no look is due: a name; empty if one is.
    pub blocked: String,
    /// The same as a sentence.
    pub blocked_reason: String,
    /// The pause's end; `-1` until resumed.
    pub paused_until: i64,
    /// When the next look is due.
    pub next_sample: i64,
    /// What the user wants over all rules, as on the bus: `auto`, `uplift`, …
    pub intent: String,
    /// The last switch, if there was one.
    pub last_switch: Option<Switch>,
    /// What a left click does.
    pub left_click: LeftClick,
    /// How the icon is drawn.
    pub icons: Icons,
}

/// A switch of the music.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// The playlist's name.
    pub playlist: String,
    /// Whether it was taken back.
    pub undone: bool,
}

/// What a mood rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// Nothing yet.
    #[default]
    None,
    /// Looks through the camera.
    Camera,
    /// What the user said.
    Report,
}

/// What a left click does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeftClick {
    /// Looks now.
    Look,
    /// Tells how things are.
    #[default]
    Status,
}

/// How the icon is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Icons {
    /// In the mood's colour.
    #[default]
    Colour,
    /// In one colour that goes with the desktop's scheme.
    Symbolic,
    /// In white.
    SymbolicLight,
    /// In black.
    SymbolicDark,
}

/// What the camera is about, in the order of what the user must know first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Camera {
    /// It looks at this moment.
    Looking,
    /// The user has not said yes, or said no.
    Off,
    /// The user paused it: the end, or none until resumed.
    Paused(Option<i64>),
    /// Something else keeps it from looking.
    Blocked,
    /// It waits for the next look.
    Idle,
}

impl Facts {
    /// What the camera is about.
    #[must_use]
    pub fn camera(&self) -> Camera {
        if self.active {
            Camera::Looking
        } else if !self.enabled {
            Camera::Off
        } else if self.paused_until != 0 {
            Camera::Paused((self.paused_until > 0).then_some(self.paused_until))
        } else if !self.blocked.is_empty() {
            Camera::Blocked
        } else {
            Camera::Idle
        }
    }

    /// Takes in properties of one of the service's interfaces. What this version does not know, or
    /// what has another type than it should, is passed over.
    pub fn learn(&mut self, interface: &str, properties: &Dict) {
        for (name, value) in properties {
            self.learn_one(interface, name, value);
        }
    }

    fn learn_one(&mut self, interface: &str, name: &str, value: &Variant<'_>) {
        match (interface, name) {
            ("org.moodlark.Mood1", "Label") => {
                set(&mut self.mood, text(value).map(Mood::of_name));
            }
            ("org.moodlark.Mood1", "Confidence") => set(&mut self.confidence, number(value)),
            ("org.moodlark.Mood1", "Since") => set(&mut self.since, time(value)),
            ("org.moodlark.Mood1", "Source") => {
                set(&mut self.source, text(value).map(source));
            }
            ("org.moodlark.Camera1", "Enabled") => set(&mut self.enabled, flag(value)),
            ("org.moodlark.Camera1", "Active") => set(&mut self.active, flag(value)),
            ("org.moodlark.Camera1", "Blocked") => set(&mut self.blocked, owned(value)),
            ("org.moodlark.Camera1", "BlockedReason") => {
                set(&mut self.blocked_reason, owned(value));
            }
            ("org.moodlark.Camera1", "PausedUntil") => set(&mut self.paused_until, time(value)),
            ("org.moodlark.Camera1", "NextSample") => set(&mut self.next_sample, time(value)),
            ("org.moodlark.Policy1", "Intent") => set(&mut self.intent, owned(value)),
            ("org.moodlark.Music1", "LastSwitch") => {
                let playlist = field(value, "playlist").and_then(owned);
                self.last_switch = playlist.map(|playlist| Switch {
                    playlist,
                    undone: field(value, "undone").and_then(flag).unwrap_or(false),
                });
            }
            ("org.moodlark.Service1", "Tray") => {
                self.left_click = match field(value, "left-click").and_then(text) {
                    Some("look") => LeftClick::Look,
                    _ => LeftClick::Status,
                };
                self.icons = match field(value, "icons").and_then(text) {
                    Some("symbolic") => Icons::Symbolic,
                    Some("symbolic-light") => Icons::SymbolicLight,
                    Some("symbolic-dark") => Icons::SymbolicDark,
                    _ => Icons::Colour,
                };
            }
            _ => {}
        }
    }
}

fn source(name: &str) -> Source {
    match name {
        "camera" => Source::Camera,
        "report" => Source::Report,
        _ => Source::None,
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn text<'a>(value: &'a Variant<'_>) -> Option<&'a str> {
    match value {
        Variant::Str(text) => Some(text.as_str()),
        Variant::Variant(inner) => text(inner),
        _ => None,
    }
}

fn owned(value: &Variant<'_>) -> Option<String> {
    text(value).map(ToOwned::to_owned)
}

fn flag(value: &Variant<'_>) -> Option<bool> {
    match value {
        Variant::Bool(flag) => Some(*flag),
        Variant::Variant(inner) => flag(inner),
        _ => None,
    }
}

fn time(value: &Variant<'_>) -> Option<i64> {
    match value {
        Variant::I64(time) => Some(*time),
        _ => None,
    }
}

fn number(value: &Variant<'_>) -> Option<f64> {
    match value {
        Variant::F64(number) => Some(*number),
        _ => None,
    }
}

/// The entry of a dictionary.
fn field<'a>(value: &'a Variant<'a>, name: &str) -> Option<&'a Variant<'a>> {
    let Variant::Dict(dict) = value else {
        return None;
    };
    dict.iter()
        .find(|(key, _)| text(key) == Some(name))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use moodlark_api::OwnedVariant;

    use super::*;

    fn dict<'a>(pairs: impl IntoIterator<Item = (&'a str, Variant<'a>)>) -> Dict {
        pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), OwnedVariant::try_from(value).unwrap()))
            .collect()
    }

    #[test]
    fn facts_are_learnt_from_properties() {
        let mut facts = Facts::default();
        facts.learn(
            "org.moodlark.Mood1",
            &dict([
                ("Label", "sad".into()),
                ("Confidence", 0.7.into()),
                ("Since", 5_i64.into()),
                ("Source", "camera".into()),
            ]),
        );
        let switch: HashMap<&str, Variant<'_>> =
            HashMap::from([("playlist", "Rain".into()), ("undone", true.into())]);
        facts.learn(
            "org.moodlark.Music1",
            &dict([("LastSwitch", switch.into())]),
        );
        let tray: HashMap<&str, Variant<'_>> =
            HashMap::from([("left-click", "look".into()), ("icons", "symbolic".into())]);
        facts.learn("org.moodlark.Service1", &dict([("Tray", tray.into())]));
        assert_eq!(
            facts,
            Facts {
                mood: Some(Mood::Sad),
                confidence: 0.7,
                since: 5,
                source: Source::Camera,
                last_switch: Some(Switch {
                    playlist: "Rain".into(),
                    undone: true
                }),
                left_click: LeftClick::Look,
                icons: Icons::Symbolic,
                ..Facts::default()
            }
        );
        facts.learn("org.moodlark.Mood1", &dict([("Label", "unknown".into())]));
        assert_eq!(facts.mood, None);
    }

    #[test]
    fn what_is_unknown_or_of_another_type_is_passed_over() {
        let mut facts = Facts {
            enabled: true,
            ..Facts::default()
        };
        let before = facts.clone();
        facts.learn(
            "org.moodlark.Camera1",
            &dict([
                ("Enabled", "yes".into()),
                ("NextSample", 1.5.into()),
                ("Zoom", 2_u32.into()),
            ]),
        );
        facts.learn("org.moodlark.Camera9", &dict([("Enabled", false.into())]));
        assert_eq!(facts, before);
    }

    #[test]
    fn what_the_user_must_know_comes_first() {
        let mut facts = Facts {
            active: true,
            paused_until: -1,
            blocked: "paused".into(),
            ..Facts::default()
        };
        assert_eq!(facts.camera(), Camera::Looking);
        facts.active = false;
        assert_eq!(facts.camera(), Camera::Off);
        facts.enabled = true;
        assert_eq!(facts.camera(), Camera::Paused(None));
        facts.paused_until = 7;
        assert_eq!(facts.camera(), Camera::Paused(Some(7)));
        facts.paused_until = 0;
        facts.blocked = "not-playing".into();
        assert_eq!(facts.camera(), Camera::Blocked);
        facts.blocked.clear();
        assert_eq!(facts.camera(), Camera::Idle);
    }
}
