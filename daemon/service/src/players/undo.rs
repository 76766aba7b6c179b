//! Bringing back what a player did before: as much as that player allows, and saying what it didn't.

mod lists;

use std::{sync::Arc, time::Duration};

use moodlark_catalogue::tr;
use moodlark_core::player::{Playback, Route, Track, mpd, routes_for};
use serde::{Deserialize, Serialize};

use super::{
    Inner, PlayerError, Players, SavedState, Target,
    commands::{EFFECT_WITHIN, Effect, Snapshot},
    entries::{self, Expected},
    mpris::micros,
};

/// How far off a position may be and still be the old one.
const CLOSE: Duration = Duration::from_secs(3);

/// `spotify:track:ID` of the link that Spotify's clients tell as a track's URL: they open the one, and not
/// always the other.
fn spotify_uri(link: &str) -> Option<String> {
    let path = link.strip_prefix("https://open.spotify.com/")?;
    let (kind, id) = path.split_once('/')?;
    let id = id.split(['?', '#']).next().unwrap_or(id);
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    (plain(kind) && plain(id)).then(|| format!("spotify:{kind}:{id}"))
}

/// What undo brought back; each entry is a word or two for people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Restored {
    /// What is as before: `list`, `track`, `position`, `paused`, `stopped`, `volume`.
    pub restored: Vec<String>,
    /// What isn't, and why.
    pub not_restored: Vec<String>,
}

/// What became of the music after an attempt that failed: the end of the sentence about that.
pub(super) fn told(back: &Result<Restored, PlayerError>) -> String {
    match back {
        Ok(restored) if restored.not_restored.is_empty() => tr!("; what it played before is back"),
        Ok(restored) => tr!(
            "; what it played before is back, but for {missing}",
            missing = restored.not_restored.join(", ")
        ),
        Err(error) => tr!(
            "; what it played before could not be brought back: {error}",
            error
        ),
    }
}

impl Restored {
    fn good(&mut self, what: &str) {
        self.restored.push(what.into());
    }

    fn bad(&mut self, what: impl Into<String>) {
        self.not_restored.push(what.into());
    }
}

impl Players {
    /// Brings back what the player did when `saved` was taken: list, track, position, pause, volume (which is
    /// only ever lowered). A player without a track list gets back the playlist that we had opened before, or else
    /// the track alone.
    ///
    /// # Errors
    /// [`PlayerError::NoPlayer`] if it isn't running, [`PlayerError::PlayerGone`], [`PlayerError::NoRoute`] if there
    /// is no way back at all, [`PlayerError::NotVerified`] if it does not do it.
    pub async fn undo(&self, saved: &SavedState) -> Result<Restored, PlayerError> {
        let inner = &self.inner;
        let _turn = inner.commanding.lock().await;
        let target = inner.target(&saved.bus_name)?;
        let _ours = inner.ours(&saved.bus_name);
        inner.bring_back(&target, saved).await
    }

    /// Sets the volume to what it was, for after a crash in the middle of a switch. Answers whether it had to.
    /// What is quieter than it was is so by a fade; without one the user has turned it down since.
    ///
    /// # Errors
    /// [`PlayerError::NoPlayer`], [`PlayerError::PlayerGone`], [`PlayerError::NotVerified`].
    pub async fn restore_volume(&self, saved: &SavedState) -> Result<bool, PlayerError> {
        let inner = &self.inner;
        let Some(volume) = saved.volume else {
            return Ok(false);
        };
        let _turn = inner.commanding.lock().await;
        let target = inner.target(&saved.bus_name)?;
        let near = |now: &Snapshot| {
            now.volume
                .is_none_or(|is| (is - volume).abs() < 0.005 || is < volume && !saved.fading)
        };
        if near(&inner.snapshot(&target).await?) {
            return Ok(false);
        }
        let _ours = inner.ours(&saved.bus_name);
        let set = target.peer.set_volume(volume).await;
        let refused = Inner::carried(&target, set)?.err();
        match inner
            .effect(&target, Duration::from_secs(2), |now| {
                near(now).then_some(())
            })
            .await?
        {
            Effect::Seen(()) => Ok(true),
            Effect::Missing(_) => Err(PlayerError::NotVerified(tr!(
                "{player} does not take back its volume of {volume} %{said}",
                player = target.view.display_name(),
                volume = format!("{:.0}", volume * 100.0),
                said = refused.map(|why| format!(": {why}")).unwrap_or_default()
            ))),
        }
    }
}

