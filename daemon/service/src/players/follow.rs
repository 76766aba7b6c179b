//! That a player does what it was asked for: the wait for the track that was opened.

use std::time::Duration;

use moodlark_core::player::Playback;
use tokio::time::Instant;

use super::{
    Inner, PlayerError, Target,
    commands::{EFFECT_WITHIN, Effect, Snapshot},
    entries::Expected,
    open::Failed,
};

/// What has shown the new track as playing for so long plays it, even if its position stays at zero.
pub(super) const TRUSTED_AFTER: Duration = Duration::from_millis(1500);

impl Inner {
    /// OpenUri, and the wait for its effect.
    pub(super) async fn attempt(
        &self,
        target: &Target,
        uri: &str,
        expected: &Expected,
        before: &Snapshot,
    ) -> Result<Result<Snapshot, Failed>, PlayerError> {
        if let Err(why) = Self::carried(target, target.peer.command("OpenUri", &uri).await)? {
            return Ok(Err(Failed::Refused(why)));
        }
        self.follows(target, expected, before).await
    }

    /// Waits for what is expected to play.
    pub(super) async fn follows(
        &self,
        target: &Target,
        expected: &Expected,
        before: &Snapshot,
    ) -> Result<Result<Snapshot, Failed>, PlayerError> {
        let deadline = Instant::now() + EFFECT_WITHIN;
        let mut pressed_play = false;
        // Players show a file before they know whether they can play it.
        let mut shown_since = None;
        let told_on_trust = !target.view.quirks().says_stopped;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let there = self
                .effect(target, left, |now| {
                    if !is_new(now, before, expected) {
                        shown_since = None;
                        return None;
                    }
                    match now.playback {
                        Playback::Playing => {
                            let since = *shown_since.get_or_insert_with(Instant::now);
                            let trusted = told_on_trust && since.elapsed() > TRUSTED_AFTER;
                            let plays = if told_on_trust {
                                now.begins()
                            } else {
                                now.moves()
                            };
                            (plays || trusted).then(|| now.clone())
                        }
                        // It was paused or stopped before, and stays so with the new list until told to play.
                        Playback::Paused => Some(now.clone()),
                        Playback::Stopped => (!pressed_play
                            && before.playback != Playback::Playing)
                            .then(|| now.clone()),
                    }
                })
                .await?;
            match there {
                Effect::Missing(now) => return Ok(Err(Failed::Missing(now))),
                Effect::Seen(now) if now.playback == Playback::Playing => return Ok(Ok(now)),
                // The user paused it in this very moment: theirs to do.
                Effect::Seen(now) if before.playback == Playback::Playing || pressed_play => {
                    return Ok(Ok(now));
                }
                Effect::Seen(_) => {
                    pressed_play = true;
                    Self::carried(target, target.peer.command("Play", &()).await)?.ok();
                    self.effect(target, Duration::from_secs(1), |now| {
                        (now.playback == Playback::Playing).then_some(())
                    })
                    .await?;
                }
            }
        }
    }
}

/// Whether what the player has now is what was opened, and not what it had before.
pub(super) fn is_new(now: &Snapshot, before: &Snapshot, expected: &Expected) -> bool {
    let Some(track) = &now.track else {
        return false;
    };
    if !track.url.is_empty() && !expected.fits(&track.url) {
        return false;
    }
    let Some(old) = before
        .track
        .as_ref()
        .filter(|_| before.playback != Playback::Stopped)
    else {
        return true;
    };
    // The same track again is the new list only if it began anew.
    !old.is_same(track)
        || now
            .position
            .zip(before.position)
            .is_some_and(|(now, before)| now < before)
}
