//! Making MPD play something else, and making sure that it does.

use std::collections::HashSet;

use moodlark_catalogue::tr;
use moodlark_core::player::{
    Playback, PlayerView, Route,
    mpd::{NAME, uri_of},
    routes_for,
};
use tokio::time::Instant;

use super::{
    Inner, PlayerError, SavedState, Target, failed, queue,
    wanted::{Wanted, songs_of, wanted},
};
use crate::{
    mpd::{
        Client, MpdError,
        protocol::{Command, code},
        status::Status,
    },
    players::{
        Verified, Wanted as Asked,
        add::Added,
        commands::{EFFECT_WITHIN, Effect, Snapshot},
        entries::{Found, Source},
        lock,
        undo::told,
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
        &self,
        target: &Target,
        asked: &Asked,
        found: &Found,
        saved: &SavedState,
    ) -> Result<Verified, PlayerError> {
        let link = self.mpd_link()?;
        let (uri, route) = chosen(asked, &target.view, &link.playlists);
        let route =
            route.ok_or_else(|| PlayerError::NoRoute(tr!("MPD cannot open {uri}", uri = asked)))?;
        let (wanted, mut left_out) = wanted(&uri, found, &link).await?;

        let started = Instant::now();
        let mut client = self.mpd_client().await?;
        let old = queue::ids(&mut client)
            .await
            .map_err(|error| failed(&error))?;
        let loaded = match load(&mut client, &wanted, &old, &link.playlists).await {
            Ok(loaded) if !loaded.ids.is_empty() => loaded,
            // Nothing was played yet: taking out what was put in leaves all as it was.
            other => {
                self.take_back(&old).await;
                return Err(match other {
                    Err(error) => error,
                    Ok(nothing) => PlayerError::NoRoute(match nothing.refused {
                        Some(why) => tr!("MPD refuses {uri} ({why})", uri, why),
                        None => tr!("nothing in {uri} is a song that MPD has", uri),
                    }),
                });
            }
        };
        if let Wanted::Songs(songs) = &wanted {
            left_out.refused += songs.len().saturating_sub(loaded.ids.len()) as u64;
        }
        let ids = loaded.ids.iter().map(u32::to_string).collect();
        lock(&self.added).insert(NAME.into(), Added::of(ids));
        if let Some(why) = &loaded.refused {
            tracing::info!(why, "MPD does not take every song of {uri}");
        }
        let played = self
            .play_first(target, &mut client, &loaded.ids, saved)
            .await;
        let why = match played {
            Ok(Ok(now)) => {
                let took = started.elapsed();
                if let Err(error) = self.leave_out(client, &old).await {
                    tracing::warn!(%error, "songs of the old queue stay in MPD's");
                }
                let track = now.track.unwrap_or_default();
                let verified = Verified {
                    bus_name: NAME.into(),
                    route,
                    took,
                    title: track.title,
                    url: track.url,
                    left_out,
                };
                tracing::debug!(?verified, "opened");
                return Ok(verified);
            }
            Ok(Err(why)) => why,
            // The connection broke; perhaps MPD is there still, and the old queue is.
            Err(error) => {
                if let Err(also) = self.mpd_back(target, saved).await {
                    tracing::warn!(error = %also, "what MPD played before could not be brought back");
                }
                return Err(error);
            }
        };
        let mut sentence = tr!("MPD was asked to play {uri} and did not ({why})", uri, why);
        sentence.push_str(&told(&self.mpd_back(target, saved).await));
        Err(PlayerError::NotVerified(sentence))
    }

    /// Puts songs to the end of the queue, and answers with how many MPD took.
    pub(in crate::players) async fn mpd_append(
        &self,
        sources: Vec<Source>,
    ) -> Result<usize, PlayerError> {
        let link = self.mpd_link()?;
        let songs = songs_of("what is appended", sources, &link).await?;
        let mut client = self.mpd_client().await?;
        let added = add(&mut client, &songs)
            .await
            .map_err(|error| failed(&error))?;
        if let Some(why) = &added.refused {
            tracing::info!(why, "MPD does not take every song that is appended");
        }
        let mut all = lock(&self.added);
        let ours = all.entry(NAME.into()).or_default();
        ours.more(added.ids.iter().map(u32::to_string));
        Ok(added.ids.len())
    }

    /// Plays the first of the new songs. Answers with what then plays, or with what happened instead.
    async fn play_first(
        &self,
        target: &Target,
        client: &mut Client,
        songs: &[u32],
        saved: &SavedState,
    ) -> Result<Result<Snapshot, String>, PlayerError> {
        let first = first_of(songs, saved);
        match client.ask(Command::new("playid").arg(first)).await {
            Ok(_) => {}
            Err(error) if error.is_refusal() => return Ok(Err(error.to_string())),
            Err(error) => return Err(failed(&error)),
        }
        let ours: HashSet<String> = songs.iter().map(u32::to_string).collect();
        let plays = |now: &Snapshot| {
            let track = now.track.as_ref();
            let ours = track.is_some_and(|track| ours.contains(&track.id));
            // Paused: by the user, in this very moment.
            (ours && (now.moves() || now.playback == Playback::Paused)).then(|| now.clone())
        };
        match self.effect(target, EFFECT_WITHIN, plays).await? {
            Effect::Seen(now) => Ok(Ok(now)),
            Effect::Missing(now) => {
                let said = said(client).await;
                let said = said.map(|why| tr!("; it says: {why}", why));
                let said = said.unwrap_or_default();
                Ok(Err(format!("{}{said}", now.described())))
            }
        }
    }

    /// Takes songs out of the queue; if the connection breaks, on another.
    async fn leave_out(&self, mut client: Client, songs: &[u32]) -> Result<(), PlayerError> {
        match queue::take_out(&mut client, songs).await {
            Err(error) if !error.is_refusal() => {
                let mut client = self.mpd_client().await?;
                queue::take_out(&mut client, songs).await
            }
            done => done,
        }
        .map_err(|error| failed(&error))
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

/// By which URI, and by which way. A playlist that MPD has under its name goes before what is elsewhere.
fn chosen(asked: &Asked, mpd: &PlayerView, stored: &[String]) -> (String, Option<Route>) {
    let uri = asked.uri.clone().unwrap_or_default();
    let by_uri = routes_for(mpd, &uri).into_iter().next();
    match &asked.in_player {
        Some(name) if stored.contains(name) || by_uri.is_none() => {
            (uri_of(name), Some(Route::MpdPlaylist))
        }
        _ => (uri, by_uri),
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
