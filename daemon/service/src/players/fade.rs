//! The volume in a switch: down before and up after it where it is faded, and held where a new stream would
//! begin at full volume.
//!
//! How far each step goes and whose hand it is are decided in [`moodlark_core::transition::Fade`].

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use moodlark_catalogue::tr;
use moodlark_core::{
    player::{Content, Playback},
    transition::{Fade, Stroke},
};
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    Inner, PlayerError, Players, SavedState, Target, Verified, Wanted,
    commands::{Effect, Snapshot},
    lock,
    mpris::{CallError, PLAYER},
};

/// What a player begins a new stream with.
const FULL: f64 = 1.0;
/// How often a player that resets its volume is looked at while its new stream begins.
const HOLD_EVERY: Duration = Duration::from_millis(60);
/// A track that ends within this much more than the fade takes has ended by itself.
const BY_ITSELF: Duration = Duration::from_secs(3);
/// A player that takes no step of so many will take none.
const MOST_FAILURES: u32 = 3;
/// The last thing before the service ends must not hold it up.
const LET_GO: Duration = Duration::from_millis(800);

/// A fade under way.
#[derive(Debug, Clone)]
pub(super) struct Fading {
    target: Target,
    was: f64,
}

impl Players {
    /// As [`Players::open`], with the volume going down before and up after it within `span` in all.
    ///
    /// # Errors
    /// As [`Players::open`]; and [`PlayerError::TakenOver`] if the user did something in the player while the
    /// volume went down: then nothing was changed.
    pub async fn open_faded(
        &self,
        bus_name: &str,
        wanted: impl Into<Wanted>,
        saved: &SavedState,
        span: Duration,
    ) -> Result<Verified, PlayerError> {
        let wanted = wanted.into();
        let Some(mut fade) = saved
            .volume
            .filter(|_| saved.playback == Playback::Playing)
            .and_then(Fade::from)
        else {
            return self.open(bus_name, wanted, saved).await;
        };
        let inner = &self.inner;
        let found = wanted.found().await?;
        let _turn = inner.commanding.lock().await;
        let target = inner.target(bus_name)?;
        let routes = inner.routes(&target, &wanted)?;
        let _ours = inner.ours(bus_name);
        let before = inner.snapshot(&target).await?;
        *lock(&inner.fading) = Some(Fading {
            target: target.clone(),
            was: saved.volume.unwrap_or(FULL),
        });
        let pace = Fade::pace(span);
        inner.go(&target, &mut fade, pace, Way::Down).await;
        let opened = match inner.taken_over(&target, &before, span).await {
            Ok(None) => {
                let level = fade.level();
                inner
                    .open(&target, &wanted, &found, routes, saved, Some(level))
                    .await
            }
            Ok(Some(what)) => Err(PlayerError::TakenOver(tr!(
                "{what} while the volume went down; {player} is left alone",
                what,
                player = target.view.display_name()
            ))),
            Err(error) => Err(error),
        };
        // Where nothing new plays there is no reason to keep anybody waiting for their sound. One that did not
        // answer may only have been slow.
        let pace = if opened.is_ok() { pace } else { Duration::ZERO };
        inner.go(&target, &mut fade, pace, Way::Up).await;
        *lock(&inner.fading) = None;
        opened
    }

    /// That nobody has done anything in the player since `saved` was taken, and no advertisement or episode has begun:
    /// between the decision and the act lie readings of files and questions to others, which take their time.
    ///
    /// # Errors
    /// [`PlayerError::TakenOver`]; [`PlayerError::NoPlayer`], [`PlayerError::PlayerGone`].
    pub async fn untouched_since(&self, saved: &SavedState) -> Result<(), PlayerError> {
        let inner = &self.inner;
        let target = inner.target(&saved.bus_name)?;
        if saved.playback != Playback::Playing {
            return Ok(());
        }
        let before = Snapshot {
            playback: saved.playback,
            track: saved.track.clone(),
            position: saved.position,
            ..Snapshot::default()
        };
        let span = inner.now().since(saved.at);
        let mut what = inner.taken_over(&target, &before, span).await?;
        let last = inner.target(&saved.bus_name)?.view.last_user_action;
        if what.is_none() && last.is_some_and(|last| last > saved.at) {
            what = Some(tr!("somebody used it"));
        }
        match what {
            None => Ok(()),
            Some(what) => Err(PlayerError::TakenOver(tr!(
                "{what} at the last moment; {player} is left alone",
                what,
                player = target.view.display_name()
            ))),
        }
    }

