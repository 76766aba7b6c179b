//! Days as lists of events: what must and must not follow, whatever happens.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on says so

use std::{collections::BTreeMap, time::Duration};

use moodlark_core::{
    Affect, Distribution, Emotion, Now, Quality, Reading, Timestamp,
    decide::HANDS_OFF,
    engine::{
        Effect, Engine, Entry, Event, Notice, Outcome, Refusal, Report, Request, State,
        SwitchRecord,
    },
    filter::{self, ExpressionModel},
    gates::{Finding, Gate},
    player::{Content, Playback, PlayerView, Track, Usable},
    settings::{Criteria, GateSettings, Intent, PlaylistSettings, Rule, Settings},
    time::TimeOfDay,
};
use proptest::prelude::*;

const MPV: &str = "org.mpris.MediaPlayer2.mpv";
const VLC: &str = "org.mpris.MediaPlayer2.vlc";

fn model() -> ExpressionModel {
    let row = |truth: usize| std::array::from_fn(|p| if p == truth { 0.7 } else { 0.05 });
    ExpressionModel::new(std::array::from_fn(row), None).unwrap()
}

fn playlist(name: &str, mood: Emotion) -> PlaylistSettings {
    PlaylistSettings {
        name: name.into(),
        uri: None,
        file: Some(format!("/music/{name}.m3u8")),
        mood: Some(mood),
        affect: None,
    }
}

fn rule(name: &str, mood: Vec<Emotion>, intent: Intent) -> Rule {
    Rule {
        name: name.into(),
        enabled: true,
        when: Criteria {
            mood,
            ..Criteria::default()
        },
        intent,
    }
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.camera.enabled = true;
    settings.decide.dwell = Duration::from_secs(600);
    settings.rules = vec![
        rule("cheer", vec![Emotion::Sad, Emotion::Angry], Intent::Uplift),
        rule("go along", vec![], Intent::Match),
    ];
    settings.playlists = vec![
        playlist("sun", Emotion::Happy),
        playlist("rain", Emotion::Sad),
    ];
    settings
}

fn now(seconds: i64) -> Now {
    Now::utc(Timestamp(1_800_000_000_000 + seconds * 1000))
}

fn face(emotion: Emotion) -> Reading {
    let distribution = Distribution::certain(emotion).mix(&Distribution::UNIFORM, 0.15);
    Reading::Face {
        distribution,
        affect: Affect::expected(&distribution),
        quality: Quality {
            overall: 0.9,
            size: 1.0,
            sharpness: 1.0,
            brightness: 0.9,
            inside: 1.0,
        },
        faces: 1,
    }
}

fn player(bus_name: &str, playback: Playback, content: Content) -> PlayerView {
    PlayerView {
        bus_name: bus_name.into(),
        identity: bus_name.into(),
        playback,
        track: Some(Track {
            title: "t".into(),
            ..Track::default()
        }),
        content,
        can_control: true,
        usable: Usable::Yes,
        last_playing: Some(now(0).at),
        ..PlayerView::default()
    }
}

fn playing() -> Event {
    Event::Players(vec![player(MPV, Playback::Playing, Content::Music)])
}

/// An engine in the middle of its first look.
fn engine() -> Engine {
    let mut engine = Engine::new(settings(), model(), State::default(), now(0));
    engine.handle(playing(), now(0));
    engine.handle(all_clear(), now(0));
    engine
}

/// Nothing that is asked for before a look stands against it.
fn all_clear() -> Event {
    let asked = Gate::ALL.into_iter().filter(|gate| gate.is_asked());
    Event::Asked(asked.map(|gate| (gate, Finding::Clear)).collect())
}

fn performs(effects: &[Effect]) -> Option<&moodlark_core::decide::Plan> {
    effects.iter().find_map(|effect| match effect {
        Effect::Perform(plan) => Some(plan),
        _ => None,
    })
}

fn made(plan: &moodlark_core::decide::Plan, id: i64, at: Timestamp) -> SwitchRecord {
    SwitchRecord {
        id,
        at,
        player: plan.player.clone(),
        playlist: plan.playlist.clone(),
        uri: "file:///x".into(),
        route: "open".into(),
        why: plan.why.clone(),
        mood: plan.mood,
        title: "t".into(),
        verified: true,
        took_ms: 10,
        undone: false,
    }
}

