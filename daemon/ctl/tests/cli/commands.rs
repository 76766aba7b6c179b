//! Every command, for people and as JSON.

use serde_json::{Value, json};

use crate::{fake::Fake, rig::Rig};

/// What a command prints for people (in part), as JSON (at a pointer), and what the service was asked.
struct Case {
    words: &'static [&'static str],
    text: &'static str,
    json: (&'static str, Value),
    asked: &'static [&'static str],
}

fn cases() -> Vec<Case> {
    let case = |words, text, pointer, value, asked| Case {
        words,
        text,
        json: (pointer, value),
        asked,
    };
    vec![
        case(
            &["status"],
            "moodlark 9.9.9  mood sad, waiting",
            "/service/running",
            json!(true),
            &[],
        ),
        case(
            &["status"],
            "mood    sad, 70 % sure, since ",
            "/mood/distribution/sad",
            json!(0.7),
            &[],
        ),
        case(
            &["status"],
            "last look: too dark to see (brightness 2 %)",
            "/camera/last_reading/kind",
            json!("dark"),
            &[],
        ),
        case(
            &["status"],
            "policy  auto: “Cheer me up” matches (uplift)",
            "/policy/rules/0/matches",
            json!(true),
            &[],
        ),
        case(
            &["status"],
            "music   mpv plays",
            "/music/last_switch",
            json!(null),
            &[],
        ),
        case(
            &["why"],
            "It plays what fits.",
            "/decision/keep",
            json!("fits"),
            &["Explain()"],
        ),
        case(
            &["mood"],
            "sad       70 %  █████████████████████",
            "/label",
            json!("sad"),
            &[],
        ),
        case(
            &["mood", "show"],
            "valence -0.50, arousal -0.20",
            "/since",
            json!(1_795_219_200_000_i64),
            &[],
        ),
        case(
            &["mood", "set", "SAD"],
            "sad, 70 % sure",
            "/source",
            json!("camera"),
            &["Report(sad)"],
        ),
        case(
            &["mood", "set", "auto"],
            "sad",
            "/label",
            json!("sad"),
            &["Report(auto)"],
        ),
        case(
            &["mood", "set", "--valence", "-0.5", "--arousal", "-0.25"],
            "sad",
            "/label",
            json!("sad"),
            &["ReportAffect(-0.5, -0.25)"],
        ),
        case(
            &["mood", "note", "long", "day"],
            "Noted.",
            "/noted",
            json!(true),
            &["Note(long day)"],
        ),
        case(&["camera"], "on", "/paused_until", json!(null), &[]),
        case(
            &["camera", "off"],
            "off: say yes to it with `moodlark camera on`",
            "/enabled",
            json!(false),
            &["Enabled=false"],
        ),
        case(
            &["camera", "on"],
            "on",
            "/blocked",
            json!(null),
            &["Enabled=true"],
        ),
        case(
            &["camera", "pause"],
            "on, paused until you resume it",
            "/paused_until",
            json!(-1),
            &["Pause(0)"],
        ),
        case(
            &["camera", "pause", "30m"],
            "paused",
            "/paused_until",
            json!(-1),
            &["Pause(1800)"],
        ),
        case(
            &["camera", "pause", "1h", "30m"],
            "paused",
            "/paused_until",
            json!(-1),
            &["Pause(5400)"],
        ),
        case(
            &["camera", "resume"],
            "on",
            "/paused_until",
            json!(null),
            &["Resume()"],
        ),
        case(
            &["camera", "sample"],
            "nobody in the picture",
            "/kind",
            json!("no_face"),
            &["Sample()"],
        ),
        case(
            &["camera", "calibrate", "--seconds", "7"],
            "Your resting face looked sad (60 %).",
            "/faces",
            json!(9),
            &["Calibrate(7)"],
        ),
        case(
            &["camera", "calibrate", "--reset"],
            "on",
            "/baseline",
            json!(null),
            &["ForgetBaseline()"],
        ),
        case(
            &["policy"],
            "▸  1  Cheer me up  uplift  sad for 10m  matches now",
            "/intent",
            json!("auto"),
            &[],
        ),
        case(
            &["policy", "energize"],
            "energise, whatever the rules say",
            "/intent",
            json!("energise"),
            &["Intent=energise"],
        ),
        case(
            &["policy", "playlist:Sunny side"],
            "playlist:Sunny side",
            "/intent",
            json!("playlist:Sunny side"),
            &["Intent=playlist:Sunny side"],
        ),
        case(
            &["policy", "auto"],
            "auto",
            "/intent",
            json!("auto"),
            &["Intent=auto"],
        ),
        case(
            &["policy", "rule", "Cheer me up", "off"],
            "Cheer me up",
            "/rules/0/name",
            json!("Cheer me up"),
            &["SetRuleEnabled(Cheer me up, false)"],
        ),
        case(
            &["policy", "reset"],
            "Back to the configuration.",
            "/intent",
            json!("auto"),
            &["Reset()"],
        ),
        case(
            &["players"],
            "▸  mpv  playing  Band – Song  open-uri",
            "/0/why",
            json!(null),
            &["Players()"],
        ),
        case(
            &["playlists"],
            "Sunny side  happy  /m/sunny.m3u8",
            "/0/name",
            json!("Sunny side"),
            &["Playlists()"],
        ),
        case(
            &["play", "happy"],
            "mpv plays “Sunny side” (verified after 210 ms)",
            "/took_ms",
            json!(210),
            &["Apply(happy)"],
        ),
        case(
            &["play", "Sunny", "side"],
            "mpv plays “Sunny side”",
            "/id",
            json!(7),
            &["Apply(Sunny side)"],
        ),
        case(
            &["undo"],
            "Brought back on mpv: the list.",
            "/not_restored/0",
            json!("the volume"),
            &["Undo()"],
        ),
        case(
            &[
                "history",
                "--since",
                "2026-11-20",
                "--until",
                "2026-11-21",
                "06:30",
            ],
            "  00:00:00  reading   nobody in the picture",
            "/0/data/kind",
            json!("no_face"),
            &["History(1795132800000, 1795242600000)"],
        ),
        case(
            &["reload"],
            "The configuration was read again.",
            "/reloaded",
            json!(true),
            &["Reload()"],
        ),
    ]
}

