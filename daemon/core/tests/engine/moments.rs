//! When a switch is made: a player whose track plays on by the clock, an engine that is woken when it asks
//! to be, and everything that may come in between.

use std::time::Duration;

use moodlark_core::{
    Emotion, Timestamp,
    decide::{Decision, HANDS_OFF, Keep, Plan},
    engine::{Effect, Engine, Entry, Event, Refusal, Report, Request, State},
    filter,
    gates::Gate,
    player::{Content, Playback, PlayerView, Progress, Track},
    settings::{Settings, When},
    transition::{MARGIN, Manner},
};
use proptest::prelude::*;

use crate::stage::*;

const MINUTE: i64 = 60_000;

/// A player and an engine on one clock.
struct World {
    engine: Engine,
    at: i64,
    view: PlayerView,
    progress: Progress,
    tracks: u32,
    call: bool,
    /// The service has been told; else the engine's view of the player is the old one.
    told: PlayerView,
    /// A decision to switch that was not carried out yet, with the track that played then.
    planned: Option<Track>,
    made: Vec<(i64, Plan, Manner)>,
    acted: Option<i64>,
}

impl World {
    fn new(when: When) -> Self {
        let mut settings: Settings = settings();
        settings.camera.enabled = false;
        settings.decide.dwell = Duration::ZERO;
        settings.decide.cooldown = Duration::ZERO;
        settings.decide.override_for = Duration::ZERO;
        settings.player.when = when;
        // Long enough that what was said counts all through a test.
        settings.mood.report_half_life = Duration::from_secs(24 * 3600);
        let mut view = player(MPV, Playback::Playing, Content::Music);
        view.last_playing = Some(now(0).at);
        let mut world = Self {
            engine: Engine::new(settings, model(), State::default(), now(0)),
            at: now(0).at.0,
            told: view.clone(),
            view,
            progress: Progress {
                position: Duration::ZERO,
                at: now(0).at,
                rate: 1.0,
                moves: true,
            },
            tracks: 0,
            call: false,
            planned: None,
            made: Vec::new(),
            acted: None,
        };
        world.begin(Content::Music, Some(3 * MINUTE));
        world
    }

    fn now(&self) -> moodlark_core::Now {
        moodlark_core::Now::utc(Timestamp(self.at))
    }

