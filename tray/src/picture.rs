//! State → what the icon shows, before any pixel.

use crate::{
    mood::Mood,
    state::{Camera, Icons, Known},
};

/// What the icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Whose face.
    pub face: Face,
    /// What the camera is about: told by shape, not by colour alone.
    pub sign: Sign,
    /// Its colours.
    pub ink: Ink,
}

/// The face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// The mood's.
    Of(Mood),
    /// Nobody knows.
    Unknown,
    /// The service is gone: a face that is out cold.
    Gone,
}

/// What the camera is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It waits: the face alone, a full disc.
    Idle,
    /// It looks now: a ring around the face, and a red dot as of a recorder.
    Looking,
    /// It does not look because the user paused it: a hollow face and two bars.
    Paused,
    /// It does not look for another reason, or is off: a hollow face and one bar.
    Blocked,
    /// The service is gone: a broken ring.
    Gone,
}

/// The colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// The mood's.
    Colour,
    /// White alone, for dark panels.
    Light,
    /// Black alone, for light panels.
    Dark,
}

impl Picture {
    /// What the icon shows for what is known, in the colours that the user wants; `dark_desktop` is
    /// whether the desktop asks for a dark colour scheme, as far as it says.
    #[must_use]
    pub fn of(known: &Known, icons: Icons, dark_desktop: Option<bool>) -> Self {
        let ink = match (icons, dark_desktop) {
            (Icons::Colour, _) => Ink::Colour,
            // Most panels are dark whatever the windows are.
            (Icons::SymbolicLight, _) | (Icons::Symbolic, Some(true) | None) => Ink::Light,
            (Icons::SymbolicDark, _) | (Icons::Symbolic, Some(false)) => Ink::Dark,
        };
        let Some(facts) = known.facts() else {
            return Self {
                face: Face::Gone,
                sign: Sign::Gone,
                ink,
            };
        };
        Self {
            face: facts.mood.map_or(Face::Unknown, Face::Of),
            sign: match facts.camera() {
                Camera::Looking => Sign::Looking,
                Camera::Paused(_) => Sign::Paused,
                Camera::Off | Camera::Blocked => Sign::Blocked,
                Camera::Idle => Sign::Idle,
            },
            ink,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Facts;

    fn present(facts: Facts) -> Known {
        Known::Present(Box::new(facts))
    }

    #[test]
    fn a_service_that_is_gone_or_silent_has_no_mood_and_no_camera() {
        for known in [Known::Absent, Known::Silent] {
            let picture = Picture::of(&known, Icons::Colour, None);
            assert_eq!((picture.face, picture.sign), (Face::Gone, Sign::Gone));
        }
    }

    #[test]
    fn the_camera_is_shown_with_the_mood() {
        let facts = Facts {
            mood: Some(Mood::Sad),
            enabled: true,
            ..Facts::default()
        };
        let sign = |facts: Facts| Picture::of(&present(facts), Icons::Colour, None).sign;
        assert_eq!(
            Picture::of(&present(facts.clone()), Icons::Colour, None),
            Picture {
                face: Face::Of(Mood::Sad),
                sign: Sign::Idle,
                ink: Ink::Colour
            }
        );
        assert_eq!(
            sign(Facts {
                active: true,
                ..facts.clone()
            }),
            Sign::Looking
        );
        assert_eq!(
            sign(Facts {
                paused_until: -1,
                ..facts.clone()
            }),
            Sign::Paused
        );
        assert_eq!(
            sign(Facts {
                enabled: false,
                ..facts.clone()
            }),
            Sign::Blocked
        );
        assert_eq!(
            sign(Facts {
                blocked: "not-playing".into(),
                ..facts
            }),
            Sign::Blocked
        );
    }

    #[test]
    fn symbolic_icons_go_with_the_desktop() {
        let ink = |icons, dark| Picture::of(&Known::Absent, icons, dark).ink;
        assert_eq!(ink(Icons::Symbolic, Some(true)), Ink::Light);
        assert_eq!(ink(Icons::Symbolic, Some(false)), Ink::Dark);
        assert_eq!(ink(Icons::Symbolic, None), Ink::Light);
        assert_eq!(ink(Icons::SymbolicDark, Some(true)), Ink::Dark);
        assert_eq!(ink(Icons::SymbolicLight, Some(false)), Ink::Light);
        assert_eq!(ink(Icons::Colour, Some(false)), Ink::Colour);
    }
}
