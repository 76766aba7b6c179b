//! Players, playlists and switches.

use std::time::Duration;

use moodlark_catalogue::{feeling, tr};
use serde_json::Value;

use super::{Fields, Show, clean, items, short_player, table};
use crate::{clock::rough, terminal::Tone};

impl Show {
    /// `mpv plays; “Sunny side” since 13:55 (5 min ago)`.
    pub(crate) fn music_line(&self, music: Fields<'_>) -> String {
        let player = music.text("player");
        let mut text = match (player.is_empty(), music.flag("playing")) {
            (true, _) => tr!(
                "{none} that can be used",
                none = self.paint(Tone::Strong, &tr!("no player"))
            ),
            (false, true) => tr!(
                "{player} plays",
                player = self.paint(Tone::Strong, short_player(&player))
            ),
            (false, false) => tr!(
                "{player}, not playing",
                player = self.paint(Tone::Strong, short_player(&player))
            ),
        };
        let last = music.child("last_switch");
        if let Some(at) = last.time("at") {
            let (playlist, time) = (last.text("playlist"), self.clock.both(at));
            text.push_str(&if last.flag("undone") {
                tr!(
                    "; last switch to “{playlist}” {time}, undone since",
                    playlist,
                    time
                )
            } else {
                tr!("; last switch to “{playlist}” {time}", playlist, time)
            });
        }
        text
    }

    /// A switch that was made: `mpv plays “Sunny side”, verified after 210 ms`.
    pub(crate) fn switch(&self, switch: &Value) -> String {
        let fields = Fields(switch);
        let player = fields.text("player");
        let playlist = self.paint(Tone::Strong, &format!("“{}”", fields.text("playlist")));
        let mut text = tr!(
            "{player} plays {playlist}",
            player = short_player(&player),
            playlist
        );
        let title = fields.text("title");
        if !title.is_empty() {
            text.push_str(&format!(": {title}"));
        }
        match (fields.flag("verified"), fields.number("took_ms")) {
            (true, Some(took)) => text.push_str(&self.paint(
                Tone::Faint,
                &tr!(" (verified after {span})", span = took_text(took)),
            )),
            (true, None) => text.push_str(&self.paint(Tone::Faint, &tr!(" (verified)"))),
            (false, _) => text.push_str(&self.paint(Tone::Bad, &tr!(" (not verified)"))),
        }
        let left_out = fields.text("left_out");
        if !left_out.is_empty() {
            text.push_str(&self.paint(Tone::Doubtful, &format!("; {left_out}")));
        }
        text.push('\n');
        text
    }

    /// What an undo brought back, and what it could not.
    pub(crate) fn undone(&self, undo: &Value) -> String {
        let fields = Fields(undo);
        let (player, restored, not) = (
            fields.text("player"),
            parts(fields),
            fields.joined("not_restored"),
        );
        if fields.flag("withdrawn") {
            return tr!(
                "“{playlist}” will not be played on {player}; undo once more for the switch before it.\n",
                playlist = fields.text("playlist"),
                player = short_player(&player)
            );
        }
        let what = if restored.is_empty() {
            tr!("what played before")
        } else {
            restored
        };
        let mut text = if player.is_empty() {
            tr!("Brought back: {what}.\n", what)
        } else {
            tr!(
                "Brought back on {player}: {what}.\n",
                player = short_player(&player),
                what
            )
        };
        if !not.is_empty() {
            text.push_str(&format!(
                "{} {not}.\n",
                self.paint(Tone::Doubtful, &tr!("This player can't bring back:"))
            ));
        }
        text
    }

    /// The players, the active one marked.
    pub(crate) fn players(&self, players: &Value) -> String {
        let rows: Vec<Vec<String>> = items(players)
            .map(|player| {
                let mark = if player.flag("active") {
                    self.paint(Tone::Good, "▸")
                } else {
                    " ".into()
                };
                let bus_name = player.text("bus_name");
                let name = match (player.text("identity"), short_player(&bus_name)) {
                    (identity, short)
                        if identity.is_empty() || identity.eq_ignore_ascii_case(short) =>
                    {
                        short.to_owned()
                    }
                    (identity, short) => format!("{identity} ({short})"),
                };
                let (title, artist) = (player.text("title"), player.text("artist"));
                let song = [artist, title]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(" – ");
                let why = player.text("why");
                let use_of_it = match (player.flag("usable"), why.is_empty()) {
                    (true, true) => routes(player),
                    (true, false) => why,
                    (false, true) => self.paint(Tone::Doubtful, &tr!("can't be used")),
                    (false, false) => self.paint(Tone::Doubtful, &tr!("can't be used: {why}", why)),
                };
                vec![mark, name, status(&player.text("status")), song, use_of_it]
            })
            .collect();
        if rows.is_empty() {
            tr!("No player is running.\n")
        } else {
            table(&rows, "")
        }
    }

    /// The playlists, with what is wrong with them.
    pub(crate) fn playlists(&self, playlists: &Value) -> String {
        let rows: Vec<Vec<String>> = items(playlists)
            .map(|playlist| {
                let fits = match (
                    playlist.text("mood"),
                    playlist.number("valence"),
                    playlist.number("arousal"),
                ) {
                    (mood, ..) if !mood.is_empty() => feeling(&mood),
                    (_, Some(valence), Some(arousal)) => format!("{valence:+.2} {arousal:+.2}"),
                    _ => self.paint(Tone::Faint, &tr!("by name")),
                };
                let problem = self.paint(Tone::Bad, &playlist.text("problem"));
                vec![
                    self.paint(Tone::Strong, &playlist.text("name")),
                    fits,
                    playlist.text("uri"),
                    problem,
                ]
            })
            .collect();
        if rows.is_empty() {
            tr!(
                "There are no playlists yet; `moodlark config default` shows how they are written.\n"
            )
        } else {
            table(&rows, "")
        }
    }
}