    /// The next track begins.
    fn begin(&mut self, content: Content, length: Option<i64>) {
        self.tracks += 1;
        self.view.content = content;
        self.view.track = Some(Track {
            id: format!("/{}", self.tracks),
            title: format!("track {}", self.tracks),
            length: length.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap())),
            ..Track::default()
        });
        self.progress.position = Duration::ZERO;
        self.progress.at = Timestamp(self.at);
        self.tell();
    }

    fn moves(&mut self, moves: bool) {
        self.progress.position = self.progress.position_at(Timestamp(self.at));
        self.progress.at = Timestamp(self.at);
        self.progress.moves = moves;
        self.view.playback = if moves {
            Playback::Playing
        } else {
            Playback::Paused
        };
        self.tell();
    }

    fn seek(&mut self, to: i64, tells: bool) {
        self.progress.position = Duration::from_millis(u64::try_from(to).unwrap());
        self.progress.at = Timestamp(self.at);
        if tells {
            self.tell();
        }
    }

    fn refresh(&mut self) {
        let length = self.view.track.as_ref().and_then(|track| track.length);
        self.view.ends_at = length.and_then(|length| self.progress.ends_at(length));
    }

    /// The player tells of itself.
    fn tell(&mut self) {
        self.refresh();
        self.told = self.view.clone();
        let effects = self
            .engine
            .handle(Event::Players(vec![self.view.clone()]), self.now());
        self.follow(effects);
    }

    fn request(&mut self, request: Request) -> Result<(), Refusal> {
        let effects = self.engine.request(request, self.now())?;
        self.follow(effects);
        Ok(())
    }

    fn say(&mut self, emotion: Emotion) {
        self.request(Request::Report(Report::Mood(filter::Report::Label(
            emotion,
        ))))
        .unwrap();
    }

    fn acts(&mut self) {
        self.acted = Some(self.at);
        self.view.last_user_action = Some(Timestamp(self.at));
        self.tell();
        let effects = self.engine.handle(
            Event::UserActed {
                player: MPV.into(),
                other_music: false,
            },
            self.now(),
        );
        self.follow(effects);
    }

    fn follow(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Journal(Entry::Decision(explained)) => match explained.decision {
                    Decision::Switch(_) => {
                        if self.planned.is_none() {
                            self.planned = self.view.track.clone();
                        }
                    }
                    _ => self.planned = None,
                },
                Effect::Withdrawn(_) => self.planned = None,
                Effect::Confirm { player } => {
                    assert_eq!(player, MPV);
                    self.tell();
                    let call = self.call.then_some(Gate::Call);
                    let effects = self.engine.handle(Event::Confirmed { call }, self.now());
                    self.follow(effects);
                }
                Effect::Perform(plan, manner) => self.perform(plan, manner),
                _ => {}
            }
        }
    }

    /// The promises.
    fn perform(&mut self, plan: Plan, manner: Manner) {
        if !plan.origin.is_request() {
            let planned = self.planned.take();
            assert!(planned.is_some(), "a second switch for one plan");
            assert_eq!(self.view.playback, Playback::Playing, "where nothing plays");
            assert_eq!(self.view.content, Content::Music, "in an ad or episode");
            assert!(!self.call, "in a call");
            if let Some(acted) = self.acted {
                let since = self.at - acted;
                assert!(
                    since >= HANDS_OFF.as_millis() as i64,
                    "{since} ms after the user"
                );
            }
            let track = self.view.track.clone().unwrap();
            if self.engine.settings().player.when == When::AtTrackEnd
                && planned.is_some_and(|was| was.is_same(&track))
            {
                match track.length {
                    None => assert_eq!(manner, Manner::Fade, "a stream is cut off"),
                    Some(length) => {
                        // The margin is one of the clock, whatever the rate.
                        let here = self.progress.position_at(Timestamp(self.at));
                        let left = length.saturating_sub(here).div_f64(self.progress.rate);
                        assert!(
                            left <= MARGIN + Duration::from_millis(1),
                            "early: at {here:?} of {length:?}"
                        );
                    }
                }
            }
        }
        self.made.push((self.at, plan.clone(), manner));
        let id = i64::try_from(self.made.len()).unwrap();
        let record = made(&plan, id, Timestamp(self.at));
        let effects = self.engine.handle(
            Event::Switched {
                plan,
                outcome: Ok(record),
            },
            self.now(),
        );
        self.follow(effects);
    }

    /// Time passes: tracks end, the engine is woken when it wants to be.
    fn pass(&mut self, span: i64) {
        let until = self.at + span;
        let mut wakes = 0;
        loop {
            self.refresh();
            let end = self.view.ends_at.map(|end| end.0.max(self.at));
            let wake = self
                .engine
                .next_wake(self.now())
                .map(|at| at.0.max(self.at));
            let next = [end, wake].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= until) else {
                break;
            };
            wakes += 1;
            assert!(wakes < 2000, "an engine that runs wild");
            self.at = next;
            if end == Some(next) {
                self.begin(Content::Music, Some(3 * MINUTE));
            } else {
                let effects = self.engine.handle(Event::Wake, self.now());
                self.follow(effects);
            }
        }
        self.at = until;
    }

    fn status(&self) -> String {
        self.engine.view(self.now()).status
    }
}

#[test]
fn a_switch_is_made_300_ms_before_the_track_ends_and_says_so_until_then() {
    let mut world = World::new(When::AtTrackEnd);
    world.pass(MINUTE);
    world.say(Emotion::Sad);
    assert!(world.made.is_empty());
    let status = world.status();
    assert!(
        status.contains("will switch to \u{201c}sun\u{201d} when \u{201c}track 1\u{201d} ends"),
        "{status}"
    );
    let why = world.engine.why(Timestamp(world.at)).unwrap();
    assert!(
        why.contains("Will play \u{201c}sun\u{201d} when \u{201c}track 1\u{201d} ends."),
        "{why}"
    );
    world.pass(2 * MINUTE - 301);
    assert!(world.made.is_empty());
    world.pass(1);
    assert_eq!(world.made.len(), 1);
    assert_eq!(world.made[0].2, Manner::AtOnce);
}

#[test]
fn a_seek_a_pause_and_another_rate_move_the_moment() {
    let mut world = World::new(When::AtTrackEnd);
    world.say(Emotion::Sad);
    world.seek(2 * MINUTE, true);
    world.pass(30_000);
    world.moves(false);
    world.pass(4000);
    assert!(world.made.is_empty());
    world.moves(true);
    world.progress.position = world.progress.position_at(Timestamp(world.at));
    world.progress.at = Timestamp(world.at);
    world.progress.rate = 2.0;
    world.tell();
    world.pass(15_000 - 301);
    assert!(world.made.is_empty());
    world.pass(1);
    assert_eq!(world.made.len(), 1);
}

