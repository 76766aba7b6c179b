//! The service on the bus: one file an interface, all of them thin. A property is read from the
//! last [`View`]; a method is a [`Call`] to the main loop, which answers it.

mod announce;
mod camera;
pub mod dict;
mod errors;
pub(crate) mod library;
mod mood;
mod music;
mod policy;
mod service;
mod spotify;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use moodlark_api::{BUS_NAME, Dict, OBJECT_PATH, error::Error};
use moodlark_catalogue::tr;
use moodlark_core::{
    Timestamp,
    engine::{Request, View},
};
use tokio::sync::{mpsc, oneshot, watch};
use zbus::{connection, fdo::RequestNameFlags};

pub use announce::Announcer;
pub use errors::{of_player, of_refusal, sentence, to_outcome};
pub use library::Library1;
pub use spotify::Spotify1;

/// What the bus asks of the main loop. Each carries the way back.
#[derive(Debug)]
pub enum Call {
    /// A request of the engine's, answered when it has been carried out.
    Request(Request, Reply<Answer>),
    /// The user's yes or no to the camera; written to the configuration.
    EnableCamera(bool, Reply<()>),
    /// A note for the journal.
    Note(String, Reply<()>),
    /// The last decision as JSON.
    Explain(Reply<String>),
    /// The journal.
    History(Timestamp, Timestamp, Reply<Vec<Dict>>),
    /// The players.
    Players(Reply<Vec<Dict>>),
    /// The playlists.
    Playlists(Reply<Vec<Dict>>),
    /// The playlists that players have themselves.
    PlayersPlaylists(Reply<Vec<Dict>>),
    /// The configuration file, made where there is none.
    ConfigFile(Reply<String>),
    /// Read the configuration again.
    Reload(Reply<()>),
    /// The video devices.
    Devices(Reply<Vec<Dict>>),
    /// Check everything.
    Doctor(Reply<Vec<Dict>>),
}

/// The way back to who called.
pub type Reply<T> = oneshot::Sender<Result<T, Error>>;

/// What a request may be answered with.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is done.
    Done,
    /// A reading, or what a calibration learnt, as JSON.
    Json(String),
    /// A switch, or what an undo restored.
    Dict(Dict),
}

/// What every interface holds.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    calls: mpsc::Sender<Call>,
    view: watch::Receiver<Arc<View>>,
}

impl Desk {
    fn view(&self) -> Arc<View> {
        self.view.borrow().clone()
    }

    async fn call<T>(&self, make: impl FnOnce(Reply<T>) -> Call) -> Result<T, Error> {
        let stopping = || {
            Error::Stopping(tr!(
                "Moodlark is about to end; start it again and try then."
            ))
        };
        let (reply, answer) = oneshot::channel();
        self.calls.send(make(reply)).await.map_err(|_| stopping())?;
        answer.await.map_err(|_| stopping())?
    }

    async fn request(&self, request: Request) -> Result<Answer, Error> {
        self.call(|reply| Call::Request(request, reply)).await
    }

    /// A request that is answered with JSON.
    async fn json(&self, request: Request) -> Result<String, Error> {
        match self.request(request).await? {
            Answer::Json(json) => Ok(json),
            Answer::Done | Answer::Dict(_) => Ok(String::new()),
        }
    }

    async fn done(&self, request: Request) -> Result<(), Error> {
        self.request(request).await.map(|_| ())
    }
}

/// Connects and serves the object; the name is not taken yet.
///
/// # Errors
/// If there is no session bus.
pub async fn serve(
    calls: mpsc::Sender<Call>,
    view: watch::Receiver<Arc<View>>,
) -> Result<zbus::Connection> {
    let desk = Desk { calls, view };
    connection::Builder::session()
        .serve_at(OBJECT_PATH, mood::Mood1(desk.clone()))
        .serve_at(OBJECT_PATH, camera::Camera1(desk.clone()))
        .serve_at(OBJECT_PATH, policy::Policy1(desk.clone()))
        .serve_at(OBJECT_PATH, music::Music1(desk.clone()))
        .serve_at(OBJECT_PATH, service::Service1(desk))
        .build()
        .await
        .context("joining the session bus")
}

/// Serves an interface beside them, one that needs nothing of the main loop.
///
/// # Errors
/// If the bus is gone.
pub async fn serve_beside(
    connection: &zbus::Connection,
    interface: impl zbus::object_server::Interface,
) -> Result<()> {
    let served = connection.object_server().at(OBJECT_PATH, interface).await;
    served.context("serving an interface")?;
    Ok(())
}

/// How long a name that is taken is asked for again: the bus needs a moment to notice that the
/// last instance was killed.
const NAME_TRIES: u32 = 5;

/// Takes the name: from now on the service can be found, so all it needs must be there.
///
/// # Errors
/// If another Moodlark owns it, or the bus refuses.
pub async fn take_name(connection: &zbus::Connection) -> Result<()> {
    for _ in 0..NAME_TRIES {
        match connection
            .request_name_with_flags(BUS_NAME, RequestNameFlags::DO_NOT_QUEUE)
            .await
        {
            Ok(_) => return Ok(()),
            Err(zbus::Error::NameTaken) => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => return Err(error).context("taking the name on the session bus"),
        }
    }
    bail!(
        "another Moodlark runs on this session's bus; `moodlark status` asks it, \
         `systemctl --user stop moodlarkd` ends it"
    )
}