/// Looks every five minutes at the same face until something is played, at most for a day.
fn look_until_switch(
    engine: &mut Engine,
    emotion: Emotion,
    from: i64,
) -> Option<(i64, moodlark_core::decide::Plan)> {
    (0..288).find_map(|i| {
        let at = from + i * 300;
        engine.handle(Event::Wake, now(at));
        let effects = engine.handle(Event::Looked(Some(face(emotion))), now(at + 1));
        performs(&effects).cloned().map(|plan| (at + 1, plan))
    })
}

#[test]
fn a_sad_face_that_lasts_brings_the_sun_and_not_before_the_dwell() {
    let mut engine = engine();
    let (at, plan) = look_until_switch(&mut engine, Emotion::Sad, 0).expect("a switch");
    assert_eq!(plan.playlist, "sun");
    assert_eq!(plan.player, MPV);
    assert!(plan.why.contains("cheer"), "{}", plan.why);
    let dwell = i64::try_from(settings().decide.dwell.as_secs()).unwrap();
    assert!(at >= dwell, "after {at} s");
}

#[test]
fn what_already_plays_and_fits_is_not_started_again() {
    let mut engine = engine();
    let (at, plan) = look_until_switch(&mut engine, Emotion::Happy, 0).expect("a switch");
    let record = made(&plan, 1, now(at).at);
    engine.handle(
        Event::Switched {
            plan,
            outcome: Ok(record),
        },
        now(at + 1),
    );
    assert!(look_until_switch(&mut engine, Emotion::Happy, at + 300).is_none());
}

#[test]
fn the_first_use_of_the_camera_is_told_once_ever() {
    let mut engine = Engine::new(settings(), model(), State::default(), now(0));
    assert!(engine.handle(playing(), now(0)).contains(&Effect::Ask));
    let first = engine.handle(all_clear(), now(0));
    assert!(first.contains(&Effect::Tell(Notice::CameraFirstUse)));
    assert!(first.contains(&Effect::Look));
    let kept = serde_json::to_string(engine.state()).unwrap();
    let state: State = serde_json::from_str(&kept).unwrap();
    let mut again = Engine::new(settings(), model(), state, now(900));
    again.handle(playing(), now(900));
    let second = again.handle(all_clear(), now(900));
    assert!(second.contains(&Effect::Look));
    assert!(!second.contains(&Effect::Tell(Notice::CameraFirstUse)));
}

#[test]
fn nothing_looks_before_consent_not_even_on_request() {
    let mut off = settings();
    off.camera.enabled = false;
    let mut engine = Engine::new(off, model(), State::default(), now(0));
    let effects = engine.handle(playing(), now(0));
    assert!(!effects.contains(&Effect::Look) && !effects.contains(&Effect::Ask));
    assert_eq!(
        engine.request(Request::Look, now(1)),
        Err(Refusal::CameraOff)
    );
    assert_eq!(engine.view(now(1)).camera.blocked.map(|b| b.0), Some("off"));
}

#[test]
fn a_pause_ends_the_look_under_way_and_its_reading_counts_for_nothing() {
    let mut engine = engine(); // the first look is under way
    let effects = engine.request(Request::Pause(None), now(1)).unwrap();
    assert!(effects.contains(&Effect::StopLook));
    let effects = engine.handle(Event::Looked(Some(face(Emotion::Sad))), now(1));
    assert!(
        !effects.iter().any(|e| matches!(e, Effect::Journal(_))),
        "{effects:?}"
    );
    assert!(engine.view(now(2)).mood.label.is_none());
    assert_eq!(engine.next_wake(now(2)), None);
}

#[test]
fn why_never_says_that_a_switch_is_under_way_when_it_has_ended() {
    let mut engine = engine();
    let (at, plan) = look_until_switch(&mut engine, Emotion::Sad, 0).expect("a switch");
    engine
        .request(Request::Intent(Some(Intent::Uplift)), now(at))
        .unwrap();
    assert!(
        engine.explained().unwrap().sentence.contains("cheer"),
        "the switch's own why"
    );
    let record = made(&plan, 1, now(at).at);
    engine.handle(
        Event::Switched {
            plan,
            outcome: Ok(record),
        },
        now(at + 1),
    );
    assert!(
        engine
            .explained()
            .unwrap()
            .sentence
            .contains("already plays")
    );
}

