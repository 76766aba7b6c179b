//! What players, notifications and the service's own tasks tell.

use moodlark_core::engine::{Event, Request};

use super::{App, Inside};
use crate::{
    notifications::Pressed,
    players::{PlayersEvent, UserAction},
};

impl App {
    pub(super) async fn player_event(&mut self, event: PlayersEvent) {
        match event {
            PlayersEvent::Changed(views) => {
                self.pay_volume(&views);
                self.players_are(views).await;
            }
            PlayersEvent::BusGone => {
                self.finished = Some(Err(anyhow::anyhow!("the session bus is gone")));
            }
            PlayersEvent::UserAction { bus_name, what } => {
                tracing::debug!("the user acted in {bus_name}: {what:?}");
                self.players_are(self.players.views()).await;
                let other_music = what == UserAction::PlayedSomethingElse;
                self.handle(Event::UserActed {
                    player: bus_name,
                    other_music,
                })
                .await;
            }
        }
    }

    pub(super) async fn pressed(&mut self, button: Pressed) {
        match button {
            Pressed::Yes => self.handle(Event::Answered { yes: true }).await,
            Pressed::No => self.handle(Event::Answered { yes: false }).await,
            Pressed::CameraOff => {
                if let Err(error) = self.enable_camera(false).await {
                    tracing::error!(
                        "the camera could not be switched off in the configuration: {error}"
                    );
                }
            }
            Pressed::Undo(id) => {
                if self
                    .engine
                    .state()
                    .last_switch
                    .as_ref()
                    .is_some_and(|switch| switch.id == id)
                {
                    // This button is about this switch, and not about one that waits.
                    if self.engine.is_waiting() {
                        self.request(Request::Undo, None).await;
                    }
                    self.request(Request::Undo, None).await;
                }
            }
        }
    }

    pub(super) async fn inside(&mut self, report: Inside) {
        match report {
            Inside::Looked(reading) => self.looked(reading).await,
            Inside::Asked(answers) => self.asked(answers).await,
            Inside::Confirmed(call) => {
                self.players_are(self.players.views()).await;
                self.handle(Event::Confirmed { call }).await;
            }
            Inside::Switched(plan, outcome) => self.switched(plan, outcome).await,
            Inside::Undone(switch, outcome) => self.undone(switch, outcome).await,
            Inside::Examined(checks, reply) => {
                let _ = reply.send(Ok(checks)); // who asked may have gone
            }
        }
    }
}
