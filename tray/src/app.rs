//! The main loop: what the service, the panel and the user do, and what follows.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use jiff::Zoned;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
    task::JoinSet,
    time::Instant,
};
use zbus::Connection;

use crate::{
    args::Arguments,
    bus, host,
    menu::{self, Action},
    notifications::{Notice, Notices},
    open,
    panel::{Clicked, Panel, Shown},
    picture::Picture,
    scheme,
    service::{self, Outcome},
    state::{Camera, Icons, Known, LeftClick},
    tooltip, when,
    words::notices,
};

/// The service announces each property on its own: this long after the first, all are there.
const SETTLES: Duration = Duration::from_millis(30);

/// How long the panel's last click is given to be answered.
const ANSWERED: Duration = Duration::from_millis(100);

/// Runs until the user quits, a signal ends it, or the bus goes.
///
/// # Errors
/// If there is no session bus, if it goes, or if another tray runs.
pub async fn run(arguments: &Arguments) -> Result<()> {
    let mut terminated = signal(SignalKind::terminate()).context("listening for signals")?;
    let mut interrupted = signal(SignalKind::interrupt()).context("listening for signals")?;
    let bus = bus::join().await?;
    bus::be_the_only_one(&bus).await?;
    let (clicked, mut clicks) = mpsc::unbounded_channel();
    let mut app = App::new(&bus, Panel::start(clicked)?);
    let (known, mut service) = watch::channel(None);
    let (there, mut host) = watch::channel(None);
    let mut watchers = JoinSet::new();
    watchers.spawn(service::watch(bus.clone(), known));
    watchers.spawn(host::watch(bus.clone(), there));
    let patience = Duration::from_secs(arguments.patience);
    let mut no_tray = Some(Instant::now() + patience);
    let mut midnight = next_midnight();
    let watchdog = sd_notify::watchdog_enabled().map(|span| span / 2);
    let mut next_bark = watchdog.map(|span| Instant::now() + span);
    tell_systemd(sd_notify::NotifyState::Ready);
    loop {
        tokio::select! {
            biased;
            _ = terminated.recv() => break,
            _ = interrupted.recv() => break,
            ended = watchers.join_next() => {
                ended.context("nothing is watched any more")???;
            }
            changed = service.changed() => {
                changed.context("the session bus is gone")?;
                tokio::time::sleep(SETTLES).await;
                let Some(known) = service.borrow_and_update().clone() else { continue };
                app.learn(known);
                app.watch_scheme(&mut watchers);
                app.show()?;
            }
            changed = host.changed() => {
                changed.context("the session bus is gone")?;
                let shows = *host.borrow_and_update() == Some(true);
                no_tray = (!shows).then(|| Instant::now() + patience);
                tracing::debug!("the desktop shows icons: {shows}");
                if shows {
                    app.show()?;
                }
            }
            changed = app.scheme.changed() => {
                // The watcher's end ends the program above.
                if changed.is_ok() {
                    app.show()?;
                }
            }
            Some(click) = clicks.recv() => {
                if click == Clicked::Entry(Action::Quit) {
                    // The panel waits for an answer to its click, which the icon's threads are about to give.
                    tokio::time::sleep(ANSWERED).await;
                    break;
                }
                app.click(click).await;
            }
            Some(()) = app.yes.recv() => app.start(Action::Camera(true)),
            Some(told) = app.done.recv() => {
                // A click ticked its entry, whatever came of it.
                app.show()?;
                if let Some(notice) = told {
                    app.notices.tell(&notice).await;
                }
            }
            () = sleep_until(no_tray) => {
                no_tray = None;
                app.tell_no_tray().await;
            }
            () = sleep_until(next_bark) => {
                tell_systemd(sd_notify::NotifyState::Watchdog);
                next_bark = watchdog.map(|span| Instant::now() + span);
            }
            // What was today is yesterday.
            () = tokio::time::sleep_until(midnight) => {
                midnight = next_midnight();
                app.show()?;
            }
        }
    }
    tell_systemd(sd_notify::NotifyState::Stopping);
    Ok(())
}

struct App {
    bus: Connection,
    panel: Panel,
    notices: Notices,
    yes: mpsc::UnboundedReceiver<()>,
    /// An action was carried out, or was not; and what there is to tell of it.
    done: mpsc::UnboundedReceiver<Option<Notice>>,
    done_sender: mpsc::UnboundedSender<Option<Notice>>,
    /// Not before the service was asked for the first time: an icon that says "gone" for a moment alarms.
    known: Option<Known>,
    /// As the service last said: the icon keeps its colours when it goes.
    icons: Icons,
    scheme: watch::Receiver<Option<bool>>,
    /// The other end, until somebody watches.
    scheme_source: Option<watch::Sender<Option<bool>>>,
}

