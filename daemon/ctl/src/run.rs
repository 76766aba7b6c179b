//! Carries a command out: asks the service, then prints what it said as JSON or as text.

use std::{process::ExitCode, time::Duration};

use clap::{CommandFactory, Parser};
use moodlark_catalogue::tr;
use serde_json::Value;

use crate::{
    args::{CameraCommand, Cli, Command, MoodCommand, PolicyCommand},
    bus::{BRIEF, Bus, LONG},
    config::{self, Told},
    doctor::doctor,
    failure::{FAILED, Failure},
    json,
    show::Show,
    terminal::{self, complain},
    watch::watch,
};

/// As many entries as the service answers with at most.
const FULL_HISTORY: usize = 10_000;

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors, and go to stdout; nobody may be reading.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match run(&cli) {
        Ok(code) => code,
        Err(failure) => {
            complain(&failure.render(cli.json));
            ExitCode::from(failure.code)
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let mut found = false;
    match &cli.command {
        Command::Config(args) => finish(cli.json, &config::run(&args.command)?)?,
        Command::Completions { shell } => completions(*shell)?,
        command => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = runtime.map_err(|error| {
                Failure::new(
                    "org.freedesktop.DBus.Error.Failed",
                    tr!("No event loop: {error}.", error),
                )
            })?;
            runtime.block_on(async {
                if let Command::Watch { wait } = command {
                    return watch(&Bus::join(BRIEF).await?, *wait, cli.json).await;
                }
                if let Command::Setup { yes } = command {
                    return finish(cli.json, &crate::setup::run(*yes, cli.json).await?);
                }
                if matches!(command, Command::Doctor) {
                    let (told, problem) = doctor().await?;
                    found = problem;
                    return finish(cli.json, &told);
                }
                let told = ask(command, cli.json).await?;
                finish(cli.json, &told)
            })?;
        }
    }
    Ok(if found {
        ExitCode::from(FAILED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Prints the answer: all of it or, on an error, nothing.
fn finish(as_json: bool, told: &Told) -> Result<(), Failure> {
    let text = if as_json {
        &format!("{}\n", told.json)
    } else {
        &told.text
    };
    if !as_json && !told.warning.is_empty() {
        complain(&told.warning);
    }
    match terminal::print(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(
            "org.freedesktop.DBus.Error.IOError",
            tr!("The answer could not be printed: {error}.", error),
        )),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "moodlark", &mut script);
    let text = String::from_utf8_lossy(&script).into_owned();
    finish(
        false,
        &Told {
            json: Value::Null,
            text,
            warning: String::new(),
        },
    )
}

/// How long the service may take for a command.
fn patience(command: &Command) -> Duration {
    match command {
        Command::Camera(args) if matches!(args.command, Some(CameraCommand::Sample)) => {
            // A look takes as long as it is configured to, and some time to start and to be told.
            let configured = moodlark_config::paths::config_file()
                .ok()
                .and_then(|path| moodlark_config::load(&path).ok());
            configured.map_or(LONG, |checked| {
                LONG.max(checked.settings.camera.deadline + Duration::from_secs(7))
            })
        }
        Command::Camera(args) => match args.command {
            Some(CameraCommand::Calibrate {
                seconds,
                reset: false,
            }) => LONG + Duration::from_secs(seconds.into()),
            _ => BRIEF,
        },
        Command::Play { .. }
        | Command::Undo
        | Command::Library(_)
        | Command::History { .. }
        | Command::Playlists { players: true, .. } => LONG,
        Command::Playlists {
            spotify: Some(_), ..
        }
        | Command::Spotify(_) => crate::spotify::ASKS_SPOTIFY,
        _ => BRIEF,
    }
}

async fn ask(command: &Command, as_json: bool) -> Result<Told, Failure> {
    let show = Show::now();
    // What is typed wrong is told before anybody is asked.
    let range = match command {
        Command::History { since, until } => Some(range(&show, since, until)?),
        _ => None,
    };
    let pause = match command {
        Command::Camera(args) => match &args.command {
            Some(CameraCommand::Pause { when }) => {
                Some(show.clock.read_pause(when).map_err(|error| usage(&error))?)
            }
            _ => None,
        },
        _ => None,
    };
    let bus = Bus::with_service(patience(command)).await?;
    let told = |json: Value, text: String| Told {
        json,
        text,
        warning: String::new(),
    };
    Ok(match command {
        Command::Status => {
            let status = status(&bus).await?;
            let text = show.status(&status);
            told(status, text)
        }
        Command::Why => {
            let explained = json::of_document(&bus.mood().await?.explain().await?);
            let text = show.why(&explained);
            told(explained, text)
        }
        Command::Mood(args) => mood(&bus, &show, args.command.as_ref()).await?,
        Command::Camera(args) => camera(&bus, &show, args.command.as_ref(), pause).await?,
        Command::Policy(args) => {
            let policy = bus.policy().await?;
            let mut done = String::new();
            if let Some(intent) = &args.intent {
                policy.set_intent(intent).await?;
            }
            match &args.command {
                Some(PolicyCommand::Rule { name, state }) => {
                    policy.set_rule_enabled(name, state == "on").await?;
                }
                Some(PolicyCommand::Reset) => {
                    policy.reset().await?;
                    done = tr!("Back to the configuration.\n");
                }
                None => {}
            }
            let state = json::of_dict(&bus.properties("org.moodlark.Policy1").await?);
            let text = format!("{done}{}", show.policy(&state));
            told(state, text)
        }
        Command::Players => {
            let players = json::of_dicts(&bus.music().await?.players().await?);
            let text = show.players(&players);
            told(players, text)
        }
        Command::Playlists {
            spotify: Some(query),
            ..
        } => {
            let found = json::of_dicts(&bus.spotify().await?.playlists(query).await?);
            let text = show.spotify_playlists(&found);
            told(found, text)
        }
        Command::Spotify(args) => {
            crate::spotify::spotify(&bus, &show, args.command.as_ref()).await?
        }
        Command::Library(args) => {
            crate::library::library(&bus, &show, args.command.as_ref(), as_json).await?
        }
        Command::Playlists { players: true, .. } => {
            let lists = json::of_dicts(&bus.music().await?.players_playlists().await?);
            let text = show.players_playlists(&lists);
            told(lists, text)
        }
        Command::Playlists { .. } => {
            let playlists = json::of_dicts(&bus.music().await?.playlists().await?);
            let text = show.playlists(&playlists);
            told(playlists, text)
        }
        Command::Play { what } => {
            let switch = json::of_dict(&bus.music().await?.apply(&what.join(" ")).await?);
            let text = show.switch(&switch);
            told(switch, text)
        }
        Command::Undo => {
            let undo = json::of_dict(&bus.music().await?.undo().await?);
            let text = show.undone(&undo);
            told(undo, text)
        }
        Command::History { .. } => {
            let (from, to) = range.unwrap_or_default();
            let entries = bus.mood().await?.history(from, to).await?;
            let warning = if entries.len() >= FULL_HISTORY {
                tr!(
                    "moodlark: These are the first {number} entries; ask from a later time on for more.\n",
                    number = FULL_HISTORY
                )
            } else {
                String::new()
            };
            let entries = json::of_dicts(&entries);
            let text = show.history(&entries);
            Told {
                warning,
                ..told(entries, text)
            }
        }
        Command::Reload => {
            bus.service().await?.reload().await?;
            told(
                json::object([("reloaded", true.into())]),
                tr!("The configuration was read again.\n"),
            )
        }
        // Carried out before this.
        Command::Config(_)
        | Command::Watch { .. }
        | Command::Setup { .. }
        | Command::Completions { .. }
        | Command::Doctor => told(Value::Null, String::new()),
    })
}

fn usage(message: &str) -> Failure {
    Failure::usage(tr!("{message}. `moodlark help` says more.", message))
}

fn range(show: &Show, since: &[String], until: &[String]) -> Result<(i64, i64), Failure> {
    let from = show
        .clock
        .read_since(since)
        .map_err(|error| usage(&format!("--since: {error}")))?;
    let to = match until {
        // What is written while we ask belongs to it.
        [] => show.clock.millis().saturating_add(60_000),
        until => show
            .clock
            .read_until(until)
            .map_err(|error| usage(&format!("--until: {error}")))?,
    };
    if from >= to {
        return Err(usage(&tr!("--since must be before --until")));
    }
    Ok((from, to))
}

async fn status(bus: &Bus) -> Result<Value, Failure> {
    let mut service = json::of_dict(&bus.properties("org.moodlark.Service1").await?);
    service["running"] = true.into();
    Ok(json::object([
        ("service", service),
        (
            "mood",
            json::of_dict(&bus.properties("org.moodlark.Mood1").await?),
        ),
        (
            "camera",
            json::of_dict(&bus.properties("org.moodlark.Camera1").await?),
        ),
        (
            "policy",
            json::of_dict(&bus.properties("org.moodlark.Policy1").await?),
        ),
        (
            "music",
            json::of_dict(&bus.properties("org.moodlark.Music1").await?),
        ),
    ]))
}

async fn mood(bus: &Bus, show: &Show, command: Option<&MoodCommand>) -> Result<Told, Failure> {
    let proxy = bus.mood().await?;
    match command {
        None | Some(MoodCommand::Show) => {}
        Some(MoodCommand::Set {
            mood: Some(mood), ..
        }) => proxy.report(mood).await?,
        // The parser sees to it that both are there.
        Some(MoodCommand::Set {
            valence, arousal, ..
        }) => {
            proxy
                .report_affect(valence.unwrap_or_default(), arousal.unwrap_or_default())
                .await?;
        }
        Some(MoodCommand::Note { text }) => {
            proxy.note(&text.join(" ")).await?;
            let json = json::object([("noted", true.into())]);
            return Ok(Told {
                json,
                text: "Noted.\n".into(),
                warning: String::new(),
            });
        }
    }
    let json = json::of_dict(&bus.properties("org.moodlark.Mood1").await?);
    let text = show.mood(&json);
    Ok(Told {
        json,
        text,
        warning: String::new(),
    })
}

async fn camera(
    bus: &Bus,
    show: &Show,
    command: Option<&CameraCommand>,
    pause: Option<u32>,
) -> Result<Told, Failure> {
    let proxy = bus.camera().await?;
    match command {
        None => {}
        Some(CameraCommand::On) => proxy.set_enabled(true).await?,
        Some(CameraCommand::Off) => proxy.set_enabled(false).await?,
        Some(CameraCommand::Pause { .. }) => proxy.pause(pause.unwrap_or_default()).await?,
        Some(CameraCommand::Resume) => proxy.resume().await?,
        Some(CameraCommand::Calibrate { reset: true, .. }) => proxy.forget_baseline().await?,
        Some(CameraCommand::Calibrate { seconds, .. }) => {
            // People must know when to keep still.
            if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
                complain(&tr!(
                    "Looking for {seconds} seconds: sit as you do when you read, your face at rest …",
                    seconds
                ));
            }
            let json = json::of_document(&proxy.calibrate(*seconds).await?);
            let text = tr!(
                "{effect}\n(from {faces} looks; `moodlark camera calibrate --reset` forgets it)\n",
                effect = crate::show::clean(json["sentence"].as_str().unwrap_or_default()),
                faces = json["faces"]
            );
            return Ok(Told {
                json,
                text,
                warning: String::new(),
            });
        }
        Some(CameraCommand::Sample) => {
            let json = json::of_document(&proxy.sample().await?);
            let sentence = show.reading(crate::show::Fields(&json));
            if matches!(
                json["kind"].as_str(),
                Some("busy" | "unplugged" | "denied" | "failed")
            ) {
                return Err(Failure::look(&sentence, json));
            }
            let text = format!("{sentence}\n");
            return Ok(Told {
                json,
                text,
                warning: String::new(),
            });
        }
    }
    let json = json::of_dict(&bus.properties("org.moodlark.Camera1").await?);
    let text = show.camera(&json);
    Ok(Told {
        json,
        text,
        warning: String::new(),
    })
}
