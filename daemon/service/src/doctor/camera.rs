//! The camera that is configured: whether it is there, may be opened, and can be read.

use moodlark_api::Dict;
use moodlark_catalogue::tr;
use moodlark_core::{Reading, settings::Source};

use super::{Facts, check};
use crate::{
    devices::{self, Device, NoList},
    paths,
};

/// Level, finding, advice.
type Finding = (&'static str, String, String);

pub(super) async fn camera(facts: &Facts) -> Dict {
    let settings = &facts.settings.camera;
    let (level, finding, advice) = if settings.source == Source::Pictures {
        let path = paths::expand_home(settings.pictures.as_deref().unwrap_or_default());
        if path.exists() {
            (
                "ok",
                tr!("pictures from {path} stand for it", path = path.display()),
                String::new(),
            )
        } else {
            (
                "problem",
                tr!("{path} is not there", path = path.display()),
                tr!("Set `pictures` under [camera]."),
            )
        }
    } else {
        match devices::ask(&facts.sense).await {
            Err(why @ NoList::Worker(_)) => (
                "problem",
                why.to_string(),
                tr!("Install moodlark-sense beside moodlarkd."),
            ),
            Err(why @ NoList::Odd(_)) => (
                "problem",
                why.to_string(),
                tr!("Install moodlark-sense and moodlarkd from the same version."),
            ),
            Ok(devices) => judge(
                &settings.device,
                &devices,
                facts.view.camera.last_reading.as_ref(),
            ),
        }
    };
    let consent = if settings.enabled || settings.source == Source::Pictures {
        String::new()
    } else {
        tr!("; it is off: `moodlark camera on` says yes to it")
    };
    check("camera", level, format!("{finding}{consent}"), advice)
}

/// Whether `spec`, as the configuration has it, means this node. `auto` means any that can be read.
fn is_meant(spec: &str, device: &Device) -> bool {
    let spec = spec.trim();
    if spec == "auto" {
        device.kind == "camera"
    } else if spec.starts_with('/') {
        device.path == spec || device.links.iter().any(|link| link == spec)
    } else {
        device
            .usb
            .as_deref()
            .is_some_and(|usb| usb.eq_ignore_ascii_case(spec))
            || device.name.to_lowercase().contains(&spec.to_lowercase())
    }
}

fn judge(spec: &str, devices: &[Device], last: Option<&Reading>) -> Finding {
    fn group() -> String {
        tr!(
            "Add yourself to the group that owns it (`ls -l`; often `sudo usermod -aG video $USER`), and log in anew."
        )
    }

    let closed = |device: &Device| -> Finding {
        let finding = tr!(
            "{path} ({device}) cannot be opened: {error}",
            path = device.path,
            device = device.name,
            error = device.error
        );
        match std::io::Error::from_raw_os_error(device.errno).kind() {
            std::io::ErrorKind::PermissionDenied => ("problem", finding, group()),
            std::io::ErrorKind::ResourceBusy => (
                "warning",
                finding,
                tr!("Another program has it to itself; Moodlark waits until it is free."),
            ),
            _ => (
                "problem",
                finding,
                tr!("Plug it in anew; `journalctl -k` may say more."),
            ),
        }
    };
    let meant: Vec<&Device> = devices
        .iter()
        .filter(|device| is_meant(spec, device))
        .collect();
    let Some(device) = meant
        .iter()
        .find(|device| device.kind == "camera")
        .or(meant.first())
    else {
        // Nothing that fits: perhaps because nothing can be opened.
        if let Some(device) = devices.iter().find(|device| device.kind == "closed") {
            return closed(device);
        }
        let there: Vec<&str> = devices.iter().map(|device| device.name.as_str()).collect();
        return if there.is_empty() {
            (
                "problem",
                tr!("no camera is there"),
                tr!("Plug one in, open its shutter, or use `source = \"pictures\"`."),
            )
        } else {
            (
                "problem",
                tr!(
                    "none of {there} is `{spec}`",
                    there = there.join(", "),
                    spec
                ),
                tr!(
                    "Set `device` under [camera]; `moodlark-sense --list-devices` lists what there is."
                ),
            )
        };
    };
    let named = format!("{} ({})", device.path, device.name);
    match device.kind.as_str() {
        "camera" => {
            let formats = device.formats.join(", ");
            match last {
                Some(Reading::Busy) => (
                    "warning",
                    tr!("{named} was busy at the last look", named),
                    tr!("Another program uses it; Moodlark waits until it is free."),
                ),
                Some(Reading::Denied) => (
                    "problem",
                    tr!("{named} was refused at the last look", named),
                    group(),
                ),
                // It is there under a name that another may get tomorrow.
                _ if spec.trim() == device.path && !device.links.is_empty() => (
                    "warning",
                    format!("{named}, {formats}"),
                    tr!(
                        "This path can move to another camera; the paths in /dev/v4l/by-id, a vid:pid or a name stay."
                    ),
                ),
                _ => ("ok", format!("{named}, {formats}"), String::new()),
            }
        }
        "closed" => closed(device),
        "loopback" => (
            "warning",
            tr!("{named} is another program's picture, and no camera", named),
            tr!(
                "Set `device` under [camera] to a camera; `moodlark-sense --list-devices` lists what there is."
            ),
        ),
        _ => (
            "problem",
            tr!(
                "{named} gives no picture that can be read ({formats})",
                named,
                formats = device.formats.join(", ")
            ),
            tr!(
                "An infrared camera will not do; YUYV, NV12, MJPG, RGB3 or BGR3 is needed. Set `device` under [camera] to another."
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn devices() -> Vec<Device> {
        serde_json::from_str(
            r#"[
                {"path":"/dev/video0","name":"HD Webcam: HD Webcam","usb":"046d:0825",
                 "links":["/dev/v4l/by-id/usb-046d_HD-video-index0"],"kind":"camera","driver":"uvcvideo","formats":["YUYV","MJPG"]},
                {"path":"/dev/video1","name":"HD Webcam: HD Webcam","usb":"046d:0825","links":[],"kind":"no-capture"},
                {"path":"/dev/video2","name":"IR","usb":null,"links":[],"kind":"other-formats","formats":["GREY"]},
                {"path":"/dev/video3","name":"OBS","usb":null,"links":[],"kind":"loopback","formats":[]},
                {"path":"/dev/video4","name":"Other","usb":null,"links":[],"kind":"closed","errno":13,"error":"Permission denied"}
            ]"#,
        )
        .unwrap()
    }

    #[test]
    fn the_camera_that_is_meant_is_the_one_that_is_judged() {
        let devices = devices();
        for (spec, level, word) in [
            ("auto", "ok", "/dev/video0"),
            ("046D:0825", "ok", "YUYV"),
            ("webcam", "ok", "/dev/video0"),
            (
                "/dev/v4l/by-id/usb-046d_HD-video-index0",
                "ok",
                "/dev/video0",
            ),
            ("/dev/video0", "warning", "/dev/video0"),
            ("/dev/video2", "problem", "GREY"),
            ("obs", "warning", "no camera"),
            ("other", "problem", "Permission denied"),
        ] {
            let (found, finding, advice) = judge(spec, &devices, None);
            assert_eq!(found, level, "{spec}: {finding}");
            assert!(finding.contains(word), "{spec}: {finding}");
            assert_eq!(advice.is_empty(), level == "ok", "{spec}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_apart_from_what_may_not_be_opened() {
        let mut devices = devices();
        assert_eq!(judge("auto", &[], None).1, "no camera is there");
        let (level, _, advice) = judge("auto", &devices.split_off(4), None);
        assert_eq!(level, "problem");
        assert!(advice.contains("group"), "{advice}");
        assert!(judge("1234:5678", &devices, None).1.contains("none of"));
    }

    #[test]
    fn the_last_look_counts() {
        let devices = devices();
        assert_eq!(judge("auto", &devices, Some(&Reading::Busy)).0, "warning");
        assert_eq!(judge("auto", &devices, Some(&Reading::Denied)).0, "problem");
        assert_eq!(judge("auto", &devices, Some(&Reading::NoFace)).0, "ok");
    }
}
