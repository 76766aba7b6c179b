//! Making a switch, and undoing one, in tasks of their own: the journal first, then the player.

use std::time::Duration;

use moodlark_api::{Dict, error::Error};
use moodlark_catalogue::tr;
use moodlark_core::{
    decide::Plan,
    engine::{Event, SwitchRecord},
    playlist::Location,
    policy::Origin,
    transition::Manner,
};

use super::{App, Inside, SharedJournal, lock};
use crate::{
    bus::{Answer, dict, of_player, to_outcome},
    clock,
    library::{self, Library},
    paths,
    players::{ListEntry, Players, Restored, SavedState, Wanted, list_with},
    spotify::{self, WebApi},
};

impl App {
    pub(super) fn start_switch(&self, plan: Plan, manner: Manner) {
        let fade = (manner == Manner::Fade).then_some(self.engine.settings().player.fade_for);
        let (players, spotify, library, journal, inside) = (
            self.players.clone(),
            self.spotify.clone(),
            self.library.clone(),
            self.journal.clone(),
            self.inside.clone(),
        );
        let lists = self.engine.playlists().iter();
        let lists: Vec<Known> = lists
            .filter_map(|list| {
                let uri = paths::uri_of(&list.location).ok()?;
                Some((uri, list.in_player.clone()))
            })
            .collect();
        tokio::spawn(async move {
            let outcome = switch(&players, &spotify, &library, &journal, &plan, lists, fade).await;
            let _ = inside.send(Inside::Switched(plan, outcome)); // the service ends
        });
    }

    pub(super) async fn switched(&mut self, plan: Plan, outcome: Result<SwitchRecord, Error>) {
        match &outcome {
            Ok(record) => {
                tracing::info!(
                    "{} was switched by {} in {} ms",
                    record.player,
                    record.route,
                    record.took_ms
                );
                self.demo.verified(record);
            }
            Err(error) => {
                tracing::warn!("the switch failed: {error}");
                self.demo.failed(&crate::bus::sentence(error));
            }
        }
        let event = Event::Switched {
            plan,
            outcome: outcome.as_ref().map(Clone::clone).map_err(to_outcome),
        };
        self.handle(event).await;
        if let Ok(record) = &outcome {
            self.announce(record).await;
            if self.options.once.is_some() {
                println!("{}", self.demo.result(record));
                self.finished = Some(Ok(()));
            }
        } else if let (Err(error), Some(_)) = (&outcome, self.options.once) {
            self.finished = Some(Err(anyhow::anyhow!(
                "the switch failed: {}",
                crate::bus::sentence(error)
            )));
        }
        if let Some(reply) = self.waiting_switch.take() {
            let _ = reply.send(outcome.map(|record| Answer::Dict(dict::of_switch(&record))));
        }
    }

    pub(super) fn start_undo(&self, switch: SwitchRecord) {
        let (players, spotify, journal, inside) = (
            self.players.clone(),
            self.spotify.clone(),
            self.journal.clone(),
            self.inside.clone(),
        );
        tokio::spawn(async move {
            let outcome = undo(&players, &spotify, &journal, &switch).await;
            let _ = inside.send(Inside::Undone(switch, outcome)); // the service ends
        });
    }

    pub(super) async fn undone(&mut self, switch: SwitchRecord, outcome: Result<Restored, Error>) {
        match &outcome {
            Ok(restored) => self.demo.undone(&restored.restored),
            Err(error) => {
                tracing::warn!("the undo failed: {error}");
                self.demo.failed(&crate::bus::sentence(error));
            }
        }
        let event = Event::Undone {
            id: switch.id,
            outcome: outcome
                .as_ref()
                .map(|restored| restored.not_restored.clone())
                .map_err(to_outcome),
        };
        self.handle(event).await;
        if outcome.is_ok() {
            self.announce(&SwitchRecord {
                undone: true,
                ..switch.clone()
            })
            .await;
        }
        if let Some(reply) = self.waiting_undo.take() {
            let _ =
                reply.send(outcome.map(|restored| Answer::Dict(of_restored(&switch, &restored))));
        }
    }

    async fn announce(&self, record: &SwitchRecord) {
        if let Err(error) = self.announcer.switched(record).await {
            tracing::warn!("the switch could not be announced: {error:#}");
        }
    }
}

fn of_restored(switch: &SwitchRecord, restored: &Restored) -> Dict {
    dict::of([
        ("player", switch.player.as_str().into()),
        ("playlist", switch.playlist.as_str().into()),
        ("restored", restored.restored.clone().into()),
        ("not-restored", restored.not_restored.clone().into()),
    ])
}

/// The answer to an undo of what was not made yet.
pub(super) fn of_withdrawn(plan: &Plan) -> Dict {
    dict::of([
        ("player", plan.player.as_str().into()),
        ("playlist", plan.playlist.as_str().into()),
        ("withdrawn", true.into()),
        ("restored", Vec::<String>::new().into()),
        ("not-restored", Vec::<String>::new().into()),
    ])
}

fn storage(error: &anyhow::Error) -> Error {
    Error::Storage(tr!(
        "The journal could not be written, so nothing was touched: {error}.",
        error = format!("{:#}", error)
    ))
}

