//! Making a player play something else, and making sure that it does.

use std::{sync::Arc, time::Duration};

use moodlark_catalogue::tr;
use moodlark_core::player::{LeftOut, Playback, Route, Usable, is_spotify, mpd, routes_to};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    Inner, PlayerError, Players, SavedState, Target,
    add::MOST_ADDED,
    commands::{EFFECT_WITHIN, Snapshot},
    entries::{self, Expected, Found},
    lock,
    undo::told,
};

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
    /// What of the playlist the player did not get.
    #[serde(default, skip_serializing_if = "LeftOut::is_nothing")]
    pub left_out: LeftOut,
}

/// What is to be played: by its URI, by the name of a playlist within the player, or by whichever of the two
/// the player can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// A URI. That of a local file or playlist is an absolute, percent-encoded `file://`.
    pub uri: Option<String>,
    /// The name of a playlist within the player.
    pub in_player: Option<String>,
}

impl<T: AsRef<str>> From<T> for Wanted {
    fn from(uri: T) -> Self {
        Self {
            uri: Some(uri.as_ref().into()),
            in_player: None,
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.uri, &self.in_player) {
            (Some(uri), _) => f.write_str(uri),
            (None, Some(name)) => write!(f, "its playlist “{name}”"),
            (None, None) => f.write_str("nothing"),
        }
    }
}

impl Wanted {
    /// What its URI means, where it has one.
    pub(super) async fn found(&self) -> Result<Found, PlayerError> {
        match &self.uri {
            Some(uri) => entries::found(uri).await,
            None => Ok(Found::elsewhere()),
        }
    }
}

/// Why one way did not lead there.
#[derive(Debug)]
pub(super) enum Failed {
    /// The player said no.
    Refused(String),
    /// The player said ok; what it did then.
    Missing(Snapshot),
    /// It fell silent, and why that probably is; what it does now.
    Silent(String, Snapshot),
}

impl Failed {
    /// Whether the player did something about it: what it has now is not what it had before.
    fn shows_since(&self, before: &Snapshot) -> bool {
        match self {
            Self::Refused(_) => true,
            Self::Missing(now) | Self::Silent(_, now) => {
                let same_track = match (&before.track, &now.track) {
                    (Some(before), Some(now)) => before.is_same(now),
                    (before, now) => before.is_none() && now.is_none(),
                };
                !same_track || now.playback != before.playback
            }
        }
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(why) | Self::Silent(why, _) => f.write_str(why),
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
    /// Makes a player play what is wanted, and answers when it does. `saved` is what it did before, from
    /// [`Players::save`], by now safe on disk: it is brought back if the attempt stopped the music.
    ///
    /// Verified means: within 5 s it plays a track that the playlist lists or, where that can't be told, another than before.
    ///
    /// # Errors
    /// [`PlayerError::PlaylistUnreadable`] and [`PlayerError::NoRoute`] before the player is touched;
    /// [`PlayerError::NoPlayer`], [`PlayerError::PlayerGone`], [`PlayerError::NotVerified`].
    pub async fn open(
        &self,
        bus_name: &str,
        wanted: impl Into<Wanted>,
        saved: &SavedState,
    ) -> Result<Verified, PlayerError> {
        let (inner, wanted) = (&self.inner, wanted.into());
        let found = wanted.found().await?;
        let _turn = inner.commanding.lock().await;
        let target = inner.target(bus_name)?;
        let routes = inner.routes(&target, &wanted)?;
        let _ours = inner.ours(bus_name);
        inner
            .open(&target, &wanted, &found, routes, saved, None)
            .await
    }
}

impl Inner {
    /// The routes by which a usable player can play it.
    pub(super) fn routes(
        &self,
        target: &Target,
        wanted: &Wanted,
    ) -> Result<Vec<Route>, PlayerError> {
        let name = target.view.display_name();
        if let Usable::No { why } = &target.view.usable {
            if !target.known {
                return Err(PlayerError::PlayerGone(why.clone()));
            }
            return Err(PlayerError::NoRoute(why.clone()));
        }
        let (uri, in_player) = (wanted.uri.as_deref(), wanted.in_player.as_deref());
        let routes = routes_to(&target.view, uri, in_player);
        if routes.is_empty() {
            let uri = wanted;
            return Err(PlayerError::NoRoute(
                if wanted.uri.as_deref().is_some_and(is_spotify) {
                    tr!(
                        "{name} cannot open {uri}: that needs a Spotify client; start one, or choose a playlist file",
                        name,
                        uri
                    )
                } else if target.view.playlists && wanted.in_player.is_none() {
                    tr!(
                        "{name} plays only playlists of its own, and not {uri}; make one there, and name it by `player-playlist` under [[playlist]]",
                        name,
                        uri
                    )
                } else if wanted.uri.is_none() {
                    tr!(
                        "{name} has no playlists of its own that it could be asked for; give the playlist a `file` or a `uri` as well",
                        name
                    )
                } else if let Some(why) = self.mpd_why_not(target, wanted) {
                    why
                } else {
                    tr!(
                        "{name} has no way to open {uri}; choose another player or another kind of playlist",
                        name,
                        uri
                    )
                },
            ));
        }
        Ok(routes)
    }

