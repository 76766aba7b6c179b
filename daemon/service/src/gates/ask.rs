//! Asking for the gates that send no signals, just before a look.

use std::path::Path;

use moodlark_catalogue::tr;
use moodlark_core::{
    gates::{Finding, Gate},
    settings::{CameraSettings, Settings},
};

use super::{
    Shared, call, camera_use, lock,
    peer::{Peer, Trouble},
    programs, upower,
    watch::Bus,
};

/// Whether a program uses any camera, or the microphone.
pub(super) fn in_call() -> Option<Gate> {
    let cameras = camera_use::nodes(&CameraSettings::default());
    if camera_use::users(Path::new("/proc"), &cameras)
        .uses
        .is_some()
    {
        return Some(Gate::CameraInUse);
    }
    call::recording(Path::new(call::CARDS)).map(|_| Gate::Call)
}

impl Shared {
    /// Asks for every gate that tells nothing by itself, and counts.
    pub(super) async fn ask(&self, settings: &Settings) -> Vec<(Gate, Finding)> {
        let mut answers = Vec::new();
        for gate in Gate::ALL.into_iter().filter(|gate| gate.is_asked()) {
            if !gate.counts(settings) {
                continue;
            }
            let (finding, source) = match gate {
                Gate::CameraInUse => {
                    let (finding, _) = camera_use::look(self, settings);
                    answers.push((gate, finding));
                    continue;
                }
                Gate::Call => match call::recording(Path::new(call::CARDS)) {
                    Some(device) => (Finding::Holds, tr!("ALSA: {device} records", device)),
                    None => (Finding::Clear, "ALSA".to_owned()),
                },
                Gate::Program => match programs::running(&settings.gates.programs).as_slice() {
                    [] => (Finding::Clear, "/proc".to_owned()),
                    running => (Finding::Holds, format!("/proc: {}", running.join(", "))),
                },
                _ => self.ask_battery(settings.gates.low_battery).await,
            };
            self.note(gate, finding, source);
            answers.push((gate, finding));
        }
        answers
    }

    async fn ask_battery(&self, least: u8) -> (Finding, String) {
        // On mains it may be as low as it likes.
        let battery = lock(&self.statuses).get(&Gate::Battery).cloned();
        match battery.map(|status| status.finding) {
            Some(Finding::Holds) => {}
            Some(Finding::Clear) => return (Finding::Clear, tr!("UPower: on mains")),
            None | Some(Finding::Silent | Finding::Absent) => {
                return (Finding::Absent, tr!("UPower tells nothing"));
            }
        }
        let asking = async {
            let bus = self.bus(Bus::System).await?;
            let peer = Peer::find(&bus, upower::SERVICE, false).await?;
            upower::is_low(&peer, least).await
        };
        match asking.await {
            Ok(true) => (Finding::Holds, "UPower".into()),
            Ok(false) => (Finding::Clear, "UPower".into()),
            Err(trouble @ Trouble::Absent(_)) => (Finding::Absent, trouble.to_string()),
            Err(trouble @ Trouble::Silent(_)) => (Finding::Silent, trouble.to_string()),
        }
    }
}
