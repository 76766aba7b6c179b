//! Checks everything that the service needs, and says what to do where something is missing.
//!
//! | module | checks |
//! |---|---|
//! | [`alone`] | the same without a running service |
//! | [`camera`] | the camera that is configured |
//! | [`disk`] | room for the journal |
//! | [`mpd`] | MPD, where there is one |
//! | [`session`] | the bus, the tray's host, and systemd's unit |
//! | [`sense`] | the worker: its version, its models, its sandbox |
//! | [`spotify`] | the sign-in to Spotify |

mod alone;
mod camera;
mod disk;
mod mpd;
mod sense;
mod session;
mod spotify;

use std::{collections::BTreeMap, path::PathBuf};

use moodlark_api::Dict;
use moodlark_catalogue::tr;
use moodlark_core::{
    engine::View,
    gates::Gate,
    player::{PlayerView, routes_for},
    playlist::Playlist,
    settings::Settings,
};

use crate::{bus::dict, gates, notifications, paths, players::MpdState};

pub use alone::examine_alone;

/// What the examination goes by.
#[derive(Debug)]
pub struct Facts {
    /// The worker.
    pub sense: PathBuf,
    /// The configuration in force.
    pub settings: Settings,
    /// Its file.
    pub config: PathBuf,
    /// What is wrong with the file.
    pub config_problem: Option<String>,
    /// The journal's place and SQLite's own finding.
    pub journal: Result<(PathBuf, String), String>,
    /// The journal's folder.
    pub state_dir: PathBuf,
    /// Whether this is the running service, and not a check without one.
    pub running: bool,
    /// The session bus, or why there is none.
    pub bus: Result<zbus::Connection, String>,
    /// What is known of MPD.
    pub mpd: MpdState,
    /// The player to act on, or why there is none.
    pub active: Result<PlayerView, String>,
    /// How things stand.
    pub view: View,
    /// The playlists.
    pub playlists: Vec<Playlist>,
    /// What is known of the gates.
    pub gates: BTreeMap<Gate, gates::Status>,
    /// How the sign-in to Spotify stands; `None` without a client ID.
    pub spotify: Option<moodlark_spotify::Status>,
}

/// Each check as [`moodlark_api::Service1Proxy::doctor`] documents it.
pub async fn examine(facts: Facts) -> Vec<Dict> {
    let mut checks = vec![session::service(&facts).await, session::bus(&facts).await];
    checks.extend([config(&facts), camera::camera(&facts).await]);
    checks.extend(sense::checks(&facts).await);
    checks.push(player(&facts));
    checks.extend(mpd::mpd(&facts));
    checks.push(playlists(&facts));
    checks.push(spotify::spotify(&facts));
    checks.push(notifications(&facts).await);
    checks.push(session::tray(&facts).await);
    checks.push(journal(&facts));
    checks.push(disk::disk(&facts));
    if facts.running {
        // Only a running service watches the gates.
        checks.extend(Gate::ALL.map(|gate| {
            let [level, finding, advice] =
                gates::check(gate, facts.gates.get(&gate), &facts.settings);
            let name = format!("gate: {}", gate.name());
            check(&name, &level, &finding, &advice)
        }));
    }
    checks
}

fn check(name: &str, level: &str, finding: impl Into<String>, advice: impl Into<String>) -> Dict {
    dict::of([
        ("check", name.into()),
        ("level", level.into()),
        ("finding", finding.into().into()),
        ("advice", advice.into().into()),
    ])
}

fn config(facts: &Facts) -> Dict {
    let path = facts.config.display();
    match &facts.config_problem {
        Some(problem) => check(
            "configuration",
            "problem",
            problem,
            tr!(
                "Mend the file; `moodlark config check` says where. The last good configuration goes on meanwhile."
            ),
        ),
        None if facts.config.exists() => check(
            "configuration",
            "ok",
            tr!("{path} is right", path),
            String::new(),
        ),
        None => check(
            "configuration",
            "ok",
            tr!("{path} is not there: every option has its default", path),
            tr!("`moodlark config default` prints a file with every option to begin from."),
        ),
    }
}

/// What only a session bus tells.
fn unknown(name: &str) -> Dict {
    check(
        name,
        "warning",
        tr!("without a session bus this cannot be told"),
        String::new(),
    )
}

