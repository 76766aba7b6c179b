//! What keeps the camera closed besides the user's own word: the session, the machine, the time of
//! day, and other programs. The service tells what it finds; here is decided what follows.

use moodlark_catalogue::tr;

use crate::{
    camera::Blocked,
    settings::{GateSettings, Power, Settings, Source},
    time::{Now, TimeOfDay, Timestamp},
};

/// Something of the outside world that can keep the camera closed. In the order in which they are
/// named when several do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// The machine is about to sleep.
    Asleep,
    /// The session is locked.
    Locked,
    /// Another session is in front, or the user has none.
    Inactive,
    /// The lid is closed.
    Lid,
    /// Nobody has touched the machine for a while.
    Idle,
    /// Another program has the camera open.
    CameraInUse,
    /// The microphone is being recorded.
    Call,
    /// A program keeps the screen awake: a film, a presentation, a shared screen.
    Presenting,
    /// The user has silenced notifications.
    DoNotDisturb,
    /// A program runs that the user named.
    Program,
    /// The battery is nearly empty.
    LowBattery,
    /// The machine runs on its battery.
    Battery,
}

/// What is known of a gate's condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Finding {
    /// It does not hold: the camera may look.
    Clear,
    /// It holds.
    Holds,
    /// Something on this machine can tell, and doesn't answer, or answers no more.
    Silent,
    /// Nothing on this machine can tell.
    #[default]
    Absent,
}

impl Gate {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Asleep,
        Self::Locked,
        Self::Inactive,
        Self::Lid,
        Self::Idle,
        Self::CameraInUse,
        Self::Call,
        Self::Presenting,
        Self::DoNotDisturb,
        Self::Program,
        Self::LowBattery,
        Self::Battery,
    ];

    /// The name on the bus, in the doctor's findings and, where it is a yes or no, in the
    /// configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asleep => "asleep",
            Self::Locked => "locked",
            Self::Inactive => "inactive",
            Self::Lid => "lid",
            Self::Idle => "idle",
            Self::CameraInUse => "camera-in-use",
            Self::Call => "call",
            Self::Presenting => "presenting",
            Self::DoNotDisturb => "do-not-disturb",
            Self::Program => "program",
            Self::LowBattery => "low-battery",
            Self::Battery => "battery",
        }
    }

    /// The sentence for people, while it holds.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Asleep => tr!("The computer is going to sleep."),
            Self::Locked => tr!("The session is locked."),
            Self::Inactive => {
                tr!(
                    "Your session is not the one in front; `inactive = false` under [gates] looks all the same."
                )
            }
            Self::Lid => {
                tr!(
                    "The lid is closed; with a camera outside it, `lid = false` under [gates] looks all the same."
                )
            }
            Self::Idle => tr!("You have been away from the keyboard for a while."),
            Self::CameraInUse => tr!("Another program is using the camera; it always wins."),
            Self::Call => {
                tr!(
                    "The microphone is in use, as in a call; `call = false` under [gates] looks all the same."
                )
            }
            Self::Presenting => {
                tr!(
                    "A program keeps the screen awake, as in a film or a presentation; `presenting = false` under [gates] looks all the same."
                )
            }
            Self::DoNotDisturb => {
                tr!(
                    "You have silenced notifications; `do-not-disturb = false` under [gates] looks all the same."
                )
            }
            Self::Program => tr!("A program runs that is named in `programs` under [gates]."),
            Self::LowBattery => {
                tr!("The battery is low; `low-battery` under [gates] says below what.")
            }
            Self::Battery => {
                tr!(
                    "The computer runs on its battery; `battery = false` under [gates] looks all the same."
                )
            }
        }
    }

    /// Whether no signal tells when it begins or ends, so that it must be asked for just before a
    /// look. Another program's use of the camera is both: the kernel tells of opening and closing,
    /// and of nothing in between.
    #[must_use]
    pub const fn is_asked(self) -> bool {
        matches!(
            self,
            Self::CameraInUse | Self::Call | Self::Program | Self::LowBattery
        )
    }

    /// Whether it says that the user is not at the desk: then the music is left alone, too.
    #[must_use]
    pub const fn is_away(self) -> bool {
        matches!(
            self,
            Self::Asleep | Self::Locked | Self::Inactive | Self::Lid | Self::Idle
        )
    }

    /// Whether the camera stays closed while whoever can tell is silent.
    ///
    /// A session that may be locked, or may be another user's by now, is not looked into on a
    /// guess: its doubt closes. Everything else is a courtesy or saves power: an empty chair is
    /// read as one, a camera in use refuses a second user by itself, and a desktop whose power
    /// service hangs should not lose its music for it.
    ///
    /// Where nothing on the machine can tell ([`Finding::Absent`]) every gate is open: on a system
    /// without logind nothing could ever be looked at, and `moodlark doctor` says what is missing.
    #[must_use]
    pub const fn closes_in_doubt(self) -> bool {
        matches!(self, Self::Locked | Self::Inactive)
    }

    /// Whether the user wants it to count.
    #[must_use]
    pub fn counts(self, settings: &Settings) -> bool {
        let gates = &settings.gates;
        match self {
            // A camera that is open while the machine falls asleep may hang it: no option.
            Self::Asleep => true,
            Self::Locked => gates.locked,
            Self::Inactive => gates.inactive,
            Self::Lid => gates.lid,
            Self::Idle => gates.idle,
            Self::CameraInUse => gates.camera_in_use && settings.camera.source == Source::Camera,
            Self::Call => gates.call,
            Self::Presenting => gates.presenting,
            Self::DoNotDisturb => gates.do_not_disturb,
            Self::Program => !gates.programs.is_empty(),
            Self::LowBattery => gates.low_battery > 0,
            Self::Battery => gates.battery,
        }
    }
}

