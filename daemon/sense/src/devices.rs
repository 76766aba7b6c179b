//! Camera nodes: what there is, and which one a specification means.
//!
//! Nodes move: `/dev/video0` of today is `/dev/video2` after a replug. So a camera is also found by its
//! stable link in `/dev/v4l/by-id`, by its USB vendor and product, or by part of its name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::format::{self, Offer};

/// A `/dev/videoN` node as the system describes it, without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// `/dev/videoN`.
    pub path: PathBuf,
    /// Its N.
    #[serde(skip)]
    pub index: u32,
    /// What it calls itself.
    pub name: String,
    /// USB vendor and product, `046d:0825`, where it is a USB camera.
    pub usb: Option<String>,
    /// Its links in `/dev/v4l`.
    pub links: Vec<PathBuf>,
}

/// What a node turns out to be when it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// A colour camera that can be read.
    Camera {
        /// Its driver.
        driver: String,
        /// Its formats, as four letters.
        formats: Vec<String>,
    },
    /// A v4l2loopback node: another program's picture, not a camera.
    Loopback {
        /// Its formats, as four letters; none without a producer.
        formats: Vec<String>,
    },
    /// A camera without a colour format that can be read: infrared, or exotic.
    OtherFormats {
        /// Its formats, as four letters.
        formats: Vec<String>,
    },
    /// A node that gives no pictures: metadata, output, codec.
    NoCapture,
    /// It cannot be opened.
    Closed {
        /// The system's error number.
        errno: i32,
        /// The same as a sentence.
        error: String,
    },
}

/// A node and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Device {
    /// The node.
    #[serde(flatten)]
    pub node: Node,
    /// What it is.
    #[serde(flatten)]
    pub kind: Kind,
}

/// How the user names a camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spec {
    /// The first colour camera that is no loopback.
    Auto,
    /// A node, or a link to one.
    Path(PathBuf),
    /// USB vendor and product, lower case.
    Usb(String),
    /// Part of the name, lower case.
    Name(String),
}

impl std::str::FromStr for Spec {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let hex = |part: &str| part.len() == 4 && part.chars().all(|c| c.is_ascii_hexdigit());
        Ok(match text {
            "" => {
                return Err(
                    "name a camera: `auto`, a path, a `vid:pid`, or part of its name".into(),
                );
            }
            "auto" => Self::Auto,
            path if path.starts_with('/') => Self::Path(path.into()),
            usb if usb.split_once(':').is_some_and(|(v, p)| hex(v) && hex(p)) => {
                Self::Usb(usb.to_ascii_lowercase())
            }
            name => Self::Name(name.to_lowercase()),
        })
    }
}

impl std::fmt::Display for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("any camera"),
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Usb(usb) => write!(f, "USB {usb}"),
            Self::Name(name) => write!(f, "a camera named `{name}`"),
        }
    }
}

/// No node fits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// None is there.
    #[error("{0} is not there")]
    Absent(String),
    /// It is there, but may not be opened.
    #[error("{0} may not be opened: is the user in the group `video`?")]
    Denied(String),
    /// It is there, and is no camera.
    #[error("{0}")]
    Unfit(String),
}

/// The nodes in order of their numbers.
#[must_use]
pub fn nodes() -> Vec<Node> {
    let links = links();
    let mut nodes: Vec<Node> = fs::read_dir("/dev")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let index = index_of(&entry.path())?;
            let sys = PathBuf::from(format!("/sys/class/video4linux/video{index}"));
            let name = fs::read_to_string(sys.join("name"))
                .unwrap_or_default()
                .trim()
                .to_owned();
            let links = links
                .iter()
                .filter(|(_, node)| *node == entry.path())
                .map(|(l, _)| l.clone())
                .collect();
            Some(Node {
                path: entry.path(),
                index,
                name,
                usb: usb(&sys.join("device")),
                links,
            })
        })
        .collect();
    nodes.sort_by_key(|node| node.index);
    nodes
}

/// The N of `/dev/videoN`.
fn index_of(path: &Path) -> Option<u32> {
    path.parent().filter(|p| *p == Path::new("/dev"))?;
    path.file_name()?
        .to_str()?
        .strip_prefix("video")?
        .parse()
        .ok()
}

