//! Music that nobody has to ship: playlists of tones, told apart by their titles.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::bus::open_to_all;

/// How long each track is.
pub const SECONDS: u32 = 40;
/// How many tracks a list has.
pub const TRACKS: u32 = 3;

/// Makes `NAME.m3u8` in `folder`, with its tracks beside it in a folder of that name: tones of
/// `pitch` Hz and a little above, 40 s each, titled `NAME 1`, `NAME 2`, `NAME 3`. The folder becomes
/// readable by all, for players that run as somebody else. Needs sox.
///
/// # Errors
/// If sox fails or something cannot be written.
pub fn playlist(folder: &Path, name: &str, pitch: f64) -> Result<PathBuf> {
    // What people's folders are called: spaces, accents, and what means something in a URI. (Not `#`, though: VLC cuts an entry there.)
    let tracks = format!("{name} (für 1 & 100 %)");
    std::fs::create_dir_all(folder.join(&tracks))?;
    open_to_all(folder)?;
    open_to_all(&folder.join(&tracks))?;
    let mut list = String::from("#EXTM3U\n");
    for n in 1..=TRACKS {
        let file = format!("{tracks}/{n}.flac");
        tone(
            &folder.join(&file),
            &format!("{name} {n}"),
            name,
            pitch * (1.0 + f64::from(n - 1) / 8.0),
        )?;
        list.push_str(&format!("#EXTINF:{SECONDS},{name} {n}\n{file}\n"));
    }
    let path = folder.join(format!("{name}.m3u8"));
    std::fs::write(&path, list).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

/// One FLAC file with a sine of `pitch` Hz (VLC cannot seek in sox's Ogg files), tagged.
fn tone(path: &Path, title: &str, album: &str, pitch: f64) -> Result<()> {
    let output = Command::new("sox")
        .args(["-n", "-r", "8000", "-c", "1", "-b", "16"])
        .args([
            "--add-comment",
            &format!("TITLE={title}"),
            "--add-comment",
            &format!("ALBUM={album}"),
        ])
        .args(["--add-comment", "ARTIST=Moodlark's tests"])
        .arg(path)
        .args([
            "synth",
            &SECONDS.to_string(),
            "sine",
            &pitch.to_string(),
            "vol",
            "0.1",
        ])
        .stdin(Stdio::null())
        .output()
        .context("running sox")?;
    if !output.status.success() {
        bail!("sox: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
