//! Which device to play on: this computer's, else the one in use, never a stranger's speaker. Pure.

use crate::{Device, Error};

/// The id of the device to play on. `host` is this computer's name; `any` the user's word that every device
/// of theirs may be used.
///
/// # Errors
/// [`Error::NoDevice`]
pub fn pick(devices: &[Device], host: &str, any: bool) -> Result<String, Error> {
    let usable = || {
        devices.iter().filter(|device| {
            device.is_restricted != Some(true)
                && device.id.as_deref().is_some_and(|id| !id.is_empty())
        })
    };
    let active = |device: &&Device| device.is_active == Some(true);
    let here = |device: &&Device| is_here(device, host);
    // A computer is one that somebody sits at; speakers and televisions are often somebody else's.
    let computer = |device: &&Device| {
        device
            .kind
            .as_deref()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("computer"))
    };
    usable()
        .find(|device| here(device) && active(device))
        .or_else(|| usable().find(here))
        .or_else(|| usable().find(|device| active(device) && (any || computer(device))))
        .or_else(|| {
            let mut all = usable();
            all.next().filter(|_| any && all.next().is_none())
        })
        .and_then(|device| device.id.clone())
        .ok_or(Error::NoDevice)
}

/// Whether this very device may be played on, by the rules of [`pick`].
pub(crate) fn may_use(devices: &[Device], id: &str, host: &str, any: bool) -> bool {
    let alone: Vec<Device> = devices
        .iter()
        .filter(|device| device.id.as_deref() == Some(id))
        .cloned()
        .collect();
    pick(&alone, host, any).is_ok()
}

/// Whether the device is on this computer, by its name: the desktop client calls itself as the host, others
/// `ncspot@host`.
pub(crate) fn is_here(device: &Device, host: &str) -> bool {
    let Some(name) = device.name.as_deref() else {
        return false;
    };
    let host = host.split('.').next().unwrap_or(host);
    let own = name.rsplit('@').next().unwrap_or(name);
    let own = own.split('.').next().unwrap_or(own);
    !host.is_empty() && own.trim().eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str, name: &str, kind: &str, active: bool) -> Device {
        Device {
            id: (!id.is_empty()).then(|| id.into()),
            name: Some(name.into()),
            kind: Some(kind.into()),
            is_active: Some(active),
            is_restricted: Some(false),
        }
    }

    #[test]
    fn this_computer_comes_before_the_one_in_use() {
        let devices = [
            device("tv", "Living room", "TV", true),
            device("me", "DESK", "Computer", false),
        ];
        assert_eq!(pick(&devices, "desk", false).unwrap(), "me");
        assert_eq!(pick(&devices, "desk.local", true).unwrap(), "me");
    }

    #[test]
    fn clients_that_put_their_own_name_first_are_known() {
        let devices = [device("n", "ncspot@desk", "Computer", false)];
        assert_eq!(pick(&devices, "desk", false).unwrap(), "n");
    }

    #[test]
    fn a_strangers_speaker_is_never_used_unless_allowed() {
        let devices = [device("s", "Kitchen", "Speaker", true)];
        assert_eq!(pick(&devices, "desk", false), Err(Error::NoDevice));
        assert_eq!(pick(&devices, "desk", true).unwrap(), "s");
        let elsewhere = [device("c", "Other", "Computer", true)];
        assert_eq!(pick(&elsewhere, "desk", false).unwrap(), "c");
    }

    #[test]
    fn one_device_may_be_used_by_the_same_rules() {
        let devices = [
            device("s", "Kitchen", "Speaker", true),
            device("c", "Other", "Computer", true),
            device("d", "Idle", "Computer", false),
            device("h", "desk", "Computer", false),
        ];
        let may = |any| ["s", "c", "d", "h", "gone"].map(|id| may_use(&devices, id, "desk", any));
        assert_eq!(may(false), [false, true, false, true, false]);
        assert_eq!(may(true), [true, true, true, true, false]);
    }

    #[test]
    fn what_cannot_be_addressed_is_passed_over() {
        let mut restricted = device("r", "desk", "Computer", true);
        restricted.is_restricted = Some(true);
        assert_eq!(
            pick(
                &[restricted, device("", "desk", "Computer", true)],
                "desk",
                true
            ),
            Err(Error::NoDevice)
        );
        assert_eq!(pick(&[], "desk", true), Err(Error::NoDevice));
        assert_eq!(
            pick(&[device("x", "", "Computer", false)], "", false),
            Err(Error::NoDevice)
        );
    }
}
