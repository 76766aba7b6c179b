//! `org.moodlark.Camera1`: the camera, and whether it may look.

use std::time::Duration;

use moodlark_api::{Dict, error::Error};
use moodlark_core::{
    camera::{Blocked, Pause},
    engine::Request,
};
use zbus::interface;

use super::{Call, Desk};

pub(super) struct Camera1(pub(super) Desk);

#[interface(name = "org.moodlark.Camera1")]
impl Camera1 {
    /// Whether the user has said yes to the camera. Writing it writes the configuration.
    #[zbus(property)]
    fn enabled(&self) -> bool {
        self.0.view().camera.enabled
    }

    #[zbus(property)]
    async fn set_enabled(&self, enabled: bool) -> Result<(), Error> {
        self.0
            .call(|reply| Call::EnableCamera(enabled, reply))
            .await
    }

    /// Whether the camera is open at this moment.
    #[zbus(property)]
    fn active(&self) -> bool {
        self.0.view().camera.active
    }

    /// Why no look is due: off, paused, the name of a gate, not-playing, backing-off; empty if one is.
    #[zbus(property)]
    fn blocked(&self) -> String {
        self.0
            .view()
            .camera
            .blocked
            .map_or_else(String::new, |blocked| blocked.name().to_owned())
    }

    /// The same as a sentence.
    #[zbus(property)]
    fn blocked_reason(&self) -> String {
        self.0
            .view()
            .camera
            .blocked
            .map_or_else(String::new, Blocked::sentence)
    }

    /// The pause's end, in ms since 1970 UTC; 0 when not paused, -1 when paused until resumed.
    #[zbus(property)]
    fn paused_until(&self) -> i64 {
        match self.0.view().camera.pause {
            None => 0,
            Some(Pause::Resumed) => -1,
            Some(Pause::Until(end)) => end.0,
        }
    }

    /// When the next look is due, in ms since 1970 UTC; 0 when none is.
    #[zbus(property)]
    fn next_sample(&self) -> i64 {
        self.0.view().camera.next.map_or(0, |at| at.0)
    }

    /// The last reading as JSON, empty before the first.
    #[zbus(property)]
    fn last_reading(&self) -> String {
        let view = self.0.view();
        view.camera
            .last_reading
            .as_ref()
            .and_then(|reading| serde_json::to_string(reading).ok())
            .unwrap_or_default()
    }

    /// The camera as configured.
    #[zbus(property)]
    fn device(&self) -> String {
        self.0.view().camera.device.clone()
    }

    /// Pauses for so many seconds; 0 until resumed. A look under way is ended.
    async fn pause(&self, seconds: u32) -> Result<(), Error> {
        let span = (seconds > 0).then(|| Duration::from_secs(seconds.into()));
        self.0.done(Request::Pause(span)).await
    }

    /// Ends a pause.
    async fn resume(&self) -> Result<(), Error> {
        self.0.done(Request::Resume).await
    }

    /// The video devices, without looking through them. Keys: `path`, `name`, `kind`, `usb`, `links`, `formats`, `lasting`.
    async fn devices(&self) -> Result<Vec<Dict>, Error> {
        self.0.call(Call::Devices).await
    }

    /// Learns the user's resting face: looks for so many seconds, 5..=120, then answers with what it
    /// learnt as JSON: `faces`, `looks`, `resting`, `corrected`, `sentence`.
    async fn calibrate(&self, seconds: u32) -> Result<String, Error> {
        let span = Duration::from_secs(seconds.into());
        self.0.json(Request::Calibrate(span)).await
    }

    /// Forgets what was learnt from it.
    async fn forget_baseline(&self) -> Result<(), Error> {
        self.0.done(Request::ForgetBaseline).await
    }

    /// What was learnt from it as JSON: `resting` and `looks`; empty if nothing was.
    #[zbus(property)]
    fn baseline(&self) -> String {
        let view = self.0.view();
        let json = view.camera.baseline.as_ref();
        json.and_then(|baseline| serde_json::to_string(baseline).ok())
            .unwrap_or_default()
    }

    /// Looks now, and answers with the reading as JSON. Refused while off, paused, or behind a
    /// closed gate.
    async fn sample(&self) -> Result<String, Error> {
        self.0.json(Request::Look).await
    }
}
