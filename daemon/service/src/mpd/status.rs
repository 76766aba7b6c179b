//! What MPD plays, from the pairs that it answers with. Pure; what is missing or makes no sense is left out.

use std::{path::Path, time::Duration};

use moodlark_core::player::{Playback, Track, scheme_of};

use super::protocol::Answer;
use crate::players::file_uri;

/// The answer to `status`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// Whether it plays.
    pub playback: Playback,
    /// The current song's id; there is one while it is stopped, too.
    pub song: Option<u32>,
    /// Its place in the queue, from 0.
    pub place: Option<usize>,
    /// How far it is in it.
    pub elapsed: Option<Duration>,
    /// Its length.
    pub length: Option<Duration>,
    /// 0..=1; `None` without a mixer.
    pub volume: Option<f64>,
    /// How it goes through the queue.
    pub options: Options,
    /// Why it stopped by itself.
    pub error: Option<String>,
}

/// How MPD goes through its queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Options {
    /// In no order.
    pub random: bool,
    /// From the beginning again.
    pub repeat: bool,
    /// Stop after this song: `0`, `1` or `oneshot`.
    pub single: String,
    /// Songs leave the queue when they were played: `0`, `1` or `oneshot`.
    pub consume: String,
}

impl Options {
    /// Whether it stops after the song that plays: `single` without `repeat`, which would play it again.
    #[must_use]
    pub fn stops_after_this(&self) -> bool {
        self.single == "oneshot" || self.single == "1" && !self.repeat
    }
}

impl Status {
    /// Reads it.
    #[must_use]
    pub fn of(answer: &Answer) -> Self {
        let flag = |key: &str| answer.get(key) == Some("1");
        let mode = |key: &str| match answer.get(key) {
            Some(mode @ ("1" | "oneshot")) => mode.to_owned(),
            _ => "0".to_owned(),
        };
        let playback = match answer.get("state") {
            Some("play") => Playback::Playing,
            Some("pause") => Playback::Paused,
            _ => Playback::Stopped,
        };
        Self {
            playback,
            song: answer.number("songid"),
            place: answer.number("song"),
            elapsed: seconds(answer.get("elapsed")),
            length: seconds(answer.get("duration")).filter(|length| !length.is_zero()),
            volume: answer
                .number::<i32>("volume")
                .filter(|volume| (0..=100).contains(volume))
                .map(|volume| f64::from(volume) / 100.0),
            options: Options {
                random: flag("random"),
                repeat: flag("repeat"),
                single: mode("single"),
                consume: mode("consume"),
            },
            error: answer
                .get("error")
                .filter(|why| !why.is_empty())
                .map(str::to_owned),
        }
    }
}

/// A number of seconds as MPD writes it: `10.251`.
fn seconds(text: Option<&str>) -> Option<Duration> {
    Duration::try_from_secs_f64(text?.parse().ok()?).ok()
}

/// A volume as MPD takes it: 0 to 100.
#[must_use]
pub fn percent(volume: f64) -> u8 {
    // In range and finite: the cast is exact enough.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let percent = (volume.clamp(0.0, 1.0) * 100.0).round() as u8;
    percent
}

/// One song of the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Song {
    /// Its id, which no other song gets as long as MPD runs.
    pub id: u32,
    /// What MPD calls it: a path within its music, a path or a URI.
    pub uri: String,
    /// Above 0 it goes before others when the order is random.
    pub priority: u8,
}

/// The songs of a queue; those without an id are none.
#[must_use]
pub fn songs(answer: &Answer) -> Vec<Song> {
    answer
        .entries("file")
        .iter()
        .filter_map(|entry| {
            Some(Song {
                id: entry.number("Id")?,
                uri: entry.get("file")?.to_owned(),
                priority: entry.number("Prio").unwrap_or(0),
            })
        })
        .collect()
}

/// The current song as a track; `None` when there is none.
///
/// The URL is a `file:` URI where the music's folder is known, so that it can be held against playlist files.
#[must_use]
pub fn track(song: &Answer, music: Option<&Path>) -> Option<Track> {
    let uri = song.get("file")?;
    let joined = |key: &str| song.all(key).collect::<Vec<_>>().join(", ");
    let name = || {
        let last = uri.trim_end_matches('/').rsplit('/').next();
        last.unwrap_or(uri).to_owned()
    };
    let first = |keys: [&str; 2]| {
        keys.iter()
            .filter_map(|key| song.get(key))
            .find(|text| !text.is_empty())
            .map(str::to_owned)
    };
    Some(Track {
        id: song.get("Id").unwrap_or_default().to_owned(),
        title: first(["Title", "Name"]).unwrap_or_else(name),
        artist: joined("Artist"),
        album: song.get("Album").unwrap_or_default().to_owned(),
        url: url(uri, music),
        length: seconds(song.get("duration").or(song.get("Time")))
            .filter(|length| !length.is_zero()),
    })
}

