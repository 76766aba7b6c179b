//! `moodlark setup`: what a first day needs, asked once and in plain words. Works again without harm.

mod ask;
mod music;
mod spotify;
mod unit;

use std::path::Path;

use moodlark_catalogue::tr;
use moodlark_config::Literal;
use serde_json::{Value, json};

use crate::{
    bus::{Bus, LONG},
    config::Told,
    failure::Failure,
    json as from_bus,
    show::{Fields, Show, clean, items, short_player},
    terminal,
};
use ask::{Ask, Terminal, Yes};

/// Looks at a time of calibration, in seconds.
const CALIBRATION: u32 = 20;

/// What the steps share.
struct Setup<'a> {
    ask: &'a mut dyn Ask,
    bus: Bus,
    show: Show,
    config: &'a Path,
    /// Whether people read along.
    quiet: bool,
}

/// Goes through all steps.
pub(crate) async fn run(yes: bool, as_json: bool) -> Result<Told, Failure> {
    let config = crate::config::path()?;
    // What is broken would be refused at the first change; better said before the first question.
    moodlark_config::load(&config).map_err(crate::config::failure)?;
    let (mut terminal, mut agree) = (Terminal, Yes);
    let ask: &mut dyn Ask = if yes {
        &mut agree
    } else if Terminal::is_there() {
        &mut terminal
    } else {
        return Err(Failure::usage(tr!(
            "There is no terminal to ask on. `moodlark setup --yes` answers yes to the camera and to starting at login."
        )));
    };
    let patience = LONG + std::time::Duration::from_secs(u64::from(CALIBRATION));
    let mut setup = Setup {
        ask,
        bus: Bus::join(patience).await?,
        show: Show::now(),
        config: &config,
        quiet: as_json,
    };
    setup.say(&tr!(
        "Moodlark plays music that fits how you feel, or that does you good. What the camera sees never leaves this computer.\nEnter takes the answer that is shown; Ctrl-C ends this, and what was answered so far is kept."
    ));
    let unit = setup.service().await?;
    setup.camera().await?;
    music::playlists(&mut setup).await?;
    music::rule(&mut setup).await?;
    setup.finish(unit).await
}

