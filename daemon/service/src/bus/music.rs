//! `org.moodlark.Music1`: the music.

use moodlark_api::{Dict, error::Error};
use moodlark_core::engine::Request;
use zbus::{interface, object_server::SignalEmitter};

use super::{Answer, Call, Desk, dict};

pub(super) struct Music1(pub(super) Desk);

#[interface(name = "org.moodlark.Music1")]
impl Music1 {
    /// The active player's bus name, empty when there is none.
    #[zbus(property)]
    fn player(&self) -> String {
        self.0.view().music.player.clone()
    }

    /// Whether it plays.
    #[zbus(property)]
    fn playing(&self) -> bool {
        self.0.view().music.playing
    }

    /// The last switch, empty before the first. Keys: id (x), at (x), player (s), playlist (s),
    /// uri (s), route (s), title (s), why (s), mood (s), verified (b), took-ms (x), undone (b),
    /// listed (x), missing (x), left-out (s).
    #[zbus(property)]
    fn last_switch(&self) -> Dict {
        self.0
            .view()
            .music
            .last_switch
            .as_ref()
            .map_or_else(Dict::new, dict::of_switch)
    }

    /// The players on the bus. Keys: bus-name (s), identity (s), status (s), active (b),
    /// usable (b), why (s), title (s), artist (s), routes (as).
    async fn players(&self) -> Result<Vec<Dict>, Error> {
        self.0.call(Call::Players).await
    }

    /// The playlists. Keys: name (s), uri (s), mood (s), valence (d), arousal (d), problem (s).
    async fn playlists(&self) -> Result<Vec<Dict>, Error> {
        self.0.call(Call::Playlists).await
    }

    /// The playlists that the running players have themselves, for `player-playlist` in the configuration.
    /// Keys: player (s: its bus name), identity (s), name (s).
    async fn players_playlists(&self) -> Result<Vec<Dict>, Error> {
        self.0.call(Call::PlayersPlaylists).await
    }

    /// Plays a playlist by name, or the one that fits a mood, now; answers when the player's
    /// change was verified, with the keys of LastSwitch.
    async fn apply(&self, what: String) -> Result<Dict, Error> {
        self.dict(Request::Apply(what)).await
    }

    /// Brings back what played before the last switch; a switch that waits for its moment is not made
    /// instead. Keys: restored (as), not-restored (as), player (s), playlist (s), and withdrawn (b) for a
    /// switch that was not made yet.
    async fn undo(&self) -> Result<Dict, Error> {
        self.dict(Request::Undo).await
    }

    /// A switch was made, or undone; the keys of LastSwitch.
    #[zbus(signal)]
    pub(super) async fn switched(emitter: &SignalEmitter<'_>, switch: Dict) -> zbus::Result<()>;
}

impl Music1 {
    async fn dict(&self, request: Request) -> Result<Dict, Error> {
        match self.0.request(request).await? {
            Answer::Dict(dict) => Ok(dict),
            Answer::Done | Answer::Json(_) => Ok(Dict::new()),
        }
    }
}