fn player(facts: &Facts) -> Dict {
    if facts.bus.is_err() {
        return unknown("player");
    }
    let player = match &facts.active {
        Ok(player) => player,
        Err(why) => {
            return check(
                "player",
                "warning",
                tr!("no player to act on: {why}", why),
                tr!(
                    "Start one that speaks MPRIS, for example mpv with mpv-mpris; `moodlark players` tells more."
                ),
            );
        }
    };
    let name = player.display_name();
    let routes: Vec<String> = player.routes.iter().map(ToString::to_string).collect();
    // A playlist that cannot be read is told elsewhere.
    let closed: Vec<&str> = facts
        .playlists
        .iter()
        .filter(|list| {
            paths::uri_of(&list.location).is_ok_and(|uri| routes_for(player, &uri).is_empty())
        })
        .map(|list| list.name.as_str())
        .collect();
    if routes.is_empty() {
        check(
            "player",
            "warning",
            tr!(
                "{name} is the active one, and can be made to open nothing",
                name
            ),
            tr!("Use a player that opens playlist files, for example mpv or VLC."),
        )
    } else if closed.is_empty() {
        check(
            "player",
            "ok",
            tr!(
                "{name} is the active one ({routes})",
                name,
                routes = routes.join(", ")
            ),
            String::new(),
        )
    } else {
        check(
            "player",
            "warning",
            tr!(
                "{name} ({routes}) cannot open: {closed}",
                name,
                routes = routes.join(", "),
                closed = closed.join(", ")
            ),
            tr!(
                "Give these playlists as files for this player, or use the player that they are for."
            ),
        )
    }
}

fn playlists(facts: &Facts) -> Dict {
    let bad: Vec<String> = facts
        .playlists
        .iter()
        .map(|list| (list, paths::problem(&list.location)))
        .filter(|(_, problem)| !problem.is_empty())
        .map(|(list, problem)| format!("{}: {problem}", list.name))
        .collect();
    if facts.playlists.is_empty() {
        let advice =
            tr!("Add a [[playlist]] for at least two moods; `moodlark config default` shows how.");
        check(
            "playlists",
            "warning",
            tr!("there is none, so nothing can be switched"),
            advice,
        )
    } else if bad.is_empty() {
        check(
            "playlists",
            "ok",
            tr!("{number} can be read", number = facts.playlists.len()),
            String::new(),
        )
    } else {
        check(
            "playlists",
            "problem",
            bad.join("; "),
            tr!("Mend the paths in the configuration."),
        )
    }
}

async fn notifications(facts: &Facts) -> Dict {
    let capabilities = match &facts.bus {
        Ok(bus) => notifications::capabilities(bus).await,
        Err(_) => return unknown("notifications"),
    };
    match &capabilities {
        Ok(capabilities) if capabilities.iter().any(|name| name == "actions") => check(
            "notifications",
            "ok",
            tr!("the server has buttons"),
            String::new(),
        ),
        Ok(_) => check(
            "notifications",
            "warning",
            tr!("the server has no buttons"),
            tr!("Undo by `moodlark undo`; questions (`ask-first`) need a server with buttons."),
        ),
        Err(why) => check(
            "notifications",
            "warning",
            if why.contains("ServiceUnknown") {
                tr!("this desktop has no notification service")
            } else {
                why.clone()
            },
            tr!(
                "Install a notification service, for example dunst or mako; all else works without."
            ),
        ),
    }
}

fn journal(facts: &Facts) -> Dict {
    match &facts.journal {
        Ok((path, _)) if !path.exists() => check(
            "journal",
            "ok",
            tr!("{path} is not begun yet", path = path.display()),
            String::new(),
        ),
        Ok((path, finding)) if finding == "ok" => check(
            "journal",
            "ok",
            tr!("{path} is sound", path = path.display()),
            String::new(),
        ),
        Ok((path, finding)) => check(
            "journal",
            "problem",
            format!("{}: {finding}", path.display()),
            tr!(
                "Restart the service: it keeps the broken file under another name, and begins a new one."
            ),
        ),
        Err(why) => check(
            "journal",
            "problem",
            why,
            tr!("Look at the folder's permissions and the free space."),
        ),
    }
}
