//! The same checks without a running service: what `moodlarkd --doctor` prints.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use moodlark_api::{Dict, OwnedVariant};
use moodlark_catalogue::tr;
use moodlark_core::{engine::Engine, settings::Settings};

use super::{Facts, examine};
use crate::{
    app::{self, Options},
    clock,
    config_file::ConfigFile,
    journal::Journal,
    mpd::places::Environment,
    players::{MpdState, Players},
};

/// How long the bus and the players may take.
const ANSWER: Duration = Duration::from_millis(1500);

/// Checks what can be checked without the service, and answers with a JSON array of objects with
/// the keys of [`moodlark_api::Service1Proxy::doctor`]. Starts and changes nothing.
///
/// # Errors
/// If the answer cannot be made; what is found is in the answer.
pub async fn examine_alone(options: &Options) -> Result<String> {
    let mut config = ConfigFile::new(options.config.clone());
    let (settings, config_problem) = match config.read() {
        Ok(settings) => (settings, None),
        Err(error) => (Settings::default(), Some(error.summary())),
    };
    let engine = Engine::new(
        settings.clone(),
        app::expression_model()?,
        moodlark_core::engine::State::default(),
        clock::now(),
    );
    let bus = match tokio::time::timeout(ANSWER, zbus::Connection::session()).await {
        Ok(Ok(bus)) => Ok(bus),
        Ok(Err(error)) => Err(tr!("there is no session bus ({error})", error)),
        Err(_) => Err(tr!("the session bus does not answer")),
    };
    let (active, mpd) = match &bus {
        Ok(bus) => active(bus, &settings).await,
        Err(why) => (Err(why.clone()), MpdState::Off),
    };
    let (spotify, _) = crate::spotify::WebApi::start(bus.clone().ok(), &options.state_dir)?;
    spotify.configure(&settings.spotify);
    let spotify = spotify.status().await;
    let facts = Facts {
        spotify,
        sense: options.sense.clone(),
        config: options.config.clone(),
        config_problem,
        journal: Journal::examine(&options.state_dir).map_err(|error| format!("{error:#}")),
        state_dir: options.state_dir.clone(),
        running: false,
        bus,
        active,
        mpd,
        view: engine.view(clock::now()),
        playlists: engine.playlists().to_vec(),
        settings,
        gates: BTreeMap::new(),
    };
    let checks: Vec<_> = examine(facts).await.iter().map(plain).collect();
    serde_json::to_string(&checks).context("writing what was found")
}

/// The player to act on, once all have answered, and what is known of MPD.
async fn active(
    bus: &zbus::Connection,
    settings: &Settings,
) -> (Result<moodlark_core::player::PlayerView, String>, MpdState) {
    let clock = Arc::new(|| clock::now().at);
    let started = Players::start(bus.clone(), settings.player.clone(), clock).await;
    let (players, mut events) = match started {
        Ok(started) => started,
        Err(error) => return (Err(error.to_string()), MpdState::Off),
    };
    players
        .follow_mpd(settings.mpd.clone(), Environment::read())
        .await;
    let met = || players.views().iter().all(|view| !view.identity.is_empty());
    let meet = async {
        // The first event tells of those that are there.
        while events.recv().await.is_some() && !met() {}
    };
    if tokio::time::timeout(ANSWER, meet).await.is_err() {
        tracing::debug!("a player has not answered");
    }
    let active = players.active().map_err(|error| error.to_string());
    (active, players.mpd())
}

/// All values of a check are text.
fn plain(check: &Dict) -> serde_json::Value {
    let text = |value: &OwnedVariant| {
        value
            .try_clone()
            .ok()
            .and_then(|value| String::try_from(value).ok())
            .unwrap_or_default()
    };
    check
        .iter()
        .map(|(key, value)| (key.clone(), serde_json::Value::from(text(value))))
        .collect()
}
