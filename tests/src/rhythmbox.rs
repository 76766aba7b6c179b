//! A real Rhythmbox on a screen that nobody sees, with playlists of its own.

use std::{ops::Deref, path::Path, process::Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{bus::Bus, lists, lists::Lists, player::Player, screen::Screen};

/// Sound cards stay silent: GStreamer's automatic sink finds none of these.
pub(crate) const SILENT: &str =
    "alsasink:NONE,pulsesink:NONE,pipewiresink:NONE,jackaudiosink:NONE,osssink:NONE,oss4sink:NONE";

/// A running Rhythmbox; ends when dropped.
#[derive(Debug)]
pub struct Rhythmbox {
    process: Child,
    player: Player,
    lists: Lists,
    _home: TempDir,
}

impl Rhythmbox {
    /// Starts it with these playlists, and has it play the one of that name. Rhythmbox 3.4 crashes now and then
    /// when it is asked to play while it still reads its library: it is started again then, as a user would.
    ///
    /// # Errors
    /// As [`Rhythmbox::start`], or if it doesn't play.
    pub async fn playing(
        bus: &Bus,
        screen: &Screen,
        known: &[(&str, &Path)],
        name: &str,
    ) -> Result<Self> {
        const TRIES: u32 = 3;
        for _ in 1..TRIES {
            let mut rhythmbox = Self::start(bus, screen, known).await?;
            let lists = rhythmbox.lists.clone();
            tokio::select! {
                plays = lists.play(name) => {
                    plays?;
                    return Ok(rhythmbox);
                }
                ended = rhythmbox.process.wait() => {
                    println!("rhythmbox ended by itself: {}", ended?);
                }
            }
        }
        let rhythmbox = Self::start(bus, screen, known).await?;
        rhythmbox.lists.play(name).await?;
        Ok(rhythmbox)
    }

    /// Starts it with these playlists (name, file of [`crate::tones`]) and an empty one, and waits for it on the
    /// bus. It plays nothing.
    ///
    /// # Errors
    /// If it isn't there or does not come to the bus.
    pub async fn start(bus: &Bus, screen: &Screen, known: &[(&str, &Path)]) -> Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("moodlark-rhythmbox.")
            .tempdir()?;
        let data = home.path().join("data/rhythmbox");
        std::fs::create_dir_all(&data)?;
        let (songs, playlists) = stock(known)?;
        std::fs::write(data.join("rhythmdb.xml"), songs)?;
        std::fs::write(data.join("playlists.xml"), playlists)?;
        let settings = home.path().join("config/glib-2.0/settings");
        std::fs::create_dir_all(&settings)?;
        std::fs::write(
            settings.join("keyfile"),
            "[org/gnome/rhythmbox/plugins]\nactive-plugins=['mpris']\nseen-plugins=['mpris']\n",
        )?;
        let process = Command::new("rhythmbox")
            .arg("--no-update")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .env("XDG_DATA_HOME", home.path().join("data"))
            .env("XDG_CONFIG_HOME", home.path().join("config"))
            .env("XDG_CACHE_HOME", home.path().join("cache"))
            .env("XDG_RUNTIME_DIR", home.path())
            .env("GSETTINGS_BACKEND", "keyfile")
            .env("GST_PLUGIN_FEATURE_RANK", SILENT)
            .env("NO_AT_BRIDGE", "1")
            .env("LANG", "C.UTF-8")
            .env("DISPLAY", screen.display())
            .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting rhythmbox")?;
        let id = process.id().context("rhythmbox ended at once")?;
        let connection = bus.connect().await?;
        let player = Player::of_process(&connection, id).await?;
        let lists = Lists::of(&connection, &player).await?;
        Ok(Self {
            process,
            player,
            lists,
            _home: home,
        })
    }

    /// Its playlists.
    #[must_use]
    pub fn lists(&self) -> &Lists {
        &self.lists
    }
}

impl Deref for Rhythmbox {
    type Target = Player;
    fn deref(&self) -> &Player {
        &self.player
    }
}

/// The name of the playlist without tracks.
pub const EMPTY: &str = "Silence";

/// Its library and its playlists, as it writes them itself.
fn stock(known: &[(&str, &Path)]) -> Result<(String, String)> {
    let (mut songs, mut playlists) = (String::new(), String::new());
    for (name, list) in known {
        playlists += &format!(
            "<playlist name=\"{name}\" show-browser=\"true\" browser-position=\"180\" search-type=\"search-match\" type=\"static\">\n"
        );
        for (n, track) in lists::tracks(list)?.iter().enumerate() {
            let uri = uri(track)?;
            songs += &format!(
                "<entry type=\"song\"><title>{name} {n}</title><genre/><artist>Moodlark's tests</artist><album>{name}</album><duration>{seconds}</duration><file-size>1</file-size><location>{uri}</location><mtime>1</mtime><first-seen>1</first-seen><last-seen>1</last-seen><media-type>audio/x-flac</media-type></entry>\n",
                n = n + 1,
                seconds = crate::tones::SECONDS,
            );
            playlists += &format!("<location>{uri}</location>\n");
        }
        playlists += "</playlist>\n";
    }
    Ok((
        format!(
            "<?xml version=\"1.0\" standalone=\"yes\"?>\n<rhythmdb version=\"2.0\">\n{songs}</rhythmdb>\n"
        ),
        format!(
            "<?xml version=\"1.0\"?>\n<rhythmdb-playlists>\n{playlists}<playlist name=\"{EMPTY}\" show-browser=\"true\" browser-position=\"180\" search-type=\"search-match\" type=\"static\"></playlist>\n</rhythmdb-playlists>\n"
        ),
    ))
}

/// The `file:` URI of a path.
///
/// # Errors
/// If the path is no text.
pub fn uri(path: &Path) -> Result<String> {
    let path = path.to_str().context("a path that is no text")?;
    let encoded: String = path
        .bytes()
        .map(|byte| match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    Ok(format!("file://{encoded}"))
}
