//! One thing that happens, and what follows.

use moodlark_core::{
    Emotion, Now,
    camera::Blocked,
    engine::{
        Effect, Engine, Event, Notice, Outcome, Refusal, Report, Request, State, SwitchRecord,
    },
    filter::{self},
    gates::{Finding, Gate},
    settings::Intent,
};

use crate::stage::*;

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
    assert_eq!(
        engine.view(now(1)).camera.blocked.map(Blocked::name),
        Some("off")
    );
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
    let effects = confirm(&mut engine, effects, now(2));
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
            outcome: Ok(Vec::new()),
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
            engine.view(now(1)).camera.blocked.map(Blocked::name),
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

#[test]
fn a_face_that_speaks_for_another_mood_is_looked_at_again_soon() {
    let mut engine = engine();
    let mut at = 1;
    let look = |engine: &mut Engine, emotion, at: i64| {
        engine.handle(Event::Looked(Some(face(emotion))), now(at));
        let next = engine.view(now(at)).camera.next.expect("a next look");
        assert_eq!(
            engine.next_wake(now(at)).map(|wake| wake <= next),
            Some(true)
        );
        (next.0 - now(at).at.0) / 1000
    };
    // While nothing changes, looks are saved.
    for _ in 0..20 {
        let wait = look(&mut engine, Emotion::Neutral, at);
        at += wait + 1;
        engine.handle(Event::Wake, now(at));
        engine.handle(all_clear(), now(at));
        at += 1;
    }
    let waits: Vec<i64> = (0..6)
        .map(|_| {
            let wait = look(&mut engine, Emotion::Sad, at);
            at += wait + 1;
            engine.handle(Event::Wake, now(at));
            engine.handle(all_clear(), now(at));
            at += 1;
            wait
        })
        .collect();
    assert!(waits[0] < 91, "{waits:?}");
    assert!(
        waits.iter().filter(|wait| **wait < 91).count() <= 3,
        "{waits:?}"
    );
    assert!(waits[5] > 280, "{waits:?}");
}