/// What was found of each gate last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gates {
    findings: [Finding; Gate::ALL.len()],
    /// When the machine last woke.
    resumed: Option<Timestamp>,
    /// When the gates that tell nothing by themselves were last asked for.
    asked: Option<Timestamp>,
}

impl Gates {
    /// Takes in what was found.
    pub fn note(&mut self, gate: Gate, finding: Finding, at: Timestamp) {
        let slot = &mut self.findings[gate as usize];
        if gate == Gate::Asleep && *slot == Finding::Holds && finding != Finding::Holds {
            self.resumed = Some(at);
        }
        *slot = finding;
    }

    /// Takes in the answers of the gates that are asked for before a look.
    pub fn note_asked(&mut self, answers: &[(Gate, Finding)], at: Timestamp) {
        for (gate, finding) in answers {
            self.note(*gate, *finding, at);
        }
        self.asked = Some(at);
    }

    /// Drops moments that can only come from a clock that was set back since.
    pub(crate) fn forget_future(&mut self, at: Timestamp) {
        for moment in [&mut self.resumed, &mut self.asked] {
            *moment = moment.filter(|moment| *moment <= at);
        }
    }

    /// What was last found of `gate`.
    #[must_use]
    pub const fn finding(&self, gate: Gate) -> Finding {
        self.findings[gate as usize]
    }

    /// Where the electricity comes from, if a gate knows.
    #[must_use]
    pub fn power(&self) -> Option<Power> {
        match self.finding(Gate::Battery) {
            Finding::Holds => Some(Power::Battery),
            Finding::Clear => Some(Power::Mains),
            Finding::Silent | Finding::Absent => None,
        }
    }

    /// Whether the machine runs on its battery, as far as is known.
    #[must_use]
    pub fn on_battery(&self) -> bool {
        self.finding(Gate::Battery) == Finding::Holds
    }

    /// When the gates that tell nothing by themselves were last asked for.
    #[must_use]
    pub const fn asked(&self) -> Option<Timestamp> {
        self.asked
    }

    /// Why the camera may not look now, whoever asks for it.
    #[must_use]
    pub fn closed(&self, settings: &Settings, now: Now) -> Option<Blocked> {
        self.told(settings)
            .or_else(|| self.timed(&settings.gates, now).map(|(why, _)| why))
            .or_else(|| self.by_asking(settings))
    }

    /// The first gate that is closed, of those that a signal opens.
    #[must_use]
    pub fn told(&self, settings: &Settings) -> Option<Blocked> {
        self.first(settings, |gate| !gate.is_asked())
    }

    /// The first gate that was closed when it was last asked for.
    #[must_use]
    pub fn by_asking(&self, settings: &Settings) -> Option<Blocked> {
        self.first(settings, Gate::is_asked)
    }

    /// Whether a look must be preceded by asking.
    #[must_use]
    pub fn must_ask(settings: &Settings) -> bool {
        Gate::ALL
            .into_iter()
            .any(|gate| gate.is_asked() && gate.counts(settings))
    }

