//! Music for a season: Christmas songs, as people name them.
//!
//! A Christmas song in July is the complaint that users of the neighbours make loudest. What tells is what the track, its
//! album, its genre or its folder is called; how it sounds does not.

/// What names of Christmas music hold, in small letters: English, German, Dutch, French, Spanish, Portuguese, Italian, Swedish,
/// Danish and Norwegian, Polish, Finnish. They are held against whole words: "natal" is also a part of "Natalie".
const WORDS: [&str; 23] = [
    "christmas",
    "xmas",
    "x-mas",
    "jingle",
    "noel",
    "noël",
    "weihnacht",
    "weihnachten",
    "weihnachts",
    "weihnachtslieder",
    "weihnachtslied",
    "weihnachtsmusik",
    "advent",
    "kerst",
    "kerstmis",
    "navidad",
    "natal",
    "natale",
    "julmusik",
    "julesange",
    "kolędy",
    "joululaulut",
    "carols",
];

/// Words that stand for Christmas only together: "silent night" is a carol, "silent" and "night" are not.
const PHRASES: [&str; 10] = [
    "silent night",
    "stille nacht",
    "holy night",
    "o tannenbaum",
    "winter wonderland",
    "let it snow",
    "god jul",
    "drummer boy",
    "santa claus",
    "santa baby",
];

/// Whether any of these texts (a title, an album, a genre, folders) names music for Christmas.
#[must_use]
pub fn is_christmas<'a>(texts: impl IntoIterator<Item = &'a str>) -> bool {
    texts.into_iter().any(|text| {
        let text = text.to_lowercase().replace('_', " ");
        PHRASES.iter().any(|phrase| text.contains(phrase))
            || text
                .split(|c: char| !c.is_alphanumeric() && c != '-')
                .any(|word| WORDS.contains(&word) || WORDS.contains(&word.trim_matches('-')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn christmas_is_known_by_its_names() {
        for text in [
            "A Christmas Gift for You",
            "/home/me/Music/Xmas/01.ogg",
            "Stille Nacht, heilige Nacht",
            "Have Yourself a Merry Little Christmas",
            "Weihnachtslieder für Kinder",
            "jingle_bells",
            "Petit papa Noël",
        ] {
            assert!(is_christmas([text]), "{text}");
        }
    }

    #[test]
    fn other_music_is_not() {
        for text in [
            "Silent All These Years",
            "Night",
            "Natalie",
            "Julia",
            "Adventure of a Lifetime",
            "The Carol Singer's Lament? no: Carol",
            "Snow (Hey Oh)",
            "Santa Fe",
            "Santana",
        ] {
            assert!(!is_christmas([text]), "{text}");
        }
        assert!(!is_christmas([]));
    }
}
