//! The setup's music: a playlist for a mood, and what the music should do.

use moodlark_catalogue::tr;
use serde_json::Value;

use super::Setup;
use crate::{
    failure::Failure,
    json as from_bus,
    show::{Fields, clean, items, short_player},
};

/// More playlists are not listed: nobody reads them.
pub(super) const MOST_LISTED: usize = 40;

/// The moods that a playlist is asked for, and what is asked: the corners of how music feels.
const MOODS: [&str; 4] = ["happy", "neutral", "sad", "angry"];

/// What is asked for them.
fn wanted(mood: &str) -> String {
    match mood {
        "happy" => tr!("Bright, lively music (for `happy`)"),
        "neutral" => tr!("Calm, pleasant music (for `neutral`)"),
        "sad" => tr!("Slow, sad music (for `sad`)"),
        "angry" => tr!("Loud, angry music (for `angry`)"),
        other => other.to_owned(),
    }
}

/// What the music should do: what is shown, and the rule that does it, under a name in the user's language.
fn wishes() -> [(String, String); 3] {
    let rule = |name: &str, rest: &str| format!("[[rule]]\nname = {}\n{rest}", quoted(name));
    [
        (
            tr!("Cheer me up when I seem sad, angry or afraid"),
            rule(
                &tr!("Cheer me up"),
                "when = { mood = [\"sad\", \"angry\", \"fear\"] }\ndo = \"uplift\"",
            ),
        ),
        (
            tr!("Play along: music that fits my mood"),
            rule(&tr!("Play along"), "do = \"match\""),
        ),
        (
            tr!("Calm me down when I seem angry or afraid"),
            rule(
                &tr!("Calm me down"),
                "when = { mood = [\"angry\", \"fear\"] }\ndo = \"calm\"",
            ),
        ),
    ]
}

