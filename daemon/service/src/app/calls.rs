//! Answering the bus.

use moodlark_api::{Dict, error::Error};
use moodlark_catalogue::tr;
use moodlark_config::ConfigError;
use moodlark_core::{
    Timestamp,
    engine::{Engine, Event, Notice},
    player::Usable,
    settings::Settings,
};

use super::{App, Inside};
use crate::{
    bus::{Call, dict},
    clock,
    config_file::ConfigFile,
    devices, doctor,
    journal::Journal,
    paths,
};

impl App {
    pub(super) async fn call(&mut self, call: Call) {
        // A reply that nobody waits for any more is no failure.
        match call {
            Call::Request(request, reply) => self.request(request, Some(reply)).await,
            Call::EnableCamera(enabled, reply) => {
                let answer = self.enable_camera(enabled).await;
                let _ = reply.send(answer);
            }
            Call::Note(text, reply) => {
                let written = self.journal().note(clock::now().at, &text);
                let _ = reply.send(written.map_err(|error| {
                    Error::Storage(tr!(
                        "The note could not be written: {error}.",
                        error = format!("{:#}", error)
                    ))
                }));
            }
            Call::Explain(reply) => {
                let _ = reply.send(Ok(explain(&self.engine, clock::now().at)));
            }
            Call::History(from, to, reply) => {
                let rows = self.journal().history(from, to);
                let dicts = rows.map(|rows| {
                    rows.iter()
                        .map(|row| {
                            dict::of([
                                ("at", row.at.0.into()),
                                ("kind", row.kind.as_str().into()),
                                ("summary", row.summary.as_str().into()),
                                ("data", row.data.as_str().into()),
                            ])
                        })
                        .collect()
                });
                let _ = reply.send(dicts.map_err(|error| {
                    Error::Storage(tr!(
                        "The journal could not be read: {error}.",
                        error = format!("{:#}", error)
                    ))
                }));
            }
            Call::Players(reply) => {
                let _ = reply.send(Ok(players(&self.engine)));
            }
            Call::Playlists(reply) => {
                let lists = self.engine.playlists();
                let dicts = lists
                    .iter()
                    .map(|list| dict::of_playlist(list, &paths::problem(&list.location)));
                let _ = reply.send(Ok(dicts.collect()));
            }
            Call::PlayersPlaylists(reply) => {
                let players = self.players.clone();
                tokio::spawn(async move {
                    let lists = players.own_playlists().await;
                    let _ = reply.send(Ok(lists.iter().map(dict::of_own_playlist).collect()));
                });
            }
            Call::ConfigFile(reply) => {
                let made = moodlark_config::make_file(self.config.path())
                    .map_err(|error| Error::Storage(error.summary()));
                let path = self.config.path().to_string_lossy().into_owned();
                let _ = reply.send(made.map(|()| path));
            }
            Call::Reload(reply) => {
                let answer = self.reload().await;
                let _ = reply.send(answer);
            }
            Call::Devices(reply) => {
                let sense = self.options.sense.clone();
                tokio::spawn(async move {
                    let _ = reply.send(devices::list(&sense).await);
                });
            }
            Call::Doctor(reply) => {
                let mut facts = doctor::Facts {
                    sense: self.options.sense.clone(),
                    settings: self.engine.settings().clone(),
                    config: self.config.path().to_owned(),
                    config_problem: self.config_problem.clone(),
                    journal: {
                        let journal = self.journal();
                        journal
                            .check()
                            .map(|finding| (journal.path().to_owned(), finding))
                            .map_err(|e| format!("{e:#}"))
                    },
                    state_dir: self.options.state_dir.clone(),
                    running: true,
                    bus: Ok(self.bus.clone()),
                    mpd: self.players.mpd(),
                    active: self.players.active().map_err(|error| error.to_string()),
                    view: self.engine.view(clock::now()),
                    playlists: self.engine.playlists().to_vec(),
                    gates: std::collections::BTreeMap::new(),
                    spotify: None,
                };
                let spotify = self.spotify.clone();
                let (inside, examining) = (self.inside.clone(), self.gates.examine());
                tokio::spawn(async move {
                    facts.gates = examining.await;
                    facts.spotify = spotify.status().await;
                    let checks = doctor::examine(facts).await;
                    let _ = inside.send(Inside::Examined(checks, reply)); // the service ends
                });
            }
        }
    }

    /// Writes the user's yes or no into the configuration, and follows it.
    pub(super) async fn enable_camera(&mut self, enabled: bool) -> Result<(), Error> {
        moodlark_config::set_camera_enabled(self.config.path(), enabled).map_err(|error| {
            match error {
                error @ moodlark_config::ConfigError::Invalid { .. } => {
                    Error::BadConfig(error.summary())
                }
                error => Error::Storage(error.summary()),
            }
        })?;
        self.reload().await
    }

