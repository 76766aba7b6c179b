//! The account for people of what was heard in a file.

use moodlark_core::heard::{Answer, Track, TrackMood};
use moodlark_models::music::Music;

/// How many tags are shown.
const SHOWN: usize = 5;

/// Some lines on one answer.
#[must_use]
pub fn text(answer: &Answer, music: &Music) -> String {
    match answer {
        Answer::Heard { path, track, mood } => {
            let mut text = format!("{path}\n{}", of_track(track));
            if let Some(mood) = mood {
                text += &of_mood(mood, music);
            }
            text
        }
        Answer::LeftOut { path, why, track } => {
            format!(
                "{path}\n{}  left out   {}\n",
                of_track(track),
                why.sentence()
            )
        }
        Answer::Failed { path, why } => format!("{path}\n  failed     {}\n", why.sentence()),
        _ => String::new(),
    }
}

fn of_track(track: &Track) -> String {
    let tags = &track.tags;
    let named = [&tags.artist, &tags.title, &tags.album].map(|t| t.as_deref().unwrap_or("?"));
    let seconds = track.duration.round();
    format!(
        "  tags       {}{}\n  sound      {}, {}:{:02}, hash {}\n",
        named.join(" – "),
        if tags.genres.is_empty() {
            String::new()
        } else {
            format!(" ({})", tags.genres.join(", "))
        },
        track.codec,
        (seconds / 60.0).floor(),
        seconds % 60.0,
        track.content,
    )
}

fn of_mood(mood: &TrackMood, music: &Music) -> String {
    // What stands out against the reference library, not what every track has.
    let mut tags: Vec<(f32, &str)> = music
        .tags
        .iter()
        .zip(&mood.tags)
        .map(|(tag, logit)| (tag.logit.z(*logit), tag.name.as_str()))
        .collect();
    tags.sort_by(|a, b| b.0.total_cmp(&a.0));
    let tags: Vec<String> = tags
        .iter()
        .take(SHOWN)
        .map(|(z, name)| format!("{name} {z:+.1}"))
        .collect();
    format!(
        "  mood       valence {:+.2}, arousal {:+.2}, spread {:.2} over {} windows\n  because    {}\n             flux {:.2}, major−minor {:+.2}, speech {:.2}\n",
        mood.valence,
        mood.arousal,
        mood.spread,
        mood.windows,
        tags.join(", "),
        mood.flux,
        mood.mode,
        mood.speech,
    )
}
