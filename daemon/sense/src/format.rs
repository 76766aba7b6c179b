//! Which of a camera's formats to ask for.

use v4l::{frameinterval::FrameIntervalEnum, framesize::FrameSizeEnum, video::Capture};

/// One format of a camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Four letters, such as `YUYV`.
    pub fourcc: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames a second.
    pub fps: u32,
}

impl std::fmt::Display for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {}×{} at {}/s",
            self.fourcc, self.width, self.height, self.fps
        )
    }
}

/// What is asked for, in pixels: more makes no face clearer to a network that sees 48×48.
const WANTED: (u32, u32) = (640, 480);
/// Frames a second: exposure settles by frames, so slow is slow twice.
const FPS: u32 = 30;

/// What each format costs, in pixels of distance from [`WANTED`]: YUYV holds the brightness as it is.
fn rank(fourcc: &str) -> Option<u32> {
    match fourcc {
        "YUYV" => Some(0),
        "NV12" => Some(50),
        "MJPG" => Some(150),
        "RGB3" | "BGR3" => Some(200),
        _ => None,
    }
}

/// The best offer, if any can be read.
#[must_use]
pub fn choose(offers: &[Offer]) -> Option<&Offer> {
    let cost = |offer: &Offer| {
        let format = rank(&offer.fourcc)?;
        let size = offer.width.abs_diff(WANTED.0) + offer.height.abs_diff(WANTED.1);
        // Large pictures cost memory and time, small ones have small faces.
        let wrong = if offer.width > 1920 || offer.width < 320 || offer.height < 240 {
            3000
        } else {
            0
        };
        let slow = if offer.fps < 10 {
            400
        } else {
            offer.fps.abs_diff(FPS).min(100)
        };
        Some(format + size + wrong + slow)
    };
    offers
        .iter()
        .filter_map(|o| Some((cost(o)?, o)))
        .min_by_key(|(cost, _)| *cost)
        .map(|(_, o)| o)
}

/// What a camera offers. A range of sizes or rates is one offer: what comes nearest to what is wanted.
///
/// # Errors
/// The system's error when the camera does not answer.
pub fn offers(device: &v4l::Device) -> std::io::Result<Vec<Offer>> {
    let mut offers = Vec::new();
    for description in device.enum_formats()? {
        let fourcc = description.fourcc;
        let name = String::from_utf8_lossy(&fourcc.repr).trim().to_owned();
        // A driver that cannot list its sizes still has the one it is set to.
        for size in device.enum_framesizes(fourcc).unwrap_or_default() {
            let (width, height) = match size.size {
                FrameSizeEnum::Discrete(d) => (d.width, d.height),
                FrameSizeEnum::Stepwise(s) => (
                    nearest(WANTED.0, s.min_width, s.max_width, s.step_width),
                    nearest(WANTED.1, s.min_height, s.max_height, s.step_height),
                ),
            };
            let rates = device
                .enum_frameintervals(fourcc, width, height)
                .unwrap_or_default();
            let mut rates: Vec<u32> = rates
                .iter()
                .filter_map(|rate| per_second(&rate.interval))
                .collect();
            if rates.is_empty() {
                rates.push(FPS);
            }
            offers.extend(rates.into_iter().map(|fps| Offer {
                fourcc: name.clone(),
                width,
                height,
                fps,
            }));
        }
    }
    Ok(offers)
}

/// Whole frames a second; of a range the nearest to [`FPS`].
fn per_second(interval: &FrameIntervalEnum) -> Option<u32> {
    match interval {
        FrameIntervalEnum::Discrete(f) if f.numerator > 0 => {
            Some((f.denominator + f.numerator / 2) / f.numerator)
        }
        FrameIntervalEnum::Discrete(_) => None,
        FrameIntervalEnum::Stepwise(s) => {
            let fastest = s.min.denominator / s.min.numerator.max(1);
            let slowest = s.max.denominator / s.max.numerator.max(1);
            Some(FPS.clamp(slowest.max(1), fastest.max(slowest).max(1)))
        }
    }
}

/// The value of `least, least + step, …, most` that is nearest to `wanted`.
fn nearest(wanted: u32, least: u32, most: u32, step: u32) -> u32 {
    let within = wanted.clamp(least, most.max(least));
    least + (within - least) / step.max(1) * step.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(fourcc: &str, width: u32, height: u32, fps: u32) -> Offer {
        Offer {
            fourcc: fourcc.into(),
            width,
            height,
            fps,
        }
    }

    #[test]
    fn yuyv_at_640_is_preferred() {
        let offers = [
            offer("MJPG", 640, 480, 30),
            offer("MJPG", 1920, 1080, 30),
            offer("YUYV", 1920, 1080, 5),
            offer("YUYV", 640, 480, 30),
            offer("YUYV", 320, 240, 30),
        ];
        assert_eq!(choose(&offers), Some(&offers[3]));
        assert_eq!(choose(&offers[..3]), Some(&offers[0]));
    }

    #[test]
    fn a_slow_rate_is_avoided_and_an_odd_size_taken_if_need_be() {
        let offers = [offer("YUYV", 640, 480, 5), offer("MJPG", 640, 480, 30)];
        assert_eq!(choose(&offers), Some(&offers[1]));
        let odd = [offer("YUYV", 3840, 2160, 30), offer("YUYV", 1280, 720, 10)];
        assert_eq!(choose(&odd), Some(&odd[1]));
    }

    #[test]
    fn what_cannot_be_read_is_never_chosen() {
        assert_eq!(
            choose(&[offer("GREY", 640, 480, 30), offer("H264", 640, 480, 30)]),
            None
        );
        assert_eq!(choose(&[]), None);
    }

    #[test]
    fn a_range_gives_what_comes_nearest() {
        assert_eq!(nearest(640, 2, 8192, 2), 640);
        assert_eq!(nearest(640, 16, 500, 16), 496);
        assert_eq!(nearest(640, 800, 700, 0), 800);
    }
}
