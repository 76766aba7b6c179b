//! The command line and the exit codes.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{ArgGroup, Parser};
use moodlark_core::Reading;

use crate::{
    burst::SeveralFaces,
    devices::{self, Kind, Spec},
    explain,
    look::{self, Request, Source},
    map_file, selftest,
    spoken::{self, Speaker},
};

/// A reading was printed, whatever it says; or the list; or the self-test passed.
pub const EXIT_DONE: u8 = 0;
/// The self-test found a hole in the sandbox.
pub const EXIT_HOLE: u8 = 1;
/// The command line is wrong.
pub const EXIT_USAGE: u8 = 2;
/// Nothing could be printed; the reason is on standard error.
pub const EXIT_INTERNAL: u8 = 3;

/// Takes one short look and prints what it saw as one line of JSON.
///
/// The camera is read inside a sandbox without network and files. No picture is kept.
#[derive(Debug, Parser)]
#[command(
    name = "moodlark-sense",
    version,
    group = ArgGroup::new("what").required(true).args(["once", "self_test", "list_devices"]),
    after_help = "Exit codes: 0 a reading was printed, whatever it says (also Busy, Denied, Failed …), or the self-test \
                  passed; 1 the self-test failed; 2 wrong usage; 3 nothing could be printed."
)]
pub struct Args {
    /// Take one look
    #[arg(long)]
    once: bool,
    /// Try to break out of the sandbox, and say how that went
    #[arg(long)]
    self_test: bool,
    /// List the camera nodes
    #[arg(long)]
    list_devices: bool,
    /// The camera: `auto`, a path (also /dev/v4l/by-id/…), a USB `vid:pid`, or part of its name
    #[arg(long, value_name = "CAMERA", default_value = "auto", requires = "once", value_parser = |text: &str| text.parse::<Spec>())]
    device: Spec,
    /// Look at a JPEG or PNG, or at one of a folder of them, instead of a camera
    #[arg(
        long,
        value_name = "PATH",
        requires = "once",
        conflicts_with = "device"
    )]
    pictures: Option<PathBuf>,
    /// Which picture of the folder, by name from 0, and round again
    #[arg(long, value_name = "N", default_value_t = 0, requires = "pictures")]
    index: u64,
    /// Which face counts when there are several
    #[arg(
        long,
        value_name = "WHICH",
        default_value = "largest",
        requires = "once"
    )]
    several_faces: SeveralFaces,
    /// End a look that takes longer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 7.0, requires = "once", value_parser = seconds)]
    deadline: f64,
    /// Print an account for people instead of JSON
    #[arg(long, requires = "once")]
    explain: bool,
    /// With --explain: draw which parts of the face the likeliest expression hangs on, as a PNG file at PATH. Red: there
    /// the network saw it; blue: what is there speaks against it. `-`: the map goes to standard output, the
    /// account to standard error
    #[arg(long, value_name = "PATH", requires_all = ["explain", "pictures"], conflicts_with = "device")]
    map: Option<PathBuf>,
    /// Print the list or the self-test as JSON
    #[arg(long, conflicts_with = "once")]
    json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| format!("`{text}` is no number of seconds"))?;
    if (0.1..=600.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("from 0.1 to 600 seconds".into())
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
        eprintln!("moodlark-sense: a fault at {place}");
    }));
    if let Err(why) = moodlark_sandbox::parent::die_with() {
        eprintln!("moodlark-sense: {why}");
        return EXIT_INTERNAL.into();
    }
    let result = if args.self_test {
        self_test(args.json)
    } else if args.list_devices {
        list(args.json)
    } else {
        once(args)
    };
    match result {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("moodlark-sense: {error:#}");
            EXIT_INTERNAL.into()
        }
    }
}

