//! One test a rule of the file.

use crate::parse::{check, parse};

/// The key and reason of the only problem.
fn refused(text: &str) -> (String, String) {
    let errors = parse(text).expect_err("accepted");
    assert_eq!(errors.problems().len(), 1, "{errors}");
    (errors.problems()[0].key.clone(), errors.to_string())
}

fn playlist(rest: &str) -> String {
    format!("[[playlist]]\nname = \"p\"\n{rest}\n")
}

fn rule(when: &str) -> String {
    format!("[[rule]]\nname = \"r\"\nwhen = {{ {when} }}\ndo = \"keep\"\n")
}

#[test]
fn spans_keep_to_their_ranges() {
    for (section, option, bad, good) in [
        ("camera", "interval", "0s", "1s"),
        ("camera", "interval", "2days", "1day"),
        ("camera", "interval-on-battery", "0s", "1s"),
        ("camera", "interval-at-night", "2days", "1day"),
        ("gates", "idle-after", "9s", "10s"),
        ("gates", "after-resume", "61m", "0s"),
        ("camera", "deadline", "999ms", "1s"),
        ("camera", "deadline", "61s", "1m"),
        ("mood", "half-life", "0s", "1m"),
        ("mood", "report-half-life", "0s", "1m"),
        ("decide", "dwell", "101years", "0s"),
        ("decide", "cooldown", "101years", "0s"),
        ("decide", "override-for", "101years", "0s"),
        ("notifications", "at-most-every", "101years", "0s"),
        ("history", "retention", "0s", "1year"),
    ] {
        let (key, _) = refused(&format!("[{section}]\n{option} = \"{bad}\""));
        assert_eq!(key, format!("{section}.{option}"));
        parse(&format!("[{section}]\n{option} = \"{good}\"")).unwrap();
    }
    assert_eq!(
        refused("[camera]\n  interval = \"0s\"").1,
        "line 2, column 14: camera.interval: 0s is out of range; it is 1s to 1day"
    );
}

#[test]
fn quiet_hours_have_two_ends_that_differ() {
    let gates = |options: &str| format!("[gates]\n{options}");
    assert_eq!(
        refused(&gates("quiet-from = \"23:00\"")).0,
        "gates.quiet-from"
    );
    assert_eq!(refused(&gates("quiet-to = \"23:00\"")).0, "gates.quiet-to");
    let same = "quiet-from = \"23:00\"\nquiet-to = \"23:00\"";
    assert_eq!(refused(&gates(same)).0, "gates.quiet-to");
    parse(&gates("quiet-from = \"23:00\"\nquiet-to = \"07:00\"")).unwrap();
    // What is no time of day is told once.
    let bad = "quiet-from = \"25:00\"\nquiet-to = \"07:00\"";
    assert_eq!(refused(&gates(bad)).0, "gates.quiet-from");
    let night = "[camera]\nnight-from = \"07:00\"\nnight-to = \"07:00\"";
    assert_eq!(refused(night).0, "camera.night-to");
}

#[test]
fn programs_are_names_and_a_charge_is_a_percentage() {
    assert_eq!(
        refused("[gates]\nprograms = [\"/usr/bin/zoom\"]").0,
        "gates.programs"
    );
    assert_eq!(refused("[gates]\nlow-battery = 101").0, "gates.low-battery");
    assert!(parse("[gates]\nlow-battery = 300").is_err());
    parse("[gates]\nprograms = []\nlow-battery = 0").unwrap();
}

#[test]
fn short_intervals_are_warned_of_and_kept() {
    let checked = check("[camera]\ninterval = \"5s\"").unwrap();
    assert_eq!(checked.settings.camera.interval.as_secs(), 5);
    assert_eq!(checked.warnings.len(), 1);
    assert!(
        check("[camera]\ninterval = \"1m\"")
            .unwrap()
            .warnings
            .is_empty()
    );
}

