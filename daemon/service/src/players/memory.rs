//! What is remembered of one player from signal to signal, and what of it the user must have done.
//!
//! Pure: the clock is passed in. MPRIS says what a player does, never who made it do so; that is told here
//! by elimination. A track that changes near its end changed by itself, what happens within two seconds of a
//! command of ours is ours, and the rest was the user.

use std::time::Duration;

use moodlark_catalogue::tr;
use moodlark_core::{
    player::{Content, Playback, PlayerView, Progress, Quirks, Track, Usable, steady},
    settings::PlayerSettings,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::mpris::{self, Properties};

/// What happens so soon after our own command is taken to be its effect.
pub(super) const OURS_FOR: Duration = Duration::from_secs(2);
/// A pause or stop must last so long to count: VLC stops for a fifth of a second between two tracks.
pub(super) const SETTLES_IN: Duration = Duration::from_millis(700);
/// A stop at the end of a list, and something new so long after it: somebody chose that.
const LONG_STOPPED: Duration = Duration::from_secs(10);

/// What the user did in a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserAction {
    /// Left a track before its end for another.
    Skipped,
    /// Paused.
    Paused,
    /// Stopped.
    Stopped,
    /// Started something else after a stop.
    PlayedSomethingElse,
}

impl UserAction {
    /// Whether something else plays because of it.
    #[must_use]
    pub const fn is_other_music(self) -> bool {
        matches!(self, Self::Skipped | Self::PlayedSomethingElse)
    }
}

/// News of a player; what is `None` was not told.
#[derive(Debug, Clone, Default)]
pub(super) struct Update {
    pub(super) status: Option<Playback>,
    pub(super) track: Option<Track>,
    pub(super) position: Option<Duration>,
    pub(super) rate: Option<f64>,
    pub(super) volume: Option<f64>,
    pub(super) can_control: Option<bool>,
    pub(super) identity: Option<String>,
    pub(super) desktop_entry: Option<String>,
    pub(super) schemes: Option<Vec<String>>,
    pub(super) playlists: Option<bool>,
    pub(super) edits_tracks: Option<bool>,
    /// The position was moved, and not only told.
    pub(super) sought: bool,
    /// It stops by itself after this track, as its user told it to.
    pub(super) stops: Option<bool>,
}

impl Update {
    /// From properties of either interface.
    pub(super) fn of(properties: &Properties) -> Self {
        let get = |name: &str| properties.get(name);
        Self {
            status: get("PlaybackStatus").map(mpris::playback),
            track: get("Metadata").map(|metadata| {
                let track = mpris::track(metadata);
                if track.is_list() {
                    Track::default()
                } else {
                    track
                }
            }),
            position: get("Position")
                .and_then(mpris::integer)
                .and_then(mpris::from_micros),
            rate: get("Rate").and_then(mpris::number),
            volume: get("Volume").and_then(mpris::number),
            can_control: get("CanControl").and_then(mpris::truth),
            identity: get("Identity").map(mpris::text),
            desktop_entry: get("DesktopEntry").map(mpris::text),
            schemes: get("SupportedUriSchemes").map(mpris::texts),
            ..Self::default()
        }
    }

    /// Whether a re-read of the position is due: it is never announced.
    pub(super) fn moves(&self) -> bool {
        self.status.is_some() || self.track.is_some() || self.rate.is_some()
    }
}

/// What a player does, seeing through what it says.
///
/// mpv-mpris says `Stopped` from its start until the first pause, whatever plays, and `Playing` after a Play
/// with nothing loaded.
pub(super) fn playback_of(said: Playback, has_track: bool, quirks: Quirks) -> Playback {
    match (quirks.says_stopped, has_track) {
        (false, _) => said,
        (true, false) => Playback::Stopped,
        (true, true) if said == Playback::Paused => Playback::Paused,
        (true, true) => Playback::Playing,
    }
}

/// One player.
#[derive(Debug)]
pub(super) struct Memory {
    /// The unique name of its connection.
    pub(super) owner: String,
    pub(super) view: PlayerView,
    /// It answered at least once.
    pub(super) known: bool,
    said: Playback,
    /// A position, and when it was there.
    position: Option<(Duration, Timestamp)>,
    rate: f64,
    /// Metadata went empty; some players do that for half a second between two tracks.
    empty_since: Option<Timestamp>,
    /// The last track there was, kept over a stop.
    last_track: Option<Track>,
    stopped_at: Option<Timestamp>,
    paused_at: Option<Timestamp>,
    /// It stops by itself after this track.
    stops: bool,
    /// A pause or stop that has yet to last.
    pending: Option<(UserAction, Timestamp)>,
    /// Commands of ours under way.
    commands: u32,
    ours_until: Timestamp,
}

