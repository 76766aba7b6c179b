//! Spotify: the sign-in, and its playlists.

use moodlark_catalogue::tr;
use serde_json::Value;

use super::{Fields, Show, items, table};
use crate::terminal::Tone;

impl Show {
    /// How the sign-in stands.
    pub(crate) fn spotify(&self, status: &Value) -> String {
        let fields = Fields(status);
        let mut text = if !fields.flag("configured") {
            return tr!(
                "Not set up: there is no client ID under [spotify] in the configuration. Spotify is used over MPRIS alone.\n"
            );
        } else if fields.flag("signed_in") {
            let days = fields.number("days_left").unwrap_or_default();
            let tone = if days <= 14.0 {
                Tone::Doubtful
            } else {
                Tone::Good
            };
            tr!(
                "{signed_in} for another {days} days, {place}\n",
                signed_in = self.paint(tone, &tr!("Signed in")),
                days = format!("{:.0}", days),
                place = fields.text("place")
            )
        } else {
            format!("{}\n", self.paint(Tone::Doubtful, &tr!("Not signed in")))
        };
        if fields.time("signing_in_until").is_some() {
            text.push_str(&tr!("A sign-in is under way.\n"));
        }
        let sentence = fields.text("sentence");
        if !sentence.is_empty() {
            text.push_str(&format!("{sentence}\n"));
        }
        text
    }

    /// Playlists at Spotify.
    pub(crate) fn spotify_playlists(&self, playlists: &Value) -> String {
        let rows: Vec<Vec<String>> = items(playlists)
            .map(|playlist| {
                let whose = if playlist.flag("yours") {
                    String::new()
                } else {
                    self.paint(Tone::Faint, &format!("by {}", playlist.text("owner")))
                };
                vec![
                    self.paint(Tone::Strong, &playlist.text("name")),
                    playlist.text("uri"),
                    whose,
                ]
            })
            .collect();
        if rows.is_empty() {
            tr!("Spotify has none.\n")
        } else {
            table(&rows, "")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::show;

    #[test]
    fn the_sign_in_is_told() {
        let none = json!({ "configured": false });
        assert!(show().spotify(&none).starts_with("Not set up"));
        let out =
            json!({ "configured": true, "signed_in": false, "sentence": "You are not signed in." });
        assert_eq!(
            show().spotify(&out),
            "Not signed in\nYou are not signed in.\n"
        );
        let good = json!({ "configured": true, "signed_in": true, "days_left": 100, "place": "in your keyring" });
        assert_eq!(
            show().spotify(&good),
            "Signed in for another 100 days, in your keyring\n"
        );
    }

    #[test]
    fn others_playlists_are_told_with_their_owner() {
        let lists = json!([
            { "name": "Focus", "uri": "spotify:playlist:a", "owner": "me", "yours": true },
            { "name": "Hits", "uri": "spotify:playlist:b", "owner": "them", "yours": false },
        ]);
        assert_eq!(
            show().spotify_playlists(&lists),
            "Focus  spotify:playlist:a\nHits   spotify:playlist:b  by them\n"
        );
    }
}
