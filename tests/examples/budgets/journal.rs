//! A year of history: how large the journal is, and how fast a day of it comes back.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use moodlark_core::{
    Affect, Distribution, Emotion, Now, Quality, Reading, Timestamp,
    engine::{Effect, Engine, Event, State},
    filter::ExpressionModel,
    settings::Settings,
};
use moodlark_service::journal::Journal;
use moodlark_tests::session::Session;

use crate::figures::Figures;

/// A year at a look every five minutes.
const LOOKS: i64 = 100_000;
const INTERVAL: i64 = 5 * 60 * 1000;
const DAY: i64 = 24 * 3600 * 1000;
const QUERIES: i64 = 20;

pub(crate) async fn measure(session: &Session, figures: &mut Figures) -> Result<()> {
    let setup = session.service_in("year")?;
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_millis())?;
    let first = now - LOOKS * INTERVAL;
    // Nothing is deleted while we measure, and nobody looks.
    setup.configure(
        &(session.config(&[("enabled", "enabled = false")]) + "[history]\nretention = \"2000d\"\n"),
    )?;
    // In memory first: a hundred thousand commits to a disk would take minutes.
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() {
        tempfile::tempdir_in(memory)?
    } else {
        tempfile::tempdir()?
    };
    fill(scratch.path(), first)?;
    std::fs::create_dir_all(setup.state())?;
    std::fs::copy(scratch.path().join("history.db"), setup.journal())?;
    let service = setup.start().await?;
    let mood = service.mood().await?;
    let (mut took, mut entries) = (Vec::new(), Vec::new());
    for query in 0..QUERIES {
        let from = first + DAY + query * (LOOKS * INTERVAL - 2 * DAY) / QUERIES;
        let started = Instant::now();
        let rows = mood.history(from, from + DAY).await?;
        took.push(started.elapsed().as_secs_f64() * 1e3);
        #[allow(clippy::cast_precision_loss)]
        entries.push(rows.len() as f64);
    }
    figures.add(
        "`History` of a day, of 100,000 looks",
        "ms",
        Some(10.0),
        took,
    );
    figures.add("entries of that day", "", None, entries);
    // As it is on disk when the service has ended and the write-ahead log is folded in.
    service.stop(Duration::from_secs(5)).await?;
    #[allow(clippy::cast_precision_loss)]
    let size = std::fs::metadata(setup.journal())?.len() as f64 / 1e6;
    figures.add("the journal of 100,000 looks", "MB", Some(20.0), vec![size]);
    Ok(())
}

/// Runs the real engine through a year of looks and keeps what it would keep.
fn fill(folder: &Path, first: i64) -> Result<()> {
    eprintln!("writing a journal of {LOOKS} looks …");
    let mut journal = Journal::open(folder)?;
    let mut settings = Settings::default();
    settings.camera.enabled = true;
    let model = ExpressionModel::new(
        std::array::from_fn(|row| {
            std::array::from_fn(|column| if row == column { 0.7 } else { 0.05 })
        }),
        None,
        None,
    )
    .context("a model")?;
    let mut engine = Engine::new(
        settings,
        model,
        State::default(),
        Now::utc(Timestamp(first)),
    );
    let mut dice = Dice(1);
    for look in 0..LOOKS {
        let at = Timestamp(first + look * INTERVAL);
        let effects = engine.handle(Event::Looked(Some(dice.reading())), Now::utc(at));
        let entries: Vec<_> = effects
            .into_iter()
            .filter_map(|effect| {
                if let Effect::Journal(entry) = effect {
                    Some(entry)
                } else {
                    None
                }
            })
            .collect();
        journal.write(at, &entries, None)?;
    }
    Ok(())
}

/// Looks at somebody whose expression lasts a while, who is away a third of the time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        // A generator of Lehmer's kind (Steele & Vigna 2021) is plenty here, and always the same.
        self.0 = self
            .0
            .wrapping_mul(0xda94_2042_e4dd_58b5)
            .wrapping_add(0x9e37_79b9);
        self.0 >> 33
    }

    fn reading(&mut self) -> Reading {
        if self.roll().is_multiple_of(3) {
            return Reading::NoFace;
        }
        let emotion = Emotion::ALL[usize::try_from(self.roll() % 7).unwrap_or(6)];
        #[allow(clippy::cast_precision_loss)]
        let part = (self.roll() % 1000) as f64 / 1000.0;
        let distribution = Distribution::certain(emotion).mix(&Distribution::UNIFORM, part);
        let quality = Quality {
            overall: part,
            size: 1.0,
            sharpness: part,
            brightness: 1.0,
            inside: 1.0,
        };
        Reading::Face {
            distribution,
            affect: Affect::expected(&distribution),
            quality,
            faces: 1,
        }
    }
}