impl Show {
    /// The playlists that players have themselves.
    pub(crate) fn players_playlists(&self, lists: &Value) -> String {
        let rows: Vec<Vec<String>> = items(lists)
            .map(|list| {
                vec![
                    list.text("identity"),
                    self.paint(Tone::Strong, &list.text("name")),
                ]
            })
            .collect();
        if rows.is_empty() {
            tr!("No running player has playlists that it can be asked for.\n")
        } else {
            table(&rows, "")
        }
    }
}

/// What was brought back, in words; what a later service may bring back is told as it says.
fn parts(undo: Fields<'_>) -> String {
    let words: Vec<String> = undo
        .list("restored")
        .filter_map(|part| part.0.as_str())
        .map(|part| match part {
            "list" => tr!("list"),
            "track" => tr!("track"),
            "position" => tr!("position"),
            "paused" => tr!("paused"),
            "stopped" => tr!("stopped"),
            "volume" => tr!("volume"),
            other => clean(other),
        })
        .collect();
    words.join(", ")
}

/// Whether a player plays, in a word.
fn status(name: &str) -> String {
    match name.to_lowercase().as_str() {
        "playing" => tr!("playing"),
        "paused" => tr!("paused"),
        "stopped" => tr!("stopped"),
        other => other.to_owned(),
    }
}

/// What can be done with a player, each once: `open-uri:http` and `open-uri:file` are both `open-uri`.
fn routes(player: Fields<'_>) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for route in player.list("routes").filter_map(|route| route.0.as_str()) {
        let kind = clean(route.split(':').next().unwrap_or(route));
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.join(", ")
}

/// Milliseconds, as text.
fn took_text(took: f64) -> String {
    if took < 1000.0 {
        format!("{took:.0} ms")
    } else {
        rough(Duration::try_from_secs_f64(took / 1000.0).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{minutes_ago, show};
    use super::*;

    #[test]
    fn the_player_and_the_last_switch_are_one_line() {
        let music = json!({ "player": "org.mpris.MediaPlayer2.mpv", "playing": true, "last_switch": { "at": minutes_ago(5), "playlist": "Rain", "undone": true } });
        assert_eq!(
            show().music_line(Fields(&music)),
            "mpv plays; last switch to “Rain” 13:55 (5 min ago), undone since"
        );
        assert_eq!(
            show().music_line(Fields(&json!({ "player": null, "last_switch": null }))),
            "no player that can be used"
        );
    }

    #[test]
    fn players_are_told_with_what_they_can_do() {
        let players = json!([
            { "bus_name": "org.mpris.MediaPlayer2.mpv", "identity": "mpv", "status": "Playing", "active": true, "usable": true, "title": "T", "artist": "A", "routes": ["open-uri:file", "open-uri:http", "track-list"] },
            { "bus_name": "org.mpris.MediaPlayer2.firefox.instance_1", "identity": "Mozilla Firefox", "status": "Paused", "usable": false, "why": "a browser" },
        ]);
        assert_eq!(
            show().players(&players),
            "▸  mpv                                   playing  A – T  open-uri, track-list\n   Mozilla Firefox (firefox.instance_1)  paused          can't be used: a browser\n"
        );
        assert_eq!(show().players(&json!([])), "No player is running.\n");
    }

    #[test]
    fn playlists_are_told_with_their_problems() {
        let playlists = json!([
            { "name": "Sunny side", "uri": "/m/a.m3u8", "mood": "happy", "problem": null },
            { "name": "Rain", "uri": "spotify:x", "valence": 0.3, "arousal": -0.5, "problem": "not there" },
            { "name": "Mix", "uri": "a:b" },
        ]);
        assert_eq!(
            show().playlists(&playlists),
            "Sunny side  happy        /m/a.m3u8\nRain        +0.30 -0.50  spotify:x  not there\nMix         by name      a:b\n"
        );
    }

    #[test]
    fn switches_and_undos_say_what_they_did() {
        let switch = json!({ "player": "org.mpris.MediaPlayer2.mpv", "playlist": "Rain", "title": "Drops", "verified": true, "took_ms": 210 });
        assert_eq!(
            show().switch(&switch),
            "mpv plays “Rain”: Drops (verified after 210 ms)\n"
        );
        let mut partly = switch.clone();
        partly["left_out"] = json!("3 of its 20 files are missing (a.ogg, …)");
        assert_eq!(
            show().switch(&partly),
            "mpv plays “Rain”: Drops (verified after 210 ms); 3 of its 20 files are missing (a.ogg, …)\n"
        );
        let undo = json!({ "player": "org.mpris.MediaPlayer2.vlc", "restored": ["the list", "the position"], "not_restored": ["the volume"] });
        assert_eq!(
            show().undone(&undo),
            "Brought back on vlc: the list, the position.\nThis player can't bring back: the volume.\n"
        );
        let undo = json!({ "player": "org.mpris.MediaPlayer2.vlc", "playlist": "Rain", "withdrawn": true, "restored": [] });
        assert_eq!(
            show().undone(&undo),
            "“Rain” will not be played on vlc; undo once more for the switch before it.\n"
        );
    }
}