fn once(args: Args) -> anyhow::Result<u8> {
    if let Some(path) = args.map.as_deref().filter(|path| *path != Path::new("-")) {
        return draw(&args, path);
    }
    let source = match args.pictures {
        Some(path) => Source::Pictures(path, args.index),
        None => Source::Camera(args.device),
    };
    let deadline = Duration::from_secs_f64(args.deadline);
    let request = Request {
        source,
        several: args.several_faces,
        deadline,
        twice: args.explain,
        map: args.map.is_some(),
    };
    let speaker = Speaker::default();
    let looked = std::panic::catch_unwind(|| look::look(&request, &speaker));
    if !speaker.take() {
        // The watch has spoken, and is about to end the process.
        std::thread::park();
    }
    match looked {
        Ok(account) if args.map.is_some() => return hand_over(&account),
        Ok(account) if args.explain => print(&explain::text(&account))?,
        Ok(account) => spoken::print_line(&account.line)?,
        // A decoder or a driver's answer that makes a library panic is a failed look like any other.
        Err(_) => {
            let reason = "a fault in the program, see standard error".into();
            spoken::print_line(&spoken::line(Reading::Failed { reason }, speaker.level()))?;
        }
    }
    Ok(EXIT_DONE)
}

/// Lets another process look, and writes the map that it makes.
fn draw(args: &Args, path: &Path) -> anyhow::Result<u8> {
    let mut again: Vec<OsString> = ["--once", "--explain", "--map", "-"].map(Into::into).into();
    let several = match args.several_faces {
        SeveralFaces::Largest => "largest",
        SeveralFaces::None => "none",
    };
    again.extend(
        args.pictures
            .iter()
            .flat_map(|p| ["--pictures".into(), p.into()]),
    );
    again.extend(["--index".into(), args.index.to_string().into()]);
    again.extend(["--deadline".into(), args.deadline.to_string().into()]);
    again.extend(["--several-faces".into(), several.into()]);
    print(&map_file::write(&again, path)?)?;
    print(&format!("\nThe map is in {}.\n", path.display()))?;
    Ok(EXIT_DONE)
}

/// The map to standard output, the account to standard error.
fn hand_over(account: &look::Account) -> anyhow::Result<u8> {
    use std::io::Write;
    eprint!("{}", explain::text(account));
    let Some(map) = &account.map else {
        eprintln!("\nThere is no face to map.");
        return Ok(EXIT_INTERNAL);
    };
    let mut out = std::io::stdout().lock();
    out.write_all(&map.png)?;
    out.flush()?;
    Ok(EXIT_DONE)
}

fn self_test(json: bool) -> anyhow::Result<u8> {
    let report = selftest::run()?;
    print(&if json {
        serde_json::to_string(&report)? + "\n"
    } else {
        report.text()
    })?;
    Ok(if report.passed { EXIT_DONE } else { EXIT_HOLE })
}

fn list(json: bool) -> anyhow::Result<u8> {
    let nodes = devices::nodes();
    let all: Vec<devices::Device> = nodes
        .into_iter()
        .map(|node| devices::Device {
            kind: devices::probe(&node),
            node,
        })
        .collect();
    if json {
        print(&(serde_json::to_string(&all)? + "\n"))?;
        return Ok(EXIT_DONE);
    }
    if all.is_empty() {
        print("There is no camera: no /dev/videoN.\n")?;
    }
    for device in all {
        let what = match &device.kind {
            Kind::Camera { driver, formats } => {
                format!("camera ({driver}): {}", formats.join(", "))
            }
            Kind::Loopback { formats } => format!("loopback: {}", formats.join(", ")),
            Kind::OtherFormats { formats } => {
                format!("camera without a readable format: {}", formats.join(", "))
            }
            Kind::NoCapture => "no camera".into(),
            Kind::Closed { error, .. } => format!("cannot be opened: {error}"),
        };
        let usb = device
            .node
            .usb
            .map(|usb| format!(" [{usb}]"))
            .unwrap_or_default();
        print(&format!(
            "{}  {}{usb}  {what}\n",
            device.node.path.display(),
            device.node.name
        ))?;
        for link in device.node.links {
            print(&format!("    {}\n", link.display()))?;
        }
    }
    Ok(EXIT_DONE)
}

fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