#[tokio::test]
async fn every_command_does_what_it_says() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    for case in cases() {
        let run = rig.run(case.words).await;
        assert_eq!(
            (run.code, run.stderr.as_str()),
            (0, ""),
            "{:?}: {run:?}",
            case.words
        );
        assert!(
            run.stdout.contains(case.text),
            "{:?}: {}",
            case.words,
            run.stdout
        );
        assert!(
            run.stdout.ends_with('\n') && !run.stdout.contains('\x1b'),
            "{:?}: {run:?}",
            case.words
        );
        assert_eq!(fake.calls(), case.asked, "{:?}", case.words);
        let words = [case.words, &["--json"]].concat();
        let run = rig.run(&words).await;
        let (pointer, value) = &case.json;
        assert_eq!(
            run.json().pointer(pointer),
            Some(value),
            "{words:?}: {run:?}"
        );
        assert_eq!(run.stdout.lines().count(), 1, "{words:?}");
        assert_eq!(fake.calls(), case.asked, "{words:?}");
    }
}

#[tokio::test]
async fn the_journal_from_today_on_is_asked_for() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    assert_eq!(rig.run(&["history"]).await.code, 0);
    let call = fake.calls().remove(0);
    let times: Vec<i64> = call
        .trim_start_matches("History(")
        .trim_end_matches(')')
        .split(", ")
        .map(|time| time.parse().unwrap())
        .collect();
    assert_eq!(
        times[0] % 86_400_000,
        0,
        "midnight in UTC, which is this home's time zone"
    );
    assert!(times[1] - times[0] <= 86_400_000 + 60_000);
}

#[tokio::test]
async fn pausing_until_a_time_ends_at_that_time() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let fake = Fake::start(&rig).await;
    let before = jiff::Timestamp::now();
    assert_eq!(
        rig.run(&["camera", "pause", "until", "18:00"]).await.code,
        0
    );
    let after = jiff::Timestamp::now();
    let call = fake.calls().remove(0);
    let seconds: i64 = call
        .trim_start_matches("Pause(")
        .trim_end_matches(')')
        .parse()
        .unwrap();
    assert!((1..=86_400).contains(&seconds));
    // Within the time that the run took, it is 18:00 UTC then.
    let end = |from: jiff::Timestamp| {
        (from.as_millisecond() + seconds * 1000).rem_euclid(86_400_000) - 18 * 3_600_000
    };
    assert!(end(before) <= 1000 && end(after) >= 0, "{seconds}");
}

#[tokio::test]
async fn nobody_reading_is_no_failure() {
    let Some(rig) = Rig::start().await else {
        return;
    };
    let _fake = Fake::start(&rig).await;
    for words in [
        &["history"][..],
        &["status", "--json"],
        &["watch"],
        &["completions", "bash"],
        &["config", "default"],
        &["help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = rig.command(words);
        let output = command
            .stdout(writer)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .await
            .unwrap();
        assert_eq!(
            (
                output.status.code(),
                String::from_utf8(output.stderr).unwrap().as_str()
            ),
            (Some(0), ""),
            "{words:?}"
        );
    }
}

#[tokio::test]
async fn completions_know_the_commands() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = crate::rig::run(crate::rig::program(&["completions", shell], home.path())).await;
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains("playlists"), "{shell}");
    }
}
