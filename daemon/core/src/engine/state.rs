//! What the engine remembers over a restart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    camera::CameraState,
    engine::SwitchRecord,
    filter::{Baseline, FilterState},
    settings::Intent,
    time::Timestamp,
};

/// Saved in the journal after every change; missing or strange parts become their defaults.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// The belief.
    pub filter: FilterState,
    /// Pauses, back-off.
    pub camera: CameraState,
    /// The user's resting face, if it was learnt.
    pub baseline: Option<Baseline>,
    /// When the last face was seen, unless a later look found none.
    pub last_face: Option<Timestamp>,
    /// The user's wish over all rules.
    pub wish: Option<Intent>,
    /// Rules switched on or off since the configuration was read.
    pub toggles: BTreeMap<String, bool>,
    /// The last switch that was made.
    pub last_switch: Option<SwitchRecord>,
    /// Whether what it started still plays, as far as we know.
    pub in_effect: bool,
    /// When a switch was last tried.
    pub last_try: Option<Timestamp>,
    /// Hands off until then.
    pub hands_off_until: Option<Timestamp>,
    #[serde(skip)]
    saved: Option<Box<State>>,
}

impl State {
    /// The playlist of ours that plays now, as far as we know.
    #[must_use]
    pub fn current(&self) -> Option<&str> {
        self.last_switch
            .as_ref()
            .filter(|switch| self.in_effect && !switch.undone)
            .map(|switch| switch.playlist.as_str())
    }

    /// Drops what can only come from a clock that was set back since.
    pub(super) fn forget_future(&mut self, at: Timestamp) {
        for moment in [
            &mut self.camera.last_look,
            &mut self.last_face,
            &mut self.last_try,
        ] {
            *moment = moment.filter(|moment| *moment <= at);
        }
        self.camera.attention.forget_future(at);
        // Nothing holds hands off for longer than a day.
        let longest = at.plus(std::time::Duration::from_secs(24 * 3600));
        self.hands_off_until = self.hands_off_until.filter(|until| *until <= longest);
    }

    /// Whether anything changed since the last call, the belief's slow forgetting aside.
    pub(super) fn take_dirty(&mut self) -> bool {
        let mut now = Self {
            saved: None,
            ..self.clone()
        };
        now.filter = FilterState::default();
        if self.saved.as_deref() == Some(&now) {
            return false;
        }
        self.saved = Some(Box::new(now));
        true
    }
}
