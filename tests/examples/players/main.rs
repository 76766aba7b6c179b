//! Drives every player that can be installed here, and those that are played, and writes `tests/PLAYERS.md`:
//! by which way each is switched, whether it then really plays that, how long it takes, and what undo brings
//! back.
//!
//! `cargo build --workspace && cargo run -p moodlark-tests --example players`
//!
//! Takes some minutes. With names behind `--` only those players are driven, and the page is printed and not
//! written. What is not installed has a row that says so.

mod drive;
mod others;
mod page;

use anyhow::{Context, Result, bail};
use moodlark_tests::{
    fakes::{self, Fake},
    mpd::Place,
    mpv::Mpv,
    player::Player,
    rhythmbox::{self, Rhythmbox},
    rig,
    screen::Screen,
    session::{BRIGHT, GREY, Session},
    strawberry::Strawberry,
    vlc::Vlc,
};

use drive::{Drive, Row};

/// Players that run for real: what people call them, and the Debian package.
const REAL: [(&str, &str); 9] = [
    ("mpv", "mpv"),
    ("VLC", "vlc-bin"),
    ("Rhythmbox", "rhythmbox"),
    ("Strawberry", "strawberry"),
    ("MPD", "mpd"),
    ("Celluloid", "celluloid"),
    ("Audacious", "audacious"),
    ("Quod Libet", "quodlibet"),
    ("MPD through mpDris2", "mpdris2"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let is_chosen = |name: &str| {
        chosen.is_empty()
            || chosen
                .iter()
                .any(|word| name.to_lowercase().contains(&word.to_lowercase()))
    };
    let (mut real, mut played, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (name, package) in REAL.into_iter().filter(|(name, _)| is_chosen(name)) {
        let version = version(package).await;
        eprintln!("{name} {version}");
        let row = match version.as_str() {
            "" => Row::failed("not installed here"),
            _ => match run(name).await {
                Ok(row) => row,
                Err(error) => {
                    failed.push(name);
                    Row::failed(&format!("{error:#}"))
                }
            },
        };
        real.push((name.to_owned(), version, row));
    }
    for fake in fakes::TABLE.iter().filter(|fake| is_chosen(fake.name)) {
        eprintln!("{} (played)", fake.name);
        let row = match play(*fake).await {
            Ok(row) => row,
            Err(error) => {
                failed.push(fake.name);
                Row::failed(&format!("{error:#}"))
            }
        };
        played.push((fake.name.to_owned(), String::new(), row));
    }
    let page = page::markdown(&real, &played);
    if chosen.is_empty() {
        let path = rig::root().join("tests/PLAYERS.md");
        std::fs::write(&path, &page).with_context(|| format!("writing {}", path.display()))?;
    }
    print!("{page}");
    if !failed.is_empty() {
        bail!("not driven to the end: {}", failed.join(", "));
    }
    Ok(())
}

/// The version of a Debian package, empty where it isn't installed.
async fn version(package: &str) -> String {
    let format = "${db:Status-Status} ${Version}";
    let told = rig::run("dpkg-query", &["-W", "-f", format, package]).await;
    told.ok()
        .and_then(|told| told.strip_prefix("installed ").map(str::to_owned))
        .unwrap_or_default()
}

/// Drives a real player in a session of its own.
async fn run(name: &str) -> Result<Row> {
    let session = Session::start().await?;
    let known = [(GREY, &*session.grey), (BRIGHT, &*session.bright)];
    let drive = Drive::new(&session);
    match name {
        "mpv" => {
            let mpv = Mpv::start(&session.bus, &session.grey).await?;
            drive.whole(&mpv).await
        }
        "VLC" => {
            let vlc = Vlc::start(&session.bus, &session.grey).await?;
            drive.whole(&vlc).await
        }
        "Rhythmbox" => {
            let screen = Screen::start().await?;
            let player = Rhythmbox::playing(&session.bus, &screen, &known, GREY).await?;
            drive.whole(&player).await
        }
        "Strawberry" => {
            let screen = Screen::start().await?;
            let player = Strawberry::start(&session.bus, &screen, &known).await?;
            player.lists().play(GREY).await?;
            // It drops a seek that follows a change of track at once, and may stand still for it.
            drive.gently(&*player).await
        }
        "MPD" => {
            let place = Place::new(session.folder.path())?;
            place.playlist(GREY, 220.0)?;
            place.playlist(BRIGHT, 880.0)?;
            let mpd = place.start().await?;
            mpd.ask(&format!("load \"{GREY}\""))?;
            mpd.ask("seek 1 15")?;
            drive.with_mpd(place.address()).gently(&mpd).await
        }
        other => {
            let screen = Screen::start().await?;
            let other = others::start(other, &session, &screen).await?;
            let row = drive.gently(&other.player).await?;
            Ok(row.and_lives(other.lives()?))
        }
    }
}

/// Drives a played player in a session of its own.
async fn play(row: fakes::Row) -> Result<Row> {
    let session = Session::start().await?;
    let files = row.schemes.contains(&"file");
    let source = match files {
        true => rhythmbox::uri(&session.grey)?,
        false => "spotify:playlist:rain".to_owned(),
    };
    let fake = Fake::start(&session.bus, row, &source).await?;
    let player: &Player = fake.player();
    let drive = Drive::new(&session);
    match files {
        true => drive.gently(player).await,
        false => drive.between("Rain", "Sun").gently(player).await,
    }
}
