//! The protocol as text: commands are quoted, lines are told apart. Pure.
//!
//! An answer is lines of `key: value`, ended by `OK`, or by `ACK [code@index] {command} message`. In a list
//! of commands each one's answer ends with `list_OK`.

use std::fmt;

/// A line of an answer is at most so long, in bytes: paths have 4096 at most, and tags are read by people.
pub const LONGEST_LINE: usize = 64 << 10;
/// An answer is at most so large, in bytes: a queue of twenty thousand songs has six million.
pub const LARGEST_ANSWER: usize = 32 << 20;

/// The codes of `ACK` that are of use.
pub mod code {
    /// The password is wrong.
    pub const PASSWORD: u32 = 3;
    /// Not without a password.
    pub const PERMISSION: u32 = 4;
    /// There is no such command: an older MPD.
    pub const UNKNOWN: u32 = 5;
    /// There is no such song or playlist.
    pub const NO_EXIST: u32 = 50;
}

/// A command with its arguments, as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    line: String,
    secret: bool,
}

impl Command {
    /// A command; `name` is one of MPD's.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            line: name.into(),
            secret: false,
        }
    }

    /// With a further argument, quoted. What no line can hold, a line's end and a zero byte, is left out:
    /// no song or playlist of MPD's has them in its name.
    #[must_use]
    pub fn arg(mut self, argument: impl fmt::Display) -> Self {
        self.line.push_str(" \"");
        for c in argument.to_string().chars() {
            match c {
                '"' | '\\' => self.line.extend(['\\', c]),
                '\n' | '\r' | '\0' => {}
                c => self.line.push(c),
            }
        }
        self.line.push('"');
        self
    }

    /// Shown nowhere.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The line to send, without its end.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secret { "(secret)" } else { &self.line })
    }
}

/// MPD said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// Why, by number: see [`code`].
    pub code: u32,
    /// Which command of the list it was, from 0.
    pub index: usize,
    /// Why, in words.
    pub message: String,
}

/// One line of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line<'a> {
    /// The answer is whole.
    Ok,
    /// One command's answer within a list is whole.
    ListOk,
    /// MPD said no; this ends the answer.
    Ack(Ack),
    /// `key: value`
    Pair(&'a str, &'a str),
}

/// Reads a line without its end; `None` if it is nothing that MPD says.
#[must_use]
pub fn line(text: &str) -> Option<Line<'_>> {
    match text {
        "OK" => return Some(Line::Ok),
        "list_OK" => return Some(Line::ListOk),
        _ => {}
    }
    if let Some(rest) = text.strip_prefix("ACK ") {
        return ack(rest).map(Line::Ack);
    }
    pair(text).map(|(key, value)| Line::Pair(key, value))
}

/// `[50@0] {load} No such playlist`
fn ack(text: &str) -> Option<Ack> {
    let (place, rest) = text.strip_prefix('[')?.split_once("] {")?;
    let (code, index) = place.split_once('@')?;
    let (_, message) = rest.split_once('}')?;
    Some(Ack {
        code: code.parse().ok()?,
        index: index.parse().ok()?,
        message: message.trim().to_owned(),
    })
}

fn pair(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(": ").or_else(|| {
        // A tag may be empty, and its space be cut off.
        text.strip_suffix(':').map(|key| (key, ""))
    })?;
    let fits = !key.is_empty()
        && key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    fits.then_some((key, value))
}

/// The version of the protocol that a greeting tells: `OK MPD 0.23.5`.
#[must_use]
pub fn greeting(text: &str) -> Option<&str> {
    text.strip_prefix("OK MPD ")
        .filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

/// The pairs of one command's answer, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    lines: String,
}

impl Answer {
    /// Takes in a line of which [`line`] says that it is a pair.
    pub fn push(&mut self, line: &str) {
        self.lines.push_str(line);
        self.lines.push('\n');
    }

    /// All pairs.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.lines().filter_map(pair)
    }

    /// The value of the first pair with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.all(key).next()
    }

    /// The values of all pairs with this key.
    pub fn all<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        self.pairs()
            .filter_map(move |(found, value)| (found == key).then_some(value))
    }

    /// The first pair with this key as a number.
    #[must_use]
    pub fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.get(key)?.parse().ok()
    }

    /// Cuts the answer before each pair with the key `first`: a list of songs at `file`.
    #[must_use]
    pub fn entries(&self, first: &str) -> Vec<Self> {
        let mut entries: Vec<Self> = Vec::new();
        for line in self.lines.lines() {
            if pair(line).is_some_and(|(key, _)| key == first) {
                entries.push(Self::default());
            }
            if let Some(entry) = entries.last_mut() {
                entry.push(line);
            }
        }
        entries
    }
}

