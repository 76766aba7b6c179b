//! A file's tags, by lofty: cleaned, bounded, and never a reason to fail.

use std::{fs::File, io::BufReader, path::Path};

use lofty::{
    config::{GlobalOptions, ParseOptions, ParsingMode, apply_global_options},
    file::TaggedFileExt,
    probe::Probe,
    tag::{ItemKey, Tag},
};
use moodlark_core::heard::{
    TrackTags, text,
    track::{MAX_GENRES, MAX_LYRICS},
};

/// The most that lofty keeps of one item, in bytes: a picture is passed over, longer lyrics are none.
const ALLOCATION: usize = 4 << 20;

/// Sets lofty's bounds, once in a process.
pub fn prepare() {
    apply_global_options(
        GlobalOptions::new()
            .allocation_limit(ALLOCATION)
            .preserve_format_specific_items(false)
            .to_owned(),
    );
}

/// The tags of a file; without any where they cannot be read, for its sound may be fine.
#[must_use]
pub fn read(path: &Path) -> TrackTags {
    let Ok(file) = File::open(path) else {
        return TrackTags::default();
    };
    let options = ParseOptions::new()
        .read_properties(false)
        .read_cover_art(false)
        .parsing_mode(ParsingMode::Relaxed)
        .to_owned();
    let tagged = Probe::new(BufReader::new(file))
        .options(options)
        .guess_file_type()
        .ok()
        .and_then(|probe| probe.read().ok());
    let Some(tagged) = tagged else {
        return TrackTags::default();
    };
    // The format's own kind of tag first; ID3v1, which cuts titles at 30 letters, is asked last.
    let own = tagged.primary_tag();
    let all: Vec<&Tag> = own
        .into_iter()
        .chain(
            tagged
                .tags()
                .iter()
                .filter(|tag| own.is_none_or(|own| own.tag_type() != tag.tag_type())),
        )
        .collect();
    tags(&all)
}

fn tags(all: &[&Tag]) -> TrackTags {
    let first = |keys: &[ItemKey]| {
        all.iter().find_map(|tag| {
            keys.iter()
                .find_map(|key| tag.get_strings(*key).find_map(text::line))
        })
    };
    let number = |key| first(&[key]).and_then(|text| leading(&text));
    let mut genres: Vec<String> = Vec::new();
    for genre in all.iter().flat_map(|tag| tag.get_strings(ItemKey::Genre)) {
        for part in genre.split(['\0', ';', '/']).filter_map(text::line) {
            let known = |g: &String| g.to_lowercase() == part.to_lowercase();
            if genres.len() < MAX_GENRES && !genres.iter().any(known) {
                genres.push(part);
            }
        }
    }
    TrackTags {
        title: first(&[ItemKey::TrackTitle]),
        artist: first(&[ItemKey::TrackArtist]),
        album_artist: first(&[ItemKey::AlbumArtist]),
        album: first(&[ItemKey::AlbumTitle]),
        genres,
        year: first(&[
            ItemKey::OriginalReleaseDate,
            ItemKey::Year,
            ItemKey::RecordingDate,
            ItemKey::ReleaseDate,
        ])
        .and_then(|text| leading(text.get(..4)?))
        .and_then(|year| u16::try_from(year).ok())
        .filter(|year| *year >= 1000),
        number: number(ItemKey::TrackNumber),
        disc: number(ItemKey::DiscNumber),
        recording_id: first(&[ItemKey::MusicBrainzRecordingId]).and_then(|id| uuid(&id)),
        artist_id: first(&[ItemKey::MusicBrainzArtistId]).and_then(|id| uuid(&id)),
        gain: first(&[ItemKey::ReplayGainTrackGain]).and_then(|text| decibels(&text)),
        lyrics: all
            .iter()
            .flat_map(|tag| [ItemKey::UnsyncLyrics, ItemKey::Lyrics].map(|key| (tag, key)))
            .find_map(|(tag, key)| {
                tag.get_strings(key)
                    .find_map(|t| text::lines(t, MAX_LYRICS))
            }),
    }
}

/// The number that a text begins with: `3/12` is 3.
fn leading(text: &str) -> Option<u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

/// A UUID in small letters; of several the first.
fn uuid(text: &str) -> Option<String> {
    let id = text.get(..36)?.to_ascii_lowercase();
    let fits = |(i, b): (usize, u8)| match i {
        8 | 13 | 18 | 23 => b == b'-',
        _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
    };
    id.bytes().enumerate().all(fits).then_some(id)
}

/// `-7.03 dB`, with whatever stands behind the number.
fn decibels(text: &str) -> Option<f32> {
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let gain: f32 = number.trim().parse().ok()?;
    (-60.0..=60.0).contains(&gain).then_some(gain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_people_write_them() {
        assert_eq!(leading("3/12"), Some(3));
        assert_eq!(leading("A1"), None);
        assert_eq!(decibels("-7.03 dB"), Some(-7.03));
        assert_eq!(decibels("+3 dB"), Some(3.0));
        assert_eq!(decibels("loud"), None);
        assert_eq!(decibels("999 dB"), None);
        let id = "B1A9C0E9-D987-4042-AE91-78D6A3267D69";
        assert_eq!(uuid(&format!("{id}; {id}")), Some(id.to_lowercase()));
        assert_eq!(uuid("b1a9c0e9"), None);
    }
}
