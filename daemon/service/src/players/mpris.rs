//! MPRIS as players really speak it: one call at a time, each with a deadline, each value read leniently.
//!
//! Calls go to the owner's unique name: a player that quits in between is then an error at once, and is
//! never started again by D-Bus activation.

mod values;

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::future::join_all;
use moodlark_catalogue::tr;
use serde::Serialize;
use zbus::{
    Connection, Message, fdo,
    message::Sequence,
    wire::{DynamicType, ObjectPath, OwnedObjectPath, OwnedVariant, Variant},
};

use super::MpdLink;
use values::{bare, variant_text, with};
pub(super) use values::{
    from_micros, integer, micros, number, playback, text, texts, track, truth,
};

pub(super) const PATH: &str = "/org/mpris/MediaPlayer2";
pub(super) const ROOT: &str = "org.mpris.MediaPlayer2";
pub(super) const PLAYER: &str = "org.mpris.MediaPlayer2.Player";
pub(super) const TRACK_LIST: &str = "org.mpris.MediaPlayer2.TrackList";
pub(super) const PLAYLISTS: &str = "org.mpris.MediaPlayer2.Playlists";
pub(super) const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

const READ_WITHIN: Duration = Duration::from_secs(1);
const COMMAND_WITHIN: Duration = Duration::from_secs(2);

/// Properties by name, as they came.
pub(super) type Properties = HashMap<String, OwnedVariant>;

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum CallError {
    #[error("it left the bus")]
    Gone,
    #[error("it did not answer within {} s", .0.as_secs_f32())]
    Late(Duration),
    #[error("{0}")]
    Refused(String),
}

impl From<zbus::Error> for CallError {
    fn from(error: zbus::Error) -> Self {
        match &error {
            zbus::Error::FDO(fdo) => match &**fdo {
                fdo::Error::ServiceUnknown(_)
                | fdo::Error::NameHasNoOwner(_)
                | fdo::Error::NoReply(_)
                | fdo::Error::Disconnected(_) => Self::Gone,
                _ => Self::Refused(error.to_string()),
            },
            zbus::Error::InputOutput(_) => Self::Gone,
            _ => Self::Refused(error.to_string()),
        }
    }
}

/// One player on the bus, by the unique name of its connection.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) conn: Connection,
    pub(super) owner: String,
    /// MPD, which is on no bus: of all the calls it takes only those for the volume.
    pub(super) mpd: Option<Arc<MpdLink>>,
}

/// The optional interfaces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Optional {
    pub(super) playlists: bool,
    pub(super) edits_tracks: bool,
}

/// What a read of the player interface brought, and when its answer came relative to signals.
pub(super) struct Read {
    pub(super) properties: Properties,
    pub(super) received: Option<Sequence>,
}

impl Peer {
    async fn call<B>(
        &self,
        interface: &str,
        method: &str,
        body: &B,
        within: Duration,
    ) -> Result<Message, CallError>
    where
        B: Serialize + DynamicType,
    {
        if self.mpd.is_some() {
            return Err(CallError::Refused(tr!("it is on no bus")));
        }
        let call = self.conn.call_method(
            Some(self.owner.as_str()),
            PATH,
            Some(interface),
            method,
            body,
        );
        match tokio::time::timeout(within, call).await {
            Ok(reply) => Ok(reply?),
            Err(_) => Err(CallError::Late(within)),
        }
    }

    /// A method of the player interface.
    pub(super) async fn command<B: Serialize + DynamicType>(
        &self,
        method: &str,
        body: &B,
    ) -> Result<(), CallError> {
        self.call(PLAYER, method, body, COMMAND_WITHIN)
            .await
            .map(drop)
    }

    /// Jumps to a track of the list.
    pub(super) async fn go_to(&self, track: &str) -> Result<(), CallError> {
        self.call(TRACK_LIST, "GoTo", &object_path(track)?, COMMAND_WITHIN)
            .await
            .map(drop)
    }

    /// Takes a track out of the list.
    pub(super) async fn remove_track(&self, track: &str) -> Result<(), CallError> {
        self.call(
            TRACK_LIST,
            "RemoveTrack",
            &object_path(track)?,
            COMMAND_WITHIN,
        )
        .await
        .map(drop)
    }

    /// Moves within the track `id`.
    pub(super) async fn set_position(&self, id: &str, position: Duration) -> Result<(), CallError> {
        self.command("SetPosition", &(object_path(id)?, micros(position)))
            .await
    }

    pub(super) async fn set_volume(&self, volume: f64) -> Result<(), CallError> {
        if let Some(link) = &self.mpd {
            return link.set_volume(volume).await;
        }
        let body = (PLAYER, "Volume", Variant::F64(volume));
        self.call(PROPERTIES, "Set", &body, COMMAND_WITHIN)
            .await
            .map(drop)
    }

    /// One property; a player that lacks it or fails at it costs only this.
    pub(super) async fn get(&self, interface: &str, name: &str) -> Result<OwnedVariant, CallError> {
        if let (Some(link), "Volume") = (&self.mpd, name) {
            let volume = link.volume().await?;
            return OwnedVariant::try_from(Variant::F64(volume))
                .map_err(|error| CallError::Refused(error.to_string()));
        }
        let reply = self
            .call(PROPERTIES, "Get", &(interface, name), READ_WITHIN)
            .await?;
        reply
            .body()
            .deserialize::<OwnedVariant>()
            .map_err(|error| CallError::Refused(error.to_string()))
    }

