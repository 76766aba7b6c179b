//! The service's one loop: every event goes to the engine, and its effects are carried out.

mod calls;
mod effects;
mod library;
mod news;
mod recover;
mod spotify;
mod switch;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use moodlark_api::error::Error;
use moodlark_core::{
    Now, Reading,
    camera::Blocked,
    decide::Plan,
    engine::{Engine, Event, Notice, SwitchRecord},
    filter::ExpressionModel,
    gates::{Finding, Gate},
    library::Listener,
    player::PlayerView,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{mpsc, watch},
    time::Instant,
};

use crate::{
    bus::{self, Announcer, Answer, Reply},
    clock,
    config_file::{self, ConfigFile},
    demo::Demo,
    footprint,
    gates::{Gates, Told},
    instance,
    journal::Journal,
    library::Library,
    mpd,
    notifications::Notifications,
    paths,
    players::{Players, PlayersEvent, Restored, SavedState},
    spotify::WebApi,
    surroundings,
    worker::Look,
};

/// How long the start waits for the players to answer.
const PLAYERS_ANSWER: Duration = Duration::from_millis(1500);

/// How the service is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The configuration file.
    pub config: PathBuf,
    /// The folder of the journal.
    pub state_dir: PathBuf,
    /// The worker that looks.
    pub sense: PathBuf,
    /// The worker that hears music.
    pub listen: PathBuf,
    /// Show each step on standard output.
    pub demo: bool,
    /// End after the first verified switch, or with a failure after this time.
    pub once: Option<Duration>,
}

/// The journal, shared with the tasks that switch; never held over an `await`.
type SharedJournal = Arc<Mutex<Journal>>;

/// What the service's own tasks report.
#[derive(Debug)]
enum Inside {
    Looked(Option<Reading>),
    Asked(Vec<(Gate, Finding)>),
    Confirmed(Option<Gate>),
    Switched(Plan, Result<SwitchRecord, Error>),
    Undone(SwitchRecord, Result<Restored, Error>),
    Examined(Vec<moodlark_api::Dict>, Reply<Vec<moodlark_api::Dict>>),
}

/// The running service.
struct App {
    bus: zbus::Connection,
    options: Options,
    engine: Engine,
    journal: SharedJournal,
    config: ConfigFile,
    config_problem: Option<String>,
    players: Players,
    spotify: WebApi,
    library: Library,
    /// What plays, and for how long already.
    listener: Listener,
    gates: Gates,
    /// Keeps the machine from sleeping until the camera is closed.
    awake: Option<std::os::fd::OwnedFd>,
    notifications: Notifications,
    announcer: Announcer,
    demo: Demo,
    inside: mpsc::UnboundedSender<Inside>,
    look: Option<Look>,
    looks: u64,
    waiting_look: Vec<Reply<Answer>>,
    waiting_calibration: Option<Reply<Answer>>,
    waiting_switch: Option<Reply<Answer>>,
    waiting_undo: Option<Reply<Answer>>,
    cleaned: moodlark_core::Timestamp,
    /// What the last run left too quiet in a player that is not there yet.
    owed_volume: Option<SavedState>,
    /// Set by `--once` when it is done.
    finished: Option<Result<()>>,
}