/// `/dev/v4l/by-id/…` and `/dev/v4l/by-path/…`, with the node each leads to.
fn links() -> Vec<(PathBuf, PathBuf)> {
    ["/dev/v4l/by-id", "/dev/v4l/by-path"]
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.path(), fs::canonicalize(entry.path()).ok()?)))
        .collect()
}

/// Vendor and product of the USB device that an interface belongs to.
fn usb(device: &Path) -> Option<String> {
    let device = fs::canonicalize(device).ok()?;
    let read = |folder: &Path, file: &str| {
        fs::read_to_string(folder.join(file))
            .ok()
            .map(|t| t.trim().to_lowercase())
    };
    device.ancestors().take(4).find_map(|at| {
        Some(format!(
            "{}:{}",
            read(at, "idVendor")?,
            read(at, "idProduct")?
        ))
    })
}

/// Opens a node, asks what it is, and closes it. Starts no stream.
#[must_use]
pub fn probe(node: &Node) -> Kind {
    let closed = |error: &std::io::Error| Kind::Closed {
        errno: error.raw_os_error().unwrap_or(0),
        error: error.to_string(),
    };
    // The v4l crate panics on a driver whose names are not UTF-8.
    let asked = std::panic::catch_unwind(|| {
        let device = v4l::Device::with_path(&node.path)?;
        let caps = device.query_caps()?;
        let offers = if caps
            .capabilities
            .contains(v4l::capability::Flags::VIDEO_CAPTURE)
        {
            Some(format::offers(&device)?)
        } else {
            None
        };
        Ok((caps.driver, offers))
    });
    match asked {
        Ok(Ok((driver, offers))) => kind(driver, offers),
        Ok(Err(error)) => closed(&error),
        Err(_) => closed(&std::io::Error::other("the driver answers with nonsense")),
    }
}

fn kind(driver: String, offers: Option<Vec<Offer>>) -> Kind {
    let Some(offers) = offers else {
        return Kind::NoCapture;
    };
    let mut formats: Vec<String> = offers.iter().map(|o| o.fourcc.clone()).collect();
    formats.dedup();
    if driver.contains("loopback") {
        Kind::Loopback { formats }
    } else if format::choose(&offers).is_some() {
        Kind::Camera { driver, formats }
    } else {
        Kind::OtherFormats { formats }
    }
}

/// The node that a specification means. `probe` is asked about candidates in turn, and no more of them than needed.
///
/// A path is taken at its word. By vendor or name the first camera wins; only if there is none, a loopback.
/// `auto` never takes a loopback.
///
/// # Errors
/// [`NotFound`] when no node fits.
pub fn find(spec: &Spec, nodes: &[Node], probe: impl Fn(&Node) -> Kind) -> Result<Node, NotFound> {
    let fits = |node: &&Node| match spec {
        Spec::Auto => true,
        Spec::Path(path) => node.path == *path || node.links.contains(path),
        Spec::Usb(usb) => node.usb.as_ref() == Some(usb),
        Spec::Name(name) => node.name.to_lowercase().contains(name),
    };
    let candidates: Vec<&Node> = nodes.iter().filter(fits).collect();
    if let (Spec::Path(_), Some(node)) = (spec, candidates.first()) {
        return Ok((*node).clone());
    }
    let mut loopback = None;
    let mut worst = NotFound::Absent(spec.to_string());
    for node in candidates {
        match probe(node) {
            Kind::Camera { .. } => return Ok(node.clone()),
            Kind::Loopback { .. } if *spec != Spec::Auto => loopback = loopback.or(Some(node)),
            Kind::Closed {
                errno: libc::EACCES | libc::EPERM,
                ..
            } => worst = NotFound::Denied(node.path.display().to_string()),
            // Another program has it: that is for the opening to find out.
            Kind::Closed {
                errno: libc::EBUSY, ..
            } => return Ok(node.clone()),
            Kind::OtherFormats { formats } if matches!(worst, NotFound::Absent(_)) => {
                worst = NotFound::Unfit(format!(
                    "{} ({}) has no format that can be read: {}",
                    node.path.display(),
                    node.name,
                    formats.join(", ")
                ));
            }
            _ => {}
        }
    }
    loopback.cloned().ok_or(worst)
}