/// What MPD calls a song, as others do.
#[must_use]
pub fn url(uri: &str, music: Option<&Path>) -> String {
    if uri.starts_with('/') {
        return file_uri(Path::new(uri));
    }
    match music {
        _ if scheme_of(uri).is_some() && uri.contains("://") => uri.to_owned(),
        Some(music) => file_uri(&music.join(uri)),
        None => uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(text: &str) -> Answer {
        text.lines().collect()
    }

    #[test]
    fn a_status_is_read_as_mpd_writes_it() {
        let status = Status::of(&answer(
            "volume: 40\nrepeat: 1\nrandom: 0\nsingle: oneshot\nconsume: 0\nstate: pause\nsong: 3\nsongid: 9\nelapsed: 20.000\nduration: 40.5",
        ));
        assert_eq!(status.playback, Playback::Paused);
        assert_eq!((status.place, status.song), (Some(3), Some(9)));
        assert_eq!(status.elapsed, Some(Duration::from_secs(20)));
        assert_eq!(status.length, Some(Duration::from_millis(40_500)));
        assert_eq!(status.volume, Some(0.4));
        assert!(status.options.repeat && !status.options.random);
        assert_eq!(status.options.single, "oneshot");
    }

    #[test]
    fn a_status_of_nonsense_says_nothing() {
        let status = Status::of(&answer(
            "volume: -1\nstate: dance\nsong: -3\nelapsed: NaN\nduration: -7\nsingle: x",
        ));
        let nothing = Status::of(&Answer::default());
        assert_eq!(status, nothing);
        assert_eq!(nothing.options.single, "0");
    }

    #[test]
    fn a_song_is_a_track_with_a_url_that_others_know() {
        let music = Path::new("/music");
        let song = answer("file: A & B/1.flac\nTitle: One\nArtist: A\nArtist: B\nTime: 40\nId: 5");
        let track = track(&song, Some(music)).unwrap();
        assert_eq!(track.url, "file:///music/A%20%26%20B/1.flac");
        assert_eq!(
            (track.title.as_str(), track.artist.as_str()),
            ("One", "A, B")
        );
        assert_eq!(track.length, Some(Duration::from_secs(40)));
        assert_eq!(
            url("/else/x y.flac", Some(music)),
            "file:///else/x%20y.flac"
        );
        assert_eq!(url("http://radio/a", Some(music)), "http://radio/a");
        assert_eq!(url("a/b.flac", None), "a/b.flac");
        // Not every colon makes a scheme.
        assert_eq!(
            url("ABBA: Gold/1.flac", Some(music)),
            "file:///music/ABBA%3A%20Gold/1.flac"
        );
        let radio = super::track(&answer("file: http://radio/a\nName: Radio"), None).unwrap();
        assert_eq!(radio.title, "Radio");
        assert_eq!(super::track(&Answer::default(), None), None);
    }

    #[test]
    fn a_queue_is_its_songs() {
        let queue = songs(&answer(
            "file: a\nPos: 0\nId: 4\nfile: b\nId: x\nfile: c\nPrio: 9\nId: 6",
        ));
        let told: Vec<_> = queue
            .iter()
            .map(|s| (s.id, s.uri.as_str(), s.priority))
            .collect();
        assert_eq!(told, [(4, "a", 0), (6, "c", 9)]);
    }

    #[test]
    fn a_volume_is_never_out_of_range() {
        assert_eq!(
            [
                percent(0.404),
                percent(7.0),
                percent(-1.0),
                percent(f64::NAN)
            ],
            [40, 100, 0, 0]
        );
    }

    proptest! {
        #[test]
        fn any_answer_is_read_without_harm(lines in prop::collection::vec("(volume|elapsed|duration|Time|song|songid|file|Id|Prio): .{0,20}", 0..20)) {
            let answer: Answer = lines.iter().map(String::as_str).collect();
            let _ = (Status::of(&answer), songs(&answer), track(&answer, Some(Path::new("/m"))));
        }
    }
}
