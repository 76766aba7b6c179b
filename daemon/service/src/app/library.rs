//! What the main loop does for the library: tells the engine what there is to choose from, and the bus how a scan goes on.

use std::time::Duration;

use moodlark_catalogue::tr;
use moodlark_core::{
    gates::{Finding, Gate},
    library::{Ended, Feedback},
};

use super::App;
use crate::{
    bus::{Library1, library::of_status},
    clock,
    library::Library,
    players::path_of,
};

/// Those who wait for a scan are told of it so often at most: to count the files takes a moment in a large library.
const TELL_EVERY: Duration = Duration::from_millis(300);

/// Tells the bus how scans go on, for as long as both are there: one after the other, the last state of several at once.
pub(super) async fn announce_scans(bus: zbus::Connection, library: Library) {
    let mut progress = library.progress();
    while progress.changed().await.is_ok() {
        let told = async {
            let status = library.status().await?;
            let server = bus.object_server();
            let served = server
                .interface::<_, Library1>(moodlark_api::OBJECT_PATH)
                .await?;
            Library1::progress(served.signal_emitter(), of_status(&status)).await?;
            anyhow::Ok(())
        };
        if let Err(error) = told.await {
            tracing::warn!("the scan's progress could not be announced: {error:#}");
        }
        tokio::time::sleep(TELL_EVERY).await;
    }
}

impl App {
    /// An automatic scan waits for mains power.
    pub(super) fn library_may_work(&self) {
        let battery = self.engine.gates().on_battery();
        self.library
            .set_rest(battery.then(|| tr!("waits for mains power")));
    }

    /// The players changed: a play may have ended.
    pub(super) fn listen(&mut self) {
        let now = clock::now();
        let active = self.engine.active_player().and_then(|name| {
            let views = self.engine.players();
            views.iter().find(|view| view.bus_name == name)
        });
        let Some(play) = self.listener.sees(active, now.at) else {
            return;
        };
        let Some(path) = local(&play.url) else {
            return;
        };
        let library = self.library.clone();
        let weekday = now.local.weekday;
        tokio::spawn(async move { library.played(path, play, weekday).await });
    }

    /// What plays is about to be ended by us: that says nothing of the user.
    pub(super) fn we_change_the_music(&mut self) {
        self.listener.because(Ended::Switched, clock::now().at);
    }

    /// The user takes our list back while it plays.
    pub(super) fn taken_back(&mut self) {
        if let Some(path) = self.listener.url().and_then(local) {
            let (library, at) = (self.library.clone(), clock::now().at);
            tokio::spawn(async move {
                if let Err(error) = library.told(path, Feedback::Undone, at).await {
                    tracing::warn!("what was undone could not be learnt from: {error:#}");
                }
            });
        }
        self.we_change_the_music();
    }

    /// A lock, a call or sleep may end what plays: that says nothing of the user either.
    pub(super) fn stops_the_music(&mut self, gate: Gate, finding: Finding) {
        let cause = match gate {
            Gate::Asleep | Gate::Locked | Gate::Inactive | Gate::Lid => Ended::Locked,
            Gate::Call => Ended::Call,
            _ => return,
        };
        if finding == Finding::Holds {
            self.listener.because(cause, clock::now().at);
        }
    }
}

/// The path of a file on this machine, as the library knows it.
fn local(url: &str) -> Option<String> {
    path_of(url)?.into_os_string().into_string().ok()
}
