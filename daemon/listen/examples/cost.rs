//! What a track of five minutes costs, format by format: processor time and the peak of memory of the worker itself.
//!
//! ```sh
//! cargo build --release -p moodlark-listen && cargo run --release -p moodlark-listen --example cost
//! ```
//!
//! ffmpeg makes the files from generated sound. Budget: 1.5 s and 60 MiB a track; on a shared AMD EPYC it
//! printed .84 to 1.14 s and 58 to 59 MiB. The first row is the worker with nothing to hear: what
//! starting it costs.

use std::{
    f64::consts::TAU,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

const FORMATS: [(&str, &[&str]); 9] = [
    ("track.mp3", &["-c:a", "libmp3lame", "-b:a", "192k"]),
    ("track.flac", &[]),
    ("hires.flac", &["-sample_fmt", "s32", "-ar", "96000"]),
    ("track.ogg", &["-c:a", "libvorbis", "-q:a", "5"]),
    ("track.opus", &["-c:a", "libopus", "-b:a", "128k"]),
    ("track.wav", &[]),
    ("track.aiff", &[]),
    ("track.m4a", &["-c:a", "aac", "-b:a", "192k"]),
    ("alac.m4a", &["-c:a", "alac"]),
];

fn main() -> Result<()> {
    let worker = std::env::current_exe()?
        .parent()
        .and_then(Path::parent)
        .context("no folder")?
        .join("moodlark-listen");
    if !worker.is_file() {
        bail!("build {} first", worker.display());
    }
    let folder = tempfile::tempdir()?;
    let source = folder.path().join("source.wav");
    make(&source)?;
    println!("| file | CPU seconds | peak RSS, MiB |\n|---|---|---|");
    let (start, memory) = measure(&worker, folder.path(), None)?;
    println!("| none | {start:.2} | {memory:.1} |");
    for (name, options) in FORMATS {
        let path = folder.path().join(name);
        let made = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-i"])
            .arg(&source)
            .args(options)
            .arg(&path)
            .status()?;
        if !made.success() {
            println!("| {name} | skipped: this ffmpeg does not make it | |");
            continue;
        }
        let (seconds, memory) = measure(&worker, folder.path(), Some(&path))?;
        println!("| {name} | {:.2} | {memory:.1} |", seconds - start);
        std::fs::remove_file(path)?;
    }
    Ok(())
}

/// Five minutes of two channels at 44.1 kHz: chords, a melody, a beat.
fn make(path: &Path) -> Result<()> {
    let mut child = Command::new("ffmpeg")
        .args([
            "-nostdin", "-v", "error", "-f", "s16le", "-ac", "2", "-ar", "44100",
        ])
        .args(["-i", "pipe:0"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .context("ffmpeg makes the files, and is not here")?;
    let mut input = std::io::BufWriter::new(child.stdin.take().context("no input")?);
    let mut state = 1u32;
    for i in 0..300 * 44_100u32 {
        let t = f64::from(i) / 44_100.0;
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hiss = f64::from(state) / 2f64.powi(31) - 1.0;
        let root = [220.0, 293.66, 329.63, 246.94][(t * 0.5) as usize % 4];
        let chord: f64 = [1.0, 1.26, 1.5]
            .map(|f| (TAU * root * f * t).sin())
            .iter()
            .sum();
        let beat = hiss * (-10.0 * ((t * 2.0) % 1.0)).exp();
        for side in [0.9, 1.1] {
            let x = 0.15 * chord * side + 0.3 * beat;
            input.write_all(&((x * 32_000.0) as i16).to_le_bytes())?;
        }
    }
    drop(input);
    if !child.wait()?.success() {
        bail!("ffmpeg made no file");
    }
    Ok(())
}

/// Processor seconds and peak MiB of a worker that hears `file`.
fn measure(worker: &Path, folder: &Path, file: Option<&Path>) -> Result<(f64, f64)> {
    let mut child = Command::new(worker)
        .arg("--folder")
        .arg(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("no input")?;
    let mut output = BufReader::new(child.stdout.take().context("no output")?);
    let mut line = String::new();
    output.read_line(&mut line)?;
    if let Some(file) = file {
        let request = serde_json::json!({ "ask": "hear", "path": file });
        writeln!(input, "{request}")?;
        line.clear();
        output.read_line(&mut line)?;
        if !line.contains("\"answer\":\"heard\"") {
            bail!("{line}");
        }
    }
    // Still there, waiting for the next request: /proc tells what it has used.
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()))?;
    let fields: Vec<&str> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .context("no VmHWM")?;
    drop(input);
    child.wait()?;
    // A tick is 10 ms on every Linux of today.
    Ok((ticks / 100.0, peak.trim().parse::<f64>()? / 1024.0))
}