impl Memory {
    pub(super) fn new(bus_name: &str, owner: &str, settings: &PlayerSettings) -> Self {
        let mut view = PlayerView {
            bus_name: bus_name.into(),
            usable: Usable::No {
                why: tr!(
                    "{player} does not answer",
                    player = moodlark_core::player::short_name(bus_name)
                ),
            },
            ..PlayerView::default()
        };
        view.look_up(settings);
        Self {
            owner: owner.into(),
            view,
            known: false,
            said: Playback::Stopped,
            position: None,
            rate: 1.0,
            empty_since: None,
            last_track: None,
            stopped_at: None,
            paused_at: None,
            stops: false,
            pending: None,
            commands: 0,
            ours_until: Timestamp(i64::MIN),
        }
    }

    /// A command of ours begins.
    pub(super) fn command_begins(&mut self) {
        self.commands += 1;
    }

    /// A command of ours has ended.
    pub(super) fn command_ends(&mut self, now: Timestamp) {
        self.commands = self.commands.saturating_sub(1);
        self.ours_until = now.plus(OURS_FOR);
        self.pending = None;
    }

    fn ours(&self, now: Timestamp) -> bool {
        self.commands > 0 || now < self.ours_until
    }

    /// Where the track is now, as far as can be told without asking.
    pub(super) fn position_at(&self, now: Timestamp) -> Option<Duration> {
        Some(self.progress()?.position_at(now))
    }

    fn progress(&self) -> Option<Progress> {
        let (position, at) = self.position?;
        Some(Progress {
            position,
            at,
            rate: self.rate,
            moves: self.view.playback == Playback::Playing,
        })
    }

    /// When the track ends and another would begin, as far as can be told.
    fn end(&self) -> Option<Timestamp> {
        if self.stops {
            return None;
        }
        let length = self.view.track.as_ref()?.length?;
        self.progress()?.ends_at(length)
    }

    /// Takes in news, works out the view, and answers with what the user must have done.
    pub(super) fn apply(
        &mut self,
        update: Update,
        settings: &PlayerSettings,
        now: Timestamp,
    ) -> Option<UserAction> {
        let was = self.view.playback;
        let mut here = self.position_at(now);
        self.take_in_facts(&update);
        self.view.look_up(settings);
        if let Some(said) = update.status {
            self.said = said;
        }

        let mut action = None;
        if update.sought && self.known && !self.ours(now) && Self::was_moved(update.position, here)
        {
            self.view.last_touch = Some(now);
        }
        if let Some(stops) = update.stops {
            self.stops = stops;
        }
        if let Some(track) = update.track {
            if track.is_empty() {
                if self.view.track.is_some() && self.empty_since.is_none() {
                    self.empty_since = Some(now);
                }
            } else {
                let same = self
                    .last_track
                    .as_ref()
                    .is_some_and(|last| last.is_same(&track));
                action = self.next_track(track, was, here, now);
                if !same {
                    here = Some(Duration::ZERO);
                }
            }
        }

        let has_track = self.view.track.is_some() && self.empty_since.is_none();
        let playback = playback_of(self.said, has_track, self.view.quirks());
        if playback != was {
            self.next_playback(playback, here, now);
        }
        if let Some(position) = update.position {
            self.position = Some((position, now));
        }
        if let Some(rate) = update.rate.filter(|rate| rate.is_finite() && *rate > 0.0) {
            if update.position.is_none() && (rate - self.rate).abs() > 1e-6 {
                // So far it went at the old one.
                self.position = self.position_at(now).map(|here| (here, now));
            }
            self.rate = rate;
        }
        self.known = true;
        self.view.ends_at = steady(self.view.ends_at, self.end());
        self.derive(settings);
        self.user_did(action, now)
    }

    /// Whether somebody moved within the track. To its beginning does not count: players say so of each new track,
    /// too, and some before they tell which one it is.
    fn was_moved(to: Option<Duration>, here: Option<Duration>) -> bool {
        const BEGINS: Duration = Duration::from_secs(3);
        to.zip(here)
            .is_some_and(|(to, here)| to > BEGINS && to.abs_diff(here) > BEGINS)
    }

    fn take_in_facts(&mut self, update: &Update) {
        let view = &mut self.view;
        if !self.known {
            view.can_control = true; // until it says otherwise
        }
        if let Some(yes) = update.can_control {
            view.can_control = yes;
        }
        if update.volume.is_some() {
            view.volume = update.volume;
        }
        if let Some(identity) = &update.identity {
            view.identity.clone_from(identity);
        }
        if let Some(entry) = &update.desktop_entry {
            view.desktop_entry.clone_from(entry);
        }
        if let Some(schemes) = &update.schemes {
            view.schemes.clone_from(schemes);
        }
        view.playlists = update.playlists.unwrap_or(view.playlists);
        view.edits_tracks = update.edits_tracks.unwrap_or(view.edits_tracks);
    }

