//! The playlists that a player has itself (`org.mpris.MediaPlayer2.Playlists`): found by name, as ids are
//! pointers that change, and played.

use std::{sync::Arc, time::Duration};

use moodlark_catalogue::tr;
use moodlark_core::player::{Playback, Route, Usable, mpd};
use tokio::time::Instant;

use super::{
    Inner, MpdState, PlayerError, Players, Target,
    commands::{EFFECT_WITHIN, Effect, Snapshot},
    entries::Expected,
    follow::{TRUSTED_AFTER, is_new},
    lock,
    open::Failed,
};

/// How often a player is asked whose ActivatePlaylist pauses and plays by turns.
const TURNS: u32 = 3;

/// A playlist that a player has itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPlaylist {
    /// The player's whole bus name.
    pub bus_name: String,
    /// What the player calls itself.
    pub player: String,
    /// What the playlist is called there.
    pub name: String,
}

impl Players {
    /// The playlists that the usable players have themselves, player by player, each in the player's order.
    /// A player that does not tell is passed over.
    pub async fn own_playlists(&self) -> Vec<OwnPlaylist> {
        let mut found = Vec::new();
        for view in self.views() {
            if view.usable != Usable::Yes {
                continue;
            }
            let names = if mpd::is_mpd(&view.bus_name) {
                match self.mpd() {
                    MpdState::Linked(link) => link.playlists.clone(),
                    _ => Vec::new(),
                }
            } else if view.routes.contains(&Route::ActivatePlaylist) {
                match self.inner.target(&view.bus_name) {
                    Ok(target) => match target.peer.playlists().await {
                        Ok(lists) => lists.into_iter().map(|(_, name)| name).collect(),
                        Err(error) => {
                            tracing::info!(%error, player = view.bus_name, "does not tell its playlists");
                            Vec::new()
                        }
                    },
                    Err(_) => Vec::new(), // closed in this moment
                }
            } else {
                Vec::new()
            };
            found.extend(names.into_iter().map(|name| OwnPlaylist {
                bus_name: view.bus_name.clone(),
                player: view.display_name().to_owned(),
                name,
            }));
        }
        found
    }
}

impl Inner {
    /// Plays the player's own playlist of that name, and waits for it.
    pub(super) async fn activate(
        self: &Arc<Self>,
        target: &Target,
        name: &str,
        before: &Snapshot,
    ) -> Result<Result<Snapshot, Failed>, PlayerError> {
        let lists = match target.peer.playlists().await {
            Ok(lists) => lists,
            Err(super::mpris::CallError::Refused(why)) => return Ok(Err(Failed::Refused(why))),
            Err(error) => return Err(target.gone(&error)),
        };
        let Some((id, _)) = lists.iter().find(|(_, known)| known == name).or_else(|| {
            lists
                .iter()
                .find(|(_, known)| same_but_for_case(known, name))
        }) else {
            let names: Vec<String> = lists.iter().map(|(_, name)| format!("“{name}”")).collect();
            return Ok(Err(Failed::Refused(tr!(
                "it has no playlist “{name}”, but {lists}",
                name,
                lists = if names.is_empty() {
                    tr!("none at all")
                } else {
                    names.join(", ")
                }
            ))));
        };
        let toggles = target.view.quirks().activating_toggles;
        let again = toggles && target.peer.active_playlist().await.as_deref() == Some(name);
        let turns = if toggles { TURNS } else { 1 };
        let mut last = before.clone();
        for _ in 0..turns {
            if toggles {
                self.hush(target, &last).await?;
            }
            let asked = target.peer.activate_playlist(id).await;
            if let Err(why) = Self::carried(target, asked)? {
                return Ok(Err(Failed::Refused(why)));
            }
            match self
                .begins(target, before, again, EFFECT_WITHIN / turns)
                .await?
            {
                Effect::Seen(now) => {
                    lock(&self.activated).insert(target.view.bus_name.clone(), name.into());
                    return Ok(Ok(now));
                }
                Effect::Missing(now) => last = now,
            }
        }
        Ok(Err(if last.playback == Playback::Stopped {
            Failed::Silent(
                tr!(
                    "its playlist “{name}” stopped the music: it is probably empty",
                    name
                ),
                last,
            )
        } else {
            Failed::Missing(last)
        }))
    }

    /// Waits for a track of the list to play. `again`: the list is the one that played before, and may go on
    /// with the track that it was at.
    async fn begins(
        &self,
        target: &Target,
        before: &Snapshot,
        again: bool,
        within: Duration,
    ) -> Result<Effect<Snapshot>, PlayerError> {
        let mut shown_since = None;
        self.effect(target, within, |now| {
            let new = is_new(now, before, &Expected::Change) || again && now.track.is_some();
            if !new || now.playback != Playback::Playing {
                shown_since = None;
                return None;
            }
            let since = *shown_since.get_or_insert_with(Instant::now);
            (now.begins() || since.elapsed() > TRUSTED_AFTER.min(within * 3 / 4))
                .then(|| now.clone())
        })
        .await
    }

    /// The name of the player's own playlist that plays, as far as can be known.
    pub(super) async fn playing_list(&self, target: &Target) -> Option<String> {
        if !target.view.playlists {
            return None;
        }
        if target.view.quirks().wrong_active_playlist {
            return lock(&self.activated).get(&target.view.bus_name).cloned();
        }
        target.peer.active_playlist().await
    }
}

fn same_but_for_case(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}
