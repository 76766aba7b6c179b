//! The setup's Spotify: a sign-in where there is a client ID, and the playlists' names to choose from.

use serde_json::Value;

use super::{Setup, music::MOST_LISTED};
use crate::{
    bus::Bus,
    failure::Failure,
    json as from_bus,
    show::{Fields, clean, items},
    spotify::{ASKS_SPOTIFY, sign_in},
};

/// The names of the user's playlists at Spotify; none where nobody is or wants to be signed in.
pub(super) async fn playlists(setup: &mut Setup<'_>) -> Result<Vec<String>, Failure> {
    if !setup.ask.is_somebody() {
        return Ok(Vec::new());
    }
    // Pages of a library take longer than what the other steps ask.
    let bus = Bus::join(ASKS_SPOTIFY).await?;
    let proxy = bus.spotify().await?;
    let status = match proxy.status().await {
        Ok(status) => from_bus::of_dict(&status),
        // An older service: all else works with it.
        Err(_) => return Ok(Vec::new()),
    };
    let status = Fields(&status);
    if !status.flag("configured") {
        return Ok(Vec::new());
    }
    if !status.flag("signed_in") {
        if !setup
            .ask
            .confirm("Sign in to Spotify now, in your browser?", true)?
        {
            return Ok(Vec::new());
        }
        if let Err(failure) = sign_in(&proxy, true).await {
            setup.say(&failure.message);
            return Ok(Vec::new());
        }
        setup.say("Signed in to Spotify.");
    }
    match proxy.playlists("").await {
        Ok(lists) => {
            let lists = from_bus::of_dicts(&lists);
            let names: Vec<String> = items(&lists).map(|list| list.text("name")).collect();
            if !names.is_empty() {
                let some: Vec<&str> = names.iter().take(MOST_LISTED).map(String::as_str).collect();
                setup.say(&format!("Your playlists at Spotify: {}", some.join(", ")));
            }
            Ok(names)
        }
        Err(error) => {
            setup.say(&Failure::from(error).message);
            Ok(Vec::new())
        }
    }
}

/// The entry for a playlist of Spotify's, if `place` is the name of one.
pub(super) fn entry(place: &str, mood: &str, names: &[String]) -> Option<String> {
    let name = names
        .iter()
        .find(|name| name.eq_ignore_ascii_case(place.trim()))?;
    let text = |value: &str| serde_json::to_string(&Value::from(value)).unwrap_or_default();
    let name = clean(name);
    Some(format!(
        "[[playlist]]\nname = {}\nspotify = {}\nmood = {}",
        text(&name),
        text(&name),
        text(mood)
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_of_spotifys_makes_an_entry() {
        let names = ["Deep \"Focus\"".to_owned()];
        let text = super::entry("deep \"focus\" ", "happy", &names).unwrap();
        let settings = moodlark_config::parse(&text).unwrap();
        assert_eq!(
            settings.playlists[0].spotify.as_deref(),
            Some("Deep \"Focus\"")
        );
        assert!(super::entry("~/a.m3u8", "happy", &names).is_none());
    }
}
