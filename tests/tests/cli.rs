//! The real `moodlark` against the real service: each subcommand, and the exit codes that it promises.

use std::process::Stdio;

use anyhow::{Context, Result};
use moodlark_core::Emotion;
use moodlark_tests::{
    eventually::{SOON, eventually},
    mpv::Mpv,
    rig,
    service::Setup,
    session::{BRIGHT, GREY, Session},
    worker::face,
};
use tokio::io::{AsyncBufReadExt, BufReader};

// The exit codes that it promises.
const DONE: i32 = 0;
const FAILED: i32 = 1;
const USAGE: i32 = 2;
const NOT_RUNNING: i32 = 3;

/// What a run of the program left.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

async fn run(setup: &Setup, arguments: &[&str]) -> Result<Run> {
    let output = tokio::time::timeout(SOON, setup.moodlark(arguments)?.output())
        .await
        .with_context(|| format!("moodlark {arguments:?} does not end"))??;
    Ok(Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout)?,
        err: String::from_utf8(output.stderr)?,
    })
}

/// Runs it to a good end and gives what it wrote.
async fn done(setup: &Setup, arguments: &[&str]) -> Result<String> {
    let run = run(setup, arguments).await?;
    assert_eq!(run.code, Some(DONE), "moodlark {arguments:?}: {run:?}");
    assert!(
        !run.out.contains('\u{1b}'),
        "colours into a pipe: {arguments:?} {:?}",
        run.out
    );
    Ok(run.out)
}

async fn json(setup: &Setup, arguments: &[&str]) -> Result<serde_json::Value> {
    let mut all = arguments.to_vec();
    all.push("--json");
    let text = done(setup, &all).await?;
    serde_json::from_str(&text).with_context(|| format!("moodlark {all:?} wrote {text:?}"))
}

#[tokio::test]
async fn each_subcommand_does_what_it_says() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark", "mpv", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let (setup, _worker) = session.service_with_worker(
        &[
            ("enabled", "enabled = false"),
            ("interval", "interval = \"1h\""),
        ],
        |worker| worker.sees(face(Emotion::Neutral)),
    )?;
    let service = setup.start().await?;
    let (music, camera, policy) = (
        service.music().await?,
        service.camera().await?,
        service.policy().await?,
    );
    eventually(&session.connection, SOON, "mpv to be known", async || {
        Ok((!music.player().await?.is_empty()).then_some(()))
    })
    .await?;

    assert!(
        done(&setup, &["status"]).await?.contains("off"),
        "status tells of the camera"
    );
    assert!(json(&setup, &["status"]).await?.is_object());

    assert!(done(&setup, &["mood"]).await?.contains("unknown"));
    done(&setup, &["mood", "set", "sad"]).await?;
    service.feels("sad").await?;
    assert_eq!(json(&setup, &["mood"]).await?["label"], "sad");
    // The mood was reported, and there is a list for it: mpv plays grey already, by file only;
    // whatever came of it, there is a why.
    assert!(done(&setup, &["why"]).await?.len() > 10);
    assert!(json(&setup, &["why"]).await?["sentence"].is_string());
    done(
        &setup,
        &["mood", "set", "--valence", "-0.5", "--arousal", "-0.2"],
    )
    .await?;
    let valence = service.mood().await?.valence().await?;
    assert!(valence < -0.3, "{valence}");

    done(&setup, &["camera", "on"]).await?;
    assert!(camera.enabled().await?);
    service.reads("face").await?;
    assert!(
        done(&setup, &["camera", "sample"])
            .await?
            .contains("neutral")
    );
    done(&setup, &["camera", "pause"]).await?;
    assert_eq!(camera.paused_until().await?, -1);
    done(&setup, &["camera", "pause", "30m"]).await?;
    assert!(camera.paused_until().await? > 0);
    done(&setup, &["camera", "pause", "until", "18:00"]).await?;
    assert!(camera.paused_until().await? > 0);
    let refused = run(&setup, &["camera", "sample"]).await?;
    assert_eq!(refused.code, Some(FAILED), "{refused:?}");
    assert!(refused.err.contains("paused"), "{refused:?}");
    done(&setup, &["camera", "resume"]).await?;
    assert_eq!(camera.paused_until().await?, 0);
    done(&setup, &["camera", "off"]).await?;
    assert_eq!(camera.blocked().await?, "off");

    for intent in ["uplift", "calm", "match", "energise", "keep"] {
        done(&setup, &["policy", intent]).await?;
        assert_eq!(policy.intent().await?, intent);
    }
    assert!(done(&setup, &["policy"]).await?.contains("keep"));
    done(&setup, &["policy", "auto"]).await?;
    assert_eq!(policy.intent().await?, "auto");

    assert!(
        done(&setup, &["players"])
            .await?
            .to_lowercase()
            .contains("mpv")
    );
    assert_eq!(
        json(&setup, &["players"])
            .await?
            .as_array()
            .context("an array")?
            .len(),
        1
    );
    assert!(done(&setup, &["playlists"]).await?.contains(BRIGHT));
    assert_eq!(
        json(&setup, &["playlists"])
            .await?
            .as_array()
            .context("an array")?
            .len(),
        2
    );

    eventually(
        &session.connection,
        SOON,
        "no switch to be under way",
        async || Ok((run(&setup, &["play", GREY]).await?.code == Some(DONE)).then_some(())),
    )
    .await?;
    mpv.plays(GREY).await?;
    done(&setup, &["play", "happy"]).await?;
    mpv.plays(BRIGHT).await?;
    done(&setup, &["undo"]).await?;
    mpv.plays(GREY).await?;

    let history = done(&setup, &["history"]).await?;
    assert!(history.contains(BRIGHT), "{history}");
    assert!(
        !json(&setup, &["history", "--since", "1h"])
            .await?
            .as_array()
            .context("an array")?
            .is_empty()
    );
    done(&setup, &["reload"]).await?;
    setup.configure("[camera]\nenbaled = true\n")?;
    let refused = run(&setup, &["reload"]).await?;
    assert_eq!(refused.code, Some(FAILED), "{refused:?}");
    assert!(refused.err.contains("enabled"), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn watch_shows_changes_as_they_come() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    setup.configure(&session.config(&[("enabled", "enabled = false")]))?;
    let service = setup.start().await?;
    let mut watch = setup
        .moodlark(&["watch", "--json"])?
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(watch.stdout.take().context("stdout")?).lines();
    let mood = service.mood().await?;
    // It may not listen yet when the first change comes: change until a line tells of one.
    let told = async {
        for label in ["sad", "happy"].into_iter().cycle() {
            mood.report(label).await?;
            if let Ok(line) =
                tokio::time::timeout(std::time::Duration::from_millis(500), lines.next_line()).await
            {
                return anyhow::Ok(line?.context("watch ended")?);
            }
        }
        anyhow::bail!("unreachable")
    };
    let line = tokio::time::timeout(SOON, told).await??;
    serde_json::from_str::<serde_json::Value>(&line).context(line)?;
    Ok(())
}

