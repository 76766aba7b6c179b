//! What the main loop does for Spotify: tells how a sign-in ended, and what the user should know.

use moodlark_core::{
    engine::{Event, Notice},
    player::PlayerView,
};

use super::App;
use crate::{bus::Spotify1, clock, spotify::News};

impl App {
    /// Tells the engine of the players, and of Spotify elsewhere where that may be used.
    pub(super) async fn players_are(&mut self, views: Vec<PlayerView>) {
        let settings = &self.engine.settings().player;
        let views = self.spotify.with_elsewhere(views, settings);
        self.handle(Event::Players(views)).await;
        self.listen();
    }

    pub(super) async fn spotify_news(&mut self, news: News) {
        match news {
            News::SignIn(ended) => {
                let sentence = ended
                    .outcome
                    .as_ref()
                    .err()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let told = self.tell_sign_in(ended.outcome.is_ok(), &sentence).await;
                if let Err(error) = told {
                    tracing::warn!("the end of the sign-in could not be announced: {error}");
                }
                self.players_are(self.players.views()).await;
            }
            News::Known => self.players_are(self.players.views()).await,
            News::Tell(sentence) => {
                if self.engine.settings().notifications.failures {
                    self.tell(Notice::Spotify(sentence), clock::now());
                }
            }
            // Nothing has failed yet, and nobody else reminds the user.
            News::SignInAgain(sentence) => self.tell(Notice::Spotify(sentence), clock::now()),
        }
    }

    async fn tell_sign_in(&self, signed_in: bool, sentence: &str) -> zbus::Result<()> {
        let served = self
            .bus
            .object_server()
            .interface::<_, Spotify1>(moodlark_api::OBJECT_PATH)
            .await?;
        Spotify1::sign_in_ended(served.signal_emitter(), signed_in, sentence).await
    }
}
