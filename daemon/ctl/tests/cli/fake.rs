//! A service that answers from a script, and notes what it was asked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use moodlark_api::{BUS_NAME, Dict, OBJECT_PATH, OwnedVariant, Variant, error::Error};
use zbus::{Connection, connection, interface, object_server::SignalEmitter};

use crate::rig::Rig;

/// What the fake does when a method is called.
#[derive(Debug, Default)]
pub(crate) enum Mode {
    /// Answer.
    #[default]
    Answer,
    /// Fail the next call like this.
    Fail(Error),
    /// Never answer.
    Hang,
    /// Leave the bus instead of answering.
    Vanish,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// `method(arguments)`, in order.
    pub(crate) calls: Vec<String>,
    pub(crate) mode: Mode,
    pub(crate) enabled: bool,
    pub(crate) paused_until: i64,
    pub(crate) intent: String,
    /// What the next look finds, as JSON.
    pub(crate) reading: String,
    /// There is a client ID, and somebody is signed in to Spotify.
    pub(crate) spotify: bool,
}

pub(crate) type Shared = Arc<Mutex<State>>;

/// The fake on the bus; gone when dropped.
pub(crate) struct Fake {
    pub(crate) state: Shared,
    pub(crate) connection: Connection,
}

impl Fake {
    pub(crate) async fn start(rig: &Rig) -> Self {
        Self::at(&rig.address).await
    }

    pub(crate) async fn at(address: &str) -> Self {
        let state = Shared::new(Mutex::new(State {
            enabled: true,
            intent: "auto".into(),
            reading: r#"{"kind":"no_face"}"#.into(),
            ..State::default()
        }));
        let connection = connection::Builder::address(address)
            .serve_at(OBJECT_PATH, Mood1(state.clone()))
            .serve_at(OBJECT_PATH, Camera1(state.clone()))
            .serve_at(OBJECT_PATH, Policy1(state.clone()))
            .serve_at(OBJECT_PATH, Music1(state.clone()))
            .serve_at(OBJECT_PATH, Service1(state.clone()))
            .serve_at(OBJECT_PATH, Spotify1(state.clone()))
            .name(BUS_NAME)
            .build()
            .await
            .unwrap();
        Self { state, connection }
    }

    /// What was asked since the last time.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    pub(crate) fn mode(&self, mode: Mode) {
        self.state.lock().unwrap().mode = mode;
    }

    fn emitter(&self) -> SignalEmitter<'_> {
        SignalEmitter::new(&self.connection, OBJECT_PATH).unwrap()
    }

    /// `Mood1.Changed`.
    pub(crate) async fn change_mood(&self) {
        Mood1::changed(&self.emitter(), "sad", -0.5, -0.2, 0.7)
            .await
            .unwrap();
    }

    /// `Music1.Switched`.
    pub(crate) async fn switch(&self) {
        Music1::switched(&self.emitter(), switch()).await.unwrap();
    }

    /// `Camera1.Enabled` changes, by `PropertiesChanged`.
    pub(crate) async fn toggle_camera(&self) {
        {
            let mut state = self.state.lock().unwrap();
            state.enabled = !state.enabled;
        }
        self.announce_camera().await;
    }

    /// `PropertiesChanged` for `Camera1.Enabled`, whether or not it has changed.
    pub(crate) async fn announce_camera(&self) {
        let camera = self
            .connection
            .object_server()
            .interface::<_, Camera1>(OBJECT_PATH)
            .await
            .unwrap();
        camera
            .get()
            .await
            .enabled_changed(&self.emitter())
            .await
            .unwrap();
    }
}

/// Notes the call, and does as the mode says.
async fn called(state: &Shared, connection: &Connection, call: String) -> Result<(), Error> {
    let mode = {
        let mut state = state.lock().unwrap();
        state.calls.push(call);
        std::mem::take(&mut state.mode)
    };
    match mode {
        Mode::Answer => Ok(()),
        Mode::Fail(error) => Err(error),
        Mode::Hang => std::future::pending().await,
        Mode::Vanish => {
            connection.clone().close().await.unwrap();
            std::future::pending().await
        }
    }
}