#[test]
fn the_picture_source_needs_pictures() {
    assert_eq!(
        refused("[camera]\nsource = \"pictures\"").0,
        "camera.source"
    );
    parse("[camera]\nsource = \"pictures\"\npictures = \"/tmp/faces\"").unwrap();
    assert_eq!(
        refused("[camera]\nsource = \"pictures\"\npictures = \"faces\"").0,
        "camera.pictures"
    );
    // What was wrong with it is told once.
    assert_eq!(
        refused("[camera]\nsource = \"pictures\"\npictures = 3").0,
        "camera.pictures"
    );
}

#[test]
fn a_playlist_has_one_place_and_at_most_one_mood() {
    assert_eq!(refused(&playlist("")).0, "playlist[1]");
    assert_eq!(
        refused(&playlist("uri = \"a:b\"\nfile = \"/x.m3u\"")).0,
        "playlist[1].file"
    );
    assert_eq!(
        refused(&playlist("uri = \"a:b\"\nmood = \"sad\"\naffect = [0, 0]")).0,
        "playlist[1].affect"
    );
    assert_eq!(
        refused(&playlist("uri = \"a:b\"\naffect = [0, 2]")).0,
        "playlist[1].affect"
    );
    assert_eq!(
        refused(&playlist("uri = \"a:b\"\naffect = [0]")).0,
        "playlist[1].affect"
    );
    assert_eq!(refused(&playlist("file = 3")).0, "playlist[1].file");
    parse(&playlist("uri = \"a:b\"\naffect = [0, 1]")).unwrap();
    parse(&playlist("uri = \"a:b\"")).unwrap();
}

#[test]
fn uris_have_a_scheme_and_paths_are_whole() {
    for uri in [
        "nothing",
        ":x",
        "1a:b",
        "a b:c",
        "spotify:",
        "http://a b",
        "",
    ] {
        assert_eq!(
            refused(&playlist(&format!("uri = \"{uri}\""))).0,
            "playlist[1].uri",
            "{uri}"
        );
    }
    for uri in [
        "spotify:playlist:x",
        "file:///a/b.m3u8",
        "https://example.org/x?y=z",
        "a+b-c.d:e",
    ] {
        parse(&playlist(&format!("uri = \"{uri}\""))).unwrap();
    }
    assert_eq!(refused(&playlist("file = \"a.m3u\"")).0, "playlist[1].file");
    parse(&playlist("file = \"~/a.m3u\"")).unwrap();
    assert_eq!(
        check(&playlist("file = \"/a.mp3\""))
            .unwrap()
            .warnings
            .len(),
        1
    );
}

#[test]
fn names_differ_and_can_be_shown() {
    let two = |a: &str, b: &str| {
        format!(
            "[[playlist]]\nname = \"{a}\"\nuri = \"a:b\"\n[[playlist]]\nname = \"{b}\"\nuri = \"a:b\"\n"
        )
    };
    assert_eq!(refused(&two("Rain", "rain")).0, "playlist[2].name");
    for name in ["", " ", "a\\nb", " a", "a "] {
        assert_eq!(refused(&two("Rain", name)).0, "playlist[2].name", "{name}");
    }
    assert_eq!(
        refused(&two("Rain", &"x".repeat(101))).0,
        "playlist[2].name"
    );
    let rules = "[[rule]]\nname = \"r\"\nwhen = { mood = [\"sad\"] }\ndo = \"keep\"\n".repeat(2);
    assert_eq!(refused(&rules).0, "rule[2].name");
    assert_eq!(check(&two("Rain", "sad")).unwrap().warnings.len(), 1);
}

#[test]
fn rules_name_playlists_that_exist() {
    let rules = "[[rule]]\nname = \"r\"\ndo = { playlist = \"Rian\" }\n";
    let (key, text) = refused(&format!(
        "{}{rules}",
        playlist("uri = \"a:b\"").replace("\"p\"", "\"Rain\"")
    ));
    assert_eq!(key, "rule[1].do");
    assert!(text.ends_with("did you mean `Rain`?"), "{text}");
    // A playlist with a fault of its own is there all the same.
    let (key, _) = refused(&format!(
        "{}{rules}",
        playlist("uri = 1").replace("\"p\"", "\"Rian\"")
    ));
    assert_eq!(key, "playlist[1].uri");
}

