//! The players of the longer list: started on a screen that nobody sees, in a home of their own.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use moodlark_tests::{
    eventually::{SOON, eventually},
    lists,
    player::Player,
    screen::Screen,
    session::Session,
};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use zbus::fdo::DBusProxy;

/// A running player, and what it needs; all end when dropped.
pub(crate) struct Other {
    pub(crate) player: Player,
    processes: Vec<Child>,
    _home: TempDir,
}

impl Other {
    /// Whether it still runs.
    pub(crate) fn lives(mut self) -> Result<bool> {
        for process in &mut self.processes {
            if process.try_wait()?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Starts the player of that name with the grey list.
pub(crate) async fn start(name: &str, session: &Session, screen: &Screen) -> Result<Other> {
    let home = tempfile::Builder::new()
        .prefix("moodlark-player.")
        .tempdir()?;
    let run = |program: &str, arguments: &[&str]| -> Result<Child> {
        Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path().join("config"))
            .env("XDG_RUNTIME_DIR", home.path())
            .env("GSETTINGS_BACKEND", "keyfile")
            .env(
                "GST_PLUGIN_FEATURE_RANK",
                "alsasink:NONE,pulsesink:NONE,pipewiresink:NONE",
            )
            .env("NO_AT_BRIDGE", "1")
            .env("LANG", "C.UTF-8")
            .env("DISPLAY", screen.display())
            .env("DBUS_SESSION_BUS_ADDRESS", session.bus.address())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {program}"))
    };
    // Where a program insists on ALSA, it gets a card that swallows everything.
    let silent = "pcm.!default { type null }\nctl.!default { type null }\n";
    write(home.path(), ".asoundrc", silent)?;
    let list = session.grey.to_str().context("a path that is no text")?;
    let first = lists::tracks(&session.grey)?.swap_remove(0);
    let first = first.to_str().context("a path that is no text")?;
    let (processes, prefix) = match name {
        "Audacious" => (vec![run("audacious", &["-H", "-p", list])?], "audacious"),
        "Celluloid" => {
            write(
                home.path(),
                "config/glib-2.0/settings/keyfile",
                "[io/github/celluloid-player/celluloid]\nmpv-options='--ao=null --vo=null'\n",
            )?;
            let arguments = ["--new-window", list];
            (
                vec![run("celluloid", &arguments)?],
                "io.github.celluloid_player",
            )
        }
        "Quod Libet" => {
            write(
                home.path(),
                "config/quodlibet/config",
                "[plugins]\nactive_plugins = mpris\n",
            )?;
            write(
                home.path(),
                ".quodlibet/config",
                "[plugins]\nactive_plugins = mpris\n",
            )?;
            let play = format!("--play-file={first}");
            (vec![run("quodlibet", &["--run", &play])?], "quodlibet")
        }
        "MPD through mpDris2" => (mpd(home.path(), &session.grey, run).await?, "mpd"),
        other => bail!("nobody knows how to start {other}"),
    };
    let bus = &session.connection;
    let daemon = DBusProxy::new(bus).await?;
    let prefix = format!("org.mpris.MediaPlayer2.{prefix}");
    let name = eventually(bus, SOON, &prefix, async || {
        let names = daemon.list_names().await?;
        let name = names.iter().find(|name| name.starts_with(&prefix));
        Ok(name.map(ToString::to_string))
    })
    .await?;
    Ok(Other {
        player: Player::named(bus, &name).await?,
        processes,
        _home: home,
    })
}

fn write(home: &Path, name: &str, text: &str) -> Result<()> {
    let path = home.join(name);
    std::fs::create_dir_all(path.parent().context("a file in no folder")?)?;
    std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

/// MPD on the list's folder, playing, and what puts it on the bus.
async fn mpd(
    home: &Path,
    list: &Path,
    run: impl Fn(&str, &[&str]) -> Result<Child>,
) -> Result<Vec<Child>> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let music = list.parent().context("a list in no folder")?;
    write(
        home,
        "mpd.conf",
        &format!(
            "music_directory \"{}\"\nplaylist_directory \"{}\"\ndb_file \"{}/db\"\nbind_to_address \"127.0.0.1\"\nport \"{port}\"\naudio_output {{\n type \"null\"\n name \"null\"\n}}\n",
            music.display(),
            home.display(),
            home.display()
        ),
    )?;
    let config = home.join("mpd.conf");
    let config = config.to_str().context("a path that is no text")?;
    let server = run("mpd", &["--no-daemon", "--stderr", config])?;
    let mut stream = None;
    for _ in 0..100 {
        stream = TcpStream::connect(("127.0.0.1", port)).ok();
        if stream.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut stream = stream.context("MPD does not listen")?;
    let mut answers = BufReader::new(stream.try_clone()?).lines();
    let mut ask = |command: &str| -> Result<()> {
        writeln!(stream, "{command}")?;
        for line in answers.by_ref() {
            let line = line?;
            if line.starts_with("ACK") {
                bail!("MPD, asked `{command}`: {line}");
            }
            if line == "OK" {
                return Ok(());
            }
        }
        bail!("MPD ended")
    };
    // Its greeting (`OK MPD 0.23`) is no answer, and passed over.
    ask("ping")?;
    let name = list
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    ask("update")?;
    let mut loaded = ask(&format!("load \"{name}\""));
    for _ in 0..50 {
        if loaded.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        loaded = ask(&format!("load \"{name}\""));
    }
    loaded?;
    ask("play")?;
    let bridge = run(
        "mpDris2",
        &["--host", "127.0.0.1", "--port", &port.to_string()],
    )?;
    Ok(vec![server, bridge])
}
