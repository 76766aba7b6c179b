//! The engine as the bus shows it; the service announces what differs from one view to the next.

use moodlark_catalogue::tr;

use super::Looking;
use crate::{
    camera::{Blocked, Pause},
    engine::{Engine, SwitchRecord},
    filter::Baseline,
    mood::Mood,
    player::{Choice, Playback},
    policy,
    reading::Reading,
    settings::{Source, TraySettings},
    time::{Now, Timestamp},
};

/// Everything that the properties are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The mood.
    pub mood: Mood,
    /// The camera.
    pub camera: CameraView,
    /// The wish over all rules, or `auto`.
    pub intent: String,
    /// The rules.
    pub rules: Vec<RuleView>,
    /// The music.
    pub music: MusicView,
    /// One line: what the service does now.
    pub status: String,
    /// How the tray's icon looks and acts.
    pub tray: TraySettings,
}

/// The camera as the bus shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraView {
    /// Whether the user has said yes.
    pub enabled: bool,
    /// Whether a look is under way.
    pub active: bool,
    /// Why no look is due.
    pub blocked: Option<Blocked>,
    /// The pause.
    pub pause: Option<Pause>,
    /// When the next look is due.
    pub next: Option<Timestamp>,
    /// The last reading.
    pub last_reading: Option<Reading>,
    /// The camera as configured.
    pub device: String,
    /// The user's resting face, if it was learnt.
    pub baseline: Option<Baseline>,
}

/// A rule as the bus shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleView {
    /// Its name.
    pub name: String,
    /// Whether it is on.
    pub enabled: bool,
    /// What it wants.
    pub intent: String,
    /// When, for people.
    pub when: String,
    /// Whether it matches now.
    pub matches: bool,
}

/// The music as the bus shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct MusicView {
    /// The active player's bus name, empty when there is none.
    pub player: String,
    /// Why there is none.
    pub why_none: String,
    /// Whether it plays.
    pub playing: bool,
    /// The last switch.
    pub last_switch: Option<SwitchRecord>,
    /// The switch that waits for its moment.
    pub pending: Option<PendingView>,
}

/// A switch that waits, as the bus shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingView {
    /// The playlist.
    pub playlist: String,
    /// The player's bus name.
    pub player: String,
    /// What it waits for, as the rest of a sentence: `when “Grey Sky” ends`.
    pub until: String,
}

impl Engine {
    /// The view now.
    #[must_use]
    pub fn view(&self, now: Now) -> View {
        let camera = &self.state.camera;
        let scene = self.scene(now);
        let blocked = camera.blocked(scene);
        let situation = self.situation(now);
        let rules = self
            .settings
            .rules
            .iter()
            .map(|rule| RuleView {
                name: rule.name.clone(),
                enabled: policy::is_on(rule, &self.state.toggles),
                intent: rule.intent.to_string(),
                when: policy::describe(&rule.when),
                matches: policy::matches(&rule.when, situation.context()),
            })
            .collect();
        let (player, why_none) = match &self.choice {
            Choice::Player(name) => (name.clone(), String::new()),
            Choice::None(why) => (String::new(), why.to_string()),
            Choice::Ambiguous(names) => (
                String::new(),
                tr!("several play at once: {names}", names = names.join(", ")),
            ),
        };
        let playing = self
            .players
            .iter()
            .any(|view| view.bus_name == player && view.playback == Playback::Playing);
        let camera_view = CameraView {
            enabled: self.settings.camera.enabled,
            active: matches!(self.looking, Looking::Yes | Looking::Stopped),
            blocked,
            pause: camera.paused(now.at),
            next: match self.looking {
                Looking::No | Looking::Asking { .. } => camera.next(scene),
                Looking::Yes | Looking::Stopped => None,
            },
            last_reading: self.last_reading.clone(),
            baseline: self.state.baseline,
            device: match self.settings.camera.source {
                Source::Camera => self.settings.camera.device.clone(),
                Source::Pictures => {
                    format!(
                        "pictures:{}",
                        self.settings.camera.pictures.as_deref().unwrap_or("")
                    )
                }
            },
        };
        let status = self.status(&camera_view);
        View {
            mood: self.mood.clone(),
            intent: self
                .state
                .wish
                .as_ref()
                .map_or_else(|| "auto".to_owned(), ToString::to_string),
            rules,
            music: MusicView {
                player,
                why_none,
                playing,
                last_switch: self.state.last_switch.clone(),
                pending: self.pending_view(),
            },
            status,
            tray: self.settings.tray,
            camera: camera_view,
        }
    }

    fn status(&self, camera: &CameraView) -> String {
        let doing = match (camera.active, camera.blocked, &self.switching) {
            (_, _, Some(playlist)) => format!("switching to {playlist}"),
            (true, _, None) => "looking".to_owned(),
            (false, Some(blocked), None) => format!("camera {}", blocked.name()),
            (false, None, None) => "waiting".to_owned(),
        };
        let then = self.pending_view().map_or_else(String::new, |pending| {
            format!(
                "; will switch to \u{201c}{}\u{201d} {}",
                pending.playlist, pending.until
            )
        });
        format!("mood {}, {doing}{then}", self.mood.label_name())
    }
}