impl Setup<'_> {
    fn say(&self, text: &str) {
        if !self.quiet {
            // Who closed the pipe does not want to read it.
            let _ = terminal::print(&format!("{}\n", text.trim_end()));
        }
    }

    fn heading(&self, text: &str) {
        let heading = self.show.paint(terminal::Tone::Strong, text);
        self.say(&format!("\n{heading}"));
    }

    /// Sees to it that the service runs, now and at each login.
    async fn service(&mut self) -> Result<unit::State, Failure> {
        self.heading(&tr!("The service"));
        let state = unit::state(&self.bus.connection).await;
        let runs = self.bus.has_service().await?;
        match state {
            unit::State::Enabled if runs => self.say(&tr!("It runs, and starts at each login.")),
            unit::State::Enabled | unit::State::Disabled => {
                if self.ask.confirm(&tr!("Start Moodlark now, and at each login?"), true)? {
                    unit::enable(&self.bus.connection).await?;
                    self.say(&tr!("Started; it will start at each login too."));
                }
            }
            unit::State::Missing if runs => self.say(
                &tr!("It runs, but is not installed as a login service: `./run.sh install`, or your distribution's package, does that."),
            ),
            unit::State::Missing => {}
        }
        if self.bus.has_service().await? {
            Ok(unit::state(&self.bus.connection).await)
        } else {
            Err(Failure::not_running())
        }
    }

    /// Asks for the camera, picks it, and shows what it sees.
    async fn camera(&mut self) -> Result<(), Failure> {
        self.heading(&tr!("The camera"));
        let proxy = self.bus.camera().await?;
        if proxy.enabled().await? {
            self.say(&tr!(
                "You have said yes to it; `moodlark camera off` takes that back."
            ));
        } else {
            self.say(&tr!(
                "Every few minutes, while music plays, the camera is opened for about a second. The picture is turned\ninto a handful of numbers inside a sandbox without network or files, and forgotten: none is stored,\nnone is sent. The tray shows when it looks; `moodlark camera off` ends it for good."
            ));
            if !self
                .ask
                .consent(&tr!("May Moodlark look through your camera?"))?
            {
                self.say(
                    &tr!("Then it won't. You can still say how you feel: `moodlark mood set sad`. `moodlark camera on` says yes later."),
                );
                return Ok(());
            }
            proxy.set_enabled(true).await?;
        }
        drop(proxy);
        self.pick().await?;
        self.look().await
    }

    /// Lets the user choose where there are several cameras.
    async fn pick(&mut self) -> Result<(), Failure> {
        let proxy = self.bus.camera().await?;
        if proxy.device().await?.starts_with("pictures:") {
            self.say(&tr!(
                "Pictures stand for the camera, as the configuration says."
            ));
            return Ok(());
        }
        let devices = from_bus::of_dicts(&proxy.devices().await?);
        let cameras: Vec<Fields<'_>> = items(&devices)
            .filter(|device| device.text("kind") == "camera")
            .collect();
        match cameras.as_slice() {
            [] => {
                let closed = items(&devices).any(|device| device.text("kind") == "closed");
                self.say(&if closed {
                    tr!("A camera is there but cannot be opened: is your user in the group `video`? `moodlark doctor` tells more.")
                } else {
                    tr!("No camera is there now. Plug one in or open its shutter; it is found by itself.")
                });
            }
            [only] => self.say(&tr!("Camera: {name}", name = clean(&only.text("name")))),
            several => {
                let names: Vec<String> = several
                    .iter()
                    .map(|camera| {
                        format!("{} ({})", clean(&camera.text("name")), camera.text("path"))
                    })
                    .collect();
                if let Some(chosen) = self.ask.choose(&tr!("Which camera?"), &names)?
                    && let Some(camera) = several.get(chosen)
                {
                    let lasting = camera.text("lasting");
                    moodlark_config::set_option(
                        self.config,
                        "camera",
                        "device",
                        Literal::Text(&lasting),
                    )
                    .map_err(crate::config::failure)?;
                    self.bus.service().await?.reload().await?;
                    self.say(&tr!("Camera: {name}", name = names[chosen]));
                }
            }
        }
        Ok(())
    }

    /// Looks, says what was seen as text, and offers to learn the resting face.
    async fn look(&mut self) -> Result<(), Failure> {
        if !self
            .ask
            .confirm(&tr!("Look once now, to see what it sees?"), true)?
        {
            return Ok(());
        }
        let mut again = true;
        while again {
            let proxy = self.bus.camera().await?;
            match proxy.sample().await {
                Ok(reading) => {
                    let reading = from_bus::of_document(&reading);
                    let seen = self.show.reading(Fields(&reading));
                    self.say(&tr!("Seen: {reading}.", reading = seen));
                }
                // A camera in use or unplugged is no reason to end the setup.
                Err(error) => self.say(&tr!(
                    "Nothing was seen. {why}",
                    why = Failure::from(error).message
                )),
            }
            again = self.ask.confirm(&tr!("Look again?"), false)?;
        }
        if !self.ask.is_somebody() {
            return Ok(());
        }
        self.say(
            &tr!("\nMany faces at rest look sad or cross to a program. It can learn yours: sit as you do when you read, for 20 seconds."),
        );
        if self
            .ask
            .confirm(&tr!("Learn your resting face now?"), false)?
        {
            match self.bus.camera().await?.calibrate(CALIBRATION).await {
                Ok(learnt) => {
                    let learnt = from_bus::of_document(&learnt);
                    self.say(&clean(learnt["sentence"].as_str().unwrap_or_default()));
                }
                Err(error) => self.say(&Failure::from(error).message),
            }
        }
        Ok(())
    }

    /// What there is now.
    async fn finish(&mut self, unit: unit::State) -> Result<Told, Failure> {
        let camera = from_bus::of_dict(&self.bus.properties("org.moodlark.Camera1").await?);
        let playlists = from_bus::of_dicts(&self.bus.music().await?.playlists().await?);
        let policy = from_bus::of_dict(&self.bus.properties("org.moodlark.Policy1").await?);
        let players = from_bus::of_dicts(&self.bus.music().await?.players().await?);
        let count = |value: &Value| items(value).count();
        self.heading(&tr!("Done"));
        let names: Vec<String> = items(&players)
            .map(|player| short_player(&player.text("bus_name")).to_owned())
            .collect();
        let player = if names.is_empty() {
            tr!("no player runs now")
        } else {
            tr!("players: {names}", names = names.join(", "))
        };
        self.say(&tr!("Camera {camera}; {playlists}, {rules}; {player}.\n`moodlark status` shows how things stand, `moodlark why` explains each switch, `moodlark undo` takes one back.\nEverything is in {config}; run `moodlark setup` again whenever you like.", camera = self.show.camera_line(Fields(&camera)), playlists = tr!("1 playlist" | "{n} playlists" % count(&playlists)), rules = tr!("1 rule" | "{n} rules" % count(&policy["rules"])), player, config = self.config.display()));
        Ok(Told {
            json: json!({
                "config": self.config.to_string_lossy(),
                "login_service": unit.name(),
                "camera": camera,
                "players": players,
                "playlists": playlists,
                "policy": policy,
            }),
            text: String::new(),
            warning: String::new(),
        })
    }
}
