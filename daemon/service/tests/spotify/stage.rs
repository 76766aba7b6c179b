//! The real moodlarkd with a played Spotify and its client on the bus.

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use moodlark_api::Dict;
use moodlark_tests::{
    service::{Service, Setup},
    session::Session,
    spotify::{
        Client, Fake, http,
        world::{CALM, CLIENT_ID},
    },
};

pub(crate) const NEEDS: [&str; 2] = ["moodlarkd", "sox"];

pub(crate) struct Stage {
    /// Its bus ends with it.
    _session: Session,
    pub(crate) bus: zbus::Connection,
    pub(crate) address: String,
    pub(crate) fake: Fake,
    pub(crate) client: Client,
    pub(crate) setup: Setup,
    pub(crate) service: Service,
}

pub(crate) fn config(more: &str) -> String {
    format!(
        r#"[camera]
enabled = false

[decide]
dwell = "0s"
cooldown = "0s"

[spotify]
client-id = "{CLIENT_ID}"
{more}

[[playlist]]
name = "Concentrate"
spotify = "Focus"
mood = "happy"

[[playlist]]
name = "Rest"
uri = "spotify:playlist:{CALM}"
mood = "sad"
"#
    )
}

impl Stage {
    pub(crate) async fn start() -> Result<Self> {
        Self::on(Session::start().await?).await
    }

    pub(crate) async fn on(session: Session) -> Result<Self> {
        let fake = Fake::start().await?;
        let client = Client::start(&session.bus, &fake).await?;
        let mut setup = session.service()?.with_spotify(&fake);
        setup.filter =
            "trace,rspotify=trace,rspotify_http=trace,hyper=trace,h2=trace,reqwest=trace".into();
        setup.configure(&config(""))?;
        let service = setup.start().await?;
        Ok(Self {
            bus: session.connection.clone(),
            address: session.bus.address().to_owned(),
            _session: session,
            fake,
            client,
            setup,
            service,
        })
    }

    pub(crate) async fn signed_in() -> Result<Self> {
        let stage = Self::start().await?;
        stage.sign_in().await?;
        stage.fake.forget()?;
        Ok(stage)
    }

    pub(crate) async fn sign_in(&self) -> Result<()> {
        let spotify = self.service.spotify().await?;
        let mut ends = spotify.receive_sign_in_ended().await?;
        let page = spotify.login().await?;
        let back = self.fake.say_yes(&page).await?;
        assert_eq!(http::get(&back).await?.status, 200);
        let ended = ends.next().await.context("the service ended")?;
        let ended = ended.args()?;
        if !ended.signed_in {
            bail!("{}", ended.sentence);
        }
        Ok(())
    }

    pub(crate) async fn apply(&self, name: &str) -> Result<Dict> {
        Ok(self.service.music().await?.apply(name).await?)
    }

    pub(crate) fn plays(&self, list: &str) -> bool {
        self.fake.world().playing.context.as_deref() == Some(&*format!("spotify:playlist:{list}"))
    }

    pub(crate) fn log_has(&self, text: &str) -> usize {
        self.setup.log().matches(text).count()
    }
}

pub(crate) async fn spotify_status(stage: &Stage) -> Result<Dict> {
    Ok(stage.service.spotify().await?.status().await?)
}
