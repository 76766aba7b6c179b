//! What is well-formed and still wrong: ranges, names that are used twice or not there, contradictions.
//!
//! Nothing is clamped or guessed: a value outside its range is refused with the range.

mod entries;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, time::Duration};

use moodlark_core::{
    player::mpd::Address,
    settings::{QuirkSettings, Settings, Source},
    time::span,
};
use toml::{Spanned, de::DeTable};

use crate::tree::{Path, Step};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Longer spans are slips of the finger, and would overflow a timestamp.
const AGES: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// The diameter of the plane of valence and arousal.
const DIAMETER: f64 = 2.0 * std::f64::consts::SQRT_2;

/// One finding.
pub(crate) struct Finding {
    /// Whether the configuration can't be used so; else it is a warning.
    pub(crate) refused: bool,
    pub(crate) reason: String,
    pub(crate) suggestion: Option<String>,
}

/// Tells `tell` of everything that is wrong with settings that were read from `root` without the
/// parts that are `left_out`: what follows only from a part left out is not told again.
pub(crate) fn check(
    settings: &Settings,
    root: &Spanned<DeTable<'_>>,
    left_out: &HashSet<Path>,
    tell: impl FnMut(&[Step], Finding),
) {
    let mut check = Check { left_out, tell };
    check.options(settings);
    let playlists = check.places("playlist", settings.playlists.len());
    for (place, playlist) in playlists.iter().zip(&settings.playlists) {
        check.playlist(place, playlist);
    }
    check.names(
        "playlist",
        &playlists,
        settings
            .playlists
            .iter()
            .map(|playlist| playlist.name.as_str()),
    );
    let rules = check.places("rule", settings.rules.len());
    let known = entries::names_of_playlists(root, settings);
    for (place, rule) in rules.iter().zip(&settings.rules) {
        check.rule(place, rule, &known);
    }
    check.names(
        "rule",
        &rules,
        settings.rules.iter().map(|rule| rule.name.as_str()),
    );
    check.unreachable(&rules, &settings.rules);
}

fn key(name: &str) -> Step {
    Step::Key(name.to_owned())
}

fn with(place: &[Step], name: &str) -> Path {
    let mut path = place.to_vec();
    path.push(key(name));
    path
}

struct Check<'a, F> {
    left_out: &'a HashSet<Path>,
    tell: F,
}

