//! UPower as python-dbusmock plays it: a notebook with a lid and a battery.

use anyhow::Result;
use zbus::wire::Variant;

use crate::{bus::Bus, mock::Mock};

const PATH: &str = "/org/freedesktop/UPower";
const SERVICE: &str = "org.freedesktop.UPower";

/// A played UPower.
#[derive(Debug)]
pub struct UPower {
    mock: Mock,
}

impl UPower {
    /// Plays it on a system bus: on mains, lid open, battery full.
    ///
    /// # Errors
    /// If it does not come up.
    pub async fn start(system: &Bus) -> Result<Self> {
        let mock = Mock::template(system, "upower", SERVICE, "{}").await?;
        let upower = Self { mock };
        upower.charge(100.0).await?;
        Ok(upower)
    }

    async fn set(&self, property: &str, value: bool) -> Result<()> {
        let value = [(property, Variant::from(value))];
        self.mock.set(PATH, SERVICE, &value).await
    }

    /// The cable is pulled, or put in.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn on_battery(&self, battery: bool) -> Result<()> {
        self.set("OnBattery", battery).await
    }

    /// The lid.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn lid_closed(&self, closed: bool) -> Result<()> {
        self.set("LidIsClosed", closed).await
    }

    /// So many per cent are left in the battery.
    ///
    /// # Errors
    /// If it refuses.
    pub async fn charge(&self, left: f64) -> Result<()> {
        // Kind, state, percentage, energy, when full, rate, to empty, to full, present, icon, warning.
        let battery = (
            2_u32, 2_u32, left, left, 100.0, 1.0, 3600_i64, 0_i64, true, "", 1_u32,
        );
        self.mock
            .control(PATH, "SetupDisplayDevice", &battery)
            .await
            .map(drop)
    }

    /// The played service itself.
    #[must_use]
    pub fn into_mock(self) -> Mock {
        self.mock
    }
}