impl Inner {
    /// All that can be brought back; a player that begins every stream at full volume is held down meanwhile.
    pub(super) async fn bring_back(
        self: &Arc<Self>,
        target: &Target,
        saved: &SavedState,
    ) -> Result<Restored, PlayerError> {
        if mpd::is_mpd(&saved.bus_name) {
            return self.mpd_back(target, saved).await;
        }
        self.held(target, saved.volume, self.back(target, saved))
            .await
    }

    async fn back(
        self: &Arc<Self>,
        target: &Target,
        saved: &SavedState,
    ) -> Result<Restored, PlayerError> {
        let mut done = Restored::default();
        match &saved.track {
            Some(track) if saved.playback != Playback::Stopped => {
                self.track_back(target, saved, track, &mut done).await?;
                self.position_back(target, saved, &mut done).await?;
                self.playback_back(target, saved, &mut done).await?;
            }
            _ => self.stop(target, &mut done).await?,
        }
        self.volume_back(target, saved, &mut done).await?;
        Ok(done)
    }

    /// The old track, in its list where there is a way.
    async fn track_back(
        self: &Arc<Self>,
        target: &Target,
        saved: &SavedState,
        track: &Track,
        done: &mut Restored,
    ) -> Result<(), PlayerError> {
        let before = self.snapshot(target).await?;
        if before.track.as_ref().is_some_and(|now| now.is_same(track))
            && saved.owner == target.peer.owner
        {
            done.good("track");
            return Ok(());
        }
        // VLC keeps the old list beside the new one. Its ids mean nothing to another process.
        if saved.owner == target.peer.owner && target.peer.tracks().await.contains(&track.id) {
            Self::carried(target, target.peer.go_to(&track.id).await)?.ok();
            let back = |now: &Snapshot| {
                now.track.as_ref().is_some_and(|t| t.id == track.id)
                    && now.playback != Playback::Stopped
            };
            if let Effect::Seen(()) = self
                .effect(target, EFFECT_WITHIN, |now| back(now).then_some(()))
                .await?
            {
                self.remove_added(target, saved).await;
                done.good("list");
                done.good("track");
                return Ok(());
            }
        }
        if let Some(name) = &saved.active_playlist
            && target.view.playlists
            && self
                .own_list_back(target, name, track, &before, done)
                .await?
        {
            return Ok(());
        }
        if let Some(list) = &saved.last_opened
            && self.list_back(target, list, track, &before, done).await?
        {
            return Ok(());
        }
        let opens = |route: &Route| *route != Route::AddTracks;
        if !track.url.is_empty() && routes_for(&target.view, &track.url).iter().any(opens) {
            let only = Expected::track(&track.url);
            let uri = match spotify_uri(&track.url) {
                Some(uri) => uri,
                None => entries::opens_again(&track.url).await,
            };
            match self.attempt(target, &uri, &only, &before).await? {
                Ok(_) => {
                    done.good("track");
                    done.bad(if target.view.quirks().keeps_what_it_opened {
                        tr!("list: what was opened stays in the one that you have open")
                    } else {
                        tr!("list: the player does not tell which one it played")
                    });
                    return Ok(());
                }
                Err(why) => {
                    return Err(PlayerError::NotVerified(tr!(
                        "{player} was asked for “{title}” again and did not play it: {why}",
                        player = target.view.display_name(),
                        title = track.title,
                        why
                    )));
                }
            }
        }
        Err(PlayerError::NoRoute(tr!(
            "{player} has no way back to “{title}”; choose it there by hand",
            player = target.view.display_name(),
            title = track.title
        )))
    }

