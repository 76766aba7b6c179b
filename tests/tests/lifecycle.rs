//! Beginning and end: one instance, readiness, the watchdog, a clean end.

use std::{
    os::unix::net::UnixDatagram,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use moodlark_tests::{
    eventually::{SOON, eventually},
    rig,
    session::Session,
};

const NEEDS: [&str; 2] = ["moodlarkd", "sox"];
const QUIET: (&str, &str) = ("enabled", "enabled = false");

#[tokio::test]
async fn a_second_instance_says_so_and_ends() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (first, second) = (session.service()?, session.service_in("second")?);
    for setup in [&first, &second] {
        setup.configure(&session.config(&[QUIET]))?;
    }
    let service = first.start().await?;
    let status = tokio::time::timeout(SOON, second.command()?.spawn()?.wait()).await??;
    assert!(!status.success());
    assert!(
        second.log().contains("another Moodlark runs"),
        "{}",
        second.log()
    );
    service.service().await?.status().await?;
    Ok(())
}

#[tokio::test]
async fn it_ends_within_a_second_even_in_a_look_and_leaves_no_worker() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let (setup, worker) = session.service_with_worker(
        &[("only-while-playing", "only-while-playing = false")],
        |worker| worker.does("exec sleep 1000"),
    )?;
    let service = setup.start().await?;
    let process = eventually(&session.connection, SOON, "a look", async || {
        Ok(worker.last_process())
    })
    .await?;
    let status = service.stop(Duration::from_secs(1)).await?;
    assert!(status.success(), "{status}\n{}", setup.log());
    eventually(
        &session.connection,
        SOON,
        "the worker to be gone",
        async || Ok((!std::path::Path::new(&format!("/proc/{process}")).exists()).then_some(())),
    )
    .await
}

#[tokio::test]
async fn a_crash_leaves_no_worker_with_the_camera_open() -> Result<()> {
    if !rig::has(&["moodlarkd", "moodlark-sense", "sox"]) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    setup.configure(&session.config(&[("only-while-playing", "only-while-playing = false")]))?;
    let service = setup.start().await?;
    let worker = stopped_worker(service.id().context("ended")?).await?;
    service.crash().await?;
    eventually(
        &session.connection,
        SOON,
        "the worker to die with its service",
        async || Ok((!worker.exists()).then_some(())),
    )
    .await
}

/// Stops (SIGSTOP) the service's worker in the middle of a look, as a camera that gives no frame
/// holds it up, and gives its folder in /proc.
async fn stopped_worker(service: u32) -> Result<PathBuf> {
    let deadline = Instant::now() + SOON;
    while Instant::now() < deadline {
        let children = std::fs::read_to_string(format!("/proc/{service}/task/{service}/children"))?;
        let folder = PathBuf::from(format!("/proc/{}", children.trim()));
        let status = || std::fs::read_to_string(folder.join("status")).unwrap_or_default();
        // The sandbox is begun: it is the worker itself, and well under way.
        if !children.is_empty() && status().contains("NoNewPrivs:\t1") {
            // It may end before the signal comes: then the next look will do.
            let _ = rig::run("kill", &["-STOP", children.trim()]).await;
            if status().contains("State:\tT") {
                return Ok(folder);
            }
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    bail!("no worker was caught in {SOON:?}")
}

#[tokio::test]
async fn the_service_manager_hears_of_readiness_status_and_the_watchdog() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let mut setup = session.service()?;
    setup.configure(&session.config(&[QUIET]))?;
    let path = session.folder.path().join("notify");
    let socket = UnixDatagram::bind(&path)?;
    socket.set_nonblocking(true)?;
    setup.environment = vec![
        (
            "NOTIFY_SOCKET".to_owned(),
            path.to_str().context("path")?.to_owned(),
        ),
        ("WATCHDOG_USEC".to_owned(), "1000000".to_owned()),
    ];
    let service = setup.start().await?;
    let heard = std::cell::RefCell::new(String::new());
    let listen = async |what: &str, times: usize| {
        eventually(&session.connection, SOON, what, async || {
            let mut buffer = [0; 4096];
            while let Ok(length) = socket.recv(&mut buffer) {
                let mut heard = heard.borrow_mut();
                heard.push_str(&String::from_utf8_lossy(&buffer[..length]));
                heard.push('\n');
            }
            Ok((heard.borrow().matches(what).count() >= times).then_some(()))
        })
        .await
    };
    listen("READY=1", 1).await?;
    listen("STATUS=", 1).await?;
    listen("WATCHDOG=1", 3).await?;
    service.stop(Duration::from_secs(1)).await?;
    listen("STOPPING=1", 1).await
}

#[tokio::test]
async fn files_are_private_to_the_user() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    use std::os::unix::fs::PermissionsExt;
    let session = Session::start().await?;
    let setup = session.service()?;
    setup.configure(&session.config(&[QUIET]))?;
    let service = setup.start().await?;
    service.mood().await?.report("sad").await?;
    let mode = |path: &std::path::Path| -> Result<u32> {
        Ok(std::fs::metadata(path)?.permissions().mode() & 0o777)
    };
    assert_eq!(mode(&setup.state())?, 0o700);
    for entry in std::fs::read_dir(setup.state())? {
        let path = entry?.path();
        assert_eq!(mode(&path)? & 0o077, 0, "{}", path.display());
    }
    Ok(())
}

#[tokio::test]
async fn the_end_of_the_bus_is_the_end_of_the_service() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let session = Session::start().await?;
    let setup = session.service()?;
    setup.configure(&session.config(&[QUIET]))?;
    let service = setup.start().await?;
    let id = service.id().context("ended")?;
    let Session { bus, folder, .. } = session;
    drop(bus);
    let deadline = std::time::Instant::now() + SOON;
    // The service is our child: gone means that it is at most a zombie.
    while std::fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z "))
    {
        assert!(
            std::time::Instant::now() < deadline,
            "it lives on without a bus"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(folder);
    Ok(())
}
