//! One user's session as the tests make it: a bus, a folder, two playlists, and the configuration.

use std::path::{Path, PathBuf};

use anyhow::Result;
use tempfile::TempDir;
use zbus::Connection;

use crate::{bus::Bus, rig, service::Setup, tones, worker::Worker};

/// Changes to [`config`]: one look at the start and none later, and no rule; nothing changes by itself.
pub const CALM: [(&str, &str); 3] = [
    ("interval", "interval = \"1h\""),
    ("only-while-playing", "only-while-playing = false"),
    ("name = \"always\"", "name = \"always\"\nenabled = false"),
];

/// The playlist that fits a sad mood; what the players start with.
pub const GREY: &str = "Grey Drizzle";
/// The playlist that fits a happy mood.
pub const BRIGHT: &str = "Bright Morning";

/// A bus, a folder, and music.
#[derive(Debug)]
pub struct Session {
    /// The bus.
    pub bus: Bus,
    /// A connection to it.
    pub connection: Connection,
    /// Where everything of this session is.
    pub folder: TempDir,
    /// The file of [`GREY`].
    pub grey: PathBuf,
    /// The file of [`BRIGHT`].
    pub bright: PathBuf,
}

impl Session {
    /// Starts a bus and makes the music.
    ///
    /// # Errors
    /// If either fails.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("moodlark-test.")
            .tempdir()?;
        let bus = Bus::start()?;
        let connection = bus.connect().await?;
        let grey = tones::playlist(folder.path(), GREY, 220.0)?;
        let bright = tones::playlist(folder.path(), BRIGHT, 880.0)?;
        Ok(Self {
            bus,
            connection,
            folder,
            grey,
            bright,
        })
    }

    /// A service on this session's bus, with the real worker and the configuration of [`config`].
    ///
    /// # Errors
    /// If the configuration cannot be written.
    pub fn service(&self) -> Result<Setup> {
        self.service_in("service")
    }

    /// The same with its files in a folder of that name.
    ///
    /// # Errors
    /// If the configuration cannot be written.
    pub fn service_in(&self, name: &str) -> Result<Setup> {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder)?;
        let setup = Setup::new(self.bus.address(), &self.connection, &folder);
        setup.configure(&self.config(&[]))?;
        Ok(setup)
    }

    /// A service with this configuration, and a stand-in for its worker that does as `prepare` says.
    ///
    /// # Errors
    /// If either cannot be written.
    pub fn service_with_worker(
        &self,
        changes: &[(&str, &str)],
        prepare: impl FnOnce(&Worker) -> Result<()>,
    ) -> Result<(Setup, Worker)> {
        let setup = self.service()?;
        setup.configure(&self.config(changes))?;
        let worker = Worker::new(&setup.folder)?;
        prepare(&worker)?;
        Ok((setup.with_sense(worker.program()), worker))
    }

    /// A configuration that acts at once on the portrait of a happy person: see [`config`].
    #[must_use]
    pub fn config(&self, changes: &[(&str, &str)]) -> String {
        config(
            &rig::root().join("tests/data/astronaut.jpg"),
            &self.grey,
            &self.bright,
            changes,
        )
    }
}

/// A configuration that acts at once: pictures for a camera, a look each second, no dwell, no
/// cooldown, no waiting for a track's end, one rule (match), two playlists. `changes` replaces lines:
/// each pair is the beginning of a line and the whole line that is to stand there instead; what no line
/// begins with goes to the end.
#[must_use]
pub fn config(pictures: &Path, grey: &Path, bright: &Path, changes: &[(&str, &str)]) -> String {
    let text = format!(
        r#"[camera]
enabled = true
source = "pictures"
pictures = "{}"
interval = "1s"
deadline = "8s"
only-while-playing = true

[mood]
half-life = "5m"
shows = 0.9

[decide]
dwell = "0s"
cooldown = "0s"
override-for = "1m"
min-confidence = 0.5

[notifications]
at-most-every = "0s"

[player]
when = "now"
fade-for = "2s"
during-calls = true

[[rule]]
name = "always"
do = "match"

[[playlist]]
name = "{GREY}"
file = "{}"
player-playlist = "{GREY}"
mood = "sad"

[[playlist]]
name = "{BRIGHT}"
file = "{}"
player-playlist = "{BRIGHT}"
mood = "happy"
"#,
        pictures.display(),
        grey.display(),
        bright.display()
    );
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (begins, line) in changes {
        match lines.iter_mut().find(|old| old.starts_with(begins)) {
            Some(old) => (*line).clone_into(old),
            None => lines.push((*line).to_owned()),
        }
    }
    lines.join("\n") + "\n"
}
