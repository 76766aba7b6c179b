//! From the wish to look to the reading: gates, the camera opened and closed, and what was seen taken in.

use super::{Effect, Engine, Entry, Notice, Refusal};
use crate::{
    camera::Blocked,
    gates::{Finding, Gate, Gates},
    reading::Reading,
    settings::SeveralFaces,
    time::Now,
};

/// How far a look is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looking {
    /// None is under way.
    No,
    /// The gates that tell nothing by themselves are asked for; the camera is closed.
    Asking {
        /// Somebody asked for this look: neither the clock nor silence stops it.
        wanted: bool,
    },
    /// The camera is open.
    Yes,
    /// It was told to stop: whatever it still answers counts as nothing.
    Stopped,
}

impl Engine {
    pub(super) fn note_gate(&mut self, gate: Gate, finding: Finding, now: Now) {
        self.gates.note(gate, finding, now.at);
        // The rules go by the same source as the gate and the interval.
        self.surroundings.power = self.gates.power().or(self.surroundings.power);
    }

    /// A gate, a pause or a no in the middle of a look: the camera is closed at once.
    pub(super) fn stop_if_forbidden(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.forbidden(now).is_none() {
            return;
        }
        match self.looking {
            Looking::Yes => {
                self.looking = Looking::Stopped;
                effects.push(Effect::StopLook);
            }
            Looking::Asking { .. } => {
                self.looking = Looking::No;
                self.end_calibration(effects);
            }
            Looking::No | Looking::Stopped => {}
        }
    }

    pub(super) fn look_if_due(&mut self, now: Now, effects: &mut Vec<Effect>) {
        // `next` is `None` while something must happen first.
        let next = self.state.camera.next(self.scene(now));
        if self.looking == Looking::No && next.is_some_and(|next| next <= now.at) {
            self.prepare_look(false, now, effects);
        }
    }

    /// Looks, after the gates that tell nothing by themselves have been asked for.
    pub(super) fn prepare_look(&mut self, wanted: bool, now: Now, effects: &mut Vec<Effect>) {
        if Gates::must_ask(&self.settings) {
            self.looking = Looking::Asking { wanted };
            effects.push(Effect::Ask);
        } else {
            self.look(wanted, now, effects);
        }
    }

    pub(super) fn asked_gates(
        &mut self,
        answers: &[(Gate, Finding)],
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.gates.note_asked(answers, now.at);
        let Looking::Asking { wanted } = self.looking else {
            self.stop_if_forbidden(now, effects);
            return;
        };
        self.looking = Looking::No;
        // Much may have happened since it was asked.
        let scene = self.scene(now);
        let camera = &self.state.camera;
        let may = if wanted {
            camera.forbidden(scene).is_none()
        } else {
            camera.blocked(scene).is_none() && camera.due(scene) <= now.at
        };
        if may {
            self.look(wanted, now, effects);
        } else {
            self.end_calibration(effects);
        }
    }

    /// Whether a look may be taken now because somebody asks for it.
    pub(super) fn may_look(&self, now: Now) -> Result<(), Refusal> {
        if self.looking != Looking::No {
            return Err(Refusal::Looking);
        }
        let (settings, gates) = (&self.settings, &self.gates);
        let closed = self
            .state
            .camera
            .refused(self.scene(now))
            .or_else(|| gates.told(settings))
            .or_else(|| gates.timed(&settings.gates, now).map(|(why, _)| why));
        match closed {
            Some(Blocked::Off) => Err(Refusal::CameraOff),
            Some(blocked) => Err(Refusal::CameraBlocked(blocked)),
            None => Ok(()),
        }
    }

    fn look(&mut self, wanted: bool, now: Now, effects: &mut Vec<Effect>) {
        self.looking = Looking::Yes;
        let interval = self.scene(now).interval();
        self.state.camera.begin(now.at, interval, wanted);
        if !self.state.camera.used {
            self.state.camera.used = true;
            effects.push(Effect::Tell(Notice::CameraFirstUse));
        }
        effects.push(Effect::Look);
    }

    pub(super) fn looked(&mut self, reading: Option<Reading>, now: Now, effects: &mut Vec<Effect>) {
        let stopped = self.looking == Looking::Stopped;
        self.looking = Looking::No;
        let reading = reading.filter(|_| !stopped);
        if let Some(calibration) = self.calibration.take() {
            self.calibrating(calibration, reading, now, effects);
            return;
        }
        // `None`: the look was ended before it had seen anything.
        let Some(mut reading) = reading else { return };
        if let Reading::Face { faces, .. } = reading
            && faces > 1
            && self.settings.camera.several_faces == SeveralFaces::None
        {
            reading = Reading::NoFace;
        }
        if self.forbidden(now).is_some() {
            return;
        }
        let speaks = self.filter.observe(&reading, now.at);
        let follows_up = self.scene(now).follows_up();
        self.state
            .camera
            .note(&reading, follows_up.then_some(speaks));
        if self.state.camera.failures == 3 && self.settings.notifications.failures {
            effects.push(Effect::Tell(Notice::CameraTrouble(reading.clone())));
        }
        effects.push(Effect::Journal(Entry::Reading(reading.clone())));
        match &reading {
            Reading::Face { .. } => self.last_face = Some(now.at),
            // A face that was there a look ago is no face now.
            Reading::NoFace | Reading::Dark { .. } | Reading::Blurred { .. } => {
                self.last_face = None;
            }
            Reading::Busy | Reading::Unplugged | Reading::Denied | Reading::Failed { .. } => {}
        }
        self.last_reading = Some(reading);
        self.update_mood(now, effects);
        self.decide(now, effects);
    }
}