    /// Ends a fade that is under way, with the volume as it was before: for the service's end.
    pub async fn let_go(&self) {
        self.inner.leaving.store(true, Ordering::Relaxed);
        let Some(fading) = lock(&self.inner.fading).take() else {
            return;
        };
        let set = fading.target.peer.set_volume(fading.was);
        match tokio::time::timeout(LET_GO, set).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the volume could not be put back"),
            Err(_) => tracing::warn!("the volume could not be put back in time"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Down,
    Up,
}

impl Inner {
    async fn volume(&self, target: &Target) -> Option<f64> {
        let volume = target.peer.get(PLAYER, "Volume").await.ok()?;
        super::mpris::number(&volume)
    }

    /// One way, to its end or to the user's hand.
    async fn go(&self, target: &Target, fade: &mut Fade, pace: Duration, way: Way) {
        let mut next = Instant::now();
        let mut failures = 0;
        loop {
            let mut heard = self.volume(target).await;
            if target.view.quirks().volume_resets && heard.is_some_and(is_full) {
                // A new stream, and not somebody's hand: theirs would not go to the very end all at once.
                heard = Some(fade.level());
            }
            let stroke = match way {
                Way::Down => fade.down(heard),
                Way::Up => fade.up(heard),
            };
            // The service ends, and has put the volume back. Looked at after the reading, for between this and
            // the setting nothing else can be sent.
            if lock(&self.fading).is_none() {
                return;
            }
            let level = match stroke {
                Stroke::Set(volume) => volume,
                // The last step may be the one that was lost.
                Stroke::Done
                    if way == Way::Up && heard.is_some_and(|is| is < fade.level() * 0.9) =>
                {
                    fade.level()
                }
                Stroke::Done => return,
                Stroke::Theirs(volume) => {
                    tracing::debug!(volume, "the user's hand on the volume ends the fade");
                    // And so it is theirs at the service's end, too.
                    *lock(&self.fading) = None;
                    return;
                }
            };
            if let Err(error) = target.peer.set_volume(level).await {
                tracing::debug!(player = target.view.bus_name, %error, "a step of the fade");
                failures += 1;
                // Down it need not go; up it must, unless the player is gone.
                if way == Way::Down || failures > MOST_FAILURES || matches!(error, CallError::Gone)
                {
                    return;
                }
            }
            if stroke == Stroke::Done {
                return;
            }
            next += pace;
            sleep_until(next).await;
        }
    }

    /// What somebody did in the player while the volume went down, if anything.
    async fn taken_over(
        self: &Arc<Self>,
        target: &Target,
        before: &Snapshot,
        span: Duration,
    ) -> Result<Option<String>, PlayerError> {
        let now = self.snapshot(target).await?;
        if now.playback != Playback::Playing {
            // Between two tracks there may be silence for a moment.
            let plays = |now: &Snapshot| (now.playback == Playback::Playing).then_some(());
            let within = Duration::from_millis(500);
            if let Effect::Missing(_) = self.effect(target, within, plays).await? {
                return Ok(Some(tr!("it was paused or stopped")));
            }
        }
        let (Some(was), Some(is)) = (&before.track, &now.track) else {
            return Ok(None);
        };
        match Content::of(is) {
            Content::Ad => return Ok(Some(tr!("an advertisement began"))),
            Content::Episode => return Ok(Some(tr!("an episode began"))),
            Content::Music | Content::Unknown => {}
        }
        let ended = was
            .length
            .zip(before.position)
            .is_none_or(|(length, here)| here + span + BY_ITSELF >= length);
        Ok((!was.is_same(is) && !ended).then(|| tr!("another track was chosen")))
    }

    /// Does `work`, and turns a player that begins every stream at full volume down to `level` meanwhile.
    pub(super) async fn held<T>(
        &self,
        target: &Target,
        level: Option<f64>,
        work: impl Future<Output = T>,
    ) -> T {
        let Some(level) =
            level.filter(|level| target.view.quirks().volume_resets && !is_full(*level))
        else {
            return work.await;
        };
        let mut work = pin!(work);
        let mut hold = pin!(async {
            loop {
                sleep(HOLD_EVERY).await;
                if self.volume(target).await.is_some_and(is_full)
                    && !self.leaving.load(Ordering::Relaxed)
                    && let Err(error) = target.peer.set_volume(level).await
                {
                    tracing::debug!(player = target.view.bus_name, %error, "the volume is not held");
                }
            }
        });
        tokio::select! {
            done = &mut work => done,
            () = &mut hold => work.await,
        }
    }
}

fn is_full(volume: f64) -> bool {
    (volume - FULL).abs() < 0.005
}
