//! Commands that reach a player by another way than the bus: taken to be ours, and seen on the bus.

use std::time::Duration;

use moodlark_core::player::Playback;
use tokio::time::Instant;

use super::{
    Players,
    commands::{Effect, Snapshot},
};

/// A client hears of a command over the network: a second is usual.
const SHOWS_WITHIN: Duration = Duration::from_secs(3);

/// What a player on the bus showed after a command that went another way.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Whether it plays something that it did not play before, and that cannot be the old list's next track.
    pub changed: bool,
    /// What it shows as its title now; may be empty.
    pub title: String,
    /// Its URL; may be empty.
    pub url: String,
    /// When the command began.
    pub began: Instant,
    /// From there to the effect, or to the end of the patience.
    pub took: Duration,
}

impl Players {
    /// Runs `work` in its turn among our own commands; what the player does meanwhile is taken to be our doing.
    pub async fn ours_while<T>(&self, bus_name: &str, work: impl Future<Output = T>) -> T {
        let _turn = self.inner.commanding.lock().await;
        let _ours = self.inner.ours(bus_name);
        work.await
    }

    /// The same for a command that makes the player play something else; then waits until the player shows it. A
    /// player that is not on the bus, or does not answer, shows nothing.
    ///
    /// # Errors
    /// The command's own.
    pub async fn played_elsewhere<E>(
        &self,
        bus_name: &str,
        command: impl Future<Output = Result<(), E>>,
    ) -> Result<Seen, E> {
        let work = async {
            let target = self.inner.target(bus_name).ok();
            let before = match &target {
                Some(target) => self.inner.snapshot(target).await.ok(),
                None => None,
            };
            let began = Instant::now();
            command.await?;
            let mut now = None;
            if let (Some(target), Some(before)) = (&target, &before) {
                let waiting = self.inner.effect(target, SHOWS_WITHIN, |now| {
                    plays_anew(now, before).then(|| now.clone())
                });
                now = match waiting.await {
                    Ok(Effect::Seen(now)) => Some((!before.ends_soon(), now)),
                    Ok(Effect::Missing(now)) => Some((false, now)),
                    Err(_) => None,
                };
            }
            let (changed, track) = now.map_or((false, None), |(changed, now)| (changed, now.track));
            let track = track.unwrap_or_default();
            Ok(Seen {
                changed,
                title: track.title,
                url: track.url,
                began,
                took: began.elapsed(),
            })
        };
        self.ours_while(bus_name, work).await
    }
}

/// Whether it plays another track, or the same from its beginning.
fn plays_anew(now: &Snapshot, before: &Snapshot) -> bool {
    let Some(track) = now
        .track
        .as_ref()
        .filter(|_| now.playback == Playback::Playing)
    else {
        return false;
    };
    before.track.as_ref().is_none_or(|old| !old.is_same(track))
        || now
            .position
            .zip(before.position)
            .is_some_and(|(now, before)| now < before)
}