#[test]
fn a_mood_that_nothing_confirms_fades_to_unknown_by_itself() {
    let mut engine = engine();
    engine.handle(Event::Looked(Some(face(Emotion::Happy))), now(1));
    engine.request(Request::Pause(None), now(2)).unwrap();
    assert_eq!(engine.view(now(2)).mood.label, Some(Emotion::Happy));
    let mut wakes = 0;
    let mut at = now(2);
    let mut told = false;
    while let Some(wake) = engine.next_wake(at) {
        at = Now::utc(wake.max(at.at));
        wakes += 1;
        told |= engine
            .handle(Event::Wake, at)
            .iter()
            .any(|e| matches!(e, Effect::MoodChanged(_)));
        assert!(wakes < 1000, "it never sleeps");
    }
    assert!(told);
    assert_eq!(engine.view(at).mood.label, None);
}

#[test]
fn a_report_outranks_dwell_and_a_paused_camera() {
    let mut engine = engine();
    engine.request(Request::Pause(None), now(1)).unwrap();
    engine.handle(Event::Looked(None), now(1));
    let report = Report::Mood(filter::Report::Label(Emotion::Sad));
    let effects = engine.request(Request::Report(report), now(2)).unwrap();
    let plan = performs(&effects).expect("a switch");
    assert_eq!(plan.playlist, "sun");
    // The camera guesses; the user knows.
    assert!(
        plan.why.starts_with("You said that you feel sad"),
        "{}",
        plan.why
    );
}

#[test]
fn an_undo_keeps_hands_off_for_a_while() {
    let mut engine = engine();
    let (at, plan) = look_until_switch(&mut engine, Emotion::Sad, 0).expect("a switch");
    let record = made(&plan, 1, now(at).at);
    engine.handle(
        Event::Switched {
            plan,
            outcome: Ok(record),
        },
        now(at + 1),
    );
    let effects = engine.request(Request::Undo, now(at + 2)).unwrap();
    assert!(effects.iter().any(|e| matches!(e, Effect::Undo(_))));
    assert_eq!(
        engine.request(Request::Undo, now(at + 2)),
        Err(Refusal::Switching)
    );
    engine.handle(
        Event::Undone {
            id: 1,
            outcome: Ok(()),
        },
        now(at + 3),
    );
    assert_eq!(
        engine.request(Request::Undo, now(at + 4)),
        Err(Refusal::NothingToUndo)
    );
    let (again, _) = look_until_switch(&mut engine, Emotion::Sad, at + 300).expect("later, again");
    let hold = i64::try_from(settings().decide.override_for.as_secs()).unwrap();
    assert!(again >= at + 3 + hold);
}

#[test]
fn a_failed_undo_can_be_tried_again() {
    let mut engine = engine();
    let (at, plan) = look_until_switch(&mut engine, Emotion::Sad, 0).expect("a switch");
    let record = made(&plan, 1, now(at).at);
    engine.handle(
        Event::Switched {
            plan,
            outcome: Ok(record),
        },
        now(at + 1),
    );
    engine.request(Request::Undo, now(at + 2)).unwrap();
    let failed = Outcome {
        name: "PlayerGone".into(),
        sentence: "gone".into(),
    };
    engine.handle(
        Event::Undone {
            id: 1,
            outcome: Err(failed),
        },
        now(at + 3),
    );
    assert!(engine.request(Request::Undo, now(at + 4)).is_ok());
}

#[test]
fn ask_first_asks_once_and_plays_only_on_yes() {
    let mut asking = settings();
    asking.decide.ask_first = true;
    for yes in [true, false] {
        let mut engine = Engine::new(asking.clone(), model(), State::default(), now(0));
        engine.handle(playing(), now(0));
        let mut asked = 0;
        let mut at = 0;
        while asked == 0 && at < 86_400 {
            engine.handle(Event::Wake, now(at));
            let effects = engine.handle(Event::Looked(Some(face(Emotion::Sad))), now(at + 1));
            assert!(performs(&effects).is_none());
            asked += effects
                .iter()
                .filter(|e| matches!(e, Effect::Tell(Notice::Question(_))))
                .count();
            at += 300;
        }
        assert_eq!(asked, 1);
        let effects = engine.handle(Event::Answered { yes }, now(at - 290));
        assert_eq!(performs(&effects).is_some(), yes);
    }
}

