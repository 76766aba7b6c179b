//! Spotify on a device that is not on the bus: a speaker, a phone. Only where the user allows every device.

use moodlark_catalogue::tr;
use moodlark_core::{
    player::{BUS_PREFIX, PlayerView},
    settings::PlayerSettings,
};

use super::WebApi;
use crate::players::SavedState;

/// Stands for that device among the players. Not a name that anybody owns; its base is a Spotify client's.
const SHORT_NAME: &str = "spotify.instanceElsewhere";

/// Whether this player is that device.
#[must_use]
pub fn is_elsewhere(bus_name: &str) -> bool {
    bus_name.strip_prefix(BUS_PREFIX) == Some(SHORT_NAME)
}

/// What there is to save of it on the bus: nothing. What plays there, Spotify tells.
#[must_use]
pub fn nothing_on_the_bus(bus_name: &str) -> SavedState {
    SavedState {
        bus_name: bus_name.into(),
        at: crate::clock::now().at,
        ..SavedState::default()
    }
}

impl WebApi {
    /// The players with that device among them, where there is no Spotify client on the bus, somebody is signed
    /// in, and every device may be used. Nobody tells whether it plays, and it is not asked: so it only ever
    /// plays what the user asks for.
    #[must_use]
    pub fn with_elsewhere(
        &self,
        mut views: Vec<PlayerView>,
        settings: &PlayerSettings,
    ) -> Vec<PlayerView> {
        let on_the_bus = views.iter().any(|view| view.quirks().spotify);
        if !on_the_bus && self.spotify.any_device() && self.spotify.ask_at().is_some() {
            let mut view = PlayerView {
                bus_name: format!("{BUS_PREFIX}{SHORT_NAME}"),
                identity: tr!("Spotify on another device"),
                can_control: true,
                ..PlayerView::default()
            };
            view.derive(settings);
            views.push(view);
        }
        views
    }
}
