//! A screen that nobody sees: Xvfb, with a pointer that clicks and a camera that takes pictures of it.

use std::{path::Path, process::Stdio};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{eventually::SOON, rig};

/// The screen; ends when dropped.
#[derive(Debug)]
pub struct Screen {
    _server: Child,
    display: String,
}

impl Screen {
    /// Starts one on a display number that nobody uses.
    ///
    /// # Errors
    /// If Xvfb does not come up.
    pub async fn start() -> Result<Self> {
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting Xvfb")?;
        let output = server.stdout.take().context("Xvfb's output")?;
        let mut lines = BufReader::new(output).lines();
        let number = tokio::time::timeout(SOON, lines.next_line())
            .await
            .context("Xvfb named no display in time")??
            .context("Xvfb ended at once")?;
        Ok(Self {
            _server: server,
            display: format!(":{}", number.trim()),
        })
    }

    /// For `DISPLAY`.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// A user's click: button 1 is the left one.
    ///
    /// # Errors
    /// If xdotool fails.
    pub async fn click(&self, x: u32, y: u32, button: u32) -> Result<()> {
        let (x, y, button) = (x.to_string(), y.to_string(), button.to_string());
        // The pointer moves on by itself no more than a user's would: a menu wants to see it come.
        self.xdotool(&["mousemove", "--sync", &x, &y]).await?;
        self.xdotool(&["click", &button]).await
    }

    /// Keys, as xdotool names them.
    ///
    /// # Errors
    /// If xdotool fails.
    pub async fn press(&self, keys: &[&str]) -> Result<()> {
        let mut arguments = vec!["key", "--delay", "60"];
        arguments.extend(keys);
        self.xdotool(&arguments).await
    }

    async fn xdotool(&self, arguments: &[&str]) -> Result<()> {
        let output = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.display)
            .kill_on_drop(true)
            .output()
            .await
            .context("running xdotool")?;
        anyhow::ensure!(
            output.status.success(),
            "xdotool {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// Takes a picture of a part of it, as a PNG: `width`x`height`+`x`+`y`.
    ///
    /// # Errors
    /// If ImageMagick fails.
    pub async fn picture(&self, part: &str, path: &Path) -> Result<()> {
        let path = path.to_str().context("path")?;
        rig::run(
            "import",
            &[
                "-display",
                &self.display,
                "-window",
                "root",
                "-crop",
                part,
                "+repage",
                path,
            ],
        )
        .await?;
        Ok(())
    }

    /// The pixels of a part of it, `width`x`height`+`x`+`y`: red, green and blue of each.
    ///
    /// # Errors
    /// If ImageMagick fails.
    pub async fn pixels(&self, part: &str) -> Result<Vec<[u8; 3]>> {
        let output = Command::new("import")
            .args(["-display", &self.display, "-window", "root", "-crop", part])
            .args(["-depth", "8", "rgb:-"])
            .kill_on_drop(true)
            .output()
            .await
            .context("running import")?;
        anyhow::ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(output.stdout.as_chunks::<3>().0.to_vec())
    }
}
