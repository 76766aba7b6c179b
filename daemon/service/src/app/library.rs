//! What the main loop does for the library: tells the engine what there is to choose from, and the bus how a scan goes on.

use moodlark_catalogue::tr;
use moodlark_core::{
    engine::Event,
    gates::{Finding, Gate},
    library::{Ended, Feedback},
};

use super::App;
use crate::{
    bus::{Library1, library::of_status},
    clock,
    library::News,
    players::path_of,
};

impl App {
    pub(super) async fn library_news(&mut self, news: News) {
        match news {
            News::Tracks(tracks) => self.handle(Event::Tracks(tracks)).await,
            News::Progress => {
                let (bus, library) = (self.bus.clone(), self.library.clone());
                // Counting files takes a moment on a slow disk.
                tokio::spawn(async move {
                    let told = async {
                        let status = library.status().await?;
                        let served = bus
                            .object_server()
                            .interface::<_, Library1>(moodlark_api::OBJECT_PATH)
                            .await?;
                        Library1::progress(served.signal_emitter(), of_status(&status)).await?;
                        anyhow::Ok(())
                    };
                    if let Err(error) = told.await {
                        tracing::warn!("the scan's progress could not be announced: {error:#}");
                    }
                });
            }
        }
    }

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
        let path = path_of(&play.url).and_then(|path| path.into_os_string().into_string().ok());
        let Some(path) = path else {
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
        let path = self.listener.url().and_then(path_of);
        if let Some(path) = path.and_then(|path| path.into_os_string().into_string().ok()) {
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
