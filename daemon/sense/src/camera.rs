//! Frames from a camera. nokhwa does the streaming; the v4l crate below it sets the format first,
//! because nokhwa cannot start from a format that it does not know.

use anyhow::{Context, Result, bail};
use moodlark_core::Reading;
use nokhwa::{
    Camera,
    utils::{
        ApiBackend, CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType,
        Resolution,
    },
};
use v4l::{Format, FourCC, video::Capture as _, video::capture::Parameters};

use crate::{
    decode,
    devices::{Node, NotFound},
    format::{self, Offer},
    luma::Luma,
};

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Another program streams from the camera.
    #[error("another program is using the camera")]
    Busy,
    /// It is not there, or went away.
    #[error("the camera is not there")]
    Unplugged,
    /// It may not be opened.
    #[error("the camera may not be opened")]
    Denied,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Trouble {
    /// From a sentence of nokhwa's, which keeps no error number but in its text.
    fn from_text(text: &str) -> Self {
        let errno = text
            .split("(os error ")
            .nth(1)
            .and_then(|rest| rest.split(')').next()?.parse::<i32>().ok());
        Self::from_errno(errno).unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    fn from_io(error: &std::io::Error) -> Self {
        Self::from_errno(error.raw_os_error()).unwrap_or_else(|| Self::Other(error.to_string()))
    }

    fn from_errno(errno: Option<i32>) -> Option<Self> {
        match errno? {
            libc::EBUSY => Some(Self::Busy),
            libc::ENODEV | libc::ENOENT | libc::ENXIO => Some(Self::Unplugged),
            libc::EACCES | libc::EPERM => Some(Self::Denied),
            _ => None,
        }
    }
}

impl From<Trouble> for Reading {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Busy => Self::Busy,
            Trouble::Unplugged => Self::Unplugged,
            Trouble::Denied => Self::Denied,
            Trouble::Other(reason) => Self::Failed { reason },
        }
    }
}

impl From<NotFound> for Trouble {
    fn from(error: NotFound) -> Self {
        match error {
            NotFound::Absent(_) => Self::Unplugged,
            NotFound::Denied(_) => Self::Denied,
            NotFound::Unfit(why) => Self::Other(why),
        }
    }
}

/// An open camera. Its stream starts with the first frame that is asked for.
pub struct Stream {
    camera: Option<Camera>,
    offer: Offer,
    /// Bytes from one row to the next; 0 where there are no rows (MJPEG).
    stride: usize,
}

impl Stream {
    /// Sets the best format and opens the camera.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn open(node: &Node) -> Result<Self, Trouble> {
        guarded(|| Self::open_unguarded(node))?
    }

    fn open_unguarded(node: &Node) -> Result<Self, Trouble> {
        let (offer, stride) = prepare(node)?;
        let format = match offer.fourcc.as_str() {
            "YUYV" => FrameFormat::YUYV,
            "NV12" => FrameFormat::NV12,
            "MJPG" => FrameFormat::MJPEG,
            "RGB3" => FrameFormat::RAWRGB,
            "BGR3" => FrameFormat::RAWBGR,
            other => {
                return Err(Trouble::Other(format!(
                    "the camera's format {other} cannot be read"
                )));
            }
        };
        let exact = CameraFormat::new(
            Resolution::new(offer.width, offer.height),
            format,
            offer.fps,
        );
        let request = RequestedFormat::with_formats(
            RequestedFormatType::Exact(exact),
            std::slice::from_ref(&format),
        );
        let index = CameraIndex::Index(node.index);
        let text = |error: nokhwa::NokhwaError| Trouble::from_text(&error.to_string());
        let mut camera =
            Camera::with_backend(index, request, ApiBackend::Video4Linux).map_err(text)?;
        camera.open_stream().map_err(text)?;
        Ok(Self {
            camera: Some(camera),
            offer,
            stride,
        })
    }

    /// The format in use.
    #[must_use]
    pub const fn offer(&self) -> &Offer {
        &self.offer
    }

    /// The next frame. Waits for it without limit: the caller's deadline is the limit. A frame that cannot be decoded
    /// is an inner error; the next may be good.
    ///
    /// # Errors
    /// [`Trouble`] when the camera fails.
    pub fn frame(&mut self) -> Result<Result<Luma>, Trouble> {
        let (offer, stride) = (&self.offer, self.stride);
        let Some(camera) = self.camera.as_mut() else {
            return Err(Trouble::Unplugged);
        };
        guarded(|| {
            let bytes = camera
                .frame_raw()
                .map_err(|error| Trouble::from_text(&error.to_string()))?;
            Ok(decoded(&bytes, offer, stride))
        })?
    }

    /// Stops the stream and closes the camera.
    pub fn close(mut self) {
        self.close_now();
    }

    fn close_now(&mut self) {
        // nokhwa and v4l panic when stopping fails; the process is about to end anyway.
        let camera = self.camera.take();
        if guarded(move || drop(camera)).is_err() {
            eprintln!("moodlark-sense: warning: the camera could not be closed properly");
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.close_now();
    }
}

/// nokhwa and v4l unwrap what drivers answer; a panic of theirs is a failure of the camera, not ours.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Trouble> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run))
        .map_err(|_| Trouble::Other("the camera's driver answers with nonsense".into()))
}

