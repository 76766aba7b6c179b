//! Every text that the tray shows, in one place.

use jiff::Zoned;
use moodlark_catalogue::{moment, tr};

use crate::{
    menu::{Policy, Span},
    mood::Mood,
    state::{Camera, Facts, Known, Source},
};

/// What the program is called.
pub const TITLE: &str = "Moodlark";

/// The mood on the face, with a capital: a line begins with it.
#[must_use]
pub fn mood(mood: Option<Mood>) -> String {
    match mood {
        Some(Mood::Happy) => tr!("Happy"),
        Some(Mood::Surprise) => tr!("Surprised"),
        Some(Mood::Neutral) => tr!("Neutral"),
        Some(Mood::Sad) => tr!("Sad"),
        Some(Mood::Fear) => tr!("Afraid"),
        Some(Mood::Angry) => tr!("Angry"),
        Some(Mood::Disgust) => tr!("Disgusted"),
        None => tr!("Mood unknown"),
    }
}

/// The mood in one line: `Sad (71 %) since 13:48`.
#[must_use]
pub fn mood_line(known: &Known, now: &Zoned) -> String {
    let facts = match known {
        Known::Absent => return tr!("Moodlark is not running"),
        Known::Silent => return tr!("Moodlark does not answer"),
        Known::Present(facts) => facts,
    };
    let name = mood(facts.mood);
    if facts.mood.is_none() {
        return match facts.source {
            Source::None => tr!("Mood unknown: nothing was seen or said yet"),
            Source::Camera | Source::Report => tr!("Mood unknown: too little was seen lately"),
        };
    }
    let since = moment(facts.since, now);
    let share = format!("{:.0}", facts.confidence * 100.0);
    match (facts.source, facts.since > 0) {
        (Source::Report, true) => tr!(
            "{mood}, as you said, since {time}",
            mood = name,
            time = since
        ),
        (Source::Report, false) => tr!("{mood}, as you said", mood = name),
        (_, true) => tr!(
            "{mood} ({share} %) since {time}",
            mood = name,
            share,
            time = since
        ),
        (_, false) => tr!("{mood} ({share} %)", mood = name, share),
    }
}

/// What the camera is about in one line: next look, or why not.
#[must_use]
pub fn camera_line(known: &Known, now: &Zoned) -> String {
    let facts = match known {
        Known::Absent => return tr!("Nothing looks, and nothing is played."),
        Known::Silent => return tr!("It may be busy; or restart it."),
        Known::Present(facts) => facts,
    };
    let next = || tr!("Next look {time}", time = moment(facts.next_sample, now));
    match facts.camera() {
        Camera::Looking => tr!("The camera is looking now"),
        Camera::Off => tr!("The camera is off"),
        Camera::Paused(None) => tr!("Paused until you resume"),
        Camera::Paused(Some(end)) => tr!("Paused until {time}", time = moment(end, now)),
        Camera::Blocked => {
            let reason = reason(facts);
            if facts.next_sample > 0 {
                format!("{reason} {}", next())
            } else {
                reason
            }
        }
        Camera::Idle if facts.next_sample > 0 => next(),
        Camera::Idle => tr!("No look is due"),
    }
}

/// Why no look is due, without the advice for the command line, which the menu has too.
fn reason(facts: &Facts) -> String {
    match facts.blocked.as_str() {
        "not-playing" => tr!("Not looking: no music plays."),
        "backing-off" => tr!("The last looks failed, so the next one waits longer."),
        name if facts.blocked_reason.is_empty() => tr!("Not looking: {reason}.", reason = name),
        _ => facts.blocked_reason.clone(),
    }
}

/// The last line of a status.
#[must_use]
pub fn music_line(facts: &Facts) -> Option<String> {
    let switch = facts.last_switch.as_ref()?;
    let playlist = &switch.playlist;
    Some(if switch.undone {
        tr!("Undone: \u{201c}{playlist}\u{201d}", playlist)
    } else {
        tr!("Last switch: \u{201c}{playlist}\u{201d}", playlist)
    })
}

/// The menu's lines.
pub mod menu {
    use super::{Policy, Span, tr};

    /// What the user feels.
    #[must_use]
    pub fn feel() -> String {
        tr!("I feel \u{2026}")
    }
    /// Takes back what the user said.
    #[must_use]
    pub fn as_you_think() -> String {
        tr!("As you think")
    }
    /// Music for a mood.
    #[must_use]
    pub fn play() -> String {
        tr!("Play for \u{2026}")
    }
    /// Why the music was changed or left alone.
    #[must_use]
    pub fn why() -> String {
        tr!("Why this music?")
    }
    /// The user's yes or no.
    #[must_use]
    pub fn camera() -> String {
        tr!("Use the camera")
    }
    /// A look at once.
    #[must_use]
    pub fn look() -> String {
        tr!("Look now")
    }
    /// Pauses.
    #[must_use]
    pub fn pause() -> String {
        tr!("Pause the camera")
    }
    /// Ends a pause.
    #[must_use]
    pub fn resume() -> String {
        tr!("Resume")
    }
    /// What the user wants.
    #[must_use]
    pub fn policies() -> String {
        tr!("Music policy")
    }
    /// The journal.
    #[must_use]
    pub fn history() -> String {
        tr!("Open history")
    }
    /// The configuration.
    #[must_use]
    pub fn settings() -> String {
        tr!("Settings")
    }
    /// Starts the service.
    #[must_use]
    pub fn start() -> String {
        tr!("Start Moodlark")
    }
    /// Ends the tray.
    #[must_use]
    pub fn quit() -> String {
        tr!("Quit this icon")
    }

