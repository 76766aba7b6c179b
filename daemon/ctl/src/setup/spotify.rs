//! The setup's Spotify: a sign-in where there is a client ID, the playlists' names to choose from, and a search.

use moodlark_catalogue::tr;

use super::{
    Setup,
    music::{MOST_LISTED, quoted},
};
use crate::{
    bus::Bus,
    failure::Failure,
    json as from_bus,
    show::{Fields, clean, items},
    spotify::{ASKS_SPOTIFY, sign_in},
};

/// What the setup can ask of Spotify.
pub(super) struct AtSpotify {
    /// With the patience that Spotify needs; none where nobody is or wants to be signed in.
    bus: Option<Bus>,
    /// The names of the user's playlists.
    pub(super) names: Vec<String>,
}

/// One that a search found.
#[derive(Debug)]
struct Found {
    name: String,
    uri: String,
    owner: String,
    yours: bool,
}

const NOTHING: AtSpotify = AtSpotify {
    bus: None,
    names: Vec::new(),
};

/// The user's playlists at Spotify, after a sign-in where there is a client ID and none has signed in.
pub(super) async fn playlists(setup: &mut Setup<'_>) -> Result<AtSpotify, Failure> {
    if !setup.ask.is_somebody() {
        return Ok(NOTHING);
    }
    // Pages of a library take longer than what the other steps ask.
    let bus = Bus::join(ASKS_SPOTIFY).await?;
    let proxy = bus.spotify().await?;
    let status = match proxy.status().await {
        Ok(status) => from_bus::of_dict(&status),
        // An older service: all else works with it.
        Err(_) => return Ok(NOTHING),
    };
    let status = Fields(&status);
    if !status.flag("configured") {
        setup.say(&tr!(
            "With a client ID of your own and Premium, playlists at Spotify go by their names: `man moodlark.toml` says how, under [spotify]."
        ));
        return Ok(NOTHING);
    }
    if !status.flag("signed_in") {
        if !setup
            .ask
            .confirm(&tr!("Sign in to Spotify now, in your browser?"), true)?
        {
            return Ok(NOTHING);
        }
        if let Err(failure) = sign_in(&proxy, true).await {
            setup.say(&failure.message);
            return Ok(NOTHING);
        }
        setup.say(&tr!("Signed in to Spotify."));
    }
    let names: Vec<String> = match proxy.playlists("").await {
        Ok(lists) => {
            let lists = from_bus::of_dicts(&lists);
            items(&lists).map(|list| list.text("name")).collect()
        }
        Err(error) => {
            setup.say(&Failure::from(error).message);
            return Ok(NOTHING);
        }
    };
    if !names.is_empty() {
        let some: Vec<String> = names
            .iter()
            .take(MOST_LISTED)
            .map(|name| clean(name))
            .collect();
        setup.say(&tr!(
            "Your playlists at Spotify: {names}",
            names = some.join(", ")
        ));
    }
    drop(proxy);
    Ok(AtSpotify {
        bus: Some(bus),
        names,
    })
}

impl AtSpotify {
    /// Whether Spotify can be searched.
    pub(super) const fn can_search(&self) -> bool {
        self.bus.is_some()
    }

    /// Searches Spotify for a text, and lets the user choose. `None` where nothing was found or wanted, and that
    /// was said.
    pub(super) async fn search(
        &self,
        setup: &mut Setup<'_>,
        text: &str,
        mood: &str,
    ) -> Result<Option<String>, Failure> {
        let Some(bus) = &self.bus else {
            return Ok(None);
        };
        let found: Vec<Found> = match bus.spotify().await?.playlists(text).await {
            Ok(lists) => {
                let lists = from_bus::of_dicts(&lists);
                let found = items(&lists).map(|list| Found {
                    name: clean(&list.text("name")),
                    uri: list.text("uri"),
                    owner: clean(&list.text("owner")),
                    yours: list.flag("yours"),
                });
                found.collect()
            }
            Err(error) => {
                setup.say(&Failure::from(error).message);
                return Ok(None);
            }
        };
        if found.is_empty() {
            setup.say(&tr!(
                "Spotify finds no playlist for \u{201c}{text}\u{201d}.",
                text = clean(text)
            ));
            return Ok(None);
        }
        setup.say(&tr!("Spotify finds:"));
        for (n, list) in found.iter().enumerate() {
            setup.say(&format!("  {}  {}", n + 1, list.described()));
        }
        loop {
            let answer = setup.ask.text(&tr!(
                "Which one? Its number or its name; empty for none of them"
            ))?;
            if answer.is_empty() {
                return Ok(None);
            }
            if let Some(list) = chosen(&answer, &found) {
                return Ok(Some(list.entry(mood)));
            }
            setup.say(&tr!("That is none of them."));
        }
    }
}

impl Found {
    fn described(&self) -> String {
        if self.yours || self.owner.is_empty() {
            self.name.clone()
        } else {
            format!("{} ({})", self.name, self.owner)
        }
    }

    /// One of the user's own goes by its name; somebody else's by its address, as names are looked for among the
    /// user's own.
    fn entry(&self, mood: &str) -> String {
        let (key, place) = if self.yours {
            ("spotify", &self.name)
        } else {
            ("uri", &self.uri)
        };
        format!(
            "[[playlist]]\nname = {}\n{key} = {}\nmood = {}",
            quoted(&self.name),
            quoted(place),
            quoted(mood)
        )
    }
}

/// The one of this number, as it was shown, or of this name.
fn chosen<'a>(answer: &str, found: &'a [Found]) -> Option<&'a Found> {
    let named = found
        .iter()
        .find(|list| list.name.to_lowercase() == answer.to_lowercase());
    named.or_else(|| {
        let number: usize = answer.trim_end_matches('.').parse().ok()?;
        found.get(number.checked_sub(1)?)
    })
}

/// The entry for a playlist of Spotify's, if `place` is the name of one.
pub(super) fn entry(place: &str, mood: &str, names: &[String]) -> Option<String> {
    let name = names
        .iter()
        .find(|name| name.eq_ignore_ascii_case(place.trim()))?;
    let name = clean(name);
    Some(format!(
        "[[playlist]]\nname = {}\nspotify = {}\nmood = {}",
        quoted(&name),
        quoted(&name),
        quoted(mood)
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

    #[test]
    fn what_was_found_is_chosen_by_number_or_name() {
        let list = |name: &str, yours| super::Found {
            name: name.into(),
            uri: format!("spotify:playlist:{}", name.to_lowercase()),
            owner: "ann".into(),
            yours,
        };
        let found = [list("Hits", false), list("7", true)];
        let name = |answer| super::chosen(answer, &found).map(|list| list.name.as_str());
        assert_eq!(name("1"), Some("Hits"));
        assert_eq!(name("2."), Some("7"));
        assert_eq!(name("hITS"), Some("Hits"));
        assert_eq!(name("7"), Some("7"), "a name before a number");
        for none in ["0", "3", "-1", "x"] {
            assert_eq!(name(none), None, "{none}");
        }
        for list in &found {
            let settings = moodlark_config::parse(&list.entry("sad")).unwrap();
            assert_eq!(settings.playlists[0].spotify.is_some(), list.yours);
        }
        assert_eq!(found[0].described(), "Hits (ann)");
    }
}
