//! `moodlark spotify`: signing in by the browser, or by pasting where it came back to.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use futures_util::StreamExt;
use moodlark_api::{SignInEnded, Spotify1Proxy};
use moodlark_catalogue::tr;
use tokio::sync::mpsc;

use crate::{
    args::SpotifyCommand, bus::Bus, config::Told, failure::Failure, json, show::Show,
    terminal::complain,
};

/// The service gives the browser five minutes.
const SIGN_IN_WITHIN: Duration = Duration::from_secs(5 * 60 + 5);
/// A signal that belongs to an answer comes with it.
const AT_ONCE: Duration = Duration::from_millis(300);
/// For what Spotify itself is asked: several pages, each with its own deadline.
pub(crate) const ASKS_SPOTIFY: Duration = Duration::from_secs(60);

/// Carries the command out.
pub(crate) async fn spotify(
    bus: &Bus,
    show: &Show,
    command: Option<&SpotifyCommand>,
) -> Result<Told, Failure> {
    let proxy = bus.spotify().await?;
    match command {
        None | Some(SpotifyCommand::Status) => {}
        Some(SpotifyCommand::Login { no_browser }) => sign_in(&proxy, !no_browser).await?,
        Some(SpotifyCommand::Logout) => proxy.logout().await?,
    }
    let json = json::of_dict(&proxy.status().await?);
    let mut text = show.spotify(&json);
    if matches!(command, Some(SpotifyCommand::Logout)) {
        text = tr!(
            "Signed out, and the sign-in is deleted. To take Moodlark's access away at Spotify as well: https://www.spotify.com/account/apps\n"
        );
    }
    Ok(Told {
        json,
        text,
        warning: String::new(),
    })
}

/// Opens Spotify's page, and waits until the browser has come back, or its address was pasted.
pub(crate) async fn sign_in(proxy: &Spotify1Proxy<'_>, browser: bool) -> Result<(), Failure> {
    let mut ends = proxy.receive_sign_in_ended().await?;
    let page = proxy.login().await?;
    let opened = browser && open(&page);
    // All of this is for people: stdout belongs to the answer.
    complain(&tr!(
        "{browser}\n\n  {page}\n\nSay yes there. If the browser runs on another computer, its last page will not load: paste that page's address\nhere and press Enter.\n",
        browser = if opened {
            tr!("Spotify's page opens in your browser. If it doesn't, open it yourself:")
        } else {
            tr!("Open this page in a browser:")
        },
        page
    ));
    let mut pasted = lines();
    let waiting = async {
        loop {
            tokio::select! {
                ended = ends.next() => return told(ended),
                Some(line) = pasted.recv() => {
                    if let Err(error) = proxy.complete(&line).await {
                        // Where that was the end of it, the signal says so too: once is enough.
                        match tokio::time::timeout(AT_ONCE, ends.next()).await {
                            Ok(ended) => return told(ended),
                            Err(_) => complain(&Failure::from(error).render(false)),
                        }
                    }
                }
            }
        }
    };
    match tokio::time::timeout(SIGN_IN_WITHIN, waiting).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::new(
            "org.moodlark.Error.Spotify",
            "Nobody said yes on Spotify's page within five minutes.",
        )),
    }
}

/// How the sign-in ended.
fn told(ended: Option<SignInEnded>) -> Result<(), Failure> {
    let ended = ended.ok_or_else(Failure::bus_lost)?;
    let ended = ended.args()?;
    if ended.signed_in {
        Ok(())
    } else {
        Err(Failure::new("org.moodlark.Error.Spotify", ended.sentence))
    }
}

/// Opens the page in the user's browser. Whether that could be tried: what comes of it nobody tells.
fn open(page: &str) -> bool {
    let has = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !has("DISPLAY") && !has("WAYLAND_DISPLAY") && !has("BROWSER") {
        return false;
    }
    let opening = Command::new("xdg-open")
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    opening.is_ok()
}

/// What is typed, line by line. A thread of its own: reading a terminal cannot be given up, only left behind.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (typed, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else {
                return;
            };
            if !line.trim().is_empty() && typed.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
