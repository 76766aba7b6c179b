//! When the camera may look: consent, pauses, gates, and backing off after failures.

mod attention;

use std::time::Duration;

use moodlark_catalogue::tr;
use serde::{Deserialize, Serialize};

use crate::{
    gates::{Gate, Gates},
    reading::Reading,
    settings::Settings,
    time::{Now, TimeOfDay, Timestamp},
};

pub use attention::{Attention, Pace};

/// The longest that looks are put off after failures.
pub const LONGEST_BACK_OFF: Duration = Duration::from_secs(60 * 60);

/// Why no look is due. Each has a name for scripts and a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// The user has not said yes.
    Off,
    /// The user paused it, until then or until resumed.
    Paused(Option<Timestamp>),
    /// A gate is closed.
    Gate(Gate),
    /// Whether the session is locked cannot be told any more.
    Unsure,
    /// The machine woke a moment ago; until then.
    JustResumed(Timestamp),
    /// The time of day is one at which the user wants no looks.
    QuietHours,
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
            Self::Gate(gate) => gate.name(),
            Self::Unsure => "unsure",
            Self::JustResumed(_) => "just-resumed",
            Self::QuietHours => "quiet-hours",
            Self::NotPlaying => "not-playing",
            Self::BackingOff(_) => "backing-off",
        }
    }

    /// The sentence for people.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Off => tr!("The camera is off until you say yes: `moodlark camera on`."),
            Self::Paused(Some(_)) => {
                tr!("The camera is paused for a while; `moodlark camera resume` ends the pause.")
            }
            Self::Paused(None) => {
                tr!("The camera is paused until you resume it: `moodlark camera resume`.")
            }
            Self::Gate(gate) => gate.sentence(),
            Self::Unsure => {
                tr!(
                    "Whether the session is locked cannot be told, because logind does not answer; `moodlark doctor` tells more."
                )
            }
            Self::JustResumed(_) => {
                tr!("The computer woke a moment ago; the camera needs a little time.")
            }
            Self::QuietHours => {
                tr!("It is one of your quiet hours (`quiet-from` and `quiet-to` under [gates]).")
            }
            Self::NotPlaying => {
                tr!(
                    "No music plays, so there is nothing to look for; `only-while-playing = false` looks all the same."
                )
            }
            Self::BackingOff(_) => {
                tr!(
                    "The last looks failed, so the next one waits longer; `moodlark camera sample` tries at once."
                )
            }
        }
    }
}

/// All that besides the camera's own state decides whether a look may be taken.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The configuration.
    pub settings: &'a Settings,
    /// The gates.
    pub gates: &'a Gates,
    /// Whether music plays.
    pub playing: bool,
    /// The time.
    pub now: Now,
}