/// A playlist of the configuration: its URI, and its name within the player.
type Known = (String, Option<String>);

/// Saves the player's state to disk, changes the music, and writes down how it ended.
async fn switch(
    players: &Players,
    web_api: &WebApi,
    library: &Library,
    journal: &SharedJournal,
    plan: &Plan,
    lists: Vec<Known>,
    fade: Option<Duration>,
) -> Result<SwitchRecord, Error> {
    let at = clock::now().at;
    let web_api = &web_api.for_one_switch();
    let wanted = Wanted {
        uri: match &plan.location {
            Location::InPlayer(_) => None,
            Location::Library { target, from } => {
                let wish = library::Wish {
                    target: *target,
                    from: *from,
                    mood: plan.mood,
                    christmas: library.plays_christmas(clock::month()),
                };
                Some(own_list(players, &plan.playlist, &library.choose(wish).await?).await?)
            }
            location => Some(web_api.uri_of(location).await?),
        },
        in_player: plan.in_player.as_deref().map(Into::into),
    };
    let uri = wanted.uri.clone().unwrap_or_default();
    let last_opened = lock(journal)
        .last_opened(&plan.player)
        .map_err(|error| storage(&error))?;
    let mut saved = if spotify::is_elsewhere(&plan.player) {
        spotify::nothing_on_the_bus(&plan.player)
    } else {
        let saving = players.save(&plan.player, None).await;
        saving.map_err(|error| of_player(&error))?
    };
    // The list that the track comes from: ours, or one of the user's that they opened themselves.
    // mpv tells neither, and without it an undo could bring back the track alone.
    let uris = lists.iter().map(|(uri, _)| uri);
    let known: Vec<String> = last_opened.iter().chain(uris).cloned().collect();
    saved.last_opened = match saved.track.as_ref().map(|track| track.url.as_str()) {
        None | Some("") => last_opened,
        Some(url) => list_with(url, &known).await,
    };
    // And the same list by its name within the player, where the player doesn't tell (Strawberry).
    saved.active_playlist = saved.active_playlist.or_else(|| {
        let (_, in_player) = lists
            .iter()
            .find(|(uri, _)| Some(uri) == saved.last_opened.as_ref())?;
        in_player.clone()
    });
    saved.fading = fade.is_some();
    saved.spotify = web_api.save(players, &plan.player, &uri).await;
    // Whoever asks for music wants it, whatever happened meanwhile.
    if plan.origin != Origin::Request && !spotify::is_elsewhere(&plan.player) {
        let untouched = players.untouched_since(&saved);
        untouched.await.map_err(|error| of_player(&error))?;
    }
    let saved_json = serde_json::to_string(&saved).map_err(|error| storage(&error.into()))?;
    let id = lock(journal)
        .begin_switch(at, plan, &uri, &saved_json)
        .map_err(|error| storage(&error))?;
    let opened = web_api.open(players, &plan.player, wanted, &saved, fade);
    match opened.await {
        Ok(verified) => {
            let record = SwitchRecord {
                id,
                at,
                player: plan.player.clone(),
                playlist: plan.playlist.clone(),
                uri,
                route: verified.route.name(),
                why: plan.why.clone(),
                mood: plan.mood,
                title: verified.title.clone(),
                verified: true,
                took_ms: u64::try_from(verified.took.as_millis()).unwrap_or(u64::MAX),
                undone: false,
                left_out: verified.left_out,
            };
            if let Err(error) = lock(journal).end_switch(&record) {
                tracing::error!("the switch could not be written down: {error:#}");
            }
            Ok(record)
        }
        Err(error) => {
            if let Err(error) = lock(journal).fail_switch(id, &error.to_string()) {
                tracing::error!("the failure could not be written down: {error:#}");
            }
            Err(of_player(&error))
        }
    }
}

async fn undo(
    players: &Players,
    spotify: &WebApi,
    journal: &SharedJournal,
    switch: &SwitchRecord,
) -> Result<Restored, Error> {
    let gone = || Error::NothingToUndo(tr!("What played before is no longer in the journal."));
    let saved = lock(journal)
        .saved_before(switch.id)
        .map_err(|error| storage(&error))?
        .ok_or_else(gone)?;
    let saved: SavedState = serde_json::from_str(&saved).map_err(|_| gone())?;
    let restored = spotify
        .undo(players, &saved)
        .await
        .map_err(|error| of_player(&error))?;
    let text = restored.restored.join(", ");
    if let Err(error) = lock(journal).undo_switch(switch.id, clock::now().at, &text) {
        tracing::error!("the undo could not be written down: {error:#}");
    }
    Ok(restored)
}

/// Writes the tracks that were chosen as a list, and answers with its URI.
async fn own_list(
    players: &Players,
    name: &str,
    chosen: &[library::Chosen],
) -> Result<String, Error> {
    let entries = chosen.iter().map(|chosen| ListEntry {
        path: chosen.row.path.as_str().into(),
        title: chosen.row.title.clone(),
        artist: chosen.row.artist.clone(),
        duration: Some(chosen.row.duration).filter(|span| !span.is_zero()),
    });
    let list = players.write_list(name, entries.collect()).await;
    list.map(|list| list.uri).map_err(|error| of_player(&error))
}
