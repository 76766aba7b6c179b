//! Checks everything that the service needs, and says what to do where something is missing.

use std::{collections::BTreeMap, path::PathBuf};

use moodlark_api::Dict;
use moodlark_core::{
    engine::View,
    gates::Gate,
    playlist::Playlist,
    settings::{Settings, Source},
};

use crate::{bus::dict, gates, notifications, paths, worker};

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
    /// The session bus, to ask the notification server.
    pub bus: zbus::Connection,
    /// How things stand.
    pub view: View,
    /// The playlists.
    pub playlists: Vec<Playlist>,
    /// What is known of the gates.
    pub gates: BTreeMap<Gate, gates::Status>,
}

/// Each check as [`moodlark_api::Service1Proxy::doctor`] documents it.
pub async fn examine(facts: Facts) -> Vec<Dict> {
    let mut checks = vec![config(&facts), camera(&facts).await, sandbox(&facts).await];
    checks.push(player(&facts));
    checks.push(playlists(&facts));
    checks.push(notifications(&facts).await);
    checks.push(journal(&facts));
    checks.extend(Gate::ALL.map(|gate| {
        let [level, finding, advice] = gates::check(gate, facts.gates.get(&gate), &facts.settings);
        let name = format!("gate: {}", gate.name());
        check(&name, &level, &finding, &advice)
    }));
    checks
}

fn check(name: &str, level: &str, finding: &str, advice: &str) -> Dict {
    dict::of([
        ("check", name.into()),
        ("level", level.into()),
        ("finding", finding.into()),
        ("advice", advice.into()),
    ])
}

fn config(facts: &Facts) -> Dict {
    let path = facts.config.display();
    match &facts.config_problem {
        Some(problem) => check(
            "configuration",
            "problem",
            problem,
            "Mend the file; `moodlark config check` says where. The last good configuration goes on meanwhile.",
        ),
        None if facts.config.exists() => {
            check("configuration", "ok", &format!("{path} is right"), "")
        }
        None => check(
            "configuration",
            "ok",
            &format!("{path} is not there: every option has its default"),
            "`moodlark config default` prints a file with every option to begin from.",
        ),
    }
}

async fn camera(facts: &Facts) -> Dict {
    let settings = &facts.settings.camera;
    if settings.source == Source::Pictures {
        let path = paths::expand_home(settings.pictures.as_deref().unwrap_or_default());
        return if path.exists() {
            check(
                "camera",
                "ok",
                &format!("pictures from {} stand for it", path.display()),
                "",
            )
        } else {
            check(
                "camera",
                "problem",
                &format!("{} is not there", path.display()),
                "Set `pictures` under [camera].",
            )
        };
    }
    let consent = if settings.enabled {
        ""
    } else {
        " It is off: `moodlark camera on` says yes to it."
    };
    match worker::ask(&facts.sense, &["--list-devices", "--json"]).await {
        Err(why) => check(
            "camera",
            "problem",
            &why,
            "Install moodlark-sense beside moodlarkd.",
        ),
        Ok(json) => match serde_json::from_str::<serde_json::Value>(&json) {
            Ok(serde_json::Value::Array(devices)) if devices.is_empty() => check(
                "camera",
                "problem",
                "no camera is there",
                "Plug one in, open its shutter, or use `source = \"pictures\"`.",
            ),
            Ok(value) => {
                let count = value.as_array().map_or(1, Vec::len);
                check(
                    "camera",
                    "ok",
                    &format!(
                        "{count} video device(s), `{}` is used.{consent}",
                        settings.device
                    ),
                    "",
                )
            }
            Err(error) => check(
                "camera",
                "problem",
                &format!("the list of cameras cannot be read: {error}"),
                "",
            ),
        },
    }
}

async fn sandbox(facts: &Facts) -> Dict {
    match worker::ask(&facts.sense, &["--self-test"]).await {
        Ok(report) => check(
            "sandbox",
            "ok",
            report
                .lines()
                .last()
                .unwrap_or("the worker's sandbox holds")
                .trim(),
            "",
        ),
        Err(why) => check(
            "sandbox",
            "problem",
            &why,
            "A kernel of 5.13 or newer with landlock and seccomp holds the worker; `moodlark-sense --self-test` tells more.",
        ),
    }
}

fn player(facts: &Facts) -> Dict {
    let music = &facts.view.music;
    if music.player.is_empty() {
        let finding = format!("no player to act on: {}", music.why_none);
        check(
            "player",
            "warning",
            &finding,
            "Start a player that speaks MPRIS, for example mpv with mpv-mpris.",
        )
    } else {
        check(
            "player",
            "ok",
            &format!("{} is the active one", music.player),
            "",
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
            "Add a [[playlist]] for at least two moods; `moodlark config default` shows how.";
        check(
            "playlists",
            "warning",
            "there is none, so nothing can be switched",
            advice,
        )
    } else if bad.is_empty() {
        check(
            "playlists",
            "ok",
            &format!("{} can be read", facts.playlists.len()),
            "",
        )
    } else {
        check(
            "playlists",
            "problem",
            &bad.join("; "),
            "Mend the paths in the configuration.",
        )
    }
}

async fn notifications(facts: &Facts) -> Dict {
    match &notifications::capabilities(&facts.bus).await {
        Ok(capabilities) if capabilities.iter().any(|name| name == "actions") => {
            check("notifications", "ok", "the server has buttons", "")
        }
        Ok(_) => check(
            "notifications",
            "warning",
            "the server has no buttons",
            "Undo by `moodlark undo`; questions (`ask-first`) need a server with buttons.",
        ),
        Err(why) => check(
            "notifications",
            "warning",
            why,
            "Install a notification service, for example dunst or mako; all else works without.",
        ),
    }
}

fn journal(facts: &Facts) -> Dict {
    match &facts.journal {
        Ok((path, finding)) if finding == "ok" => {
            check("journal", "ok", &format!("{} is sound", path.display()), "")
        }
        Ok((path, finding)) => check(
            "journal",
            "problem",
            &format!("{}: {finding}", path.display()),
            "Move the file away while the service is stopped; a new one is begun.",
        ),
        Err(why) => check(
            "journal",
            "problem",
            why,
            "Look at the folder's permissions and the free space.",
        ),
    }
}
