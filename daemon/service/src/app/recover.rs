//! After a restart: finds switches that were cut off, and brings the volume back.

use moodlark_core::{
    engine::{Event, SwitchRecord},
    player::{PlayerView, mpd},
};

use super::App;
use crate::{journal::Pending, players::SavedState};

impl App {
    /// Ends what the last run left half done. A player may be in either state then: its volume is
    /// brought back, and the switch is kept as one that was not verified, so that it can be undone.
    pub(super) async fn recover(&mut self) {
        let pending = match self.journal().pending() {
            Ok(pending) => pending,
            Err(error) => {
                tracing::error!(
                    "the journal could not be read for switches that were cut off: {error:#}"
                );
                return;
            }
        };
        for Pending { record, saved } in pending {
            tracing::warn!(
                "a switch to \u{201c}{}\u{201d} was cut off by the end of the last run",
                record.playlist
            );
            match serde_json::from_str::<SavedState>(&saved) {
                Ok(saved) => {
                    if let Err(error) = self.players.restore_volume(&saved).await {
                        tracing::warn!("the volume could not be brought back: {error}");
                        // MPD keeps its volume over a restart of its own, and is found later than a player on
                        // the bus; a player on the bus that is not there took its volume along.
                        if saved.fading && mpd::is_mpd(&saved.bus_name) {
                            self.owed_volume = Some(saved);
                        }
                    }
                }
                Err(error) => tracing::warn!("what played before cannot be read: {error}"),
            }
            let ended = self.journal().end_switch(&record);
            if let Err(error) = ended {
                tracing::error!("the switch could not be written down: {error:#}");
            }
            self.adopt(record).await;
        }
        // Killed between the end of a switch and the saving of the state: the journal knows more.
        let newest = self.journal().last_switch();
        match newest {
            Ok(Some(record))
                if self
                    .engine
                    .state()
                    .last_switch
                    .as_ref()
                    .is_none_or(|known| known.id < record.id) =>
            {
                self.adopt(record).await;
            }
            Ok(_) => {}
            Err(error) => tracing::error!("the last switch could not be read: {error:#}"),
        }
    }

    /// Brings back the volume of a player that was not there when the service started.
    pub(super) fn pay_volume(&mut self, views: &[PlayerView]) {
        let there =
            |saved: &mut SavedState| views.iter().any(|view| view.bus_name == saved.bus_name);
        if let Some(saved) = self.owed_volume.take_if(there) {
            let players = self.players.clone();
            tokio::spawn(async move {
                match players.restore_volume(&saved).await {
                    Ok(_) => tracing::info!("{} has its volume back", saved.bus_name),
                    Err(error) => tracing::warn!("the volume could not be brought back: {error}"),
                }
            });
        }
    }

    async fn adopt(&mut self, record: SwitchRecord) {
        self.handle(Event::Interrupted(record)).await;
    }
}
