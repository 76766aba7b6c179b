//! Making MPD play something else, and making sure that it does.

use std::{collections::HashSet, sync::Arc};

use moodlark_catalogue::tr;
use moodlark_core::player::{
    Playback,
    mpd::{IDENTITY, NAME},
};
use tokio::time::Instant;

use super::{
    Inner, PlayerError, SavedState, failed, queue,
    wanted::{Wanted, wanted},
};
use crate::{
    mpd::{
        Client, MpdError,
        protocol::{Command, code},
        status::Status,
    },
    players::{
        Verified,
        commands::{EFFECT_WITHIN, Effect},
    },
};

/// Songs at the end of the queue, and what stopped further ones.
struct Loaded {
    ids: Vec<u32>,
    refused: Option<String>,
}

impl Inner {
    /// See [`crate::players::Players::open`].
    pub(in crate::players) async fn mpd_open(
        self: &Arc<Self>,
        uri: &str,
        saved: &SavedState,
    ) -> Result<Verified, PlayerError> {
        let _turn = self.commanding.lock().await;
        let target = self.target(NAME)?;
        let link = self.mpd_link()?;
        let wanted = wanted(uri, &link).await?;
        let route = self.routes(&target, &uri.into())?.into_iter().next();
        let route = route.ok_or_else(|| PlayerError::NoRoute(tr!("MPD cannot open {uri}", uri)))?;
        let _ours = self.ours(NAME);

        let started = Instant::now();
        let mut client = self.mpd_client().await?;
        let gone = |error: MpdError| failed(&error);
        let old = queue::ids(&mut client).await.map_err(gone)?;
        let loaded = load(&mut client, &wanted, &old, &link.playlists).await;
        let loaded = match loaded {
            Ok(loaded) if !loaded.ids.is_empty() => loaded,
            // Nothing was played yet: taking out what was put in leaves all as it was.
            other => {
                self.take_back(&old).await;
                return Err(match other {
                    Err(error) => error,
                    Ok(nothing) => PlayerError::NoRoute(match nothing.refused {
                        Some(why) => format!("{IDENTITY} refuses {uri} ({why})"),
                        None => tr!("nothing in {uri} is a song that MPD has", uri),
                    }),
                });
            }
        };
        if let Some(why) = &loaded.refused {
            tracing::info!(why, "MPD does not take every song of {uri}");
        }

        let first = first_of(&loaded.ids, saved);
        let refused = match client.ask(Command::new("playid").arg(first)).await {
            Ok(_) => None,
            Err(error) if error.is_refusal() => Some(error.to_string()),
            Err(error) => return Err(failed(&error)),
        };
        let ours: HashSet<String> = loaded.ids.iter().map(u32::to_string).collect();
        let plays = |now: &crate::players::commands::Snapshot| {
            let ours = now
                .track
                .as_ref()
                .is_some_and(|track| ours.contains(&track.id));
            // Paused: by the user, in this very moment.
            (ours && (now.moves() || now.playback == Playback::Paused)).then(|| now.clone())
        };
        let within = if refused.is_some() {
            std::time::Duration::ZERO
        } else {
            EFFECT_WITHIN
        };
        match self.effect(&target, within, plays).await? {
            Effect::Seen(now) => {
                let took = started.elapsed();
                if let Err(error) = queue::take_out(&mut client, &old).await {
                    tracing::warn!(%error, "songs of the old queue stay in MPD's");
                }
                let track = now.track.unwrap_or_default();
                let verified = Verified {
                    bus_name: NAME.into(),
                    route,
                    took,
                    title: track.title,
                    url: track.url,
                };
                tracing::debug!(?verified, "opened");
                Ok(verified)
            }
            Effect::Missing(now) => {
                let said = match refused {
                    Some(why) => Some(why),
                    None => said(&mut client).await,
                };
                let mut sentence = tr!(
                    "MPD was asked to play {uri} and did not ({now}{said})",
                    uri,
                    now = now.described(),
                    said = said
                        .map(|why| format!("; it says: {why}"))
                        .unwrap_or_default()
                );
                sentence.push_str(&match self.mpd_back(&target, saved).await {
                    Ok(restored) if restored.not_restored.is_empty() => {
                        tr!("; what it played before is back")
                    }
                    Ok(restored) => tr!(
                        "; what it played before is back, but for {missing}",
                        missing = restored.not_restored.join(", ")
                    ),
                    Err(error) => {
                        tr!(
                            "; what it played before could not be brought back: {error}",
                            error
                        )
                    }
                });
                Err(PlayerError::NotVerified(sentence))
            }
        }
    }

