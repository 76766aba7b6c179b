//! Whether the user has silenced notifications. There is no one interface for it: each notification
//! service that has it on the bus is asked in its own words. (GNOME keeps it in its settings alone.)

use moodlark_core::gates::Gate;

use super::{
    Bus, Group,
    flag::{Flag, Read, yes},
};

const NOTIFICATIONS: &str = "org.freedesktop.Notifications";
const NOTIFICATIONS_PATH: &str = "/org/freedesktop/Notifications";

/// The group.
pub(super) fn group() -> Group {
    let flag = |name, service, path, read, signals| {
        Box::new(Flag {
            gate: Gate::DoNotDisturb,
            name,
            bus: Bus::Session,
            service,
            path,
            read,
            signals,
        })
    };
    Group {
        gates: &[Gate::DoNotDisturb],
        backends: vec![
            // KDE's, also in the proposal for the specification.
            flag(
                "the notification service",
                NOTIFICATIONS,
                NOTIFICATIONS_PATH,
                Read::Property(NOTIFICATIONS, "Inhibited", yes),
                &[],
            ),
            flag(
                "dunst",
                NOTIFICATIONS,
                NOTIFICATIONS_PATH,
                Read::Property("org.dunstproject.cmd0", "paused", yes),
                &[],
            ),
            flag(
                "SwayNotificationCenter",
                "org.erikreider.swaync.cc",
                "/org/erikreider/swaync/cc",
                Read::Method("org.erikreider.swaync.cc", "GetDnd"),
                &[
                    ("org.erikreider.swaync.cc", "Subscribe"),
                    ("org.erikreider.swaync.cc", "SubscribeV2"),
                ],
            ),
            flag(
                "Xfce's settings",
                "org.xfce.Xfconf",
                "/org/xfce/Xfconf",
                Read::MethodOfTexts(
                    "org.xfce.Xfconf",
                    "GetProperty",
                    ["xfce4-notifyd", "/do-not-disturb"],
                ),
                &[("org.xfce.Xfconf", "PropertyChanged")],
            ),
        ],
    }
}