#[test]
fn a_seek_that_nobody_told_of_is_found_out_before_the_switch() {
    let mut world = World::new(When::AtTrackEnd);
    world.say(Emotion::Sad);
    world.pass(MINUTE);
    world.seek(10_000, false);
    world.pass(2 * MINUTE + 10_000);
    assert!(world.made.is_empty(), "the old end has passed");
    world.pass(MINUTE);
    assert_eq!(world.made.len(), 1);
}

#[test]
fn an_end_that_was_missed_is_made_up_for_when_the_next_track_begins() {
    let mut world = World::new(When::AtTrackEnd);
    world.say(Emotion::Sad);
    world.pass(MINUTE);
    // Shorter than its length says, as with a player that fades over.
    world.begin(Content::Music, Some(3 * MINUTE));
    assert_eq!(world.made.len(), 1);
}

#[test]
fn an_advertisement_at_the_tracks_end_is_waited_for() {
    let mut world = World::new(When::AtTrackEnd);
    world.say(Emotion::Sad);
    world.pass(MINUTE);
    world.begin(Content::Ad, Some(30_000));
    world.pass(20_000);
    assert!(world.made.is_empty());
    world.pass(11_000);
    assert_eq!(world.made.len(), 1, "with the track after it");
}

#[test]
fn a_stream_has_no_end_to_wait_for_and_is_faded_over() {
    let mut world = World::new(When::AtTrackEnd);
    world.begin(Content::Music, None);
    world.say(Emotion::Sad);
    world.pass(9_000);
    assert!(world.made.is_empty(), "its length may yet come");
    world.pass(2_000);
    assert_eq!(world.made.len(), 1);
    assert_eq!(world.made[0].2, Manner::Fade);
}

#[test]
fn who_asks_by_hand_gets_it_at_once_whatever_waits() {
    for when in [When::AtTrackEnd, When::Now, When::Fade] {
        let mut world = World::new(when);
        world.call = true;
        world.say(Emotion::Sad);
        world.request(Request::Apply("rain".into())).unwrap();
        let (_, plan, manner) = &world.made[0];
        assert_eq!((plan.playlist.as_str(), *manner), ("rain", Manner::AtOnce));
        assert!(!world.status().contains("will switch"));
    }
}

#[test]
fn undo_takes_back_what_was_not_made_yet() {
    let mut world = World::new(When::AtTrackEnd);
    world.say(Emotion::Sad);
    assert!(world.status().contains("will switch"));
    world.request(Request::Undo).unwrap();
    assert!(!world.status().contains("will switch"));
    world.pass(15_000);
    assert!(world.made.is_empty());
    assert_eq!(
        world.request(Request::Undo),
        Err(Refusal::NothingToUndo),
        "the next undo means what was played"
    );
}

