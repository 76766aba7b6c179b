//! The video devices as the worker lists them: the service itself opens none.

use std::path::Path;

use moodlark_api::{Dict, error::Error};
use serde::Deserialize;

use crate::{bus::dict, worker};

/// A device in the worker's list.
#[derive(Debug, Deserialize)]
struct Device {
    path: String,
    name: String,
    kind: String,
    #[serde(default)]
    usb: Option<String>,
    #[serde(default)]
    links: Vec<String>,
    #[serde(default)]
    formats: Vec<String>,
}

impl Device {
    /// What names it also after something else was plugged in: its link by identity, its USB numbers, or its path.
    fn lasting(&self) -> &str {
        let by_id = self.links.iter().find(|link| link.contains("/by-id/"));
        by_id.or(self.usb.as_ref()).unwrap_or(&self.path)
    }
}

/// Asks the worker for the list.
///
/// # Errors
/// The worker cannot be run, or answers with something else.
pub async fn list(sense: &Path) -> Result<Vec<Dict>, Error> {
    let json = worker::ask(sense, &["--list-devices", "--json"])
        .await
        .map_err(|why| Error::Storage(format!("The cameras cannot be listed: {why}.")))?;
    parse(&json)
        .map_err(|error| Error::Storage(format!("The list of cameras cannot be read: {error}.")))
}

fn parse(json: &str) -> Result<Vec<Dict>, serde_json::Error> {
    let devices: Vec<Device> = serde_json::from_str(json)?;
    Ok(devices
        .into_iter()
        .map(|device| {
            dict::of([
                ("lasting", device.lasting().into()),
                ("path", device.path.as_str().into()),
                ("name", device.name.as_str().into()),
                ("kind", device.kind.as_str().into()),
                ("usb", device.usb.as_deref().unwrap_or_default().into()),
                ("links", device.links.clone().into()),
                ("formats", device.formats.clone().into()),
            ])
        })
        .collect())
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
        assert_eq!(parse("[]").unwrap().len(), 0);
        assert!(parse("no list").is_err());
    }
}