/// [`find`] among the nodes of this machine.
///
/// # Errors
/// As [`find`].
pub fn locate(spec: &Spec) -> Result<Node, NotFound> {
    let spec = match spec {
        Spec::Path(path) => {
            let real = fs::canonicalize(path).map_err(|error| match error.kind() {
                std::io::ErrorKind::PermissionDenied => {
                    NotFound::Denied(path.display().to_string())
                }
                _ => NotFound::Absent(path.display().to_string()),
            })?;
            if index_of(&real).is_none() {
                return Err(NotFound::Unfit(format!(
                    "{} is no camera: no /dev/videoN",
                    path.display()
                )));
            }
            Spec::Path(real)
        }
        other => other.clone(),
    };
    find(&spec, &nodes(), probe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(index: u32, name: &str, usb: Option<&str>) -> Node {
        Node {
            path: format!("/dev/video{index}").into(),
            index,
            name: name.into(),
            usb: usb.map(Into::into),
            links: vec![format!("/dev/v4l/by-id/usb-{index}").into()],
        }
    }

    fn camera() -> Kind {
        Kind::Camera {
            driver: "uvcvideo".into(),
            formats: vec!["YUYV".into()],
        }
    }

    fn machine() -> (Vec<Node>, impl Fn(&Node) -> Kind) {
        let nodes = vec![
            node(0, "OBS Virtual Camera", None),
            node(1, "IR Camera", Some("04f2:b6d9")),
            node(2, "Integrated Camera", Some("04f2:b6d9")),
            node(3, "Integrated Camera", Some("04f2:b6d9")),
            node(4, "HD Webcam C525", Some("046d:0826")),
        ];
        let kind = |node: &Node| match node.index {
            0 => Kind::Loopback {
                formats: vec!["YUYV".into()],
            },
            1 => Kind::OtherFormats {
                formats: vec!["GREY".into()],
            },
            2 => Kind::NoCapture,
            _ => camera(),
        };
        (nodes, kind)
    }

    fn found(spec: &str) -> Result<u32, NotFound> {
        let (nodes, kind) = machine();
        find(&spec.parse().unwrap(), &nodes, kind).map(|n| n.index)
    }

    #[test]
    fn auto_is_the_first_real_colour_camera() {
        assert_eq!(found("auto"), Ok(3));
    }

    #[test]
    fn a_camera_is_found_by_vendor_name_path_and_link() {
        assert_eq!(found("046D:0826"), Ok(4));
        assert_eq!(found("04f2:b6d9"), Ok(3));
        assert_eq!(found("webcam c5"), Ok(4));
        assert_eq!(found("/dev/video1"), Ok(1));
        assert_eq!(found("/dev/v4l/by-id/usb-4"), Ok(4));
    }

    #[test]
    fn a_loopback_counts_only_when_it_is_named() {
        assert_eq!(found("obs virtual"), Ok(0));
    }

    #[test]
    fn what_is_not_there_is_told_from_what_may_not_be_opened() {
        assert!(matches!(found("logitech"), Err(NotFound::Absent(_))));
        assert!(matches!(found("IR Camera"), Err(NotFound::Unfit(why)) if why.contains("GREY")));
        let (nodes, _) = machine();
        let denied = |_: &Node| Kind::Closed {
            errno: libc::EACCES,
            error: String::new(),
        };
        assert!(matches!(
            find(&Spec::Auto, &nodes, denied),
            Err(NotFound::Denied(_))
        ));
        assert!(matches!(
            find(&Spec::Auto, &[], denied),
            Err(NotFound::Absent(_))
        ));
    }

    #[test]
    fn specifications_are_read() {
        assert_eq!("auto".parse(), Ok(Spec::Auto));
        assert_eq!("046D:082d".parse(), Ok(Spec::Usb("046d:082d".into())));
        assert_eq!("Cam: 2".parse(), Ok(Spec::Name("cam: 2".into())));
        assert!(" ".parse::<Spec>().is_err());
        assert_eq!(index_of(Path::new("/dev/video12")), Some(12));
        assert_eq!(index_of(Path::new("/dev/video")), None);
        assert_eq!(index_of(Path::new("/tmp/video1")), None);
    }
}