    /// All of `names`: by one call where the player can (and `at_once` allows it), else each on its own.
    ///
    /// # Errors
    /// Only when not one property could be read.
    async fn read(
        &self,
        interface: &str,
        names: &[&str],
        at_once: bool,
    ) -> Result<Read, CallError> {
        if at_once {
            match self
                .call(PROPERTIES, "GetAll", &interface, READ_WITHIN)
                .await
            {
                Ok(reply) => {
                    if let Ok(properties) = reply.body().deserialize::<Properties>()
                        && !properties.is_empty()
                    {
                        return Ok(Read {
                            properties,
                            received: Some(reply.recv_position()),
                        });
                    }
                }
                Err(CallError::Gone) => return Err(CallError::Gone),
                Err(_) => {}
            }
        }
        let answers = join_all(names.iter().map(|name| self.get(interface, name))).await;
        let mut properties = Properties::new();
        let mut worst = CallError::Refused(tr!("it has none of the properties of a player"));
        for (name, answer) in names.iter().zip(answers) {
            match answer {
                Ok(value) => drop(properties.insert((*name).into(), value)),
                Err(CallError::Gone) => return Err(CallError::Gone),
                Err(error @ CallError::Late(_)) => worst = error,
                Err(CallError::Refused(_)) => {}
            }
        }
        if properties.is_empty() {
            Err(worst)
        } else {
            Ok(Read {
                properties,
                received: None,
            })
        }
    }

    /// The player interface. `shuffle_kills`: the player dies when asked for Shuffle, and so for everything.
    pub(super) async fn read_player(&self, shuffle_kills: bool) -> Result<Read, CallError> {
        const NAMES: [&str; 8] = [
            "PlaybackStatus",
            "Metadata",
            "Position",
            "Rate",
            "Volume",
            "CanControl",
            "LoopStatus",
            "Shuffle",
        ];
        let names = if shuffle_kills {
            &NAMES[..7]
        } else {
            &NAMES[..]
        };
        self.read(PLAYER, names, !shuffle_kills).await
    }

    /// The root interface.
    pub(super) async fn read_root(&self) -> Result<Read, CallError> {
        self.read(
            ROOT,
            &[
                "Identity",
                "DesktopEntry",
                "SupportedUriSchemes",
                "HasTrackList",
            ],
            true,
        )
        .await
    }

    /// Which of the optional interfaces it answers for.
    pub(super) async fn optional(&self) -> Optional {
        let (count, edits) = tokio::join!(
            self.get(PLAYLISTS, "PlaylistCount"),
            self.get(TRACK_LIST, "CanEditTracks"),
        );
        Optional {
            playlists: count.is_ok(),
            edits_tracks: edits.ok().and_then(|edits| truth(&edits)) == Some(true),
        }
    }

    /// Its playlists: id and name of each.
    pub(super) async fn playlists(&self) -> Result<Vec<(String, String)>, CallError> {
        const MOST: u32 = 1000;
        let reply = self
            .call(
                PLAYLISTS,
                "GetPlaylists",
                &(0_u32, MOST, "Alphabetical", false),
                READ_WITHIN,
            )
            .await?;
        let lists: Vec<(OwnedObjectPath, String, String)> = reply
            .body()
            .deserialize()
            .map_err(|error| CallError::Refused(error.to_string()))?;
        Ok(lists
            .into_iter()
            .map(|(id, name, _)| (id.as_str().to_owned(), name))
            .collect())
    }

    /// The name of the playlist that it says is active.
    pub(super) async fn active_playlist(&self) -> Option<String> {
        let active = self.get(PLAYLISTS, "ActivePlaylist").await.ok()?;
        with(&active, |value| {
            let Variant::Structure(parts) = bare(value) else {
                return None;
            };
            let [valid, list] = parts.fields() else {
                return None;
            };
            match (bare(valid), bare(list)) {
                (Variant::Bool(true), Variant::Structure(list)) => {
                    list.fields().get(1).map(variant_text)
                }
                _ => None,
            }
        })
        .flatten()
        .filter(|name| !name.is_empty())
    }

    /// Begins to play a playlist.
    pub(super) async fn activate_playlist(&self, id: &str) -> Result<(), CallError> {
        self.call(
            PLAYLISTS,
            "ActivatePlaylist",
            &object_path(id)?,
            COMMAND_WITHIN,
        )
        .await
        .map(drop)
    }

    /// Puts a track at the end of the list, and plays it if `plays`.
    pub(super) async fn add_track(
        &self,
        uri: &str,
        after: &str,
        plays: bool,
    ) -> Result<(), CallError> {
        let body = (uri, object_path(after)?, plays);
        self.call(TRACK_LIST, "AddTrack", &body, COMMAND_WITHIN)
            .await
            .map(drop)
    }

    /// The URL of each of these tracks of the list, of those that the player tells.
    pub(super) async fn urls_of(&self, ids: &[String]) -> Vec<(String, String)> {
        let ids: Vec<_> = ids.iter().filter_map(|id| object_path(id).ok()).collect();
        let reply = self
            .call(TRACK_LIST, "GetTracksMetadata", &ids, READ_WITHIN)
            .await;
        let tracks = reply
            .ok()
            .and_then(|reply| reply.body().deserialize::<Vec<Properties>>().ok());
        let told = |track: &Properties, name| track.get(name).map(text);
        tracks
            .unwrap_or_default()
            .iter()
            .filter_map(|track| told(track, "mpris:trackid").zip(told(track, "xesam:url")))
            .collect()
    }

    /// The ids of the track list; empty where there is none.
    pub(super) async fn tracks(&self) -> Vec<String> {
        match self.get(TRACK_LIST, "Tracks").await {
            Ok(tracks) => texts(&tracks),
            Err(_) => Vec::new(),
        }
    }
}

fn object_path(id: &str) -> Result<ObjectPath<'_>, CallError> {
    ObjectPath::try_from(id)
        .map_err(|_| CallError::Refused(tr!("the track id `{id}` is no object path", id)))
}
