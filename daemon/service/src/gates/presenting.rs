//! Whether a program keeps the screen awake: a film in full screen, a presentation, a shared screen, a
//! call in a browser. No desktop tells which of these it is; all ask it for the same thing.
//!
//! Programs that only keep the machine from sleeping, as players do for as long as they play, don't count.

use moodlark_core::gates::Gate;

use super::{
    Bus, Group,
    flag::{Flag, Read},
    idle::names_idle,
    logind,
};

const GNOME: &str = "org.gnome.SessionManager";
const KDE: &str = "org.kde.Solid.PowerManagement.PolicyAgent";
/// GNOME's flag for "the session is not to be marked as idle".
const GNOME_IDLE: u32 = 8;
/// KDE's for "the screen's settings are not to be changed".
const KDE_SCREEN: u32 = 4;

/// The group.
pub(super) fn group() -> Group {
    Group {
        gates: &[Gate::Presenting],
        backends: vec![
            // Also MATE's, Cinnamon's and Budgie's.
            Box::new(Flag {
                gate: Gate::Presenting,
                name: "GNOME's session manager",
                bus: Bus::Session,
                service: GNOME,
                path: "/org/gnome/SessionManager",
                read: Read::MethodOf(GNOME, "IsInhibited", GNOME_IDLE),
                signals: &[(GNOME, "InhibitorAdded"), (GNOME, "InhibitorRemoved")],
            }),
            Box::new(Flag {
                gate: Gate::Presenting,
                name: "KDE's power management",
                bus: Bus::Session,
                service: KDE,
                path: "/org/kde/Solid/PowerManagement/PolicyAgent",
                read: Read::MethodOf(KDE, "HasInhibition", KDE_SCREEN),
                signals: &[(KDE, "InhibitionsChanged")],
            }),
            Box::new(Flag {
                gate: Gate::Presenting,
                name: "logind",
                bus: Bus::System,
                service: logind::SERVICE,
                path: logind::PATH,
                read: Read::Property(logind::MANAGER, "BlockInhibited", names_idle),
                signals: &[],
            }),
        ],
    }
}
