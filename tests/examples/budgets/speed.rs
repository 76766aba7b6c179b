//! How fast the service answers, and how fast the music changes.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Result;
use moodlark_tests::{
    mpv::Mpv,
    session::{BRIGHT, GREY, Session},
};

use crate::figures::Figures;

const READS: usize = 500;
const SWITCHES: usize = 20;
/// A playlist of everything that somebody has.
const LONG: &str = "Everything";
const LONG_ENTRIES: usize = 200_000;
const LONG_SWITCHES: usize = 5;

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

    let setup = session.service_in("long")?;
    let list = long_list(session)?;
    let more = format!(
        "[[playlist]]\nname = \"{LONG}\"\nfile = \"{}\"",
        list.display()
    );
    let changes = [("enabled", "enabled = false"), ("more", more.as_str())];
    setup.configure(&session.config(&changes))?;
    let service = setup.start().await?;
    service.knows(mpv.bus_name()).await?;
    let music = service.music().await?;
    let mut switches = Vec::new();
    for _ in 0..LONG_SWITCHES {
        music.apply(GREY).await?;
        mpv.plays(GREY).await?;
        let started = Instant::now();
        music.apply(LONG).await?;
        switches.push(started.elapsed().as_secs_f64() * 1e3);
        mpv.plays(BRIGHT).await?;
    }
    figures.add(
        "the same with a playlist of 200,000 entries that all are there",
        "ms",
        None,
        switches,
    );
    service.stop(Duration::from_secs(5)).await?;
    Ok(())
}

/// The bright tracks, again and again.
fn long_list(session: &Session) -> Result<PathBuf> {
    let short = std::fs::read_to_string(&session.bright)?;
    let tracks: Vec<&str> = short
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let lines: Vec<&str> = tracks.iter().copied().cycle().take(LONG_ENTRIES).collect();
    let path = session.bright.with_file_name(format!("{LONG}.m3u8"));
    std::fs::write(&path, lines.join("\n"))?;
    Ok(path)
}
