//! Spotify as the tests play it: the accounts server and the Web API, with every defect and error that the real
//! ones were seen with, and a desktop client on the session bus beside them.
//!
//! | module | noun |
//! |---|---|
//! | [`api`] | the Web API |
//! | [`accounts`] | signing in, and tokens |
//! | [`contract`] | requests and answers held against the published schema |
//! | [`http`] | just enough of HTTP/1.1 |
//! | [`player`] | the desktop client, on MPRIS |
//! | [`world`] | what the played Spotify knows, and how it misbehaves |

pub mod accounts;
pub mod api;
pub mod contract;
pub mod http;
pub mod player;
pub mod world;

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use tokio::{net::TcpListener, sync::watch, task::AbortHandle};

pub use player::Client;
pub use world::{Device, Misbehaves, World};

use http::{Answer, Request};

/// A request and its answer, as they went over the wire.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// Its answer.
    pub answer: Answer,
    /// The answer is wrong on purpose.
    pub spoilt: bool,
}

/// The played Spotify; ends when dropped.
#[derive(Debug)]
pub struct Fake {
    shared: Shared,
    port: u16,
    serving: AbortHandle,
}

/// What the server, the client and the test share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    world: Arc<Mutex<World>>,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    /// Something that the client shows has changed.
    changed: watch::Sender<u64>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fake {
    /// Starts both servers on one port of 127.0.0.1.
    ///
    /// # Errors
    /// If there is no port.
    pub async fn start() -> Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = socket.local_addr()?.port();
        let shared = Shared {
            world: Arc::default(),
            exchanges: Arc::default(),
            changed: watch::Sender::new(0),
        };
        let serving = tokio::spawn(http::serve(socket, shared.clone())).abort_handle();
        Ok(Self {
            shared,
            port,
            serving,
        })
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it knows, to look at and to change. Not to be held over an `await`.
    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.shared.world)
    }

    /// Tells the client on the bus that the world was changed by hand.
    pub fn announce(&self) {
        self.shared.announce();
    }

    /// Everything that was asked since the start, or since the last time this was asked to forget.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.shared.exchanges).clone()
    }

    /// `PUT /v1/me/player/play` and so on, in order, without sign-ins' pages.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        let all = self.exchanges();
        let calls = all
            .iter()
            .filter(|exchange| !exchange.request.path.starts_with("/authorize"));
        calls
            .map(|exchange| format!("{} {}", exchange.request.method, exchange.request.path))
            .collect()
    }

    /// Forgets what was asked, once it was held against the schema; gives how many calls there were.
    ///
    /// # Errors
    /// What the schema finds.
    pub fn forget(&self) -> Result<usize> {
        self.keeps_contract()?;
        let count = self.calls().len();
        lock(&self.shared.exchanges).clear();
        Ok(count)
    }

    /// Holds everything that was asked and answered against the published schema, where it is there.
    ///
    /// # Errors
    /// What differs, and where.
    pub fn keeps_contract(&self) -> Result<()> {
        contract::check(&self.exchanges())
    }

    /// Says yes on the sign-in page, as the user's browser does, and follows it back. Gives the address that it
    /// came back to, whether or not anybody listens there.
    ///
    /// # Errors
    /// If the page says no.
    pub async fn say_yes(&self, page: &str) -> Result<String> {
        let there = http::get(page).await?;
        there
            .location
            .ok_or_else(|| anyhow::anyhow!("the page says {}: {}", there.status, there.body))
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.serving.abort();
        if !std::thread::panicking()
            && let Err(error) = self.keeps_contract()
        {
            panic!("{error:#}");
        }
    }
}

impl Shared {
    fn announce(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}
