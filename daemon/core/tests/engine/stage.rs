//! One person: settings, a player, faces.

use std::time::Duration;

use moodlark_core::{
    Affect, Distribution, Emotion, Now, Quality, Reading, Timestamp,
    engine::{Effect, Engine, Event, State, SwitchRecord},
    filter::ExpressionModel,
    gates::{Finding, Gate},
    player::{Content, Playback, PlayerView, Track, Usable},
    settings::{Criteria, Intent, PlaylistSettings, Rule, Settings, When},
};

pub(crate) const MPV: &str = "org.mpris.MediaPlayer2.mpv";
pub(crate) const VLC: &str = "org.mpris.MediaPlayer2.vlc";

pub(crate) fn model() -> ExpressionModel {
    let row = |truth: usize| std::array::from_fn(|p| if p == truth { 0.7 } else { 0.05 });
    ExpressionModel::new(std::array::from_fn(row), None, None).unwrap()
}

pub(crate) fn playlist(name: &str, mood: Emotion) -> PlaylistSettings {
    PlaylistSettings {
        name: name.into(),
        uri: None,
        file: Some(format!("/music/{name}.m3u8")),
        player_playlist: None,
        spotify: None,
        mood: Some(mood),
        affect: None,
    }
}

pub(crate) fn rule(name: &str, mood: Vec<Emotion>, intent: Intent) -> Rule {
    Rule {
        name: name.into(),
        enabled: true,
        when: Criteria {
            mood,
            ..Criteria::default()
        },
        intent,
        gradual: false,
    }
}

pub(crate) fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.camera.enabled = true;
    settings.decide.dwell = Duration::from_secs(600);
    settings.player.when = When::Now;
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

pub(crate) fn now(seconds: i64) -> Now {
    Now::utc(Timestamp(1_800_000_000_000 + seconds * 1000))
}

pub(crate) fn face(emotion: Emotion) -> Reading {
    seen(Distribution::certain(emotion).mix(&Distribution::UNIFORM, 0.15))
}

/// A good look at a face that the model says this of.
pub(crate) fn seen(distribution: Distribution) -> Reading {
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

pub(crate) fn player(bus_name: &str, playback: Playback, content: Content) -> PlayerView {
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

pub(crate) fn playing() -> Event {
    Event::Players(vec![player(MPV, Playback::Playing, Content::Music)])
}

/// An engine in the middle of its first look.
pub(crate) fn engine() -> Engine {
    let mut engine = Engine::new(settings(), model(), State::default(), now(0));
    engine.handle(playing(), now(0));
    engine.handle(all_clear(), now(0));
    engine
}

/// Nothing that is asked for before a look stands against it.
pub(crate) fn all_clear() -> Event {
    let asked = Gate::ALL.into_iter().filter(|gate| gate.is_asked());
    Event::Asked(asked.map(|gate| (gate, Finding::Clear)).collect())
}

pub(crate) fn performs(effects: &[Effect]) -> Option<&moodlark_core::decide::Plan> {
    effects.iter().find_map(|effect| match effect {
        Effect::Perform(plan, _) => Some(plan),
        _ => None,
    })
}

pub(crate) fn made(plan: &moodlark_core::decide::Plan, id: i64, at: Timestamp) -> SwitchRecord {
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
        left_out: moodlark_core::player::LeftOut::default(),
    }
}

/// The player is asked anew and nobody is in a call, if that was to be found out.
pub(crate) fn confirm(engine: &mut Engine, mut effects: Vec<Effect>, now: Now) -> Vec<Effect> {
    if effects.iter().any(|e| matches!(e, Effect::Confirm { .. })) {
        effects.extend(engine.handle(Event::Confirmed { call: None }, now));
    }
    effects
}

/// Looks every five minutes at the same face until something is played, at most for a day.
pub(crate) fn look_until_switch(
    engine: &mut Engine,
    emotion: Emotion,
    from: i64,
) -> Option<(i64, moodlark_core::decide::Plan)> {
    (0..288).find_map(|i| {
        let at = from + i * 300;
        engine.handle(Event::Wake, now(at));
        let looked = engine.handle(Event::Looked(Some(face(emotion))), now(at + 1));
        let effects = confirm(engine, looked, now(at + 1));
        performs(&effects).cloned().map(|plan| (at + 1, plan))
    })
}