    /// `level`: the volume to hold meanwhile, if not the one of before.
    pub(super) async fn open(
        self: &Arc<Self>,
        target: &Target,
        wanted: &Wanted,
        found: &Found,
        routes: Vec<Route>,
        saved: &SavedState,
        level: Option<f64>,
    ) -> Result<Verified, PlayerError> {
        if mpd::is_mpd(&target.view.bus_name) {
            return self.mpd_open(target, wanted, found, saved).await;
        }
        let expected = &found.expected;
        let at_first = self.snapshot(target).await?;
        // Whatever plays then is not the next track of the old list.
        let before = if *expected == Expected::Change && at_first.ends_soon() {
            self.hush(target, &at_first).await?;
            self.snapshot(target).await?
        } else {
            at_first.clone()
        };
        lock(&self.added).remove(&target.view.bus_name);
        let mut reasons = Vec::new();
        let mut refused = true;
        let mut last = before.clone();
        for route in routes {
            let started = Instant::now();
            match self
                .held(
                    target,
                    level.or(saved.volume),
                    self.by(&route, target, wanted, found, &before),
                )
                .await?
            {
                Ok(now) => {
                    if level.is_none() {
                        self.keep_volume(target, &now, saved).await;
                    }
                    self.note_added(target, saved).await;
                    let track = now.track.unwrap_or_default();
                    // A playlist within the player is another than the file.
                    let left_out = if route == Route::ActivatePlaylist {
                        LeftOut::default()
                    } else {
                        found.left_out()
                    };
                    let verified = Verified {
                        bus_name: target.view.bus_name.clone(),
                        route,
                        took: started.elapsed(),
                        title: track.title,
                        url: track.url,
                        left_out,
                    };
                    tracing::debug!(?verified, "opened");
                    return Ok(verified);
                }
                Err(failed) => {
                    refused &= matches!(failed, Failed::Refused(_));
                    reasons.push(format!("{route}: {failed}"));
                    if let Failed::Missing(now) | Failed::Silent(_, now) = failed {
                        last = now;
                    }
                }
            }
        }
        if let Ok(now) = self.snapshot(target).await {
            last = now;
        }
        let lost = at_first.playback == Playback::Playing && last.playback != Playback::Playing
            || before
                .track
                .as_ref()
                .zip(last.track.as_ref())
                .is_some_and(|(old, new)| !old.is_same(new));
        // The attempt stopped the music; whatever comes of this, the first failure is the one to tell.
        let back = match lost {
            true => told(&self.bring_back(target, saved).await),
            false => String::new(),
        };
        let name = target.view.display_name();
        let reasons = reasons.join("; ");
        Err(if refused {
            let sentence = tr!(
                "{name} refuses to open {wanted} ({reasons}); choose another player",
                name,
                wanted,
                reasons
            );
            PlayerError::NoRoute(sentence + &back)
        } else {
            let sentence = tr!(
                "{name} was asked to open {wanted} and did not ({reasons})",
                name,
                wanted,
                reasons
            );
            PlayerError::NotVerified(sentence + &back)
        })
    }

    /// One way: the calls, and the wait for their effect.
    async fn by(
        self: &Arc<Self>,
        route: &Route,
        target: &Target,
        wanted: &Wanted,
        found: &Found,
        before: &Snapshot,
    ) -> Result<Result<Snapshot, Failed>, PlayerError> {
        let uri = wanted.uri.as_deref().unwrap_or_default();
        let expected = &found.expected;
        match route {
            Route::ActivatePlaylist => {
                let name = wanted.in_player.as_deref().unwrap_or_default();
                self.activate(target, name, before).await
            }
            Route::OpenPlaylistFile => {
                let given = match found.list() {
                    Some(list) => self.handed(target, uri, list).await,
                    None => uri.to_owned(),
                };
                match self.attempt(target, &given, expected, before).await? {
                    // It may not read where ours lie: a sandbox has the user's folders, perhaps, and not this one.
                    Err(why) if given != uri && why.shows_since(before) => {
                        tracing::info!(player = target.view.bus_name, %why, "asked for the user's own file");
                        self.attempt(target, uri, expected, before).await
                    }
                    done => Ok(done),
                }
            }
            // MPD's own and the Web API never come here.
            Route::OpenUri(_)
            | Route::MpdPlaylist
            | Route::MpdFiles
            | Route::MpdStream(_)
            | Route::SpotifyWebApi => self.attempt(target, uri, expected, before).await,
            Route::AddTracks => {
                let tracks = found.tracks(uri, MOST_ADDED);
                if let Err(why) = self.add_tracks(target, &tracks).await? {
                    return Ok(Err(Failed::Refused(why)));
                }
                self.follows(target, expected, before).await
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
}
