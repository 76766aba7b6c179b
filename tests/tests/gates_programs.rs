//! Other programs: named ones, one that has the camera, and the hours of the day.

use std::process::Stdio;

use anyhow::Result;
use moodlark_api::error::Error;
use moodlark_core::Reading;
use moodlark_tests::{
    desk::{Desk, LOOKS_ON, finding, gone_within},
    eventually::{SOON, eventually},
};
use tokio::process::{Child, Command};

/// A program of that name that does nothing.
fn program(desk: &Desk, name: &str) -> Result<Child> {
    let path = desk.session.folder.path().join(name);
    std::fs::copy("/bin/sleep", &path)?;
    Ok(Command::new(path).arg("1000").kill_on_drop(true).spawn()?)
}

#[tokio::test]
async fn a_named_program_is_asked_for_before_each_look() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk =
        Desk::start(&[("[mood]", "[gates]\nprograms = [\"moodlark-obs\"]\n\n[mood]")]).await?;
    desk.worker.sees(Reading::NoFace)?;
    let mut obs = program(&desk, "moodlark-obs")?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    desk.blocked(&camera, "program").await?;
    let refused = camera.sample().await;
    let Err(Error::CameraBlocked(why)) = &refused else {
        panic!("{refused:?}")
    };
    assert!(why.contains("programs"), "{why}");
    desk.nobody_looks().await?;
    assert_eq!(desk.worker.runs(), 0);
    let (_, text) = finding(&service, "gate: program").await?;
    assert!(text.contains("moodlark-obs"), "{text}");
    obs.kill().await?;
    service.reads("no_face").await?;
    Ok(())
}

#[tokio::test]
async fn who_opens_the_camera_gets_it_at_once() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    // A file stands for the node: the kernel tells the same of both.
    let node = desk.session.folder.path().join("video0");
    let device = format!("device = \"{}\"", node.display());
    let camera_at_node = [
        ("source", "source = \"camera\""),
        ("pictures", device.as_str()),
    ];
    std::fs::write(&node, "")?;
    desk.configure(&camera_at_node)?;
    let open = || -> Result<Child> {
        Ok(Command::new("sleep")
            .arg("1000")
            .stdin(Stdio::from(std::fs::File::open(&node)?))
            .kill_on_drop(true)
            .spawn()?)
    };
    // Our own worker has it open, too, and is nobody else.
    desk.worker.does(&format!("{LOOKS_ON} <../../video0"))?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    let process = desk.look(0).await?;
    desk.blocked(&camera, "").await?;

    let mut call = open()?;
    let closed = gone_within(process).await?;
    println!("the worker was gone {closed:?} after another program had opened the camera");
    desk.blocked(&camera, "camera-in-use").await?;
    let (_, text) = finding(&service, "gate: camera-in-use").await?;
    assert!(text.contains("sleep"), "{text}");
    desk.nobody_looks().await?;
    call.kill().await?;
    let process = desk.look(1).await?;

    // A camera that is plugged in anew is watched as well.
    std::fs::remove_file(&node)?;
    std::fs::write(&node, "")?;
    let _call = open()?;
    gone_within(process).await?;
    desk.blocked(&camera, "camera-in-use").await?;
    Ok(())
}

#[tokio::test]
async fn quiet_hours_are_quiet_by_the_clock_on_the_wall() -> Result<()> {
    if !Desk::ready() {
        return Ok(());
    }
    let desk = Desk::start(&[]).await?;
    let around = |from: &str, to: &str| {
        let gates = format!("[gates]\nquiet-from = \"{from}\"\nquiet-to = \"{to}\"\n\n[mood]");
        desk.configure(&[("[mood]", gates.as_str())])
    };
    around("00:00", "24:00")?;
    let service = desk.setup.start().await?;
    let camera = service.camera().await?;
    desk.blocked(&camera, "quiet-hours").await?;
    assert!(camera.next_sample().await? > 0, "it says when they end");
    desk.nobody_looks().await?;
    assert_eq!(desk.worker.runs(), 0);
    desk.configure(&[])?;
    let process = desk.look(0).await?;
    around("00:00", "24:00")?;
    eventually(
        &desk.session.connection,
        SOON,
        "the look to end",
        async || Ok((!std::path::Path::new(&format!("/proc/{process}")).exists()).then_some(())),
    )
    .await
}