    /// Works out what follows from the facts, and from what the user says of players.
    pub(super) fn derive(&mut self, settings: &PlayerSettings) {
        if self.known {
            self.view.derive(settings);
        }
    }

    fn next_track(
        &mut self,
        mut track: Track,
        was: Playback,
        here: Option<Duration>,
        now: Timestamp,
    ) -> Option<UserAction> {
        self.empty_since = None;
        let before = self.view.track.take().or_else(|| self.last_track.take());
        if let Some(before) = &before
            && before.is_same(&track)
        {
            track.length = track.length.or(before.length);
            self.last_track = Some(track.clone());
            self.view.track = Some(track);
            return None;
        }
        let action = before.filter(|_| self.known).and_then(|before| {
            let is_ad = |track: &Track| Content::of(track) == Content::Ad;
            if self.ours(now) {
                return None;
            }
            self.view.last_activity = Some(now);
            let long_stopped = was == Playback::Stopped
                && self
                    .stopped_at
                    .is_some_and(|at| now.since(at) > LONG_STOPPED);
            if is_ad(&before) || is_ad(&track) {
                None
            } else if long_stopped {
                Some(UserAction::PlayedSomethingElse)
            } else {
                (at_end(&before, here) == Some(false)).then_some(UserAction::Skipped)
            }
        });
        self.pending = None;
        self.position = Some((Duration::ZERO, now));
        self.last_track = Some(track.clone());
        self.view.track = Some(track);
        action
    }

    fn next_playback(&mut self, playback: Playback, here: Option<Duration>, now: Timestamp) {
        self.position = here.map(|here| (here, now));
        self.view.playback = playback;
        self.stopped_at = None;
        let paused_at = self.paused_at.take();
        let by_itself = !self.known
            || self.ours(now)
            || self.last_track.as_ref().and_then(|t| at_end(t, here)) == Some(true);
        match playback {
            Playback::Playing => {
                // What we had it play says nothing of where the user listens.
                if !self.ours(now) {
                    self.view.last_playing = Some(now);
                    // Between two tracks some pause for a moment.
                    if paused_at.is_some_and(|at| now.since(at) >= SETTLES_IN) {
                        self.view.last_touch = Some(now);
                    }
                }
                self.pending = None;
            }
            Playback::Paused => {
                self.paused_at = Some(now);
                if self.known && !self.ours(now) {
                    self.view.last_activity = Some(now);
                }
                self.pending = (!by_itself).then_some((UserAction::Paused, now));
            }
            Playback::Stopped => {
                self.stopped_at = Some(now);
                self.pending = (!by_itself).then_some((UserAction::Stopped, now));
            }
        }
    }

    /// Whether [`Memory::settle`] has something to look at once [`SETTLES_IN`] has passed.
    pub(super) fn unsettled(&self) -> bool {
        self.pending.is_some() || self.empty_since.is_some()
    }

    /// What lasted long enough counts now.
    pub(super) fn settle(
        &mut self,
        settings: &PlayerSettings,
        now: Timestamp,
    ) -> Option<UserAction> {
        let lasted = |since: Timestamp| now.since(since) >= SETTLES_IN;
        if self.empty_since.is_some_and(lasted) {
            self.empty_since = None;
            self.view.track = None;
            self.view.ends_at = None;
            self.derive(settings);
        }
        let (action, _) = self.pending.take_if(|(_, since)| lasted(*since))?;
        self.user_did(Some(action), now)
    }

    /// A burst of actions (a user who looks for a track by skipping) is one.
    fn user_did(&mut self, action: Option<UserAction>, now: Timestamp) -> Option<UserAction> {
        let action = action?;
        let burst = self
            .view
            .last_user_action
            .is_some_and(|at| now.since(at) < Duration::from_secs(1));
        self.view.last_user_action = Some(now);
        (!burst).then_some(action)
    }
}

/// Whether a track at `here` is about to end by itself; `None` when that can't be told.
///
/// A tenth of the track counts as its end, 3 s at least and 15 s at most: players fade over by up to 12 s, and
/// to take such an end for a skip would be the worse mistake.
fn at_end(track: &Track, here: Option<Duration>) -> Option<bool> {
    let (length, here) = (track.length?, here?);
    let margin = (length / 10).clamp(Duration::from_secs(3), Duration::from_secs(15));
    Some(here + margin >= length)
}

#[cfg(test)]
mod tests;