#[test]
fn a_hand_on_the_player_another_mood_and_silence_end_the_waiting() {
    type End = (&'static str, fn(&mut World));
    let ends: [End; 4] = [
        ("a hand", World::acts),
        ("the mood taken back", |world| {
            world.request(Request::Report(Report::AsYouThink)).unwrap();
        }),
        ("a wish to keep the music", |world| {
            let keep = moodlark_core::settings::Intent::Keep;
            world.request(Request::Intent(Some(keep))).unwrap();
        }),
        ("a player that stopped", |world| {
            world.moves(false);
            world.pass(6_000);
        }),
    ];
    for (what, end) in ends {
        let mut world = World::new(When::AtTrackEnd);
        world.say(Emotion::Sad);
        assert!(world.status().contains("will switch"), "{what}");
        end(&mut world);
        assert!(!world.status().contains("will switch"), "{what}");
        assert!(
            matches!(
                world.engine.explained().unwrap().decision,
                Decision::Keep(_)
            ),
            "{what}"
        );
    }
}

#[test]
fn a_call_holds_the_switch_until_a_track_ends_without_one() {
    let mut world = World::new(When::AtTrackEnd);
    world.say(Emotion::Sad);
    world.call = true;
    world.pass(10 * MINUTE);
    assert!(world.made.is_empty());
    assert!(
        world.status().contains("when the call is over"),
        "{}",
        world.status()
    );
    world.call = false;
    world.pass(3 * MINUTE);
    assert_eq!(world.made.len(), 1);

    let mut world = World::new(When::Now);
    world.call = true;
    world.say(Emotion::Sad);
    assert!(world.made.is_empty());
    let why = &world.engine.explained().unwrap().decision;
    assert_eq!(*why, Decision::Keep(Keep::InCall));
    world.call = false;
    world.say(Emotion::Sad);
    assert_eq!(world.made.len(), 1);
}

#[derive(Debug, Clone)]
enum Step {
    Say(Emotion),
    TakeBack,
    Apply(&'static str),
    Undo,
    Acts,
    Moves(bool),
    Seek(i64, bool),
    Rate(f64),
    Begin(Content, Option<i64>),
    Call(bool),
    Gone(bool),
    Keep(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let content = prop::sample::select(vec![
        Content::Music,
        Content::Music,
        Content::Ad,
        Content::Episode,
    ]);
    prop_oneof![
        6 => prop::sample::select(vec![Emotion::Sad, Emotion::Happy, Emotion::Angry]).prop_map(Step::Say),
        1 => Just(Step::TakeBack),
        1 => prop::sample::select(vec!["sun", "rain"]).prop_map(Step::Apply),
        1 => Just(Step::Undo),
        2 => Just(Step::Acts),
        3 => any::<bool>().prop_map(Step::Moves),
        3 => (0_i64..3 * MINUTE, any::<bool>()).prop_map(|(to, tells)| Step::Seek(to, tells)),
        1 => prop::sample::select(vec![0.5, 1.0, 2.0]).prop_map(Step::Rate),
        4 => (content, proptest::option::weighted(0.8, 1000_i64..5 * MINUTE)).prop_map(|(content, length)| Step::Begin(content, length)),
        2 => any::<bool>().prop_map(Step::Call),
        1 => any::<bool>().prop_map(Step::Gone),
        1 => any::<bool>().prop_map(Step::Keep),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_switch_is_early_nor_against_anybody(
        steps in prop::collection::vec((step(), 0_i64..2 * MINUTE), 1..60),
        when in prop::sample::select(vec![When::Now, When::Fade, When::AtTrackEnd, When::AtTrackEnd]),
    ) {
        let mut world = World::new(when);
        for (step, wait) in steps {
            match step {
                Step::Say(emotion) => world.say(emotion),
                Step::TakeBack => { let _ = world.request(Request::Report(Report::AsYouThink)); }
                Step::Apply(what) => { let _ = world.request(Request::Apply(what.into())); }
                Step::Undo => {
                    let undoes = world.engine.view(world.now()).music.pending.is_some();
                    if undoes { world.request(Request::Undo).unwrap(); }
                }
                Step::Acts => world.acts(),
                Step::Moves(moves) => world.moves(moves),
                Step::Seek(to, tells) => {
                    let length = world.view.track.as_ref().and_then(|track| track.length);
                    let most = length.map_or(to, |length| to.min(length.as_millis() as i64 - 1));
                    world.seek(most, tells);
                }
                Step::Rate(rate) => {
                    let here = world.progress.position_at(Timestamp(world.at));
                    world.progress = Progress { position: here, at: Timestamp(world.at), rate, ..world.progress };
                    world.tell();
                }
                Step::Begin(content, length) => world.begin(content, length),
                Step::Call(call) => world.call = call,
                Step::Gone(gone) => {
                    let views = if gone { Vec::new() } else { vec![world.view.clone()] };
                    let effects = world.engine.handle(Event::Players(views), world.now());
                    world.follow(effects);
                }
                Step::Keep(keep) => {
                    let wish = keep.then_some(moodlark_core::settings::Intent::Keep);
                    world.request(Request::Intent(wish)).unwrap();
                }
            }
            world.pass(wait);
        }
    }
}

/// Bug: who had just let the music go on, or moved within the track, lost it a moment later.
#[test]
fn who_has_just_touched_the_player_is_not_torn_out_of_the_track() {
    for when in [When::Now, When::Fade] {
        let mut world = World::new(when);
        world.view.last_touch = Some(Timestamp(world.at));
        world.tell();
        world.say(Emotion::Sad);
        assert!(world.made.is_empty(), "{when:?}");
        world.at += i64::try_from(HANDS_OFF.as_millis()).unwrap();
        world.say(Emotion::Sad);
        assert_eq!(world.made.len(), 1, "{when:?}");
    }
    let mut world = World::new(When::AtTrackEnd);
    world.view.last_touch = Some(Timestamp(world.at));
    world.tell();
    world.say(Emotion::Sad);
    assert!(world.planned.is_some(), "it waits for the track's end");
}
