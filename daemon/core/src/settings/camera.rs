//! `[camera]` and `[gates]`: when and through what to look, and when not.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::option_span;
use crate::time::{TimeOfDay, span};

/// `[camera]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct CameraSettings {
    /// Whether the user has said yes to the camera. Nothing looks before that.
    pub enabled: bool,
    /// What stands for the camera.
    pub source: Source,
    /// `auto`, a path, a `vid:pid`, or part of the name.
    pub device: String,
    /// A folder or file of JPEG or PNG, for `source = "pictures"`.
    pub pictures: Option<String>,
    /// Time between looks.
    #[serde(with = "span")]
    pub interval: Duration,
    /// The same while on battery, where it is longer.
    #[serde(with = "span")]
    pub interval_on_battery: Duration,
    /// The same at night; `None` for no difference.
    #[serde(with = "option_span")]
    pub interval_at_night: Option<Duration>,
    /// Look again soon after a look that speaks for a change, and wait longer where nothing
    /// changes: as many looks in all.
    pub follow_up: bool,
    /// When the night begins …
    pub night_from: TimeOfDay,
    /// … and when it ends; may run over midnight.
    pub night_to: TimeOfDay,
    /// A look that takes longer is killed.
    #[serde(with = "span")]
    pub deadline: Duration,
    /// Look only while music plays.
    pub only_while_playing: bool,
    /// Which face counts.
    pub several_faces: SeveralFaces,
}

/// What stands for the camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A V4L2 camera.
    Camera,
    /// Pictures from a folder, shown in turn.
    Pictures,
}

/// What to do when more than one face is in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeveralFaces {
    /// Read the largest.
    Largest,
    /// Read none: as if nobody were there.
    None,
}

impl Default for CameraSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            source: Source::Camera,
            device: "auto".into(),
            pictures: None,
            interval: Duration::from_secs(5 * 60),
            interval_on_battery: Duration::from_secs(10 * 60),
            interval_at_night: None,
            follow_up: true,
            night_from: TimeOfDay(22 * 60),
            night_to: TimeOfDay(7 * 60),
            deadline: Duration::from_secs(8),
            only_while_playing: true,
            several_faces: SeveralFaces::Largest,
        }
    }
}

impl CameraSettings {
    /// The time between looks at that minute of the day (0..1440), on that power.
    #[must_use]
    pub fn interval_at(&self, minute: u16, on_battery: bool) -> Duration {
        let night = TimeOfDay::span_contains(self.night_from, self.night_to, minute);
        let interval = match self.interval_at_night {
            Some(at_night) if night => at_night,
            _ => self.interval,
        };
        if on_battery {
            interval.max(self.interval_on_battery)
        } else {
            interval
        }
    }
}

/// `[gates]`: each that is true keeps the camera closed while what it is named after holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct GateSettings {
    /// The session is locked.
    pub locked: bool,
    /// Another session is in front.
    pub inactive: bool,
    /// The lid is closed.
    pub lid: bool,
    /// Nobody has touched the machine for [`GateSettings::idle_after`].
    pub idle: bool,
    /// How long that is.
    #[serde(with = "span")]
    pub idle_after: Duration,
    /// The machine woke less than this ago.
    #[serde(with = "span")]
    pub after_resume: Duration,
    /// Another program uses the camera.
    pub camera_in_use: bool,
    /// The microphone is being recorded.
    pub call: bool,
    /// A program keeps the screen awake.
    pub presenting: bool,
    /// The user has silenced notifications.
    pub do_not_disturb: bool,
    /// One of these programs runs, by its executable's name.
    pub programs: Vec<String>,
    /// The machine runs on its battery.
    pub battery: bool,
    /// On battery, there is less left than this many per cent; 0 for never.
    pub low_battery: u8,
    /// From this time of day …
    pub quiet_from: Option<TimeOfDay>,
    /// … up to this one; may run over midnight.
    pub quiet_to: Option<TimeOfDay>,
}

/// Screen lockers that tell neither logind nor the session bus that they lock.
pub const SILENT_LOCKERS: [&str; 7] = [
    "swaylock",
    "hyprlock",
    "waylock",
    "gtklock",
    "i3lock",
    "xsecurelock",
    "slock",
];

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            locked: true,
            inactive: true,
            lid: true,
            idle: true,
            idle_after: Duration::from_secs(3 * 60),
            after_resume: Duration::from_secs(20),
            camera_in_use: true,
            call: true,
            presenting: true,
            do_not_disturb: true,
            programs: SILENT_LOCKERS.map(str::to_owned).to_vec(),
            battery: false,
            low_battery: 20,
            quiet_from: None,
            quiet_to: None,
        }
    }
}

impl GateSettings {
    /// With every gate that has an option switched off.
    #[must_use]
    pub fn none() -> Self {
        Self {
            locked: false,
            inactive: false,
            lid: false,
            idle: false,
            after_resume: Duration::ZERO,
            camera_in_use: false,
            call: false,
            presenting: false,
            do_not_disturb: false,
            programs: Vec::new(),
            battery: false,
            low_battery: 0,
            ..Self::default()
        }
    }

    /// The quiet hours, where both ends are given.
    #[must_use]
    pub fn quiet_hours(&self) -> Option<(TimeOfDay, TimeOfDay)> {
        self.quiet_from.zip(self.quiet_to)
    }
}
