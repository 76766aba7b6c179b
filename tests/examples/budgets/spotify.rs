//! What Spotify's Web API costs the service: signed in and idle, in a switch, and after one.

use std::time::Duration;

use anyhow::{Context, Result};
use moodlark_tests::{
    session::Session,
    spotify::{
        Client, Fake, http,
        world::{CALM, CLIENT_ID, FOCUS},
    },
};

use crate::{
    figures::Figures,
    idle::{number, wake_ups},
};

/// TLS is dropped 20 s after the last call; a little more.
const DROPPED_AFTER: Duration = Duration::from_secs(23);
const SWITCHES: usize = 10;

pub(crate) async fn measure(session: &Session, figures: &mut Figures) -> Result<()> {
    let fake = Fake::start().await?;
    let client = Client::start(&session.bus, &fake).await?;
    let setup = session.service_in("spotify")?.with_spotify(&fake);
    setup.configure(&format!(
        "[camera]\nenabled = false\n[mpd]\nenabled = false\n[spotify]\nclient-id = \"{CLIENT_ID}\"\n\
         [[playlist]]\nname = \"a\"\nuri = \"spotify:playlist:{CALM}\"\n\
         [[playlist]]\nname = \"b\"\nuri = \"spotify:playlist:{FOCUS}\"\n"
    ))?;
    let service = setup.start().await?;
    let id = service.id().context("moodlarkd ended")?;
    let private = || -> Result<f64> {
        Ok(number(&format!("/proc/{id}/smaps_rollup"), "Pss_Anon:")? / 1024.0)
    };
    let before = private()?;
    let page = service.spotify().await?.login().await?;
    http::get(&fake.say_yes(&page).await?).await?;
    let (mut took, mut calls) = (Vec::new(), Vec::new());
    fake.forget()?;
    for n in 0..SWITCHES {
        let switch = service
            .music()
            .await?
            .apply(if n % 2 == 0 { "b" } else { "a" })
            .await?;
        let value = switch.get("took-ms").context("no took-ms")?;
        took.push(f64::from(i32::try_from(i64::try_from(
            value.try_clone()?,
        )?)?));
        calls.push(f64::from(u32::try_from(fake.forget()?)?));
    }
    let during = private()?;
    tokio::time::sleep(DROPPED_AFTER).await;
    let (after, woken) = (private()?, wake_ups(id)?);
    tokio::time::sleep(DROPPED_AFTER).await;
    let woken = wake_ups(id)? - woken;
    figures.add(
        "Spotify by the Web API: calls a switch",
        "",
        Some(6.0),
        calls,
    );
    figures.add(
        "the same: command to verified change, with a played Spotify",
        "ms",
        None,
        took,
    );
    for (when, value) in [
        ("before the first use", before),
        ("in use", during),
        ("23 s after", after),
    ] {
        figures.add(
            &format!("moodlarkd, Spotify's Web API {when}: private memory"),
            "MiB",
            None,
            vec![value],
        );
    }
    figures.add(
        "the same, signed in and idle: wake-ups in 23 s",
        "",
        Some(0.0),
        vec![woken],
    );
    drop(client);
    service.stop(Duration::from_secs(5)).await?;
    Ok(())
}
