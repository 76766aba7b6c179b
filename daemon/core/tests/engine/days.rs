//! Days made at random, and the promises that hold in all of them.

use std::{collections::BTreeMap, time::Duration};

use moodlark_core::{
    Emotion, Reading,
    decide::HANDS_OFF,
    engine::{Effect, Engine, Entry, Event, Outcome, Report, Request, State},
    filter::{self},
    gates::{Finding, Gate},
    player::{Content, Playback, PlayerView},
    settings::{GateSettings, Intent, Settings, When},
    time::TimeOfDay,
};
use proptest::prelude::*;

use crate::stage::*;

/// One step of a day.
#[derive(Debug, Clone)]
enum Step {
    Looked(Reading),
    Stopped,
    Wake,
    Players(Vec<PlayerView>),
    UserActs(bool),
    Pause(u32),
    Resume,
    Look,
    Report(Emotion),
    TakeBack,
    Wish(Option<Intent>),
    Apply(&'static str),
    Undo,
    Answer(bool),
    Consent(bool),
    SwitchEnds(bool),
    UndoEnds(bool),
    Gate(Gate, Finding),
    Asked(Vec<(Gate, Finding)>),
    Confirmed(bool),
    Restart,
}

fn finding() -> impl Strategy<Value = Finding> {
    prop_oneof![
        6 => Just(Finding::Clear),
        3 => Just(Finding::Holds),
        1 => Just(Finding::Silent),
        1 => Just(Finding::Absent),
    ]
}

fn gate(asked: bool) -> impl Strategy<Value = Gate> {
    let gates: Vec<_> = Gate::ALL
        .into_iter()
        .filter(|gate| !asked || gate.is_asked())
        .collect();
    prop::sample::select(gates)
}

fn reading() -> impl Strategy<Value = Reading> {
    prop_oneof![
        6 => prop::sample::select(Emotion::ALL.to_vec()).prop_map(face),
        1 => Just(Reading::NoFace),
        1 => Just(Reading::Dark { brightness: 0.01 }),
        1 => Just(Reading::Busy),
        1 => Just(Reading::Failed { reason: "x".into() }),
    ]
}

fn views() -> impl Strategy<Value = Vec<PlayerView>> {
    let playback = prop::sample::select(vec![
        Playback::Playing,
        Playback::Playing,
        Playback::Paused,
        Playback::Stopped,
    ]);
    let content = prop::sample::select(vec![
        Content::Music,
        Content::Music,
        Content::Music,
        Content::Ad,
        Content::Episode,
    ]);
    let one = (playback, content);
    prop::collection::vec(one, 0..3).prop_map(|list| {
        list.into_iter()
            .zip([MPV, VLC])
            .map(|((playback, content), name)| player(name, playback, content))
            .collect()
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => reading().prop_map(Step::Looked),
        20 => Just(Step::Wake),
        1 => Just(Step::Stopped),
        4 => views().prop_map(Step::Players),
        2 => any::<bool>().prop_map(Step::UserActs),
        2 => (0_u32..4000).prop_map(Step::Pause),
        3 => Just(Step::Resume),
        2 => Just(Step::Look),
        2 => prop::sample::select(Emotion::ALL.to_vec()).prop_map(Step::Report),
        2 => Just(Step::TakeBack),
        1 => prop::sample::select(vec![None, Some(Intent::Uplift), Some(Intent::Keep), Some(Intent::Playlist("rain".into()))]).prop_map(Step::Wish),
        2 => prop::sample::select(vec!["sun", "rain", "angry", "nothing"]).prop_map(Step::Apply),
        2 => Just(Step::Undo),
        1 => any::<bool>().prop_map(Step::Answer),
        2 => prop::bool::weighted(0.8).prop_map(Step::Consent),
        8 => prop::bool::weighted(0.8).prop_map(Step::SwitchEnds),
        3 => any::<bool>().prop_map(Step::UndoEnds),
        6 => (gate(false), finding()).prop_map(|(gate, finding)| Step::Gate(gate, finding)),
        20 => prop::collection::vec((gate(true), Just(Finding::Clear)), 4).prop_map(Step::Asked),
        2 => prop::collection::vec((gate(true), finding()), 0..4).prop_map(Step::Asked),
        20 => prop::bool::weighted(0.1).prop_map(Step::Confirmed),
        1 => Just(Step::Restart),
    ]
}

/// What an onlooker knows, to hold the engine to its promises.
struct Day {
    engine: Engine,
    settings: Settings,
    views: Vec<PlayerView>,
    looking: bool,
    /// Somebody asked for the look that begins.
    wanted: bool,
    /// When the camera last looked, and when it did in the last hour with nobody asking for it.
    last_look: Option<i64>,
    recent: Vec<i64>,
    /// The look under way was told to stop.
    stopped: bool,
    gates: BTreeMap<Gate, Finding>,
    resumed: Option<i64>,
    paused_until: Option<Option<i64>>,
    reported: bool,
    face_seen: Option<i64>,
    plan: Option<(moodlark_core::decide::Plan, i64)>,
    undoing: Option<i64>,
    last_try: Option<i64>,
    user_acted: Option<i64>,
    switches: i64,
    /// The step is the user's yes to a question: it outranks cooldown, camera and override.
    said_yes: bool,
}

impl Day {
    fn paused(&self, t: i64) -> bool {
        match self.paused_until {
            None => false,
            Some(None) => true,
            Some(Some(end)) => t < end,
        }
    }

    fn note(&mut self, gate: Gate, finding: Finding, t: i64) {
        let before = self.gates.insert(gate, finding);
        if gate == Gate::Asleep && before == Some(Finding::Holds) && finding != Finding::Holds {
            self.resumed = Some(t);
        }
    }

    /// Written a second time, in other words than the engine's, from what the options promise.
    fn gate_closed(&self, t: i64) -> Option<&'static str> {
        let options = &self.settings.gates;
        let held = |gate: Gate| self.gates.get(&gate) == Some(&Finding::Holds);
        let doubt = |gate: Gate| self.gates.get(&gate) == Some(&Finding::Silent);
        let grace = i64::try_from(options.after_resume.as_secs()).unwrap();
        [
            (held(Gate::Asleep), "asleep"),
            (
                options.locked && (held(Gate::Locked) || doubt(Gate::Locked)),
                "locked",
            ),
            (
                options.inactive && (held(Gate::Inactive) || doubt(Gate::Inactive)),
                "inactive",
            ),
            (options.lid && held(Gate::Lid), "lid"),
            (options.idle && held(Gate::Idle), "idle"),
            (
                options.camera_in_use && held(Gate::CameraInUse),
                "camera in use",
            ),
            (options.call && held(Gate::Call), "call"),
            (options.presenting && held(Gate::Presenting), "presenting"),
            (
                options.do_not_disturb && held(Gate::DoNotDisturb),
                "do not disturb",
            ),
            (
                !options.programs.is_empty() && held(Gate::Program),
                "program",
            ),
            (
                options.low_battery > 0 && held(Gate::LowBattery),
                "low battery",
            ),
            (options.battery && held(Gate::Battery), "battery"),
            (
                self.resumed.is_some_and(|at| t < at + grace),
                "just resumed",
            ),
            (self.quiet(t), "quiet hours"),
        ]
        .into_iter()
        .find_map(|(closed, name)| closed.then_some(name))
    }

    fn quiet(&self, t: i64) -> bool {
        let Some((from, to)) = self.settings.gates.quiet_hours() else {
            return false;
        };
        let minute = now(t).local.minute;
        if from < to {
            from.0 <= minute && minute < to.0
        } else {
            from.0 <= minute || minute < to.0
        }
    }

    fn check(&mut self, effects: &[Effect], t: i64) {
        let closed = !self.settings.camera.enabled || self.paused(t);
        let gate = self.gate_closed(t);
        if self.looking && !self.stopped && gate.is_some_and(|gate| gate != "quiet hours") {
            assert!(
                effects.contains(&Effect::StopLook),
                "a look goes on while {gate:?}"
            );
        }
        for effect in effects {
            match effect {
                Effect::Look => {
                    assert!(!closed, "a look while off or paused");
                    assert_eq!(gate, None, "a look behind a closed gate");
                    assert!(!self.looking, "two looks at once");
                    self.check_pace(t);
                    self.looking = true;
                    self.stopped = false;
                }
                Effect::StopLook => {
                    assert!(self.looking && !self.stopped, "nothing to stop");
                    self.stopped = true;
                }
                Effect::Journal(Entry::Reading(_)) => {
                    assert!(!closed && gate.is_none(), "a reading behind a closed gate");
                }
                Effect::Perform(plan, _) => {
                    assert!(
                        self.plan.is_none() && self.undoing.is_none(),
                        "two switches at once"
                    );
                    if !plan.origin.is_request() {
                        self.check_automatic(plan, closed, t);
                    }
                    self.last_try = Some(t);
                    self.plan = Some((plan.clone(), t));
                }
                Effect::Undo(switch) => {
                    assert!(
                        self.plan.is_none() && self.undoing.is_none(),
                        "an undo in a switch"
                    );
                    assert!(!switch.undone);
                    self.undoing = Some(switch.id);
                }
                _ => {}
            }
        }
        self.wanted &= self.engine.is_looking();
    }

    /// A look that nobody asked for comes no sooner than the power allows, and no hour holds more
    /// than half as many again as the interval gives.
    fn check_pace(&mut self, t: i64) {
        let last = self.last_look.replace(t);
        if std::mem::take(&mut self.wanted) {
            return;
        }
        let on_battery = self.gates.get(&Gate::Battery) == Some(&Finding::Holds);
        let shortest = match (on_battery, self.settings.camera.follow_up) {
            (true, _) => 600,
            (false, true) => 90,
            (false, false) => 300,
        };
        assert!(
            last.is_none_or(|last| t - last >= shortest),
            "a look after {last:?} at {t}, on battery: {on_battery}"
        );
        self.recent.retain(|then| t - then < 3600);
        self.recent.push(t);
        assert!(
            self.recent.len() <= 18,
            "{} looks an hour",
            self.recent.len()
        );
    }

    fn check_automatic(&self, plan: &moodlark_core::decide::Plan, closed: bool, t: i64) {
        if !self.said_yes {
            self.check_timing(closed, t);
        }
        let view = self
            .views
            .iter()
            .find(|view| view.bus_name == plan.player)
            .expect("the player is there");
        assert_eq!(
            view.playback,
            Playback::Playing,
            "a switch where nothing plays"
        );
        assert_eq!(view.content, Content::Music, "a switch in an ad or episode");
        let players = self
            .views
            .iter()
            .filter(|view| view.playback == Playback::Playing)
            .count();
        assert_eq!(players, 1, "a switch while several play");
    }

    fn check_timing(&self, closed: bool, t: i64) {
        if let Some(last) = self.last_try {
            let cooldown = i64::try_from(self.settings.decide.cooldown.as_secs()).unwrap();
            assert!(
                t - last >= cooldown,
                "a switch inside the cooldown, after {} s",
                t - last
            );
        }
        if !self.reported {
            assert!(!closed, "a switch by the camera while it is off or paused");
            assert!(self.face_seen.is_some(), "a switch without a face");
        }
        if let Some(acted) = self.user_acted {
            let hold = self.settings.decide.override_for.max(HANDS_OFF).as_secs();
            assert!(
                t - acted >= i64::try_from(hold).unwrap(),
                "a switch against the user's hand"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_day_breaks_a_promise(
        steps in prop::collection::vec((step(), 0_i64..900), 1..200),
        ask_first in prop::bool::weighted(0.2),
        when in prop::sample::select(vec![When::Now, When::Fade, When::AtTrackEnd]),
        short_override in any::<bool>(),
        courtesies in any::<bool>(),
        follow_up in prop::bool::weighted(0.8),
        // The configuration refuses hours that begin and end at the same time.
        quiet in proptest::option::weighted(
            0.3,
            (0_u16..1440, 0_u16..1440).prop_filter("two times", |(from, to)| from != to),
        ),
    ) {
        let mut settings = settings();
        if !courtesies {
            settings.gates = GateSettings { locked: true, ..GateSettings::none() };
        }
        settings.gates.quiet_from = quiet.map(|(from, _)| TimeOfDay(from));
        settings.gates.quiet_to = quiet.map(|(_, to)| TimeOfDay(to));
        settings.camera.follow_up = follow_up;
        settings.decide.ask_first = ask_first;
        settings.player.when = when;
        if short_override {
            settings.decide.override_for = Duration::ZERO;
        }
        let mut day = Day {
            engine: Engine::new(settings.clone(), model(), State::default(), now(0)),
            settings,
            views: Vec::new(),
            looking: false,
            wanted: false,
            last_look: None,
            recent: Vec::new(),
            stopped: false,
            gates: BTreeMap::new(),
            resumed: None,
            paused_until: None,
            reported: false,
            face_seen: None,
            plan: None,
            undoing: None,
            last_try: None,
            user_acted: None,
            switches: 0,
            said_yes: false,
        };
        let mut t = 0;
        for (step, wait) in steps {
            t += wait;
            let clock = now(t);
            day.said_yes = false;
            let request = |day: &mut Day, request: Request| day.engine.request(request, clock).unwrap_or_default();
            let effects = match step {
                Step::Looked(reading) => {
                    if !day.looking { continue }
                    day.looking = false;
                    let closed = !day.settings.camera.enabled || day.paused(t) || day.gate_closed(t).is_some();
                    if !closed && !day.stopped {
                        match &reading {
                            Reading::Face { .. } => day.face_seen = Some(t),
                            Reading::NoFace | Reading::Dark { .. } | Reading::Blurred { .. } => day.face_seen = None,
                            _ => {}
                        }
                    }
                    day.engine.handle(Event::Looked(Some(reading)), clock)
                }
                Step::Stopped => {
                    if !day.looking { continue }
                    day.looking = false;
                    day.engine.handle(Event::Looked(None), clock)
                }
                Step::Wake => day.engine.handle(Event::Wake, clock),
                Step::Players(views) => {
                    day.views = views.clone();
                    day.engine.handle(Event::Players(views), clock)
                }
                Step::UserActs(other_music) => {
                    let Some(view) = day.views.first_mut() else { continue };
                    view.last_user_action = Some(clock.at);
                    day.user_acted = Some(t);
                    let (name, views) = (view.bus_name.clone(), day.views.clone());
                    let mut effects = day.engine.handle(Event::Players(views), clock);
                    day.check(&effects, t);
                    effects = day.engine.handle(Event::UserActed { player: name, other_music }, clock);
                    effects
                }
                Step::Pause(seconds) => {
                    let span = (seconds > 0).then(|| Duration::from_secs(seconds.into()));
                    day.paused_until = Some(span.map(|_| t + i64::from(seconds)));
                    request(&mut day, Request::Pause(span))
                }
                Step::Resume => {
                    day.paused_until = None;
                    request(&mut day, Request::Resume)
                }
                Step::Look => {
                    let idle = !day.engine.is_looking();
                    let effects = request(&mut day, Request::Look);
                    day.wanted |= idle && day.engine.is_looking();
                    effects
                }
                Step::Report(emotion) => {
                    day.reported = true;
                    request(&mut day, Request::Report(Report::Mood(filter::Report::Label(emotion))))
                }
                Step::TakeBack => {
                    day.reported = false;
                    request(&mut day, Request::Report(Report::AsYouThink))
                }
                Step::Wish(wish) => request(&mut day, Request::Intent(wish)),
                Step::Apply(what) => request(&mut day, Request::Apply(what.into())),
                Step::Undo => request(&mut day, Request::Undo),
                Step::Answer(yes) => {
                    day.said_yes = yes;
                    day.engine.handle(Event::Answered { yes }, clock)
                }
                Step::Consent(yes) => {
                    day.settings.camera.enabled = yes;
                    day.engine.handle(Event::Configured(Box::new(day.settings.clone())), clock)
                }
                Step::SwitchEnds(well) => {
                    let Some((plan, at)) = day.plan.take() else { continue };
                    day.switches += 1;
                    let outcome = if well {
                        Ok(made(&plan, day.switches, now(at).at))
                    } else {
                        Err(Outcome { name: "NotVerified".into(), sentence: "no".into() })
                    };
                    day.engine.handle(Event::Switched { plan, outcome }, clock)
                }
                Step::UndoEnds(well) => {
                    let Some(id) = day.undoing.take() else { continue };
                    let outcome = if well { Ok(Vec::new()) } else { Err(Outcome { name: "PlayerGone".into(), sentence: "no".into() }) };
                    day.engine.handle(Event::Undone { id, outcome }, clock)
                }
                Step::Gate(gate, finding) => {
                    day.note(gate, finding, t);
                    day.engine.handle(Event::Gate(gate, finding), clock)
                }
                Step::Asked(answers) => {
                    for (gate, finding) in &answers {
                        day.note(*gate, *finding, t);
                    }
                    day.engine.handle(Event::Asked(answers), clock)
                }
                Step::Confirmed(call) => {
                    let call = call.then_some(Gate::Call);
                    day.engine.handle(Event::Confirmed { call }, clock)
                }
                Step::Restart => {
                    day.gates.clear();
                    day.resumed = None;
                    if day.plan.is_some() || day.undoing.is_some() { continue }
                    let kept = serde_json::to_string(day.engine.state()).unwrap();
                    let state: State = serde_json::from_str(&kept).unwrap();
                    day.looking = false;
                    day.engine = Engine::new(day.settings.clone(), model(), state, clock);
                    day.engine.handle(Event::Players(day.views.clone()), clock)
                }
            };
            day.check(&effects, t);
            let mood = day.engine.view(clock).mood;
            prop_assert!(mood.confidence.is_finite() && (0.0..=1.0).contains(&mood.confidence));
        }
    }
}