    /// The old position. Players ignore it for a moment while a track loads: asked again until it took.
    async fn position_back(
        &self,
        target: &Target,
        saved: &SavedState,
        done: &mut Restored,
    ) -> Result<(), PlayerError> {
        let Some(position) = saved.position else {
            done.bad(tr!("position: the player does not tell it"));
            return Ok(());
        };
        // A track without an end cannot be sought in; nor is the very end a place to go to.
        let length = saved.track.as_ref().and_then(|track| track.length);
        let wanted = length.map_or(position, |length| {
            position.min(length.saturating_sub(Duration::from_secs(1)))
        });
        let close = |now: &Snapshot| {
            now.position
                .is_some_and(|is| is.abs_diff(wanted) < CLOSE)
                .then_some(())
        };
        for _ in 0..4 {
            let now = self.snapshot(target).await?;
            if close(&now).is_some()
                && (wanted < CLOSE || now.position.is_some_and(|is| !is.is_zero()))
            {
                done.good("position");
                return Ok(());
            }
            let id = now.track.map(|track| track.id).unwrap_or_default();
            let moved = match target.peer.set_position(&id, wanted).await {
                Err(super::mpris::CallError::Refused(_)) => {
                    // The id is no object path, or SetPosition isn't there.
                    let by = micros(wanted) - micros(now.position.unwrap_or_default());
                    target.peer.command("Seek", &by).await
                }
                other => other,
            };
            Self::carried(target, moved)?.ok();
            if let Effect::Seen(()) = self
                .effect(target, Duration::from_millis(800), close)
                .await?
            {
                done.good("position");
                return Ok(());
            }
        }
        done.bad(tr!("position: the player does not move within the track"));
        Ok(())
    }

    /// Paused again, or playing again.
    async fn playback_back(
        &self,
        target: &Target,
        saved: &SavedState,
        done: &mut Restored,
    ) -> Result<(), PlayerError> {
        let (method, word) = match saved.playback {
            Playback::Paused => ("Pause", "paused"),
            _ => ("Play", "playing"),
        };
        let right = |now: &Snapshot| (now.playback == saved.playback).then_some(());
        if right(&self.snapshot(target).await?).is_none() {
            Self::carried(target, target.peer.command(method, &()).await)?.ok();
            if let Effect::Missing(now) = self.effect(target, Duration::from_secs(2), right).await?
            {
                done.bad(if saved.playback == Playback::Paused {
                    tr!("paused: {what}", what = now.described())
                } else {
                    tr!("playing: {what}", what = now.described())
                });
                return Ok(());
            }
        }
        if saved.playback == Playback::Paused {
            done.good(word);
        }
        Ok(())
    }

    /// It did not play before; then it shall not now.
    async fn stop(&self, target: &Target, done: &mut Restored) -> Result<(), PlayerError> {
        let silent = |now: &Snapshot| (now.playback != Playback::Playing).then_some(());
        for method in ["Stop", "Pause"] {
            Self::carried(target, target.peer.command(method, &()).await)?.ok();
            if let Effect::Seen(()) = self.effect(target, Duration::from_secs(2), silent).await? {
                done.good("stopped");
                return Ok(());
            }
        }
        done.bad(tr!("stopped: the player goes on"));
        Ok(())
    }

    /// Not louder than before. If it is lower the user wanted it so, for nothing here turns it down for good.
    async fn volume_back(
        &self,
        target: &Target,
        saved: &SavedState,
        done: &mut Restored,
    ) -> Result<(), PlayerError> {
        let Some(was) = saved.volume else {
            return Ok(());
        };
        let fits = |now: &Snapshot| now.volume.is_none_or(|is| is <= was + 0.005).then_some(());
        if fits(&self.snapshot(target).await?).is_some() {
            return Ok(());
        }
        Self::carried(target, target.peer.set_volume(was).await)?.ok();
        match self.effect(target, Duration::from_secs(1), fits).await? {
            Effect::Seen(()) => done.good("volume"),
            Effect::Missing(_) => done.bad(tr!("volume: the player does not take it")),
        }
        Ok(())
    }
}
