//! `moodlark library`: waiting for a scan with its bar, and asking for what was heard.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};

use futures_util::StreamExt;
use moodlark_api::Library1Proxy;
use moodlark_catalogue::tr;
use serde_json::Value;

use crate::{
    args::LibraryCommand, bus::Bus, config::Told, failure::Failure, json, map, show::Show,
    terminal::complain,
};

/// So many tracks are asked for at a time: an answer stays far below what a bus carries.
const PAGE: u32 = 2000;

/// Carries the command out.
pub(crate) async fn library(
    bus: &Bus,
    show: &Show,
    command: Option<&LibraryCommand>,
    as_json: bool,
) -> Result<Told, Failure> {
    let proxy = bus.library().await?;
    let told = |json: Value, text: String| Told {
        json,
        text,
        warning: String::new(),
    };
    Ok(match command {
        None | Some(LibraryCommand::Status) => status(&proxy, show).await?,
        Some(LibraryCommand::Scan { background }) => {
            if *background {
                proxy.scan().await?;
            } else {
                scan(&proxy, show, as_json).await?;
            }
            // It may have taken hours.
            status(&proxy, &Show::now()).await?
        }
        Some(LibraryCommand::Stop) => {
            proxy.stop().await?;
            status(&proxy, show).await?
        }
        Some(LibraryCommand::Top { mood, number }) => {
            let tracks = json::of_dicts(&proxy.top(mood, *number).await?);
            let text = show.tracks(&tracks);
            told(tracks, text)
        }
        Some(LibraryCommand::Explain { file }) => {
            let known = json::of_document(&proxy.explain(&absolute(file)?).await?);
            let text = show.track(&known);
            told(known, text)
        }
        Some(LibraryCommand::Like { file, not }) => {
            proxy.like(&absolute(file)?, !not).await?;
            let text = if *not {
                tr!("Taken back.\n")
            } else {
                tr!("Noted: it is chosen more often from now on.\n")
            };
            told(json::object([("liked", (!not).into())]), text)
        }
        Some(LibraryCommand::Path { from, to }) => {
            let way = json::of_dicts(&proxy.path(&absolute(from)?, &absolute(to)?).await?);
            let text = show.tracks(&way);
            told(way, text)
        }
        Some(LibraryCommand::Errors { number }) => {
            let troubles = json::of_dicts(&proxy.troubles(*number).await?);
            let text = show.troubles(&troubles);
            told(troubles, text)
        }
        Some(LibraryCommand::Export) => {
            let tracks = all(&proxy).await?;
            // What is exported is for programs, whether or not --json is given.
            let text = format!("{tracks:#}\n");
            told(tracks, text)
        }
        Some(LibraryCommand::Map { svg }) => {
            let tracks = all(&proxy).await?;
            let text = match svg {
                None => map::terminal(&tracks, show),
                Some(file) => {
                    write(file, &map::svg(&tracks))?;
                    tr!("Drawn into {file}.\n", file = file.display())
                }
            };
            told(tracks, text)
        }
    })
}

async fn status(proxy: &Library1Proxy<'_>, show: &Show) -> Result<Told, Failure> {
    let json = json::of_dict(&proxy.status().await?);
    let text = show.library(&json);
    Ok(Told {
        json,
        text,
        warning: String::new(),
    })
}

/// Begins a scan, and waits until it has ended. The bar is for people: it goes to stderr, and only to a terminal.
async fn scan(proxy: &Library1Proxy<'_>, show: &Show, as_json: bool) -> Result<(), Failure> {
    let mut progress = proxy.receive_progress().await?;
    proxy.scan().await?;
    let seen = !as_json && std::io::stderr().is_terminal();
    let mut now = json::of_dict(&proxy.status().await?);
    loop {
        let over = now["scanning"] != Value::Bool(true);
        if seen {
            // Back to the line's beginning, and away with what is left of it.
            complain(&format!(
                "\r\x1b[K{}",
                if over {
                    String::new()
                } else {
                    show.scan_bar(&now)
                }
            ));
        }
        if over {
            return Ok(());
        }
        let told = progress.next().await.ok_or_else(Failure::bus_lost)?;
        now = json::of_dict(told.args()?.status());
    }
}

/// Every track that was heard.
async fn all(proxy: &Library1Proxy<'_>) -> Result<Value, Failure> {
    let (mut tracks, mut after) = (Vec::new(), String::new());
    loop {
        let Value::Array(page) = json::of_dicts(&proxy.tracks(&after, PAGE).await?) else {
            return Ok(tracks.into());
        };
        let last = page.last().and_then(|track| track["path"].as_str());
        let Some(last) = last.map(ToOwned::to_owned) else {
            return Ok(tracks.into());
        };
        tracks.extend(page);
        after = last;
    }
}

/// The file as the service must be given it.
fn absolute(file: &Path) -> Result<String, Failure> {
    let wrong = |why: String| Failure::usage(tr!("{file}: {why}", file = file.display(), why));
    let path: PathBuf = std::path::absolute(file).map_err(|error| wrong(error.to_string()))?;
    // Without .. and links, as the folders are walked; one that is gone may still be known.
    let path = std::fs::canonicalize(&path).unwrap_or(path);
    path.into_os_string()
        .into_string()
        .map_err(|_| wrong(tr!("its name is not UTF-8")))
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text).map_err(|error| {
        Failure::new(
            "org.freedesktop.DBus.Error.IOError",
            tr!(
                "{file} could not be written: {error}.",
                file = file.display(),
                error
            ),
        )
    })
}