/// Text as TOML quotes it: JSON's way is TOML's too.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Shows the players, and asks for playlists while there is none for a mood.
pub(super) async fn playlists(setup: &mut Setup<'_>) -> Result<(), Failure> {
    setup.heading(&tr!("The music"));
    let music = setup.bus.music().await?;
    let players = from_bus::of_dicts(&music.players().await?);
    for player in items(&players) {
        setup.say(&describe(player));
    }
    if items(&players).next().is_none() {
        setup.say(&tr!("No player runs now; any that speaks MPRIS will do: Spotify, VLC, Rhythmbox, Strawberry, mpv with mpv-mpris …"));
    }
    let known = from_bus::of_dicts(&music.playlists().await?);
    drop(music);
    let missing: Vec<_> = MOODS
        .into_iter()
        .filter(|mood| !items(&known).any(|list| list.text("mood") == **mood))
        .collect();
    if missing.is_empty() {
        setup.say(&tr!(
            "Each mood has a playlist; `moodlark playlists` shows them."
        ));
        return Ok(());
    }
    if !setup.ask.is_somebody() {
        return Ok(());
    }
    let own = own_playlists(setup).await;
    let at_spotify = super::spotify::playlists(setup).await?;
    setup.say(
        &tr!("\nGive a playlist to at least two moods: a file (.m3u8, .m3u, .pls, .xspf), or a link that your player opens, such as\nspotify:playlist:… Leave it empty to skip one."),
    );
    if at_spotify.can_search() {
        setup.say(&tr!(
            "The name of a playlist at Spotify will do too; one that is not yours is searched for."
        ));
    }
    if !own.is_empty() {
        setup.say(&tr!(
            "Playlists within your players will do too, by name: {names}",
            names = own.join(", ")
        ));
    }
    for mood in missing {
        loop {
            let place = setup.ask.text(&wanted(mood))?;
            if place.is_empty() {
                break;
            }
            let mut named = own_entry(&place, mood, &own)
                .or_else(|| super::spotify::entry(&place, mood, &at_spotify.names));
            if named.is_none() && at_spotify.can_search() && !is_place(&place) {
                named = at_spotify.search(setup, &place, mood).await?;
                if named.is_none() {
                    continue;
                }
            }
            let entry = match named.map_or_else(|| entry(&place, mood), Ok) {
                Ok(entry) => entry,
                Err(why) => {
                    setup.say(&tr!("That won't do: {why}.", why));
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
    setup.heading(&tr!("What the music should do"));
    let policy = from_bus::of_dict(&setup.bus.properties("org.moodlark.Policy1").await?);
    if items(&policy["rules"]).next().is_some() {
        setup.say(&tr!("You have rules; `moodlark policy` shows them."));
        return Ok(());
    }
    let wishes = wishes();
    let mut choices: Vec<String> = wishes.iter().map(|(what, _)| what.clone()).collect();
    choices.push(tr!(
        "Nothing by itself; I ask for it (`moodlark play happy`)"
    ));
    let chosen = setup.ask.choose(&tr!("What should it do?"), &choices)?;
    if let Some((what, rule)) = chosen.and_then(|chosen| wishes.get(chosen)) {
        added(setup, rule)?;
        setup.bus.service().await?.reload().await?;
        setup.say(&tr!("{what}: written. `moodlark policy` shows it; the configuration has more to choose from.", what));
    }
    Ok(())
}

/// The names of the playlists that the running players have themselves; none from an older service.
async fn own_playlists(setup: &Setup<'_>) -> Vec<String> {
    let Ok(music) = setup.bus.music().await else {
        return Vec::new();
    };
    let lists = music.players_playlists().await.unwrap_or_default();
    let lists = from_bus::of_dicts(&lists);
    let mut names: Vec<String> = items(&lists).map(|list| list.text("name")).collect();
    names.dedup();
    names.truncate(MOST_LISTED);
    names
}

/// The entry for a playlist within a player, if `place` is the name of one.
fn own_entry(place: &str, mood: &str, names: &[String]) -> Option<String> {
    let name = names.iter().find(|name| name.eq_ignore_ascii_case(place))?;
    Some(format!(
        "[[playlist]]\nname = {}\nplayer-playlist = {}\nmood = {}",
        quoted(name),
        quoted(name),
        quoted(mood)
    ))
}

fn added(setup: &Setup<'_>, entry: &str) -> Result<(), Failure> {
    moodlark_config::append(setup.config, entry).map_err(crate::config::failure)
}

fn describe(player: Fields<'_>) -> String {
    let name = clean(&player.text("identity"));
    let name = if name.is_empty() {
        short_player(&player.text("bus_name")).to_owned()
    } else {
        name
    };
    if player.flag("usable") {
        tr!("Player: {name}, can be asked to play a playlist", name)
    } else {
        tr!(
            "Player: {name}, cannot be used: {why}",
            name,
            why = clean(&player.text("why"))
        )
    }
}

/// Whether it can only be meant as a file or a link.
fn is_place(text: &str) -> bool {
    const LISTS: [&str; 4] = [".m3u8", ".m3u", ".pls", ".xspf"];
    let small = text.to_lowercase();
    is_link(text)
        || text.starts_with(['/', '~', '.'])
        || LISTS.iter().any(|ending| small.ends_with(ending))
}

fn is_link(text: &str) -> bool {
    text.contains("://") || text.starts_with("spotify:")
}

/// The entry for a playlist, named after its file or link, if the configuration takes it.
fn entry(place: &str, mood: &str) -> Result<String, String> {
    let is_link = is_link(place);
    let name = if is_link {
        tr!("Music for {mood}", mood)
    } else {
        let stem = std::path::Path::new(place).file_stem();
        let stem = stem.and_then(|stem| stem.to_str());
        stem.ok_or_else(|| tr!("{place} has no name", place))?
            .to_owned()
    };
    let entry = format!(
        "[[playlist]]\nname = {}\n{} = {}\nmood = {}",
        quoted(&name),
        if is_link { "uri" } else { "file" },
        quoted(place),
        quoted(mood)
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
        for (what, rule) in wishes() {
            let settings = moodlark_config::parse(&rule).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(settings.rules.len(), 1);
        }
    }

    #[test]
    fn a_player_without_a_name_goes_by_its_bus_name() {
        let player =
            serde_json::json!({ "bus_name": "org.mpris.MediaPlayer2.mpv", "usable": true });
        assert_eq!(
            describe(Fields(&player)),
            "Player: mpv, can be asked to play a playlist"
        );
    }

    #[test]
    fn a_playlist_within_a_player_goes_by_its_name() {
        let names = ["Rainy \"Window\"".to_owned()];
        let text = own_entry("rainy \"window\"", "sad", &names).unwrap();
        let settings = moodlark_config::parse(&text).unwrap();
        assert_eq!(
            settings.playlists[0].player_playlist.as_deref(),
            Some("Rainy \"Window\"")
        );
        assert_eq!(own_entry("~/x.m3u8", "sad", &names), None);
    }

    #[test]
    fn files_and_links_are_not_searched_for() {
        for place in [
            "~/a",
            "/music/b",
            "./c",
            "d.M3U8",
            "https://x/y",
            "spotify:playlist:1",
        ] {
            assert!(is_place(place), "{place}");
        }
        for name in ["Deep Focus", "90s/00s", "Vol. 2"] {
            assert!(!is_place(name), "{name}");
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
