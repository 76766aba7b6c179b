//! Making a player play something else, and making sure that it does.

use std::{sync::Arc, time::Duration};

use moodlark_core::player::{Playback, Route, Usable, is_spotify, mpd, routes_for};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    Inner, PlayerError, Players, SavedState, Target,
    commands::{EFFECT_WITHIN, Effect, Snapshot},
    entries::{self, Expected},
    lock,
};

/// What has shown the new track as playing for so long plays it, even if its position stays at zero.
const TRUSTED_AFTER: Duration = Duration::from_millis(1500);

/// A command that had its effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The player's whole bus name.
    pub bus_name: String,
    /// The way that worked.
    pub route: Route,
    /// From the command to its verified effect; written as whole milliseconds.
    #[serde(with = "took")]
    pub took: Duration,
    /// The title that plays now; may be empty.
    pub title: String,
    /// Its URL; may be empty.
    pub url: String,
}

/// Why one way did not lead there.
#[derive(Debug)]
pub(super) enum Failed {
    /// The player said no.
    Refused(String),
    /// The player said ok; what it did then.
    Missing(Snapshot),
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::Missing(now) => {
                write!(
                    f,
                    "it answered ok, and after {} s {}",
                    EFFECT_WITHIN.as_secs(),
                    now.described()
                )
            }
        }
    }
}

mod took {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        took: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

impl Players {
    /// Makes a player play `uri`, and answers when it does. `saved` is what it did before, from
    /// [`Players::save`], by now safe on disk: it is brought back if the attempt stopped the music.
    ///
    /// A URI of a local playlist is an absolute, percent-encoded `file://` (see [`super::file_uri`]). Verified
    /// means: within 5 s it plays a track that the playlist lists or, where that can't be told, another than before.
    ///
    /// # Errors
    /// [`PlayerError::PlaylistUnreadable`] and [`PlayerError::NoRoute`] before the player is touched;
    /// [`PlayerError::NoPlayer`], [`PlayerError::PlayerGone`], [`PlayerError::NotVerified`].
    pub async fn open(
        &self,
        bus_name: &str,
        uri: &str,
        saved: &SavedState,
    ) -> Result<Verified, PlayerError> {
        let inner = &self.inner;
        let expected = entries::expected(uri).await?;
        let _turn = inner.commanding.lock().await;
        let target = inner.target(bus_name)?;
        let routes = inner.routes(&target, uri)?;
        let _ours = inner.ours(bus_name);
        inner.open(&target, uri, &expected, routes, saved).await
    }
}

impl Inner {
    /// The routes by which a usable player can open `uri`.
    pub(super) fn routes(&self, target: &Target, uri: &str) -> Result<Vec<Route>, PlayerError> {
        let name = target.view.display_name();
        if let Usable::No { why } = &target.view.usable {
            if !target.known {
                return Err(PlayerError::PlayerGone(why.clone()));
            }
            return Err(PlayerError::NoRoute(why.clone()));
        }
        let routes = routes_for(&target.view, uri);
        if routes.is_empty() {
            return Err(PlayerError::NoRoute(if is_spotify(uri) {
                format!(
                    "{name} cannot open {uri}: that needs a Spotify client; start one, or choose a playlist file"
                )
            } else if let Some(why) = self.mpd_why_not(target, uri) {
                why
            } else {
                format!(
                    "{name} has no way to open {uri}; choose another player or another kind of playlist"
                )
            }));
        }
        Ok(routes)
    }

    async fn open(
        self: &Arc<Self>,
        target: &Target,
        uri: &str,
        expected: &Expected,
        routes: Vec<Route>,
        saved: &SavedState,
    ) -> Result<Verified, PlayerError> {
        if mpd::is_mpd(&target.view.bus_name) {
            return self.mpd_open(target, uri, routes, saved).await;
        }
        let before = self.snapshot(target).await?;
        let mut reasons = Vec::new();
        let mut refused = true;
        let mut last = before.clone();
        for route in routes {
            let started = Instant::now();
            match self.attempt(target, uri, expected, &before).await? {
                Ok(now) => {
                    self.keep_volume(target, &now, saved).await;
                    self.note_added(target, saved).await;
                    let track = now.track.unwrap_or_default();
                    let verified = Verified {
                        bus_name: target.view.bus_name.clone(),
                        route,
                        took: started.elapsed(),
                        title: track.title,
                        url: track.url,
                    };
                    tracing::debug!(?verified, "opened");
                    return Ok(verified);
                }
                Err(failed) => {
                    refused &= matches!(failed, Failed::Refused(_));
                    reasons.push(format!("{route}: {failed}"));
                    if let Failed::Missing(now) = failed {
                        last = now;
                    }
                }
            }
        }
        let name = target.view.display_name();
        if refused {
            return Err(PlayerError::NoRoute(format!(
                "{name} refuses to open {uri} ({}); choose another player",
                reasons.join("; ")
            )));
        }
        let mut sentence = format!(
            "{name} was asked to open {uri} and did not ({})",
            reasons.join("; ")
        );
        let lost = before.playback == Playback::Playing && last.playback != Playback::Playing
            || before
                .track
                .as_ref()
                .zip(last.track.as_ref())
                .is_some_and(|(old, new)| !old.is_same(new));
        if lost {
            // The attempt stopped the music; whatever comes of this, the first failure is the one to tell.
            sentence.push_str(&match self.bring_back(target, saved).await {
                Ok(restored) if restored.not_restored.is_empty() => {
                    "; what it played before is back".into()
                }
                Ok(restored) => format!(
                    "; what it played before is back, but for {}",
                    restored.not_restored.join(", ")
                ),
                Err(error) => {
                    format!("; what it played before could not be brought back: {error}")
                }
            });
        }
        Err(PlayerError::NotVerified(sentence))
    }

    /// One way: the call, and the wait for its effect.
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
                            (now.moves() || trusted).then(|| now.clone())
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

    /// Where every track is a new stream the volume is back at 100 % now; never louder than it was.
    async fn keep_volume(&self, target: &Target, now: &Snapshot, saved: &SavedState) {
        if let (Some(was), Some(is)) = (saved.volume, now.volume)
            && target.view.quirks().volume_resets
            && is > was + 0.005
            && let Err(error) = target.peer.set_volume(was).await
        {
            tracing::warn!(player = target.view.bus_name, %error, "the volume could not be put back");
        }
    }

    /// Remembers what this added to the player's own list, for undo to take out again.
    async fn note_added(&self, target: &Target, saved: &SavedState) {
        if saved.track_list.is_empty() || saved.owner != target.peer.owner {
            return;
        }
        let added: Vec<String> = target
            .peer
            .tracks()
            .await
            .into_iter()
            .filter(|id| !saved.track_list.contains(id))
            .collect();
        lock(&self.added).insert(target.view.bus_name.clone(), added);
    }
}

/// Whether what the player has now is what was opened, and not what it had before.
fn is_new(now: &Snapshot, before: &Snapshot, expected: &Expected) -> bool {
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
