//! What the service tells as JSON, as sentences.

use moodlark_catalogue::{feeling, tr};
use serde_json::Value;

/// A reading: what a look found.
#[must_use]
pub fn sentence(json: &str) -> String {
    let reading: Value = serde_json::from_str(json).unwrap_or_default();
    let kind = reading["kind"].as_str().unwrap_or_default();
    match kind {
        "face" => {
            let top = reading["distribution"]
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(name, share)| Some((name, share.as_f64()?)))
                .max_by(|a, b| a.1.total_cmp(&b.1));
            match top {
                Some((mood, share)) => tr!(
                    "A face that looks {mood} ({share} %).",
                    mood = feeling(mood),
                    share = format!("{:.0}", share * 100.0)
                ),
                None => tr!("A face that says nothing."),
            }
        }
        "no_face" => tr!("Nobody is in the picture."),
        "dark" => tr!("It is too dark to see."),
        "blurred" => tr!("There is a face, too blurred, small or cut off to read."),
        "busy" => tr!("Nothing: another program is using the camera."),
        "unplugged" => tr!("Nothing: the camera is not there."),
        "denied" => tr!("Nothing: the camera may not be opened. Are you in the group video?"),
        "failed" => match reading["reason"].as_str() {
            Some(reason) => tr!("Nothing: the look failed: {reason}.", reason),
            None => tr!("Nothing: the look failed, and nobody knows why."),
        },
        _ => tr!("What it found is of a kind that this icon does not know."),
    }
}

/// The last decision.
#[must_use]
pub fn why(json: &str) -> String {
    let decision: Value = serde_json::from_str(json).unwrap_or_default();
    match decision["sentence"].as_str() {
        Some(sentence) if !sentence.trim().is_empty() => sentence.to_owned(),
        _ => tr!("Nothing was decided yet."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reading_has_its_sentence() {
        assert_eq!(
            sentence(r#"{"kind":"face","distribution":{"sad":0.25,"fear":0.75}}"#),
            "A face that looks afraid (75 %)."
        );
        for kind in [
            "no_face",
            "dark",
            "blurred",
            "busy",
            "unplugged",
            "denied",
            "failed",
            "new",
        ] {
            let told = sentence(&format!(r#"{{"kind":"{kind}"}}"#));
            assert!(told.ends_with(['.', '?']) && !told.contains('_'), "{told}");
        }
        assert!(!sentence("no json").is_empty());
    }

    #[test]
    fn a_decision_has_a_sentence_or_there_was_none() {
        assert_eq!(why(r#"{"sentence":"You look sad."}"#), "You look sad.");
        assert_eq!(why("{}"), "Nothing was decided yet.");
        assert_eq!(why(""), "Nothing was decided yet.");
    }
}
