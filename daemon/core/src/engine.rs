//! Events in, effects out: the whole behaviour of the service without its I/O.
//!
//! The service feeds every event with the clock into [`Engine::handle`] or [`Engine::request`],
//! carries out the [`Effect`]s, and sets its one timer to [`Engine::next_wake`].

mod calibration;
mod decision;
mod event;
mod looks;
mod music;
mod pending;
mod state;
mod view;

use std::time::Duration;

use crate::{
    camera::{Blocked, Pause, Scene},
    decide,
    filter::{BadState, ExpressionModel, MoodFilter},
    gates::Gates,
    mood::Mood,
    player::{self, Choice, NoChoice, Playback, PlayerView},
    playlist::{self, Playlist},
    policy::Surroundings,
    reading::Reading,
    settings::{Intent, Settings},
    time::{Now, Timestamp},
};

pub use calibration::{Calibrated, NotCalibrated};
pub use decide::Evidence;
pub use event::{
    Effect, Entry, Event, Explained, Notice, Outcome, Refusal, Report, Request, SwitchRecord,
    TAKEN_OVER,
};
use looks::Looking;
pub use state::State;
pub use view::{CameraView, MusicView, PendingView, RuleView, View};

use decide::Plan;

/// The shortest time after which a known mood is looked at again without any event.
const MOOD_AGES: Duration = Duration::from_secs(60);

/// The engine: settings, what it believes, and what it remembers.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    playlists: Vec<Playlist>,
    /// How many tracks of the user's own music can be chosen from.
    tracks: usize,
    filter: MoodFilter,
    state: State,
    mood: Mood,
    players: Vec<PlayerView>,
    choice: Choice,
    surroundings: Surroundings,
    gates: Gates,
    looking: Looking,
    calibration: Option<calibration::Calibration>,
    last_reading: Option<Reading>,
    last_face: Option<Timestamp>,
    switching: Option<String>,
    /// A switch that waits for its moment.
    pending: Option<pending::Pending>,
    asked: Option<(Plan, Timestamp)>,
    explained: Option<Explained>,
    forgotten: Option<BadState>,
    latest: Timestamp,
    mood_at: Timestamp,
    /// Something was to be decided while a switch was under way.
    undecided: bool,
}

impl Engine {
    /// A new engine that goes on from a saved `state`.
    #[must_use]
    pub fn new(settings: Settings, model: ExpressionModel, mut state: State, now: Now) -> Self {
        state.forget_future(now.at);
        let mut filter = MoodFilter::new(&settings.mood, model);
        filter.set_baseline(state.baseline.filter(|baseline| baseline.looks.is_finite()));
        let restored = filter.restore(state.filter.clone(), now.at);
        let mood = filter.mood(now.at);
        // A belief from the future or of nonsense is no belief: begin without one.
        let forgotten = restored.err();
        let mut engine = Self {
            playlists: Vec::new(),
            tracks: 0,
            settings: Settings::default(),
            filter,
            mood,
            // A face seen before the restart is as good as one seen after it.
            last_face: state.last_face.filter(|at| *at <= now.at),
            state,
            players: Vec::new(),
            choice: Choice::None(NoChoice::NothingRuns),
            surroundings: Surroundings::default(),
            gates: Gates::default(),
            looking: Looking::No,
            calibration: None,
            last_reading: None,
            switching: None,
            pending: None,
            asked: None,
            explained: None,
            forgotten,
            latest: now.at,
            mood_at: now.at,
            undecided: false,
        };
        engine.configure(settings, now.at);
        engine
    }

    /// What must outlive a restart.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The configuration in force.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The playlists in force.
    #[must_use]
    pub fn playlists(&self) -> &[Playlist] {
        &self.playlists
    }

    /// The players as last reported.
    #[must_use]
    pub fn players(&self) -> &[PlayerView] {
        &self.players
    }

    /// Why the saved belief was not taken up again, if it was not.
    #[must_use]
    pub const fn forgotten(&self) -> Option<BadState> {
        self.forgotten
    }

    /// The last decision with its why.
    #[must_use]
    pub const fn explained(&self) -> Option<&Explained> {
        self.explained.as_ref()
    }