impl<F: FnMut(&[Step], Finding)> Check<'_, F> {
    fn refuse(&mut self, path: &[Step], reason: impl Into<String>) {
        (self.tell)(
            path,
            Finding {
                refused: true,
                reason: reason.into(),
                suggestion: None,
            },
        );
    }

    fn refuse_with(
        &mut self,
        path: &[Step],
        reason: impl Into<String>,
        suggestion: Option<String>,
    ) {
        (self.tell)(
            path,
            Finding {
                refused: true,
                reason: reason.into(),
                suggestion,
            },
        );
    }

    fn warn(&mut self, path: &[Step], reason: impl Into<String>) {
        (self.tell)(
            path,
            Finding {
                refused: false,
                reason: reason.into(),
                suggestion: None,
            },
        );
    }

    /// The places of the entries that were read, which have gaps where entries were left out.
    fn places(&self, list: &str, count: usize) -> Vec<Path> {
        (0..)
            .map(|index| vec![key(list), Step::Index(index)])
            .filter(|place| !self.left_out.contains(place))
            .take(count)
            .collect()
    }

    /// A client ID is what Spotify's page shows, and nothing around it.
    fn client_id(&mut self, id: Option<&str>) {
        let path = [key("spotify"), key("client-id")];
        let Some(id) = id else {
            return;
        };
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            self.refuse(
                &path,
                "a client ID is of letters and digits, as your app's page at Spotify shows it",
            );
        } else if id.len() != 32 {
            self.warn(
                &path,
                "a client ID of Spotify's has 32 letters and digits; this one may be cut off",
            );
        }
    }

    fn options(&mut self, settings: &Settings) {
        let at = |section: &str, name: &str| vec![key(section), key(name)];
        self.client_id(settings.spotify.client_id.as_deref());
        let camera = &settings.camera;
        self.span(&at("camera", "interval"), camera.interval, SECOND, DAY);
        if (SECOND..MINUTE).contains(&camera.interval) {
            self.warn(&at("camera", "interval"), "less than a minute between looks is for demonstrations: it costs power and tells little more");
        }
        let night = camera.interval_at_night;
        for (name, interval) in [
            ("interval-on-battery", Some(camera.interval_on_battery)),
            ("interval-at-night", night),
        ] {
            self.span(&at("camera", name), interval.unwrap_or(MINUTE), SECOND, DAY);
        }
        if camera.night_from == camera.night_to {
            self.refuse(
                &at("camera", "night-to"),
                "the night begins and ends at the same time",
            );
        }
        self.span(&at("camera", "deadline"), camera.deadline, SECOND, MINUTE);
        if camera.device.trim().is_empty() {
            self.refuse_with(
                &at("camera", "device"),
                "this names no camera",
                Some("write \"auto\" for the first one".into()),
            );
        }
        let pictures = at("camera", "pictures");
        match &camera.pictures {
            Some(path) => self.path(&pictures, path),
            None if camera.source == Source::Pictures && !self.left_out.contains(&pictures) => {
                self.refuse_with(
                    &at("camera", "source"),
                    "source = \"pictures\" needs `pictures`, the folder or file to show",
                    Some("add pictures = \"~/Pictures/faces\"".into()),
                );
            }
            None => {}
        }
        self.gates(settings);
        self.mpd(settings);
        self.library(settings);
        let mood = &settings.mood;
        self.span(&at("mood", "half-life"), mood.half_life, SECOND, AGES);
        self.span(
            &at("mood", "report-half-life"),
            mood.report_half_life,
            SECOND,
            AGES,
        );
        self.probability(&at("mood", "shows"), mood.shows);
        self.probability(&at("mood", "min-confidence"), mood.min_confidence);
        self.probability(&at("mood", "hysteresis"), mood.hysteresis);
        let decide = &settings.decide;
        self.span(&at("decide", "dwell"), decide.dwell, Duration::ZERO, AGES);
        self.span(
            &at("decide", "cooldown"),
            decide.cooldown,
            Duration::ZERO,
            AGES,
        );
        self.span(
            &at("decide", "override-for"),
            decide.override_for,
            Duration::ZERO,
            AGES,
        );
        self.probability(&at("decide", "min-confidence"), decide.min_confidence);
        if !(0.0..=DIAMETER).contains(&decide.hysteresis) {
            self.refuse(
                &at("decide", "hysteresis"),
                format!("{} is no distance between 0 and 2.8", decide.hysteresis),
            );
        }
        self.span(
            &at("notifications", "at-most-every"),
            settings.notifications.at_most_every,
            Duration::ZERO,
            AGES,
        );
        self.span(
            &at("history", "retention"),
            settings.history.retention,
            SECOND,
            AGES,
        );
        if (SECOND..DAY).contains(&settings.history.retention) {
            self.warn(
                &at("history", "retention"),
                "with less than a day kept, `moodlark why` and undo soon have nothing to go by",
            );
        }
        let player = &settings.player;
        self.span(
            &at("player", "fade-for"),
            player.fade_for,
            SECOND / 5,
            20 * SECOND,
        );
        self.quirks(&player.quirks);
        for (name, value) in [("pinned", &player.pinned), ("preferred", &player.preferred)] {
            let Some(value) = value else { continue };
            if value.trim().is_empty() {
                self.refuse(
                    &at("player", name),
                    "this names no player; leave the option out for none",
                );
            } else if player
                .ignore
                .iter()
                .any(|ignored| ignored.eq_ignore_ascii_case(value))
            {
                self.refuse(
                    &at("player", name),
                    format!("`{value}` is also in `ignore`, so nothing would ever be played"),
                );
            }
        }
    }

    fn mpd(&mut self, settings: &Settings) {
        let at = |name: &str| vec![key("mpd"), key(name)];
        let mpd = &settings.mpd;
        if mpd.address != "auto"
            && let Err(why) = Address::parse(&mpd.address)
        {
            self.refuse(&at("address"), why);
        }
        if let Some(folder) = &mpd.music_directory {
            self.path(&at("music-directory"), folder);
        }
    }

    fn library(&mut self, settings: &Settings) {
        let at = |name: &str| vec![key("library"), key(name)];
        for folder in &settings.library.folders {
            self.path(&at("folders"), folder);
        }
        for name in &settings.library.leave_out {
            if name.trim().is_empty() {
                self.refuse(&at("leave-out"), "this names nothing");
            } else if name.contains('/') {
                self.path(&at("leave-out"), name);
            }
        }
    }

    fn quirks(&mut self, quirks: &[QuirkSettings]) {
        let list = [key("player"), key("quirk")];
        let place = |index| [list.as_slice(), &[Step::Index(index)]].concat();
        let places: Vec<Path> = (0..)
            .map(place)
            .filter(|place| !self.left_out.contains(place))
            .take(quirks.len())
            .collect();
        for (place, quirk) in places.iter().zip(quirks) {
            let silent = QuirkSettings {
                name: quirk.name.clone(),
                ..QuirkSettings::default()
            };
            if quirk.name.trim().is_empty() {
                self.refuse(&with(place, "name"), "this names no player");
            } else if *quirk == silent {
                self.warn(place, "this says nothing of the player");
            }
        }
    }

    fn gates(&mut self, settings: &Settings) {
        let at = |name: &str| vec![key("gates"), key(name)];
        let gates = &settings.gates;
        self.span(&at("idle-after"), gates.idle_after, 10 * SECOND, DAY);
        self.span(
            &at("after-resume"),
            gates.after_resume,
            Duration::ZERO,
            60 * MINUTE,
        );
        if gates.low_battery > 100 {
            self.refuse(
                &at("low-battery"),
                format!("{} is no percentage from 0 to 100", gates.low_battery),
            );
        }
        for program in &gates.programs {
            if program.trim().is_empty() || program.contains('/') {
                self.refuse_with(
                    &at("programs"),
                    format!("`{}` is no program's name", program.escape_debug()),
                    Some(
                        "write the name of the executable without its folder, for example `zoom`"
                            .into(),
                    ),
                );
            }
        }
        let (from, to) = (at("quiet-from"), at("quiet-to"));
        match (gates.quiet_from, gates.quiet_to) {
            (Some(_), None) if !self.left_out.contains(&to) => {
                self.refuse(&from, "the quiet hours have no end: `quiet-to` is missing");
            }
            (None, Some(_)) if !self.left_out.contains(&from) => {
                self.refuse(
                    &to,
                    "the quiet hours have no beginning: `quiet-from` is missing",
                );
            }
            (Some(begin), Some(end)) if begin == end => {
                self.refuse(&to, "the quiet hours begin and end at the same time");
            }
            _ => {}
        }
    }

    fn span(&mut self, path: &[Step], value: Duration, least: Duration, most: Duration) {
        if value >= least && value <= most {
            return;
        }
        let range = match (least, most) {
            (Duration::ZERO, AGES) => "100 years at most".into(),
            (least, AGES) => format!("{} at least, 100 years at most", span::format(least)),
            (least, most) => format!("{} to {}", span::format(least), span::format(most)),
        };
        self.refuse(
            path,
            format!("{} is out of range; it is {range}", span::format(value)),
        );
    }

    fn probability(&mut self, path: &[Step], value: f64) {
        if !(0.0..=1.0).contains(&value) {
            self.refuse(
                path,
                format!("{value} is no probability; it is a number from 0 to 1"),
            );
        }
    }

    /// The service has no working folder that would mean anything to the user.
    fn path(&mut self, path: &[Step], value: &str) {
        if !(value.starts_with('/') || value.starts_with("~/")) {
            let reason = format!(
                "`{}` is no whole path; begin it with / or ~/",
                value.escape_debug()
            );
            self.refuse(path, reason);
        } else if value.contains('\0') {
            self.refuse(path, "a path holds no zero byte");
        }
    }
}