impl<'a> FromIterator<&'a str> for Answer {
    fn from_iter<I: IntoIterator<Item = &'a str>>(lines: I) -> Self {
        let mut answer = Self::default();
        for line in lines {
            answer.push(line);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_told_apart() {
        assert_eq!(line("OK"), Some(Line::Ok));
        assert_eq!(line("list_OK"), Some(Line::ListOk));
        assert_eq!(
            line("file: a: b.flac"),
            Some(Line::Pair("file", "a: b.flac"))
        );
        assert_eq!(line("Title: "), Some(Line::Pair("Title", "")));
        assert_eq!(line("Title:"), Some(Line::Pair("Title", "")));
        assert_eq!(
            line("ACK [50@3] {load} No such playlist"),
            Some(Line::Ack(Ack {
                code: 50,
                index: 3,
                message: "No such playlist".into()
            }))
        );
        assert_eq!(
            line("ACK [5@0] {} unknown command \"}\""),
            Some(Line::Ack(Ack {
                code: 5,
                index: 0,
                message: "unknown command \"}\"".into()
            }))
        );
        for nonsense in [
            "",
            "OKAY",
            "ACK",
            "ACK nothing",
            "ACK [x@0] {} y",
            "ACK [99999999999@0] {} y",
            "no pair",
            ": value",
            "two words: value",
            "<html>: x",
            "HTTP/1.1 400 Bad Request",
        ] {
            assert_eq!(line(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn only_mpd_greets_like_mpd() {
        assert_eq!(greeting("OK MPD 0.23.5"), Some("0.23.5"));
        assert_eq!(greeting("OK MPD "), None);
        assert_eq!(greeting("220 mail.example.org ESMTP"), None);
        assert_eq!(greeting("OK"), None);
    }

    #[test]
    fn a_list_is_cut_into_its_songs() {
        let answer: Answer = ["stray: 1", "file: a", "Pos: 0", "file: b", "Pos: 1"]
            .into_iter()
            .collect();
        let songs = answer.entries("file");
        assert_eq!(songs.len(), 2);
        assert_eq!(songs[1].get("file"), Some("b"));
        assert_eq!(songs[1].number::<usize>("Pos"), Some(1));
    }

    #[test]
    fn a_secret_command_shows_nothing() {
        let command = Command::new("password").arg("geheim").secret();
        assert!(!format!("{command:?}").contains("geheim"));
        assert_eq!(command.line(), "password \"geheim\"");
    }

    /// As MPD's tokenizer takes arguments apart.
    fn unquoted(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                ' ' => {}
                '"' => {
                    let mut word = String::new();
                    while let Some(c) = chars.next() {
                        match c {
                            '"' => break,
                            '\\' => word.extend(chars.next()),
                            c => word.push(c),
                        }
                    }
                    words.push(word);
                }
                c => {
                    let mut word = String::from(c);
                    while let Some(c) = chars.next_if(|c| *c != ' ') {
                        word.push(c);
                    }
                    words.push(word);
                }
            }
        }
        words
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in ".{0,200}") {
            let _ = (line(&text), greeting(&text), line(&format!("ACK {text}")));
            let answer: Answer = text.lines().collect();
            let _ = (answer.entries("file"), answer.get("file"));
        }

        #[test]
        fn an_argument_arrives_as_it_was_and_is_one_line(argument in "[^\n\r\0]{0,80}", other in "\\PC{0,20}") {
            let command = Command::new("addid").arg(&argument).arg(&other);
            prop_assert!(!command.line().contains('\n'));
            prop_assert_eq!(unquoted(command.line()), ["addid".to_owned(), argument, other]);
        }

        #[test]
        fn no_argument_begins_a_second_command(argument in any::<String>()) {
            let command = Command::new("load").arg(argument);
            prop_assert!(!command.line().contains(['\n', '\r', '\0']));
            prop_assert_eq!(unquoted(command.line()).len(), 2);
        }
    }
}
