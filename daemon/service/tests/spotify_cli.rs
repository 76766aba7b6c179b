//! `moodlark spotify` and `moodlark playlists --spotify`: the real program against the real service.

use std::{os::unix::fs::PermissionsExt, process::Stdio};

use anyhow::{Context, Result};
use moodlark_tests::{
    eventually::{SOON, eventually},
    rig,
    service::{Service, Setup},
    session::Session,
    spotify::{Fake, http, world::CLIENT_ID},
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
};

const NEEDS: [&str; 3] = ["moodlarkd", "moodlark", "sox"];

struct Stage {
    session: Session,
    fake: Fake,
    setup: Setup,
    _service: Service,
}

impl Stage {
    async fn start(config: &str) -> Result<Self> {
        let session = Session::start().await?;
        let fake = Fake::start().await?;
        let setup = session.service()?.with_spotify(&fake);
        setup.configure(config)?;
        let service = setup.start().await?;
        Ok(Self {
            session,
            fake,
            setup,
            _service: service,
        })
    }

    fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(rig::built("moodlark")?);
        command
            .args(arguments)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.setup.address)
            .env("HOME", &self.setup.folder)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("BROWSER")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    /// Its exit code, and what it wrote.
    async fn run(&self, arguments: &[&str]) -> Result<(Option<i32>, String, String)> {
        let output = tokio::time::timeout(SOON, self.command(arguments)?.output()).await??;
        Ok((
            output.status.code(),
            String::from_utf8(output.stdout)?,
            String::from_utf8(output.stderr)?,
        ))
    }

    async fn json(&self, arguments: &[&str]) -> Result<Value> {
        let (code, out, err) = self.run(&[arguments, &["--json"]].concat()).await?;
        assert_eq!(code, Some(0), "{arguments:?}: {err}");
        Ok(serde_json::from_str(&out)?)
    }
}

fn config() -> String {
    format!("[camera]\nenabled = false\n[spotify]\nclient-id = \"{CLIENT_ID}\"\n")
}

#[tokio::test]
async fn the_browser_is_opened_and_the_sign_in_done() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start(&config()).await?;
    // What stands for the desktop's browser.
    let bin = stage.session.folder.path().join("bin");
    std::fs::create_dir(&bin)?;
    let (browser, opened) = (bin.join("xdg-open"), bin.join("opened"));
    std::fs::write(
        &browser,
        format!(
            "#!/bin/sh\nprintf %s \"$1\" >'{0}.part'\nmv '{0}.part' '{0}'\n",
            opened.display()
        ),
    )?;
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755))?;
    let path = format!("{}:{}", bin.display(), std::env::var("PATH")?);
    let mut command = stage.command(&["spotify", "login", "--json"])?;
    let running = command
        .env("PATH", path)
        .env("DISPLAY", ":none")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let page = eventually(&stage.session.connection, SOON, "a browser", async || {
        Ok(std::fs::read_to_string(&opened).ok())
    })
    .await?;
    let back = stage.fake.say_yes(&page).await?;
    http::get(&back).await?;
    let output = tokio::time::timeout(SOON, running.wait_with_output()).await??;
    let (out, err) = (
        String::from_utf8(output.stdout)?,
        String::from_utf8(output.stderr)?,
    );
    assert!(output.status.success(), "{err}");
    // The address is printed as well, for a browser that does not open.
    assert!(err.contains(&page), "{err}");
    let status: Value = serde_json::from_str(&out)?;
    assert_eq!(status["signed_in"], true, "{status}");
    Ok(())
}

#[tokio::test]
async fn without_a_browser_the_last_pages_address_is_pasted() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start(&config()).await?;
    let mut running = stage
        .command(&["spotify", "login", "--no-browser"])?
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut typed = running.stdin.take().context("no stdin")?;
    let mut told = BufReader::new(running.stderr.take().context("no stderr")?).lines();
    let page = loop {
        let line = told.next_line().await?.context("no page")?;
        if let Some(page) = line.trim().strip_prefix("http://") {
            break format!("http://{page}");
        }
    };
    let back = stage.fake.say_yes(&page).await?;
    typed.write_all(format!("{back}x\n").as_bytes()).await?;
    loop {
        let line = told.next_line().await?.context("no complaint")?;
        if line.contains("not the address") {
            break;
        }
    }
    typed.write_all(format!("{back}\n").as_bytes()).await?;
    let output = tokio::time::timeout(SOON, running.wait_with_output()).await??;
    assert!(output.status.success());
    let out = String::from_utf8(output.stdout)?;
    assert!(
        out.starts_with("Signed in for another 180 days, in "),
        "{out}"
    );

    let lists = stage.json(&["playlists", "--spotify"]).await?;
    assert_eq!(lists.as_array().map(Vec::len), Some(2), "{lists}");
    let found = stage.json(&["playlists", "--spotify", "hits"]).await?;
    assert_eq!(found[0]["name"], "Somebody's hits");
    let (_, text, _) = stage.run(&["playlists", "--spotify"]).await?;
    assert!(
        text.contains("Focus") && text.contains("spotify:playlist:"),
        "{text}"
    );
    let status = stage.json(&["spotify", "status"]).await?;
    assert_eq!(
        (&status["signed_in"], &status["trouble"]),
        (&true.into(), &Value::Null),
        "{status}"
    );

    let (code, text, _) = stage.run(&["spotify", "logout"]).await?;
    assert!(code == Some(0) && text.starts_with("Signed out"), "{text}");
    let (code, _, err) = stage.run(&["playlists", "--spotify"]).await?;
    assert!(
        code == Some(1) && err.contains("moodlark spotify login"),
        "{err}"
    );
    Ok(())
}

#[tokio::test]
async fn without_a_client_id_it_says_what_to_do() -> Result<()> {
    if !rig::has(&NEEDS) {
        return Ok(());
    }
    let stage = Stage::start("[camera]\nenabled = false\n").await?;
    let (code, text, _) = stage.run(&["spotify"]).await?;
    assert!(code == Some(0) && text.starts_with("Not set up"), "{text}");
    for command in [&["spotify", "login"][..], &["playlists", "--spotify"]] {
        let (code, _, err) = stage.run(command).await?;
        assert!(
            code == Some(1) && err.contains("client ID"),
            "{command:?}: {err}"
        );
    }
    assert!(stage.fake.calls().is_empty());
    Ok(())
}
