//! UPower: the lid, and where the electricity comes from.

use futures_util::StreamExt;
use moodlark_core::gates::Gate;

use super::{
    Backend, Bus, Desk, Group, Watching,
    peer::{Peer, Trouble},
};

pub(super) const SERVICE: &str = "org.freedesktop.UPower";
const PATH: &str = "/org/freedesktop/UPower";
const DISPLAY: &str = "/org/freedesktop/UPower/devices/DisplayDevice";
const DEVICE: &str = "org.freedesktop.UPower.Device";
/// From this level on UPower itself calls the battery low.
const LOW: u32 = 3;

/// The group.
pub(super) fn group() -> Group {
    Group {
        gates: &[Gate::Lid, Gate::Battery],
        backends: vec![Box::new(UPower)],
    }
}

struct UPower;

impl UPower {
    async fn follow(peer: &Peer, desk: &Desk) -> Result<(), Trouble> {
        let mut changes = peer.changes(PATH, SERVICE).await?;
        loop {
            // A desktop has no lid, and a server's UPower no property of one.
            let lid = async |property| match peer.flag(PATH, SERVICE, property).await {
                Ok(value) => Ok(value),
                Err(Trouble::Absent(_)) => Ok(false),
                Err(silent) => Err(silent),
            };
            let closed = lid("LidIsPresent").await? && lid("LidIsClosed").await?;
            let battery = peer.flag(PATH, SERVICE, "OnBattery").await?;
            desk.tell(Gate::Lid, closed);
            desk.tell(Gate::Battery, battery);
            if changes.next().await.is_none() {
                return Ok(());
            }
        }
    }
}

impl Backend for UPower {
    fn name(&self) -> &'static str {
        "UPower"
    }

    fn bus(&self) -> Bus {
        Bus::System
    }

    fn service(&self) -> &'static str {
        SERVICE
    }

    fn watch<'a>(&'a self, peer: &'a Peer, desk: &'a Desk) -> Watching<'a> {
        Box::pin(Self::follow(peer, desk))
    }
}

/// Whether there is less than `least` per cent left, or UPower itself calls that low.
///
/// Asked before a look: a discharging battery tells of each small change, every half minute, and each
/// would wake us for nothing.
pub(super) async fn is_low(peer: &Peer, least: u8) -> Result<bool, Trouble> {
    if !peer.flag(DISPLAY, DEVICE, "IsPresent").await? {
        return Ok(false);
    }
    let left = peer.get(DISPLAY, DEVICE, "Percentage").await?;
    let left = f64::try_from(left).map_err(|error| peer.odd(&error))?;
    let level = peer.get(DISPLAY, DEVICE, "WarningLevel").await?;
    let level = u32::try_from(level).map_err(|error| peer.odd(&error))?;
    Ok(left < f64::from(least) || level >= LOW)
}