/// Runs the service until it is told to end.
///
/// # Errors
/// If it cannot start: no bus, a wrong configuration, a journal that cannot be written, another
/// instance. And with `--once`, if no switch was made.
pub async fn run(options: Options) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("listening to SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening to SIGINT")?;
    let mut hang_up = signal(SignalKind::hangup()).context("listening to SIGHUP")?;

    let mut config = ConfigFile::new(options.config.clone());
    let _instance = instance::lock(&options.state_dir)?;
    let journal = Journal::open(&options.state_dir)?;
    let (settings, config_problem) = calls::first_settings(&mut config, &journal)?;
    let state = journal.state().context("reading the saved state")?;
    let engine = Engine::new(settings, expression_model()?, state, clock::now());
    if let Some(reason) = engine.forgotten() {
        tracing::warn!("the saved mood is not taken up again: {reason}");
    }

    let (view_in, view_out) = watch::channel(Arc::new(engine.view(clock::now())));
    let (calls_in, mut calls) = mpsc::channel(32);
    let connection = bus::serve(calls_in, view_out).await?;
    let announcer = Announcer::new(&connection, view_in)
        .await
        .context("serving on the bus")?;
    let (players, mut player_events) = Players::start(
        connection.clone(),
        engine.settings().player.clone(),
        Arc::new(|| clock::now().at),
    )
    .await
    .context("watching for players")?;
    players.keep_lists_in(paths::list_folders(&options.state_dir));
    players
        .follow_mpd(
            engine.settings().mpd.clone(),
            mpd::places::Environment::read(),
        )
        .await;
    let (spotify, mut spotify_news) = WebApi::start(Some(connection.clone()), &options.state_dir)?;
    spotify.configure(&engine.settings().spotify);
    bus::serve_beside(&connection, bus::Spotify1(spotify.clone())).await?;
    let (library, mut tracks) = Library::start(
        options.state_dir.clone(),
        options.listen.clone(),
        engine.settings().library.clone(),
    );
    bus::serve_beside(&connection, bus::Library1(library.clone())).await?;
    tokio::spawn(library::announce_scans(connection.clone(), library.clone()));
    let (gates, mut told) = Gates::start(connection.clone(), engine.settings());
    let (pressed_in, mut pressed) = mpsc::channel(8);
    let (changed_in, mut config_changed) = mpsc::channel(1);
    if let Err(error) = config_file::watch(config.path(), changed_in.clone()) {
        tracing::warn!("changes of the configuration need `moodlark reload`: {error:#}");
    }
    let (inside_in, mut inside) = mpsc::unbounded_channel();

    let mut app = App {
        bus: connection.clone(),
        demo: Demo::new(options.demo),
        notifications: Notifications::start(connection.clone(), pressed_in),
        engine,
        journal: Arc::new(Mutex::new(journal)),
        config,
        config_problem,
        players,
        spotify,
        library,
        listener: Listener::default(),
        gates,
        awake: None,
        announcer,
        inside: inside_in,
        look: None,
        looks: 0,
        waiting_look: Vec::new(),
        waiting_calibration: None,
        waiting_switch: None,
        waiting_undo: None,
        cleaned: moodlark_core::Timestamp::default(),
        owed_volume: None,
        finished: None,
        options,
    };
    match app.config_problem.clone() {
        None => app.keep_good(app.engine.settings()),
        Some(problem) => app.tell(Notice::BadConfig(problem), clock::now()),
    }
    app.meet_gates(&mut told).await;
    app.recover().await;
    app.forget_old();
    app.meet_players(&mut player_events).await;
    bus::take_name(&connection).await?;
    app.spotify.check_age_soon();
    ready(&app);
    tracing::info!("watching {} for changes", app.config.path().display());

    let watchdog = sd_notify::watchdog_enabled().map(|span| span / 2);
    let mut next_bark = watchdog.map(|span| Instant::now() + span);
    let end_of_once = app.options.once.map(|span| Instant::now() + span);
    let mut quiet = Some(Instant::now() + footprint::QUIET);
    loop {
        if let Some(finished) = app.finished.take() {
            app.end().await;
            return finished;
        }
        let wake = app.next_wake();
        let mut busy = true;
        tokio::select! {
            () = until(quiet) => {
                lighten();
                quiet = None;
                busy = false;
            }
            () = until(wake) => app.handle(Event::Wake).await,
            () = until(next_bark) => {
                tell_systemd(&[sd_notify::NotifyState::Watchdog]);
                next_bark = watchdog.map(|span| Instant::now() + span);
                busy = false;
            }
            () = until(end_of_once) => {
                app.finished = Some(Err(anyhow::anyhow!("no switch was made in time: {}", app.demo.why_nothing())));
            }
            Some(call) = calls.recv() => app.call(call).await,
            Some(found) = told.recv() => app.told(found).await,
            Some(event) = player_events.recv() => app.player_event(event).await,
            Some(button) = pressed.recv() => app.pressed(button).await,
            Some(news) = spotify_news.recv() => app.spotify_news(news).await,
            Some(tracks) = tracks.recv() => app.handle(Event::Tracks(tracks)).await,
            Some(report) = inside.recv() => app.inside(report).await,
            Some(()) = config_changed.recv() => app.config_touched().await,
            () = received(&mut hang_up) => { let _ = app.reload().await; }
            () = received(&mut terminate) => break,
            () = received(&mut interrupt) => break,
        }
        if busy {
            quiet = Some(Instant::now() + footprint::QUIET);
        }
    }
    tracing::info!("ending");
    app.end().await;
    if app.options.once.is_some() {
        anyhow::bail!("interrupted before a switch was made");
    }
    Ok(())
}

/// What the mood filter must know of the network that the worker runs.
pub(crate) fn expression_model() -> Result<ExpressionModel> {
    let spec =
        moodlark_models::expression_spec().context("reading the expression model's description")?;
    ExpressionModel::new(spec.confusion, Some(spec.class_prior), Some(spec.resting))
        .context("what the expression model's description says of its answers")
}