    /// Leaves only these songs in the queue, on a connection of its own: the last one may be broken.
    async fn take_back(&self, old: &[u32]) {
        let taken = async {
            let mut client = self.mpd_client().await?;
            let there = queue::ids(&mut client)
                .await
                .map_err(|error| failed(&error))?;
            let new: Vec<u32> = there.into_iter().filter(|id| !old.contains(id)).collect();
            queue::take_out(&mut client, &new)
                .await
                .map_err(|error| failed(&error))
        };
        if let Err(error) = taken.await {
            tracing::warn!(%error, "songs that were not played stay at the end of MPD's queue");
        }
    }
}

/// Where the order is random, so is the beginning, as it is when MPD itself begins.
fn first_of(ids: &[u32], saved: &SavedState) -> u32 {
    let random = saved.mpd.as_ref().is_some_and(|queue| queue.options.random);
    let count = ids.len().max(1);
    let by_chance = usize::try_from(saved.at.0.unsigned_abs()).unwrap_or(0) % count;
    let place = if random { by_chance } else { 0 };
    ids.get(place).copied().unwrap_or_default()
}

/// Why it stopped by itself.
async fn said(client: &mut Client) -> Option<String> {
    let answer = client.ask(Command::new("status")).await.ok()?;
    Status::of(&answer).error
}

/// Puts what is wanted to the end of the queue.
async fn load(
    client: &mut Client,
    wanted: &Wanted,
    old: &[u32],
    stored: &[String],
) -> Result<Loaded, PlayerError> {
    let gone = |error: MpdError| failed(&error);
    match wanted {
        Wanted::Songs(uris) => add(client, uris).await.map_err(gone),
        Wanted::Stored(name) => match client.ask_long(Command::new("load").arg(name)).await {
            Ok(_) => loaded(client, old).await.map_err(gone),
            Err(error) if error.is(code::NO_EXIST) => Err(PlayerError::PlaylistUnreadable(tr!(
                "MPD has no stored playlist called “{name}”; {known}",
                name,
                known = known(stored)
            ))),
            Err(error) => Err(failed(&error)),
        },
        // A list of stations is loaded, a station is added; the ending tells, as far as it does.
        Wanted::Stream(url) => {
            if is_list(url)
                && client.ask_long(Command::new("load").arg(url)).await.is_ok()
                && let Ok(found) = loaded(client, old).await
                && !found.ids.is_empty()
            {
                return Ok(found);
            }
            add(client, std::slice::from_ref(url)).await.map_err(gone)
        }
    }
}

async fn add(client: &mut Client, uris: &[String]) -> Result<Loaded, MpdError> {
    let added = queue::add(client, uris).await?;
    Ok(Loaded {
        ids: added.ids.into_iter().flatten().collect(),
        refused: added.refused,
    })
}

/// What `load` put there: it doesn't say.
async fn loaded(client: &mut Client, old: &[u32]) -> Result<Loaded, MpdError> {
    let old: HashSet<&u32> = old.iter().collect();
    let ids = queue::ids(client).await?;
    Ok(Loaded {
        ids: ids.into_iter().filter(|id| !old.contains(id)).collect(),
        refused: None,
    })
}

fn is_list(url: &str) -> bool {
    let path = url
        .split(['?', '#'])
        .next()
        .unwrap_or(url)
        .to_ascii_lowercase();
    [".m3u", ".m3u8", ".pls", ".xspf"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

fn known(stored: &[String]) -> String {
    const SHOWN: usize = 10;
    match stored {
        [] => tr!("it has none at all"),
        few if few.len() <= SHOWN => tr!("it has {kept}", kept = few.join(", ")),
        many => tr!(
            "it has {many} and {number} more",
            many = many[..SHOWN].join(", "),
            number = many.len() - SHOWN
        ),
    }
}
