//! `org.moodlark.Camera1`: the camera, and whether it may look.

use std::time::Duration;

use moodlark_api::error::Error;
use moodlark_core::{camera::Pause, engine::Request};
use zbus::interface;

use super::{Answer, Call, Desk};

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
            .map_or_else(String::new, |(name, _)| name.to_owned())
    }

    /// The same as a sentence.
    #[zbus(property)]
    fn blocked_reason(&self) -> String {
        self.0
            .view()
            .camera
            .blocked
            .map_or_else(String::new, |(_, sentence)| sentence.to_owned())
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

    /// Looks now, and answers with the reading as JSON. Refused while off, paused, or behind a
    /// closed gate.
    async fn sample(&self) -> Result<String, Error> {
        match self.0.request(Request::Look).await? {
            Answer::Reading(json) => Ok(json),
            Answer::Done | Answer::Dict(_) => Ok(String::new()),
        }
    }
}