    /// What time alone opens again, and when.
    #[must_use]
    pub fn timed(&self, settings: &GateSettings, now: Now) -> Option<(Blocked, Timestamp)> {
        let grace = self
            .resumed
            .map(|at| at.plus(settings.after_resume))
            .filter(|end| now.at < *end);
        if let Some(end) = grace {
            return Some((Blocked::JustResumed(end), end));
        }
        let (from, to) = settings.quiet_hours()?;
        TimeOfDay::span_contains(from, to, now.local.minute)
            .then(|| (Blocked::QuietHours, now.next(to)))
    }

    /// Whether the user is not at the desk, as far as the gates that count can tell.
    #[must_use]
    pub fn away(&self, settings: &Settings) -> bool {
        self.first(settings, Gate::is_away).is_some()
    }

    fn first(&self, settings: &Settings, which: impl Fn(Gate) -> bool) -> Option<Blocked> {
        Gate::ALL
            .into_iter()
            .filter(|gate| which(*gate) && gate.counts(settings))
            .find_map(|gate| match self.finding(gate) {
                Finding::Holds => Some(Blocked::Gate(gate)),
                Finding::Silent if gate.closes_in_doubt() => Some(Blocked::Unsure),
                Finding::Silent | Finding::Clear | Finding::Absent => None,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Now {
        Now::utc(Timestamp(minute * 60_000))
    }

    #[test]
    fn doubt_closes_only_what_could_show_somebody_who_did_not_agree() {
        let settings = Settings::default();
        for gate in Gate::ALL {
            let mut gates = Gates::default();
            assert_eq!(gates.closed(&settings, at(0)), None);
            gates.note(gate, Finding::Silent, at(0).at);
            let closed = matches!(gate, Gate::Locked | Gate::Inactive);
            assert_eq!(
                gates.closed(&settings, at(0)),
                closed.then_some(Blocked::Unsure),
                "{gate:?}"
            );
        }
    }

    #[test]
    fn each_gate_closes_under_its_own_name_unless_it_is_switched_off() {
        let mut settings = Settings::default();
        settings.gates.battery = true;
        for gate in Gate::ALL {
            let mut gates = Gates::default();
            gates.note(gate, Finding::Holds, at(0).at);
            let closed = gates.closed(&settings, at(0)).map(Blocked::name);
            assert_eq!(closed, Some(gate.name()));
        }
        settings.gates = GateSettings::none();
        for gate in Gate::ALL {
            let mut gates = Gates::default();
            gates.note(gate, Finding::Holds, at(0).at);
            assert_eq!(
                gates.closed(&settings, at(0)).is_some(),
                gate == Gate::Asleep
            );
        }
    }

    #[test]
    fn after_sleep_there_is_a_grace() {
        let settings = Settings::default();
        let mut gates = Gates::default();
        gates.note(Gate::Asleep, Finding::Clear, at(0).at);
        assert_eq!(gates.closed(&settings, at(0)), None);
        gates.note(Gate::Asleep, Finding::Holds, at(1).at);
        gates.note(Gate::Asleep, Finding::Clear, at(60).at);
        let end = at(60).at.plus(settings.gates.after_resume);
        assert_eq!(
            gates.closed(&settings, at(60)),
            Some(Blocked::JustResumed(end))
        );
        assert_eq!(gates.closed(&settings, Now::utc(end)), None);
    }

    #[test]
    fn quiet_hours_may_run_over_midnight_and_say_when_they_end() {
        let mut settings = GateSettings {
            quiet_from: Some(TimeOfDay(23 * 60)),
            quiet_to: Some(TimeOfDay(7 * 60)),
            ..GateSettings::default()
        };
        let gates = Gates::default();
        let timed = |settings: &GateSettings, minute| gates.timed(settings, at(minute));
        assert_eq!(timed(&settings, 22 * 60), None);
        let end = Timestamp((24 + 7) * 3_600_000);
        assert_eq!(timed(&settings, 23 * 60), Some((Blocked::QuietHours, end)));
        assert_eq!(
            timed(&settings, 6 * 60),
            Some((Blocked::QuietHours, Timestamp(7 * 3_600_000)))
        );
        assert_eq!(timed(&settings, 7 * 60), None);
        settings.quiet_to = None;
        assert_eq!(timed(&settings, 23 * 60), None);
    }
}
