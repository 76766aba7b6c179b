//! Lists that Moodlark makes itself, from the user's own music: what they are called, and where they lie.
//!
//! A list is named after its part of the plane of valence and arousal, not after an emotion: music is bright
//! and lively, people are happy. What lies in the same part has the same name, so a small change of the target
//! is no reason to change the music.

use moodlark_catalogue::tr;

use super::{Location, Playlist};
use crate::affect::Affect;

/// Fewer tracks than this are no choice.
pub const FEWEST_TRACKS: usize = 10;

/// A playlist of the user's own lies near enough to a target up to this distance; beyond it their tracks
/// themselves are the better source. A quarter of the plane's side.
pub const NEAR_ENOUGH: f64 = 0.5;

/// Nearer to the middle than this, a coordinate says nothing.
const MIDDLE: f64 = 0.25;

/// A third of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Third {
    Low,
    Middle,
    High,
}

impl Third {
    const ALL: [Self; 3] = [Self::Low, Self::Middle, Self::High];

    fn of(coordinate: f64) -> Self {
        if coordinate <= -MIDDLE {
            Self::Low
        } else if coordinate >= MIDDLE {
            Self::High
        } else {
            Self::Middle
        }
    }

    const fn centre(self) -> f64 {
        match self {
            Self::Low => -0.6,
            Self::Middle => 0.0,
            Self::High => 0.6,
        }
    }
}

/// The list of the user's own music for a target.
#[must_use]
pub fn list(target: Affect) -> Playlist {
    Playlist {
        name: name(target),
        location: Location::Library { target, from: None },
        in_player: None,
        mood: None,
        affect: Some(target),
    }
}

/// What a list for that target is called: `Bright and lively`.
#[must_use]
pub fn name(target: Affect) -> String {
    named(Third::of(target.valence), Third::of(target.arousal))
}

fn named(valence: Third, arousal: Third) -> String {
    match (valence, arousal) {
        (Third::High, Third::High) => tr!("Bright and lively"),
        (Third::High, Third::Middle) => tr!("Bright"),
        (Third::High, Third::Low) => tr!("Bright and calm"),
        (Third::Middle, Third::High) => tr!("Lively"),
        (Third::Middle, Third::Middle) => tr!("Neither bright nor dark"),
        (Third::Middle, Third::Low) => tr!("Calm"),
        (Third::Low, Third::High) => tr!("Dark and lively"),
        (Third::Low, Third::Middle) => tr!("Dark"),
        (Third::Low, Third::Low) => tr!("Dark and calm"),
    }
}

/// Where a list of that name lies, if it is the name of one: the middle of its part of the plane.
#[must_use]
pub fn affect_of(list: &str) -> Option<Affect> {
    let parts = Third::ALL
        .into_iter()
        .flat_map(|v| Third::ALL.into_iter().map(move |a| (v, a)));
    parts
        .filter(|(valence, arousal)| named(*valence, *arousal) == list)
        .map(|(valence, arousal)| Affect::new(valence.centre(), arousal.centre()))
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emotion::Emotion;

    #[test]
    fn every_part_of_the_plane_has_a_name_of_its_own_that_leads_back() {
        let mut names = std::collections::BTreeSet::new();
        for v in [-0.9, 0.0, 0.9] {
            for a in [-0.9, 0.0, 0.9] {
                let name = name(Affect::new(v, a));
                let back = affect_of(&name).unwrap();
                assert!(back.distance(Affect::new(v, a)) < 0.5, "{name}");
                names.insert(name);
            }
        }
        assert_eq!(names.len(), 9);
        assert_eq!(affect_of("Sunny side"), None);
    }

    #[test]
    fn a_happy_list_is_bright_and_lively_and_a_sad_one_dark_and_calm() {
        assert_eq!(name(Affect::of(Emotion::Happy)), "Bright and lively");
        assert_eq!(name(Affect::of(Emotion::Sad)), "Dark and calm");
    }
}
