//! The service killed (SIGKILL) at points all through a switch, and started again.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use moodlark_api::error::Error;
use moodlark_tests::{
    eventually::{SOON, eventually},
    mpv::Mpv,
    rig,
    session::{BRIGHT, GREY, Session},
};

/// Rounds, and the step by which the moment of the kill moves from one to the next: together they
/// sweep over what a switch takes with mpv, and well beyond its end.
const ROUNDS: u64 = 30;
const STEP: Duration = Duration::from_millis(3);

#[tokio::test]
async fn killed_anywhere_in_a_switch_nothing_is_lost_and_nothing_stays_half_done() -> Result<()> {
    if !rig::has(&["moodlarkd", "mpv", "sox", "sqlite3"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    mpv.set_volume(0.6).await?;
    let setup = session.service()?;
    setup.configure(&session.config(&[("enabled", "enabled = false")]))?;
    let mut acknowledged = Vec::new();
    let mut cut_short = 0;
    for round in 0..ROUNDS {
        let service = setup
            .start()
            .await
            .with_context(|| format!("round {round}"))?;
        let (music, mood) = (service.music().await?, service.mood().await?);
        mood.note(&format!("note {round}")).await?;
        let name = if round % 2 == 0 { BRIGHT } else { GREY };
        service.knows(mpv.bus_name()).await?;
        let switch = tokio::spawn(async move { music.apply(name).await });
        tokio::time::sleep(STEP * u32::try_from(round)?).await;
        service.crash().await?;
        match switch.await? {
            Ok(_) => acknowledged.push((round, name)),
            Err(Error::ZBus(_)) => cut_short += 1,
            Err(other) => bail!("round {round}: {other}"),
        }
        let volume = mpv.volume().await?;
        assert!(
            (volume - 0.6).abs() < 0.01,
            "round {round}: the volume is {volume}"
        );
        sound(&setup.journal())
            .await
            .with_context(|| format!("round {round}, dead"))?;
    }
    assert!(
        cut_short >= 5,
        "only {cut_short} of {ROUNDS} kills fell into a switch: make STEP another"
    );

    let service = setup.start().await?;
    let (music, mood) = (service.music().await?, service.mood().await?);
    let volume = mpv.volume().await?;
    assert!((volume - 0.6).abs() < 0.01, "the volume is {volume}");
    // Nothing that was acknowledged is lost.
    let entries: Vec<_> = mood
        .history(0, i64::MAX)
        .await?
        .iter()
        .map(|entry| -> Result<(String, String)> {
            let text = |key: &str| -> Result<String> {
                Ok(String::try_from(
                    entry
                        .get(key)
                        .with_context(|| format!("no {key}"))?
                        .try_clone()?,
                )?)
            };
            Ok((text("kind")?, text("data")? + &text("summary")?))
        })
        .collect::<Result<_>>()?;
    for round in 0..ROUNDS {
        let note = format!("note {round}");
        assert!(
            entries
                .iter()
                .any(|(kind, data)| kind == "note" && data.contains(&note)),
            "{note} is lost"
        );
    }
    let kept = entries.iter().filter(|(kind, _)| kind == "switch").count();
    assert!(
        kept >= acknowledged.len(),
        "{kept} switches kept, {} acknowledged: {acknowledged:?}",
        acknowledged.len()
    );
    // Nothing is half done: no switch is under way, a new one works, and so does its undo.
    eventually(
        &session.connection,
        SOON,
        "a switch after it all",
        async || match music.apply(BRIGHT).await {
            Ok(_) => Ok(Some(())),
            Err(Error::Switching(_)) => Ok(None),
            Err(other) => bail!(other),
        },
    )
    .await?;
    mpv.plays(BRIGHT).await?;
    music.undo().await?;
    service.stop(Duration::from_secs(1)).await?;
    sound(&setup.journal()).await?;
    let path = setup.journal();
    let path = path.to_str().context("a path that is no text")?;
    let pending = "SELECT count(*) FROM switches WHERE status = 'pending'";
    assert_eq!(rig::run("sqlite3", &[path, pending]).await?.trim(), "0");
    Ok(())
}

/// Whether SQLite finds the journal whole.
async fn sound(journal: &std::path::Path) -> Result<()> {
    let path = journal.to_str().context("a path that is no text")?;
    let verdict = rig::run(
        "sqlite3",
        &[path, "PRAGMA integrity_check; PRAGMA foreign_key_check;"],
    )
    .await?;
    if verdict.trim() != "ok" {
        bail!("the journal is broken: {verdict}");
    }
    Ok(())
}