pub(crate) fn dict<'a>(pairs: impl IntoIterator<Item = (&'a str, Variant<'a>)>) -> Dict {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), OwnedVariant::try_from(value).unwrap()))
        .collect()
}

fn switch() -> Dict {
    dict([
        ("id", 7_i64.into()),
        ("at", 1_795_219_200_000_i64.into()),
        ("player", "org.mpris.MediaPlayer2.mpv".into()),
        ("playlist", "Sunny side".into()),
        ("uri", "/m/sunny.m3u8".into()),
        ("route", "open-uri".into()),
        ("why", "you asked for it".into()),
        ("verified", true.into()),
        ("took-ms", 210_i64.into()),
        ("undone", false.into()),
    ])
}

struct Mood1(Shared);

#[interface(name = "org.moodlark.Mood1")]
impl Mood1 {
    #[zbus(property)]
    fn label(&self) -> &str {
        "sad"
    }
    #[zbus(property)]
    fn valence(&self) -> f64 {
        -0.5
    }
    #[zbus(property)]
    fn arousal(&self) -> f64 {
        -0.2
    }
    #[zbus(property)]
    fn confidence(&self) -> f64 {
        0.7
    }
    #[zbus(property)]
    fn distribution(&self) -> HashMap<String, f64> {
        HashMap::from([("sad".into(), 0.7), ("neutral".into(), 0.3)])
    }
    #[zbus(property)]
    fn since(&self) -> i64 {
        1_795_219_200_000
    }
    #[zbus(property)]
    fn source(&self) -> &str {
        "camera"
    }
    async fn report(
        &self,
        label: &str,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Error> {
        called(&self.0, connection, format!("Report({label})")).await
    }
    async fn report_affect(
        &self,
        valence: f64,
        arousal: f64,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Error> {
        called(
            &self.0,
            connection,
            format!("ReportAffect({valence}, {arousal})"),
        )
        .await
    }
    async fn note(
        &self,
        text: &str,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Error> {
        called(&self.0, connection, format!("Note({text})")).await
    }
    async fn explain(&self, #[zbus(connection)] connection: &Connection) -> Result<String, Error> {
        called(&self.0, connection, "Explain()".into()).await?;
        Ok(r#"{"at":1795219200000,"sentence":"It plays what fits.","decision":{"keep":"fits"},"mood":{"label":"sad","confidence":0.7}}"#.into())
    }
    async fn history(
        &self,
        from: i64,
        to: i64,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<Dict>, Error> {
        called(&self.0, connection, format!("History({from}, {to})")).await?;
        Ok(vec![
            dict([
                ("at", 1_795_219_200_000_i64.into()),
                ("kind", "reading".into()),
                ("summary", "nobody in the picture".into()),
                ("data", r#"{"kind":"no_face"}"#.into()),
            ]),
            dict([
                ("at", 1_795_219_260_000_i64.into()),
                ("kind", "note".into()),
                ("summary", "evil \u{1b}]0;title\u{7}".into()),
                ("data", "".into()),
            ]),
        ])
    }
    #[zbus(signal)]
    async fn changed(
        emitter: &SignalEmitter<'_>,
        label: &str,
        valence: f64,
        arousal: f64,
        confidence: f64,
    ) -> zbus::Result<()>;
}

struct Camera1(Shared);

#[interface(name = "org.moodlark.Camera1")]
impl Camera1 {
    #[zbus(property)]
    fn enabled(&self) -> bool {
        self.0.lock().unwrap().enabled
    }
    #[zbus(property)]
    async fn set_enabled(
        &mut self,
        enabled: bool,
        #[zbus(connection)] connection: &Connection,
    ) -> zbus::fdo::Result<()> {
        let failed = |error: Error| {
            zbus::fdo::Error::Failed(match error {
                Error::BadConfig(sentence) => sentence,
                other => other.to_string(),
            })
        };
        called(&self.0, connection, format!("Enabled={enabled}"))
            .await
            .map_err(failed)?;
        self.0.lock().unwrap().enabled = enabled;
        Ok(())
    }
    #[zbus(property)]
    fn active(&self) -> bool {
        false
    }
    #[zbus(property)]
    fn blocked(&self) -> String {
        if self.0.lock().unwrap().enabled {
            String::new()
        } else {
            "off".into()
        }
    }
    #[zbus(property)]
    fn blocked_reason(&self) -> String {
        if self.0.lock().unwrap().enabled {
            String::new()
        } else {
            "The camera is off.".into()
        }
    }
    #[zbus(property)]
    fn paused_until(&self) -> i64 {
        self.0.lock().unwrap().paused_until
    }
    #[zbus(property)]
    fn next_sample(&self) -> i64 {
        0
    }
    #[zbus(property)]
    fn last_reading(&self) -> &str {
        r#"{"kind":"dark","brightness":0.02}"#
    }
    #[zbus(property)]
    fn device(&self) -> &str {
        "auto"
    }
    async fn pause(
        &self,
        seconds: u32,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Error> {
        called(&self.0, connection, format!("Pause({seconds})")).await?;
        self.0.lock().unwrap().paused_until = -1;
        Ok(())
    }
    async fn resume(&self, #[zbus(connection)] connection: &Connection) -> Result<(), Error> {
        called(&self.0, connection, "Resume()".into()).await?;
        self.0.lock().unwrap().paused_until = 0;
        Ok(())
    }
    fn devices(&self) -> Vec<Dict> {
        let device = |kind: &str, name: &str| {
            let text = |text: &str| Variant::from(text).try_to_owned().unwrap();
            HashMap::from([
                ("path".to_owned(), text("/dev/video0")),
                ("name".to_owned(), text(name)),
                ("kind".to_owned(), text(kind)),
                ("lasting".to_owned(), text("/dev/v4l/by-id/usb-0")),
            ])
        };
        vec![
            device("camera", "Integrated Camera"),
            device("no-capture", "Integrated Camera Metadata"),
        ]
    }
    async fn calibrate(
        &self,
        seconds: u32,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<String, Error> {
        called(&self.0, connection, format!("Calibrate({seconds})")).await?;
        Ok(r#"{"faces":9,"looks":10,"sentence":"Your resting face looked sad (60 %)."}"#.into())
    }
    async fn forget_baseline(
        &self,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Error> {
        called(&self.0, connection, "ForgetBaseline()".into()).await
    }
    #[zbus(property)]
    fn baseline(&self) -> &str {
        ""
    }
    async fn sample(&self, #[zbus(connection)] connection: &Connection) -> Result<String, Error> {
        called(&self.0, connection, "Sample()".into()).await?;
        Ok(self.0.lock().unwrap().reading.clone())
    }
}

struct Policy1(Shared);

#[interface(name = "org.moodlark.Policy1")]
impl Policy1 {
    #[zbus(property)]
    fn intent(&self) -> String {
        self.0.lock().unwrap().intent.clone()
    }
    #[zbus(property)]
    fn set_intent(&mut self, intent: String) {
        let mut state = self.0.lock().unwrap();
        state.calls.push(format!("Intent={intent}"));
        state.intent = intent;
    }
    #[zbus(property)]
    fn rules(&self) -> Vec<Dict> {
        vec![dict([
            ("name", "Cheer me up".into()),
            ("enabled", true.into()),
            ("intent", "uplift".into()),
            ("when", "sad for 10m".into()),
            ("matches", true.into()),
        ])]
    }
    async fn set_rule_enabled(
        &self,
        name: &str,
        enabled: bool,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<(), Error> {
        called(
            &self.0,
            connection,
            format!("SetRuleEnabled({name}, {enabled})"),
        )
        .await
    }
    async fn reset(&self, #[zbus(connection)] connection: &Connection) -> Result<(), Error> {
        called(&self.0, connection, "Reset()".into()).await
    }
}

struct Music1(Shared);

#[interface(name = "org.moodlark.Music1")]
impl Music1 {
    #[zbus(property)]
    fn player(&self) -> &str {
        "org.mpris.MediaPlayer2.mpv"
    }
    #[zbus(property)]
    fn playing(&self) -> bool {
        true
    }
    #[zbus(property)]
    fn last_switch(&self) -> Dict {
        Dict::new()
    }
    async fn players(
        &self,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<Dict>, Error> {
        called(&self.0, connection, "Players()".into()).await?;
        Ok(vec![dict([
            ("bus-name", "org.mpris.MediaPlayer2.mpv".into()),
            ("identity", "mpv".into()),
            ("status", "Playing".into()),
            ("active", true.into()),
            ("usable", true.into()),
            ("why", "".into()),
            ("title", "Song".into()),
            ("artist", "Band".into()),
            ("routes", vec!["open-uri"].into()),
        ])])
    }
    async fn playlists(
        &self,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<Dict>, Error> {
        called(&self.0, connection, "Playlists()".into()).await?;
        Ok(vec![dict([
            ("name", "Sunny side".into()),
            ("uri", "/m/sunny.m3u8".into()),
            ("mood", "happy".into()),
            ("problem", "".into()),
        ])])
    }
    async fn apply(
        &self,
        what: &str,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Dict, Error> {
        called(&self.0, connection, format!("Apply({what})")).await?;
        Ok(switch())
    }
    async fn undo(&self, #[zbus(connection)] connection: &Connection) -> Result<Dict, Error> {
        called(&self.0, connection, "Undo()".into()).await?;
        Ok(dict([
            ("restored", vec!["the list"].into()),
            ("not-restored", vec!["the volume"].into()),
            ("player", "org.mpris.MediaPlayer2.mpv".into()),
        ]))
    }
    #[zbus(signal)]
    async fn switched(emitter: &SignalEmitter<'_>, switch: Dict) -> zbus::Result<()>;
}

struct Service1(Shared);

#[interface(name = "org.moodlark.Service1")]
impl Service1 {
    #[zbus(property)]
    fn version(&self) -> &str {
        "9.9.9"
    }
    #[zbus(property)]
    fn status(&self) -> &str {
        "mood sad, waiting"
    }
    async fn reload(&self, #[zbus(connection)] connection: &Connection) -> Result<(), Error> {
        called(&self.0, connection, "Reload()".into()).await
    }
    async fn doctor(
        &self,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<Dict>, Error> {
        called(&self.0, connection, "Doctor()".into()).await?;
        Ok(vec![dict([
            ("check", "player".into()),
            ("level", "problem".into()),
            ("finding", "none is running".into()),
            ("advice", "Start one.".into()),
        ])])
    }
}

struct Spotify1(Shared);

#[interface(name = "org.moodlark.Spotify1")]
impl Spotify1 {
    fn status(&self) -> Dict {
        let there = self.0.lock().unwrap().spotify;
        dict([("configured", there.into()), ("signed-in", there.into())])
    }
    async fn playlists(
        &self,
        query: &str,
        #[zbus(connection)] connection: &Connection,
    ) -> Result<Vec<Dict>, Error> {
        called(&self.0, connection, format!("Playlists({query})")).await?;
        let list = |name: &'static str, uri: &'static str, owner: &'static str, yours: bool| {
            dict([
                ("name", name.into()),
                ("uri", uri.into()),
                ("owner", owner.into()),
                ("yours", yours.into()),
            ])
        };
        Ok(match query {
            "" => vec![list("Calm", "spotify:playlist:calm", "me", true)],
            "hits" => vec![
                list("Hits of May", "spotify:playlist:may", "ann", false),
                list("Hits of June", "spotify:playlist:june", "bob", false),
            ],
            _ => vec![],
        })
    }
}