impl App {
    /// Waits until the players that are there have answered, so that the first call on the bus
    /// finds them; one that hangs is not waited for.
    async fn meet_players(&mut self, events: &mut mpsc::Receiver<PlayersEvent>) {
        let met = |views: &[PlayerView]| views.iter().all(|view| !view.identity.is_empty());
        let meet = async { while !met(&self.players.views()) && events.recv().await.is_some() {} };
        if tokio::time::timeout(PLAYERS_ANSWER, meet).await.is_err() {
            tracing::debug!("a player has not answered yet");
        }
        self.players_are(self.players.views()).await;
    }

    /// Waits until the gates are known: before that nothing may look.
    async fn meet_gates(&mut self, told: &mut mpsc::UnboundedReceiver<Told>) {
        self.gates.meet().await;
        while let Ok(found) = told.try_recv() {
            self.told(found).await;
        }
    }

    /// Something was found of a gate.
    async fn told(&mut self, found: Told) {
        if found.hold.is_some() {
            self.awake = found.hold;
        }
        self.stops_the_music(found.gate, found.finding);
        self.handle(Event::Gate(found.gate, found.finding)).await;
        self.library_may_work();
        self.let_sleep();
    }

    /// Lets the machine sleep when the camera is closed.
    fn let_sleep(&mut self) {
        if self.look.is_none() {
            self.awake = None;
        }
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        lock(&self.journal)
    }

    /// The engine's next timer, in the loop's own clock.
    fn next_wake(&self) -> Option<Instant> {
        let now = clock::now();
        self.engine
            .next_wake(now)
            .map(|at| Instant::now() + at.since(now.at))
    }

    /// Feeds an event to the engine and carries out what follows.
    async fn handle(&mut self, event: Event) {
        if matches!(event, Event::Looked(_) | Event::Configured(_)) {
            self.refresh_surroundings();
        }
        if let Event::Configured(settings) = &event {
            self.gates.configure(settings);
        }
        let now = clock::now();
        let effects = self.engine.handle(event, now);
        self.carry_out(effects, now).await;
        if now.at.since(self.cleaned) > Duration::from_secs(24 * 3600) {
            self.forget_old();
            self.spotify.check_age_soon();
        }
        self.show(now).await;
    }

    /// Shows the bus, systemd and the demonstration how things stand.
    async fn show(&mut self, now: Now) {
        let mut view = self.engine.view(now);
        if let Some(problem) = &self.config_problem {
            view.status = format!(
                "{}; the configuration is wrong, the last good one goes on: {problem}",
                view.status
            );
        }
        self.demo
            .gate(view.camera.blocked.map(Blocked::sentence).as_deref());
        let status = view.status.clone();
        if let Err(error) = self.announcer.show(view).await {
            tracing::warn!("a change could not be announced on the bus: {error:#}");
        }
        tell_systemd(&[sd_notify::NotifyState::Status(&status)]);
    }

    fn refresh_surroundings(&mut self) {
        let surroundings = surroundings::read(self.engine.programs_of_interest());
        self.engine.set_surroundings(surroundings);
    }

    fn forget_old(&mut self) {
        let now = clock::now().at;
        self.cleaned = now;
        let retention =
            i64::try_from(self.engine.settings().history.retention.as_millis()).unwrap_or(i64::MAX);
        let before = moodlark_core::Timestamp(now.0.saturating_sub(retention));
        match self.journal().forget_before(before) {
            Ok(0) => {}
            Ok(gone) => tracing::info!(
                "{gone} entries of the journal were past their retention and are deleted"
            ),
            Err(error) => tracing::warn!("old entries could not be deleted: {error:#}"),
        }
    }

    /// The last things before the end; what is under way is found again at the next start.
    async fn end(&mut self) {
        tell_systemd(&[sd_notify::NotifyState::Stopping]);
        self.look = None; // kills the worker
        self.library.stop_at_once();
        self.players.let_go().await;
        let now = clock::now();
        if let Err(error) = self.journal().write(now.at, &[], Some(self.engine.state())) {
            tracing::warn!("the state could not be saved: {error:#}");
        }
    }
}

fn lock(journal: &SharedJournal) -> MutexGuard<'_, Journal> {
    // A panic in the middle of a transaction rolls it back: the journal is still good.
    journal.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ready(app: &App) {
    tell_systemd(&[sd_notify::NotifyState::Ready]);
    tracing::info!("ready: {}", app.engine.view(clock::now()).status);
}

/// Nothing is being done: the code that did the last thing need not be in memory.
fn lighten() {
    match footprint::let_go() {
        Ok(kib) => tracing::trace!("{kib} KiB of code let go of"),
        Err(error) => tracing::debug!("code that is not needed stays in memory: {error}"),
    }
}

fn tell_systemd(state: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!("systemd could not be told: {error}");
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn received(signal: &mut Signal) {
    if signal.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}