#[test]
fn a_yes_to_a_question_is_void_when_the_player_is_gone() {
    let mut asking = settings();
    asking.decide.ask_first = true;
    let mut engine = Engine::new(asking, model(), State::default(), now(0));
    engine.handle(playing(), now(0));
    let report = Report::Mood(filter::Report::Label(Emotion::Angry));
    let effects = engine.request(Request::Report(report), now(1)).unwrap();
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::Tell(Notice::Question(_))))
    );
    engine.handle(Event::Players(vec![]), now(2));
    let effects = engine.handle(Event::Answered { yes: true }, now(3));
    assert!(performs(&effects).is_none());
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::Tell(Notice::SwitchFailed { .. })))
    );
}

#[test]
fn apply_finds_playlists_by_name_and_moods_by_nearness() {
    let mut engine = engine();
    let plan = |engine: &mut Engine, what: &str, at| {
        let effects = engine
            .request(Request::Apply(what.into()), now(at))
            .unwrap();
        let plan = performs(&effects).cloned().unwrap();
        let failed = Outcome {
            name: "NotVerified".into(),
            sentence: String::new(),
        };
        engine.handle(
            Event::Switched {
                plan: plan.clone(),
                outcome: Err(failed),
            },
            now(at),
        );
        plan.playlist
    };
    assert_eq!(plan(&mut engine, "Rain", 1), "rain");
    assert_eq!(plan(&mut engine, "surprise", 2), "sun");
    let nothing = engine.request(Request::Apply("thunder".into()), now(3));
    assert!(matches!(nothing, Err(Refusal::NoSuchMusic { .. })));
    engine.handle(Event::Players(vec![]), now(4));
    assert!(matches!(
        engine.request(Request::Apply("rain".into()), now(5)),
        Err(Refusal::NoPlayer { .. })
    ));
}

#[test]
fn an_interrupted_switch_can_be_undone_after_the_restart() {
    let mut engine = engine();
    let effects = engine
        .request(Request::Apply("rain".into()), now(1))
        .unwrap();
    let plan = performs(&effects).unwrap();
    let record = SwitchRecord {
        verified: false,
        ..made(plan, 7, now(1).at)
    };
    let state: State =
        serde_json::from_str(&serde_json::to_string(engine.state()).unwrap()).unwrap();
    let mut again = Engine::new(settings(), model(), state, now(5));
    again.handle(playing(), now(5));
    again.handle(Event::Interrupted(record), now(5));
    let effects = again.request(Request::Undo, now(6)).unwrap();
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::Undo(switch) if switch.id == 7))
    );
}

#[test]
fn a_switched_off_rule_stays_off_over_a_restart_but_not_over_an_edit_of_it() {
    let mut engine = engine();
    let off = Request::RuleEnabled {
        name: "cheer".into(),
        enabled: false,
    };
    engine.request(off, now(1)).unwrap();
    let state: State =
        serde_json::from_str(&serde_json::to_string(engine.state()).unwrap()).unwrap();
    let mut again = Engine::new(settings(), model(), state, now(5));
    assert!(!again.view(now(5)).rules[0].enabled);
    let mut edited = settings();
    edited.rules[0].intent = Intent::Calm;
    again.handle(Event::Configured(Box::new(edited)), now(6));
    assert!(again.view(now(6)).rules[0].enabled);
    assert!(matches!(
        again.request(
            Request::RuleEnabled {
                name: "no such".into(),
                enabled: true
            },
            now(7)
        ),
        Err(Refusal::NoSuchRule { .. })
    ));
}