/// Sets the format, and answers what was set.
fn prepare(node: &Node) -> Result<(Offer, usize), Trouble> {
    let io = |error: std::io::Error| Trouble::from_io(&error);
    let device = v4l::Device::with_path(&node.path).map_err(io)?;
    let offers = format::offers(&device).map_err(io)?;
    let Some(best) = format::choose(&offers) else {
        let mut names: Vec<&str> = offers.iter().map(|o| o.fourcc.as_str()).collect();
        names.dedup();
        let what = if names.is_empty() {
            "no format (a loopback without a producer?)".into()
        } else {
            names.join(", ")
        };
        return Err(Trouble::Other(format!(
            "{} offers {what}; YUYV, NV12, MJPG, RGB3 or BGR3 is needed",
            node.path.display()
        )));
    };
    let mut fourcc = *b"    ";
    for (to, from) in fourcc.iter_mut().zip(best.fourcc.bytes()) {
        *to = from;
    }
    let current = device.format().map_err(io)?;
    let set = if (current.width, current.height, current.fourcc.repr)
        == (best.width, best.height, fourcc)
    {
        current
    } else {
        device
            .set_format(&Format::new(best.width, best.height, FourCC::new(&fourcc)))
            .map_err(io)?
    };
    // Rates cannot be set on every device; what it is set to counts.
    let mut interval = device.params().map_err(io)?.interval;
    if interval.numerator != 1 || interval.denominator != best.fps {
        interval = device
            .set_params(&Parameters::with_fps(best.fps))
            .map_or(interval, |p| p.interval);
    }
    let offer = Offer {
        fourcc: String::from_utf8_lossy(&set.fourcc.repr).into_owned(),
        width: set.width,
        height: set.height,
        fps: interval.denominator / interval.numerator.max(1),
    };
    Ok((
        offer,
        if best.fourcc == "MJPG" {
            0
        } else {
            set.stride as usize
        },
    ))
}

/// The brightness of a frame.
fn decoded(bytes: &[u8], offer: &Offer, stride: usize) -> Result<Luma> {
    if offer.fourcc == "MJPG" {
        return decode::mjpeg(bytes).map(|luma| luma.shrunk_to(decode::LONGEST));
    }
    let (width, height) = (offer.width as usize, offer.height as usize);
    let per_pixel = match offer.fourcc.as_str() {
        "NV12" => 1,
        "YUYV" => 2,
        _ => 3,
    };
    let stride = stride.max(width * per_pixel);
    let mut data = Vec::with_capacity(width * height);
    for row in bytes.chunks(stride).take(height) {
        let Some(row) = row.get(..width * per_pixel) else {
            bail!("the frame is cut short")
        };
        match (offer.fourcc.as_str(), per_pixel) {
            (_, 1) => data.extend_from_slice(row),
            (_, 2) => data.extend(decode::luma_of_yuyv(row)),
            ("BGR3", _) => {
                let rgb: Vec<u8> = row
                    .chunks_exact(3)
                    .flat_map(|p| [p[2], p[1], p[0]])
                    .collect();
                data.extend(decode::luma_of_rgb(&rgb, 3));
            }
            _ => data.extend(decode::luma_of_rgb(row, 3)),
        }
    }
    Luma::new(width, height, data)
        .map(|luma| luma.shrunk_to(decode::LONGEST))
        .context("the frame is cut short")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_system_are_named() {
        let open = "Could not open device 0: V4L2 Error: Permission denied (os error 13)";
        assert_eq!(Trouble::from_text(open), Trouble::Denied);
        assert_eq!(
            Trouble::from_text("x: Device or resource busy (os error 16)"),
            Trouble::Busy
        );
        assert_eq!(
            Trouble::from_text("x: No such device (os error 19)"),
            Trouble::Unplugged
        );
        assert!(matches!(
            Trouble::from_text("Failed to Fufill"),
            Trouble::Other(_)
        ));
        assert!(matches!(
            Trouble::from_text("(os error "),
            Trouble::Other(_)
        ));
    }

    #[test]
    fn rows_may_be_longer_than_the_picture() {
        let offer = |fourcc: &str| Offer {
            fourcc: fourcc.into(),
            width: 2,
            height: 2,
            fps: 30,
        };
        let yuyv = decoded(&[1, 0, 2, 0, 9, 9, 3, 0, 4, 0, 9, 9], &offer("YUYV"), 6).unwrap();
        assert_eq!(yuyv.as_bytes(), [1, 2, 3, 4]);
        let nv12 = decoded(&[1, 2, 3, 4, 128, 128], &offer("NV12"), 2).unwrap();
        assert_eq!(nv12.as_bytes(), [1, 2, 3, 4]);
        let bgr = decoded(
            &[0, 0, 255, 0, 0, 255, 255, 255, 255, 0, 0, 0],
            &offer("BGR3"),
            6,
        )
        .unwrap();
        assert_eq!(bgr.as_bytes(), [76, 76, 255, 0]);
        assert!(decoded(&[1, 0, 2], &offer("YUYV"), 4).is_err());
        assert!(decoded(&[], &offer("YUYV"), 4).is_err());
        assert!(decoded(b"no jpeg", &offer("MJPG"), 0).is_err());
    }
}
