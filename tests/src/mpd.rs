//! A real MPD with a folder and a socket of its own, and no sound; and another client of it, as its user's hand
//! and eye.
//!
//! Has nothing in common with the service's own code, so that the two can't be wrong alike.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};

use crate::{eventually::SOON, tones};

/// An address at which no MPD is: nothing of the machine's own may reach a service under test.
pub const NOWHERE: &str = "/nonexistent/moodlark-test/mpd";

/// A folder for MPD: its music, its playlists, its socket. MPD may be started in it again and again.
#[derive(Debug, Clone)]
pub struct Place {
    folder: PathBuf,
    password: Option<String>,
    port: Option<u16>,
}

impl Place {
    /// A place in `folder`; the music there is of the test's making.
    ///
    /// # Errors
    /// If folders cannot be made.
    pub fn new(folder: &Path) -> Result<Self> {
        let place = Self {
            folder: folder.join("mpd"),
            password: None,
            port: None,
        };
        for folder in [place.music(), place.folder.join("playlists")] {
            std::fs::create_dir_all(&folder)?;
        }
        Ok(place)
    }

    /// Lets nobody in without this.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Lets others in over TCP as well, on a free port of this machine. Answers the address.
    ///
    /// # Errors
    /// If there is no free port.
    pub fn listen(&mut self) -> Result<String> {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        let port = free.local_addr()?.port();
        self.port = Some(port);
        Ok(format!("127.0.0.1:{port}"))
    }