    /// Takes the last switch back.
    #[must_use]
    pub fn undo(playlist: Option<&str>) -> String {
        match playlist {
            Some(playlist) => tr!("Undo \u{201c}{playlist}\u{201d}", playlist),
            None => tr!("Undo the last switch"),
        }
    }

    /// How long to pause.
    #[must_use]
    pub fn span(span: Span) -> String {
        match span {
            Span::HalfHour => tr!("For 30 minutes"),
            Span::Hour => tr!("For 1 hour"),
            Span::Tomorrow => tr!("Until tomorrow"),
            Span::Resumed => tr!("Until I resume"),
        }
    }

    /// What the user wants of the music.
    #[must_use]
    pub fn policy(policy: Policy) -> String {
        match policy {
            Policy::Match => tr!("Match my mood"),
            Policy::Uplift => tr!("Lift me up"),
            Policy::Calm => tr!("Calm me down"),
            Policy::Energise => tr!("Energise me"),
            Policy::Keep => tr!("Leave the music alone"),
            Policy::Auto => tr!("By my rules"),
        }
    }
}

/// What is told by notification.
pub mod notices {
    use super::tr;

    /// How things are.
    #[must_use]
    pub fn status() -> String {
        tr!("Moodlark")
    }
    /// Why the music was changed or left alone.
    #[must_use]
    pub fn why() -> String {
        tr!("Why this music?")
    }
    /// A look that the user asked for.
    #[must_use]
    pub fn looked() -> String {
        tr!("Moodlark looked")
    }
    /// Something that the user asked for was not done.
    #[must_use]
    pub fn failed() -> String {
        tr!("Moodlark could not do it")
    }
    /// The user is asked for the camera.
    #[must_use]
    pub fn consent() -> String {
        tr!("May Moodlark use the camera?")
    }
    /// What that means.
    #[must_use]
    pub fn consent_body() -> String {
        tr!(
            "Now and then it looks for about a second. The picture is turned into a few numbers and forgotten; it is never stored or sent."
        )
    }
    /// Yes.
    #[must_use]
    pub fn yes() -> String {
        tr!("Yes, use the camera")
    }
    /// No.
    #[must_use]
    pub fn no() -> String {
        tr!("No")
    }
    /// What may be done about a service that is not there.
    #[must_use]
    pub fn start_body() -> String {
        tr!("Start it from this icon's menu, or by systemctl --user start moodlarkd.")
    }
    /// The desktop shows no icons.
    #[must_use]
    pub fn no_icons() -> String {
        tr!("This desktop has no tray for Moodlark's icon")
    }

    /// What to do about a desktop without a tray, by its name in `XDG_CURRENT_DESKTOP`.
    #[must_use]
    pub fn no_tray(desktop: &str) -> String {
        let desktop = desktop.to_ascii_lowercase();
        let is = |name: &str| desktop.split(':').any(|part| part.trim() == name);
        let what = if is("gnome") || is("ubuntu") || is("gnome-classic") || is("pop") {
            tr!(
                "Install the extension AppIndicator and KStatusNotifierItem Support (package gnome-shell-extension-appindicator), and log in again."
            )
        } else if is("xfce") {
            tr!(
                "Add the item Status Tray Plugin to the panel (package xfce4-panel, 4.15 or newer)."
            )
        } else if is("lxqt") {
            tr!("Add the widget Status Notifier to the panel (package lxqt-panel).")
        } else if is("mate") {
            tr!(
                "Add the applet Notification Area to the panel (package mate-panel, 1.22 or newer)."
            )
        } else if is("kde") {
            tr!("Add the widget System Tray to the panel (package plasma-workspace).")
        } else if is("x-cinnamon") || is("cinnamon") {
            tr!("Add the applet XApp Status to the panel (package cinnamon).")
        } else if [
            "sway", "hyprland", "river", "wayfire", "niri", "labwc", "wlroots",
        ]
        .into_iter()
        .any(is)
        {
            tr!("Install waybar, with its module tray.")
        } else {
            tr!(
                "Install a panel with a StatusNotifier tray: waybar under Wayland, or snixembed for an older tray under X11."
            )
        };
        tr!(
            "{what} Everything works without the icon too: `moodlark status`. This is said once.",
            what
        )
    }
}

/// What went wrong, for the user.
pub mod failures {
    use super::tr;

    /// The service was not there.
    #[must_use]
    pub fn absent() -> String {
        tr!("Moodlark is not running. Start it by systemctl --user start moodlarkd.")
    }
    /// The service took too long.
    #[must_use]
    pub fn late() -> String {
        tr!(
            "Moodlark did not answer in time. If it stays like this: systemctl --user restart moodlarkd."
        )
    }
    /// The service said no and not why.
    #[must_use]
    pub fn silent() -> String {
        tr!("Moodlark failed and did not say why; its log may: journalctl --user -u moodlarkd.")
    }
    /// The service is of another version.
    #[must_use]
    pub fn version() -> String {
        tr!(
            "The service is of another version than this icon. Restart it: systemctl --user restart moodlarkd."
        )
    }
    /// Nothing opens files.
    #[must_use]
    pub fn no_opener() -> String {
        tr!("Nothing opens files on this desktop (package xdg-utils).")
    }
    /// There is no such file to edit.
    #[must_use]
    pub fn no_config() -> String {
        tr!("There is no configuration file yet. Start Moodlark, and try again: it makes one.")
    }
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
