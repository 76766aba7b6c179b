//! The one place where text from files is cleaned and bounded: tags may hold anything.

/// The longest title, name or genre, in bytes.
pub const MAX_TEXT: usize = 500;

/// A cleaned line of at most [`MAX_TEXT`] bytes, none if nothing is left of it.
#[must_use]
pub fn line(text: &str) -> Option<String> {
    let text = one_line(text, MAX_TEXT);
    (!text.is_empty()).then_some(text)
}

/// One line of at most `max` bytes: what a terminal or a renderer would obey is gone, runs of blanks are one blank, the ends
/// are trimmed.
#[must_use]
pub fn one_line(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if invisible(c) {
            continue;
        }
        let c = if c.is_control() || c.is_whitespace() {
            ' '
        } else {
            c
        };
        if c == ' ' && (out.is_empty() || out.ends_with(' ')) {
            continue;
        }
        if out.len() + c.len_utf8() > max {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Several lines of at most `max` bytes together, each cleaned as [`one_line`]; none if nothing is left.
#[must_use]
pub fn lines(text: &str, max: usize) -> Option<String> {
    let mut out = String::new();
    for part in text.split(['\n', '\r']) {
        let room = max.saturating_sub(out.len() + 1);
        if room == 0 {
            break;
        }
        let part = one_line(part, room);
        // One empty line parts verses; more say nothing.
        if part.is_empty() && (out.is_empty() || out.ends_with("\n\n")) {
            continue;
        }
        out += &part;
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    (!out.is_empty()).then_some(out)
}

/// Marks that turn the direction of writing or take no room; joiners stay, words in some scripts need them.
const fn invisible(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
        | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a line is as [`one_line`] leaves it.
///
/// # Errors
/// A sentence.
pub fn check(text: &str) -> Result<(), String> {
    if text.len() > MAX_TEXT {
        Err(format!("a text of {} bytes", text.len()))
    } else if text.chars().any(|c| c.is_control() || invisible(c)) {
        Err("a text that was not cleaned".into())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_cleaned_passes_the_check(text in any::<String>()) {
            let cleaned = one_line(&text, MAX_TEXT);
            prop_assert!(check(&cleaned).is_ok());
            prop_assert_eq!(one_line(&cleaned, MAX_TEXT), cleaned);
        }

        #[test]
        fn lines_are_bounded(text in "[a\n\r \u{202e}ü]{0,300}", max in 0usize..100) {
            let cleaned = lines(&text, max).unwrap_or_default();
            prop_assert!(cleaned.len() <= max);
            prop_assert!(cleaned.split('\n').all(|line| check(line).is_ok()));
        }
    }

    #[test]
    fn escapes_and_direction_marks_are_gone() {
        assert_eq!(line("a\u{1b}[31m\u{202e}b\n c"), Some("a [31mb c".into()));
        assert_eq!(line(" \u{200b}\t"), None);
    }

    #[test]
    fn a_letter_is_never_cut() {
        assert_eq!(one_line("üüü", 3), "ü");
    }
}
