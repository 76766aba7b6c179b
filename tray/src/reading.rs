//! What the service tells as JSON, as sentences.

use serde_json::Value;

use crate::{mood::Mood, words};

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
                .filter_map(|(name, share)| Some((Mood::of_name(name)?, share.as_f64()?)))
                .max_by(|a, b| a.1.total_cmp(&b.1));
            match top {
                Some((mood, share)) => format!(
                    "A face that looks {} ({:.0} %).",
                    words::mood(Some(mood)).to_lowercase(),
                    share * 100.0
                ),
                None => "A face that says nothing.".into(),
            }
        }
        "no_face" => "Nobody is in the picture.".into(),
        "dark" => "It is too dark to see.".into(),
        "blurred" => "There is a face, too blurred, small or cut off to read.".into(),
        "busy" => "Nothing: another program is using the camera.".into(),
        "unplugged" => "Nothing: the camera is not there.".into(),
        "denied" => "Nothing: the camera may not be opened. Are you in the group video?".into(),
        "failed" => {
            let reason = reading["reason"].as_str().unwrap_or("nobody knows why");
            format!("Nothing: the look failed: {reason}.")
        }
        _ => "What it found is of a kind that this icon does not know.".into(),
    }
}

/// The last decision.
#[must_use]
pub fn why(json: &str) -> String {
    let decision: Value = serde_json::from_str(json).unwrap_or_default();
    match decision["sentence"].as_str() {
        Some(sentence) if !sentence.trim().is_empty() => sentence.to_owned(),
        _ => "Nothing was decided yet.".into(),
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
