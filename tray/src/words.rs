//! Every text that the tray shows, in one place.

use jiff::Zoned;

use crate::{
    menu::{Policy, Span},
    mood::Mood,
    state::{Camera, Facts, Known, Source},
    when,
};

/// What the program is called.
pub const TITLE: &str = "Moodlark";

/// The mood on the face, with a capital: a line begins with it.
#[must_use]
pub const fn mood(mood: Option<Mood>) -> &'static str {
    match mood {
        Some(Mood::Happy) => "Happy",
        Some(Mood::Surprise) => "Surprised",
        Some(Mood::Neutral) => "Neutral",
        Some(Mood::Sad) => "Sad",
        Some(Mood::Fear) => "Afraid",
        Some(Mood::Angry) => "Angry",
        Some(Mood::Disgust) => "Disgusted",
        None => "Mood unknown",
    }
}

/// The mood in one line: `Sad (71 %) since 13:48`.
#[must_use]
pub fn mood_line(known: &Known, now: &Zoned) -> String {
    let facts = match known {
        Known::Absent => return "Moodlark is not running".into(),
        Known::Silent => return "Moodlark does not answer".into(),
        Known::Present(facts) => facts,
    };
    let name = mood(facts.mood);
    if facts.mood.is_none() {
        return match facts.source {
            Source::None => format!("{name}: nothing was seen or said yet"),
            Source::Camera | Source::Report => format!("{name}: too little was seen lately"),
        };
    }
    let since = if facts.since > 0 {
        format!(" since {}", when::tell(facts.since, now))
    } else {
        String::new()
    };
    match facts.source {
        Source::Report => format!("{name}, as you said,{since}")
            .trim_end_matches(',')
            .into(),
        _ => format!("{name} ({:.0} %){since}", facts.confidence * 100.0),
    }
}

/// What the camera is about in one line: next look, or why not.
#[must_use]
pub fn camera_line(known: &Known, now: &Zoned) -> String {
    let facts = match known {
        Known::Absent => return "Nothing looks, and nothing is played.".into(),
        Known::Silent => return "It may be busy; or restart it.".into(),
        Known::Present(facts) => facts,
    };
    match facts.camera() {
        Camera::Looking => "The camera is looking now".into(),
        Camera::Off => "The camera is off".into(),
        Camera::Paused(None) => "Paused until you resume".into(),
        Camera::Paused(Some(end)) => format!("Paused until {}", when::tell(end, now)),
        Camera::Blocked => {
            let reason = reason(facts);
            if facts.next_sample > 0 {
                format!("{reason} Next look {}", when::tell(facts.next_sample, now))
            } else {
                reason
            }
        }
        Camera::Idle if facts.next_sample > 0 => {
            format!("Next look {}", when::tell(facts.next_sample, now))
        }
        Camera::Idle => "No look is due".into(),
    }
}

/// Why no look is due, without the advice for the command line, which the menu has too.
fn reason(facts: &Facts) -> String {
    match facts.blocked.as_str() {
        "not-playing" => "Not looking: no music plays.".into(),
        "backing-off" => "The last looks failed, so the next one waits longer.".into(),
        name if facts.blocked_reason.is_empty() => format!("Not looking: {name}."),
        _ => facts.blocked_reason.clone(),
    }
}

/// The last line of a status.
#[must_use]
pub fn music_line(facts: &Facts) -> Option<String> {
    let switch = facts.last_switch.as_ref()?;
    let was = if switch.undone {
        "Undone"
    } else {
        "Last switch"
    };
    Some(format!("{was}: \u{201c}{}\u{201d}", switch.playlist))
}

/// The menu's lines.
pub mod menu {
    use super::{Policy, Span};

    /// What the user feels.
    pub const FEEL: &str = "I feel \u{2026}";
    /// Takes back what the user said.
    pub const AS_YOU_THINK: &str = "As you think";
    /// Music for a mood.
    pub const PLAY: &str = "Play for \u{2026}";
    /// Why the music was changed or left alone.
    pub const WHY: &str = "Why this music?";
    /// The user's yes or no.
    pub const CAMERA: &str = "Use the camera";
    /// A look at once.
    pub const LOOK: &str = "Look now";
    /// Pauses.
    pub const PAUSE: &str = "Pause the camera";
    /// Ends a pause.
    pub const RESUME: &str = "Resume";
    /// What the user wants.
    pub const POLICY: &str = "Music policy";
    /// The journal.
    pub const HISTORY: &str = "Open history";
    /// The configuration.
    pub const SETTINGS: &str = "Settings";
    /// Starts the service.
    pub const START: &str = "Start Moodlark";
    /// Ends the tray.
    pub const QUIT: &str = "Quit this icon";

    /// Takes the last switch back.
    #[must_use]
    pub fn undo(playlist: Option<&str>) -> String {
        match playlist {
            Some(playlist) => format!("Undo \u{201c}{playlist}\u{201d}"),
            None => "Undo the last switch".into(),
        }
    }