#[test]
fn criteria_keep_to_their_ranges() {
    assert_eq!(refused(&rule("from = \"18:00\"")).0, "rule[1].when.from");
    assert_eq!(refused(&rule("to = \"18:00\"")).0, "rule[1].when.to");
    assert_eq!(
        refused(&rule("from = \"18:00\", to = \"18:00\"")).0,
        "rule[1].when.to"
    );
    assert_eq!(
        refused(&rule("from = \"18\", to = \"18:00\"")).0,
        "rule[1].when.from"
    );
    assert_eq!(
        refused(&rule("confidence = 1.5")).0,
        "rule[1].when.confidence"
    );
    assert_eq!(refused(&rule("for = \"ten\"")).0, "rule[1].when.for");
    assert_eq!(refused(&rule("program = \"\"")).0, "rule[1].when.program");
    parse(&rule("from = \"22:00\", to = \"07:00\", for = \"0s\"")).unwrap();
}

#[test]
fn faults_in_one_entry_don_t_shift_the_next() {
    let text = format!(
        "[[rule]]\nname = \"broken\"\ndo = 3\n{}",
        rule("confidence = 7")
    );
    let errors = parse(&text).unwrap_err();
    let keys: Vec<_> = errors
        .problems()
        .iter()
        .map(|p| (p.line, p.key.as_str()))
        .collect();
    assert_eq!(keys, [(3, "rule[1].do"), (6, "rule[2].when.confidence")]);
}

#[test]
fn hidden_rules_are_warned_of() {
    let rules =
        "[[rule]]\nname = \"all\"\ndo = \"keep\"\n[[rule]]\nname = \"never\"\ndo = \"calm\"\n";
    let warnings = check(rules).unwrap().warnings;
    assert_eq!((warnings.len(), warnings[0].line), (1, 4));
    assert!(
        check(&rules.replace("\"keep\"", "\"keep\"\nenabled = false"))
            .unwrap()
            .warnings
            .is_empty()
    );
}

#[test]
fn an_address_of_mpd_that_is_none_is_refused_and_its_password_told_nowhere() {
    let (key, why) = refused("[mpd]\naddress = \"geheim@nas:port\"");
    assert_eq!(key, "mpd.address");
    assert!(!why.contains("geheim"), "{why}");
    assert_eq!(
        refused("[mpd]\nmusic-directory = \"Music\"").0,
        "mpd.music-directory"
    );
}

#[test]
fn players_are_named_and_not_also_ignored() {
    assert_eq!(refused("[player]\npinned = \"\"").0, "player.pinned");
    assert_eq!(
        refused("[player]\npreferred = \"vlc\"\nignore = [\"VLC\"]").0,
        "player.preferred"
    );
}

#[test]
fn a_playlist_of_spotifys_is_a_name_and_a_client_id_has_no_quotes_around_it() {
    parse(&playlist("spotify = \"Deep Focus\"")).unwrap();
    let (key, told) = refused(&playlist("spotify = \"spotify:playlist:x\""));
    assert_eq!(key, "playlist[1].spotify");
    assert!(
        told.contains("write uri = \"spotify:playlist:x\""),
        "{told}"
    );
    for two in [
        "uri = \"a:b\"\nspotify = \"x\"",
        "file = \"/a.m3u8\"\nspotify = \"x\"",
    ] {
        assert_eq!(refused(&playlist(two)).0, "playlist[1].spotify");
    }
    assert_eq!(
        refused(&playlist("spotify = \" \"")).0,
        "playlist[1].spotify"
    );
    let id = |id: &str| format!("[spotify]\nclient-id = \"{id}\"");
    assert_eq!(refused(&id("abc-def")).0, "spotify.client-id");
    assert_eq!(refused(&id("")).0, "spotify.client-id");
    assert_eq!(check(&id("abc")).unwrap().warnings.len(), 1);
    assert!(
        check(&id("0123456789abcdef0123456789abcdef"))
            .unwrap()
            .warnings
            .is_empty()
    );
}
