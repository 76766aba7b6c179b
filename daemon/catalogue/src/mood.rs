//! The moods and expressions as words, from their names on the bus.

use crate::tr;

/// How somebody feels or looks: `sad`, `afraid`. A name that a later version may bring is told as it is.
#[must_use]
pub fn feeling(name: &str) -> String {
    match name {
        "angry" => tr!("angry"),
        "disgust" => tr!("disgusted"),
        "fear" => tr!("afraid"),
        "happy" => tr!("happy"),
        "sad" => tr!("sad"),
        "surprise" => tr!("surprised"),
        "neutral" => tr!("neutral"),
        "unknown" => tr!("unknown"),
        other => other.replace(char::is_control, " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feeling_is_an_adjective() {
        assert_eq!(feeling("fear"), "afraid");
        assert_eq!(feeling("bored\u{1b}"), "bored ");
    }
}