    /// How long to pause.
    #[must_use]
    pub const fn span(span: Span) -> &'static str {
        match span {
            Span::HalfHour => "For 30 minutes",
            Span::Hour => "For 1 hour",
            Span::Tomorrow => "Until tomorrow",
            Span::Resumed => "Until I resume",
        }
    }

    /// What the user wants of the music.
    #[must_use]
    pub const fn policy(policy: Policy) -> &'static str {
        match policy {
            Policy::Match => "Match my mood",
            Policy::Uplift => "Lift me up",
            Policy::Calm => "Calm me down",
            Policy::Energise => "Energise me",
            Policy::Keep => "Leave the music alone",
            Policy::Auto => "By my rules",
        }
    }
}

/// What is told by notification.
pub mod notices {
    /// How things are.
    pub const STATUS: &str = "Moodlark";
    /// Why the music was changed or left alone.
    pub const WHY: &str = "Why this music?";
    /// A look that the user asked for.
    pub const LOOKED: &str = "Moodlark looked";
    /// Something that the user asked for was not done.
    pub const FAILED: &str = "Moodlark could not do it";
    /// The user is asked for the camera.
    pub const CONSENT: &str = "May Moodlark use the camera?";
    /// What that means.
    pub const CONSENT_BODY: &str = "Now and then it looks for about a second. The picture is turned into a few numbers and forgotten; it is never stored or sent.";
    /// Yes.
    pub const YES: &str = "Yes, use the camera";
    /// No.
    pub const NO: &str = "No";
    /// What may be done about a service that is not there.
    pub const START_BODY: &str =
        "Start it from this icon's menu, or by systemctl --user start moodlarkd.";
    /// The desktop shows no icons.
    pub const NO_TRAY: &str = "This desktop has no tray for Moodlark's icon";

    /// What to do about a desktop without a tray, by its name in `XDG_CURRENT_DESKTOP`.
    #[must_use]
    pub fn no_tray(desktop: &str) -> String {
        let desktop = desktop.to_ascii_lowercase();
        let is = |name: &str| desktop.split(':').any(|part| part.trim() == name);
        let what = if is("gnome") || is("ubuntu") || is("gnome-classic") || is("pop") {
            "Install the extension AppIndicator and KStatusNotifierItem Support (package gnome-shell-extension-appindicator), and log in again."
        } else if is("xfce") {
            "Add the item Status Tray Plugin to the panel (package xfce4-panel, 4.15 or newer)."
        } else if is("lxqt") {
            "Add the widget Status Notifier to the panel (package lxqt-panel)."
        } else if is("mate") {
            "Add the applet Notification Area to the panel (package mate-panel, 1.22 or newer)."
        } else if is("kde") {
            "Add the widget System Tray to the panel (package plasma-workspace)."
        } else if is("x-cinnamon") || is("cinnamon") {
            "Add the applet XApp Status to the panel (package cinnamon)."
        } else if [
            "sway", "hyprland", "river", "wayfire", "niri", "labwc", "wlroots",
        ]
        .into_iter()
        .any(is)
        {
            "Install waybar, with its module tray."
        } else {
            "Install a panel with a StatusNotifier tray: waybar under Wayland, or snixembed for an older tray under X11."
        };
        format!(
            "{what} Everything works without the icon too: `moodlark status`. This is said once."
        )
    }
}

/// What went wrong, for the user.
pub mod failures {
    /// The service was not there.
    pub const ABSENT: &str =
        "Moodlark is not running. Start it by systemctl --user start moodlarkd.";
    /// The service took too long.
    pub const LATE: &str = "Moodlark did not answer in time. If it stays like this: systemctl --user restart moodlarkd.";
    /// The service said no and not why.
    pub const SILENT: &str =
        "Moodlark failed and did not say why; its log may: journalctl --user -u moodlarkd.";
    /// The service is of another version.
    pub const VERSION: &str = "The service is of another version than this icon. Restart it: systemctl --user restart moodlarkd.";
    /// Nothing opens files.
    pub const NO_OPENER: &str = "Nothing opens files on this desktop (package xdg-utils).";
    /// There is no such file to edit.
    pub const NO_CONFIG: &str =
        "There is no configuration file yet. Start Moodlark, and try again: it makes one.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_desktop_is_told_what_it_lacks() {
        for (desktop, word) in [
            ("GNOME", "AppIndicator"),
            ("ubuntu:GNOME", "AppIndicator"),
            ("XFCE", "Status Tray"),
            ("LXQt", "Status Notifier"),
            ("MATE", "Notification Area"),
            ("sway", "waybar"),
            ("", "snixembed"),
        ] {
            let told = notices::no_tray(desktop);
            assert!(told.contains(word), "{desktop}: {told}");
        }
    }
}