#[test]
fn a_gate_that_closes_in_a_look_stops_it_and_the_look_counts_for_nothing() {
    for gate in Gate::ALL {
        let mut on = settings();
        on.gates.battery = true;
        let mut engine = Engine::new(on, model(), State::default(), now(0));
        engine.handle(playing(), now(0));
        assert!(engine.handle(all_clear(), now(0)).contains(&Effect::Look));
        let effects = engine.handle(Event::Gate(gate, Finding::Holds), now(1));
        assert!(effects.contains(&Effect::StopLook), "{gate:?}");
        assert_eq!(
            engine.view(now(1)).camera.blocked.map(|b| b.0),
            Some(gate.name())
        );
        // Open again before the worker's last word has come: it still counts for nothing.
        engine.handle(Event::Gate(gate, Finding::Clear), now(1));
        let effects = engine.handle(Event::Looked(Some(face(Emotion::Sad))), now(1));
        assert!(
            !effects.iter().any(|e| matches!(e, Effect::Journal(_))),
            "{gate:?}: {effects:?}"
        );
        assert!(engine.view(now(1)).camera.last_reading.is_none());
    }
}

#[test]
fn a_gate_that_opens_lets_the_look_through_that_was_due() {
    let mut engine = Engine::new(settings(), model(), State::default(), now(0));
    engine.handle(Event::Gate(Gate::Locked, Finding::Holds), now(0));
    assert!(!engine.handle(playing(), now(0)).contains(&Effect::Ask));
    assert_eq!(engine.next_wake(now(0)), None, "it waits without a timer");
    let effects = engine.handle(Event::Gate(Gate::Locked, Finding::Clear), now(900));
    assert!(effects.contains(&Effect::Ask), "{effects:?}");
    assert!(engine.handle(all_clear(), now(900)).contains(&Effect::Look));
}

#[test]
fn a_gate_that_closes_while_it_is_asked_stops_the_look_before_it_begins() {
    let mut engine = Engine::new(settings(), model(), State::default(), now(0));
    assert!(engine.handle(playing(), now(0)).contains(&Effect::Ask));
    engine.handle(Event::Gate(Gate::Lid, Finding::Holds), now(0));
    let effects = engine.handle(all_clear(), now(0));
    assert!(!effects.contains(&Effect::Look) && !effects.contains(&Effect::StopLook));
}

#[test]
fn a_look_on_request_is_asked_for_too_and_needs_no_music() {
    let mut engine = Engine::new(settings(), model(), State::default(), now(0));
    let effects = engine.request(Request::Look, now(0)).unwrap();
    assert!(effects.contains(&Effect::Ask));
    assert_eq!(engine.request(Request::Look, now(0)), Err(Refusal::Looking));
    assert!(engine.handle(all_clear(), now(0)).contains(&Effect::Look));
    engine.handle(Event::Looked(None), now(1));
    engine.request(Request::Look, now(2)).unwrap();
    let in_a_call = Event::Asked(vec![(Gate::Call, Finding::Holds)]);
    assert!(!engine.handle(in_a_call, now(2)).contains(&Effect::Look));
    assert!(engine.closed(now(2)).is_some());
}

#[test]
fn nobody_at_the_desk_means_no_switch() {
    let mut engine = engine();
    let report = |engine: &mut Engine, at| {
        let wish = Request::Intent(Some(Intent::Match));
        engine.request(wish, now(at)).unwrap();
        engine.explained().unwrap().sentence.clone()
    };
    engine.handle(Event::Looked(Some(face(Emotion::Sad))), now(1));
    engine.handle(Event::Gate(Gate::Idle, Finding::Holds), now(2));
    assert!(report(&mut engine, 3).contains("not at the desk"));
    engine.handle(Event::Gate(Gate::Idle, Finding::Clear), now(4));
    assert!(!report(&mut engine, 5).contains("not at the desk"));
}

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
        1 => Just(Step::Restart),
    ]
}

/// What an onlooker knows, to hold the engine to its promises.
struct Day {
    engine: Engine,
    settings: Settings,
    views: Vec<PlayerView>,
    looking: bool,
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
                Effect::Perform(plan) => {
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
        short_override in any::<bool>(),
        courtesies in any::<bool>(),
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
        settings.decide.ask_first = ask_first;
        if short_override {
            settings.decide.override_for = Duration::ZERO;
        }
        let mut day = Day {
            engine: Engine::new(settings.clone(), model(), State::default(), now(0)),
            settings,
            views: Vec::new(),
            looking: false,
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
                Step::Look => request(&mut day, Request::Look),
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
                    let outcome = if well { Ok(()) } else { Err(Outcome { name: "PlayerGone".into(), sentence: "no".into() }) };
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