impl App {
    fn new(bus: &Connection, panel: Panel) -> Self {
        let (yes_sender, yes) = mpsc::unbounded_channel();
        let (done_sender, done) = mpsc::unbounded_channel();
        let (source, scheme) = watch::channel(None);
        Self {
            bus: bus.clone(),
            panel,
            notices: Notices::new(bus, yes_sender),
            yes,
            done,
            done_sender,
            known: None,
            icons: Icons::default(),
            scheme,
            scheme_source: Some(source),
        }
    }

    fn learn(&mut self, known: Known) {
        if let Some(facts) = known.facts() {
            self.icons = facts.icons;
        }
        self.known = Some(known);
    }

    fn show(&mut self) -> Result<()> {
        let Some(known) = &self.known else {
            return Ok(());
        };
        let now = Zoned::now();
        let dark = *self.scheme.borrow_and_update();
        self.panel.show(Shown {
            picture: Picture::of(known, self.icons, dark),
            tooltip: tooltip::tooltip(known, &now),
            menu: menu::menu(known, &now),
        })
    }

    /// The desktop is asked for its colours only by who wants to go with them: asking starts a portal.
    fn watch_scheme(&mut self, watchers: &mut JoinSet<Result<()>>) {
        if self.icons == Icons::Symbolic
            && let Some(source) = self.scheme_source.take()
        {
            watchers.spawn(scheme::watch(self.bus.clone(), source));
        }
    }

    async fn click(&mut self, click: Clicked) {
        match click {
            Clicked::Entry(action) => self.start(action),
            Clicked::Icon => {
                let known = self.known.clone().unwrap_or_default();
                match known.facts() {
                    Some(facts) if facts.camera() == Camera::Off => {
                        self.notices.tell(&Notice::consent()).await;
                    }
                    // While it looks, or must not, a click asks for the reason.
                    Some(facts)
                        if facts.left_click == LeftClick::Look
                            && !facts.active
                            && facts.paused_until == 0 =>
                    {
                        self.start(Action::Look);
                    }
                    _ => {
                        let text = tooltip::status(&known, &Zoned::now());
                        self.notices
                            .tell(&Notice::new(notices::status(), text))
                            .await;
                    }
                }
            }
        }
    }

    /// Carries an action out, in a task of its own: a switch takes seconds.
    fn start(&self, action: Action) {
        let (bus, done) = (self.bus.clone(), self.done_sender.clone());
        tokio::spawn(async move {
            tracing::debug!("the user wants {}", action.id());
            let notice = match service::carry_out(&bus, action).await {
                Ok(Outcome::Shown) => None,
                Ok(Outcome::Tell(title, text)) => Some(Notice::new(title, text)),
                Ok(Outcome::Open(path)) => open::open(&path).await.err().map(|error| {
                    let text = format!("{error}\n{}", path.display());
                    Notice::trouble(notices::failed(), text)
                }),
                Err(error) => Some(Notice::trouble(notices::failed(), error)),
            };
            let _ = done.send(notice); // the tray ends
        });
    }

    /// Says once, not once a login, that this desktop has no tray, and what to install.
    async fn tell_no_tray(&mut self) {
        let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
        tracing::warn!("{}: {}", notices::no_icons(), notices::no_tray(&desktop));
        let mark = Mark::of_desktop(&desktop);
        if mark.as_ref().is_some_and(Mark::is_there) {
            return;
        }
        let notice = Notice::trouble(notices::no_icons(), notices::no_tray(&desktop));
        if self.notices.tell(&notice).await
            && let Some(mark) = mark
            && let Err(error) = mark.make()
        {
            tracing::warn!("it will be said again at the next login: {error}");
        }
    }
}

/// Left where the user was told of a desktop without a tray.
struct Mark {
    folder: PathBuf,
    desktop: String,
}

impl Mark {
    const NAME: &'static str = "no-tray-told";

    fn of_desktop(desktop: &str) -> Option<Self> {
        Some(Self {
            folder: open::state_dir()?,
            desktop: desktop.to_owned(),
        })
    }

    fn is_there(&self) -> bool {
        std::fs::read_to_string(self.folder.join(Self::NAME))
            .is_ok_and(|desktop| desktop.trim_end() == self.desktop)
    }

    fn make(&self) -> std::io::Result<()> {
        open::write_private(&self.folder, Self::NAME, &format!("{}\n", self.desktop)).map(|_| ())
    }
}

async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn next_midnight() -> Instant {
    Instant::now() + Duration::from_secs(when::seconds_until_tomorrow(&Zoned::now()).into())
}

fn tell_systemd(state: sd_notify::NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!("systemd could not be told: {error}");
    }
}
