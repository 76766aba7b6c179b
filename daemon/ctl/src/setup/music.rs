//! The setup's music: a playlist for a mood, and what the music should do.

use serde_json::Value;

use super::Setup;
use crate::{
    failure::Failure,
    json as from_bus,
    show::{Fields, clean, items, short_player},
};

/// The moods that a playlist is asked for, and what is asked: the corners of how music feels.
const MOODS: [(&str, &str); 4] = [
    ("happy", "Bright, lively music (for `happy`)"),
    ("neutral", "Calm, pleasant music (for `neutral`)"),
    ("sad", "Slow, sad music (for `sad`)"),
    ("angry", "Loud, angry music (for `angry`)"),
];

/// What the music should do: what is shown, and the rule that does it.
const WISHES: [(&str, &str); 3] = [
    (
        "Cheer me up when I seem sad, angry or afraid",
        "[[rule]]\nname = \"Cheer me up\"\nwhen = { mood = [\"sad\", \"angry\", \"fear\"] }\ndo = \"uplift\"",
    ),
    (
        "Play along: music that fits my mood",
        "[[rule]]\nname = \"Play along\"\ndo = \"match\"",
    ),
    (
        "Calm me down when I seem angry or afraid",
        "[[rule]]\nname = \"Calm me down\"\nwhen = { mood = [\"angry\", \"fear\"] }\ndo = \"calm\"",
    ),
];

/// Shows the players, and asks for playlists while there is none for a mood.
pub(super) async fn playlists(setup: &mut Setup<'_>) -> Result<(), Failure> {
    setup.heading("The music");
    let music = setup.bus.music().await?;
    let players = from_bus::of_dicts(&music.players().await?);
    for player in items(&players) {
        setup.say(&describe(player));
    }
    if items(&players).next().is_none() {
        setup.say("No player runs now; any that speaks MPRIS will do: Spotify, VLC, Rhythmbox, Strawberry, mpv with mpv-mpris, a browser …");
    }
    let known = from_bus::of_dicts(&music.playlists().await?);
    drop(music);
    let wanted: Vec<_> = MOODS
        .into_iter()
        .filter(|(mood, _)| !items(&known).any(|list| list.text("mood") == *mood))
        .collect();
    if wanted.is_empty() {
        setup.say("Each mood has a playlist; `moodlark playlists` shows them.");
        return Ok(());
    }
    if !setup.ask.is_somebody() {
        return Ok(());
    }
    let at_spotify = super::spotify::playlists(setup).await?;
    setup.say(
        "\nGive a playlist to at least two moods: a file (.m3u8, .m3u, .pls, .xspf), or a link that your player opens, such as\nspotify:playlist:… Leave it empty to skip one.",
    );
    if !at_spotify.is_empty() {
        setup.say("The name of one of your playlists at Spotify will do too.");
    }
    for (mood, question) in wanted {
        loop {
            let place = setup.ask.text(question)?;
            if place.is_empty() {
                break;
            }
            let named = super::spotify::entry(&place, mood, &at_spotify);
            let entry = match named.map_or_else(|| entry(&place, mood), Ok) {
                Ok(entry) => entry,
                Err(why) => {
                    setup.say(&format!("That won't do: {why}."));
                    continue;
                }
            };
            added(setup, &entry)?;
            break;
        }
    }
    setup.bus.service().await?.reload().await?;
    Ok(())
}

/// Asks what the music should do while there is no rule.
pub(super) async fn rule(setup: &mut Setup<'_>) -> Result<(), Failure> {
    setup.heading("What the music should do");
    let policy = from_bus::of_dict(&setup.bus.properties("org.moodlark.Policy1").await?);
    if items(&policy["rules"]).next().is_some() {
        setup.say("You have rules; `moodlark policy` shows them.");
        return Ok(());
    }
    let mut choices: Vec<String> = WISHES.iter().map(|(what, _)| (*what).to_owned()).collect();
    choices.push("Nothing by itself; I ask for it (`moodlark play happy`)".into());
    let chosen = setup.ask.choose("What should it do?", &choices)?;
    if let Some((what, rule)) = chosen.and_then(|chosen| WISHES.get(chosen)) {
        added(setup, rule)?;
        setup.bus.service().await?.reload().await?;
        setup.say(&format!(
            "{what}: written. `moodlark policy` shows it; the configuration has more to choose from."
        ));
    }
    Ok(())
}

fn added(setup: &Setup<'_>, entry: &str) -> Result<(), Failure> {
    moodlark_config::append(setup.config, entry).map_err(crate::config::failure)
}

fn describe(player: Fields<'_>) -> String {
    let name = clean(&player.text("identity"));
    let name = if name.is_empty() {
        short_player(&player.text("bus-name")).to_owned()
    } else {
        name
    };
    if player.flag("usable") {
        format!("Player: {name}, can be asked to play a playlist")
    } else {
        format!(
            "Player: {name}, cannot be used: {}",
            clean(&player.text("why"))
        )
    }
}

/// The entry for a playlist, named after its file or link, if the configuration takes it.
fn entry(place: &str, mood: &str) -> Result<String, String> {
    let text = |value: &str| serde_json::to_string(&Value::from(value)).unwrap_or_default();
    let is_link = place.contains("://") || place.starts_with("spotify:");
    let name = if is_link {
        format!("Music for {mood}")
    } else {
        let stem = std::path::Path::new(place).file_stem();
        let stem = stem.and_then(|stem| stem.to_str());
        stem.ok_or_else(|| format!("{place} has no name"))?
            .to_owned()
    };
    // JSON's quoting of text is TOML's too.
    let entry = format!(
        "[[playlist]]\nname = {}\n{} = {}\nmood = {}",
        text(&name),
        if is_link { "uri" } else { "file" },
        text(place),
        text(mood)
    );
    match moodlark_config::parse(&entry) {
        Ok(_) => Ok(entry),
        Err(errors) => {
            let reasons: Vec<&str> = errors
                .problems()
                .iter()
                .map(|p| p.reason.as_str())
                .collect();
            Err(clean(&reasons.join("; ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_that_is_offered_is_right() {
        for (what, rule) in WISHES {
            let settings = moodlark_config::parse(rule).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(settings.rules.len(), 1);
        }
    }

    #[test]
    fn an_entry_is_a_file_or_a_link() {
        let list = |place| {
            let text = entry(place, "happy").unwrap();
            moodlark_config::parse(&text).map(|s| s.playlists[0].name.clone())
        };
        assert_eq!(
            list("~/Music/Sunny \"side\".m3u8").unwrap(),
            "Sunny \"side\""
        );
        assert_eq!(
            list("spotify:playlist:37i9dQZF1DX4sWSpwq3LiO").unwrap(),
            "Music for happy"
        );
        let why = entry("relative/path.m3u8", "happy").unwrap_err();
        assert!(why.contains("no whole path"), "{why}");
        assert!(entry("/", "happy").is_err());
    }
}