impl Scene<'_> {
    /// The time between looks now.
    #[must_use]
    pub fn interval(self) -> Duration {
        self.settings
            .camera
            .interval_at(self.now.local.minute, self.gates.on_battery())
    }

    /// Whether looks are spent where they matter; see [`Attention`]. On battery they come evenly,
    /// and seldom.
    #[must_use]
    pub fn follows_up(self) -> bool {
        self.settings.camera.follow_up && !self.gates.on_battery()
    }

    fn not_playing(self) -> Option<Blocked> {
        (self.settings.camera.only_while_playing && !self.playing).then_some(Blocked::NotPlaying)
    }

    fn at_night(self) -> bool {
        let camera = &self.settings.camera;
        camera.interval_at_night.is_some()
            && TimeOfDay::span_contains(camera.night_from, camera.night_to, self.now.local.minute)
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
    /// Where looks are spent.
    pub attention: Attention,
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
    pub fn forbidden(&self, scene: Scene<'_>) -> Option<Blocked> {
        self.refused(scene)
            .or_else(|| scene.gates.closed(scene.settings, scene.now))
    }

    /// What of it is the user's own word.
    #[must_use]
    pub fn refused(&self, scene: Scene<'_>) -> Option<Blocked> {
        if !scene.settings.camera.enabled {
            return Some(Blocked::Off);
        }
        self.paused(scene.now.at).map(|pause| {
            Blocked::Paused(match pause {
                Pause::Until(end) => Some(end),
                Pause::Resumed => None,
            })
        })
    }

    /// Why no look is due by the clock alone; what `forbidden` says comes first.
    #[must_use]
    pub fn blocked(&self, scene: Scene<'_>) -> Option<Blocked> {
        let due = self.due(scene);
        self.forbidden(scene)
            .or_else(|| scene.not_playing())
            .or((self.failures > 0 && scene.now.at < due).then_some(Blocked::BackingOff(due)))
    }

    /// When the next look will be taken if nothing else happens; `None` while something must
    /// happen first.
    #[must_use]
    pub fn next(&self, scene: Scene<'_>) -> Option<Timestamp> {
        let (settings, gates) = (scene.settings, scene.gates);
        if self.refused(scene).is_some()
            || gates.told(settings).is_some()
            || scene.not_playing().is_some()
        {
            return None;
        }
        let opens = gates.timed(&settings.gates, scene.now).map(|(_, end)| end);
        // Nothing tells when these open: they are asked for again when a look would be due again.
        let again = gates
            .by_asking(settings)
            .and(gates.asked())
            .map(|at| at.plus(scene.interval()));
        let ends = [opens, again].into_iter().flatten();
        Some(ends.fold(self.due(scene), Ord::max))
    }

    /// When the next look is due, gates aside: about an interval after the last (sooner or later
    /// where looks are spent where they matter, see [`Attention`]), and twice that for each failure
    /// in a row, but at most [`LONGEST_BACK_OFF`] (or the interval, if that is longer).
    #[must_use]
    pub fn due(&self, scene: Scene<'_>) -> Timestamp {
        let Some(last) = self.last_look else {
            // None is known: at once, but for the bound an hour.
            return if scene.follows_up() {
                self.attention.free(&Pace::CHOSEN, scene.interval())
            } else {
                Timestamp::default()
            };
        };
        let after = |interval: Duration| {
            if self.failures == 0 && scene.follows_up() {
                return self.attention.due(&Pace::CHOSEN, interval, last);
            }
            let doubled = interval.saturating_mul(1 << self.failures.min(16));
            last.plus(doubled.min(LONGEST_BACK_OFF.max(interval)))
        };
        let due = after(scene.interval());
        // The night's longer interval ends with the night.
        let (camera, battery) = (&scene.settings.camera, scene.gates.on_battery());
        let morning = scene.now.next(camera.night_to);
        let by_day = after(camera.interval_at(camera.night_to.0 % 1440, battery));
        if scene.at_night() && due > morning {
            due.min(by_day.max(morning))
        } else {
            due
        }
    }

    /// Notes that a look begins, with `interval` between looks; `wanted`: because somebody asks for it.
    pub fn begin(&mut self, at: Timestamp, interval: Duration, wanted: bool) {
        if wanted {
            self.attention.asked_for();
        } else {
            self.attention
                .looked(&Pace::CHOSEN, interval, self.last_look, at);
        }
        self.last_look = Some(at);
    }

    /// Notes how a look ended, and how far it spoke for a change, 0..=1; `None` where looks come evenly
    /// ([`Scene::follows_up`]).
    pub fn note(&mut self, reading: &Reading, speaks: Option<f64>) {
        self.failures = if reading.is_trouble() {
            self.failures.saturating_add(1)
        } else {
            0
        };
        match speaks {
            Some(speaks) => self.attention.saw(&Pace::CHOSEN, speaks),
            None => self.attention.rest(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gates::Finding;

    fn on() -> Settings {
        let mut settings = Settings::default();
        settings.camera.enabled = true;
        settings
    }

    /// With looks evenly spaced.
    fn evenly() -> Settings {
        let mut settings = on();
        settings.camera.follow_up = false;
        settings
    }

    fn scene<'a>(settings: &'a Settings, gates: &'a Gates, at: Timestamp) -> Scene<'a> {
        Scene {
            settings,
            gates,
            playing: true,
            now: Now::utc(at),
        }
    }

    #[test]
    fn nothing_is_due_before_the_user_says_yes() {
        let (state, gates) = (CameraState::default(), Gates::default());
        let (off, on) = (Settings::default(), on());
        let at = Timestamp(1);
        assert_eq!(state.blocked(scene(&off, &gates, at)), Some(Blocked::Off));
        assert_eq!(state.blocked(scene(&on, &gates, at)), None);
        let silence = Scene {
            playing: false,
            ..scene(&on, &gates, at)
        };
        assert_eq!(state.blocked(silence), Some(Blocked::NotPlaying));
    }

    #[test]
    fn a_pause_ends_by_itself_or_by_hand() {
        let (on, gates) = (on(), Gates::default());
        let mut state = CameraState {
            pause: Some(Pause::Until(Timestamp(10))),
            ..CameraState::default()
        };
        assert_eq!(
            state.forbidden(scene(&on, &gates, Timestamp(9))),
            Some(Blocked::Paused(Some(Timestamp(10))))
        );
        assert_eq!(state.forbidden(scene(&on, &gates, Timestamp(10))), None);
        state.pause = Some(Pause::Resumed);
        assert_eq!(
            state.forbidden(scene(&on, &gates, Timestamp(i64::MAX))),
            Some(Blocked::Paused(None))
        );
    }

    #[test]
    fn failures_in_a_row_put_looks_off_but_not_for_ever() {
        let (on, gates) = (evenly(), Gates::default());
        let now = scene(&on, &gates, Timestamp(1));
        let mut state = CameraState {
            last_look: Some(Timestamp(0)),
            ..CameraState::default()
        };
        let minutes = |state: &CameraState| state.due(now).0 / 60_000;
        assert_eq!(minutes(&state), 5);
        state.note(&Reading::Busy, None);
        assert_eq!(minutes(&state), 10);
        let due = state.due(now);
        assert_eq!(state.blocked(now), Some(Blocked::BackingOff(due)));
        assert_eq!(state.next(now), Some(due));
        assert_eq!(state.blocked(scene(&on, &gates, due)), None);
        for _ in 0..40 {
            state.note(&Reading::Unplugged, None);
        }
        assert_eq!(minutes(&state), 60);
        state.note(&Reading::NoFace, None);
        assert_eq!(minutes(&state), 5);
    }

    #[test]
    fn the_interval_follows_power_and_the_time_of_day() {
        let (mut settings, mut gates) = (evenly(), Gates::default());
        settings.camera.interval_at_night = Some(Duration::from_secs(45 * 60));
        let hour = |hours: i64| Timestamp(hours * 3_600_000);
        let due = |settings: &Settings, gates: &Gates, at: Timestamp| {
            let state = CameraState {
                last_look: Some(at),
                ..CameraState::default()
            };
            (state.due(scene(settings, gates, at)).0 - at.0) / 60_000
        };
        assert_eq!(due(&settings, &gates, hour(12)), 5);
        assert_eq!(due(&settings, &gates, hour(23)), 45);
        // At 6:50 the next is due by day's measure as soon as the night is over.
        let late = Timestamp(hour(7).0 - 600_000);
        assert_eq!(due(&settings, &gates, late), 10);
        gates.note(Gate::Battery, Finding::Holds, Timestamp(0));
        assert_eq!(due(&settings, &gates, hour(12)), 10);
        assert_eq!(due(&settings, &gates, hour(23)), 45);
        settings.camera.interval = Duration::from_secs(20 * 60);
        assert_eq!(due(&settings, &gates, hour(12)), 20);
    }

    #[test]
    fn what_tells_nothing_is_asked_for_again_an_interval_later() {
        let (on, mut gates) = (on(), Gates::default());
        let state = CameraState::default();
        gates.note_asked(&[(Gate::Call, Finding::Holds)], Timestamp(1_000));
        let now = scene(&on, &gates, Timestamp(2_000));
        assert_eq!(state.blocked(now), Some(Blocked::Gate(Gate::Call)));
        assert_eq!(state.next(now), Some(Timestamp(301_000)));
        gates.note(Gate::Locked, Finding::Holds, Timestamp(3_000));
        assert_eq!(state.next(scene(&on, &gates, Timestamp(3_000))), None);
    }

    /// A camera that has looked often enough to have looks saved, the last time at the returned
    /// moment.
    fn thrifty(settings: &Settings, gates: &Gates) -> (CameraState, Timestamp) {
        let mut state = CameraState::default();
        let mut at = Timestamp(1_700_000_000_000);
        for _ in 0..20 {
            let now = scene(settings, gates, at);
            state.begin(at, now.interval(), false);
            state.note(&Reading::NoFace, now.follows_up().then_some(0.0));
            at = state.due(scene(settings, gates, at));
        }
        state.begin(at, scene(settings, gates, at).interval(), false);
        (state, at)
    }

    #[test]
    fn a_look_that_speaks_for_a_change_is_followed_by_another() {
        let (on, mut gates) = (on(), Gates::default());
        let (state, at) = thrifty(&on, &gates);
        let wait = |mut state: CameraState, settings: &Settings, gates: &Gates, reading, speaks| {
            let now = scene(settings, gates, at);
            state.note(&reading, now.follows_up().then_some(speaks));
            (state.due(now).since(at).as_secs(), state)
        };
        let (soon, followed) = wait(state.clone(), &on, &gates, Reading::NoFace, 1.0);
        assert_eq!(soon, 90);
        let next = at.plus(Duration::from_secs(90));
        assert_eq!(followed.next(scene(&on, &gates, at)), Some(next));
        let (later, _) = wait(state.clone(), &on, &gates, Reading::NoFace, 0.0);
        assert!(later >= 300, "{later}");
        let (even, _) = wait(state.clone(), &evenly(), &gates, Reading::NoFace, 1.0);
        assert_eq!(even, 300, "the option is off");
        let (failed, _) = wait(state.clone(), &on, &gates, Reading::Busy, 1.0);
        assert_eq!(failed, 600, "it failed");
        gates.note(Gate::Battery, Finding::Holds, at);
        let (battery, _) = wait(state, &on, &gates, Reading::NoFace, 1.0);
        assert_eq!(battery, 600, "on battery");
        let unplugged = followed.due(scene(&on, &gates, at)).since(at).as_secs();
        assert_eq!(unplugged, 600, "unplugged since");
    }

    #[test]
    fn nothing_is_followed_up_behind_a_pause_or_a_gate() {
        let (on, mut gates) = (on(), Gates::default());
        let (mut state, at) = thrifty(&on, &gates);
        let follows_up = scene(&on, &gates, at).follows_up();
        state.note(&Reading::NoFace, follows_up.then_some(1.0));
        let due = at.plus(Duration::from_secs(90));
        let mut paused = state.clone();
        paused.pause = Some(Pause::Resumed);
        assert_eq!(paused.next(scene(&on, &gates, due)), None);
        assert!(paused.blocked(scene(&on, &gates, due)).is_some());
        let silence = Scene {
            playing: false,
            ..scene(&on, &gates, due)
        };
        assert_eq!(state.next(silence), None);
        gates.note(Gate::Locked, Finding::Holds, due);
        assert_eq!(state.next(scene(&on, &gates, due)), None);
    }
}
