//! The command line and the exit codes.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::{ArgGroup, Parser};
use moodlark_core::heard::{EXIT_NO_FFMPEG, FilePath};
use moodlark_sandbox::{Calls, parent};

use crate::{
    closed, explain, ffmpeg, hear, idle,
    mood::Ear,
    pcm, selftest, serve,
    spoken::{Speaker, print_line},
    tags,
    throttle::Throttle,
};

/// Standard input ended and everything was answered; or the self-test passed.
pub const EXIT_DONE: u8 = 0;
/// The self-test found a hole in the sandbox.
pub const EXIT_HOLE: u8 = 1;
/// The command line is wrong.
pub const EXIT_USAGE: u8 = 2;
/// The worker could not go on; the reason is on standard error.
pub const EXIT_INTERNAL: u8 = 3;
/// A file took longer than it may. Its answer is written; for the others the worker has to be started again.
pub const EXIT_DEADLINE: u8 = 4;

/// Hears music files: their tags, and the mood of a track.
///
/// It reads the folders that it is given inside a sandbox without network, and writes nothing.
#[derive(Debug, Parser)]
#[command(
    name = "moodlark-listen",
    version,
    group = ArgGroup::new("what").required(true).args(["folders", "hear", "pcm", "decode", "self_test"]),
    after_help = "Exit codes: 0 done; 1 the self-test failed; 2 wrong usage; 3 it could not go on; 4 a file took longer than \
                  its deadline, which was answered; 5 there is no ffmpeg."
)]
pub struct Args {
    /// Answer requests, one JSON object a line of standard input, about what lies in FOLDER; several are possible
    #[arg(long = "folder", value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Hear files and print what was heard, for people
    #[arg(long, value_name = "FILE", num_args = 1..)]
    hear: Vec<PathBuf>,
    /// Hear 16-bit samples at 16 kHz, one channel, from standard input; PATH is named in the answer
    #[arg(long, value_name = "PATH")]
    pcm: Option<PathBuf>,
    /// Become ffmpeg, closed in, and decode FILE to what --pcm reads
    #[arg(long, value_name = "FILE")]
    decode: Option<PathBuf>,
    /// Try to break out of the sandbox, and say how that went
    #[arg(long)]
    self_test: bool,
    /// Print the answers of --hear or the self-test as JSON
    #[arg(long)]
    json: bool,
    /// Compute for at most this share of the time
    #[arg(long, value_name = "0.01..1", default_value_t = 1.0, value_parser = share)]
    share: f64,
    /// End a file that computes for longer, in seconds, or takes twenty times as long by the clock
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds)]
    deadline: f64,
    /// Keep the usual priority, where somebody waits for the answers
    #[arg(long)]
    awaited: bool,
}

fn share(text: &str) -> Result<f64, String> {
    number(text, 0.01, 1.0)
}

fn seconds(text: &str) -> Result<f64, String> {
    number(text, 0.1, 86_400.0)
}

fn number(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("from {least} to {most}"))
    }
}

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() {
                EXIT_USAGE
            } else {
                EXIT_DONE
            };
            return if error.print().is_ok() {
                code.into()
            } else {
                EXIT_INTERNAL.into()
            };
        }
    };
    // One line instead of a backtrace, for which files would have to be opened.
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        eprintln!("moodlark-listen: a fault at {place}");
    }));
    match run(&args) {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("moodlark-listen: {error:#}");
            EXIT_INTERNAL.into()
        }
    }
}

fn run(args: &Args) -> Result<u8> {
    parent::die_with().map_err(anyhow::Error::msg)?;
    let deadline = Duration::from_secs_f64(args.deadline);
    if args.self_test {
        return self_test(args.json);
    }
    if let Some(file) = &args.decode {
        if !args.awaited {
            idle::be_idle();
        }
        let Some(program) = ffmpeg::program() else {
            eprintln!("moodlark-listen: ffmpeg is not installed");
            return Ok(EXIT_NO_FFMPEG);
        };
        ffmpeg::become_it(program, file, deadline.as_secs().max(1))?;
        return Ok(EXIT_INTERNAL);
    }
    idle::bound().map_err(anyhow::Error::msg)?;
    tags::prepare();
    if !args.hear.is_empty() {
        return by_hand(args, deadline);
    }
    if !args.awaited {
        idle::be_idle();
    }
    let mut ear = Ear::load()?;
    let mut throttle = Throttle::new(args.share);
    if let Some(path) = &args.pcm {
        let watch = || Speaker::watched(deadline).context("cannot watch the deadline");
        let (_, speaker) = closed::around(&[], Calls::ReadInput, watch)?;
        let path = FilePath::from(path.as_path());
        speaker.begin(&path);
        let pcm = pcm::read(io::stdin().lock(), &mut throttle).context("cannot read the sound")?;
        speaker.end(&hear::hear_pcm(&mut ear, &path, pcm, &mut throttle))?;
        return Ok(EXIT_DONE);
    }
    let watch = || Speaker::watched(deadline).context("cannot watch the deadline");
    let (level, speaker) = closed::around(&args.folders, Calls::ReadFiles, watch)?;
    print_line(&serve::hello(level))?;
    serve::serve(&mut ear, io::stdin(), &speaker, &mut throttle)?;
    Ok(EXIT_DONE)
}

/// Files that a person asks about: at the usual priority.
fn by_hand(args: &Args, deadline: Duration) -> Result<u8> {
    let mut ear = Ear::load()?;
    let music = moodlark_models::music::music()?;
    let mut throttle = Throttle::new(args.share);
    let files: Vec<PathBuf> = args
        .hear
        .iter()
        .map(std::path::absolute)
        .collect::<io::Result<_>>()?;
    let watch = || Speaker::watched(deadline).context("cannot watch the deadline");
    let (_, speaker) = closed::around(&files, Calls::ReadFiles, watch)?;
    for file in files {
        let path = FilePath::from(file);
        speaker.begin(&path);
        let answer = hear::hear(&mut ear, &path, &mut throttle);
        if args.json {
            speaker.end(&answer)?;
        } else {
            speaker.done();
            print(&explain::text(&answer, &music))?;
        }
    }
    Ok(EXIT_DONE)
}

fn self_test(json: bool) -> Result<u8> {
    // A folder that stands for the music; it need not hold any.
    let report = selftest::run(std::path::Path::new("/usr/share"))?;
    print(&if json {
        serde_json::to_string(&report)? + "\n"
    } else {
        report.text()
    })?;
    Ok(if report.passed { EXIT_DONE } else { EXIT_HOLE })
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