    /// Its music.
    #[must_use]
    pub fn music(&self) -> PathBuf {
        self.folder.join("music")
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// Its address, with the password.
    #[must_use]
    pub fn address(&self) -> String {
        let socket = self.socket().display().to_string();
        match &self.password {
            Some(password) => format!("{password}@{socket}"),
            None => socket,
        }
    }

    /// Makes music in its folder: `NAME.m3u8` with its tracks beside it, as [`tones::playlist`] does, and the
    /// same as a stored playlist. Answers the file.
    ///
    /// # Errors
    /// If sox fails.
    pub fn playlist(&self, name: &str, pitch: f64) -> Result<PathBuf> {
        let file = tones::playlist(&self.music(), name, pitch)?;
        let stored = self.folder.join("playlists").join(format!("{name}.m3u"));
        std::fs::copy(&file, stored)?;
        Ok(file)
    }

    /// Starts MPD and waits until it answers and knows its music.
    ///
    /// # Errors
    /// If it doesn't; with its log.
    pub async fn start(&self) -> Result<Mpd> {
        let at = |name: &str| self.folder.join(name).display().to_string();
        let password = match &self.password {
            Some(password) => format!(
                "default_permissions \"\"\npassword \"{password}@read,add,control,admin\"\n"
            ),
            None => String::new(),
        };
        let tcp = match self.port {
            Some(port) => format!("bind_to_address \"127.0.0.1\"\nport \"{port}\"\n"),
            None => String::new(),
        };
        let config = format!(
            "music_directory \"{}\"\nplaylist_directory \"{}\"\ndb_file \"{}\"\nstate_file \"{}\"\n\
             bind_to_address \"{}\"\nauto_update \"no\"\n{password}{tcp}\
             audio_output {{\n type \"null\"\n name \"nothing\"\n mixer_type \"software\"\n}}\n",
            at("music"),
            at("playlists"),
            at("db"),
            at("state"),
            at("socket"),
        );
        std::fs::write(self.folder.join("mpd.conf"), config)?;
        let log = std::fs::File::create(self.folder.join("log"))?;
        let process = Command::new("mpd")
            .arg("--no-daemon")
            .arg(self.folder.join("mpd.conf"))
            .env("HOME", &self.folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("starting mpd")?;
        let mpd = Mpd {
            process,
            place: self.clone(),
        };
        let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let begun = Instant::now();
        while let Err(error) = mpd.ask("ping") {
            if begun.elapsed() > SOON {
                return Err(error.context(log()));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        mpd.ask("update")?;
        mpd.until("its music to be known", |status| {
            !status.contains("updating_db")
        })
        .await?;
        Ok(mpd)
    }
}

/// A running MPD; ends when dropped.
#[derive(Debug)]
pub struct Mpd {
    process: Child,
    place: Place,
}

impl Mpd {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Sends a command on a connection of its own, and gives the lines of the answer.
    ///
    /// # Errors
    /// If MPD isn't there or says no.
    pub fn ask(&self, command: &str) -> Result<Vec<String>> {
        let mut stream = UnixStream::connect(self.place.socket())?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let mut next = || {
            lines
                .next()
                .context("mpd closed the connection")?
                .context("mpd's answer")
        };
        let greeting = next()?;
        if !greeting.starts_with("OK MPD") {
            bail!("{greeting}");
        }
        let password = self.place.password.as_ref();
        for command in password
            .map(|word| format!("password \"{word}\""))
            .iter()
            .map(String::as_str)
            .chain([command])
        {
            writeln!(stream, "{command}")?;
            let mut answer = Vec::new();
            loop {
                let line = next()?;
                match line.as_str() {
                    "OK" => break,
                    ack if ack.starts_with("ACK") => bail!("{command}: {ack}"),
                    _ => answer.push(line),
                }
            }
            if !command.starts_with("password ") {
                return Ok(answer);
            }
        }
        Ok(Vec::new())
    }

    /// The value of one key of an answer, empty if it isn't there.
    ///
    /// # Errors
    /// As [`Mpd::ask`].
    pub fn told(&self, command: &str, key: &str) -> Result<String> {
        let wanted = format!("{key}: ");
        let lines = self.ask(command)?;
        let value = lines.iter().find_map(|line| line.strip_prefix(&wanted));
        Ok(value.unwrap_or_default().to_owned())
    }

    /// The titles of the queue's songs, in order.
    ///
    /// # Errors
    /// As [`Mpd::ask`].
    pub fn queue(&self) -> Result<Vec<String>> {
        let lines = self.ask("playlistinfo")?;
        let titles = lines.iter().filter_map(|line| line.strip_prefix("Title: "));
        Ok(titles.map(str::to_owned).collect())
    }

    /// How far it is in the song, in seconds.
    ///
    /// # Errors
    /// As [`Mpd::ask`].
    pub fn elapsed(&self) -> Result<f64> {
        Ok(self.told("status", "elapsed")?.parse().unwrap_or(0.0))
    }

    /// Waits until `status` is as wanted; the lines are joined.
    ///
    /// # Errors
    /// If it isn't soon.
    pub async fn until(&self, what: &str, is: impl Fn(&str) -> bool) -> Result<()> {
        let begun = Instant::now();
        loop {
            let status = self.ask("status")?.join("\n");
            if is(&status) {
                return Ok(());
            }
            if begun.elapsed() > SOON {
                bail!("not within {SOON:?}: {what}\n{status}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until a song plays, and moves, whose title begins so.
    ///
    /// # Errors
    /// If it doesn't soon.
    pub async fn plays(&self, title: &str) -> Result<()> {
        let begun = Instant::now();
        loop {
            let now = self.told("currentsong", "Title")?;
            let playing = self.told("status", "state")? == "play" && self.elapsed()? > 0.0;
            if playing && now.starts_with(title) {
                return Ok(());
            }
            if begun.elapsed() > SOON {
                bail!("not within {SOON:?}: {title} to play; it is {now}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The process.
    ///
    /// # Errors
    /// If it ended.
    pub fn id(&self) -> Result<u32> {
        self.process.id().context("mpd has ended")
    }

    /// Ends it as a user's session does, so that it saves its state, and waits until it is gone.
    ///
    /// # Errors
    /// The system's.
    pub async fn stop(mut self) -> Result<()> {
        let id = self.id()?.to_string();
        crate::rig::run("kill", &["-TERM", &id]).await?;
        tokio::time::timeout(SOON, self.process.wait()).await??;
        Ok(())
    }
}
