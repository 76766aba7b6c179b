//! How fast the service answers, and how fast the music changes.

use std::time::{Duration, Instant};

use anyhow::Result;
use moodlark_tests::{
    mpv::Mpv,
    session::{BRIGHT, GREY, Session},
};

use crate::figures::Figures;

const READS: usize = 500;
const SWITCHES: usize = 20;

pub(crate) async fn measure(session: &Session, figures: &mut Figures) -> Result<()> {
    let mpv = Mpv::start(&session.bus, &session.grey).await?;
    mpv.plays(GREY).await?;
    let setup = session.service_in("speed")?;
    setup.configure(&session.config(&[("enabled", "enabled = false")]))?;
    let service = setup.start().await?;
    let (mood, music) = (service.mood().await?, service.music().await?);

    let mut reads = Vec::new();
    for _ in 0..READS {
        let started = Instant::now();
        mood.label().await?;
        reads.push(started.elapsed().as_secs_f64() * 1e3);
    }
    figures.add("a property read over D-Bus", "ms", Some(1.0), reads);

    service.knows(mpv.bus_name()).await?;
    let mut switches = Vec::new();
    for number in 0..SWITCHES {
        let name = if number % 2 == 0 { BRIGHT } else { GREY };
        let started = Instant::now();
        music.apply(name).await?;
        switches.push(started.elapsed().as_secs_f64() * 1e3);
        mpv.plays(name).await?;
    }
    figures.add(
        "`Apply` to the verified change in mpv",
        "ms",
        Some(300.0),
        switches,
    );
    service.stop(Duration::from_secs(5)).await?;
    Ok(())
}
