//! The video devices as the worker lists them: the service itself opens none.

use std::path::Path;

use moodlark_api::{Dict, error::Error};
use moodlark_catalogue::tr;
use serde::Deserialize;

use crate::{bus::dict, worker};

/// A node as `moodlark-sense --list-devices --json` tells it.
#[derive(Debug, Deserialize)]
pub struct Device {
    /// `/dev/videoN`.
    pub path: String,
    /// What it calls itself.
    pub name: String,
    /// `camera`, `loopback`, `other-formats`, `no-capture` or `closed`.
    pub kind: String,
    /// USB vendor and product.
    #[serde(default)]
    pub usb: Option<String>,
    /// Its links in `/dev/v4l`.
    #[serde(default)]
    pub links: Vec<String>,
    /// Its formats, as four letters.
    #[serde(default)]
    pub formats: Vec<String>,
    /// Why it is closed, as the kernel counts it; 0 if it isn't.
    #[serde(default)]
    pub errno: i32,
    /// The same in words.
    #[serde(default)]
    pub error: String,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum NoList {
    /// The worker did not run.
    #[error("{0}")]
    Worker(String),
    /// It answered with something else.
    #[error("the list of cameras cannot be read: {0}")]
    Odd(#[from] serde_json::Error),
}

impl Device {
    /// What names it also after something else was plugged in: its link by identity, its USB numbers, or its path.
    fn lasting(&self) -> &str {
        let by_id = self.links.iter().find(|link| link.contains("/by-id/"));
        by_id.or(self.usb.as_ref()).unwrap_or(&self.path)
    }

    fn as_dict(&self) -> Dict {
        dict::of([
            ("lasting", self.lasting().into()),
            ("path", self.path.as_str().into()),
            ("name", self.name.as_str().into()),
            ("kind", self.kind.as_str().into()),
            ("usb", self.usb.as_deref().unwrap_or_default().into()),
            ("links", self.links.clone().into()),
            ("formats", self.formats.clone().into()),
        ])
    }
}

/// Asks the worker for the list.
///
/// # Errors
/// The worker cannot be run, or answers with something else.
pub async fn ask(sense: &Path) -> Result<Vec<Device>, NoList> {
    let json = worker::ask(sense, &["--list-devices", "--json"])
        .await
        .map_err(NoList::Worker)?;
    Ok(serde_json::from_str(&json)?)
}

/// The list as the bus has it.
///
/// # Errors
/// As [`ask`].
pub async fn list(sense: &Path) -> Result<Vec<Dict>, Error> {
    match ask(sense).await {
        Ok(devices) => Ok(devices.iter().map(Device::as_dict).collect()),
        Err(why) => Err(Error::Storage(tr!(
            "The cameras cannot be listed: {why}.",
            why
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_names_a_camera() {
        let list = |json: &str| -> Vec<String> {
            let devices: Vec<Device> = serde_json::from_str(json).unwrap();
            devices.iter().map(|d| d.lasting().to_owned()).collect()
        };
        assert_eq!(
            list(
                r#"[{"path":"/dev/video0","name":"A","usb":"1bcf:2c99","links":["/dev/v4l/by-path/x","/dev/v4l/by-id/usb-A"],"kind":"camera","driver":"uvcvideo","formats":["YUYV"]},
                {"path":"/dev/video2","name":"B","usb":"1bcf:2c98","links":[],"kind":"camera","driver":"uvcvideo","formats":["MJPG"]},
                {"path":"/dev/video4","name":"C","usb":null,"links":[],"kind":"closed","error":"Permission denied","denied":true}]"#
            ),
            ["/dev/v4l/by-id/usb-A", "1bcf:2c98", "/dev/video4"]
        );
        assert_eq!(list("[]").len(), 0);
    }

    #[tokio::test]
    async fn what_is_no_list_is_told() {
        // `echo` answers with its arguments.
        let odd = ask(Path::new("/bin/echo")).await;
        assert!(matches!(odd, Err(NoList::Odd(_))), "{odd:?}");
        assert!(serde_json::from_str::<Vec<Device>>("no list").is_err());
        let none = list(Path::new("/nonexistent")).await;
        assert!(matches!(none, Err(Error::Storage(_))), "{none:?}");
    }
}