#[tokio::test]
async fn exit_codes_tell_a_refusal_from_a_slip_and_from_no_service() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    for arguments in [
        &["status"][..],
        &["mood", "set", "sad"],
        &["undo"],
        &["watch"],
        &["camera", "on"],
    ] {
        let run = run(&setup, arguments).await?;
        assert_eq!(
            run.code,
            Some(NOT_RUNNING),
            "moodlark {arguments:?}: {run:?}"
        );
        assert!(run.err.contains("moodlarkd"), "what to do: {run:?}");
        assert!(run.out.is_empty(), "{run:?}");
    }
    for arguments in [
        &["mood", "set"][..],
        &["camera", "sideways"],
        &["dance"],
        &["mood", "set", "--valence", "x"],
    ] {
        let run = run(&setup, arguments).await?;
        assert_eq!(run.code, Some(USAGE), "moodlark {arguments:?}: {run:?}");
    }
    // What needs no service.
    assert!(
        done(&setup, &["--version"])
            .await?
            .contains(env!("CARGO_PKG_VERSION"))
    );
    let path = done(&setup, &["config", "path"]).await?;
    assert!(path.trim().ends_with("moodlark/config.toml"), "{path}");
    let shipped = done(&setup, &["config", "default"]).await?;
    assert!(shipped.contains("[camera]"), "{shipped}");
    let file = setup.folder.join("default.toml");
    std::fs::write(&file, shipped)?;
    let file = file.to_str().context("path")?;
    done(&setup, &["config", "check", file]).await?;
    std::fs::write(file, "[camera]\nenbaled = true\n")?;
    let wrong = run(&setup, &["config", "check", file]).await?;
    assert_eq!(wrong.code, Some(FAILED), "{wrong:?}");
    assert!(
        (wrong.err.clone() + &wrong.out).contains("enabled"),
        "{wrong:?}"
    );

    setup.configure(&session.config(&[("enabled", "enabled = false")]))?;
    let _service = setup.start().await?;
    for arguments in [
        &["undo"][..],
        &["play", "sad"],
        &["mood", "set", "glum"],
        &["camera", "sample"],
    ] {
        let run = run(&setup, arguments).await?;
        assert!(
            matches!(run.code, Some(FAILED | USAGE)),
            "moodlark {arguments:?}: {run:?}"
        );
        assert!(!run.err.is_empty(), "{run:?}");
    }
    Ok(())
}
