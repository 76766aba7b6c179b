//! What it costs to watch every gate while nothing happens: nothing. Alone in its program, so that
//! nothing else keeps the machine busy.

use std::time::Duration;

use anyhow::{Context, Result};
use moodlark_core::Reading;
use moodlark_service::footprint::QUIET;
use moodlark_tests::{
    desk::Desk,
    desktop::{Mutter, SessionManager},
    upower::UPower,
};

/// How often the process was put to sleep so far: each is a sleep that something ended.
fn wakeups(id: u32) -> Result<u64> {
    let mut sum = 0;
    for thread in std::fs::read_dir(format!("/proc/{id}/task"))? {
        let status = std::fs::read_to_string(thread?.path().join("status"))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        sum += line
            .context("no count of switches")?
            .trim()
            .parse::<u64>()?;
    }
    Ok(sum)
}

#[tokio::test]
async fn nobody_wakes_while_no_gate_moves() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[("interval", "interval = \"1h\"")]).await?;
    let node = desk.session.folder.path().join("video0");
    std::fs::write(&node, "")?;
    let device = format!("device = \"{}\"", node.display());
    desk.configure(&[
        ("interval", "interval = \"1h\""),
        ("source", "source = \"camera\""),
        ("pictures", device.as_str()),
        // In its first two minutes the service looks for MPD a few times more, which is no gate's doing.
        ("mpd", "[mpd]\nenabled = false"),
    ])?;
    desk.worker.sees(Reading::NoFace)?;
    let _upower = UPower::start(&desk.system).await?;
    let _mutter = Mutter::start(&desk.session.bus, 0).await?;
    let _gnome = SessionManager::start(&desk.session.bus).await?;
    let service = desk.setup.start().await?;
    service.reads("no_face").await?;
    let id = service.id().context("moodlarkd ended")?;
    // What the look set off is over, and the service has let go of the code that did it.
    tokio::time::sleep(QUIET + Duration::from_secs(2)).await;
    let before = wakeups(id)?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let woken = wakeups(id)? - before;
    println!("woken {woken} times in 5 s");
    let threads = std::fs::read_dir(format!("/proc/{id}/task"))?.count();
    assert_eq!(
        threads, 1,
        "both buses and the kernel's events on one thread"
    );
    assert_eq!(woken, 0, "{}", desk.setup.log());
    Ok(())
}
