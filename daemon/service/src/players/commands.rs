//! Commands: that they are ours, what the player does upon them, and how long to wait for it.

use std::{sync::Arc, time::Duration};

use moodlark_catalogue::tr;
use moodlark_core::player::{Playback, Track, mpd};
use tokio::time::Instant;

use super::{
    Inner, PlayerError, Target, lock,
    memory::{Update, playback_of},
    mpris::{self, CallError},
};

/// A command must show its effect within this time.
pub(super) const EFFECT_WITHIN: Duration = Duration::from_secs(5);

/// A pause takes effect within this.
const PAUSES_WITHIN: Duration = Duration::from_secs(1);

/// What a player does at one moment, read from it.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    /// What it does, seeing through what it says.
    pub(super) playback: Playback,
    pub(super) track: Option<Track>,
    pub(super) position: Option<Duration>,
    pub(super) volume: Option<f64>,
    pub(super) shuffle: Option<bool>,
    pub(super) loop_status: Option<String>,
}

impl Snapshot {
    /// The title, for people.
    pub(super) fn described(&self) -> String {
        let title = self
            .track
            .as_ref()
            .map(|t| if t.title.is_empty() { &t.url } else { &t.title });
        match (self.playback, title) {
            (Playback::Playing, Some(title)) => tr!("it plays “{title}”", title),
            (Playback::Paused, Some(title)) => tr!("it is paused in “{title}”", title),
            (Playback::Stopped, Some(title)) => tr!("it is stopped at “{title}”", title),
            (playback, None) => tr!(
                "it is {playback} without a track",
                playback = playback.name()
            ),
        }
    }

    /// Whether a track moves that began just now: some players tell of the new track while their position is
    /// still the old one's.
    pub(super) fn begins(&self) -> bool {
        const JUST_NOW: Duration = Duration::from_secs(6);
        self.moves() && self.position.is_some_and(|position| position < JUST_NOW)
    }

    /// Whether the track may end by itself before an effect has had its time to show: what plays then may be the
    /// next one of the old list.
    pub(super) fn ends_soon(&self) -> bool {
        let length = self.track.as_ref().and_then(|track| track.length);
        self.playback == Playback::Playing
            && length
                .zip(self.position)
                .is_some_and(|(length, here)| here + EFFECT_WITHIN + EFFECT_WITHIN / 2 >= length)
    }

    /// Whether something moves in it.
    pub(super) fn moves(&self) -> bool {
        self.playback == Playback::Playing
            && self.position.is_some_and(|position| !position.is_zero())
    }
}

/// While this lives, and for two seconds after, what happens in the player is taken to be our doing.
pub(super) struct Ours {
    inner: Arc<Inner>,
    bus_name: String,
}

impl Drop for Ours {
    fn drop(&mut self) {
        let now = self.inner.now();
        if let Some(memory) = lock(&self.inner.memories).get_mut(&self.bus_name) {
            memory.command_ends(now);
        }
    }
}

/// How a wait for an effect ended.
pub(super) enum Effect<T> {
    /// It came.
    Seen(T),
    /// It didn't; what the player did last.
    Missing(Snapshot),
}

impl Inner {
    /// Marks what happens from now on in this player as ours.
    pub(super) fn ours(self: &Arc<Self>, bus_name: &str) -> Ours {
        if let Some(memory) = lock(&self.memories).get_mut(bus_name) {
            memory.command_begins();
        }
        Ours {
            inner: Arc::clone(self),
            bus_name: bus_name.into(),
        }
    }

    /// What the player does now.
    ///
    /// # Errors
    /// [`PlayerError::PlayerGone`]
    pub(super) async fn snapshot(&self, target: &Target) -> Result<Snapshot, PlayerError> {
        if mpd::is_mpd(&target.view.bus_name) {
            return self.mpd_snapshot(target).await;
        }
        let quirks = target.view.quirks();
        let read = target
            .peer
            .read_player(quirks.shuffle_kills)
            .await
            .map_err(|error| target.gone(&error))?;
        let update = Update::of(&read.properties);
        self.hear(&target.view.bus_name, &target.peer.owner, update.clone());
        let said = update.status.unwrap_or_default();
        let track = update.track.filter(|track| !track.is_empty());
        let playback = playback_of(said, track.is_some(), quirks);
        Ok(Snapshot {
            playback,
            track,
            position: update.position,
            volume: update.volume,
            shuffle: read.properties.get("Shuffle").and_then(mpris::truth),
            loop_status: read
                .properties
                .get("LoopStatus")
                .map(mpris::text)
                .filter(|text| !text.is_empty()),
        })
    }

    /// Waits until `seen` finds its effect in what the player does: looks after each signal, and now and then
    /// without one, for no player announces everything.
    ///
    /// # Errors
    /// [`PlayerError::PlayerGone`]
    pub(super) async fn effect<T>(
        &self,
        target: &Target,
        within: Duration,
        mut seen: impl FnMut(&Snapshot) -> Option<T>,
    ) -> Result<Effect<T>, PlayerError> {
        const FIRST_LOOK: Duration = Duration::from_millis(20);
        let deadline = Instant::now() + within;
        let mut heard = self.heard.subscribe();
        let mut pause = FIRST_LOOK;
        loop {
            // Our own reading is heard as well, and is no news to us.
            heard.mark_unchanged();
            let snapshot = self.snapshot(target).await?;
            if let Some(effect) = seen(&snapshot) {
                return Ok(Effect::Seen(effect));
            }
            if Instant::now() >= deadline {
                return Ok(Effect::Missing(snapshot));
            }
            heard.mark_unchanged();
            tokio::select! {
                _ = heard.changed() => pause = FIRST_LOOK,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_millis(500)),
                () = tokio::time::sleep_until(deadline) => {}
            }
        }
    }

    /// Pauses, and waits for it.
    pub(super) async fn hush(&self, target: &Target, last: &Snapshot) -> Result<(), PlayerError> {
        if last.playback == Playback::Playing {
            Self::carried(target, target.peer.command("Pause", &()).await)?.ok();
            let quiet = |now: &Snapshot| (now.playback != Playback::Playing).then_some(());
            self.effect(target, PAUSES_WITHIN, quiet).await?;
        }
        Ok(())
    }

    /// Carries out a plain command; a refusal is an answer too.
    ///
    /// # Errors
    /// [`PlayerError::PlayerGone`]
    pub(super) fn carried(
        target: &Target,
        result: Result<(), CallError>,
    ) -> Result<Result<(), String>, PlayerError> {
        match result {
            Ok(()) => Ok(Ok(())),
            Err(CallError::Refused(why)) => Ok(Err(why)),
            Err(error) => Err(target.gone(&error)),
        }
    }
}
