//! Playlists and rules: names, places to play from, criteria that go together.

use std::{collections::HashSet, time::Duration};

use moodlark_core::{
    emotion::Emotion,
    settings::{Criteria, Intent, PlaylistSettings, Rule, Settings},
};
use toml::{Spanned, de::DeTable};

use super::{AGES, Check, Finding, with};
use crate::{
    suggest::nearest,
    tree::{Path, Step},
};

/// Names are shown in menus and notifications.
const LONGEST_NAME: usize = 100;

/// The names of all playlists, those with other faults among them.
pub(super) fn names_of_playlists(root: &Spanned<DeTable<'_>>, settings: &Settings) -> Vec<String> {
    let mut names: Vec<String> = settings
        .playlists
        .iter()
        .map(|playlist| playlist.name.clone())
        .collect();
    let raw = root
        .get_ref()
        .get("playlist")
        .and_then(|list| list.get_ref().as_array());
    for entry in raw.into_iter().flatten() {
        if let Some(name) = entry
            .get_ref()
            .get("name")
            .and_then(|name| name.get_ref().as_str())
        {
            names.push(name.to_owned());
        }
    }
    names
}

impl<F: FnMut(&[Step], Finding)> Check<'_, F> {
    pub(super) fn playlist(&mut self, place: &[Step], playlist: &PlaylistSettings) {
        let out = |name: &str| self.left_out.contains(&with(place, name));
        let neither_is_our_making =
            out("uri") || out("file") || out("spotify") || out("player-playlist");
        match (&playlist.uri, &playlist.file, &playlist.spotify) {
            (Some(_), Some(_), _) => self.refuse(
                &with(place, "file"),
                "a playlist has one of `uri` and `file`, not both",
            ),
            (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => self.refuse(
                &with(place, "spotify"),
                "a playlist has one of `uri`, `file` and `spotify`",
            ),
            (None, None, None) if playlist.player_playlist.is_none() && !neither_is_our_making => {
                self.refuse(
                    place,
                    "a playlist needs a `uri`, a `file` or a `player-playlist`: what should be played?",
                );
            }
            _ => {}
        }
        if let Some(name) = &playlist.spotify {
            let path = with(place, "spotify");
            if name.trim().is_empty() {
                self.refuse(&path, "this names no playlist of Spotify's");
            } else if name.starts_with("spotify:") || name.contains("://") {
                self.refuse_with(
                    &path,
                    "this is an address, and no playlist's name",
                    Some(format!("write uri = {}", toml::Value::from(name.as_str()))),
                );
            }
        }
        if let Some(uri) = &playlist.uri
            && let Err(reason) = well_formed(uri)
        {
            self.refuse(&with(place, "uri"), reason);
        }
        if let Some(file) = &playlist.file {
            let path = with(place, "file");
            self.path(&path, file);
            let ending = file
                .rsplit_once('.')
                .map_or("", |(_, ending)| ending)
                .to_ascii_lowercase();
            if !["m3u8", "m3u", "pls", "xspf"].contains(&ending.as_str()) {
                self.warn(
                    &path,
                    "players know playlists by their endings: .m3u8, .m3u, .pls and .xspf",
                );
            }
        }
        if let Some(name) = &playlist.player_playlist
            && (name.trim().is_empty() || name.chars().any(char::is_control))
        {
            self.refuse(
                &with(place, "player-playlist"),
                "this names no playlist; write its name as the player shows it",
            );
        }
        if playlist.mood.is_some() && playlist.affect.is_some() {
            self.refuse(
                &with(place, "affect"),
                "a playlist has one of `mood` and `affect`, not both",
            );
        }
        if let Ok(mood) = playlist.name.parse::<Emotion>() {
            self.warn(
                &with(place, "name"),
                format!("`moodlark play {mood}` will mean this playlist, and not the mood"),
            );
        }
    }

    pub(super) fn rule(&mut self, place: &[Step], rule: &Rule, playlists: &[String]) {
        if let Intent::Playlist(name) = &rule.intent
            && !playlists.contains(name)
        {
            let suggestion = nearest(name, playlists.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?"));
            self.refuse_with(
                &with(place, "do"),
                format!("there is no playlist named `{name}`"),
                suggestion,
            );
        }
        let when = with(place, "when");
        let Criteria {
            lasting,
            confidence,
            from,
            to,
            player,
            program,
            ..
        } = &rule.when;
        if let Some(lasting) = lasting {
            self.span(&with(&when, "for"), *lasting, Duration::ZERO, AGES);
        }
        if let Some(confidence) = confidence {
            self.probability(&with(&when, "confidence"), *confidence);
        }
        let from_or_to_left_out = ["from", "to"]
            .iter()
            .any(|name| self.left_out.contains(&with(&when, name)));
        match (from, to) {
            (Some(from), Some(to)) if from == to => {
                self.refuse(
                    &with(&when, "to"),
                    "`from` and `to` are the same time; leave both out for the whole day",
                );
            }
            (Some(_), None) if !from_or_to_left_out => {
                self.refuse(&with(&when, "from"), "`from` needs a `to`");
            }
            (None, Some(_)) if !from_or_to_left_out => {
                self.refuse(&with(&when, "to"), "`to` needs a `from`");
            }
            _ => {}
        }
        for (name, value) in [("player", player), ("program", program)] {
            if value.as_ref().is_some_and(|value| value.trim().is_empty()) {
                self.refuse(
                    &with(&when, name),
                    format!("this names no {name}; leave it out for any"),
                );
            }
        }
    }

    /// A rule that always matches hides the rules after it.
    pub(super) fn unreachable(&mut self, places: &[Path], rules: &[Rule]) {
        let always = |rule: &Rule| rule.enabled && rule.when == Criteria::default();
        let Some(first) = rules.iter().position(always) else {
            return;
        };
        let when_left_out = places.get(first).is_some_and(|place| {
            self.left_out
                .iter()
                .any(|path| path.starts_with(&with(place, "when")))
        });
        if when_left_out {
            return;
        }
        if let (Some(place), Some(rule)) = (places.get(first + 1), rules.get(first)) {
            let reason = format!(
                "this rule is never reached: `{}` before it always matches",
                rule.name
            );
            self.warn(place, reason);
        }
    }

    /// Names must be fit to show, and differ by more than case.
    pub(super) fn names<'n>(
        &mut self,
        kind: &str,
        places: &[Path],
        names: impl Iterator<Item = &'n str>,
    ) {
        let mut seen = HashSet::new();
        for (place, name) in places.iter().zip(names) {
            let path = with(place, "name");
            if name.trim().is_empty() {
                self.refuse(&path, format!("a {kind} needs a name"));
            } else if name.chars().count() > LONGEST_NAME {
                self.refuse(
                    &path,
                    format!("a name has at most {LONGEST_NAME} characters"),
                );
            } else if name.chars().any(char::is_control) {
                self.refuse(&path, "a name is one line of text");
            } else if name.trim() != name {
                self.refuse(&path, "a name neither begins nor ends with a space");
            } else if !seen.insert(name.to_lowercase()) {
                self.refuse(&path, format!("there is another {kind} named `{name}`"));
            }
        }
    }
}

/// A URI has a scheme (RFC 3986, section 3.1) and something after it, and no spaces.
fn well_formed(uri: &str) -> Result<(), String> {
    let example = "for example spotify:playlist:… or https://…; a file goes in `file`";
    let Some((scheme, rest)) = uri.split_once(':') else {
        return Err(format!(
            "`{}` is no URI: it has no scheme; {example}",
            uri.escape_debug()
        ));
    };
    let mut letters = scheme.chars();
    let scheme_fits = letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !scheme_fits || rest.is_empty() {
        return Err(format!("`{}` is no URI; {example}", uri.escape_debug()));
    }
    match uri.chars().find(|c| c.is_whitespace() || c.is_control()) {
        Some(_) => Err("a URI holds no spaces; write %20 for one".into()),
        None => Ok(()),
    }
}
