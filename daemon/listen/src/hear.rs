//! One file → its answer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use moodlark_core::heard::{Answer, FailedWhy, FilePath, LeftOutWhy, Track, TrackMood, TrackTags};

use crate::{mood::Ear, pcm::Pcm, sound, source::detail, speech, tags, throttle::Throttle, window};

/// Words that are in the genres of what is spoken alone, in small letters.
const SPOKEN_WORDS: [&str; 8] = [
    "audiobook",
    "audio book",
    "audio drama",
    "books & spoken",
    "hörbuch",
    "hörbücher",
    "hörspiel",
    "podcast",
];
/// Whole genres of what is spoken: within other names these words are music, as in Speech Metal.
const SPOKEN_GENRES: [&str; 8] = [
    "speech",
    "spoken",
    "spoken word",
    "spoken & audio",
    "lecture",
    "radio play",
    "radioplay",
    "vortrag",
];

/// Hears a file. Whatever is in it, there is one answer.
pub fn hear(ear: &mut Ear, path: &FilePath, throttle: &mut Throttle) -> Answer {
    // Decoders of other people's files: a panic is theirs, and costs this file alone.
    let result = catch_unwind(AssertUnwindSafe(|| try_hear(ear, path, throttle)));
    answer(path, result.unwrap_or_else(|_| Err(fault())))
}

/// Reads tags and hash alone.
pub fn tags_of(path: &FilePath, throttle: &mut Throttle) -> Answer {
    let result = catch_unwind(AssertUnwindSafe(|| {
        let sound = sound::read(path.as_path(), false, throttle)?;
        Ok(Heard::Track(track(path, &sound), None))
    }));
    answer(path, result.unwrap_or_else(|_| Err(fault())))
}

enum Heard {
    Track(Track, Option<TrackMood>),
    LeftOut(Track, LeftOutWhy),
}

fn answer(path: &FilePath, heard: Result<Heard, FailedWhy>) -> Answer {
    let path = path.clone();
    match heard {
        Ok(Heard::Track(track, mood)) => Answer::Heard {
            path,
            track: Box::new(track),
            mood: mood.map(Box::new),
        },
        Ok(Heard::LeftOut(track, why)) => Answer::LeftOut {
            path,
            why,
            track: Box::new(track),
        },
        Err(why) => Answer::Failed { path, why },
    }
}

fn fault() -> FailedWhy {
    FailedWhy::Broken {
        detail: "the decoder stumbled over it".into(),
    }
}

fn try_hear(ear: &mut Ear, path: &FilePath, throttle: &mut Throttle) -> Result<Heard, FailedWhy> {
    let sound = sound::read(path.as_path(), true, throttle)?;
    judge(ear, track(path, &sound), &sound.windows, throttle)
}

fn track(path: &FilePath, sound: &sound::Sound) -> Track {
    Track {
        tags: tags::read(path.as_path()),
        duration: sound.duration,
        codec: sound.codec.into(),
        content: sound.content.clone(),
    }
}

/// Music, speech or silence.
fn judge(
    ear: &mut Ear,
    track: Track,
    windows: &[Vec<f32>],
    throttle: &mut Throttle,
) -> Result<Heard, FailedWhy> {
    if track.duration < window::SHORTEST {
        return Ok(Heard::LeftOut(track, LeftOutWhy::TooShort));
    }
    if is_spoken(&track.tags.genres) {
        return Ok(Heard::LeftOut(track, LeftOutWhy::SpokenGenre));
    }
    let mood = ear
        .mood(windows, || throttle.rest())
        .map_err(|error| FailedWhy::Broken {
            detail: detail(&format!("{error:#}")),
        })?
        .ok_or(FailedWhy::Silent)?;
    if mood.speech >= speech::SPOKEN {
        return Ok(Heard::LeftOut(track, LeftOutWhy::SpokenSound));
    }
    Ok(Heard::Track(track, Some(mood)))
}

fn is_spoken(genres: &[String]) -> bool {
    genres.iter().any(|genre| {
        let genre = genre.to_lowercase();
        SPOKEN_GENRES.contains(&genre.as_str())
            || SPOKEN_WORDS.iter().any(|word| genre.contains(word))
    })
}

/// Hears sound that another program has decoded. Its tags are not known here, and its hash is that of the decoded sound.
pub fn hear_pcm(ear: &mut Ear, path: &FilePath, pcm: Pcm, throttle: &mut Throttle) -> Answer {
    let track = Track {
        tags: TrackTags::default(),
        duration: pcm.duration,
        codec: "ffmpeg".into(),
        content: pcm.content,
    };
    let result = if pcm.windows.is_empty() {
        Err(FailedWhy::Empty)
    } else {
        judge(ear, track, &pcm.windows, throttle)
    };
    answer(path, result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genres_tell_what_is_spoken() {
        let spoken = |genre: &str| is_spoken(&[genre.to_owned()]);
        for genre in [
            "Audiobook",
            "Hörbuch Krimi",
            "Podcast",
            "Speech",
            "Spoken Word",
        ] {
            assert!(spoken(genre), "{genre}");
        }
        for genre in [
            "Rock",
            "Acoustic",
            "Soundtrack",
            "Speech Metal",
            "Spoken Word Rap",
        ] {
            assert!(!spoken(genre), "{genre}");
        }
    }
}
