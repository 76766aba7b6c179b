//! What the main loop does for the library: tells the engine what there is to choose from, and the bus how a scan goes on.

use moodlark_catalogue::tr;
use moodlark_core::engine::Event;

use super::App;
use crate::{
    bus::{Library1, library::of_status},
    library::News,
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
}
