//! What a file is that we cannot decode: its codec's name, by the bytes it begins with.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use moodlark_core::heard::FailedWhy;

use crate::source::reason;

/// Beginnings, and what they are called.
const BEGINNINGS: [(&[u8], &str); 17] = [
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wma"),
    (b"MAC ", "ape"),
    (b"MPCK", "musepack"),
    (b"MP+", "musepack"),
    (b"wvpk", "wavpack"),
    (b"TTA1", "tta"),
    (b"DSD ", "dsd"),
    (b"FRM8", "dsd"),
    (b"#!AMR", "amr"),
    (b"caff", "caf"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b".RMF", "realaudio"),
    (b".ra\xfd", "realaudio"),
    (b"OFR ", "optimfrog"),
    (b"ajkg", "shorten"),
    (b"\x0b\x77", "ac3"),
    (b"MThd", "midi"),
];
/// How the containers begin that we do read, behind so many bytes.
const OURS: [(usize, &[u8]); 5] = [
    (4, b"ftyp"),
    (0, b"FORM"),
    (0, b"RIFF"),
    (0, b"fLaC"),
    (0, b"OggS"),
];
/// How much of either end of an MP4 file is searched for the mark of encryption.
const SEARCHED: u64 = 1 << 20;

/// Why a file cannot be decoded that no reader here takes.
#[must_use]
pub fn name(path: &Path) -> FailedWhy {
    let mut head = [0; 12];
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return reason(&error),
    };
    let _ = file.read(&mut head); // shorter files match nothing
    // Tags in front of a format that has none of its own: it begins behind them.
    if head.starts_with(b"ID3") {
        let size = head[6..10]
            .iter()
            .fold(0u64, |sum, b| sum << 7 | u64::from(b & 0x7f));
        head = [0; 12];
        let _ = file
            .seek(SeekFrom::Start(size + 10))
            .and_then(|_| file.read(&mut head));
    }
    if OURS.iter().any(|(at, mark)| head[*at..].starts_with(mark)) {
        return FailedWhy::Broken {
            detail: "it is cut off, or damaged at its beginning".into(),
        };
    }
    BEGINNINGS
        .iter()
        .find(|(beginning, _)| head.starts_with(beginning))
        .map_or(FailedWhy::NotAudio, |(_, codec)| FailedWhy::Unsupported {
            codec: (*codec).into(),
        })
}

/// Whether an MP4 file says that its sound is encrypted: a sample entry `drms` (FairPlay) or `enca` (CENC).
#[must_use]
pub fn is_protected(path: &Path) -> bool {
    let Ok(mut file) = File::open(path) else {
        return false;
    };
    let mut head = [0; 12];
    if file.read_exact(&mut head).is_err() || &head[4..8] != b"ftyp" {
        return false;
    }
    let end = file.seek(SeekFrom::End(0)).unwrap_or(0);
    // The index lies at the front or at the end.
    [0, end.saturating_sub(SEARCHED)].into_iter().any(|from| {
        let mut part = Vec::new();
        let read = file
            .seek(SeekFrom::Start(from))
            .and_then(|_| (&mut file).take(SEARCHED).read_to_end(&mut part));
        // `stsd`, version and flags, a count, a size, and then the entry's name.
        read.is_ok()
            && part
                .windows(20)
                .any(|w| w.starts_with(b"stsd") && matches!(&w[16..20], b"drms" | b"enca"))
    })
}
