//! Measures the budgets of the design on this machine and writes `tests/BUDGETS.md`.
//!
//! `cargo build --release --workspace && cargo run --release -p moodlark-tests --example budgets`
//!
//! Figures, not tests: nothing here fails because a machine is slow. Each is the median of several
//! runs, with the range that they fell into.

mod figures;
mod idle;
mod journal;
mod sample;
mod speed;
mod spotify;
mod tray;

use anyhow::{Context, Result};
use moodlark_tests::{rig, session::Session};

use figures::Figures;

fn main() -> Result<()> {
    // The same program again, small and fresh, so that what it measures of its children is theirs.
    if let [_, command, worker, picture] = std::env::args().collect::<Vec<_>>().as_slice()
        && command == sample::COMMAND
    {
        return sample::child(worker.as_ref(), picture.as_ref());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure())
}

async fn measure() -> Result<()> {
    let mut figures = Figures::new(built_as());
    sample::measure(&mut figures)?;
    let session = Session::start().await?;
    idle::measure(&session, &mut figures).await?;
    tray::measure(&session, &mut figures).await?;
    speed::measure(&session, &mut figures).await?;
    spotify::measure(&session, &mut figures).await?;
    journal::measure(&session, &mut figures).await?;
    let text = figures.markdown().await?;
    let path = rig::root().join("tests/BUDGETS.md");
    std::fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
    print!("{text}");
    Ok(())
}

/// The profile that the programs were built in; figures of a debug build are no figures.
const fn built_as() -> &'static str {
    if cfg!(debug_assertions) {
        "dev"
    } else {
        "release"
    }
}
