//! When the camera may look: consent, pauses, gates, and backing off after failures.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{reading::Reading, settings::CameraSettings, time::Timestamp};

/// The longest that looks are put off after failures.
pub const LONGEST_BACK_OFF: Duration = Duration::from_secs(60 * 60);

/// Why no look is due. Each has a name for scripts and a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// The user has not said yes.
    Off,
    /// The user paused it, until then or until resumed.
    Paused(Option<Timestamp>),
    /// No music plays, and looks are only wanted while it does.
    NotPlaying,
    /// The last looks failed; the next waits until then.
    BackingOff(Timestamp),
}

impl Blocked {
    /// The name on the bus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Paused(_) => "paused",
            Self::NotPlaying => "not-playing",
            Self::BackingOff(_) => "backing-off",
        }
    }

    /// The sentence for people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Off => "The camera is off until you say yes: `moodlark camera on`.",
            Self::Paused(Some(_)) => {
                "The camera is paused for a while; `moodlark camera resume` ends the pause."
            }
            Self::Paused(None) => {
                "The camera is paused until you resume it: `moodlark camera resume`."
            }
            Self::NotPlaying => {
                "No music plays, so there is nothing to look for; `only-while-playing = false` looks all the same."
            }
            Self::BackingOff(_) => {
                "The last looks failed, so the next one waits longer; `moodlark camera sample` tries at once."
            }
        }
    }
}

/// What is remembered of the camera over a restart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CameraState {
    /// The pause, if there is one.
    pub pause: Option<Pause>,
    /// When the last look began.
    pub last_look: Option<Timestamp>,
    /// Looks that failed since the last one that did not.
    pub failures: u32,
    /// Whether the camera was ever used: its first use is told.
    pub used: bool,
}

/// A pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pause {
    /// Until then.
    Until(Timestamp),
    /// Until the user resumes.
    Resumed,
}

impl CameraState {
    /// The pause in force at `at`.
    #[must_use]
    pub fn paused(&self, at: Timestamp) -> Option<Pause> {
        self.pause.filter(|pause| match pause {
            Pause::Until(end) => at < *end,
            Pause::Resumed => true,
        })
    }

    /// Why no look may be taken now, whoever asks for it.
    #[must_use]
    pub fn forbidden(&self, settings: &CameraSettings, at: Timestamp) -> Option<Blocked> {
        if !settings.enabled {
            return Some(Blocked::Off);
        }
        self.paused(at).map(|pause| {
            Blocked::Paused(match pause {
                Pause::Until(end) => Some(end),
                Pause::Resumed => None,
            })
        })
    }

    /// Why no look is due by the clock alone; what `forbidden` says comes first.
    #[must_use]
    pub fn blocked(
        &self,
        settings: &CameraSettings,
        playing: bool,
        at: Timestamp,
    ) -> Option<Blocked> {
        let due = self.due(settings);
        self.forbidden(settings, at)
            .or((settings.only_while_playing && !playing).then_some(Blocked::NotPlaying))
            .or((self.failures > 0 && at < due).then_some(Blocked::BackingOff(due)))
    }

    /// When the next look will be taken if nothing else happens; `None` while something must
    /// happen first.
    #[must_use]
    pub fn next(
        &self,
        settings: &CameraSettings,
        playing: bool,
        at: Timestamp,
    ) -> Option<Timestamp> {
        match self.blocked(settings, playing, at) {
            None | Some(Blocked::BackingOff(_)) => Some(self.due(settings)),
            Some(Blocked::Off | Blocked::Paused(_) | Blocked::NotPlaying) => None,
        }
    }

    /// When the next look is due, gates aside: an interval after the last, and twice that for each
    /// failure in a row, but at most [`LONGEST_BACK_OFF`] (or the interval, if that is longer).
    #[must_use]
    pub fn due(&self, settings: &CameraSettings) -> Timestamp {
        let Some(last) = self.last_look else {
            return Timestamp::default();
        };
        let doubled = settings.interval.saturating_mul(1 << self.failures.min(16));
        last.plus(doubled.min(LONGEST_BACK_OFF.max(settings.interval)))
    }

    /// Notes how a look ended.
    pub fn note(&mut self, reading: &Reading) {
        self.failures = if reading.is_trouble() {
            self.failures.saturating_add(1)
        } else {
            0
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on() -> CameraSettings {
        CameraSettings {
            enabled: true,
            ..CameraSettings::default()
        }
    }

    #[test]
    fn nothing_is_due_before_the_user_says_yes() {
        let state = CameraState::default();
        let off = CameraSettings::default();
        assert_eq!(state.blocked(&off, true, Timestamp(1)), Some(Blocked::Off));
        assert_eq!(state.blocked(&on(), true, Timestamp(1)), None);
        assert_eq!(
            state.blocked(&on(), false, Timestamp(1)),
            Some(Blocked::NotPlaying)
        );
    }

    #[test]
    fn a_pause_ends_by_itself_or_by_hand() {
        let mut state = CameraState {
            pause: Some(Pause::Until(Timestamp(10))),
            ..CameraState::default()
        };
        assert_eq!(
            state.forbidden(&on(), Timestamp(9)),
            Some(Blocked::Paused(Some(Timestamp(10))))
        );
        assert_eq!(state.forbidden(&on(), Timestamp(10)), None);
        state.pause = Some(Pause::Resumed);
        assert_eq!(
            state.forbidden(&on(), Timestamp(i64::MAX)),
            Some(Blocked::Paused(None))
        );
    }

    #[test]
    fn failures_in_a_row_put_looks_off_but_not_for_ever() {
        let mut state = CameraState {
            last_look: Some(Timestamp(0)),
            ..CameraState::default()
        };
        let minutes = |state: &CameraState| state.due(&on()).0 / 60_000;
        assert_eq!(minutes(&state), 5);
        state.note(&Reading::Busy);
        assert_eq!(minutes(&state), 10);
        let due = state.due(&on());
        assert_eq!(
            state.blocked(&on(), true, Timestamp(1)),
            Some(Blocked::BackingOff(due))
        );
        assert_eq!(state.next(&on(), true, Timestamp(1)), Some(due));
        assert_eq!(state.blocked(&on(), true, due), None);
        for _ in 0..40 {
            state.note(&Reading::Unplugged);
        }
        assert_eq!(minutes(&state), 60);
        state.note(&Reading::NoFace);
        assert_eq!(minutes(&state), 5);
    }
}
