//! What is heard of a track: its tags and its mood.

use serde::{Deserialize, Serialize};

use super::text;

/// How many tags the network knows.
pub const TAGS: usize = 50;
/// The length of the network's embedding.
pub const EMBEDDING: usize = 200;
/// The length of [`Track::content`]: 128 bits in hexadecimal.
pub const CONTENT_LENGTH: usize = 32;
/// The most genres that are kept of a file.
pub const MAX_GENRES: usize = 8;
/// The longest lyrics, in bytes.
pub const MAX_LYRICS: usize = 8192;
/// The longest track, in seconds: a week.
const MAX_DURATION: f64 = 7.0 * 86400.0;

/// What a file says of itself, and what its sound is known by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// From the file's tags.
    pub tags: TrackTags,
    /// In seconds.
    pub duration: f64,
    /// The codec's short name: `mp3`, `flac`, `vorbis`, `opus`, `aac`, `alac`, `pcm`, …
    pub codec: String,
    /// A hash of the encoded sound, which stays when tags or the path change: [`CONTENT_LENGTH`] hexadecimal digits.
    pub content: String,
}

/// Tags, cleaned and bounded by [`super::text`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TrackTags {
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The artist of the track.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    /// The artist of the album.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub album_artist: Option<String>,
    /// The album.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// Genres, at most [`MAX_GENRES`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub genres: Vec<String>,
    /// The year of release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// The number on its disc.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// The disc's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disc: Option<u32>,
    /// MusicBrainz' ID of the recording, a UUID in small letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording_id: Option<String>,
    /// MusicBrainz' ID of the first artist, a UUID in small letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artist_id: Option<String>,
    /// ReplayGain of the track, in dB, −60..=60.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gain: Option<f32>,
    /// Lyrics in the file, at most [`MAX_LYRICS`] bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lyrics: Option<String>,
}

/// How a track sounds. Which model and which formulas: `models/cards/msd_musicnn.md`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackMood {
    /// The logits of the [`TAGS`] tags, the mean over all patches, in the order of `models/music.json`.
    pub tags: Vec<f32>,
    /// The network's last hidden layer, the mean over all patches: [`EMBEDDING`] numbers.
    pub embedding: Vec<f32>,
    /// The decimal logarithm of the mean spectral flux.
    pub flux: f32,
    /// How much better the best major key fits than the best minor key: the difference of two correlations, −2..=2.
    pub mode: f32,
    /// How far valence and arousal of the windows lie apart: the root mean square distance from their mean, in the unit of
    /// `valence` and `arousal`; 0 where there is one window.
    pub spread: f32,
    /// A rank among tracks, not a class: the sum of z-scores of the tags, weighed by their valence, and of `mode`. Raw: the
    /// statistics are those of `models/music.json`.
    pub valence: f32,
    /// The same for arousal, with `flux`.
    pub arousal: f32,
    /// How many windows were heard, 1..=3.
    pub windows: u8,
    /// How much it sounds like somebody who talks, 0..=1.
    pub speech: f32,
}

impl Track {
    /// Whether all is within its bounds.
    ///
    /// # Errors
    /// A sentence.
    pub fn check(&self) -> Result<(), String> {
        let tags = &self.tags;
        let one_line = [
            &tags.title,
            &tags.artist,
            &tags.album_artist,
            &tags.album,
            &tags.recording_id,
            &tags.artist_id,
        ];
        one_line
            .into_iter()
            .flatten()
            .chain(&tags.genres)
            .chain([&self.codec])
            .try_for_each(|line| text::check(line))?;
        if tags.genres.len() > MAX_GENRES {
            return Err(format!("{} genres", tags.genres.len()));
        }
        if let Some(lyrics) = &tags.lyrics {
            if lyrics.len() > MAX_LYRICS {
                return Err(format!("lyrics of {} bytes", lyrics.len()));
            }
            // A line of a song may be longer than a title.
            if text::lines(lyrics, MAX_LYRICS).as_ref() != Some(lyrics) {
                return Err("lyrics that were not cleaned".into());
            }
        }
        if tags
            .gain
            .is_some_and(|gain| !(-60.0..=60.0).contains(&gain))
        {
            return Err("a ReplayGain out of its range".into());
        }
        if !(0.0..=MAX_DURATION).contains(&self.duration) {
            return Err(format!("a duration of {} s", self.duration));
        }
        let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if self.content.len() != CONTENT_LENGTH || !self.content.bytes().all(hex) {
            return Err("a hash of another form".into());
        }
        Ok(())
    }
}

impl TrackMood {
    /// Whether all is within its bounds.
    ///
    /// # Errors
    /// A sentence.
    pub fn check(&self) -> Result<(), String> {
        if self.tags.len() != TAGS || self.embedding.len() != EMBEDDING {
            return Err(format!(
                "{} tags and {} numbers of the embedding",
                self.tags.len(),
                self.embedding.len()
            ));
        }
        let numbers = [self.flux, self.spread, self.valence, self.arousal];
        let mut all = self.tags.iter().chain(&self.embedding).chain(&numbers);
        if !all.all(|x| x.is_finite() && x.abs() <= 1000.0) {
            return Err("a number of the mood is out of its range".into());
        }
        if !(-2.0..=2.0).contains(&self.mode) || !(0.0..=1.0).contains(&self.speech) {
            return Err("mode or speech is out of its range".into());
        }
        if !(1..=3).contains(&self.windows) {
            return Err(format!("{} windows", self.windows));
        }
        Ok(())
    }
}
