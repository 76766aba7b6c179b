//! The commands and their help.

use std::path::PathBuf;

use clap::{
    Args, Parser, Subcommand, ValueHint,
    builder::{PossibleValuesParser, TypedValueParser},
};
use clap_complete::Shell;

/// The moods that can be reported, and `auto`.
pub(crate) const MOODS: [&str; 8] = [
    "angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "auto",
];

/// What can be wished for, besides `playlist:NAME`.
pub(crate) const INTENTS: [&str; 6] = ["auto", "match", "uplift", "calm", "energise", "keep"];

const EXAMPLES: &str = "\
Examples:
  moodlark status                    what it sees, thinks and plays
  moodlark camera on                 say yes to the camera
  moodlark camera pause until 18:00  look away for a while
  moodlark mood set sad              say how you feel
  moodlark policy uplift             cheer me up, whatever the rules say
  moodlark play happy                play what fits a mood, now
  moodlark undo                      bring back what played before

Exit codes: 0 done, 1 refused or failed (the reason is on stderr), 2 wrong usage,
3 the service is not running (for doctor a problem like others: 1).

With --json, stdout holds one JSON value (`watch`: one a line) and errors are
{\"error\":{\"name\",\"message\"}} on stderr. Names are those of the D-Bus interface in snake_case;
times are milliseconds since 1970 UTC; what there is none of is null.";

/// Ask and tell Moodlark, which plays music to fit how you feel.
#[derive(Debug, Parser)]
#[command(name = "moodlark", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What it sees, thinks and plays.
    Status,
    /// Why the music was last changed or left alone.
    Why,
    /// The mood; or say how you feel.
    #[command(
        after_help = "Examples:\n  moodlark mood\n  moodlark mood set sad\n  moodlark mood set --valence 0.5 --arousal -0.3\n  moodlark mood set auto         take back what you said\n  moodlark mood note 'long day'"
    )]
    Mood(MoodArgs),
    /// The camera: whether it may look, and when.
    #[command(
        after_help = "Examples:\n  moodlark camera\n  moodlark camera on\n  moodlark camera pause              until resumed\n  moodlark camera pause 1h 30m\n  moodlark camera pause until 18:00  today, or tomorrow if it is past\n  moodlark camera sample             look now\n  moodlark camera calibrate          learn what your face looks like at rest"
    )]
    Camera(CameraArgs),
    /// What the music should do: your wish, and your rules.
    #[command(
        after_help = "Examples:\n  moodlark policy\n  moodlark policy uplift\n  moodlark policy 'playlist:Sunny side'\n  moodlark policy auto                     back to the rules\n  moodlark policy rule 'Quiet evenings' off\n  moodlark policy reset"
    )]
    Policy(PolicyArgs),
    /// The players that are running, and what can be done with them.
    Players,
    /// The playlists; or those that players have themselves, or those at Spotify.
    #[command(
        after_help = "Examples:\n  moodlark playlists\n  moodlark playlists --players           those within Rhythmbox, Strawberry, MPD\n  moodlark playlists --spotify           all of yours at Spotify\n  moodlark playlists --spotify focus     yours of that name, and what a search finds"
    )]
    Playlists {
        /// List your playlists at Spotify, or those that QUERY finds; needs `moodlark spotify login`.
        #[arg(long, value_name = "QUERY", num_args = 0..=1, default_missing_value = "")]
        spotify: Option<String>,
        /// List the playlists that the running players have themselves, for `player-playlist`.
        #[arg(long, conflicts_with = "spotify")]
        players: bool,
    },
    /// Spotify's Web API: sign in, sign out, and how that stands.
    #[command(
        after_help = "It needs a client ID of your own under [spotify] in the configuration, and Premium;\n`man moodlark.toml` says how to make one. Without it Spotify is used over MPRIS.\n\nExamples:\n  moodlark spotify                     how it stands\n  moodlark spotify login               open Spotify's page in your browser\n  moodlark spotify login --no-browser  on a computer without one: paste the last page's address\n  moodlark spotify logout              forget the sign-in"
    )]
    Spotify(SpotifyArgs),
    /// Your own music: what was heard in it, and what may be chosen from.
    #[command(
        after_help = "Examples:\n  moodlark library                   how far it is\n  moodlark library scan              hear what is new, with a bar\n  moodlark library top sad           the tracks nearest to sad\n  moodlark library explain song.ogg  where it lies, and why\n  moodlark library map --svg map.svg"
    )]
    Library(LibraryArgs),
    /// Play a playlist by name, or what fits a mood, now.
    #[command(after_help = "Examples:\n  moodlark play happy\n  moodlark play Sunny side")]
    Play {
        /// A mood, or a playlist's name.
        #[arg(value_name = "MOOD|PLAYLIST", required = true)]
        what: Vec<String>,
    },
    /// Bring back what played before the last switch.
    Undo,
    /// What was seen, decided and done.
    #[command(
        after_help = "Times are a span (2h: so long ago), today, yesterday, a time of day (18:00),\na date (2026-11-20), or both (2026-11-20 18:00).\n\nExamples:\n  moodlark history\n  moodlark history --since 2h\n  moodlark history --since 2026-11-20 --until 2026-11-21 12:00"
    )]
    History {
        /// From this time on.
        #[arg(long, value_name = "TIME", num_args = 1..=2, default_value = "today")]
        since: Vec<String>,
        /// Up to this time; a date means the whole day.
        #[arg(long, value_name = "TIME", num_args = 1..=2)]
        until: Vec<String>,
    },
    /// Ask what a first day needs: the camera, playlists, what the music should do, starting at login.
    #[command(
        after_help = "It can be run again at any time: what is set already is left alone.\n\nWith --yes nobody is asked: that is your yes to the camera and to starting at login; whatever\nneeds a choice stays as it is."
    )]
    Setup {
        /// Answer yes to the camera and to starting at login, and ask nothing.
        #[arg(long)]
        yes: bool,
    },
    /// Read the configuration again.
    Reload,
    /// The configuration file.
    Config(ConfigArgs),
    /// Print what happens as it happens, until Ctrl-C; goes on when the service is started again.
    Watch {
        /// Wait for a service that is not running yet.
        #[arg(long)]
        wait: bool,
    },
    /// Check everything that is needed, and say what to do; exit code 1 when there is a problem.
    #[command(
        after_help = "Each finding is ok, a warning (it works, but less well) or a problem. Where the service is not running\nthat is a problem like others, and what can be checked without it is.\n\nExamples:\n  moodlark doctor\n  moodlark doctor --json | jq '.[] | select(.level != \"ok\")'"
    )]
    Doctor,
    /// Print completions for a shell.
    #[command(
        after_help = "Example:\n  moodlark completions bash > ~/.local/share/bash-completion/completions/moodlark"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct MoodArgs {
    #[command(subcommand)]
    pub(crate) command: Option<MoodCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MoodCommand {
    /// Show the mood (the same as no command).
    Show,
    /// Say how you feel: by name, or by valence and arousal.
    Set {
        /// The mood; `auto` takes back what you said.
        #[arg(
            value_parser = PossibleValuesParser::new(MOODS).map(|mood| mood.to_lowercase()),
            ignore_case = true,
            required_unless_present_any = ["valence", "arousal"],
            conflicts_with_all = ["valence", "arousal"],
        )]
        mood: Option<String>,
        /// From -1 (unpleasant) to 1 (pleasant).
        #[arg(long, value_name = "V", value_parser = coordinate, requires = "arousal", allow_negative_numbers = true)]
        valence: Option<f64>,
        /// From -1 (calm) to 1 (excited).
        #[arg(long, value_name = "A", value_parser = coordinate, requires = "valence", allow_negative_numbers = true)]
        arousal: Option<f64>,
    },
    /// Keep a note in the journal.
    Note {
        /// The text, at most 1,000 characters.
        #[arg(required = true)]
        text: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CameraArgs {
    #[command(subcommand)]
    pub(crate) command: Option<CameraCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CameraCommand {
    /// Say yes to the camera, for good.
    On,
    /// Say no to the camera, for good.
    Off,
    /// Don't look for a while; without a span until resumed.
    Pause {
        /// A span such as 30m, or `until` and a time such as 18:00 or `tomorrow`.
        #[arg(value_name = "SPAN | until TIME")]
        when: Vec<String>,
    },
    /// End a pause.
    Resume,
    /// Look now.
    Sample,
    /// Learn your resting face, so that it isn't taken for sadness: look at it for a while.
    #[command(
        after_help = "Sit as you do when you read, face at rest, until it is done. Nothing of it counts as your mood, and no\npicture is kept: what is learnt is seven numbers, and how many looks they come from."
    )]
    Calibrate {
        /// For so many seconds.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(5..=120))]
        seconds: u32,
        /// Forget what was learnt instead.
        #[arg(long, conflicts_with = "seconds")]
        reset: bool,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct PolicyArgs {
    /// What you want for now, over all rules: auto (the rules), match, uplift, calm, energise,
    /// keep, or playlist:NAME.
    #[arg(value_parser = intent)]
    pub(crate) intent: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<PolicyCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Switch a rule on or off until reset, or an edit of the configuration.
    Rule {
        /// Its name.
        name: String,
        /// On or off.
        #[arg(value_parser = ["on", "off"])]
        state: String,
    },
    /// Back to the configuration: auto, and each rule as written.
    Reset,
}

#[derive(Debug, Args)]
pub(crate) struct SpotifyArgs {
    #[command(subcommand)]
    pub(crate) command: Option<SpotifyCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpotifyCommand {
    /// Show how the sign-in stands (the same as no command).
    Status,
    /// Sign in, in your browser.
    Login {
        /// Open no browser, only print the page's address.
        #[arg(long)]
        no_browser: bool,
    },
    /// Forget the sign-in.
    Logout,
}

#[derive(Debug, Args)]
pub(crate) struct LibraryArgs {
    #[command(subcommand)]
    pub(crate) command: Option<LibraryCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LibraryCommand {
    /// Show how far it is (the same as no command).
    Status,
    /// Hear what is new, at full speed, and wait until it is done.
    #[command(
        after_help = "Ctrl-C ends the waiting, and the scan goes on; `moodlark library stop` stops it. It goes on where it was\nwith the next."
    )]
    Scan {
        /// Don't wait.
        #[arg(long)]
        background: bool,
    },
    /// Stop a scan.
    Stop,
    /// The tracks nearest to a mood.
    Top {
        /// The mood.
        #[arg(value_parser = PossibleValuesParser::new(&MOODS[..7]).map(|mood| mood.to_lowercase()), ignore_case = true)]
        mood: String,
        /// So many.
        #[arg(long, short, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
        number: u32,
    },
    /// What is known of a file, and why it lies where it does.
    Explain {
        /// The file.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Say that you like a track: it is chosen more often.
    Like {
        /// The file.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// Take it back.
        #[arg(long)]
        not: bool,
    },
    /// A way from one track to another, by way of others, in small steps.
    Path {
        /// The file to begin with.
        #[arg(value_hint = ValueHint::FilePath)]
        from: PathBuf,
        /// The file to end with.
        #[arg(value_hint = ValueHint::FilePath)]
        to: PathBuf,
    },
    /// Files that could not be heard or were left out, and why.
    Errors {
        /// At most so many.
        #[arg(long, short, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        number: u32,
    },
    /// All tracks as a JSON list: path, title, artist, album, seconds, valence, arousal.
    Export,
    /// Draw the tracks on the plane of valence and arousal.
    Map {
        /// Into a picture, with artists named where there is room.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        svg: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print where the file is.
    Path,
    /// Check the file, or another one, without the service.
    Check {
        /// The file to check.
        #[arg(value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,
    },
    /// Print the shipped file: every option, commented out, with its default.
    Default,
}

fn coordinate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (-1.0..=1.0).contains(&number) => Ok(number),
        _ => Err("it is a number from -1 to 1".into()),
    }
}

fn intent(text: &str) -> Result<String, String> {
    let plain = text.trim().to_lowercase();
    if let Some(intent) = INTENTS.into_iter().find(|intent| *intent == plain) {
        return Ok(intent.to_owned());
    }
    match text.trim().split_once(':') {
        Some(("playlist", name)) if !name.trim().is_empty() => {
            Ok(format!("playlist:{}", name.trim()))
        }
        _ if plain == "energize" => Ok("energise".to_owned()),
        _ => Err(format!(
            "it is one of {}, or playlist:NAME",
            INTENTS.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use moodlark_core::{emotion::Emotion, settings::Intent};

    use super::*;

    #[test]
    fn the_commands_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_moods_and_intents_are_the_cores() {
        let moods: Vec<_> = Emotion::ALL
            .iter()
            .map(|emotion| emotion.name())
            .chain(["auto"])
            .collect();
        assert_eq!(moods, MOODS);
        for name in INTENTS.into_iter().filter(|name| *name != "auto") {
            assert!(
                serde_json::from_str::<Intent>(&format!("\"{name}\"")).is_ok(),
                "{name}"
            );
        }
    }

    #[test]
    fn moods_are_set_by_name_or_by_both_coordinates() {
        let parse =
            |words: &[&str]| Cli::try_parse_from([&["moodlark", "mood", "set"], words].concat());
        assert!(parse(&["Sad"]).is_ok());
        assert!(parse(&["--valence", "-0.5", "--arousal", "0.2"]).is_ok());
        for wrong in [
            &[][..],
            &["sadd"],
            &["--valence", "0.5"],
            &["--valence", "2", "--arousal", "0"],
            &["sad", "--valence", "0", "--arousal", "0"],
            &["--valence", "nan", "--arousal", "0"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn policies_are_wishes_or_commands() {
        let parse =
            |words: &[&str]| Cli::try_parse_from([&["moodlark", "policy"], words].concat()).is_ok();
        assert!(
            parse(&[])
                && parse(&["uplift"])
                && parse(&["energize"])
                && parse(&["playlist:Sunny side"])
                && parse(&["reset"])
        );
        assert!(parse(&["rule", "Quiet evenings", "off"]));
        assert!(
            !parse(&["cheer"])
                && !parse(&["playlist:"])
                && !parse(&["rule", "x", "maybe"])
                && !parse(&["uplift", "reset"])
        );
    }
}