    /// Programs whose running some rule asks about.
    pub fn programs_of_interest(&self) -> impl Iterator<Item = &str> {
        self.settings
            .rules
            .iter()
            .filter_map(|rule| rule.when.program.as_deref())
    }

    /// The active player's bus name.
    #[must_use]
    pub fn active_player(&self) -> Option<&str> {
        self.choice.player()
    }

    /// Takes in power and programs as of now; alone they change nothing, the next decision asks.
    pub fn set_surroundings(&mut self, surroundings: Surroundings) {
        let power = self.gates.power().or(surroundings.power);
        self.surroundings = Surroundings {
            power,
            ..surroundings
        };
    }

    /// What was last found of the gates.
    #[must_use]
    pub const fn gates(&self) -> &Gates {
        &self.gates
    }

    /// Why the camera may not look now, if it may not.
    #[must_use]
    pub fn closed(&self, now: Now) -> Option<Blocked> {
        self.forbidden(now)
    }

    /// Whether the camera is open, or about to be.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.looking != Looking::No
    }

    /// Takes in something that happened.
    pub fn handle(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.notice_time(now.at);
        match event {
            Event::Wake => {
                if self
                    .asked
                    .as_ref()
                    .is_some_and(|(_, until)| *until <= now.at)
                {
                    self.asked = None;
                    effects.push(Effect::WithdrawQuestion);
                }
            }
            Event::Looked(reading) => self.looked(reading, now, &mut effects),
            Event::Players(players) => self.set_players(players, now),
            Event::UserActed {
                player,
                other_music,
            } => self.user_acted(&player, other_music, now, &mut effects),
            Event::Configured(settings) => {
                self.configure(*settings, now.at);
                self.stop_if_forbidden(now, &mut effects);
                self.decide(now, &mut effects);
            }
            Event::Gate(gate, finding) => {
                self.note_gate(gate, finding, now);
                self.stop_if_forbidden(now, &mut effects);
            }
            Event::Asked(answers) => self.asked_gates(&answers, now, &mut effects),
            Event::Confirmed { call } => self.confirmed(call, now),
            Event::Answered { yes } => self.answered(yes, now, &mut effects),
            Event::Switched { plan, outcome } => {
                self.switched(plan, outcome, now, &mut effects);
                if self.undecided {
                    self.decide(now, &mut effects);
                }
            }
            Event::Interrupted(record) => {
                self.state.last_try = Some(record.at);
                self.state.last_switch = Some(record);
                self.state.in_effect = false;
            }
            Event::Undone { id, outcome } => self.undone(id, outcome.ok(), now, &mut effects),
            Event::Tracks(tracks) => self.tracks = tracks,
        }
        // Time alone turns a mood into no mood.
        self.update_mood(now, &mut effects);
        self.attend(now, &mut effects);
        self.look_if_due(now, &mut effects);
        self.remember(&mut effects);
        effects
    }

    /// Takes in what somebody asks for over the bus.
    ///
    /// # Errors
    /// A [`Refusal`]; nothing has changed then.
    pub fn request(&mut self, request: Request, now: Now) -> Result<Vec<Effect>, Refusal> {
        let mut effects = Vec::new();
        self.notice_time(now.at);
        match request {
            Request::Pause(span) => {
                let pause = span.map_or(Pause::Resumed, |span| Pause::Until(now.at.plus(span)));
                self.state.camera.pause = Some(pause);
                self.stop_if_forbidden(now, &mut effects);
            }
            Request::Resume => self.state.camera.pause = None,
            Request::Look => {
                self.may_look(now)?;
                self.prepare_look(true, now, &mut effects);
            }
            Request::Calibrate(span) => self.calibrate(span, now, &mut effects)?,
            Request::ForgetBaseline => self.forget_baseline(),
            Request::Report(report) => {
                match report {
                    Report::Mood(report) => self.filter.report(report, now.at),
                    Report::AsYouThink => self.filter.forget_report(now.at),
                }
                effects.push(Effect::Journal(Entry::Report(report)));
                self.update_mood(now, &mut effects);
                self.decide(now, &mut effects);
            }
            Request::Intent(wish) => {
                if let Some(Intent::Playlist(name)) = &wish
                    && playlist::by_name(&self.playlists, name).is_none()
                {
                    return Err(Refusal::NoSuchPlaylist { name: name.clone() });
                }
                self.state.wish = wish;
                self.decide(now, &mut effects);
            }
            Request::RuleEnabled { name, enabled } => {
                if !self.settings.rules.iter().any(|rule| rule.name == name) {
                    let known = self
                        .settings
                        .rules
                        .iter()
                        .map(|rule| rule.name.clone())
                        .collect();
                    return Err(Refusal::NoSuchRule { name, known });
                }
                self.state.toggles.insert(name, enabled);
                self.decide(now, &mut effects);
            }
            Request::ResetPolicy => {
                self.state.wish = None;
                self.state.toggles.clear();
                self.decide(now, &mut effects);
            }
            Request::Apply(what) => self.apply(&what, now, &mut effects)?,
            Request::Undo => self.undo(now, &mut effects)?,
        }
        self.attend(now, &mut effects);
        self.look_if_due(now, &mut effects);
        self.remember(&mut effects);
        Ok(effects)
    }

    /// When [`Event::Wake`] is wanted next, if ever.
    #[must_use]
    pub fn next_wake(&self, now: Now) -> Option<Timestamp> {
        let camera = &self.state.camera;
        let look = match self.looking {
            Looking::No => camera.next(self.scene(now)),
            Looking::Asking { .. } | Looking::Yes | Looking::Stopped => None,
        };
        let pause_ends = match camera.paused(now.at) {
            Some(Pause::Until(end)) => Some(end),
            Some(Pause::Resumed) | None => None,
        };
        // While nothing else wakes it, a known mood is held against the clock now and then.
        let mood_ages = self
            .mood
            .label
            .map(|_| self.mood_at.plus(self.scene(now).interval().max(MOOD_AGES)));
        let question_ends = self.asked.as_ref().map(|(_, until)| *until);
        let switch = self.pending_wake(now.at);
        [look, pause_ends, question_ends, mood_ages, switch]
            .into_iter()
            .flatten()
            .min()
    }

    /// A clock that was set back would hold looks and switches up until it has caught up.
    fn notice_time(&mut self, at: Timestamp) {
        if at < self.latest {
            self.state.forget_future(at);
            self.gates.forget_future(at);
            self.pending = None;
            self.last_face = self.last_face.filter(|face| *face <= at);
        }
        self.latest = at;
    }

    /// Whether lists can be made of the user's own music.
    fn has_library(&self) -> bool {
        self.tracks >= playlist::own::FEWEST_TRACKS
    }

    fn playing(&self) -> bool {
        self.players
            .iter()
            .any(|view| view.playback == Playback::Playing)
    }

    fn configure(&mut self, settings: Settings, at: Timestamp) {
        self.playlists = settings
            .playlists
            .iter()
            .filter_map(Playlist::from_settings)
            .collect();
        self.filter.set_settings(&settings.mood);
        // A toggle is a change of what the file says: when the file changes there, it is over.
        let same = |name: &String| {
            let find = |rules: &[crate::settings::Rule]| {
                rules.iter().find(|rule| rule.name == *name).cloned()
            };
            find(&settings.rules).is_some_and(|new| {
                self.settings.rules.is_empty() || find(&self.settings.rules).as_ref() == Some(&new)
            })
        };
        self.state.toggles.retain(|name, _| same(name));
        self.settings = settings;
        self.choose(at);
    }

    fn scene(&self, now: Now) -> Scene<'_> {
        Scene {
            settings: &self.settings,
            gates: &self.gates,
            playing: self.playing(),
            now,
        }
    }

    fn forbidden(&self, now: Now) -> Option<Blocked> {
        self.state.camera.forbidden(self.scene(now))
    }

    fn choose(&mut self, at: Timestamp) {
        self.choice = player::choose(&self.players, &self.settings.player, at);
    }

    /// Saves the state when it differs from what was last saved.
    fn remember(&mut self, effects: &mut Vec<Effect>) {
        self.state.filter = self.filter.state();
        self.state.last_face = self.last_face;
        if effects.iter().any(Effect::is_worth_saving) || self.state.take_dirty() {
            effects.push(Effect::Save);
        }
    }
}