    /// Keeps the settings for a start at which the file is broken.
    pub(super) fn keep_good(&self, settings: &Settings) {
        let kept = Settings {
            mpd: settings.mpd.without_password(),
            ..settings.clone()
        };
        let kept = serde_json::to_string(&kept).map_err(anyhow::Error::from);
        if let Err(error) = kept.and_then(|json| self.journal().save(LAST_GOOD, &json)) {
            tracing::warn!("the configuration could not be kept: {error:#}");
        }
    }

    /// The file was touched; reads it if it says something else now.
    pub(super) async fn config_touched(&mut self) {
        if self.config.has_changed() {
            let _ = self.reload().await; // told and logged there
        }
    }

    /// Reads the configuration. A wrong one is told, and the last good one goes on.
    pub(super) async fn reload(&mut self) -> Result<(), Error> {
        match self.config.read() {
            Ok(settings) => {
                tracing::info!("the configuration was read again");
                self.config_problem = None;
                self.keep_good(&settings);
                self.players.set_settings(settings.player.clone());
                self.players.set_mpd(settings.mpd.clone());
                self.spotify.configure(&settings.spotify);
                self.library.configure(&settings.library);
                self.spotify.check_age_soon();
                self.handle(Event::Configured(Box::new(settings))).await;
                Ok(())
            }
            Err(error) => {
                let summary = error.summary();
                tracing::error!("the configuration is wrong, the last good one goes on: {error}");
                let known = self.config_problem.replace(summary.clone());
                if self.engine.settings().camera.enabled && self.config.says_camera_off() {
                    tracing::warn!("the file says no to the camera: that counts at once");
                    let mut settings = self.engine.settings().clone();
                    settings.camera.enabled = false;
                    self.handle(Event::Configured(Box::new(settings))).await;
                }
                let now = clock::now();
                if known.as_ref() != Some(&summary) && self.engine.settings().notifications.failures
                {
                    self.tell(Notice::BadConfig(summary.clone()), now);
                }
                self.show(now).await;
                Err(Error::BadConfig(summary))
            }
        }
    }
}

/// Where the last good configuration is kept in the journal.
const LAST_GOOD: &str = "last-good-config";

/// The configuration to start with. Where the file is wrong, it is the last good one, with the
/// camera off (nobody can tell what the file was meant to say of it), and what is wrong.
///
/// # Errors
/// The file's, if there was no good one before.
pub(super) fn first_settings(
    config: &mut ConfigFile,
    journal: &Journal,
) -> Result<(Settings, Option<String>), ConfigError> {
    let error = match config.read() {
        Ok(settings) => return Ok((settings, None)),
        Err(error) => error,
    };
    let kept = journal.value(LAST_GOOD).ok().flatten();
    let Some(mut settings) = kept.and_then(|json| serde_json::from_str::<Settings>(&json).ok())
    else {
        return Err(error);
    };
    tracing::error!(
        "the configuration is wrong; the last good one goes on, the camera off: {error}"
    );
    settings.camera.enabled = false;
    Ok((settings, Some(error.summary())))
}

/// The last decision as JSON, its sentence as of now.
fn explain(engine: &Engine, at: Timestamp) -> String {
    let json = match engine.explained() {
        Some(explained) => serde_json::json!({
            "at": explained.at,
            "sentence": engine.why(at),
            "decision": explained.decision,
            "mood": explained.mood,
            "waits": engine.is_waiting(),
        }),
        None => serde_json::json!({
            "at": 0,
            "sentence": tr!("Nothing was decided yet: there was no look and no report since the start."),
            "decision": null,
            "mood": null,
            "waits": false,
        }),
    };
    json.to_string()
}

fn players(engine: &Engine) -> Vec<Dict> {
    let active = engine.active_player();
    engine
        .players()
        .iter()
        .map(|view| {
            let (usable, why) = match &view.usable {
                Usable::Yes => (true, ""),
                Usable::No { why } => (false, why.as_str()),
            };
            let track = view.track.clone().unwrap_or_default();
            let routes: Vec<String> = view
                .routes
                .iter()
                .map(moodlark_core::player::Route::name)
                .collect();
            dict::of([
                ("bus-name", view.bus_name.as_str().into()),
                ("identity", view.identity.as_str().into()),
                ("status", view.playback.name().into()),
                ("active", (active == Some(view.bus_name.as_str())).into()),
                ("usable", usable.into()),
                ("why", why.into()),
                ("title", track.title.as_str().into()),
                ("artist", track.artist.as_str().into()),
                ("url", track.url.as_str().into()),
                ("content", view.content.name().into()),
                ("routes", routes.into()),
            ])
        })
        .collect()
}
